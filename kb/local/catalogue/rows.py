"""Rows read: the SQL that answers the local store's questions, one function each.

The standard library alone: a question should not wait for more to be imported.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from kb.encoders import PRECISION
from kb.records import (
    Document,
    Edition,
    Entry,
    Fetch,
    Manifest,
    Passage,
    Provenance,
    Removed,
    Span,
    Stated,
    Unread,
)

PINNED = "r.document || '@' || r.revision || '#' || p.ordinal"  # of a passage p of a revision r
_METADATA = (
    "title, authors, published, publisher, language, url, tags, external_id"  # of a revision
)
_PASSAGE = """p.ordinal, p.paragraph, p.start, p."end", p.text, p.heading,
    p.page, p.page_end, p.page_label, p.page_label_end"""


# What is kept


def read_manifest(db: sqlite3.Connection) -> Manifest:
    """The store's own description."""
    meta = dict(db.execute("SELECT name, value FROM meta").fetchall())
    dimension = meta.get("dimension")
    return Manifest(
        format=db.execute("PRAGMA user_version").fetchone()[0],
        model=meta["model"],
        precision=meta.get("precision", PRECISION),
        fingerprint=meta.get("fingerprint"),
        dimension=int(dimension) if dimension else None,
        generation=int(meta.get("generation", 0)),
    )


def read_index(db: sqlite3.Connection) -> str | None:
    """The digest of the label of the index that was built from these rows."""
    row = db.execute("SELECT value FROM meta WHERE name = 'index'").fetchone()
    return row[0] if row else None


def read_words(db: sqlite3.Connection) -> str | None:
    """The label of the words' index file that was built from these rows."""
    row = db.execute("SELECT value FROM meta WHERE name = 'words'").fetchone()
    return row[0] if row else None


def read_entries(db: sqlite3.Connection, key: str | None = None) -> list[Entry]:
    """The catalogue lines of today's documents, by key; of one document when `key` is given."""
    # by the index on documents, which an OR in one condition for both would not use
    these, values = ("", []) if key is None else ("AND r.document = ?", [key])
    sources: dict[int, list[Provenance]] = {}
    for id, *fields in db.execute(
        f"""SELECT revision_id, uri, sha256, media_type, reader, read_at
            FROM provenance JOIN revisions r ON r.id = revision_id
            WHERE r.current {these} ORDER BY revision_id, uri""",
        values,
    ):
        sources.setdefault(id, []).append(Provenance(*fields))
    rows = db.execute(
        f"""SELECT id, document, revision, added_at,
                (SELECT count(*) FROM passages WHERE revision_id = r.id), notes, {_METADATA}
            FROM revisions r WHERE current {these} ORDER BY document""",
        values,
    )
    return [
        Entry(
            document=document,
            revision=revision,
            sources=tuple(sources.get(id, ())),
            passages=passages,
            ingested_at=added_at,
            notes=tuple(json.loads(notes)),
            **_metadata(metadata),
        )
        for id, document, revision, added_at, passages, notes, *metadata in rows
    ]


def revision_id(db: sqlite3.Connection, key: str, revision: str | None) -> int | None:
    """The row of today's revision, or of the named one."""
    if revision is None:
        sql, values = "document = ? AND current", [key]
    else:
        sql, values = "document = ? AND revision = ?", [key, revision]
    row = db.execute(f"SELECT id FROM revisions WHERE {sql}", values).fetchone()
    return int(row[0]) if row else None


def read_source(db: sqlite3.Connection, uri: str) -> tuple[str, Provenance] | None:
    """Key and provenance of today's document from a source."""
    row = db.execute(
        """SELECT document, uri, sha256, media_type, reader, read_at
           FROM provenance JOIN revisions r ON r.id = revision_id WHERE uri = ? AND r.current""",
        (uri,),
    ).fetchone()
    return (row[0], Provenance(*row[1:])) if row else None


def read_sources(db: sqlite3.Connection, id: int) -> list[Provenance]:
    """The sources of a revision, by where they are."""
    rows = db.execute(
        """SELECT uri, sha256, media_type, reader, read_at FROM provenance
           WHERE revision_id = ? ORDER BY uri""",
        (id,),
    )
    return [Provenance(*row) for row in rows]


def sources(db: sqlite3.Connection, prefix: str) -> Iterator[tuple[str, str]]:
    """Sources that begin so and the keys of today's documents from them, by source."""
    return db.execute(
        """SELECT uri, document FROM provenance JOIN revisions r ON r.id = revision_id
           WHERE substr(uri, 1, length(?1)) = ?1 AND r.current ORDER BY uri""",
        (prefix,),
    )


def holder(db: sqlite3.Connection, sha256: str, reader_name: str) -> str | None:
    """Key of today's document that a reader made from these bytes."""
    row = db.execute(
        """SELECT document FROM provenance JOIN revisions r ON r.id = revision_id
           WHERE sha256 = ? AND instr(reader, ? || ' ') = 1 AND r.current ORDER BY document""",
        (sha256, reader_name),
    ).fetchone()
    return row[0] if row else None


def former(db: sqlite3.Connection, uri: str) -> str | None:
    """Key that the latest document from a source bore."""
    row = db.execute(
        """SELECT document FROM provenance JOIN revisions r ON r.id = revision_id
           WHERE uri = ? ORDER BY r.added_at DESC""",
        (uri,),
    ).fetchone()
    return row[0] if row else None


def revisions_of(db: sqlite3.Connection, key: str) -> list[str]:
    """All revisions of a document, the newest first."""
    rows = db.execute(
        "SELECT revision FROM revisions WHERE document = ? ORDER BY added_at DESC, id DESC", (key,)
    )
    return [row[0] for row in rows]


def read_edition(db: sqlite3.Connection, id: int) -> Edition:
    """A revision whole: document, passages in order, what was left out."""
    key, revision, text, notes, *metadata = db.execute(
        f"SELECT document, revision, text, notes, {_METADATA} FROM revisions WHERE id = ?", (id,)
    ).fetchone()
    document = Document(
        key=key,
        revision=revision,
        text=text,
        sources=tuple(read_sources(db, id)),
        **_metadata(metadata),
    )
    passages = db.execute(
        f"SELECT {_PASSAGE} FROM passages p WHERE revision_id = ? ORDER BY ordinal", (id,)
    )
    removed = db.execute(
        'SELECT text, reason, "after" FROM removed WHERE revision_id = ? ORDER BY n', (id,)
    )
    return Edition(
        document,
        tuple(_passage(key, revision, *row) for row in passages),
        tuple(Removed(*row) for row in removed),
        tuple(json.loads(notes)),
    )


def read_passage(db: sqlite3.Connection, id: int, ordinal: int) -> Passage | None:
    """One passage of a revision."""
    row = db.execute(
        f"""SELECT r.document, r.revision, {_PASSAGE} FROM passages p
            JOIN revisions r ON r.id = p.revision_id WHERE r.id = ? AND p.ordinal = ?""",
        (id, ordinal),
    ).fetchone()
    return _passage(*row) if row else None


def read_passages(db: sqlite3.Connection, ids: Sequence[int]) -> list[Passage]:
    """The passages of these ids, in their order."""
    rows = db.execute(
        f"""SELECT p.id, r.document, r.revision, {_PASSAGE} FROM passages p
            JOIN revisions r ON r.id = p.revision_id
            WHERE p.id IN (SELECT value FROM json_each(?))""",
        (as_json(ids),),
    )
    found = {id: _passage(*row) for id, *row in rows}
    return [found[id] for id in ids]


def read_fetch(db: sqlite3.Connection, uri: str) -> Fetch | None:
    """How the page at a web address was fetched."""
    row = db.execute("SELECT url, etag, modified FROM fetches WHERE uri = ?", (uri,)).fetchone()
    return Fetch(*row) if row else None


def read_unread(db: sqlite3.Connection) -> list[Unread]:
    """The sources that were refused and did not come in since, by name and number of the line."""
    rows = db.execute("SELECT source, reason, tried_at FROM unread")
    return sorted((Unread(*row) for row in rows), key=lambda one: _line_of(one.source))


def _line_of(source: str) -> tuple[str, int]:
    """A source's file, and which line of it, so that line 9 comes before line 10."""
    found = re.fullmatch(r"(.*) line ([0-9]{1,9})", source, re.S)
    return (found[1], int(found[2])) if found else (source, 0)


def read_stated(db: sqlite3.Connection, key: str) -> Stated:
    """What a person stated about a document."""
    rows = db.execute("SELECT field, value FROM stated WHERE document = ?", (key,))
    said: dict[str, Any] = {}
    for field, value in rows:
        decoded = json.loads(value)
        said[field] = tuple(decoded) if isinstance(decoded, list) else decoded
    return Stated(**said)


def digest(text: str) -> str:
    """What an encoded text is known by: half of its SHA-256, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _metadata(row: Sequence[Any]) -> dict[str, Any]:
    title, authors, published, publisher, language, url, tags, external_id = row
    return {
        "title": title,
        "authors": tuple(json.loads(authors)),
        "published": published,
        "publisher": publisher,
        "language": language,
        "url": url,
        "tags": tuple(json.loads(tags)),
        "external_id": external_id,
    }


def _passage(
    key: str,
    revision: str,
    ordinal: int,
    paragraph: int,
    start: int,
    end: int,
    text: str,
    heading: str,
    *pages: Any,
) -> Passage:
    page, page_end, label, label_end = pages
    return Passage(
        document=key,
        revision=revision,
        ordinal=ordinal,
        paragraph=paragraph,
        span=Span(start, end),
        text=text,
        heading=tuple(json.loads(heading)),
        pages=None if page is None else (page, page_end),
        page_labels=None if label is None else (label, label_end),
    )


def as_json(value: object) -> str:
    """JSON of a value, collections as lists."""
    if isinstance(value, Collection) and not isinstance(value, str):
        value = list(value)
    return json.dumps(value, ensure_ascii=False)
