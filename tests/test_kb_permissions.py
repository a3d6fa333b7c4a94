"""What kb writes is its owner's alone, unless its folder was opened to others by hand."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.encoders import DEFAULT, prepared, preparing
from kb.local.permissions import file_mode, folder_within, follow, new_file, own_folder
from kb.store import open_store

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")

PRIVATE = {"0o700", "0o600"}
masks = st.integers(0, 0o77)  # what a mask takes from the owner, nobody wants
modes = st.integers(0, 0o77).map(lambda others: 0o700 | others)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def modes_below(folder: Path) -> dict[str, str]:
    """The mode of a folder and of all in it, by path."""
    return {str(path): oct(mode(path)) for path in (folder, *folder.rglob("*"))}


@contextmanager
def masked(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


# Laws


@given(mask=masks, given=modes, setgid=st.booleans())
def test_what_is_written_in_a_folder_follows_its_mode(mask: int, given: int, setgid: bool) -> None:
    with tempfile.TemporaryDirectory() as base, masked(mask):
        folder = Path(base) / "kb"
        folder.mkdir()
        folder.chmod(given | stat.S_ISGID * setgid)
        folder_within(folder / "a" / "b")
        for inner in (folder / "a", folder / "a" / "b"):
            assert mode(inner) == mode(folder)
            new_file(inner / "file").close()
            assert mode(inner / "file") == file_mode(folder) == given & 0o666
        assert mode(folder) == given | stat.S_ISGID * setgid


@given(mask=masks)
def test_a_new_folder_is_its_owners_alone(mask: int) -> None:
    with tempfile.TemporaryDirectory() as base, masked(mask):
        own_folder(Path(base) / "a" / "b")
        assert mode(Path(base) / "a" / "b") == 0o700
        assert mode(Path(base) / "a") == 0o777 & ~mask, "those above are not kb's"


@given(mask=masks, given=modes, full=st.booleans())
def test_a_folder_that_is_there_keeps_a_mode_that_was_chosen(
    mask: int, given: int, full: bool
) -> None:
    with tempfile.TemporaryDirectory() as base, masked(mask):
        folder = Path(base) / "kb"
        folder.mkdir()
        folder.chmod(given)
        if full:
            (folder / "file").touch()
        own_folder(folder)
        taken_over = not full and given == 0o777 & ~mask
        assert mode(folder) == (0o700 if taken_over else given)


@given(mask=masks, given=modes)
def test_a_folder_that_is_moved_in_follows_the_one_around_it(mask: int, given: int) -> None:
    with tempfile.TemporaryDirectory() as base, masked(mask):
        around = Path(base) / "around"
        (around / "new").mkdir(parents=True)
        (around / "new" / "file").touch()
        around.chmod(given)
        follow(around / "new")
        assert mode(around / "new") == given
        assert mode(around / "new" / "file") == given & 0o666


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "kb").touch()
    with pytest.raises(FileExistsError):
        own_folder(tmp_path / "kb")


def test_a_new_file_takes_the_place_of_an_old_one(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    (tmp_path / "file").write_text("old and longer")
    (tmp_path / "file").chmod(0o777)
    with new_file(tmp_path / "file") as file:
        file.write(b"new")
        file.seek(0)
        assert file.read() == b"new"
    assert mode(tmp_path / "file") == 0o640


# The commands


Masked = Callable[..., None]


@pytest.fixture
def kb(ask: Callable[..., tuple[int, str, str]]) -> Masked:
    """Runs a command of a user with that mask."""

    def call(*arguments: str, mask: int = 0o022) -> None:
        with masked(mask):
            code, _, err = ask(*arguments)
        assert code == 0, err

    return call


WORK = (
    "ingest a.txt b.html",
    "search who pays",
    "set tolls --date 2024",
    "ingest a.txt --reread",
    "remove tolls",
    "verify --repair",
    "stats",
)


@pytest.fixture
def person(home: Path) -> Path:
    (home / "a.txt").write_text("Tolls\n\nWho pays for roads.\n")
    page = "<html><body><article><h1>Heat</h1><p>Who pays for shade, at work.</p></article></body>"
    (home / "b.html").write_text(page)
    return home


@pytest.mark.parametrize("mask", [0, 0o022, 0o077])
def test_a_new_knowledge_base_is_its_owners_alone(person: Path, kb: Masked, mask: int) -> None:
    kb("init", "--model", "hashing", mask=mask)
    for line in WORK:
        kb(*line.split(), mask=mask)
    found = modes_below(person / ".kb")
    assert set(found.values()) == PRIVATE, found
    assert {path.name for path in (person / ".kb").iterdir()} >= {"originals", "index", "kb.lock"}


def test_so_is_one_in_an_empty_folder_that_was_there(person: Path, kb: Masked) -> None:
    (person / "mine").mkdir()
    kb("init", "mine", "--model", "hashing")
    assert set(modes_below(person / "mine").values()) == PRIVATE


def test_so_is_one_far_down(person: Path, kb: Masked) -> None:
    kb("--kb", str(person / "deep/down"), "init", "--model", "hashing")
    assert mode(person / "deep") == 0o755
    assert set(modes_below(person / "deep/down").values()) == PRIVATE


def test_while_it_is_written_too(tmp_path: Path) -> None:
    with masked(0), open_store(tmp_path / "kb", create=True, model="hashing"):
        found = modes_below(tmp_path / "kb")
        assert {Path(path).name for path in found} >= {"kb.sqlite3-wal", "kb.sqlite3-shm"}
        assert set(found.values()) == PRIVATE, found
        with open_store(tmp_path / "kb") as reading:
            assert reading.entries() == []
        assert set(modes_below(tmp_path / "kb").values()) == PRIVATE


@pytest.mark.parametrize(
    ("folders", "files"), [(0o2770, 0o660), (0o750, 0o640), (0o755, 0o644), (0o700, 0o600)]
)
@pytest.mark.parametrize("mask", [0, 0o077])
def test_one_that_was_opened_to_others_stays_open_to_them(
    person: Path, kb: Masked, folders: int, files: int, mask: int
) -> None:
    kb("init", "--model", "hashing")
    kb("ingest", "b.html")
    for path in (person / ".kb", *(person / ".kb").rglob("*")):
        path.chmod(folders if path.is_dir() else files)
    for line in WORK:
        kb(*line.split(), mask=mask)
    found = modes_below(person / ".kb")
    assert set(found.values()) == {oct(folders), oct(files)}, found


def test_a_folder_made_ready_for_a_group_is_filled_for_it(person: Path, kb: Masked) -> None:
    (person / "ours").mkdir()
    (person / "ours").chmod(0o2770)
    kb("init", "ours", "--model", "hashing")
    kb("--kb", "ours", "ingest", "a.txt")
    assert set(modes_below(person / "ours").values()) == {"0o2770", "0o660"}


# The cache


@pytest.mark.model
def test_the_cache_is_its_owners_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = prepared.folder_for(preparing.prepare(DEFAULT, "int8").fingerprint)

    def make(name: str, precision: str, folder: Path) -> None:
        for path in made.iterdir():
            shutil.copy(path, folder)
            (folder / path.name).chmod(0o644)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(preparing, "_in_process_of_its_own", make)
    with masked(0o022):
        preparing.prepare(DEFAULT, "int8")
    found = modes_below(prepared.cache_folder().parent)
    assert set(found.values()) == PRIVATE, found
    assert {Path(path).suffix for path in found} >= {".lock", ".onnx", ".json", ".bin"}


def test_what_is_noted_in_it_of_a_model_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(name: str, precision: str, folder: Path) -> None:
        raise preparing.NotCovered(f"{name}: of another kind")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(preparing, "_in_process_of_its_own", refuses)
    with masked(0), pytest.raises(preparing.NotCovered):
        preparing.prepare(DEFAULT, "fp32")
    found = modes_below(prepared.cache_folder().parent)
    assert set(found.values()) == PRIVATE
    assert any(path.endswith(".not-covered") for path in found)
