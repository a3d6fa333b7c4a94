"""Rows written: how the local store changes. Inside a transaction that the caller began.

In SQL by hand: sqlite-utils, which makes the tables, looks each one up anew for every insert.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kb.catalogue import Outcome
from kb.local.catalogue.columns import COLUMNS, to_columns, to_stated
from kb.local.catalogue.rows import as_json, digest, read_edition, read_sources, revision_id
from kb.local.catalogue.sources import read_source
from kb.local.lexical import lexicon
from kb.metadata import Metadata
from kb.records import Document, Edition, Fetch, Provenance

if TYPE_CHECKING:
    from kb.encoder import Matrix


def keep(
    db: sqlite3.Connection,
    edition: Edition,
    encoded: Sequence[str],
    vectors: Matrix,
    generation: int,
) -> Outcome:
    """Make an edition today's revision of its document; see `kb.catalogue.Catalogue.add`.

    `encoded` are the texts that the vectors stand for.
    """
    document = edition.document
    id = revision_id(db, document.key, None)
    before = None if id is None else read_edition(db, id)
    same = _other_sources(before, document)
    for provenance in document.sources:
        detach(db, provenance.uri, besides=document.key)
    retire(db, document.key)
    write_provenance(db, write_edition(db, edition, encoded, vectors, generation), same)
    if before is None:
        return Outcome.ADDED
    return Outcome.UNCHANGED if _says_the_same(before, edition) else Outcome.UPDATED


def _says_the_same(one: Edition, other: Edition) -> bool:
    """Whether two editions differ at most in where and when they were read, and in notes."""
    return one.removed == other.removed and replace(one.document, sources=()) == replace(
        other.document, sources=()
    )


def write_edition(
    db: sqlite3.Connection,
    edition: Edition,
    encoded: Sequence[str],
    vectors: Matrix,
    generation: int,
) -> int:
    """Insert an edition as today's revision, in place of an equal earlier one; gives its row.

    `encoded` are the texts that the vectors stand for. The words are left to `lexicon.keep`.
    """
    document = edition.document
    if (same := revision_id(db, document.key, document.revision)) is not None:
        delete_revision(db, same)
    row = {
        "document": document.key,
        "revision": document.revision,
        **to_columns(document.metadata),
        "text": document.text,
        "external_id": document.external_id,
        "notes": as_json(edition.notes),
        "added_at": now(),
        "current": 1,
    }
    id = db.execute(
        f"INSERT INTO revisions({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
        tuple(row.values()),
    ).lastrowid
    assert isinstance(id, int)
    write_provenance(db, id, document.sources)
    db.executemany(
        'INSERT INTO removed(revision_id, n, text, reason, "after") VALUES (?, ?, ?, ?, ?)',
        ((id, n, gone.text, gone.reason, gone.after) for n, gone in enumerate(edition.removed, 1)),
    )
    db.executemany(
        """INSERT INTO passages(revision_id, ordinal, paragraph, start, "end", text, heading,
               page, page_end, page_label, page_label_end, context, current)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)""",
        (
            (
                id,
                passage.ordinal,
                passage.paragraph,
                passage.span.start,
                passage.span.end,
                passage.text,
                as_json(passage.heading),
                *(passage.pages or (None, None)),
                *(passage.page_labels or (None, None)),
                "\n".join((document.title, *passage.heading)),  # for search by words
            )
            for passage in edition.passages
        ),
    )
    found = db.execute("SELECT id FROM passages WHERE revision_id = ? ORDER BY ordinal", (id,))
    db.executemany(
        "INSERT INTO vectors(passage_id, generation, vector, digest) VALUES (?, ?, ?, ?)",
        (
            (passage_id, generation, vector.tobytes(), digest(text))
            for (passage_id,), vector, text in zip(found.fetchall(), vectors, encoded, strict=True)
        ),
    )
    return id


def write_provenance(db: sqlite3.Connection, id: int, sources: Iterable[Provenance]) -> None:
    """Note sources of a revision, each in place of what was noted of it before."""
    db.executemany(
        """INSERT OR REPLACE INTO provenance(revision_id, uri, sha256, media_type, reader, read_at)
           VALUES (?, ?, ?, ?, ?, ?)""",
        (
            (id, source.uri, source.sha256, source.media_type, source.reader, source.read_at)
            for source in sources
        ),
    )


def write_overrides(db: sqlite3.Connection, key: str, overrides: Metadata) -> None:
    """Keep what a person stated, over what was stated before."""
    db.executemany(
        "INSERT INTO stated(document, field, value) VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET value = excluded.value",
        [(key, *stated) for stated in to_stated(overrides)],
    )


def drop_overrides(db: sqlite3.Connection, key: str, fields: Collection[str]) -> None:
    """Forget what a person stated of these fields."""
    db.executemany(
        "DELETE FROM stated WHERE document = ? AND field = ?",
        [(key, COLUMNS[field]) for field in fields],
    )


def write_fetch(db: sqlite3.Connection, uri: str, fetch: Fetch) -> None:
    """Note how a page was fetched, in place of what was noted of it before."""
    db.execute(
        "INSERT OR REPLACE INTO fetches VALUES (?, ?, ?, ?)",
        (uri, fetch.url, fetch.etag, fetch.modified),
    )


def refuse(db: sqlite3.Connection, source: str, reason: str) -> None:
    """Note a source that was refused, in place of what was noted of it before."""
    sayable = reason.encode("utf-8", "backslashreplace").decode()  # it may quote broken text
    db.execute("INSERT OR REPLACE INTO unread VALUES (?, ?, ?)", (source, sayable, now()))


def _other_sources(before: Edition | None, document: Document) -> list[Provenance]:
    """Today's other sources of a document that hold the same bytes as its new revision's."""
    new = {provenance.sha256 for provenance in document.sources}
    named = {provenance.uri for provenance in document.sources}
    old = () if before is None else before.document.sources
    return [p for p in old if p.sha256 in new and p.uri not in named]


def detach(db: sqlite3.Connection, uri: str, besides: str | None = None) -> None:
    """Take a source from its document; one that has no other source is retired.

    That of the document `besides` stays where it is.
    """
    known = read_source(db, uri)
    if known is None or known[0] == besides:
        return
    id = revision_id(db, known[0], None)
    assert id is not None
    if len(read_sources(db, id)) == 1:
        retire(db, known[0])
        return
    db.execute("DELETE FROM provenance WHERE revision_id = ? AND uri = ?", (id, uri))


def retire(db: sqlite3.Connection, key: str) -> None:
    """Take today's revision of a document out of search; its rows stay."""
    id = revision_id(db, key, None)
    if id is None:
        return
    found = db.execute("SELECT id FROM passages WHERE revision_id = ?", (id,))
    ids = [row[0] for row in found.fetchall()]
    lexicon.forget(db, ids)
    for table in ("vectors", "other_vectors"):
        db.execute(
            f"DELETE FROM {table} WHERE passage_id IN (SELECT value FROM json_each(?))",
            (as_json(ids),),
        )
    db.execute("UPDATE passages SET current = 0 WHERE revision_id = ?", (id,))
    db.execute("UPDATE revisions SET current = 0 WHERE id = ?", (id,))


def delete_revision(db: sqlite3.Connection, id: int) -> None:
    """Delete a revision's rows, to write the same revision anew."""
    for table in ("vectors", "other_vectors"):
        db.execute(
            f"""DELETE FROM {table}
                WHERE passage_id IN (SELECT id FROM passages WHERE revision_id = ?)""",
            (id,),
        )
    for table in ("passages", "removed", "provenance"):
        db.execute(f"DELETE FROM {table} WHERE revision_id = ?", (id,))
    db.execute("DELETE FROM revisions WHERE id = ?", (id,))


def now() -> str:
    """UTC in ISO 8601, to the microsecond, so that revisions sort by age."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
