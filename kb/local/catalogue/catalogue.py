"""The local catalogue: documents, revisions and sources in SQLite, originals beside it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from kb.catalogue import DocumentState, Outcome, SourceState, check_model, not_found
from kb.encoders.context import texts_of
from kb.errors import NotFound, StoreError
from kb.keys import Reference, similar_keys
from kb.local import vector_rows
from kb.local.catalogue import meta, originals, rows, sources
from kb.local.connections import Connections
from kb.local.transactions import Transactions
from kb.metadata import Metadata
from kb.records import Edition, Entry, Fetch, Manifest, Passage, Provenance, Refusal

if TYPE_CHECKING:
    from kb.encoder import Encoder, Matrix, Vector


class LocalCatalogue:
    """See `kb.catalogue.Catalogue` for what each method gives."""

    def __init__(
        self, folder: Path, connections: Connections, transactions: Transactions | None
    ) -> None:
        """`transactions` are None where it was opened to read."""
        self._folder = folder
        self._connections = connections
        self._transactions = transactions

    # What is kept

    @property
    def manifest(self) -> Manifest:
        return meta.read_manifest(self._connections.db)

    def entries(self) -> list[Entry]:
        with self._connections.reading() as db:
            return rows.read_entries(db)

    def entry(self, key: str) -> Entry:
        with self._connections.reading() as db:
            found = rows.read_entries(db, key)
            if not found:
                raise _not_found(db, Reference(key))
            return found[0]

    def edition(self, reference: Reference) -> Edition:
        with self._connections.reading() as db:
            return rows.read_edition(db, _revision(db, reference))

    def passage(self, reference: Reference) -> Passage:
        if reference.ordinal is None:
            raise ValueError(f"{reference} names no passage")
        with self._connections.reading() as db:
            id = _revision(db, reference)
            passage = rows.read_passage(db, id, reference.ordinal)
            if passage is None:
                count = len(rows.read_edition(db, id).passages)
                raise NotFound(f"{reference}: this document has passages 1 to {count}.")
            return passage

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[Passage, Entry]]:
        with self._connections.reading() as db:
            return rows.read_passages(db, ids)

    def neighbours(
        self, passages: Sequence[Passage], count: int
    ) -> list[tuple[tuple[Passage, ...], tuple[Passage, ...]]]:
        if not count:
            return [((), ()) for _ in passages]
        with self._connections.reading() as db:
            return [rows.read_neighbours(db, passage, count) for passage in passages]

    def original(self, sha256: str) -> bytes:
        return originals.read(self._folder, sha256)

    def document_state(self, key: str) -> DocumentState:
        with self._connections.reading() as db:
            return sources.document_state(db, key)

    # What an ingest asks

    def source_state(self, uri: str, sha256: str, reader_name: str) -> SourceState:
        with self._connections.reading() as db:
            return sources.source_state(db, uri, sha256, reader_name)

    def sources(self, prefix: str) -> Iterator[tuple[str, str]]:
        return sources.sources_below(self._connections.db, prefix)

    def fetches(self) -> Mapping[str, Fetch]:
        return sources.fetches(self._connections.db)

    def free_key(self, keys: Sequence[str]) -> str:
        return sources.free_key(self._connections.db, keys)

    def encoded(self, texts: Sequence[str]) -> dict[str, Vector]:
        with self._connections.reading() as db:
            dimension = meta.read_manifest(db).dimension
            return vector_rows.known_vectors(db, texts, dimension) if dimension else {}

    def refusals(self) -> list[Refusal]:
        return sources.read_refusals(self._connections.db)

    # What is changed

    def together(self) -> AbstractContextManager[object]:
        return self._transaction()

    def add(
        self,
        edition: Edition,
        vectors: Matrix,
        originals: Mapping[str, bytes],
        encoder: Encoder,
        overrides: Metadata | None = None,
        fetch: Fetch | None = None,
    ) -> Outcome:
        from kb.local.catalogue import changes
        from kb.local.catalogue import originals as files

        transaction = self._transaction()
        shape = (len(edition.passages), encoder.dimension)
        if vectors.shape != shape or vectors.dtype.name != "float32":
            raise ValueError(f"vectors are {vectors.dtype.name}{vectors.shape}, not float32{shape}")
        check_model(self.manifest, encoder, str(self._folder))
        for sha256, data in originals.items():
            files.keep(self._folder, sha256, data)
        with transaction as generation:
            db = self._connections.db
            if meta.read_manifest(db).fingerprint is None:
                meta.write_meta(db, fingerprint=encoder.fingerprint, dimension=encoder.dimension)
            outcome = changes.keep(db, edition, texts_of(edition, encoder), vectors, generation)
            if overrides is not None:
                changes.write_overrides(db, edition.document.key, overrides)
            if fetch is not None:
                changes.write_fetch(db, edition.document.sources[0].uri, fetch)
            return outcome

    def attach(self, key: str, provenance: Provenance) -> None:
        from kb.local.catalogue import changes

        with self._transaction():
            db = self._connections.db
            changes.detach(db, provenance.uri, besides=key)
            changes.write_provenance(db, _revision(db, Reference(key)), [provenance])

    def detach(self, uri: str) -> None:
        from kb.local.catalogue import changes

        with self._transaction():
            changes.detach(self._connections.db, uri)

    def restore(self, key: str, digest: str) -> None:
        with self._transaction():
            self._connections.db.execute(
                "INSERT OR IGNORE INTO taken_back VALUES (?, ?)", (key, digest)
            )

    def drop_overrides(self, key: str, fields: Collection[str]) -> None:
        from kb.local.catalogue import changes

        with self._transaction():
            changes.drop_overrides(self._connections.db, key, fields)

    def note_fetch(self, uri: str, fetch: Fetch) -> None:
        from kb.local.catalogue import changes

        with self._transaction():
            changes.write_fetch(self._connections.db, uri, fetch)

    def refuse(self, source: str, reason: str) -> None:
        from kb.local.catalogue import changes

        with self._transaction():
            changes.refuse(self._connections.db, source, reason)

    def dismiss(self, source: str) -> None:
        with self._transaction():
            self._connections.db.execute("DELETE FROM unread WHERE source = ?", (source,))

    def remove(self, key: str) -> None:
        from kb.local.catalogue import changes

        with self._transaction():
            db = self._connections.db
            _revision(db, Reference(key))
            changes.retire(db, key)

    # Inside

    def _transaction(self) -> AbstractContextManager[int]:
        if self._transactions is None:
            raise StoreError(f"{self._folder}: opened to read; open it with write=True to change.")
        return self._transactions.begin()


def _revision(db: sqlite3.Connection, reference: Reference) -> int:
    id = rows.revision_id(db, reference.key, reference.revision)
    if id is None:
        raise _not_found(db, reference)
    return id


def _not_found(db: sqlite3.Connection, reference: Reference) -> NotFound:
    near = similar_keys(reference.key, ((key, uri) for uri, key in sources.sources_below(db, "")))
    return not_found(reference, sources.revisions_of(db, reference.key), near)
