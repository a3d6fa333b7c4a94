"""What is looked for in a passage: words in a row, words near each other. Values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand next to each other, in this order; a single word is a phrase of one.

    A phrase of no word stands nowhere.
    """

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """The first of two words where the second stands within `distance` words, before or after."""

    words: tuple[str, str]
    distance: int = 6


Clause: TypeAlias = Phrase | Near
