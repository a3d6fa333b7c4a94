"""Exit codes: each that `kb help json` names is seen, of each command, and no other is named."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import json_guide
import pytest
from json_guide import PRINTED, Seen, damage, rows

from kb.cli import COMMANDS
from kb.commands.locations import data_folder

Ask = Callable[..., tuple[int, str, str]]
F = TypeVar("F", bound=Callable[..., None])

EXITS = {(int(code), command) for _, (code, command, _) in rows("code", "command", "when")}
GIVEN: set[tuple[int, str]] = set()


def gives(code: int, command: str) -> Callable[[F], F]:
    """Marks a test in which a command is seen to end with a code."""

    def mark(test: F) -> F:
        GIVEN.add((code, command))
        return test

    return mark


@contextmanager
def running(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """`kb` as a process of its own that hears Ctrl-C, wherever the tests run."""
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{heard}\nfrom kb.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[str], word: str) -> None:
    """Wait until the process has said a line with this word on standard error."""
    assert process.stderr is not None
    assert any(word in line for line in process.stderr), f"it ended without a word of {word}"


@pytest.fixture
def briefs(home: Path) -> Path:
    """A folder of briefs, and of files that are none."""
    return json_guide.fill(home / "briefs")


@pytest.fixture
def filled(home: Path, ask: Ask, briefs: Path) -> Path:
    """A knowledge base of the briefs."""
    assert ask("init", "--model", "hashing")[0] == 0
    assert ask("ingest", briefs / "cod.txt", briefs / "records.jsonl")[0] == 0
    return home / ".kb"


@gives(0, "any")
def test_code_0_also_when_nobody_reads_on(filled: Path) -> None:
    with running("help", "json") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 0


@gives(0, "kb search")
@gives(1, "kb search")
def test_codes_of_search(filled: Path, ask: Ask, home: Path) -> None:
    assert ask("search", "who pays tolls")[0] == 0
    assert ask("search", "xylophone", "--mode", "keyword")[0] == 1
    (home / "q.txt").write_text("who pays tolls\nxylophone\n")
    assert ask("search", "--questions", "q.txt", "--mode", "keyword")[0] == 1


@gives(1, "kb ingest")
def test_code_of_a_refusal(ask: Ask, briefs: Path) -> None:
    assert ask("init", "--model", "hashing")[0] == 0
    assert ask("ingest", briefs / "cod.txt", briefs / "empty.txt")[0] == 1


@gives(1, "kb verify")
def test_code_of_a_fault(filled: Path, ask: Ask) -> None:
    assert ask("verify")[0] == 0
    damage(filled)
    assert ask("verify")[0] == 1
    assert ask("verify", "--repair")[0] == 1


@gives(0, "kb watch")
@gives(1, "kb watch")
def test_codes_of_watch(filled: Path, briefs: Path) -> None:
    with running("watch", briefs, "--json") as process:
        read_until(process, "Watching")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
    seen = Seen()
    for line in out.splitlines():
        seen.object(PRINTED["kb watch FOLDER"], json.loads(line))
    assert out
    assert seen.wrong == set()
    with running("watch", briefs) as process:
        read_until(process, "Watching")
        shutil.rmtree(briefs)
        assert process.wait(60) == 1


@gives(2, "any")
@pytest.mark.parametrize("name", COMMANDS)
def test_code_2_and_one_line_of_any_command(ask: Ask, name: str) -> None:
    code, out, err = ask(name, "--no-such-option")
    assert (code, out, err.count("\n")) == (2, "", 1)


@gives(130, "any")
def test_code_130_when_a_person_stops_it(filled: Path, ask: Ask, home: Path) -> None:
    with running("search", "--questions", "-", "--mode", "keyword") as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)  # it waits for questions
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    many = [{"title": f"Brief {n}", "text": f"Tolls of {n}."} for n in range(3_000)]
    (home / "many.jsonl").write_text("".join(json.dumps(one) + "\n" for one in many))
    filled.rename(home / "aside")
    assert ask("--kb", data_folder(), "init", "--model", "hashing")[0] == 0
    with running("ingest", "many.jsonl") as process:
        read_until(process, "Using the knowledge base")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode == 130
    assert ask("verify")[0] == 0
    assert len(json.loads(ask("list", "--json")[1])["documents"]) < len(many)


def test_every_exit_code_is_seen() -> None:
    assert GIVEN == EXITS
