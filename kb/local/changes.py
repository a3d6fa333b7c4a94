"""Rows written: how the local store changes. Inside a transaction that the caller began.

Inserts go through sqlite-utils, which is imported with the first of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kb.local import lexicon
from kb.local.rows import as_json, digest, read_entries, read_source, revision_id
from kb.records import Document, Edition, Provenance, Stated

if TYPE_CHECKING:
    from kb.encoder import Matrix


def write_meta(db: sqlite3.Connection, **values: str | int) -> None:
    """Set lines of the store's own description."""
    db.executemany(
        "INSERT INTO meta(name, value) VALUES (?, ?) "
        "ON CONFLICT DO UPDATE SET value = excluded.value",
        [(name, str(value)) for name, value in values.items()],
    )


def write_edition(
    db: sqlite3.Connection,
    edition: Edition,
    encoded: Sequence[str],
    vectors: Matrix,
    generation: int,
) -> None:
    """Insert an edition as today's revision, in place of an equal earlier one if there is one.

    `encoded` are the texts that the vectors stand for.
    """
    from sqlite_utils import Database

    tables = Database(db, execute_plugins=False)
    document = edition.document
    if (same := revision_id(db, document.key, document.revision)) is not None:
        delete_revision(db, same)
    id = (
        tables.table("revisions")
        .insert(
            {
                "document": document.key,
                "revision": document.revision,
                "title": document.title,
                "text": document.text,
                "authors": as_json(document.authors),
                "published": document.published,
                "publisher": document.publisher,
                "language": document.language,
                "url": document.url,
                "tags": as_json(document.tags),
                "external_id": document.external_id,
                "added_at": now(),
                "current": 1,
            }
        )
        .last_pk
    )
    assert isinstance(id, int)
    for provenance in document.sources:
        write_provenance(db, id, provenance)
    tables.table("removed").insert_all(
        {"revision_id": id, "n": n, "text": gone.text, "reason": gone.reason, "after": gone.after}
        for n, gone in enumerate(edition.removed, 1)
    )
    tables.table("passages").insert_all(
        {
            "revision_id": id,
            "ordinal": passage.ordinal,
            "paragraph": passage.paragraph,
            "start": passage.span.start,
            "end": passage.span.end,
            "text": passage.text,
            "heading": as_json(passage.heading),
            "page": passage.pages[0] if passage.pages else None,
            "page_end": passage.pages[1] if passage.pages else None,
            "page_label": passage.page_labels[0] if passage.page_labels else None,
            "page_label_end": passage.page_labels[1] if passage.page_labels else None,
            "context": "\n".join((document.title, *passage.heading)),  # for search by words
            "current": 1,
        }
        for passage in edition.passages
    )
    found = db.execute("SELECT id FROM passages WHERE revision_id = ? ORDER BY ordinal", (id,))
    ids = [row[0] for row in found]
    lexicon.keep(db, ids)
    tables.table("vectors").insert_all(
        {
            "passage_id": passage_id,
            "generation": generation,
            "vector": vector.tobytes(),
            "digest": digest(text),
        }
        for passage_id, vector, text in zip(ids, vectors, encoded, strict=True)
    )


def write_provenance(db: sqlite3.Connection, id: int, provenance: Provenance) -> None:
    """Note a source of a revision, in place of what was noted of it before."""
    from sqlite_utils import Database

    Database(db, execute_plugins=False).table("provenance").insert(
        {
            "revision_id": id,
            "uri": provenance.uri,
            "sha256": provenance.sha256,
            "media_type": provenance.media_type,
            "reader": provenance.reader,
            "read_at": provenance.read_at,
        },
        pk=("revision_id", "uri"),
        replace=True,
    )


def write_stated(db: sqlite3.Connection, key: str, stated: Stated) -> None:
    """Keep what a person stated, over what was stated before."""
    db.executemany(
        "INSERT INTO stated(document, field, value) VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET value = excluded.value",
        [(key, field, as_json(value)) for field, value in stated.said().items()],
    )


def other_sources(db: sqlite3.Connection, document: Document) -> list[Provenance]:
    """Today's other sources of a document that hold the same bytes as its new revision's."""
    new = {provenance.sha256 for provenance in document.sources}
    named = {provenance.uri for provenance in document.sources}
    entries = read_entries(db, document.key)
    old = entries[0].sources if entries else ()
    return [p for p in old if p.sha256 in new and p.uri not in named]


def detach(db: sqlite3.Connection, uri: str, besides: str) -> None:
    """Take a source from any other document; one that has no other source is retired."""
    known = read_source(db, uri)
    if known is None or known[0] == besides:
        return
    key = known[0]
    if len(read_entries(db, key)[0].sources) == 1:
        retire(db, key)
        return
    id = revision_id(db, key, None)
    db.execute("DELETE FROM provenance WHERE revision_id = ? AND uri = ?", (id, uri))


def retire(db: sqlite3.Connection, key: str) -> None:
    """Take today's revision of a document out of search; its rows stay."""
    found = db.execute(
        """SELECT p.id FROM passages p JOIN revisions r ON r.id = p.revision_id
           WHERE r.document = ? AND r.current""",
        (key,),
    )
    lexicon.forget(db, [row[0] for row in found])
    db.execute(
        """DELETE FROM vectors WHERE passage_id IN (SELECT p.id FROM passages p
           JOIN revisions r ON r.id = p.revision_id WHERE r.document = ? AND r.current)""",
        (key,),
    )
    db.execute(
        """UPDATE passages SET current = 0 WHERE current AND revision_id IN
           (SELECT id FROM revisions WHERE document = ? AND current)""",
        (key,),
    )
    db.execute("UPDATE revisions SET current = 0 WHERE document = ? AND current", (key,))


def delete_revision(db: sqlite3.Connection, id: int) -> None:
    """Delete a revision's rows, to write the same revision anew."""
    db.execute(
        "DELETE FROM vectors WHERE passage_id IN (SELECT id FROM passages WHERE revision_id = ?)",
        (id,),
    )
    for table in ("passages", "removed", "provenance"):
        db.execute(f"DELETE FROM {table} WHERE revision_id = ?", (id,))
    db.execute("DELETE FROM revisions WHERE id = ?", (id,))


def now() -> str:
    """UTC in ISO 8601, to the microsecond, so that revisions sort by age."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
