"""Small editions to keep in a store."""

from __future__ import annotations

from kb.encoders.hashing import HashingEncoder
from kb.keys import sha256_of
from kb.metadata import Metadata
from kb.records import Document, Edition, Passage, Provenance, Span, revision_of

ENCODER = HashingEncoder(dimension=64)


def provenance(uri: str, data: bytes, reader: str = "plain 1") -> Provenance:
    """A source that holds these bytes."""
    digest = sha256_of(data)
    return Provenance(uri, digest, "text/plain", reader, "2026-11-22T10:00:00Z")


def brief(key: str, *passages: str, uri: str | None = None, heading: str = "") -> Edition:
    """A document of these passages, one paragraph each, from one source."""
    text = "\n\n".join(passages)
    spans, start = [], 0
    for passage in passages:
        spans.append(Span(start, start + len(passage)))
        start += len(passage) + 2
    revision = revision_of(text, spans)
    sources = (provenance(uri or f"/briefs/{key}.txt", text.encode()),)
    document = Document(key, revision, Metadata(title=f"Brief {key}"), text, sources)
    return Edition(
        document,
        tuple(
            Passage(key, revision, n, n, span, span.of(text), (heading,) if heading else ())
            for n, span in enumerate(spans, 1)
        ),
    )
