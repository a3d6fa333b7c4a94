"""Every law checked on the real data, and what is derived made again."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from kb.local import nearest, originals, rows
from kb.local.connection import FILE
from kb.records import Edition, Figures, revision_of
from kb.store import Fault


def figures(db: sqlite3.Connection, location: Path) -> Figures:
    """Counts and sizes of a store."""

    def count(sql: str) -> int:
        return int(db.execute(f"SELECT count(*) FROM {sql}").fetchone()[0])

    readers = db.execute(
        """SELECT reader, count(DISTINCT r.document) FROM provenance
           JOIN revisions r ON r.id = revision_id WHERE r.current GROUP BY reader"""
    )
    kept = [path for path in (location / originals.FOLDER).glob("*/*") if path.is_file()]
    return Figures(
        documents=count("revisions WHERE current"),
        revisions=count("revisions"),
        passages=rows.size(db),
        removed=count("removed JOIN revisions r ON r.id = revision_id WHERE r.current"),
        originals=len(kept),
        bytes_database=sum(path.stat().st_size for path in location.glob(f"{FILE}*")),
        bytes_originals=sum(path.stat().st_size for path in kept),
        bytes_index=sum(path.stat().st_size for path in (location / nearest.FOLDER).glob("*")),
        readers=dict(readers.fetchall()),
    )


def faults(db: sqlite3.Connection, location: Path) -> Iterator[Fault]:
    """What breaks a law, one by one; nothing when all is well."""
    for (line,) in db.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield Fault(FILE, line)
    for (id,) in db.execute("SELECT id FROM revisions ORDER BY document, added_at").fetchall():
        yield from _edition_faults(rows.read_edition(db, id))
    yield from _original_faults(db, location)
    yield from _vector_faults(db)
    yield from _full_text_faults(db)
    yield from _index_faults(db, location)


def repair_full_text(db: sqlite3.Connection) -> None:
    """Make triggers and full-text entries again from the passages."""
    from kb.local.schema import TRIGGERS

    for name, statement in TRIGGERS.items():
        db.execute(f"DROP TRIGGER IF EXISTS {name}")
        db.execute(statement)
    db.execute("INSERT INTO passages_fts(passages_fts) VALUES ('rebuild')")


def _edition_faults(edition: Edition) -> Iterator[Fault]:
    """Laws 1 and 2, and the meaning of a revision's name."""
    document = edition.document
    where = f"{document.key}@{document.revision}"
    spans = [passage.span for passage in edition.passages]
    if revision_of(document.text, spans) != document.revision:
        yield Fault(where, "text or cutting is not what the revision names")
    for passage in edition.passages:
        if passage.span.of(document.text) != passage.text:
            yield Fault(passage.pinned, "the passage is not what stands at its place in the text")
    if [passage.ordinal for passage in edition.passages] != list(range(1, len(spans) + 1)):
        yield Fault(where, "passages are not numbered 1, 2, 3 …")
    if any(before.end > after.start for before, after in pairwise(spans)):
        yield Fault(where, "passages overlap or are out of order")
    if lost := _uncovered(edition):
        yield Fault(where, f"text in no passage and no heading: {lost[:60]!r}")
    for n, gone in enumerate(edition.removed, 1):
        if not 0 <= gone.after <= len(document.text):
            yield Fault(f"{where} removed {n}", "it stood outside the text")


def _uncovered(edition: Edition) -> str | None:
    """Text outside the passages that no passage bears as a heading; None when all is covered."""
    document = edition.document
    borne = {_plain(document.title)}
    for passage in edition.passages:
        borne.update(_plain(heading) for heading in passage.heading)
    ends = [0, *(passage.span.end for passage in edition.passages)]
    starts = [*(passage.span.start for passage in edition.passages), len(document.text)]
    for end, start in zip(ends, starts, strict=True):
        for between in document.text[end:start].split("\n\n"):
            if between.strip() and _plain(between) not in borne:
                return between.strip()
    return None


def _plain(text: str) -> str:
    return " ".join(text.split())


def _original_faults(db: sqlite3.Connection, location: Path) -> Iterator[Fault]:
    for uri, sha256 in db.execute("SELECT DISTINCT uri, sha256 FROM provenance ORDER BY uri"):
        path = originals.path_of(location, sha256)
        if not path.exists():
            yield Fault(uri, f"its original is not kept: {path.name[:12]}… is missing")
            continue
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                yield Fault(uri, f"its original was changed: {path}")


def _vector_faults(db: sqlite3.Connection) -> Iterator[Fault]:
    import numpy as np

    for (id,) in db.execute(
        "SELECT p.id FROM passages p LEFT JOIN vectors v ON v.passage_id = p.id "
        "WHERE p.current <> (v.passage_id IS NOT NULL)"
    ):
        yield Fault(f"passage {id}", "a passage of today without a vector, or an old one with one")
    dimension = rows.read_manifest(db).dimension
    if dimension is None:
        return
    for id, vector in db.execute("SELECT passage_id, vector FROM vectors"):
        if len(vector) != 4 * dimension:
            yield Fault(f"passage {id}", f"its vector has not {dimension} numbers")
        elif abs(float(np.linalg.norm(np.frombuffer(vector, dtype=np.float32))) - 1) > 1e-3:
            yield Fault(f"passage {id}", "its vector has not unit length")


def _full_text_faults(db: sqlite3.Connection) -> Iterator[Fault]:
    from kb.local.schema import TRIGGERS

    there = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    for name in TRIGGERS:
        if name not in there:
            yield Fault(FILE, f"the trigger {name} is missing", mendable=True)
    indexed = db.execute("SELECT count(*) FROM passages_fts_docsize").fetchone()[0]
    current = db.execute("SELECT count(*) FROM passages WHERE current").fetchone()[0]
    if indexed != current:
        yield Fault(
            FILE, f"{indexed} full-text entries for {current} passages of today", mendable=True
        )


def _index_faults(db: sqlite3.Connection, location: Path) -> Iterator[Fault]:
    """Whether the index holds what the rows hold; an older one may lack rows, not differ."""
    import numpy as np

    from kb.local import vectors

    manifest = rows.read_manifest(db)
    if manifest.fingerprint is None or manifest.dimension is None:
        return
    folder = location / nearest.FOLDER
    if vectors.is_damaged(folder):
        yield Fault(str(folder), "the index is missing or damaged", mendable=True)
        return
    index = vectors.open_index(folder, manifest.fingerprint, manifest.generation)
    if index is None:
        yield Fault(str(folder), "the index does not belong to these passages", mendable=True)
        return
    ids, matrix = index.vectors()
    order = np.argsort(ids)
    known, stored = rows.vectors_of(db, ids.tolist(), manifest.dimension)
    places = order[np.searchsorted(ids[order], known)]
    if not np.array_equal(matrix[places], stored):
        yield Fault(str(folder), "a vector in the index is not the one kept", mendable=True)
    unknown = rows.vectors_up_to(db, index.generation) - len(known)
    if unknown:
        yield Fault(str(folder), f"{unknown} vectors are missing in the index", mendable=True)
