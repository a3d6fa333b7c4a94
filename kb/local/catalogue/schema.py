"""The database's shape, as a history of small named migrations.

The format number of a store (`PRAGMA user_version`) is how many of them it has seen. Old ones
are never edited: a change of shape is a new function at the end.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("kb")


@migrations()
def keep_revisions(db: Database) -> None:
    """Documents in revisions, where they came from, what was left out, what a person said."""
    db.table("meta").create({"name": str, "value": str}, pk="name")
    db.table("revisions").create(
        {
            "id": int,
            "document": str,
            "revision": str,
            "title": str,
            "text": str,
            "authors": str,
            "published": str,
            "publisher": str,
            "language": str,
            "url": str,
            "tags": str,
            "external_id": str,
            "added_at": str,
            "current": int,
        },
        pk="id",
        not_null={"document", "revision", "title", "text", "added_at", "current"},
    )
    db.table("revisions").create_index(["document", "revision"], unique=True)
    db.table("provenance").create(
        {
            "revision_id": int,
            "uri": str,
            "sha256": str,
            "media_type": str,
            "reader": str,
            "read_at": str,
        },
        pk=("revision_id", "uri"),
        foreign_keys=[("revision_id", "revisions", "id")],
    )
    db.table("provenance").create_index(["uri"])
    db.table("provenance").create_index(["sha256"])
    db.table("removed").create(
        {"revision_id": int, "n": int, "text": str, "reason": str, "after": int},
        pk=("revision_id", "n"),
        foreign_keys=[("revision_id", "revisions", "id")],
    )
    db.table("stated").create(
        {"document": str, "field": str, "value": str}, pk=("document", "field")
    )
    db.table("taken_back").create({"document": str, "digest": str}, pk=("document", "digest"))


_TRIGGERS = {
    "passages_added": """CREATE TRIGGER passages_added AFTER INSERT ON passages
        WHEN new.current BEGIN
            INSERT INTO passages_fts(rowid, context, text) VALUES (new.id, new.context, new.text);
        END""",
    "passages_gone": """CREATE TRIGGER passages_gone AFTER DELETE ON passages
        WHEN old.current BEGIN
            INSERT INTO passages_fts(passages_fts, rowid, context, text)
                VALUES ('delete', old.id, old.context, old.text);
        END""",
    "passages_changed": """CREATE TRIGGER passages_changed AFTER UPDATE ON passages BEGIN
            INSERT INTO passages_fts(passages_fts, rowid, context, text)
                SELECT 'delete', old.id, old.context, old.text WHERE old.current;
            INSERT INTO passages_fts(rowid, context, text)
                SELECT new.id, new.context, new.text WHERE new.current;
        END""",
}


@migrations()
def keep_passages(db: Database) -> None:
    """Passages, their vectors and their full-text entries.

    AUTOINCREMENT, so that an id is never given twice and an older index can never name a newer
    passage. Only passages of today's revisions are `current` and have a full-text entry: the
    view feeds FTS5's `rebuild` and integrity check, the triggers keep it in step.
    """
    db.execute(
        """CREATE TABLE passages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            revision_id INTEGER NOT NULL REFERENCES revisions(id),
            ordinal INTEGER NOT NULL,
            paragraph INTEGER NOT NULL,
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            text TEXT NOT NULL,
            heading TEXT NOT NULL,
            page INTEGER, page_end INTEGER, page_label TEXT, page_label_end TEXT,
            context TEXT NOT NULL,
            current INTEGER NOT NULL
        )"""
    )
    db.execute("CREATE UNIQUE INDEX passages_place ON passages(revision_id, ordinal)")
    db.execute(
        """CREATE TABLE vectors (
            passage_id INTEGER PRIMARY KEY REFERENCES passages(id),
            generation INTEGER NOT NULL,
            vector BLOB NOT NULL
        )"""
    )
    db.execute("CREATE INDEX vectors_generation ON vectors(generation)")
    db.execute(
        "CREATE VIEW passages_current AS SELECT id, context, text FROM passages WHERE current"
    )
    db.execute(
        """CREATE VIRTUAL TABLE passages_fts USING fts5(
            context, text, content='passages_current', content_rowid='id',
            tokenize="porter unicode61 remove_diacritics 2"
        )"""
    )
    for statement in _TRIGGERS.values():
        db.execute(statement)


@migrations()
def know_encoded_texts(db: Database) -> None:
    """Beside each vector the digest of the text that it stands for, so that none is made twice.

    Vectors that were there before have none; their texts are encoded once more when they return.
    """
    db.execute("ALTER TABLE vectors ADD COLUMN digest TEXT")
    db.execute("CREATE INDEX vectors_digest ON vectors(digest)")


@migrations()
def number_words(db: Database) -> None:
    """Words by number, with how many passages hold each, in place of FTS5's own table.

    FTS5 scores every row that matches any word; see `kb.local.lexical.lexicon`.
    """
    from kb.local.lexical import lexicon

    for name in _TRIGGERS:
        db.execute(f"DROP TRIGGER IF EXISTS {name}")
    db.execute("DROP TABLE passages_fts")
    db.execute("DROP VIEW passages_current")
    db.execute(
        """CREATE TABLE terms (
            id INTEGER PRIMARY KEY, term TEXT NOT NULL UNIQUE, rows INTEGER NOT NULL
        )"""
    )
    db.execute(
        """CREATE TABLE words (
            passage_id INTEGER PRIMARY KEY REFERENCES passages(id), numbers BLOB NOT NULL
        )"""
    )
    lexicon.remake(db.conn)


@migrations()
def keep_receipts(db: Database) -> None:
    """What readers met in a document, and the sources that were refused."""
    db.execute("ALTER TABLE revisions ADD COLUMN notes TEXT NOT NULL DEFAULT '[]'")
    db.execute(
        """CREATE TABLE unread (
            source TEXT PRIMARY KEY, reason TEXT NOT NULL, tried_at TEXT NOT NULL
        )"""
    )


@migrations()
def keep_fetches(db: Database) -> None:
    """How pages were fetched, so that one that did not change is not sent again."""
    db.execute(
        """CREATE TABLE fetches (
            uri TEXT PRIMARY KEY, url TEXT NOT NULL, etag TEXT, modified TEXT
        )"""
    )


@migrations()
def make_room_for_other_models(db: Database) -> None:
    """Vectors of other models than the one in use, so that one can be made ready meanwhile.

    `vectors` stays what is searched; here a passage may have one of each further model.
    """
    db.execute(
        """CREATE TABLE other_vectors (
            fingerprint TEXT NOT NULL,
            passage_id INTEGER NOT NULL REFERENCES passages(id),
            vector BLOB NOT NULL,
            digest TEXT,
            PRIMARY KEY (fingerprint, passage_id)
        )"""
    )
    db.execute("CREATE INDEX other_vectors_passage ON other_vectors(passage_id)")


def migrate(db: Database, format: int) -> None:
    """Bring a database to `format`, all migrations in order."""
    migrations.apply(db)
    db.execute(f"PRAGMA user_version = {format:d}")


def altered(db: sqlite3.Connection) -> str | None:
    """A table that lacks columns or keys of those that its format has; None: there is none."""
    made = Database(memory=True, execute_plugins=False)
    try:
        names = [migration.name for migration in migrations.pending(made)]
        migrations.apply(made, stop_before=names[db.execute("PRAGMA user_version").fetchone()[0] :])
        missing = _columns(made.conn) - _columns(db)
    finally:
        made.close()
    return min(table for table, *_ in missing) if missing else None


def _columns(db: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """Table, column, and its place in the key or what it refers to; not of libraries' tables."""
    found = db.execute(
        """WITH t AS (
               SELECT name FROM sqlite_master WHERE type = 'table'
               AND name NOT LIKE '%migrations' AND name NOT LIKE 'passages_fts%'
           )
           SELECT t.name, c.name, c.pk FROM t JOIN pragma_table_info(t.name) c
           UNION SELECT t.name, k."from", k."table" || '.' || k."to"
               FROM t JOIN pragma_foreign_key_list(t.name) k"""
    )
    return set(found.fetchall())
