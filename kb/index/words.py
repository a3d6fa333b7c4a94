"""What can be asked of single words, and what is known of them. Values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kb.index.clauses import Phrase


@dataclass(frozen=True, slots=True)
class WordQuery:
    """Words as a user types them; all that is to be known of them is asked at once.

    `counted`: how many passages hold each (several words are a phrase). `corrected`: for those
    that no passage holds, the nearest known word, at most so many edits away (1 or 2); of them the
    first `most_corrected` in their order. `other_forms`: pairs (word, other): does some passage
    hold the other that does not hold the word? `excerpts`: texts of passages that hold all of some
    phrases, of each at most about `most_excerpts`, drawn evenly.
    """

    counted: tuple[str, ...] = ()
    corrected: Mapping[str, int] = field(default_factory=dict)
    other_forms: tuple[tuple[str, str], ...] = ()
    excerpts: tuple[tuple[Phrase, ...], ...] = ()
    most_corrected: int = 8
    most_excerpts: int = 128


@dataclass(frozen=True, slots=True)
class WordFacts:
    """The answer to a `WordQuery`.

    `frequencies` are 0 for what stands nowhere; of very common words in a row they may be
    estimated from a share of the passages. `corrections` hold words in lower case without accents,
    by the word that was asked for: the nearest by optimal string alignment, of equals the one
    whose stem most passages hold. `other_forms` are the pairs of which it is so. `excerpts` are in
    the order of the query.
    """

    frequencies: Mapping[str, int] = field(default_factory=dict)
    corrections: Mapping[str, str] = field(default_factory=dict)
    other_forms: frozenset[tuple[str, str]] = frozenset()
    excerpts: tuple[tuple[str, ...], ...] = ()
