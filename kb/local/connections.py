"""Who reads a knowledge base, and through which connection: a thread each its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, local


class Connections:
    """Connections to one database, opened when a thread first asks.

    A read sees one state of the whole database and ends with the call: nobody who holds a knowledge
    base open to read keeps a writer from clearing its log.
    """

    def __init__(self, first: sqlite3.Connection, open: Callable[[], sqlite3.Connection]) -> None:
        """`first` is the calling thread's; `open` makes one for another thread."""
        self._open = open
        self._mine = local()
        self._mine.db = first
        self._every = [first]
        self._lock = Lock()

    @property
    def db(self) -> sqlite3.Connection:
        """The calling thread's connection."""
        db: sqlite3.Connection | None = getattr(self._mine, "db", None)
        if db is None:
            db = self._mine.db = self._open()
            with self._lock:
                self._every.append(db)
        return db

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The calling thread's connection, on one state of the database for as long."""
        db = self.db
        if db.in_transaction:  # one that the caller began
            yield db
            return
        db.execute("BEGIN")
        try:
            yield db
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")

    def close(self) -> None:
        """Close them all."""
        with self._lock:
            for db in self._every:
                db.close()
            self._every.clear()
