"""What is searched for beside a question: the nearest known word for one that no passage holds,
and the long form of an acronym, or the acronym of a long form, that passages define.

Nothing is replaced. What is added counts for half, and the unknown word still counts as missing:
a question in the words of the passages is answered as it stands, and a rare name stays one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kb.encoder import Encoder
from kb.store import Clause, Phrase, Store
from search.acronyms import definitions, long_forms, short_forms
from search.question import Question, words_of

WEIGHT = 0.5  # of what is added, where a word of the question has 1
LETTERS = 4  # a shorter word has too many neighbours …
MOST_LETTERS = 30  # … and a longer one is none
LONG = 8  # letters from which on two edits may make the word
MOST = 8  # words of one question
READ = 128  # passages that are read for what an acronym stands for

# whole and small, so no name (Aleppo), number (2017), identifier (f-35, gov.uk) or part of one
_PLAIN = re.compile(r"(?<!\S)[(\[\"'“‘]*([^\W\d_]+)(?:['’]s)?[)\]\"'”’.,;:!?…]*(?!\S)")

_WHOLE = re.compile(r"(?<![\w-])[^\W\d_]+(?![\w-])")


Forms: TypeAlias = tuple[tuple[str, ...], str]  # words as asked, and the other form


@dataclass(frozen=True, slots=True)
class Beside:
    """What to say of it, clauses beside the question's, and a question beside it for its meaning.

    `forms` are pairs, as asked and as passages have it too: the other counts where the one that was
    asked for does not stand. `meaning` is None where the encoder needs none.
    """

    words: tuple[str, ...] = ()
    terms: tuple[Clause, ...] = ()
    phrases: tuple[Clause, ...] = ()
    forms: tuple[tuple[Phrase, Phrase], ...] = ()
    meaning: str | None = None


def beside(question: Question, store: Store, encoder: Encoder | None) -> Beside:
    """What to search for beside a question; with an encoder, also what it is to read.

    A word that the encoder knows whole ("trust", where the passages hold but "thrust") is no slip
    of the pen and stays alone. Long forms the encoder does not read: they made answers neither
    better nor worse.
    """
    known = _nearest(question, store)
    if encoder is not None:
        whole = encoder.count("a")
        known = {word: near for word, near in known.items() if encoder.count(word) > whole}
    other = Question.parse(replaced(question.text, known)) if known else question
    forms = (*_long_forms(question.text, store), *_short_forms(question.words, store))
    if not known and not forms:
        return Beside()
    return Beside(
        words=tuple(dict.fromkeys([*known.values(), *(form for _, form in forms)])),
        terms=_beyond(question.term_clauses, other.term_clauses),
        phrases=_beyond(question.phrase_clauses, other.phrase_clauses),
        forms=tuple((Phrase(asked), Phrase(words_of(form))) for asked, form in forms),
        meaning=other.text if known and encoder is not None else None,
    )


def _nearest(question: Question, store: Store) -> dict[str, str]:
    """The nearest known word of each word that no passage holds."""
    rows = store.frequencies(repairable(question))
    unknown = [word for word, its in rows.items() if not its][:MOST]
    nearest = {word: store.nearest_word(word, most_edits(word)) for word in unknown}
    return {word: near for word, near in nearest.items() if near is not None}


def _long_forms(text: str, store: Store) -> list[Forms]:
    """What passages say that the acronyms of a question stand for."""
    found: list[Forms] = []
    for short in short_forms(text)[:MOST]:
        ids = store.holding([Phrase((short.lower(),))])
        longs = Counter(long for its, long in _defined(store, ids) if its == short)
        if longs:
            long = min(longs, key=lambda long: (-longs[long], long))
            found.append(((short.lower(),), long))
    return found


def _short_forms(words: tuple[str, ...], store: Store) -> list[Forms]:
    """What passages say that runs of a question's words are called for short."""
    runs = long_forms(words)
    known = store.frequencies({short for shorts in runs.values() for short in shorts})
    found: list[Forms] = []
    for run, shorts in runs.items():
        for short in (short for short in shorts if known[short] and short not in words):
            ids = store.holding([Phrase(run), Phrase((short,))])
            found += [
                (run, its)
                for its, long in _defined(store, ids)
                if its.lower() == short and words_of(long) == run
            ][:1]
    return list(dict.fromkeys(found))[:MOST]


def _defined(store: Store, ids: Sequence[int]) -> Iterator[tuple[str, str]]:
    """The short and long forms that some of these passages define."""
    step = max(1, len(ids) // READ)
    for passage in store.passages(ids[::step]):
        yield from definitions(passage.text)


def repairable(question: Question) -> tuple[str, ...]:
    """The terms that may be misspelt, each once, in order."""
    found = dict.fromkeys(_PLAIN.findall(question.text))
    terms = set(question.terms)  # in lower case: a name is none of them as it stands
    return tuple(word for word in found if LETTERS <= len(word) <= MOST_LETTERS and word in terms)


def most_edits(word: str) -> int:
    """How many edits away from a word may lie what was meant."""
    return 2 if len(word) >= LONG else 1


def replaced(text: str, known: Mapping[str, str]) -> str:
    """The question with known words in place of unknown ones."""
    return _PLAIN.sub(lambda found: found[0].replace(found[1], known.get(found[1], found[1])), text)


def _beyond(clauses: tuple[Clause, ...], others: tuple[Clause, ...]) -> tuple[Clause, ...]:
    """The others that are not among the clauses."""
    return tuple(clause for clause in others if clause not in clauses)
