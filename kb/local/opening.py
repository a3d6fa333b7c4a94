"""What stands at a location: is it a knowledge base, may it be written, is it ours?"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import StoreDamaged, StoreError, StoreLocked, StoreMissing, StoreTooNew
from kb.local.catalogue import originals
from kb.local.connection import FILE, FORMAT, translated
from kb.local.permissions import file_mode, own_folder

if TYPE_CHECKING:
    from filelock import FileLock

LOCK = "kb.lock"


def refuse_foreign(location: Path) -> None:
    """StoreError when a new knowledge base would spread its files among others."""
    if location.is_file():
        raise StoreError(f"{location}: this is a file; a knowledge base is a folder.")
    try:
        others = {path.name for path in location.iterdir()} if location.is_dir() else set()
    except OSError as error:
        raise translated(error, location) from error
    if others - {LOCK}:
        raise StoreError(
            f"{location}: this folder holds other files and no knowledge base. "
            f"Name an empty or new folder, such as {location / '.kb'}."
        )


def lock(location: Path, *, make: bool) -> FileLock:
    """The writer's lock, held; StoreLocked when another process holds it. `make` the folder."""
    from filelock import FileLock, Timeout

    try:
        if make and not (location / FILE).exists():
            own_folder(location)
        held = FileLock(location / LOCK, mode=file_mode(location))
        held.acquire(timeout=0)
    except Timeout as error:
        raise StoreLocked(location) from error
    except OSError as error:
        raise translated(error, location) from error
    return held


def check_format(location: Path, db: sqlite3.Connection, *, write: bool) -> int:
    """The format number of the database, 0 for an empty one that may be filled."""
    format = int(db.execute("PRAGMA user_version").fetchone()[0])
    if format > FORMAT:
        raise StoreTooNew(location, format, FORMAT)
    tables = "NOT LIKE '%migrations%'" if format == 0 else "IN ('revisions', 'passages')"
    known = db.execute(f"SELECT 1 FROM sqlite_master WHERE name {tables}").fetchone()
    if bool(known) is (format == 0):
        raise StoreError(
            f"{location / FILE}: this database was not made by kb. Nothing was changed."
        )
    if format == 0:
        if (location / originals.FOLDER).exists():
            raise StoreDamaged(location, "the database is empty, but originals are kept")
        if not write:
            raise StoreMissing(location)
    elif format < FORMAT:
        if not write:
            raise StoreError(
                f"{location}: written in the older format {format}; this kb uses {FORMAT}. "
                f"Bring it up to date with: kb --kb '{location}' verify --repair"
            )
        from kb.local.catalogue.schema import altered

        if table := altered(db):
            raise StoreDamaged(location, f"its table {table} is not as kb made it")
    if format and "model" not in dict(db.execute("SELECT name, value FROM meta").fetchall()):
        raise StoreDamaged(location, "it does not say what model it was made with")
    return format
