"""What is searched for beside a question: the nearest known word for one that no passage holds, the
other spelling of one (labour, labor), and the long form of an acronym, or the acronym of a long
form, that passages define.

Nothing is replaced. What is added counts for half, and the unknown word still counts as missing
unless it is the same word: a question in the words of the passages is answered as it stands, and a
rare name stays one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from kb.encoder import Encoder
from kb.store import Clause, Phrase, Store
from search.query.acronyms import definitions, long_forms, short_forms
from search.query.question import Question, words_of
from search.query.spelling import otherwise

WEIGHT = 0.5  # of what is added, where a word of the question has 1
LETTERS = 4  # a shorter word has too many neighbours …
MOST_LETTERS = 30  # … and a longer one is none
LONG = 8  # letters from which on two edits may make the word
MOST = 8  # words of one question …
MOST_SPELT = 16  # … and those that are looked for in the other spelling
READ = 128  # passages that are read for what an acronym stands for

# whole and small, so no name (Aleppo), number (2017), identifier (f-35, gov.uk) or part of one
_PLAIN = re.compile(r"(?<!\S)[(\[\"'“‘]*([^\W\d_]+)(?:['’]s)?[)\]\"'”’.,;:!?…]*(?!\S)")

# what makes a word of another, which full-text search knows anyway
_FORMED = re.compile(r"(?P<word>\w{2,}?(?P<last>\w))(?:(?P=last)?(?:ing|ed|er|ers)|e?s|ly)")

_WHOLE = re.compile(r"(?<![\w-])[^\W\d_]+(?![\w-])")


Forms: TypeAlias = tuple[tuple[str, ...], str]  # words as asked, and the other form


@dataclass(frozen=True, slots=True)
class Beside:
    """What to say of it, clauses beside the question's, and a question beside it for its meaning.

    `forms` are pairs, as asked and as passages have it too: the other counts where the one that was
    asked for does not stand. `same` are words in their other spelling. `meaning` is None where the
    encoder needs none.
    """

    words: tuple[str, ...] = ()
    same: Mapping[str, str] = field(default_factory=dict)
    terms: tuple[Clause, ...] = ()
    phrases: tuple[Clause, ...] = ()
    forms: tuple[tuple[Phrase, Phrase], ...] = ()
    meaning: str | None = None


def beside(question: Question, store: Store, encoder: Encoder | None) -> Beside:
    """What to search for beside a question; with an encoder, also what it is to read.

    A word that the encoder knows whole ("trust", where the passages hold but "thrust"), or that is
    made of one ("wording"), is no slip of the pen and stays alone. Long forms the encoder does not
    read: they made answers neither better nor worse. The other spelling of a word it reads only
    where no passage holds the word.
    """
    same = _same(question, store)
    unknown = _unknown(question, store)
    known = _nearest([word for word in unknown if word not in same], store)
    if encoder is not None:
        known = {word: near for word, near in known.items() if not _is_word(word, encoder)}
    forms = (
        *(((word,), way) for word, way in same.items()),
        *_long_forms(question.text, store),
        *_short_forms(question.words, store),
    )
    if not known and not forms:
        return Beside()
    repaired, spelt = (
        Question.parse(replaced(question.text, some)) for some in (known, known | same)
    )
    read = known | {word: same[word] for word in unknown if word in same}
    return Beside(
        words=tuple(dict.fromkeys([*known.values(), *(form for _, form in forms)])),
        same=same,
        terms=_beyond(question.term_clauses, repaired.term_clauses),
        phrases=_beyond(question.phrase_clauses, spelt.phrase_clauses),
        forms=tuple((Phrase(asked), Phrase(words_of(form))) for asked, form in forms),
        meaning=replaced(question.text, read) if read and encoder is not None else None,
    )


def _same(question: Question, store: Store) -> dict[str, str]:
    """The other spelling of each word, where passages have it that do not have the word."""
    ways = {word: otherwise(word) for word in question.terms[:MOST_SPELT]}
    rows = store.frequencies({way for its in ways.values() for way in its})
    return {
        word: way
        for word, its in ways.items()
        for way in its
        if rows[way] and store.holding([Phrase((way,))], [Phrase((word,))])
    }


def _unknown(question: Question, store: Store) -> list[str]:
    """The words that no passage holds and that may be misspelt."""
    rows = store.frequencies(repairable(question))
    return [word for word, its in rows.items() if not its][:MOST]


def _nearest(unknown: Sequence[str], store: Store) -> dict[str, str]:
    """The nearest known word of each."""
    nearest = {word: store.nearest_word(word, most_edits(word)) for word in unknown}
    return {word: near for word, near in nearest.items() if near is not None}


def _is_word(word: str, encoder: Encoder) -> bool:
    """Whether an encoder knows a word, or the word that it is made of, whole."""
    made = _FORMED.fullmatch(word)
    ways = [word, *([made["word"], made["word"] + "e"] if made else [])]
    whole = encoder.count("a")
    return any(encoder.count(way) <= whole for way in ways)


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
