"""What the words of a question ask for: its terms, the phrases among them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from kb.index.clauses import Clause, Near, Phrase

# Words that a question is made with rather than what it is about. Negations are among them:
# BM25 cannot use them; the encoder reads them.
STOP_WORDS = frozenset(
    "a about above after again against all also am an and any are as at be because been before "
    "being below between both but by can could did do does doing down during each few for from "
    "further had has have having he her here hers him his how i if in into is it its itself just "
    "let may me might more most must my no nor not of off on once one only or other our out over "
    "own s same shall she should so some such t than that the their them then there these they "
    "this those through to too under until up upon us very was we were what when where which "
    "while who whom whose why will with within without would yet you your".split()
)
MOST_TERMS = 64  # a longer question adds cost, not meaning
# an accent may be a character of its own; full-text search folds it away
WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u0331])*")
_ENDING = re.compile(r"(?:ing|ies|ied|ation|ion|ment|ed|es|ly|e|s|y)$")


@lru_cache(10_000)
def stem(word: str) -> str:
    """The word without a common English ending, when enough of it is left; for display only."""
    short = _ENDING.sub("", word)
    return short if len(short) >= 3 else word


@dataclass(frozen=True, slots=True)
class Question:
    """A question as full-text search sees it. `words` are in order, `terms` each once."""

    text: str
    words: tuple[str, ...]
    terms: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Question:
        """The question in `text`. Nothing in it is syntax: AND, NEAR(, * are words or marks.

        What a user requires by quotes and excludes by minus, `requirements` takes out before.

        A question of stop words alone has no terms.
        """
        words = words_of(text)
        weighty = dict.fromkeys(word for word in words if word not in STOP_WORDS)
        return cls(text, words, tuple(weighty)[:MOST_TERMS])

    @property
    def term_clauses(self) -> tuple[Clause, ...]:
        """Each term, to occur anywhere."""
        return tuple(Phrase((term,)) for term in self.terms)

    def clauses(self, mode: str) -> tuple[Clause, ...]:
        """What the words ask for in a mode: the terms; by words alone any words, if need be."""
        if mode == "keyword" and not self.terms:
            return tuple(Phrase((word,)) for word in dict.fromkeys(self.words))
        return self.term_clauses

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """Adjacent words of which one is a term."""
        among = set(self.terms)
        pairs = [pair for pair in pairwise(self._first) if among.intersection(pair)]
        return tuple(Phrase(pair) for pair in dict.fromkeys(pairs))

    @property
    def neighbouring_terms(self) -> tuple[tuple[str, str], ...]:
        """Terms that follow each other, whatever stands between them."""
        among = set(self.terms)
        terms = [word for word in self._first if word in among]
        return tuple(dict.fromkeys(pair for pair in pairwise(terms) if pair[0] != pair[1]))

    @property
    def phrase_clauses(self) -> tuple[Clause, ...]:
        """Adjacent words as phrases, neighbouring terms near each other, each of both."""
        near = (
            Near(pair)
            for one, other in self.neighbouring_terms
            for pair in ((one, other), (other, one))
        )
        return (*self.phrases, *near)

    @property
    def _first(self) -> tuple[str, ...]:
        return self.words[: 2 * MOST_TERMS]


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in order, in lower case."""
    return tuple(found.group().lower() for found in WORD.finditer(text))
