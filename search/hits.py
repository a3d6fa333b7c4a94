"""What a search gives back: an answer with its hits."""

from __future__ import annotations

from dataclasses import dataclass

from kb.records import Entry, Passage, Span


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentence of a passage that answers, at its place in the document's text."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, with its document's line in the catalogue and its citation.

    `score` compares within one store only; `confidence` (0 to 1), `evidence` and `link` are None
    while nothing computes them. `before` and `after` are neighbours, where they were asked for.
    """

    rank: int
    score: float
    passage: Passage
    entry: Entry
    citation: str
    confidence: float | None = None
    evidence: Evidence | None = None
    link: str | None = None
    before: tuple[Passage, ...] = ()
    after: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The hits for one question, best first, and notes on how it was understood."""

    question: str
    hits: tuple[Hit, ...]
    took_ms: float
    confidence: float | None = None
    notes: tuple[str, ...] = ()
    id: str | None = None

    @property
    def answered(self) -> bool:
        """Whether anything was found."""
        return bool(self.hits)
