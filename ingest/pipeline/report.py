"""What became of each source of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ingest.sources.discovered import LeftAlone
from ingest.sources.missing import MissingSource
from kb.records import Refusal


@dataclass(frozen=True, slots=True)
class Taken:
    """A document that was added or updated, with notes on what its reader met."""

    document: str
    source: str
    title: str
    passages: int
    removed: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attached:
    """A source whose bytes are those of a document that is kept: it became one more source."""

    source: str
    document: str


@dataclass(slots=True)
class Report:
    """The outcome of one ingest; grows while it runs."""

    added: list[Taken] = field(default_factory=list)
    updated: list[Taken] = field(default_factory=list)
    unchanged: int = 0
    attached: list[Attached] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    left_alone: list[LeftAlone] = field(default_factory=list)
    missing: list[MissingSource] = field(default_factory=list)
    interrupted: bool = False
    took_ms: int = 0

    @property
    def moved(self) -> list[tuple[MissingSource, Attached]]:
        """What is gone and came under another name, byte for byte: pairs, each source in one."""
        came: dict[str, list[Attached]] = {}
        for same in self.attached:
            came.setdefault(same.document, []).append(same)
        return [
            (gone, came[gone.document].pop(0))
            for gone in self.missing
            if not gone.last and came.get(gone.document)
        ]

    def include(self, part: Report) -> None:
        """Add the documents of a part of the run."""
        self.added += part.added
        self.updated += part.updated
        self.unchanged += part.unchanged

    def as_json(self) -> dict[str, Any]:
        """The report as `kb ingest --json` prints it."""

        def taken(document: Taken) -> dict[str, Any]:
            return {
                "document": document.document,
                "source": document.source,
                "title": document.title,
                "passages": document.passages,
                "removed": document.removed,
                "notes": list(document.notes),
            }

        return {
            "added": [taken(document) for document in self.added],
            "updated": [taken(document) for document in self.updated],
            "unchanged": self.unchanged,
            "refused": [{"source": gone.source, "reason": gone.reason} for gone in self.refused],
            "left_alone": [
                {"source": left.source, "reason": left.reason} for left in self.left_alone
            ],
            "attached": [
                {"source": same.source, "document": same.document} for same in self.attached
            ],
            "vanished": [
                {"source": gone.source, "document": gone.document, "removed": gone.removed}
                for gone in self.missing
            ],
            "took_ms": self.took_ms,
        }
