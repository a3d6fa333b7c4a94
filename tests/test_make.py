"""The two commands of a clean clone: what they cost the second time."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ingest.pipeline.run import ingest
from ingest.sources.files import discover
from kb.encoders.hashing import HashingEncoder
from kb.store import open_store
from search.searcher import Searcher

if TYPE_CHECKING:
    from kb.encoder import Matrix, Vector

ROOT = Path(__file__).parent.parent


class CountingEncoder(HashingEncoder):
    """Counts what it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.passages = self.questions = self.counts = 0

    def count(self, text: str) -> int:
        self.counts += 1
        return super().count(text)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        self.passages += len(texts)
        return super().encode_passages(texts)

    def encode_question(self, text: str) -> Vector:
        self.questions += 1
        vector: Vector = super().encode_passages([text])[0]
        return vector


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone in which everything that `make ask` makes was just made, as empty files."""
    for name in ("Makefile", "pyproject.toml", ".ci/constraints.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    for stamp in (".venv/.installed", ".venv/sample/.ingested"):
        (tmp_path / stamp).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / stamp).touch()
    return tmp_path


def planned(folder: Path, *arguments: str) -> list[str]:
    """The commands that make would run."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "--no-print-directory", "-n", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip().splitlines()


def test_second_ask_runs_the_search_and_nothing_else(clone: Path) -> None:
    assert planned(clone, "ask") == ['.venv/bin/kb --kb .venv/sample search "$Q"']


def test_a_changed_brief_is_taken_in_again_and_nothing_installed(clone: Path) -> None:
    brief = clone / "corpus" / "us-russia-syria.md"
    later = (clone / ".venv/sample/.ingested").stat().st_mtime + 10
    os.utime(brief, (later, later))
    commands = planned(clone, "ask")
    assert [command.split()[3] for command in commands if "bin/kb" in command] == [
        "ingest",
        "search",
    ]
    assert not any("pip" in command for command in commands)


def test_test_runs_what_compares_times_by_itself(clone: Path) -> None:
    assert planned(clone, "test", "WORKERS=3") == [
        '.venv/bin/python -m pytest -n 3 --dist worksteal -m "not long and not alone"',
        ".venv/bin/python -m pytest -m alone",
    ]


@pytest.mark.parametrize("marks", [set(), {"long"}, {"alone"}])
def test_a_test_is_run_once_by_make_test_or_make_test_long(clone: Path, marks: set[str]) -> None:
    runs = [shlex.split(line) for line in (*planned(clone, "test"), *planned(clone, "test-long"))]
    chosen = [words[words.index("-m", words.index("pytest")) + 1] for words in runs]
    names = {name: name in marks for name in ("long", "alone")}
    assert [eval(one, names) for one in chosen].count(True) == 1


def test_second_run_encodes_the_question_alone(tmp_path: Path) -> None:
    corpus = [str(ROOT / "corpus")]
    with open_store(tmp_path / "kb", create=True, model="hashing") as store:
        first = CountingEncoder()
        assert ingest(discover(corpus), store, first).added
        assert first.passages > 100
    with open_store(tmp_path / "kb", write=True) as store:
        second = CountingEncoder()
        report = ingest(discover(corpus), store, second)
    assert (len(report.added), len(report.updated), report.unchanged) == (0, 0, 14)
    with open_store(tmp_path / "kb") as store:
        assert Searcher(store, second).ask("why not share targeting intel").hits
    assert (second.passages, second.questions) == (0, 1)
