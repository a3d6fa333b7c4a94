"""`kb verify`: each fault that can be made by hand is found, and what is derived is mended."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Ask = Callable[..., tuple[int, str, str]]

FISH = """# Who may fish

## Quotas

The Ministry sets the quota of every port by the first of March, after hearing the skippers.

## Fines

Whoever lands more than the quota of his port pays twice what the surplus brought at auction.
"""
HEAT = """Heat at work

Employers give shade and water once the thermometer in the yard passes thirty degrees.
"""


@pytest.fixture
def folder(home: Path, ask: Ask) -> Path:
    """A sound knowledge base of two briefs; the first came anew, and is not in the index yet."""
    (home / "fish.md").write_text(FISH.replace("twice", "three times"))
    (home / "heat.txt").write_text(HEAT)
    folder = home / "kb"
    assert ask("init", folder, "--model", "hashing")[0] == 0
    assert ask("--kb", folder, "ingest", "fish.md", "heat.txt")[0] == 0
    (home / "fish.md").write_text(FISH)
    assert ask("--kb", folder, "ingest", "fish.md")[0] == 0
    return folder


def sql(folder: Path, statement: str, *values: object) -> None:
    """Change the database behind the store's back, foreign keys and all."""
    connection = sqlite3.connect(folder / "kb.sqlite3", isolation_level=None)
    connection.execute(statement, values)
    connection.close()


def faults(ask: Ask, folder: Path, *options: str) -> list[dict[str, Any]]:
    """What `kb verify` finds."""
    code, out, _ = ask("--kb", folder, "verify", "--json", *options)
    told: dict[str, Any] = json.loads(out)
    found: list[dict[str, Any]] = told["faults"]
    assert told["sound"] is (code == 0) is (not told["faults"])
    assert all(set(fault) == {"where", "what", "mendable"} for fault in found)
    return found


def found(ask: Ask, folder: Path, question: str) -> list[str]:
    """The passages that hold a word of the question."""
    _, out, _ = ask("--kb", folder, "search", "--mode", "keyword", "--format", "json", question)
    return [hit["passage"] for hit in json.loads(out)["hits"]]


# Damages, and what is to be said of them


def _original(folder: Path, document: str) -> Path:
    connection = sqlite3.connect(folder / "kb.sqlite3")
    row: tuple[str] = connection.execute(
        "SELECT sha256 FROM provenance JOIN revisions r ON r.id = revision_id "
        "WHERE document = ? AND current",
        (document,),
    ).fetchone()
    connection.close()
    return folder / "originals" / row[0][:2] / row[0]


def _change_original(folder: Path) -> None:
    path = _original(folder, "heat-work")
    path.write_bytes(path.read_bytes().replace(b"thirty", b"thirsy"))


def _lose_original(folder: Path) -> None:
    _original(folder, "heat-work").unlink()


def _turn_vector(folder: Path) -> None:
    vector = np.zeros(256, np.float32)
    vector[3] = 1
    sql(folder, f"UPDATE vectors SET vector = ? WHERE passage_id = {_HEAT}", vector.tobytes())


def _flip(
    folder: Path, *, keep_time: bool = False, file: str = "passages.faiss", at: int = -900
) -> None:
    path = folder / "index" / file
    state = path.stat()
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)
    if keep_time:
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


_flip_words = partial(_flip, file="words.bin", at=-9)


def _renumber(folder: Path) -> None:
    """Two words change their numbers, in rows and counts alike, behind the index's back."""
    connection = sqlite3.connect(folder / "kb.sqlite3", isolation_level=None)
    (one,), (two,) = connection.execute(
        "SELECT id FROM terms WHERE term IN ('thermomet', 'yard')"
    ).fetchall()
    for old, new in ((one, 10**6), (two, one), (10**6, two)):
        connection.execute("UPDATE terms SET id = ? WHERE id = ?", (new, old))
    ((id, data),) = connection.execute(
        f"SELECT passage_id, numbers FROM words WHERE passage_id = {_HEAT}"
    ).fetchall()
    numbers = np.frombuffer(data, np.uint32)
    turned = np.select([numbers == one, numbers == two], [np.uint32(two), np.uint32(one)], numbers)
    changed = turned.tobytes()
    connection.execute("UPDATE words SET numbers = ? WHERE passage_id = ?", (changed, id))
    connection.close()


def _lose_index(folder: Path) -> None:
    shutil.rmtree(folder / "index")


def _sql(statement: str, *values: object) -> Callable[[Path], None]:
    return lambda folder: sql(folder, statement, *values)


# the passage on heat, which the index knows; the first on fish, as it was and as it is
_HEAT = "(SELECT min(passage_id) FROM vectors)"
_OLD = "(SELECT min(id) FROM passages)"
_NEW = "(SELECT max(id) - 1 FROM passages)"
_NAN = np.full(256, np.nan, np.float32).tobytes()
_TWO = np.full(256, 2, np.float32).tobytes()


@dataclass(frozen=True)
class Damage:
    """Something that goes wrong, and the fault that verify must name."""

    name: str
    make: Callable[[Path], None]
    where: str
    what: str
    mendable: bool = False


TEXT = [
    Damage("original changed", _change_original, "heat.txt", "its original was changed"),
    Damage("original lost", _lose_original, "heat.txt", "its original is not kept"),
    Damage(
        "passage changed",
        _sql(f"UPDATE passages SET text = upper(text) WHERE id = {_HEAT}"),
        "heat-work@",
        "not what stands at its place",
    ),
    Damage(
        "old passage changed",
        _sql(f"UPDATE passages SET text = upper(text) WHERE id = {_OLD}"),
        "may-fish@",
        "not what stands at its place",
    ),
    Damage(
        "text changed",
        _sql("UPDATE revisions SET text = text || ' More.' WHERE document = 'heat-work'"),
        "heat-work@",
        "not what the revision names",
    ),
    Damage(
        "text in no passage",
        _sql("UPDATE revisions SET text = text || ' More.' WHERE document = 'heat-work'"),
        "heat-work@",
        "text in no passage and no heading: 'More.'",
    ),
    Damage(
        "span moved",
        _sql(f"UPDATE passages SET start = start + 1 WHERE id = {_HEAT}"),
        "heat-work@",
        "not what stands at its place",
    ),
    Damage(
        "span turned round",
        _sql(f'UPDATE passages SET start = "end" + 5 WHERE id = {_HEAT}'),
        "heat-work@",
        "its rows cannot be read: a span needs",
    ),
    Damage(
        "heading unreadable",
        _sql(f"UPDATE passages SET heading = '[' WHERE id = {_HEAT}"),
        "heat-work@",
        "its rows cannot be read",
    ),
    Damage(
        "passages overlap",
        _sql(f'UPDATE passages SET "end" = 130 WHERE id = {_NEW}'),
        "may-fish@",
        "overlap or are out of order",
    ),
    Damage(
        "number skipped",
        _sql(f"UPDATE passages SET ordinal = 9 WHERE id = {_HEAT}"),
        "heat-work@",
        "not numbered 1, 2, 3",
    ),
    Damage(
        "removed text outside",
        _sql(
            "INSERT INTO removed SELECT id, 9, 'Menu', 'page furniture', 99999 FROM revisions "
            "WHERE document = 'heat-work'"
        ),
        "heat-work@",
        "it stood outside the text",
    ),
]
VECTORS = [
    Damage(
        "vector lost",
        _sql(f"DELETE FROM vectors WHERE passage_id = {_HEAT}"),
        "heat-work@",
        "has no vector",
    ),
    Damage(
        "passage of today marked as old",
        _sql(f"UPDATE passages SET current = 0 WHERE id = {_HEAT}"),
        "heat-work@",
        "marked as old",
    ),
    Damage(
        "old passage marked as today's",
        _sql(f"UPDATE passages SET current = 1 WHERE id = {_OLD}"),
        "may-fish@",
        "it can be found, but is not of today",
    ),
    Damage(
        "old passage with a vector",
        _sql(f"INSERT INTO vectors SELECT {_OLD}, 1, vector, NULL FROM vectors LIMIT 1"),
        "may-fish@",
        "it can be found, but is not of today",
    ),
    Damage(
        "vector of nobody",
        _sql("INSERT INTO vectors SELECT 999, 1, vector, NULL FROM vectors LIMIT 1"),
        "kb.sqlite3",
        "a row of vectors belongs to no row of passages",
    ),
    Damage(
        "vector cut off",
        _sql(f"UPDATE vectors SET vector = substr(vector, 5) WHERE passage_id = {_HEAT}"),
        "heat-work@",
        "its vector has not 256 numbers",
    ),
    Damage(
        "vector beside the index cut off",
        _sql(f"UPDATE vectors SET vector = substr(vector, 5) WHERE passage_id = {_NEW}"),
        "may-fish@",
        "its vector has not 256 numbers",
    ),
    Damage(
        "vector too long",
        _sql(f"UPDATE vectors SET vector = ? WHERE passage_id = {_HEAT}", _TWO),
        "heat-work@",
        "has not unit length",
    ),
    Damage(
        "vector of no numbers",
        _sql(f"UPDATE vectors SET vector = ? WHERE passage_id = {_HEAT}", _NAN),
        "heat-work@",
        "has not unit length",
    ),
]
DERIVED = [
    Damage(
        "words lost",
        _sql(f"DELETE FROM words WHERE passage_id = {_HEAT}"),
        "kb.sqlite3",
        "1 passages without their words",
        mendable=True,
    ),
    Damage(
        "words of what is old",
        _sql(f"INSERT INTO words SELECT {_OLD}, numbers FROM words LIMIT 1"),
        "kb.sqlite3",
        "1 words without a passage",
        mendable=True,
    ),
    Damage(
        "words of another",
        _sql(
            "UPDATE words SET numbers = (SELECT numbers FROM words WHERE passage_id <> "
            f"{_HEAT}) WHERE passage_id = {_HEAT}"
        ),
        "heat-work@",
        "its words are not those of its text",
        mendable=True,
    ),
    Damage(
        "words cut off",
        _sql(f"UPDATE words SET numbers = substr(numbers, 3) WHERE passage_id = {_HEAT}"),
        "heat-work@",
        "its words are not those of its text",
        mendable=True,
    ),
    Damage(
        "words counted wrongly",
        _sql("UPDATE terms SET rows = rows + 1 WHERE term = 'thermomet'"),
        "kb.sqlite3",
        "1 words are counted wrongly",
        mendable=True,
    ),
    Damage(
        "words forgotten",
        _sql("DELETE FROM terms WHERE term = 'thermomet'"),
        "heat-work@",
        "its words are not those of its text",
        mendable=True,
    ),
    Damage("words flipped", _flip_words, "index", "the index of words is missing", mendable=True),
    Damage(
        "words flipped, their time kept",
        partial(_flip_words, keep_time=True),
        "index",
        "the index of words is missing",
        mendable=True,
    ),
    Damage(
        "words renumbered",
        _renumber,
        "index",
        "the index of words is not of these passages",
        mendable=True,
    ),
    Damage("index lost", _lose_index, "index", "the index is missing, damaged", mendable=True),
    Damage("index flipped", _flip, "index", "the index is missing, damaged", mendable=True),
    Damage(
        "index flipped, its time kept",
        lambda folder: _flip(folder, keep_time=True),
        "index",
        "the index is missing, damaged",
        mendable=True,
    ),
    Damage(
        "index of another vector",
        _turn_vector,
        "index",
        "a vector in the index is not the one kept",
        mendable=True,
    ),
    Damage(
        "vector that the index should have",
        _sql("UPDATE vectors SET generation = 1"),
        "index",
        "2 vectors are missing in the index",
        mendable=True,
    ),
]


def _names(damages: list[Damage]) -> list[pytest.ParameterSet]:
    return [pytest.param(damage, id=damage.name) for damage in damages]


# Laws


def test_nothing_is_found_where_all_is_well(folder: Path, ask: Ask) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert faults(ask, folder) == []
    assert ask("--kb", folder, "verify") == (0, "", "All is sound.\n")
    assert {path: path.read_bytes() for path in before} == before


def test_the_sample_briefs_are_sound(home: Path, ask: Ask) -> None:
    """Law 1, Law 2 and Law 4, on real data."""
    corpus = Path(__file__).parent.parent / "corpus"
    briefs = sorted(path for path in corpus.iterdir() if path.suffix != ".jsonl")
    assert ask("init", home / "kb", "--model", "hashing")[0] == 0
    assert ask("--kb", home / "kb", "ingest", *briefs)[0] == 0
    assert faults(ask, home / "kb") == []


@pytest.mark.parametrize("damage", _names(TEXT + VECTORS + DERIVED))
def test_a_fault_is_named(folder: Path, ask: Ask, damage: Damage) -> None:
    damage.make(folder)
    named = [
        fault
        for fault in faults(ask, folder)
        if damage.where in str(fault["where"]) and damage.what in str(fault["what"])
    ]
    assert len(named) >= 1
    assert {fault["mendable"] for fault in named} == {damage.mendable}
    code, out, err = ask("--kb", folder, "verify")
    assert (code, err) == (1, "")
    (line,) = {line for line in out.splitlines() if damage.what in line and damage.where in line}
    assert line.endswith(" (kb verify --repair mends this)") is damage.mendable


@pytest.mark.parametrize("damage", _names(DERIVED))
def test_what_is_derived_is_mended(folder: Path, ask: Ask, damage: Damage) -> None:
    before = found(ask, folder, "thermometer quota")
    damage.make(folder)
    assert faults(ask, folder, "--repair") == []
    assert faults(ask, folder) == []
    assert found(ask, folder, "thermometer quota") == before
    assert len(before) == 3


@pytest.mark.parametrize("damage", _names([d for d in TEXT + VECTORS if "cut off" not in d.name]))
def test_what_is_lost_is_not_called_mended(folder: Path, ask: Ask, damage: Damage) -> None:
    damage.make(folder)
    left = faults(ask, folder, "--repair")
    assert any(damage.what in str(fault["what"]) for fault in left)
    assert not any(fault["mendable"] for fault in left)


# reading today's source again does not touch what is old or nobody's
_TODAY = [damage for damage in VECTORS if not damage.name.startswith(("old", "vector of nobody"))]


@pytest.mark.parametrize("damage", _names(_TODAY))
def test_what_is_lost_comes_back_when_it_is_read_again(
    folder: Path, ask: Ask, damage: Damage
) -> None:
    damage.make(folder)
    assert ask("--kb", folder, "ingest", "--reread", "fish.md", "heat.txt")[0] == 0
    ask("--kb", folder, "verify", "--repair")
    assert faults(ask, folder) == []


@pytest.mark.parametrize("damage", _names(TEXT[:2]))
def test_an_original_comes_back_when_it_is_read_again(
    folder: Path, ask: Ask, damage: Damage
) -> None:
    damage.make(folder)
    assert ask("--kb", folder, "ingest", "--reread", "heat.txt")[0] == 0
    assert faults(ask, folder) == []


def test_new_rows_are_found_by_their_words_after_repair(home: Path, folder: Path, ask: Ask) -> None:
    sql(folder, "DELETE FROM terms")
    (home / "port.txt").write_text("Ports\n\nThe harbour master keeps the register of ships.\n")
    assert ask("--kb", folder, "ingest", "port.txt")[0] == 0
    assert len(faults(ask, folder)) > 3
    assert faults(ask, folder, "--repair") == []
    assert found(ask, folder, "harbour register") == ["ports#1"]
    (home / "tram.txt").write_text("Trams\n\nThe conductor keeps a register of passengers.\n")
    assert ask("--kb", folder, "ingest", "tram.txt")[0] == 0
    assert found(ask, folder, "conductor") == ["trams#1"]
    assert ask("--kb", folder, "remove", "ports")[0] == 0
    assert found(ask, folder, "harbour") == []
    assert faults(ask, folder) == []


def test_a_vector_cut_off_is_one_line_for_who_asks(folder: Path, ask: Ask) -> None:
    sql(folder, "UPDATE vectors SET vector = substr(vector, 5)")
    for command in (["search", "quota"], ["verify", "--repair"]):
        code, out, err = ask("--kb", folder, *command)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "has not 256 numbers" in err
        assert "kb ingest --reread" in err
