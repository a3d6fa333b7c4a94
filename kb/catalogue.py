"""What is kept? The Catalogue contract: documents in revisions, and where each came from.

It is the truth, changed in transactions: a change is kept whole or not at all, and on the disk when
the call returns. What it holds of a revision never changes, so a pinned reference shows the same
for ever; a document that was taken out of search can still be shown. One writer at a time; reading
goes on meanwhile, also from several threads, and each call sees the newest state that is committed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from kb.errors import ModelMismatch, NotFound
from kb.keys import Reference
from kb.metadata import Metadata
from kb.records import Edition, Entry, Fetch, Manifest, Passage, Provenance, Refusal

if TYPE_CHECKING:
    from kb.encoder import Encoder, Matrix, Vector


@dataclass(frozen=True, slots=True)
class DocumentState:
    """How a document stands: its key, its sources today (none: it was taken out of search).

    `overrides` are what a person stated of it, `restored` digests (sha256, hex) of removed texts
    that a person took back in.
    """

    key: str
    sources: tuple[Provenance, ...] = ()
    overrides: Metadata = field(default_factory=Metadata)
    restored: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is known of a source before it is read.

    `twin` is today's document that the same reader made from the same bytes, wherever they stood;
    `kept` is today's document from this source; `former`, where there is none, the last document
    that came from it. `fetch` says how it was fetched.
    """

    twin: DocumentState | None = None
    kept: DocumentState | None = None
    former: DocumentState | None = None
    fetch: Fetch | None = None


class Outcome(Enum):
    """What adding an edition changed."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class Catalogue(Protocol):
    """Documents, revisions, passages, originals, metadata, sources, refusals, fetches."""

    @property
    def manifest(self) -> Manifest:
        """Format, model, fingerprint and generation."""

    # What is kept
    def entries(self) -> list[Entry]:
        """Today's documents, by key, all about them but their texts."""

    def entry(self, key: str) -> Entry:
        """One of them; NotFound when it is not there."""

    def edition(self, reference: Reference) -> Edition:
        """A document whole, today's revision or the named one; NotFound otherwise."""

    def passage(self, reference: Reference) -> Passage:
        """One passage, of today's revision or the named one; NotFound otherwise."""

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[Passage, Entry]]:
        """Passages by the ids that the index gives them, each with its document's entry.

        One that is of no revision any more, or of none of today, is left out.
        """

    def neighbours(
        self, passages: Sequence[Passage], count: int
    ) -> list[tuple[tuple[Passage, ...], tuple[Passage, ...]]]:
        """Of each passage up to `count` before and after it in its revision, in their order."""

    def original(self, sha256: str) -> bytes:
        """The bytes kept under a digest; NotFound when there are none."""

    def document_state(self, key: str) -> DocumentState:
        """How a document stands, today's or one taken out; that of an unknown key says nothing."""

    # What an ingest asks
    def source_state(self, uri: str, sha256: str, reader_name: str) -> SourceState:
        """What is known of a source that holds these bytes, which this reader is to read."""

    def sources(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Each source that begins so, and the key of the document that is kept from it today."""

    def fetches(self) -> Mapping[str, Fetch]:
        """How each web page that is kept today was fetched, by its address."""

    def free_key(self, keys: Sequence[str]) -> str:
        """The first of these keys that no document bears, today's or removed; one must be free."""

    def encoded(self, texts: Sequence[str]) -> dict[str, Vector]:
        """Vectors, by text, of those texts that the encoder has read for today's passages.

        A text is what `kb.encoders.context.texts_of` gives: title and headings, then the passage.
        """

    def refusals(self) -> list[Refusal]:
        """The sources that were refused and are on the list still, by name."""

    # What is changed
    def together(self) -> AbstractContextManager[object]:
        """Changes made inside are one transaction: all of them are kept, or none.

        Cheaper than one for each. Ask the index only when it has ended.
        """

    def add(
        self,
        edition: Edition,
        vectors: Matrix,
        originals: Mapping[str, bytes],
        encoder: Encoder,
        overrides: Metadata | None = None,
        fetch: Fetch | None = None,
    ) -> Outcome:
        """Keep an edition as today's revision of its document, whole or not at all.

        `vectors` is float32[len(edition.passages), encoder.dimension]; `originals` holds the
        bytes by digest. Earlier revisions stay, but are no longer found. `overrides` are laid over
        what was stated before; `fetch` is how its first source came. UNCHANGED says that the same
        edition was there, but for when and where it was read. ModelMismatch when the vectors kept
        are of another encoder.
        """

    def attach(self, key: str, provenance: Provenance) -> None:
        """Note that a document stands, byte for byte, at one more source."""

    def detach(self, uri: str) -> None:
        """Let go of a source; a document that has no other is taken out of search, as by `remove`.

        Nothing happens when no document is kept from it today.
        """

    def restore(self, key: str, digest: str) -> None:
        """Note that a person took a removed text back in (sha256 of it, hex)."""

    def drop_overrides(self, key: str, fields: Collection[str]) -> None:
        """Forget what a person stated of these fields of a document, as `Metadata` names them."""

    def note_fetch(self, uri: str, fetch: Fetch) -> None:
        """Note how a page was fetched, in place of what was noted before."""

    def refuse(self, source: str, reason: str) -> None:
        """Put a source on the list of those that were refused, in place of what stood of it."""

    def dismiss(self, source: str) -> None:
        """Take a source from that list; nothing happens when it is not there."""

    def remove(self, key: str) -> None:
        """Take a document out of search; pinned references still show it."""


def check_model(manifest: Manifest, encoder: Encoder, location: str) -> None:
    """ModelMismatch when a store holds vectors of another encoder; a new store holds none."""
    theirs = manifest.fingerprint
    if theirs is not None and theirs != encoder.fingerprint:
        raise ModelMismatch(location, theirs, encoder.fingerprint)


def not_found(reference: Reference, revisions: Sequence[str], near: Sequence[str]) -> NotFound:
    """What to say of a document or revision that is not there.

    `revisions` are those of the document, the newest first, `near` keys that may have been meant.
    """
    if revisions and reference.revision is None:
        return NotFound(
            f"{reference.key}: this document was taken out of search. Its last revision can "
            f"still be shown: kb show {reference.key}@{revisions[0]}"
        )
    if revisions:
        return NotFound(f"{reference}: no such revision. There are: {', '.join(revisions)}.")
    hint = f"Is it {' or '.join(near)}?" if near else "kb list shows what there is."
    return NotFound(f"{reference.key}: no such document. {hint}")
