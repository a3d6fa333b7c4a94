"""Write transactions of the local store: all of what is changed inside happens, or none."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from kb.local.catalogue import meta


class Transactions:
    """The transactions of one connection, one generation each; `changed` says if any was kept."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.changed = False
        self._db = db
        self._generation: int | None = None  # that the open one makes

    @contextmanager
    def begin(self) -> Iterator[int]:
        """A transaction; gives its generation. What is added inside has its words numbered.

        One inside another is part of it, and undone by itself when it fails.
        """
        from kb.local.lexical import lexicon

        if self._generation is not None:
            with self._undone("SAVEPOINT inner", "ROLLBACK TO inner", "RELEASE inner"):
                yield self._generation
            return
        try:
            with self._undone("BEGIN IMMEDIATE", "ROLLBACK", "COMMIT"):
                self._generation = meta.read_manifest(self._db).generation + 1
                yield self._generation
                lexicon.keep(self._db, lexicon.unnumbered(self._db, self._generation))
                meta.write_meta(self._db, generation=self._generation)
        finally:
            self._generation = None
        self.changed = True

    @contextmanager
    def _undone(self, begin: str, undo: str, end: str) -> Iterator[None]:
        """What is changed inside, undone when an error comes out of it."""
        self._db.execute(begin)
        try:
            yield
            self._db.execute(end)
        except BaseException:
            if self._db.in_transaction:  # a full disk may have undone it already
                self._db.execute(undo)
            raise
