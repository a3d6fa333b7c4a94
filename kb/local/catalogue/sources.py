"""Where documents came from, in rows: sources, fetches, refusals, and what people stated of them.

The standard library alone: a question should not wait for more to be imported.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence

from kb.catalogue import DocumentState, SourceState
from kb.local.catalogue.columns import from_stated
from kb.local.catalogue.rows import as_json
from kb.metadata import Metadata
from kb.records import Fetch, Provenance, Refusal

PIECE = 1_000  # sources that are read at once
_PROVENANCE = "uri, sha256, media_type, reader, read_at"


def read_source(db: sqlite3.Connection, uri: str) -> tuple[str, Provenance] | None:
    """Key and provenance of today's document from a source."""
    row = db.execute(
        f"""SELECT document, {_PROVENANCE}
            FROM provenance JOIN revisions r ON r.id = revision_id WHERE uri = ? AND r.current""",
        (uri,),
    ).fetchone()
    return (row[0], Provenance(*row[1:])) if row else None


def sources_of(db: sqlite3.Connection, key: str) -> tuple[Provenance, ...]:
    """The sources of today's revision of a document; none when there is none."""
    rows = db.execute(
        f"""SELECT {_PROVENANCE} FROM provenance JOIN revisions r ON r.id = revision_id
            WHERE r.document = ? AND r.current ORDER BY uri""",
        (key,),
    )
    return tuple(Provenance(*row) for row in rows)


def sources_below(db: sqlite3.Connection, prefix: str) -> Iterator[tuple[str, str]]:
    """Sources that begin so and the keys of today's documents from them, by source.

    Read in pieces, each a query of its own: whoever stops half way holds up no writer.
    """
    last = ""
    while True:
        some = db.execute(
            """SELECT uri, document FROM provenance JOIN revisions r ON r.id = revision_id
               WHERE uri > ?2 AND uri >= ?1 AND substr(uri, 1, length(?1)) = ?1 AND r.current
               ORDER BY uri LIMIT ?3""",
            (prefix, last, PIECE),
        ).fetchall()
        yield from some
        if len(some) < PIECE:
            return
        last = some[-1][0]


def source_state(db: sqlite3.Connection, uri: str, sha256: str, reader_name: str) -> SourceState:
    """What is known of a source that holds these bytes."""
    twin = db.execute(
        """SELECT document FROM provenance JOIN revisions r ON r.id = revision_id
           WHERE sha256 = ? AND instr(reader, ? || ' ') = 1 AND r.current ORDER BY document""",
        (sha256, reader_name),
    ).fetchone()
    latest = db.execute(
        """SELECT document, r.current FROM provenance JOIN revisions r ON r.id = revision_id
           WHERE uri = ? ORDER BY r.current DESC, r.added_at DESC""",
        (uri,),
    ).fetchone()
    fetch = db.execute("SELECT url, etag, modified FROM fetches WHERE uri = ?", (uri,)).fetchone()
    state = None if latest is None else document_state(db, latest[0])
    return SourceState(
        twin=document_state(db, twin[0]) if twin else None,
        kept=state if latest and latest[1] else None,
        former=state if latest and not latest[1] else None,
        fetch=Fetch(*fetch) if fetch else None,
    )


def document_state(db: sqlite3.Connection, key: str) -> DocumentState:
    """How a document stands today."""
    restored = db.execute("SELECT digest FROM taken_back WHERE document = ?", (key,))
    return DocumentState(
        key,
        sources_of(db, key),
        read_overrides(db, key),
        frozenset(row[0] for row in restored),
    )


def read_overrides(db: sqlite3.Connection, key: str) -> Metadata:
    """What a person stated about a document."""
    rows = db.execute("SELECT field, value FROM stated WHERE document = ?", (key,))
    return from_stated(rows)


def fetches(db: sqlite3.Connection) -> dict[str, Fetch]:
    """How the pages that are kept today were fetched, by their addresses."""
    rows = db.execute(
        """SELECT DISTINCT f.uri, f.url, f.etag, f.modified FROM fetches f
           JOIN provenance p ON p.uri = f.uri
           JOIN revisions r ON r.id = p.revision_id WHERE r.current"""
    )
    return {uri: Fetch(*row) for uri, *row in rows}


def free_key(db: sqlite3.Connection, keys: Sequence[str]) -> str:
    """The first of these keys that no document bears or bore."""
    rows = db.execute(
        "SELECT document FROM revisions WHERE document IN (SELECT value FROM json_each(?))",
        (as_json(keys),),
    )
    taken = {row[0] for row in rows}
    return next(key for key in keys if key not in taken)


def revisions_of(db: sqlite3.Connection, key: str) -> list[str]:
    """All revisions of a document, the newest first."""
    rows = db.execute(
        "SELECT revision FROM revisions WHERE document = ? ORDER BY added_at DESC, id DESC", (key,)
    )
    return [row[0] for row in rows]


def read_refusals(db: sqlite3.Connection) -> list[Refusal]:
    """The sources that were refused and did not come in since, by name and number of the line."""
    rows = db.execute("SELECT source, reason, tried_at FROM unread")
    return sorted((Refusal(*row) for row in rows), key=lambda one: _line_of(one.source))


def _line_of(source: str) -> tuple[str, int]:
    """A source's file, and which line of it, so that line 9 comes before line 10."""
    found = re.fullmatch(r"(.*) line ([0-9]{1,9})", source, re.S)
    return (found[1], int(found[2])) if found else (source, 0)
