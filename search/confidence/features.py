"""The clues of each passage that was found, and the words that none of them holds. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from search.confidence.assessment import Clues
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
Standing = Mapping[str, tuple[Collection[int], float]]


def clues_of(
    best: Sequence[tuple[int, float]],
    own: Mapping[int, Signals],
    readings: Mapping[int, float],
    standing: Standing,
) -> dict[int, Clues]:
    """The clues of the passages in `best`, which are (id, score).

    `own` are their signals without their neighbours' share, `readings` their late interaction.
    """
    scores = [score for _, score in best[:COMPARED]]
    mass = sum(idf for _, idf in standing.values())
    found = {}
    for place, (id, score) in enumerate(best):
        others = scores[:place] + scores[place + 1 :]
        held = sum(idf for ids, idf in standing.values() if id in ids)
        found[id] = Clues(
            meaning=own[id].cosine,
            phrases=own[id].phrases,
            held=held / mass if mass else 0.0,
            lead=score - sum(others) / len(others) if others else 0.0,
            reading=readings.get(id),
        )
    return found


def missing(question: Question, best: Sequence[int], standing: Standing) -> tuple[str, ...]:
    """What the question asks about and none of the best passages mentions, as it was typed.

    Words that only ask ("how many", "tell") are not named; those that stand next to each other
    are named together.
    """
    shown = set(best[:MENTIONS])
    lacking = {
        term for term, (ids, _) in standing.items() if term not in ASKING and shown.isdisjoint(ids)
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
