"""Every law checked on the real data, and what is derived made again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from kb.errors import StoreError
from kb.keys import sha256_of_file
from kb.local import vector_rows
from kb.local.catalogue import meta, originals, rows
from kb.local.connection import FILE
from kb.local.dense.index import FOLDER
from kb.records import Edition, Figures, revision_of
from kb.upkeep import Fault


def figures(db: sqlite3.Connection, location: Path) -> Figures:
    """Counts and sizes of a store."""

    def count(sql: str) -> int:
        return int(db.execute(f"SELECT count(*) FROM {sql}").fetchone()[0])

    readers = db.execute(
        """SELECT reader, count(DISTINCT r.document) FROM provenance
           JOIN revisions r ON r.id = revision_id WHERE r.current GROUP BY reader"""
    )
    kept = [path for path in (location / originals.FOLDER).glob("*/*") if len(path.name) == 64]
    return Figures(
        documents=count("revisions WHERE current"),
        revisions=count("revisions"),
        passages=vector_rows.size(db),
        removed=count("removed JOIN revisions r ON r.id = revision_id WHERE r.current"),
        originals=len(kept),
        bytes_database=sum(path.stat().st_size for path in location.glob(f"{FILE}*")),
        bytes_originals=sum(path.stat().st_size for path in kept),
        bytes_index=sum(path.stat().st_size for path in (location / FOLDER).glob("*")),
        readers=dict(readers.fetchall()),
    )


def faults(db: sqlite3.Connection, location: Path) -> Iterator[Fault]:
    """What breaks a law, one by one; nothing when all is well."""
    for (line,) in db.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield Fault(FILE, line)
    for id, key, revision in db.execute(
        "SELECT id, document, revision FROM revisions ORDER BY document, added_at"
    ).fetchall():
        try:
            edition = rows.read_edition(db, id)
        except ValueError as error:  # no JSON where some should be, or a span that ends too soon
            yield Fault(f"{key}@{revision}", f"its rows cannot be read: {error}")
            continue
        yield from _edition_faults(edition)
    yield from _original_faults(db, location)
    yield from _vector_faults(db)
    yield from _word_faults(db, location)
    yield from _index_faults(db, location)


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
        if sha256_of_file(path) != sha256:
            yield Fault(uri, f"its original was changed: {path}")


def _vector_faults(db: sqlite3.Connection) -> Iterator[Fault]:
    import numpy as np

    for table, _, parent, _ in db.execute("PRAGMA foreign_key_check"):
        yield Fault(FILE, f"a row of {table} belongs to no row of {parent}")
    for pinned, current in db.execute(
        f"""SELECT {rows.PINNED}, r.current FROM passages p JOIN revisions r ON r.id = p.revision_id
            LEFT JOIN vectors v ON v.passage_id = p.id
            WHERE p.current <> r.current OR (v.passage_id IS NOT NULL) <> r.current"""
    ):
        missing = "it is of today, but has no vector or is marked as old"
        yield Fault(pinned, missing if current else "it can be found, but is not of today")
    dimension = meta.read_manifest(db).dimension
    if dimension is None:
        return
    for pinned, vector in db.execute(
        f"""SELECT {rows.PINNED}, vector FROM vectors JOIN passages p ON p.id = passage_id
            JOIN revisions r ON r.id = p.revision_id"""
    ):
        if len(vector) != 4 * dimension:
            yield Fault(pinned, f"its vector has not {dimension} numbers")
        elif not vector_rows.is_unit(np.frombuffer(vector, dtype=np.float32)):
            yield Fault(pinned, "its vector has not unit length")


def _word_faults(db: sqlite3.Connection, location: Path) -> Iterator[Fault]:
    """Whether words, their counts and their index are those of the texts."""
    from kb.local.lexical import lexicon

    today = "SELECT id FROM passages WHERE current"
    kept = "SELECT passage_id FROM words"
    for what, one, other in (
        ("passages without their words", today, kept),
        ("words without a passage", kept, today),
    ):
        lost = db.execute(f"SELECT count(*) FROM ({one} EXCEPT {other})").fetchone()[0]
        if lost:
            yield Fault(FILE, f"{lost} {what}", mendable=True)
    terms = {number: (term, rows) for number, term, rows in db.execute("SELECT * FROM terms")}
    for pinned in lexicon.unlike(db, {number: term for number, (term, _) in terms.items()}):
        yield Fault(pinned, "its words are not those of its text", mendable=True)
    counted = lexicon.counted(row for (row,) in db.execute("SELECT numbers FROM words"))
    wrong = sum(counted[number] != rows for number, (_, rows) in terms.items())
    if wrong:
        yield Fault(FILE, f"{wrong} words are counted wrongly", mendable=True)
    yield from _word_file_faults(db, location)


def _index_faults(db: sqlite3.Connection, location: Path) -> Iterator[Fault]:
    """Whether the index holds what the rows hold; an older one may lack rows, not differ."""
    import numpy as np

    from kb.local.dense import faiss_file

    state = meta.read_state(db)
    manifest, digest = state.manifest, state.index
    if manifest.fingerprint is None or manifest.dimension is None:
        return
    folder = location / FOLDER
    if digest is None:
        return  # never built: the first writer is at work, or was killed; the rows answer alone
    index = faiss_file.open_index(folder, digest, every_byte=True)
    if index is None:
        what = "the index is missing, damaged, of another version or not of these passages"
        yield Fault(str(folder), what, mendable=True)
        return
    ids, matrix = index.vectors()
    order = np.argsort(ids)
    try:
        known, stored = vector_rows.vectors_of(db, ids.tolist(), manifest.dimension)
    except StoreError:
        return  # a vector of another length, which has been named
    rows_of_known = order[np.searchsorted(ids[order], known)]
    if not np.array_equal(matrix[rows_of_known], stored, equal_nan=True):
        yield Fault(str(folder), "a vector in the index is not the one kept", mendable=True)
    unknown = vector_rows.count_up_to(db, index.generation) - len(known)
    if unknown:
        yield Fault(str(folder), f"{unknown} vectors are missing in the index", mendable=True)


def _word_file_faults(db: sqlite3.Connection, location: Path) -> Iterator[Fault]:
    """Whether the words' index file holds what the rows hold; an older one may lack rows."""
    import numpy as np

    from kb.local.lexical import lexicon, postings, postings_file

    folder = location / FOLDER
    label = meta.read_state(db).words
    if label is None:
        return  # never built: the first writer is at work, or was killed; the rows answer alone
    opened = postings_file.open_postings(folder, label, every_byte=True)
    if opened is None:
        what = "the index of words is missing, damaged, of another version or not of these passages"
        yield Fault(str(folder), what, mendable=True)
        return
    index, generation = opened
    try:
        young = frozenset(lexicon.postings_since(db, generation).ids.tolist())
        kept = lexicon.postings_since(db, -1)
    except StoreError:
        return  # words cut off, which have been named
    old = postings.only(kept, [id for id in kept.ids.tolist() if id not in young])
    known = postings.only(index, old.ids.tolist())
    if not np.array_equal(known.ids, old.ids) or not np.array_equal(known.numbers, old.numbers):
        yield Fault(str(folder), "the index of words is not of these passages", mendable=True)
