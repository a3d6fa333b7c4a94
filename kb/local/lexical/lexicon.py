"""Every word that today's passages hold, numbered, with how many of them hold it.

Two tables: `terms`, and `words`, a passage's words in order as uint32 (see `postings`).
Inside a transaction that the caller began.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kb.errors import StoreError
from kb.index.stems import Stemmer
from kb.local.catalogue.rows import PINNED, as_json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kb.local.lexical.postings import Numbers, Postings

BATCH = 512  # passages that are numbered at once


def keep(db: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Number the words of these passages."""
    stemmer = Stemmer()
    for some in _batches(ids):
        db.executemany(
            "INSERT INTO words(passage_id, numbers) VALUES (?, ?)", numbered(db, some, stemmer)
        )
        _count(db, some, 1)


def unnumbered(db: sqlite3.Connection, generation: int) -> list[int]:
    """The passages of a generation whose words have no numbers yet."""
    found = db.execute(
        """SELECT passage_id FROM vectors LEFT JOIN words USING (passage_id)
           WHERE generation = ? AND numbers IS NULL ORDER BY passage_id""",
        (generation,),
    )
    return [row[0] for row in found.fetchall()]


def forget(db: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Let go of the words of these passages; a word that no passage holds keeps its number."""
    for some in _batches(ids):
        _count(db, some, -1)
        db.execute(
            "DELETE FROM words WHERE passage_id IN (SELECT value FROM json_each(?))",
            (as_json(some),),
        )


def remake(db: sqlite3.Connection) -> None:
    """Number the words of all that can be found, from their texts."""
    for sql in (
        "DELETE FROM words",
        "DELETE FROM terms",
        "DELETE FROM meta WHERE name = 'words'",  # its numbers mean other words now
    ):
        db.execute(sql)
    keep(db, [row[0] for row in db.execute("SELECT id FROM passages WHERE current ORDER BY id")])


def numbered(
    db: sqlite3.Connection, ids: Collection[int], stemmer: Stemmer
) -> Iterator[tuple[int, bytes]]:
    """Each passage's words as numbers, from its text: context, 0, text, 0. New words get one."""
    import numpy as np

    passages = db.execute(
        """SELECT id, context, text FROM passages
           WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id""",
        (as_json(ids),),
    ).fetchall()
    cut = stemmer.words([text for _, *texts in passages for text in texts])
    terms = dict.fromkeys(word for words in cut for word in words)
    db.executemany(
        "INSERT INTO terms(term, rows) VALUES (?, 0) ON CONFLICT DO NOTHING",
        ((term,) for term in terms),
    )
    numbers = {term: number for term, (number, _) in look_up(db, terms).items()}
    for (id, _, _), context, text in zip(passages, cut[::2], cut[1::2], strict=True):
        row = [*map(numbers.__getitem__, context), 0, *map(numbers.__getitem__, text), 0]
        yield id, np.array(row, dtype=np.uint32).tobytes()


def unlike(db: sqlite3.Connection, terms: Mapping[int, str]) -> Iterator[str]:
    """Passages (pinned) whose numbered words are not those of their texts."""

    stemmer = Stemmer()
    found = db.execute("SELECT passage_id FROM words ORDER BY passage_id")
    for some in _batches(row[0] for row in found):
        passages = db.execute(
            f"""SELECT {PINNED}, context, p.text, numbers FROM words
                JOIN passages p ON p.id = passage_id JOIN revisions r ON r.id = p.revision_id
                WHERE p.id IN (SELECT value FROM json_each(?))""",
            (as_json(some),),
        ).fetchall()
        cut = iter(stemmer.words([text for _, *texts, _ in passages for text in texts]))
        for (pinned, _, _, row), context, text in zip(passages, cut, cut, strict=True):
            numbers = _whole(row).tolist()
            if [terms.get(number) for number in numbers] != [*context, None, *text, None]:
                yield pinned


def look_up(db: sqlite3.Connection, terms: Collection[str]) -> dict[str, tuple[int, int]]:
    """Number and rows of each of these words that is known."""
    found = db.execute(
        "SELECT term, id, rows FROM terms WHERE term IN (SELECT value FROM json_each(?))",
        (as_json(terms),),
    )
    return {term: (number, rows) for term, number, rows in found.fetchall()}


def counted(rows: Iterable[bytes]) -> Counter[int]:
    """In how many of these passages each word stands."""
    import numpy as np

    found: Counter[int] = Counter()
    for row in rows:
        found.update(np.unique(_whole(row)).tolist())
    del found[0]
    return found


def postings_since(db: sqlite3.Connection, generation: int) -> Postings:
    """The words of the passages that are younger than a generation (all from -1)."""
    from kb.local.lexical.postings import postings_of

    found = db.execute(
        """SELECT passage_id, numbers FROM vectors JOIN words USING (passage_id)
           WHERE generation > ?""",
        (generation,),
    )
    rows: list[tuple[int, bytes]] = sorted(found.fetchall())
    return postings_of(*_columns(rows))


def all_postings(
    db: sqlite3.Connection,
) -> Iterator[tuple[NDArray[np.int64], Numbers, NDArray[np.int64]]]:
    """Ids, numbers and lengths of the rows of all passages that can be found, by id, in batches."""
    import numpy as np

    _, last = extent(db)
    found = db.execute(
        """SELECT passage_id, numbers FROM vectors JOIN words USING (passage_id)
           ORDER BY passage_id"""
    )
    while rows := found.fetchmany(BATCH):
        ids, whole = _columns(rows)
        numbers = np.frombuffer(b"".join(whole), dtype=np.uint32)
        if numbers.max() > last:
            raise _damaged(f"passages {ids[0]} to {ids[-1]}")
        yield np.array(ids), numbers, np.array([len(row) // 4 for row in whole])


def extent(db: sqlite3.Connection) -> tuple[int, int]:
    """How many passages `all_postings` gives, and the highest number of a word, 0 without one."""
    passages, last = db.execute(
        """SELECT (SELECT count(*) FROM vectors JOIN words USING (passage_id)),
                  (SELECT coalesce(max(id), 0) FROM terms)"""
    ).fetchone()
    return passages, last


def _columns(rows: Sequence[tuple[int, bytes]]) -> tuple[list[int], list[bytes]]:
    for id, row in rows:
        if not row or len(row) % 4:
            raise _damaged(f"passage {id}")
    return [id for id, _ in rows], [row for _, row in rows]


def _damaged(which: str) -> StoreError:
    return StoreError(f"the words of {which} are damaged. kb verify --repair makes them anew.")


def _whole(row: bytes) -> Numbers:
    """The numbers of a row, as far as they are whole."""
    import numpy as np

    return np.frombuffer(row, dtype=np.uint32, count=len(row) // 4)


def _count(db: sqlite3.Connection, ids: Collection[int], sign: int) -> None:
    rows = db.execute(
        "SELECT numbers FROM words WHERE passage_id IN (SELECT value FROM json_each(?))",
        (as_json(ids),),
    )
    db.executemany(
        "UPDATE terms SET rows = rows + ? WHERE id = ?",
        [
            (sign * times, number)
            for number, times in counted(row for (row,) in rows.fetchall()).items()
        ],
    )


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    ordered = list(ids)
    return (ordered[n : n + BATCH] for n in range(0, len(ordered), BATCH))
