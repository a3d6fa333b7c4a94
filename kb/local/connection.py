"""A SQLite connection whose errors are the ones that a person can read."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
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
    """The error as one that says what to do next."""
    text = str(error)
    name = getattr(error, "sqlite_errorname", None) or errorcode.get(getattr(error, "errno", 0))
    if name in _FULL:
        return DiskFull(location)
    if name is not None and name.startswith("SQLITE_IOERR"):
        return StoreError(f"{location}: the disk cannot be read or written ({text}). Check it.")
    if "locked" in text or "busy" in text:
        return StoreLocked(location)
    if "readonly" in text or name == "EROFS" or isinstance(error, PermissionError):
        return StoreReadOnly(
            f"{location}: this folder may not be written. Change its permissions, or name "
            "another knowledge base with --kb."
        )
    if "unable to open" in text:
        return StoreReadOnly(
            f"{location / FILE}: cannot be opened. Check that you may read it and its folder."
        )
    if isinstance(error, OSError):
        return StoreError(f"{location}: {error.strerror or text}. Name another folder with --kb.")
    return StoreDamaged(location, text)


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
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                raise
            raise translated(error, self.connection.location) from error

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
