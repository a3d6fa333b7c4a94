"""Passages that say the same become one, which names the others. Pure.

A passage folds into one before it when it says nothing more than that one: nearly all of its
word shingles stand there too (containment; Broder 1997, "On the resemblance and containment of
documents"), and every figure, name and negation of it as often. So copies and the repeated text
of a series fold, a short passage folds into a longer one that holds it, and a longer one never
into what it was cut from. Texts that share a paragraph and have one of their own stay apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

SHINGLE = 3  # words; one changed word takes three shingles away
NEARLY_ALL = 0.9  # of a text of a hundred words, three words apart may differ
NEGATIONS = frozenset("no not nor never neither none without cannot n't t".split())
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)  # no slots, where what is made once could not be kept
class Said:
    """What a text says, as far as comparing goes."""

    text: str
    shingles: frozenset[int]  # hashes: a set of tuples is three times as slow to make

    @classmethod
    def by(cls, text: str) -> Said:
        """Shingles of the folded words; a text of fewer words, or of none, is one shingle."""
        words = _WORD.findall(text.casefold())
        if len(words) < SHINGLE:
            return cls(text, frozenset({hash(tuple(words) or text)}))
        return cls(text, frozenset(map(hash, zip(words, words[1:], words[2:], strict=False))))

    @property
    def missing(self) -> int:
        """How many shingles may be missing where nearly all are there."""
        return int(len(self.shingles) * (1 - NEARLY_ALL) + 1e-9)

    @property
    def probes(self) -> frozenset[int]:
        """A few shingles: no more of them than of all can be missing from where nearly all are."""
        return frozenset(islice(self.shingles, 3 * (self.missing + 1)))

    @cached_property
    def distinctive(self) -> Counter[str]:
        """Figures, names (and the first words of sentences) and negations, counted."""
        return Counter(
            word.casefold()
            for word in _WORD.findall(self.text)
            if not word.isalpha() or not word.islower() or word in NEGATIONS
        )

    def adds_nothing_to(self, other: Said) -> bool:
        """Whether nearly all of this stands in the other, and every distinctive word."""
        if len(self.shingles & other.shingles) < NEARLY_ALL * len(self.shingles):
            return False
        return self.distinctive <= other.distinctive


def grouped(texts: Sequence[str]) -> list[list[int]]:
    """Groups of numbers of `texts`, which are best first; a group's first is the one that stays.

    Every text is in one group; groups and their members are in the order of the texts.
    """
    groups: list[tuple[Said, list[int]]] = []
    for number, text in enumerate(texts):
        this = Said.by(text)
        probes = this.probes
        enough = len(probes) - this.missing
        for first, members in groups:
            if len(probes & first.shingles) >= enough and this.adds_nothing_to(first):
                members.append(number)
                break
        else:
            groups.append((this, [number]))
    return [members for _, members in groups]
