"""What became of a source: how much of it is kept, what was left out, what is amiss. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.records import Document, Edition, Entry


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The texts that were left out for one reason: how many, and their share of all words."""

    reason: str
    texts: int
    share: float


@dataclass(frozen=True, slots=True)
class Receipt:
    """Of an edition: the share of words (0 to 1) that is kept and left out, and what is amiss."""

    passages: int
    words: int
    kept: float
    left_out: tuple[LeftOut, ...]
    problems: tuple[str, ...]


def receipt(edition: Edition) -> Receipt:
    """The receipt of an edition; most words left out come first."""
    kept = len(edition.document.text.split())
    reasons: dict[str, list[int]] = {}
    for gone in edition.removed:
        reasons.setdefault(gone.reason, []).append(len(gone.text.split()))
    words = kept + sum(map(sum, reasons.values()))
    left_out = [
        LeftOut(reason, len(counts), sum(counts) / max(1, words))
        for reason, counts in reasons.items()
    ]
    return Receipt(
        passages=len(edition.passages),
        words=words,
        kept=kept / max(1, words),
        left_out=tuple(sorted(left_out, key=lambda one: (-one.share, one.reason))),
        problems=problems(edition.document, edition.notes),
    )


def problems(document: Document | Entry, notes: Sequence[str]) -> tuple[str, ...]:
    """What a citation lacks, and what the reader met."""
    metadata = document.metadata
    lacks = [
        name
        for name, value in (("author", metadata.author), ("date", metadata.issued))
        if not value
    ]
    return (*([f"no {' and no '.join(lacks)}"] if lacks else []), *notes)
