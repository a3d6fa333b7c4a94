"""Rows read: documents, revisions and passages as the SQL finds them, one function a question.

The standard library alone: a question should not wait for more to be imported.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from kb.local.catalogue.columns import NAMES, from_columns
from kb.metadata import Metadata
from kb.records import Document, Edition, Entry, Passage, Provenance, Removed, Span

PINNED = "r.document || '@' || r.revision || '#' || p.ordinal"  # of a passage p of a revision r
_PASSAGE = """p.ordinal, p.paragraph, p.start, p."end", p.text, p.heading,
    p.page, p.page_end, p.page_label, p.page_label_end"""


def read_entries(db: sqlite3.Connection, key: str | None = None) -> list[Entry]:
    """The catalogue lines of today's documents, by key; of one document when `key` is given."""
    # by the index on documents, which an OR in one condition for both would not use
    these, values = ("r.current", []) if key is None else ("r.current AND r.document = ?", [key])
    return list(_entries(db, these, values).values())


def _entries(db: sqlite3.Connection, these: str, values: Sequence[Any]) -> dict[int, Entry]:
    """The catalogue lines of some revisions, by row, in the order of their keys."""
    sources: dict[int, list[Provenance]] = {}
    for id, *fields in db.execute(
        f"""SELECT revision_id, uri, sha256, media_type, reader, read_at
            FROM provenance JOIN revisions r ON r.id = revision_id
            WHERE {these} ORDER BY revision_id, uri""",
        values,
    ):
        sources.setdefault(id, []).append(Provenance(*fields))
    rows = db.execute(
        f"""SELECT id, document, revision, added_at,
                (SELECT count(*) FROM passages WHERE revision_id = r.id), external_id, notes,
                {NAMES}
            FROM revisions r WHERE {these} ORDER BY document""",
        values,
    )
    return {
        id: Entry(
            document=document,
            revision=revision,
            metadata=from_columns(metadata),
            sources=tuple(sources.get(id, ())),
            passages=passages,
            ingested_at=added_at,
            external_id=external_id,
            notes=tuple(json.loads(notes)),
        )
        for id, document, revision, added_at, passages, external_id, notes, *metadata in rows
    }


def read_all_metadata(db: sqlite3.Connection) -> Iterator[tuple[int, str, Metadata]]:
    """Row, key and metadata of each of today's revisions."""
    rows = db.execute(f"SELECT id, document, {NAMES} FROM revisions WHERE current")
    for id, key, *metadata in rows:
        yield id, key, from_columns(metadata)


def revision_id(db: sqlite3.Connection, key: str, revision: str | None) -> int | None:
    """The row of today's revision, or of the named one."""
    if revision is None:
        sql, values = "document = ? AND current", [key]
    else:
        sql, values = "document = ? AND revision = ?", [key, revision]
    row = db.execute(f"SELECT id FROM revisions WHERE {sql}", values).fetchone()
    return int(row[0]) if row else None


def read_sources(db: sqlite3.Connection, id: int) -> list[Provenance]:
    """The sources of a revision, by where they are."""
    rows = db.execute(
        """SELECT uri, sha256, media_type, reader, read_at FROM provenance
           WHERE revision_id = ? ORDER BY uri""",
        (id,),
    )
    return [Provenance(*row) for row in rows]


def read_edition(db: sqlite3.Connection, id: int) -> Edition:
    """A revision whole: document, passages in order, what was left out."""
    key, revision, text, external_id, notes, *metadata = db.execute(
        f"""SELECT document, revision, text, external_id, notes, {NAMES}
            FROM revisions WHERE id = ?""",
        (id,),
    ).fetchone()
    document = Document(
        key=key,
        revision=revision,
        metadata=from_columns(metadata),
        text=text,
        sources=tuple(read_sources(db, id)),
        external_id=external_id,
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


def read_passages(db: sqlite3.Connection, ids: Collection[int]) -> dict[int, tuple[Passage, Entry]]:
    """Those of these passages that are of today's revisions, each with the line of its document."""
    rows = db.execute(
        f"""SELECT p.id, r.id, r.document, r.revision, {_PASSAGE} FROM passages p
            JOIN revisions r ON r.id = p.revision_id
            WHERE p.id IN (SELECT value FROM json_each(?)) AND r.current""",
        (as_json(ids),),
    ).fetchall()
    revisions = as_json({revision for _, revision, *_ in rows})
    entries = _entries(db, "r.id IN (SELECT value FROM json_each(?))", [revisions])
    return {id: (_passage(*row), entries[revision]) for id, revision, *row in rows}


def read_neighbours(
    db: sqlite3.Connection, passage: Passage, count: int
) -> tuple[tuple[Passage, ...], tuple[Passage, ...]]:
    """Up to `count` passages before and after a passage, in the order of its revision."""
    key, revision, here = passage.document, passage.revision, passage.ordinal
    rows = db.execute(
        f"""SELECT {_PASSAGE} FROM passages p JOIN revisions r ON r.id = p.revision_id
            WHERE r.document = ? AND r.revision = ? AND p.ordinal BETWEEN ? AND ?
            ORDER BY p.ordinal""",
        (key, revision, here - count, here + count),
    )
    near = [_passage(key, revision, *row) for row in rows]
    return (
        tuple(one for one in near if one.ordinal < here),
        tuple(one for one in near if one.ordinal > here),
    )


def read_texts(db: sqlite3.Connection, ids: Collection[int]) -> list[str]:
    """The texts of these passages, by id."""
    rows = db.execute(
        "SELECT text FROM passages WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (as_json(ids),),
    )
    return [row[0] for row in rows]


def digest(text: str) -> str:
    """What an encoded text is known by: half of its SHA-256, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


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
