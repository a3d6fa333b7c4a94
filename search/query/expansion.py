"""What is searched for besides a question. Pure over what an index knows of its words.

That is the nearest known word for one that no passage holds, the other spelling of one (labour,
labor), and the long form of an acronym, or the acronym of a long form, that passages define.

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
from kb.index.clauses import Clause, Phrase
from kb.index.words import WordFacts, WordQuery
from search.query.acronyms import definitions, long_forms, short_forms
from search.query.question import Question, words_of
from search.query.spelling import otherwise

WEIGHT = 0.5  # of what is added, where a word of the question has 1
LETTERS = 4  # a shorter word has too many neighbours …
MOST_LETTERS = 30  # … and a longer one is none
LONG = 8  # letters from which on two edits may make the word
MOST = 8  # words of one question …
MOST_SPELT = 16  # … and those that are looked for in the other spelling

# whole and small, so no name (Aleppo), number (2017), identifier (f-35, gov.uk) or part of one
_PLAIN = re.compile(r"(?<!\S)[(\[\"'“‘]*([^\W\d_]+)(?:['’]s)?[)\]\"'”’.,;:!?…]*(?!\S)")

# what makes a word of another, which full-text search knows anyway
_FORMED = re.compile(r"(?P<word>\w{2,}?(?P<last>\w))(?:(?P=last)?(?:ing|ed|er|ers)|e?s|ly)")

Forms: TypeAlias = tuple[tuple[str, ...], str]  # words as asked, and the other form


@dataclass(frozen=True, slots=True)
class Expansion:
    """What to say of it, clauses besides the question's, and a question besides for its meaning.

    `forms` are pairs, as asked and as passages have it too: the other counts where the one that was
    asked for does not stand. `spellings` are words in their other spelling. `meaning` is None where
    the encoder needs none.
    """

    words: tuple[str, ...] = ()
    spellings: Mapping[str, str] = field(default_factory=dict)
    terms: tuple[Clause, ...] = ()
    phrases: tuple[Clause, ...] = ()
    forms: tuple[tuple[Phrase, Phrase], ...] = ()
    meaning: str | None = None


def word_query(question: Question) -> WordQuery:
    """All that is to be known of a question's words before it is expanded."""
    return WordQuery(
        corrected={word: most_edits(word) for word in repairable(question)},
        other_forms=tuple(
            (word, way) for word in question.terms[:MOST_SPELT] for way in otherwise(word)
        ),
        excerpts=tuple(phrases for _, phrases in _acronyms(question)),
        most_corrected=MOST,
    )


def expand(question: Question, facts: WordFacts, encoder: Encoder | None) -> Expansion:
    """What to search for besides a question, by the facts that `word_query` asks for.

    With an encoder, also what it is to read. A word that the encoder knows whole ("trust", where
    the passages hold but "thrust"), or that is made of one ("wording"), is no slip of the pen and
    stays alone. Long forms the encoder does not read: they made answers neither better nor worse.
    The other spelling of a word it reads only where no passage holds the word.
    """
    same = {
        word: way
        for word in question.terms[:MOST_SPELT]
        for way in otherwise(word)
        if (word, way) in facts.other_forms
    }
    unknown = [word for word in repairable(question) if not facts.frequencies[word]][:MOST]
    known = {
        word: facts.corrections[word]
        for word in unknown
        if word in facts.corrections
        and word not in same
        and not (encoder is not None and _is_word(word, encoder))
    }
    forms = (*(((word,), way) for word, way in same.items()), *_defined_forms(question, facts))
    if not known and not forms:
        return Expansion()
    repaired, spelt = (
        Question.parse(replaced(question.text, some)) for some in (known, known | same)
    )
    read = known | {word: same[word] for word in unknown if word in same}
    return Expansion(
        words=tuple(dict.fromkeys([*known.values(), *(form for _, form in forms)])),
        spellings=same,
        terms=_beyond(question.term_clauses, repaired.term_clauses),
        phrases=_beyond(question.phrase_clauses, spelt.phrase_clauses),
        forms=tuple((Phrase(asked), Phrase(words_of(form))) for asked, form in forms),
        meaning=replaced(question.text, read) if read and encoder is not None else None,
    )


def _is_word(word: str, encoder: Encoder) -> bool:
    """Whether an encoder knows a word, or the word that it is made of, whole."""
    made = _FORMED.fullmatch(word)
    ways = [word, *([made["word"], made["word"] + "e"] if made else [])]
    whole = encoder.count("a")
    return any(encoder.count(way) <= whole for way in ways)


def _acronyms(question: Question) -> Iterator[tuple[tuple[str, ...] | str, tuple[Phrase, ...]]]:
    """Each acronym, as typed, and each run of words that may be one's long form, with the phrases
    of passages that may define it."""
    for short in short_forms(question.text)[:MOST]:
        yield short, (Phrase((short.lower(),)),)
    for run, shorts in long_forms(question.words).items():
        for short in shorts:
            if short not in question.words:
                yield run, (Phrase(run), Phrase((short,)))


def _defined_forms(question: Question, facts: WordFacts) -> Iterator[Forms]:
    """What passages say that acronyms stand for, and what they say that runs of words are called
    for short."""
    short_ones: dict[Forms, None] = {}
    for (asked, phrases), texts in zip(_acronyms(question), facts.excerpts, strict=True):
        defined = [pair for text in texts for pair in definitions(text)]
        if isinstance(asked, str):
            longs = Counter(long for its, long in defined if its == asked)
            if longs:
                yield (asked.lower(),), min(longs, key=lambda long: (-longs[long], long))
            continue
        short = phrases[-1].words[0]
        for its, long in defined:
            if its.lower() == short and words_of(long) == asked:
                short_ones[(asked, its)] = None
                break
    yield from list(short_ones)[:MOST]


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


def _beyond(clauses: Sequence[Clause], others: Sequence[Clause]) -> tuple[Clause, ...]:
    """The others that are not among the clauses."""
    return tuple(clause for clause in others if clause not in clauses)
