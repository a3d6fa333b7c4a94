"""The nouns: documents, passages and their provenance, as frozen records.

All offsets are characters of a document's `text`, half open: `text[start:end]`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from kb.metadata import Metadata


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a document's text, in characters, half open."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span needs 0 <= start <= end, not {self.start}..{self.end}")

    def of(self, text: str) -> str:
        """The characters of `text` that the span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which bytes a document was made from, and what read them.

    `uri` identifies the source (absolute path, URL, or `file.jsonl#id` for a record);
    `sha256` is the digest of the bytes kept, in hex; `reader` is "name version";
    `read_at` is UTC in ISO 8601.
    """

    uri: str
    sha256: str
    media_type: str
    reader: str
    read_at: str

    @property
    def reader_name(self) -> str:
        """The reader without its version."""
        return self.reader.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class Document:
    """One revision of a brief: its canonical clean text and what is known about it.

    `metadata` always holds a title; `external_id` is a record's own `_id`.
    """

    key: str
    revision: str
    metadata: Metadata
    text: str
    sources: tuple[Provenance, ...]
    external_id: str | None = None

    @property
    def title(self) -> str:
        """The title in its metadata: other metadata may lack one, a document's never do."""
        return _title(self)

    @property
    def source(self) -> str:
        """The path or URL that it was read from; a record's own URL where it has one."""
        return _source(self)


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one revision that is embedded, found and cited as a whole.

    `ordinal` and `paragraph` count from 1; `heading` is the path of headings above it;
    `pages` and `page_labels` are first and last, None where the source has no pages.
    """

    document: str
    revision: str
    ordinal: int
    paragraph: int
    span: Span
    text: str
    heading: tuple[str, ...] = ()
    pages: tuple[int, int] | None = None
    page_labels: tuple[str, str] | None = None

    @property
    def reference(self) -> str:
        """The short reference, valid while this revision is the newest: `key#7`."""
        return f"{self.document}#{self.ordinal}"

    @property
    def pinned(self) -> str:
        """The reference that holds for ever: `key@3fa2c1d4#7`."""
        return f"{self.document}@{self.revision}#{self.ordinal}"


@dataclass(frozen=True, slots=True)
class Removed:
    """Text that the reader left out of the document, why, and the offset where it stood."""

    text: str
    reason: str
    after: int


@dataclass(frozen=True, slots=True)
class Edition:
    """One revision with all that was cut from it: what an ingest hands to the store."""

    document: Document
    passages: tuple[Passage, ...]
    removed: tuple[Removed, ...] = ()
    notes: tuple[str, ...] = ()  # what its reader met


@dataclass(frozen=True, slots=True)
class Fetch:
    """A page as a server gave it: where it stood in the end, and by what it knows a change."""

    url: str
    etag: str | None = None
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A source that was not taken in, and why; on the store's list until it comes in.

    `tried_at` is when that was, UTC in ISO 8601, None before it is kept; `retriable` says whether
    it could come in another time.
    """

    source: str
    reason: str
    tried_at: str | None = None
    retriable: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """A document's line in the catalogue: everything about it but its text."""

    document: str
    revision: str
    metadata: Metadata
    sources: tuple[Provenance, ...]
    passages: int
    ingested_at: str
    external_id: str | None = None
    notes: tuple[str, ...] = ()  # what its reader met

    @property
    def title(self) -> str:
        """The title in its metadata, as of a document."""
        return _title(self)

    @property
    def source(self) -> str:
        """The path or URL that it was read from; a record's own URL where it has one."""
        return _source(self)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a knowledge base says of itself: its format, its model, its state.

    `fingerprint` and `dimension` are None until the first passage is stored;
    `generation` grows with every change to what can be found.
    """

    format: int
    model: str
    precision: str
    fingerprint: str | None = None
    dimension: int | None = None
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over a knowledge base, for `kb stats`. Sizes are bytes.

    `readers` says how many of today's documents each reader ("name version") made.
    """

    documents: int
    revisions: int
    passages: int
    removed: int
    originals: int
    bytes_database: int
    bytes_originals: int
    bytes_index: int
    readers: dict[str, int] = field(default_factory=dict)


def _title(document: Document | Entry) -> str:
    title = document.metadata.title
    assert title is not None
    return title


def _source(document: Document | Entry) -> str:
    if document.external_id is not None and document.metadata.url is not None:
        return document.metadata.url
    return document.sources[0].uri


def revision_of(text: str, spans: Iterable[Span]) -> str:
    """The revision name: 8 hex digits of a digest over the text and its cutting.

    The spans are part of it, so that `#n` within a revision can never change its meaning.
    """
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass"))
    for span in spans:
        digest.update(b"\x00%d:%d" % (span.start, span.end))
    return digest.hexdigest()[:8]
