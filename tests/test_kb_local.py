"""The local store under stress: two files and one truth, crashes, full disks, other processes."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from asking import dense

from kb.encoders.hashing import HashingEncoder
from kb.errors import (
    DiskFull,
    StoreDamaged,
    StoreError,
    StoreLocked,
    StoreMissing,
    StoreReadOnly,
    StoreTooNew,
)
from kb.keys import Reference
from kb.local.connection import FORMAT, translated
from kb.local.dense import index as dense_index
from kb.metadata import Metadata
from kb.records import Document, Edition, Passage, Provenance, Span, revision_of
from kb.store import Store, open_store

if TYPE_CHECKING:
    from kb.encoder import Matrix, Vector

Ask = Callable[..., tuple[int, str, str]]
Vectors = dict[tuple[str, int], "Vector"]

DATABASE = "kb.sqlite3"
RNG = np.random.default_rng(5)
# few different vectors, so that ties are everywhere
BASE = RNG.normal(size=(30, 16)).astype(np.float32)
BASE /= np.linalg.norm(BASE, axis=1, keepdims=True)
QUESTIONS = RNG.normal(size=(4, 16)).astype(np.float32)
QUESTIONS /= np.linalg.norm(QUESTIONS, axis=1, keepdims=True)


def brief(key: str, passages: int, word: str = "word") -> Edition:
    """A document of so many passages of two words each."""
    texts = [f"{word} {n}" for n in range(1, passages + 1)]
    text = "\n\n".join(texts)
    ends = [len("\n\n".join(texts[:n])) for n in range(1, passages + 1)]
    spans = [Span(end - len(piece), end) for end, piece in zip(ends, texts, strict=True)]
    revision = revision_of(text, spans)
    digest = hashlib.sha256(text.encode()).hexdigest()
    source = Provenance(f"/{key}.txt", digest, "text/plain", "plain 1", "2026-11-22T10:00:00Z")
    return Edition(
        Document(key, revision, Metadata(title=f"Brief {key}"), text, (source,)),
        tuple(Passage(key, revision, n, n, s, s.of(text)) for n, s in enumerate(spans, 1)),
    )


def add(store: Store, key: str, rows: Matrix, word: str = "word") -> Vectors:
    """Keep a document with these vectors; the vectors by place."""
    edition = brief(key, len(rows), word)
    text = edition.document.text.encode()
    encoder = HashingEncoder(dimension=rows.shape[1])
    store.add(edition, rows, {edition.document.sources[0].sha256: text}, encoder)
    return {(key, n): row for n, row in enumerate(rows, 1)}


def some(count: int) -> Matrix:
    """So many vectors out of the few."""
    return BASE[RNG.integers(len(BASE), size=count)]


def assert_exact(store: Store, vectors: Vectors) -> None:
    """Answers of any length, among all and among some, equal a product in numpy."""
    keys = sorted({key for key, _ in vectors})[::2]
    part = {place: vector for place, vector in vectors.items() if place[0] in keys}
    for question in QUESTIONS:
        for limit in (1, 10, 5000):
            for kept, among in ((vectors, None), (part, keys)):
                found = dense(store, question, limit, among)
                places = [(key, ordinal) for key, ordinal, _ in found]
                exact = {
                    place: round(float(vector.astype("f8") @ question.astype("f8")), 6)
                    for place, vector in kept.items()
                }
                order = sorted(exact, key=lambda place: (-exact[place], place))
                assert places == order[:limit]
                np.testing.assert_allclose(
                    [score for *_, score in found], [exact[place] for place in places], atol=1.1e-6
                )


def label(folder: Path) -> dict[str, int]:
    """What the index says of itself."""
    found: dict[str, int] = json.loads((folder / "index" / "passages.json").read_bytes())
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a knowledge base, but for what SQLite keeps beside an open database."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm", ".lock"))
    }


# Two files, one truth


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Vectors]:
    """A store of four documents, written in two sessions, and its vectors by place."""
    monkeypatch.setattr(dense_index, "FEW", 20)  # so that filters of this small store use the index
    folder = tmp_path / "kb"
    vectors: Vectors = {}
    for keys in ("ab", "cd"):
        with open_store(folder, create=True, model="hashing") as store:
            for key in keys:
                vectors |= add(store, key, some(60))
    return folder, vectors


def _without_index(folder: Path) -> None:
    shutil.rmtree(folder / "index")


def _truncated(folder: Path) -> None:
    path = folder / "index" / "passages.faiss"
    path.write_bytes(path.read_bytes()[:-1000])


def _emptied(folder: Path) -> None:
    (folder / "index" / "passages.faiss").write_bytes(b"")


def _flipped(folder: Path) -> None:
    path = folder / "index" / "passages.faiss"
    data = bytearray(path.read_bytes())
    data[len(data) // 2 + 3] ^= 0x40  # the exponent of a number
    path.write_bytes(data)


def _without_label(folder: Path) -> None:
    (folder / "index" / "passages.json").unlink()


def _label_is_no_json(folder: Path) -> None:
    (folder / "index" / "passages.json").write_bytes(b"[1, 2")


def _label_is_a_list(folder: Path) -> None:
    (folder / "index" / "passages.json").write_bytes(b"[]")


def _label_says_older(folder: Path) -> None:
    _relabel(folder, generation=1)


def _label_says_newer(folder: Path) -> None:
    _relabel(folder, generation=99)


def _label_says_fewer(folder: Path) -> None:
    _relabel(folder, count=7)


def _relabel(folder: Path, **values: int) -> None:
    path = folder / "index" / "passages.json"
    path.write_text(json.dumps(label(folder) | values, indent=1))


def _of_a_later_session(folder: Path) -> None:
    """As after a restore from a backup of the database alone."""
    _swap(folder, folder / DATABASE, lambda store: add(store, "x", some(600)))
    assert label(folder)["count"] > 600


def _swap(folder: Path, path: Path, change: Callable[[Store], object]) -> None:
    """Put a file or folder back to where it was before a change."""
    aside = folder.parent / "aside"
    (shutil.copytree if path.is_dir() else shutil.copy2)(path, aside)
    with open_store(folder, write=True) as store:
        change(store)
        store.repair()
    if path.is_dir():
        shutil.rmtree(path)
    aside.rename(path)


def _of_another_store(folder: Path) -> None:
    """The same model, ids and generation; other vectors."""
    other = folder.parent / "other"
    for keys in ("ab", "cd"):
        with open_store(other, create=True, model="hashing") as store:
            for key in keys:
                add(store, key, some(60))
    shutil.rmtree(folder / "index")
    shutil.copytree(other / "index", folder / "index")


DAMAGES = [
    _without_index,
    _truncated,
    _emptied,
    _flipped,
    _without_label,
    _label_is_no_json,
    _label_is_a_list,
    _label_says_older,
    _label_says_newer,
    _label_says_fewer,
    _of_a_later_session,
    _of_another_store,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__.strip("_"))
@pytest.mark.parametrize("mend", ["a writer", "repair"])
def test_an_index_that_is_not_to_be_trusted_changes_no_answer(
    filled: tuple[Path, Vectors], damage: Callable[[Path], None], mend: str
) -> None:
    folder, vectors = filled
    damage(folder)
    with open_store(folder) as reader:
        assert_exact(reader, vectors)
        assert any(fault.mendable for fault in reader.faults())
    with open_store(folder, write=True) as writer:
        assert_exact(writer, vectors)
        if mend == "a writer":
            vectors |= add(writer, "e", some(3))
            assert_exact(writer, vectors)
        else:
            writer.repair()
    with open_store(folder) as reader:
        assert_exact(reader, vectors)
        assert not list(reader.faults())
        assert label(folder)["generation"] == reader.manifest.generation
        assert label(folder)["count"] == len(vectors)


def test_an_index_from_before_a_change_changes_no_answer(filled: tuple[Path, Vectors]) -> None:
    folder, vectors = filled
    rows = some(60)
    index = folder / "index"
    _swap(folder, index, lambda store: vectors.update(add(store, "d", rows, "another")))
    with open_store(folder) as reader:
        assert_exact(reader, vectors)


def test_newer_and_removed_rows_beside_the_index(filled: tuple[Path, Vectors]) -> None:
    """The index may lag behind by some hundred rows; answers may not."""
    folder, vectors = filled
    built = label(folder)["generation"]
    with open_store(folder, write=True) as writer:
        vectors |= add(writer, "e", some(300))
        vectors |= add(writer, "b", some(10), "anew")
        writer.remove("c")
        vectors = {
            (key, n): vector
            for (key, n), vector in vectors.items()
            if key != "c" and not (key == "b" and n > 10)
        }
        assert_exact(writer, vectors)
    assert label(folder)["generation"] == built
    with open_store(folder) as reader:
        assert_exact(reader, vectors)
        assert not list(reader.faults())
    with open_store(folder, write=True) as writer:
        vectors |= add(writer, "f", some(300))
    assert label(folder)["generation"] > built
    assert label(folder)["count"] == len(vectors)
    with open_store(folder) as reader:
        assert_exact(reader, vectors)


def test_equal_vectors_tie_in_the_index_and_beside_it(tmp_path: Path) -> None:
    """In float32 some 3 % of such ties fall apart, by a rounding in the seventh digit."""
    rng = np.random.default_rng(11)
    base = rng.normal(2, 1, size=(50, 384)).astype(np.float32)
    base /= np.linalg.norm(base, axis=1, keepdims=True)
    folder = tmp_path / "kb"
    with open_store(folder, create=True, model="hashing") as store:
        for n in range(10):
            add(store, f"old-{n}", base)
    with open_store(folder, write=True) as store:
        for n in range(5):
            add(store, f"new-{n}", base)
        some_keys = [f"{age}-{n}" for age in ("old", "new") for n in range(1, 5)]
        for _ in range(40):
            question = rng.normal(1, 1, size=384).astype(np.float32)
            question /= np.linalg.norm(question)
            for among in (None, some_keys):
                found = dense(store, question, 750, among)
                assert len(found) == (750 if among is None else 400)
                assert len({(ordinal, score) for _, ordinal, score in found}) == 50


def test_all_that_the_index_knows_may_be_gone(filled: tuple[Path, Vectors]) -> None:
    folder, _ = filled
    built = label(folder)["generation"]
    with open_store(folder, write=True) as writer:
        for key in "abcd":
            writer.remove(key)
        assert_exact(writer, {})
        vectors = add(writer, "e", some(5))
    assert label(folder)["generation"] == built
    with open_store(folder) as reader:
        assert_exact(reader, vectors)


def test_a_reader_gives_the_newest_answers_while_the_index_is_replaced(
    filled: tuple[Path, Vectors],
) -> None:
    folder, vectors = filled
    with open_store(folder) as early, open_store(folder) as late:
        assert_exact(early, vectors)  # it has the old index open, the other none yet
        with open_store(folder, write=True) as writer:
            vectors |= add(writer, "e", some(700))
            assert_exact(early, vectors)  # the new index is not written yet
            writer.remove("a")
        assert label(folder)["count"] == 880
        vectors = {place: vector for place, vector in vectors.items() if place[0] != "a"}
        assert_exact(early, vectors)
        assert_exact(late, vectors)


def test_the_same_bytes_are_kept_once_and_mended(filled: tuple[Path, Vectors]) -> None:
    folder, _ = filled
    digest = brief("a", 60).document.sources[0].sha256
    path = folder / "originals" / digest[:2] / digest
    assert [p.name for p in (folder / "originals").rglob("*") if p.is_file()] == [digest]
    path.write_bytes(b"x" * path.stat().st_size)
    with open_store(folder, write=True) as writer:
        add(writer, "a", some(60))
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest


# Other processes

HOLDS = """
import sys
from kb.store import open_store
with open_store(sys.argv[1], write=True) as store:
    store.remove("a")
    print("writing", flush=True)
    sys.stdin.read()
"""


@contextmanager
def process(script: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Another Python that runs a script until the block ends, at the latest."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def test_one_writer_at_a_time(filled: tuple[Path, Vectors], ask: Ask) -> None:
    folder, _ = filled
    with process(HOLDS, folder) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "writing\n"
        with pytest.raises(StoreLocked, match="another kb is writing"):
            open_store(folder, write=True)
        began = time.monotonic()
        code, out, err = ask("--kb", folder, "remove", "b")
        assert time.monotonic() - began < 8  # it does not wait for the other to end
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert f"{folder}: another kb is writing to this knowledge base" in err
        code, out, _ = ask("--kb", folder, "list", "--json")
        assert code == 0
        assert [d["document"] for d in json.loads(out)["documents"]] == ["b", "c", "d"]
        other.kill()
        other.wait()
    with open_store(folder, write=True) as writer:  # nobody holds the lock of a dead process
        assert [entry.document for entry in writer.entries()] == ["b", "c", "d"]


def test_readers_see_what_was_before_an_open_transaction(filled: tuple[Path, Vectors]) -> None:
    folder, vectors = filled
    writer = sqlite3.connect(folder / DATABASE, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE revisions SET title = 'half done'")
    writer.execute("DELETE FROM vectors")
    with open_store(folder) as first, open_store(folder) as second:
        for reader in (first, second):
            assert reader.entry("a").title == "Brief a"
            assert_exact(reader, vectors)
    writer.execute("ROLLBACK")
    writer.close()


def test_metadata_stand_where_the_first_format_put_them(tmp_path: Path) -> None:
    known = Metadata("Tolls", ("Jané Roe", "Li"), "2017", "OECD", "en", "https://a.example", ("b",))
    edition = brief("a", 1)
    edition = replace(edition, document=replace(edition.document, metadata=known))
    with open_store(tmp_path, create=True, model="hashing") as store:
        encoder = HashingEncoder()
        store.add(edition, encoder.encode_passages(["word 1"]), {}, encoder, known)
    names = "title, authors, published, publisher, language, url, tags"
    with closing(sqlite3.connect(tmp_path / DATABASE)) as db:
        (row,) = db.execute(f"SELECT {names} FROM revisions")
        stated = dict(db.execute("SELECT field, value FROM stated WHERE document = 'a'"))
    authors, tags = '["Jané Roe", "Li"]', '["b"]'
    assert row == ("Tolls", authors, "2017", "OECD", "en", "https://a.example", tags)
    texts = {name: json.dumps(value) for name, value in zip(names.split(", "), row, strict=True)}
    assert stated == {**texts, "authors": authors, "tags": tags}


# A database that is not ours to use


def test_a_newer_format_is_refused_and_left_as_it_is(
    filled: tuple[Path, Vectors], ask: Ask
) -> None:
    folder, _ = filled
    _sql(folder, "PRAGMA user_version = 99")
    before = contents(folder)
    for write in (False, True):
        with pytest.raises(StoreTooNew, match=f"format 99; this kb knows formats up to {FORMAT}"):
            open_store(folder, write=write)
    code, _, err = ask("--kb", folder, "verify", "--repair")
    assert (code, err.count("\n")) == (2, 1)
    assert "Upgrade kb to use it" in err
    assert contents(folder) == before


def test_an_older_format_is_brought_up_to_date(filled: tuple[Path, Vectors], ask: Ask) -> None:
    folder, vectors = filled
    _sql(folder, "PRAGMA user_version = 1")
    code, _, err = ask("--kb", folder, "list")
    assert (code, err.count("\n")) == (2, 1)
    assert f"kb --kb '{folder}' verify --repair" in err
    assert ask("--kb", folder, "verify", "--repair")[0] == 0
    with open_store(folder) as reader:
        assert reader.manifest.format == FORMAT
        assert_exact(reader, vectors)


def _no_database(path: Path) -> None:
    path.write_bytes(b"these are the minutes of a meeting\n" * 500)


def _overwritten_pages(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:8192] + b"\xa5" * (len(data) - 8192))


def _overwritten_schema(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:100] + b"\xa5" * 8092 + data[8192:])


def _half_a_file(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _nothing_left(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    "damage",
    [_no_database, _overwritten_pages, _overwritten_schema, _half_a_file, _nothing_left],
    ids=lambda damage: damage.__name__.strip("_"),
)
@pytest.mark.parametrize(
    "command",
    ["list", "remove a", "stats", "verify", "verify --repair", "search --mode keyword word"],
)
def test_a_damaged_database_is_named_and_left_as_it_is(
    filled: tuple[Path, Vectors], ask: Ask, damage: Callable[[Path], None], command: str
) -> None:
    folder, _ = filled
    damage(folder / DATABASE)
    before = contents(folder)
    code, out, err = ask("--kb", folder, *command.split())
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"{folder}: the knowledge base is damaged" in err
    assert "originals/" in err
    assert contents(folder) == before


def test_damage_is_an_error_of_its_own(filled: tuple[Path, Vectors]) -> None:
    folder, _ = filled
    _no_database(folder / DATABASE)
    for write in (False, True):
        with pytest.raises(StoreDamaged, match="not a database"):
            open_store(folder, write=write)


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_the_database_of_another_program_is_left_as_it_is(tmp_path: Path, mode: str) -> None:
    _sql(tmp_path, f"PRAGMA journal_mode = {mode}", "CREATE TABLE mine (x)")
    before = contents(tmp_path)
    for write, create in ((False, False), (True, False), (False, True)):
        with pytest.raises(StoreError, match="not made by kb"):
            open_store(tmp_path, write=write, create=create)
    assert contents(tmp_path) == before


def test_a_folder_of_other_files_is_no_place_for_a_new_store(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(StoreError, match=r"holds other files.*\.kb"):
        open_store(tmp_path, create=True)
    with pytest.raises(StoreError, match="this is a file"):
        open_store(tmp_path / "notes.txt", create=True)
    with pytest.raises(StoreError, match="Not a directory"):
        open_store(tmp_path / "notes.txt" / "below", create=True)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("name", ["with space", "a?b#c%41&mode=rw", "naïve “kb”", "'quoted'"])
def test_a_folder_may_bear_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name / "below"
    with open_store(folder, create=True, model="hashing") as store:
        vectors = add(store, "a", some(3))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with open_store(folder) as store:
        assert_exact(store, vectors)


def _sql(folder: Path, *statements: str) -> None:
    """Change the database behind the store's back."""
    connection = sqlite3.connect(folder / DATABASE, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


# Crashes

ADDS = """
import sys
from pathlib import Path
from kb.store import open_store
sys.path.insert(0, sys.argv[2])
from test_kb_local import add, some
with open_store(sys.argv[1], create=True, model="hashing") as store:
    for n in range(2000):
        add(store, f"brief-{n}", some(5))
        print(n, flush=True)
"""


@pytest.mark.parametrize("after", [0, 1, 40, 41])
def test_a_killed_writer_leaves_whole_documents(tmp_path: Path, after: int) -> None:
    folder = tmp_path / "kb"
    with process(ADDS, folder, Path(__file__).parent) as writer:
        assert writer.stdout is not None
        for _ in range(after + 1):
            last = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        last = max([last, *map(int, writer.stdout.read().split())])
    with open_store(folder) as reader:
        kept = {entry.document for entry in reader.entries()}
        assert kept >= {f"brief-{n}" for n in range(last + 1)}
        assert len(kept) <= last + 2  # the one in hand may have been done, or not
        for key in kept:
            assert reader.edition(Reference(key)) == brief(key, 5)
        assert reader.size == 5 * len(kept)
        assert not list(reader.faults())
    vectors: Vectors = {}
    with open_store(folder, write=True) as writer:
        for n in range(last + 5):
            vectors |= add(writer, f"brief-{n}", some(5))
    with open_store(folder) as reader:
        assert_exact(reader, vectors)
        assert not list(reader.faults())


def _write_much(folder: Path) -> None:
    """A life in short: made, two documents, one of them anew, closed, opened again, removed."""
    with open_store(folder, create=True, model="hashing") as store:
        add(store, "a", BASE[:3])
        add(store, "b", BASE[:2])
        add(store, "a", BASE[:4])
    with open_store(folder, write=True) as store:
        store.remove("b")
        store.repair()


def _killed_at(step: int, folder: Path) -> bool:
    """Whether a process that lives that life was killed at its n-th statement or file."""
    child = os.fork()
    if child == 0:
        left = step

        def counted(call: Callable[..., object]) -> Callable[..., object]:
            def counting(*arguments: object, **options: object) -> object:
                nonlocal left
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*arguments, **options)

            return counting

        from kb.local import connection

        for owner, name in (
            (connection._Connection, "execute"),
            (connection._Connection, "executemany"),
            (Path, "replace"),
            (Path, "mkdir"),
        ):
            setattr(owner, name, counted(getattr(owner, name)))
        _write_much(folder)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_a_crash_at_any_step_can_be_gone_on_from(tmp_path: Path) -> None:
    _write_much(tmp_path / "imports-everything")
    states: set[object] = set()
    step = 0
    while _killed_at(step, folder := tmp_path / str(step)):
        try:
            with open_store(folder) as reader:
                found = {entry.document: entry.passages for entry in reader.entries()}
                assert found in ({}, {"a": 3}, {"a": 3, "b": 2}, {"a": 4, "b": 2}, {"a": 4})
                places = [(key, n) for key, count in found.items() for n in range(1, count + 1)]
                assert_exact(reader, {place: BASE[place[1] - 1] for place in places})
                assert all(fault.mendable for fault in reader.faults())
                states.add(tuple(found.items()))
        except StoreMissing:
            states.add("not there yet")
        with open_store(folder, create=True, model="hashing") as writer:
            vectors = add(writer, "a", BASE[:3]) | add(writer, "b", BASE[:2])
            writer.repair()
        with open_store(folder) as reader:
            assert_exact(reader, vectors)
            assert not list(reader.faults())
        step += 3
    assert len(states) == 6, f"of {step} steps"


# No room

FILLS = """
import sys
sys.path.insert(0, sys.argv[2])
from test_kb_local import add, some
from kb.errors import KBError
from kb.store import open_store
if sys.argv[3] != "tmpfs":
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    with open_store(sys.argv[1], write=True) as store:
        for n in range(3000):
            add(store, f"brief-{n}", some(20), f"unlike-{n}")
            print(n, flush=True)
except KBError as error:
    print(type(error).__name__, error)
"""


def _assert_full(folder: Path, printed: str) -> None:
    """The last line says that the disk is full; all documents that were done are there."""
    *done, last = printed.splitlines()
    assert last == f"DiskFull {DiskFull(folder)}"
    with open_store(folder) as reader:
        kept = {entry.document for entry in reader.entries()}
        assert kept == {"first", *(f"brief-{n}" for n in done)}
        for n in done:
            assert reader.edition(Reference(f"brief-{n}")) == brief(f"brief-{n}", 20, f"unlike-{n}")
        assert not list(reader.faults())


@pytest.mark.parametrize("limit", [100, 20_000, 60_000, 300_000, 1_000_000])
def test_a_file_that_may_not_grow(tmp_path: Path, limit: int) -> None:
    """A limit on a file's size stands for a quota: the system refuses in the same places."""
    folder = tmp_path / "kb"
    with open_store(folder, create=True, model="hashing") as store:
        add(store, "first", some(2))
    with process(FILLS, folder, Path(__file__).parent, limit) as writer:
        assert writer.stdout is not None
        _assert_full(folder, writer.stdout.read())
    with open_store(folder, write=True) as store:
        add(store, "next", some(2))
    with open_store(folder) as reader:
        assert reader.entry("next").passages == 2
        assert not list(reader.faults())


MAKES = """
import sys
sys.path.insert(0, sys.argv[2])
from test_kb_local import add, some
from kb.store import open_store
with open_store(sys.argv[1], create=True, model="hashing") as store:
    add(store, "first", some(2))
"""
LOOKS = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from test_kb_local import _assert_full
folder = Path(sys.argv[1])
_assert_full(folder, Path(sys.argv[3]).read_text())
"""


def test_a_full_disk(tmp_path: Path) -> None:
    """A real one of 1.2 MB, in a mount namespace; skipped where that is not allowed."""
    disk = tmp_path / "disk"
    disk.mkdir()
    script = f"""
        mount -t tmpfs -o size=1200k tmpfs {disk} || exit 77
        run() {{ {sys.executable} -c "$1" {disk}/kb {Path(__file__).parent} "$2"; }}
        run "$MAKES" || exit 1
        run "$FILLS" tmpfs > {tmp_path}/printed
        run "$LOOKS" {tmp_path}/printed
    """
    environment = os.environ | {"MAKES": MAKES, "FILLS": FILLS, "LOOKS": LOOKS}
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("needs unshare")
    done = subprocess.run(
        [unshare, "-rm", "sh", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("may not mount a file system of its own")
    assert done.returncode == 0, done.stderr
    assert "DiskFull" in (tmp_path / "printed").read_text()


# Not to be written

AS_A_GUEST = """
import os, sys
if os.geteuid() == 0:  # root may write everywhere; a guest may not even import from root's home
    import faiss, filelock, numpy, sqlite_utils
    import kb.local.audit, kb.local.catalogue.changes, kb.local.store, kb.local.dense.faiss_file
    import kb.local.lexical.postings_file
    import kb.commands.init, kb.commands.list, kb.commands.remove, kb.commands.verify
    import search.cli.search
    from search.formats import as_json
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
from kb.cli import main
main(sys.argv[1:])
"""


@pytest.fixture
def locked_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A knowledge base that may be read but not written; root is let in everywhere."""
    with tempfile.TemporaryDirectory() as name:  # pytest's own are closed to other users
        folder = Path(name) / "kb"
        with open_store(folder, create=True, model="hashing") as store:
            add(store, "a", some(3))
        Path(name).chmod(0o755)
        _permit(folder, 0o555, 0o444)
        yield folder
        _permit(folder, 0o755, 0o644)


def _permit(folder: Path, for_folders: int, for_files: int) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(for_folders if path.is_dir() else for_files)


def _as_a_guest(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs `kb` as a user to whom permissions apply."""
    command = [sys.executable, "-c", AS_A_GUEST, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_folder_that_may_not_be_written_can_be_read(locked_up: Path) -> None:
    before = contents(locked_up)
    listed = _as_a_guest("--kb", locked_up, "list", "--json")
    assert listed.returncode == 0, listed.stderr
    assert [d["document"] for d in json.loads(listed.stdout)["documents"]] == ["a"]
    found = _as_a_guest(
        "--kb", locked_up, "search", "--mode", "keyword", "word", "--format", "json"
    )
    assert len(json.loads(found.stdout)["hits"]) == 3
    assert _as_a_guest("--kb", locked_up, "verify").returncode == 0
    for command in (["remove", "a"], ["verify", "--repair"]):
        refused = _as_a_guest("--kb", locked_up, *command)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert f"{locked_up}: this folder may not be written" in refused.stderr
    assert contents(locked_up) == before


def test_what_a_killed_writer_left_in_the_log_is_read_too(locked_up: Path) -> None:
    _permit(locked_up, 0o755, 0o644)
    with process(HOLDS, locked_up) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
    assert (locked_up / f"{DATABASE}-wal").stat().st_size > 0
    _permit(locked_up, 0o555, 0o444)
    listed = _as_a_guest("--kb", locked_up, "list", "--json")
    assert json.loads(listed.stdout) == {"documents": []}, listed.stderr


def test_a_folder_that_may_not_be_written_is_no_place_for_a_new_one(locked_up: Path) -> None:
    refused = _as_a_guest("--kb", locked_up / "new", "init")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "may not be written" in refused.stderr


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param(OSError(errno.ENOSPC, "No space left on device"), DiskFull, id="no space"),
        pytest.param(OSError(errno.EDQUOT, "Disk quota exceeded"), DiskFull, id="quota"),
        pytest.param(OSError(errno.EFBIG, "File too large"), DiskFull, id="file too large"),
        pytest.param(OSError(errno.EROFS, "Read-only file system"), StoreReadOnly, id="read-only"),
        pytest.param(PermissionError(errno.EACCES, "denied"), StoreReadOnly, id="permission"),
        pytest.param(OSError(errno.EIO, "Input/output error"), StoreError, id="input/output"),
    ],
)
def test_what_the_system_says_is_told_apart(tmp_path: Path, error: OSError, kind: type) -> None:
    assert type(translated(error, tmp_path)) is kind
