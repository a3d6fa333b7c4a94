"""A SQLite connection whose errors are the ones that a person can read."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from errno import errorcode
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from kb.errors import (
    BadUsage,
    DiskFull,
    KBError,
    StoreDamaged,
    StoreError,
    StoreLocked,
    StoreReadOnly,
)
from kb.local.permissions import new_file

FORMAT = 7  # the number of migrations in schema.py that this kb knows
FILE = "kb.sqlite3"

# no space, beyond a quota, beyond a limit on a file's size: SQLite names these by what failed
_FULL = frozenset(
    ["ENOSPC", "EDQUOT", "EFBIG", "SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE"]
)

# what SQLite says of files, disks and other processes; all else it says of what it was asked
_OUTSIDE = tuple(
    f"SQLITE_{name}"
    for name in "CORRUPT NOTADB IOERR FULL BUSY LOCKED PROTOCOL READONLY PERM CANTOPEN".split()
)

P = ParamSpec("P")
R = TypeVar("R")


def connect(location: Path, *, write: bool) -> sqlite3.Connection:
    """The database of a knowledge base; read-only unless `write`. No transaction is open.

    Transactions are begun by hand (`BEGIN IMMEDIATE`): a deferred one can fail half way.
    """
    path = location / FILE
    mode = "rw" if write else "ro"
    if (
        not write
        and not os.access(location, os.W_OK)
        and not path.with_name(f"{FILE}-wal").exists()
    ):
        mode = "ro&immutable=1"  # nobody can write there, and SQLite may not make its -shm file
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    try:
        if write and not path.exists():
            new_file(path).close()  # SQLite gives its other files the mode of this one
        connection = sqlite3.connect(
            uri,
            uri=True,
            isolation_level=None,
            timeout=10,
            check_same_thread=False,  # one thread uses it, another may close it
            factory=_Connection,
        )
    except (sqlite3.Error, OSError) as error:
        raise translated(error, location) from error
    connection.location = location
    connection.execute("PRAGMA cache_size = -65536")  # KiB; a question reads some 4 MB of rows
    return connection


def prepare_to_write(connection: sqlite3.Connection) -> None:
    """Set what a writer needs; this changes a database that is not ours, so look at it first."""
    connection.execute("PRAGMA page_size = 8192")  # five vectors of 384 float32 fill a page
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cache_size = -4096")  # KiB; beyond it the system's own cache serves


def translated(error: BaseException, location: Path) -> KBError:
    """An error of the disk, the files or another process as one that says what to do next."""
    text = str(error)
    name = getattr(error, "sqlite_errorname", None) or errorcode.get(getattr(error, "errno", 0), "")
    if name in _FULL:
        return DiskFull(location)
    if name.startswith("SQLITE_IOERR"):
        return StoreError(f"{location}: the disk cannot be read or written ({text}). Check it.")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")):
        return StoreLocked(location)
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "EROFS", "EACCES", "EPERM")):
        return StoreReadOnly(
            f"{location}: this folder may not be written. Change its permissions, or name "
            "another knowledge base with --kb."
        )
    if name.startswith("SQLITE_CANTOPEN"):
        return StoreReadOnly(
            f"{location / FILE}: cannot be opened. Check that you may read it and its folder."
        )
    if isinstance(error, OSError):
        return StoreError(f"{location}: {error.strerror or text}. Name another folder with --kb.")
    return StoreDamaged(location, text)


def _from_outside(error: sqlite3.DatabaseError, db: _Connection) -> KBError | None:
    """The error as one that says what to do next; None when it is kb that asked wrongly.

    SQLite has one code, SQLITE_ERROR, for what does not fit the tables: then these are looked at.
    """
    name = getattr(error, "sqlite_errorname", None)
    if name is None:  # from the sqlite3 module itself: a text that is no UTF-8, or a wrong call
        undecodable = isinstance(error, sqlite3.OperationalError)
        return StoreDamaged(db.location, str(error)) if undecodable else None
    if name.startswith(_OUTSIDE):
        return translated(error, db.location)
    if name != "SQLITE_ERROR":
        return None
    if "unsupported file format" in str(error):
        return StoreDamaged(db.location, str(error))
    table = _altered(db.location)
    return StoreDamaged(db.location, f"its table {table} is not as kb made it") if table else None


def _altered(location: Path) -> str | None:
    """A table of the database, as it stands on the disk, that is not as kb makes it; None: none."""
    from kb.local.catalogue.schema import altered

    path = (location / FILE).absolute()
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            db.text_factory = lambda name: name.decode("utf-8", "replace")
            return altered(db)
    except sqlite3.Error:
        return None


class _Cursor(sqlite3.Cursor):
    connection: _Connection

    def _guard(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return call(*args, **kwargs)
        except UnicodeEncodeError as error:
            raise BadUsage(
                f"{error.object[error.start :][:20]!a}: half a character (a lone surrogate), "
                "which no file can hold. Write it anew."
            ) from error
        except UnicodeDecodeError as error:  # in SQLite's message, which quotes what is damaged
            raise StoreDamaged(self.connection.location, error.reason) from error
        except sqlite3.DatabaseError as error:
            if (outside := _from_outside(error, self.connection)) is None:
                raise
            raise outside from error

    def execute(self, *args: Any) -> _Cursor:
        return self._guard(super().execute, *args)

    def executemany(self, *args: Any) -> _Cursor:
        return self._guard(super().executemany, *args)

    def fetchone(self) -> Any:
        return self._guard(super().fetchone)

    def fetchmany(self, *args: Any) -> list[Any]:
        return self._guard(super().fetchmany, *args)

    def fetchall(self) -> list[Any]:
        return self._guard(super().fetchall)

    def __next__(self) -> Any:
        return self._guard(super().__next__)


class _Connection(sqlite3.Connection):
    location: Path

    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(factory or _Cursor)

    # sqlite3's own two make a plain cursor, whose errors nobody translates

    def execute(self, *args: Any) -> Any:
        return self.cursor().execute(*args)

    def executemany(self, *args: Any) -> Any:
        return self.cursor().executemany(*args)
