"""What a local store says of itself, in one row for each name: model, generation, index labels."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from kb.encoders import PRECISION
from kb.records import Manifest


@dataclass(frozen=True, slots=True)
class State:
    """The manifest, and the labels of the two index files that were built from these rows.

    `index` is the digest of the FAISS file's label, `words` the label of the file of postings; None
    where none was built yet.
    """

    manifest: Manifest
    index: str | None
    words: str | None

    @property
    def generation(self) -> int:
        """The generation of the rows."""
        return self.manifest.generation


def read_state(db: sqlite3.Connection) -> State:
    """The state of the rows, as this connection sees them."""
    meta = dict(db.execute("SELECT name, value FROM meta").fetchall())
    dimension = meta.get("dimension")
    manifest = Manifest(
        format=db.execute("PRAGMA user_version").fetchone()[0],
        model=meta["model"],
        precision=meta.get("precision", PRECISION),
        fingerprint=meta.get("fingerprint"),
        dimension=int(dimension) if dimension else None,
        generation=int(meta.get("generation", 0)),
    )
    return State(manifest, meta.get("index"), meta.get("words"))


def read_manifest(db: sqlite3.Connection) -> Manifest:
    """The store's own description."""
    return read_state(db).manifest


def write_meta(db: sqlite3.Connection, **values: str | int) -> None:
    """Set lines of the store's own description."""
    db.executemany(
        "INSERT INTO meta(name, value) VALUES (?, ?) "
        "ON CONFLICT DO UPDATE SET value = excluded.value",
        [(name, str(value)) for name, value in values.items()],
    )
