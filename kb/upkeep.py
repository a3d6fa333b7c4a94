"""Is all of it sound? The Upkeep contract: figures, faults, and what mends them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from kb.records import Figures


@dataclass(frozen=True, slots=True)
class Fault:
    """A law that the real data break: where, what, and whether `--repair` mends it."""

    where: str
    what: str
    mendable: bool = False


class Upkeep(Protocol):
    """A knowledge base looked at as a whole."""

    def figures(self) -> Figures:
        """Counts and sizes."""

    def faults(self) -> Iterable[Fault]:
        """Every law checked on the real data; nothing when all is well."""

    def repair(self) -> None:
        """Make all that is derived (indexes, words and their counts) again from what is kept."""
