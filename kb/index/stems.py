"""Texts cut into the words that full-text search knows: folded, without accents, stemmed.

SQLite's own full-text table does it, one in memory: its rules are in no library of Python's.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from threading import Lock

# `unicode61 remove_diacritics 2` cuts and folds, `porter` takes English endings off
TOKENIZER = "porter unicode61 remove_diacritics 2"
_HALF = re.compile("[\x00\ud800-\udfff]")  # half a character is none


class Stemmer:
    """A full-text table that keeps nothing; asked by one thread at a time."""

    def __init__(self) -> None:
        self._db: sqlite3.Connection | None = None
        self._lock = Lock()

    def words(self, texts: Sequence[str]) -> list[list[str]]:
        """The words of each text, in order."""
        with self._lock:
            return self._words(texts)

    def _words(self, texts: Sequence[str]) -> list[list[str]]:
        db = self._db = self._db or _table()
        found: list[list[tuple[int, str]]] = [[] for _ in texts]
        db.execute("BEGIN")
        try:
            db.executemany(
                "INSERT INTO texts(rowid, text) VALUES (?, ?)",
                ((n, _HALF.sub(" ", text)) for n, text in enumerate(texts)),
            )
            for word, n, position in db.execute("SELECT term, doc, offset FROM words"):
                found[n].append((position, word))
        finally:
            db.execute("ROLLBACK")
        return [[word for _, word in sorted(positions)] for positions in found]


def _table() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    # a word longer than 32 KB is cut, perhaps inside a character
    db.text_factory = lambda data: data.decode("utf-8", "replace")
    db.execute(f"CREATE VIRTUAL TABLE texts USING fts5(text, content='', tokenize=\"{TOKENIZER}\")")
    db.execute("CREATE VIRTUAL TABLE words USING fts5vocab(texts, 'instance')")
    return db
