"""Whose fault is it? Damage and databases of others are named; an error of kb's own is not them."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sample_store
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import KBError, StoreDamaged, StoreError
from kb.local.catalogue import rows
from kb.local.connection import FORMAT, connect
from kb.store import open_store

Ask = Callable[..., tuple[int, str, str]]

STORES = Path(__file__).parent / "fixtures" / "stores"
PAGE = 8192  # bytes; the first page holds the tables' definitions


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of today's format. Not to be changed."""
    folder = tmp_path_factory.mktemp("sound") / "kb"
    sample_store.unpack(STORES / "format-6.tar.xz", folder)
    with open_store(folder, write=True) as store:
        store.repair()
    return folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(sound, tmp_path / "kb")


def execute(folder: Path, *statements: str) -> None:
    """Change a database behind kb's back."""
    folder.mkdir(exist_ok=True)
    with closing(sqlite3.connect(folder / sample_store.DATABASE, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SELECT heading_path FROM passages", "no such column: heading_path"),
        ("SELECT * FROM chapters", "no such table: chapters"),
        ("SELECT stem('houses')", "no such function: stem"),
        ("SELEC 1", 'near "SELEC": syntax error'),
        ("SELECT ?9999999", "variable number must be between"),
        ("SELECT ?", "Incorrect number of bindings"),
        ("SELECT 1; SELECT 2", "one statement at a time"),
        ("SELECT json_extract('{', '$.a')", "malformed JSON"),
    ],
    ids="column table function syntax variables parameters statements JSON".split(),
)
@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
def test_what_kb_asks_wrongly_is_no_damage(
    sound: Path, statement: str, said: str, write: bool
) -> None:
    with closing(connect(sound, write=write)) as db, pytest.raises(sqlite3.Error, match=said):
        db.execute(statement)


def test_the_command_line_says_that_kb_did_not_foresee_it(
    sound: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "PINNED", "r.pinned")
    code, out, err = ask("--kb", sound, "verify")
    assert (code, out) == (2, "")
    assert err == (
        "kb: something went wrong that kb did not foresee: OperationalError: no such column: "
        "r.pinned (KB_DEBUG=1 shows where it arose)\n"
    )


@pytest.mark.parametrize(
    "table", "meta revisions provenance removed passages vectors words".split()
)
def test_a_table_that_is_lost_is_damage(folder: Path, ask: Ask, table: str) -> None:
    execute(folder, "PRAGMA foreign_keys = OFF", f"DROP TABLE {table}")
    code, out, err = ask("--kb", folder, "verify")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"the knowledge base is damaged (its table {table} is not as kb made it)" in err
    assert "originals/" in err


def test_a_column_that_is_lost_is_damage(folder: Path, ask: Ask) -> None:
    execute(folder, "ALTER TABLE revisions RENAME COLUMN notes TO nopes")
    code, _, err = ask("--kb", folder, "list")
    assert code == 2
    assert "damaged (its table revisions is not as kb made it)" in err


def test_a_store_without_its_model_is_damaged(folder: Path) -> None:
    execute(folder, "DELETE FROM meta WHERE name = 'model'")
    with pytest.raises(StoreDamaged, match="what model it was made with"):
        open_store(folder)


def test_a_definition_of_a_newer_kind_is_damage(folder: Path) -> None:
    path = folder / sample_store.DATABASE
    data = bytearray(path.read_bytes())
    data[47] = 9  # the schema format number, which is 4
    path.write_bytes(data)
    with pytest.raises(StoreDamaged, match="unsupported file format"):
        open_store(folder)


def test_text_that_is_none_is_damage(folder: Path) -> None:
    execute(folder, "UPDATE revisions SET title = CAST(x'C3' AS TEXT) WHERE current")
    with open_store(folder) as store, pytest.raises(StoreDamaged, match="UTF-8 column 'title'"):
        store.entries()


@given(st.lists(st.tuples(st.integers(40, PAGE - 1), st.integers(1, 255)), min_size=1, max_size=3))
def test_damage_to_the_definitions_is_told_as_damage(
    sound: Path, tmp_path_factory: pytest.TempPathFactory, flips: list[tuple[int, int]]
) -> None:
    """Whatever SQLite makes of it: another name of a column, a broken one, no table at all."""
    data = bytearray((sound / sample_store.DATABASE).read_bytes())
    for at, bits in flips:
        data[at] ^= bits
    folder = tmp_path_factory.mktemp("flipped", numbered=True)
    (folder / sample_store.DATABASE).write_bytes(data)
    shutil.copytree(sound / "originals", folder / "originals")
    try:
        with open_store(folder) as store:
            assert len(store.entries()) == 7
            list(store.faults())
    except KBError:
        return


@pytest.mark.parametrize("format", range(1, FORMAT + 1))
def test_a_database_of_others_is_left_as_it_is_whatever_its_number(
    tmp_path: Path, format: int
) -> None:
    execute(
        tmp_path,
        "CREATE TABLE meta(name, value)",
        "INSERT INTO meta VALUES ('model', 'T')",
        f"PRAGMA user_version = {format}",
    )
    before = (tmp_path / sample_store.DATABASE).read_bytes()
    for write, create in ((False, False), (True, False), (False, True)):
        with pytest.raises(StoreError, match="not made by kb"):
            open_store(tmp_path, write=write, create=create)
    assert (tmp_path / sample_store.DATABASE).read_bytes() == before


def test_a_damaged_store_of_an_older_format_is_left_as_it_is(tmp_path: Path) -> None:
    sample_store.unpack(STORES / "format-4.tar.xz", tmp_path)
    execute(tmp_path, "ALTER TABLE passages RENAME COLUMN paragraph TO paragraqh")
    before = (tmp_path / sample_store.DATABASE).read_bytes()
    with pytest.raises(StoreDamaged, match="its table passages is not as kb made it"):
        open_store(tmp_path, write=True)
    assert (tmp_path / sample_store.DATABASE).read_bytes() == before
