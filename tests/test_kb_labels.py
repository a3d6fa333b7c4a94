"""Labels of index files: what is not of this format is no index, and changes no answer."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sample_store
from hypothesis import given
from hypothesis import strategies as st

from kb.local.dense import faiss_file
from kb.local.labels import Label
from kb.local.lexical import postings_file
from kb.store import open_store

Ask = Callable[..., tuple[int, str, str]]

STORES = Path(__file__).parent / "fixtures" / "stores"
CONTENT: dict[type[Label], dict[str, Any]] = {
    faiss_file.Label: {"fingerprint": "hashing@256x256", "dimension": 256, "count": 7},
    postings_file.Label: {"passages": 7, "terms": 135, "places": 263},
}
KINDS = pytest.mark.parametrize("kind", CONTENT, ids=["dense", "lexical"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def labelled(kind: type[Label], folder: Path) -> tuple[Label, Path]:
    """The label of a small file, and the file."""
    path = folder / "file"
    path.write_bytes(b"what is labelled")
    return kind.of(path, 3, **CONTENT[kind]), path


@KINDS
def test_a_label_is_read_as_it_was_written(kind: type[Label], tmp_path: Path) -> None:
    label, path = labelled(kind, tmp_path)
    assert kind.read(label.text(), path) == label
    assert kind.read(label.text().encode(), path, every_byte=True) == label
    assert label.size == 16
    assert label.sha256 == hashlib.sha256(b"what is labelled").hexdigest()


@KINDS
@given(data=st.data())
def test_a_label_with_anything_else_in_it_is_none(
    kind: type[Label], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    label, path = labelled(kind, tmp_path_factory.mktemp("label"))
    values = json.loads(label.text())
    name = data.draw(st.sampled_from([*values, "kind"]))
    value = data.draw(JSON.filter(lambda value: type(value) not in (int, str)))
    assert kind.read(json.dumps(values | {name: value}), path) is None
    del values[data.draw(st.sampled_from([*values]))]
    assert kind.read(json.dumps(values), path) is None
    assert kind.read(json.dumps(data.draw(JSON)), path) is None


@KINDS
@pytest.mark.parametrize("text", [None, "", "{", "null", "[" * 100_000, "\ud800", b"\xff{}"])
def test_what_is_no_json_is_no_label(
    kind: type[Label], tmp_path: Path, text: str | bytes | None
) -> None:
    assert kind.read(text, labelled(kind, tmp_path)[1]) is None


@KINDS
@pytest.mark.parametrize("format", [0, 2, -1, None, "1", True, 1.0])
def test_another_format_is_not_read(kind: type[Label], tmp_path: Path, format: object) -> None:
    label, path = labelled(kind, tmp_path)
    values = json.loads(label.text())
    assert values["format"] == kind.FORMAT == 1
    assert kind.read(json.dumps(values | {"format": format}), path) is None


@KINDS
def test_a_label_holds_for_the_very_bytes(kind: type[Label], tmp_path: Path) -> None:
    label, path = labelled(kind, tmp_path)
    path.write_bytes(b"what was labeled")  # as long as before, and a later time
    assert kind.read(label.text(), path) is None
    path.write_bytes(b"what is labelled")
    assert kind.read(label.text(), path) == label
    path.write_bytes(b"")
    assert kind.read(label.text(), path) is None
    path.unlink()
    assert kind.read(label.text(), path) is None


# In a store


@dataclass(frozen=True)
class Kept:
    """Where the labels of a store are."""

    folder: Path

    @property
    def dense(self) -> str:
        return (self.folder / "index" / faiss_file.LABEL).read_text()

    @property
    def lexical(self) -> str:
        with closing(sqlite3.connect(self.folder / sample_store.DATABASE)) as db:
            text: str = db.execute("SELECT value FROM meta WHERE name = 'words'").fetchone()[0]
        return text

    def put(self, dense: str, lexical: str) -> None:
        """Other labels in their places, and the digest that SQLite keeps of the first."""
        (self.folder / "index" / faiss_file.LABEL).write_text(dense)
        digest = hashlib.sha256(dense.encode()).hexdigest()
        with closing(sqlite3.connect(self.folder / sample_store.DATABASE)) as db, db:
            db.execute("UPDATE meta SET value = ? WHERE name = 'index'", (digest,))
            db.execute("UPDATE meta SET value = ? WHERE name = 'words'", (lexical,))


def _without_number(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "format"}


def _of_a_later_format(values: dict[str, Any]) -> dict[str, Any]:
    return values | {"format": 99}


def _with_another_field(values: dict[str, Any]) -> dict[str, Any]:
    return values | {"compressed": True}


def _with_a_field_less(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "generation"}


def _with_a_word_for_a_number(values: dict[str, Any]) -> dict[str, Any]:
    return values | {"generation": "three"}


def _no_object(values: dict[str, Any]) -> object:
    return list(values)


ALTERED = [
    _without_number,
    _of_a_later_format,
    _with_another_field,
    _with_a_field_less,
    _with_a_word_for_a_number,
    _no_object,
    None,  # no JSON at all
]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose indexes know all of its passages. Not to be changed."""
    folder = tmp_path_factory.mktemp("sound") / "kb"
    sample_store.unpack(STORES / "format-6.tar.xz", folder)
    with open_store(folder, write=True) as store:
        store.repair()
    return folder


def answers(ask: Ask, folder: Path) -> list[Any]:
    """What is found for some questions in every mode."""
    found = []
    for mode in ("semantic", "keyword", "hybrid"):
        for question in ("who pays for the harbour wall", "trees or wells", '"a school"'):
            code, out, err = ask("--kb", folder, "search", "--json", "--mode", mode, question)
            assert code in (0, 1), err
            found.append(json.loads(out)["hits"])
    return found


@pytest.mark.parametrize("alter", ALTERED, ids=lambda alter: getattr(alter, "__name__", "no JSON"))
def test_labels_of_others_change_no_answer_and_are_made_anew(
    sound: Path, tmp_path: Path, ask: Ask, alter: Callable[[dict[str, Any]], object] | None
) -> None:
    kept = Kept(shutil.copytree(sound, tmp_path / "kb"))
    before = answers(ask, kept.folder)
    texts = [
        json.dumps(alter(json.loads(text))) if alter else text[:-9]
        for text in (kept.dense, kept.lexical)
    ]
    kept.put(*texts)
    assert answers(ask, kept.folder) == before
    code, out, _ = ask("--kb", kept.folder, "verify", "--json")
    assert code == 1
    assert [fault["mendable"] for fault in json.loads(out)["faults"]] == [True, True]

    brief = tmp_path / "parks.txt"
    brief.write_text("Parks are open at night, and nobody complained about it.")
    assert ask("--kb", kept.folder, "ingest", brief)[0] == 0
    assert ask("--kb", kept.folder, "verify")[0] == 0
    index = kept.folder / "index"
    assert faiss_file.Label.read(kept.dense, index / faiss_file.INDEX) is not None
    assert postings_file.Label.read(kept.lexical, index / postings_file.NAME) is not None


def test_a_label_that_does_not_fit_its_file_is_not_used(
    sound: Path, tmp_path: Path, ask: Ask
) -> None:
    """SQLite keeps the label of the words itself, and so no digest of it."""
    kept = Kept(shutil.copytree(sound, tmp_path / "kb"))
    before = answers(ask, kept.folder)
    values = json.loads(kept.lexical)
    for name in ("passages", "terms", "places"):
        for value in (values[name] + 1, 0, -1, 10**30):
            kept.put(kept.dense, json.dumps(values | {name: value}))
            assert answers(ask, kept.folder) == before
