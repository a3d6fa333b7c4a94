"""What a question costs as a knowledge base grows, beside FTS5 asked for every row that matches.

`make bench-scale` recombines the paragraphs of a corpus into ever more passages, with random
vectors. `python tests/benchmarks/scaling.py CORPUS.jsonl QUESTIONS.jsonl [SIZE …]` takes others.
"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kb.encoders import open_encoder
from kb.index.clauses import Clause, Phrase
from kb.local.catalogue import meta
from kb.local.dense.index import Ranked
from kb.local.lexical import lexicon
from kb.local.lexical.index import LexicalIndex
from kb.local.lexical.view import Numbered, View
from kb.local.store import LocalStore
from search.searcher import Searcher, SearchOptions

ROOT = Path(__file__).parent.parent.parent
SIZES = (3_000, 10_000, 100_000, 300_000)
QUESTIONS = 60
WORDS = 100  # of a passage, about
STAGES = ("look_up", "candidates", "passages")


class Timed:
    """A store that notes how long each of its methods took."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.took: dict[str, float] = dict.fromkeys(STAGES, 0.0)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._store, name)
        if name not in STAGES:
            return value

        def timed(*args: Any) -> Any:
            began = time.process_time()
            try:
                return value(*args)
            finally:
                self.took[name] += (time.process_time() - began) * 1000

        return timed


class Exhaustive(LexicalIndex):
    """The lexical index, its search left to FTS5: every row that matches any word is scored."""

    def __init__(self, location: Path, full_text: sqlite3.Connection) -> None:
        super().__init__(location)
        self._full_text = full_text

    def search(
        self,
        db: sqlite3.Connection,
        view: View,
        numbered: Numbered,
        clauses: Sequence[Clause],
        limit: int,
        among: Collection[int] | None,
    ) -> Ranked:
        """All that matches, by BM25."""
        if not clauses:
            return []
        query = " OR ".join(map(_fts5, clauses))
        inside = "" if among is None else "AND +rowid IN (SELECT value FROM json_each(?3))"
        values = [query, limit, *([] if among is None else [json.dumps(list(among))])]
        return self._full_text.execute(
            f"""SELECT rowid, -bm25(texts) AS score FROM texts WHERE texts MATCH ?1 {inside}
                ORDER BY score DESC, rowid LIMIT ?2""",
            values,
        ).fetchall()


def main() -> None:
    """Print the table."""
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    questions = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "corpus" / "questions.jsonl"
    sizes = [int(size) for size in sys.argv[3:]] or SIZES
    paragraphs = list(paragraphs_of(corpus))
    asked = [line["text"] for line in map(json.loads, questions.open(encoding="utf-8"))]
    asked = random.Random(1).sample(asked, min(QUESTIONS, len(asked)))
    print(
        f"{len(paragraphs)} paragraphs, {len(asked)} questions; processor ms a question (median)\n"
    )
    print(f"{'passages':>9} {'':<10}" + "".join(f"{stage:>12}" for stage in (*STAGES, "all"))
          + f"{'top 10':>10}")  # fmt: skip
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            told = fill(Path(folder) / "kb", paragraphs, size)
            measure(Path(folder) / "kb", asked, size)
            print(told)


def measure(location: Path, asked: list[str], size: int) -> None:
    """One line for kb, one for FTS5 asked for everything."""
    encoder = open_encoder()
    tops: dict[str, list[set[str]]] = {}
    for name in ("kb", "exhaustive"):
        store = _opened(location)
        if name == "exhaustive":
            store._lexical = Exhaustive(location, full_text(store))
        Searcher(store, encoder).ask(asked[0])
        took: dict[str, list[float]] = {stage: [] for stage in (*STAGES, "all")}
        for question in asked:
            timed: Any = Timed(store)
            searcher = Searcher(timed, encoder)
            began = time.process_time()
            hits = searcher.ask(question, SearchOptions(limit=10)).hits
            took["all"].append((time.process_time() - began) * 1000)
            for stage in STAGES:
                took[stage].append(timed.took[stage])
            tops.setdefault(name, []).append({hit.passage.pinned for hit in hits})
        store.close()
        same = sum(len(a & b) for a, b in zip(tops["kb"], tops[name], strict=True))
        share = same / max(1, sum(map(len, tops[name])))
        figures = "".join(f"{statistics.median(times):>12.1f}" for times in took.values())
        print(f"{size:>9} {name:<10}{figures}{share:>10.3f}", flush=True)


def fill(location: Path, paragraphs: list[tuple[str, str]], size: int) -> str:
    """A store of `size` passages of recombined paragraphs; what its words cost to keep."""
    encoder = open_encoder()
    chance, rng = random.Random(size), np.random.default_rng(size)
    with LocalStore.open(
        location, write=True, create=True, model=encoder.name, precision="int8"
    ) as store:
        db = store._connections.db
        db.execute("BEGIN IMMEDIATE")
        for name, value in (
            ("fingerprint", encoder.fingerprint),
            ("dimension", encoder.dimension),
            ("generation", 1),
        ):
            db.execute("INSERT OR REPLACE INTO meta(name, value) VALUES (?, ?)", (name, str(value)))
        for first in range(0, size, 10):
            revision = first // 10 + 1
            db.execute(
                """INSERT INTO revisions(id, document, revision, title, text, authors, tags,
                   added_at, current) VALUES (?, ?, '0', 'Recombined', '', '[]', '[]', '', 1)""",
                (revision, f"brief-{revision:07d}"),
            )
            rows = [(revision, n, *_passage(paragraphs, chance)) for n in range(1, 11)]
            db.executemany(
                """INSERT INTO passages(revision_id, ordinal, paragraph, start, "end", context,
                   text, heading, current) VALUES (?, ?, 1, 0, 1, ?, ?, '[]', 1)""",
                rows,
            )
        ids = [row[0] for row in db.execute("SELECT id FROM passages ORDER BY id")]
        for n in range(0, len(ids), 10_000):
            some = ids[n : n + 10_000]
            vectors = rng.standard_normal((len(some), encoder.dimension), dtype=np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            db.executemany(
                "INSERT INTO vectors(passage_id, generation, vector) VALUES (?, 1, ?)",
                zip(some, (vector.tobytes() for vector in vectors), strict=True),
            )
        began = time.process_time()
        lexicon.keep(db, ids)
        kept = time.process_time() - began
        db.execute("COMMIT")
        store._dense.build(db, meta.read_state(db))
        began = time.process_time()
        store._lexical.build(db, meta.read_state(db))
        built = time.process_time() - began
        bytes_kept = db.execute("SELECT sum(length(numbers)) FROM words").fetchone()[0]
    file = (location / "index" / "words.bin").stat().st_size
    return (
        f"{'':>9} words kept in {kept / size * 1000:.2f} ms and {bytes_kept / size:.0f} bytes a "
        f"passage; their index built in {built:.1f} s, {file / size:.0f} bytes a passage\n"
    )


def full_text(store: LocalStore) -> sqlite3.Connection:
    """The same passages in a table of FTS5."""
    db = sqlite3.connect(":memory:")
    db.execute(
        """CREATE VIRTUAL TABLE texts USING fts5(context, text, content='',
           tokenize="porter unicode61 remove_diacritics 2")"""
    )
    db.executemany(
        "INSERT INTO texts(rowid, context, text) VALUES (?, ?, ?)",
        store._connections.db.execute("SELECT id, context, text FROM passages WHERE current"),
    )
    return db


def paragraphs_of(corpus: Path | None) -> Iterator[tuple[str, str]]:
    """Title and paragraph, of a corpus in JSONL or of the sample briefs."""
    if corpus is None:
        for path in sorted((ROOT / "corpus").glob("*.[tm][xd]*")):
            for paragraph in path.read_text(encoding="utf-8").split("\n\n"):
                yield path.stem.replace("-", " "), paragraph
        return
    for line in map(json.loads, corpus.open(encoding="utf-8")):
        for paragraph in line["text"].splitlines():
            if paragraph.strip():
                yield line["title"], paragraph


def _passage(paragraphs: list[tuple[str, str]], chance: random.Random) -> tuple[str, str]:
    """A title, and paragraphs until there are enough words."""
    title, text = chance.choice(paragraphs)
    while text.count(" ") < WORDS:
        text += "\n\n" + chance.choice(paragraphs)[1]
    return title, text


def _opened(location: Path) -> LocalStore:
    return LocalStore.open(location, write=False, create=False, model="", precision="")


def _fts5(clause: Clause) -> str:
    if isinstance(clause, Phrase):
        return '"' + " ".join(clause.words) + '"'
    return "NEAR(" + " ".join(f'"{word}"' for word in clause.words) + f", {clause.distance})"


if __name__ == "__main__":
    main()
