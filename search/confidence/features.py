"""The features of each passage that was found, and the words that none of them holds. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from search.query.question import WORD, Question
from search.retrieval.ranking import Signals

COMPARED = 8  # the best that a passage's lead is measured against: those that are read again
MENTIONS = 10  # the best among which a word must stand, or it is missing
# words that ask, and name nothing that a passage could mention
ASKING = frozenset(
    "actually around call called calls cannot come comes does ever far find get gets getting give "
    "given gives go goes going got happen happened happens know like long look made make makes "
    "making many mean means much often please put puts really said say says see seen show since "
    "take takes tell thing things try trying want way ways work works".split()
)

# of each term of a question, the passages that hold it and its IDF
Holders = Mapping[str, tuple[Collection[int], float]]


@dataclass(frozen=True, slots=True)
class Features:
    """What speaks for a passage as an answer, its neighbours' share not counted.

    `meaning` is the cosine, `phrases` the share of the question's phrases, `held` how much of the
    question's words stands in the passage (0 to 1, rare words more), `lead` how far its score,
    without what its document lifts it by, is above the mean of the other candidates, `late` its
    late interaction (0 to 1): None for a passage that was not read again.
    """

    meaning: float
    phrases: float
    held: float
    lead: float
    late: float | None = None


def features_of(
    best: Sequence[tuple[int, float]],
    own: Mapping[int, Signals],
    late: Mapping[int, float],
    holders: Holders,
) -> dict[int, Features]:
    """The features of the passages in `best`, which are (id, score).

    `own` are their signals without their neighbours' share, `late` their late interaction.
    """
    scores = [score for _, score in best[:COMPARED]]
    total = sum(idf for _, idf in holders.values())
    found = {}
    for rank, (id, score) in enumerate(best):
        others = scores[:rank] + scores[rank + 1 :]
        held = sum(idf for ids, idf in holders.values() if id in ids)
        found[id] = Features(
            meaning=own[id].cosine,
            phrases=own[id].phrases,
            held=held / total if total else 0.0,
            lead=score - sum(others) / len(others) if others else 0.0,
            late=late.get(id),
        )
    return found


def missing(question: Question, best: Sequence[int], holders: Holders) -> tuple[str, ...]:
    """What the question asks about and none of the best passages mentions, as it was typed.

    Words that only ask ("how many", "tell") are not named; those that stand next to each other
    are named together.
    """
    shown = set(best[:MENTIONS])
    lacking = {
        term for term, (ids, _) in holders.items() if term not in ASKING and shown.isdisjoint(ids)
    }
    runs: list[str] = []
    end = None  # of the last missing word, when nothing but a space followed it
    for word in WORD.finditer(question.text):
        if word.group().lower() not in lacking:
            end = None
            continue
        if end is not None and re.fullmatch(r"[\s-]+", question.text[end : word.start()]):
            runs[-1] += question.text[end : word.end()]
        else:
            runs.append(word.group())
        end = word.end()
    return tuple(dict.fromkeys(runs))
