"""What is known of a document, in the words of the JSON output. Pure."""

from __future__ import annotations

from kb.records import Document, Entry

_RENAMED = {"author": "authors", "issued": "published", "keyword": "tags"}


def json_name(field: str) -> str:
    """What the JSON output calls a field of `kb.metadata.Metadata`."""
    return _RENAMED.get(field, field)


def document_facts(document: Document | Entry) -> dict[str, object]:
    """What every object that stands for a document, or for a hit in it, says of the document."""
    shown = ("title", "author", "issued", "publisher")
    facts = {json_name(field): getattr(document.metadata, field) for field in shown}
    return {
        **{name: list(fact) if isinstance(fact, tuple) else fact for name, fact in facts.items()},
        "source": document.source,
    }
