"""Folders that are watched: when a file is at rest, and the command as a person runs it."""

from __future__ import annotations

import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.watch import change_events as events
from ingest.watch.debounce import (
    GATHER,
    GROWN,
    STILL,
    FileState,
    any_waiting,
    due,
    observed,
    with_taken,
)
from kb.store import open_store

Ask = Callable[..., tuple[int, str, str]]
PATIENCE = 60  # seconds until a line that should come is missed

# Laws: what is at rest

STEP = STILL / 4
NAMES = ("a", "b", "c")
steps = st.lists(
    st.dictionaries(st.sampled_from(NAMES), st.integers(1, 3)), min_size=1, max_size=40
)


def history(looks: list[dict[str, int]]) -> Iterator[tuple[float, set[str], dict[str, FileState]]]:
    """For each look, a step apart: the time, what was taken in, and the states after it."""
    states: dict[str, FileState] = {}
    for number, there in enumerate(looks):
        now = number * STEP
        states = observed(states, there, now)
        names = due(states, now)
        states = with_taken(states, names)
        yield now, names, states


@given(looks=steps)
def test_nothing_is_taken_before_it_stood_still(looks: list[dict[str, int]]) -> None:
    for number, (_, names, _) in enumerate(history(looks)):
        for name in names:
            there = looks[number].get(name)
            still = round((STILL if there is not None else 2 * STILL) / STEP)
            assert number >= still
            assert {look.get(name) for look in looks[number - still : number + 1]} == {there}


@given(looks=steps)
def test_nothing_is_lost_and_nothing_taken_twice(looks: list[dict[str, int]]) -> None:
    rest = [looks[-1]] * round((GROWN + GATHER) / STEP + 1)
    last: dict[str, int | None] = dict.fromkeys(NAMES)  # as it was taken in
    rounds = list(history(looks + rest))
    for number, (_, names, _) in enumerate(rounds):
        there = looks[number] if number < len(looks) else looks[-1]
        for name in names:
            assert last[name] != there.get(name)
            last[name] = there.get(name)
    states = rounds[-1][2]
    assert not any_waiting(states)
    assert {name: stamp for name, stamp in last.items() if stamp is not None} == looks[-1]
    assert states.keys() == looks[-1].keys()  # what is gone is forgotten


@given(looks=steps)
def test_a_file_that_grows_for_ever_holds_up_no_other(looks: list[dict[str, int]]) -> None:
    rest = [looks[-1]] * round((GROWN + GATHER) / STEP + 1)
    growing = [{**look, "big": 100 + size} for size, look in enumerate(looks + rest)]
    rounds = list(history(growing))
    assert all("big" not in names for _, names, _ in rounds)
    states = rounds[-1][2]
    assert [name for name, sight in states.items() if sight.changed] == ["big"]


def test_what_comes_at_once_is_one_batch() -> None:
    looks = [{f"{n}": 1 for n in range(min(number, 9))} for number in range(20)]
    assert [len(names) for _, names, _ in history(looks) if names] == [9]


def test_a_file_that_moves_comes_before_it_goes() -> None:
    looks = [{"a": 1}] * 6 + [{"b": 1}] * 20
    assert [names for _, names, _ in history(looks) if names] == [{"a"}, {"a", "b"}]


def test_a_file_that_was_seen_to_grow_is_given_more_time() -> None:
    looks = [{"a": 1, "b": 1}, {"a": 1, "b": 2}] + [{"a": 1, "b": 2}] * 30
    times = [(now, names) for now, names, _ in history(looks) if names]
    assert times == [(STILL + GATHER, {"a"}), (STEP + GROWN, {"b"})]


# The command


MAIN = "from kb.cli import main; main()"


class Watching:
    """`kb watch` as a process, and the lines that it prints, as they come."""

    def __init__(self, *arguments: str | Path, program: str = MAIN) -> None:
        # Ctrl-C is heard also where the tests run in the background of a shell, which shuts it off
        heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
        command = [sys.executable, "-c", f"{heard}\n{program}", "watch"]
        self.process = subprocess.Popen(
            [*command, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.seen: list[str] = []
        self.out: list[str] = []
        self._passed: list[str] = []
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._read, args=(stream, keep))
            for stream, keep in ((self.process.stdout, self.out), (self.process.stderr, []))
        ]
        for thread in self._threads:
            thread.start()

    def _read(self, stream: IO[bytes], keep: list[str]) -> None:
        with stream:
            for line in stream:
                keep.append(line.decode().rstrip("\n"))
                self._lines.put(keep[-1])

    def until(self, pattern: str) -> str:
        """The first line that matches and was not the answer before; all that came are in `seen`.

        Only lines of one stream have an order, so what came before the last answer counts too.
        """
        end = time.monotonic() + PATIENCE
        while not (found := [line for line in self._passed if re.search(pattern, line)]):
            try:
                self._passed.append(self._lines.get(timeout=max(0, end - time.monotonic())))
            except queue.Empty:
                raise AssertionError(f"{pattern!r} did not come, but {self.seen}") from None
            self.seen.append(self._passed[-1])
        self._passed.remove(found[0])
        return found[0]

    def end(self, by: int = signal.SIGINT) -> int:
        """The exit code after a signal."""
        self.process.send_signal(by)
        return self.ended()

    def ended(self) -> int:
        code = self.process.wait(PATIENCE)
        for thread in self._threads:
            thread.join()
        while not self._lines.empty():
            self.seen.append(self._lines.get())
        assert "Traceback" not in "\n".join(self.seen)
        return code


Start = Callable[..., Watching]


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """Starts `kb watch`, for the briefs of `home/in`; it ends with the test."""
    (home / "in").mkdir()
    begun: list[Watching] = []

    def call(*arguments: str | Path, program: str = MAIN) -> Watching:
        begun.append(Watching(*arguments, program=program))
        return begun[-1]

    yield call
    for one in begun:
        if one.process.poll() is None:
            one.process.kill()
        one.ended()


@pytest.fixture
def watch(start: Start, ask: Ask) -> Start:
    """The same, with the model of tests."""
    assert ask("init", "--model", "hashing")[0] == 0
    return start


def write(path: Path, subject: str, more: str = "") -> Path:
    path.write_text(f"About {subject}\n\nWhat is said of {subject} here.\n{more}")
    return path


def documents(ask: Ask) -> set[str]:
    return {one["document"] for one in json.loads(ask("list", "--json")[1])["documents"]}


def test_files_come_change_move_and_go(home: Path, watch: Start, ask: Ask) -> None:
    folder = home / "in"
    write(folder / "a.txt", "tolls")
    (folder / "bad.txt").write_bytes(b"")
    (folder / "~$lock.docx").write_bytes(b"x")
    write(folder / ".hidden.txt", "nothing")
    one = watch("in")
    assert one.until("added  ") == "added    about-tolls  About tolls (1 passage)"
    one.until("left alone: .*lock.docx")
    one.until("refused: .*bad.txt: an empty file")
    assert one.until("Watching") == "Watching 1 folder (3 files). Stop with Ctrl-C."
    # other commands can write while it waits; what it takes in itself is searched at once
    (folder / "deep" / "er").mkdir(parents=True)
    write(folder / "deep" / "er" / "b.txt", "bridges")
    assert re.match(r"\d\d:\d\d:\d\d  added    about-bridges  ", one.until("about-bridges"))
    assert ask("search", "--mode", "keyword", "bridges")[0] == 0
    write(home / "other.txt", "ports")
    assert ask("ingest", "other.txt")[0] == 0
    # mended, and changed
    write(folder / "bad.txt", "canals")
    write(folder / "a.txt", "tolls", "And of drivers.\n")
    one.until("added    about-canals")
    one.until("updated  about-tolls")
    assert json.loads(ask("list", "--problems", "--json")[1])["refused"] == []
    # moved: the same document at another place
    (folder / "a.txt").rename(folder / "c.txt")
    one.until(f"  moved: {folder / 'a.txt'} -> {folder / 'c.txt'}$")
    # gone, and said only once
    (folder / "c.txt").unlink()
    one.until("gone: .*c.txt: about-tolls can still be found")
    write(folder / "d.txt", "dams")
    one.until("added    about-dams")
    assert one.end() == 0
    assert one.seen[-1].startswith("Stopped. 4 added, 1 updated, ")
    assert sum("gone: " in line for line in one.seen) == 1
    assert sum("refused: /" in line for line in one.seen) == 1
    assert documents(ask) == {
        f"about-{name}" for name in ("tolls", "bridges", "ports", "canals", "dams")
    }


def test_a_growing_file_is_taken_once_and_holds_up_no_other(
    home: Path, watch: Start, ask: Ask
) -> None:
    one = watch("in", "--json")
    one.until("Watching 1 folder \\(0 files\\)")
    with (home / "in" / "big.txt").open("w") as file:
        file.write("About growth\n\n")
        write(home / "in" / "small.txt", "rest")
        began, longest = time.monotonic(), 0.0
        while not any("about-rest" in line for line in one.out):
            before = time.monotonic()
            assert before - began < PATIENCE
            file.write("It grows by a sentence more. ")
            file.flush()
            time.sleep(STILL / 5)
            longest = max(longest, time.monotonic() - before)
    if longest > STILL / 2:
        pytest.skip("the machine was too busy to let a file grow evenly")
    one.until("about-growth")
    assert one.end(signal.SIGTERM) == 0
    rounds = [json.loads(line) for line in one.out]
    assert [[taken["document"] for taken in each["added"]] for each in rounds] == [
        [],
        ["about-rest"],
        ["about-growth"],
    ]
    assert all(each["updated"] == [] for each in rounds)
    with open_store(home / ".kb") as store:
        assert store.figures().revisions == 2


def test_a_burst_is_few_batches_and_what_goes_is_pruned(home: Path, watch: Start, ask: Ask) -> None:
    write(home / "in" / "first.txt", "tolls")
    one = watch("in", "--prune", "--json")
    one.until("Watching")
    for number in range(200):
        write(home / "in" / f"{number}.txt", f"subject {number}")
    (home / "in" / "first.txt").rename(home / "in" / "moved.txt")
    while sum(len(json.loads(line)["added"]) for line in one.out) < 201:
        one.until('"added"')
    assert len(one.out) <= 4
    for number in range(1, 200):
        (home / "in" / f"{number}.txt").unlink()
    while sum(line.count('"removed": true') for line in one.out) < 199:
        one.until('"removed": true')
    assert one.end() == 0
    assert documents(ask) == {"about-tolls", "about-subject-0"}


def test_while_another_kb_writes_it_waits_and_loses_nothing(
    home: Path, watch: Start, ask: Ask
) -> None:
    one = watch("in")
    one.until("Watching")
    with open_store(home / ".kb", write=True):
        write(home / "in" / "a.txt", "tolls")
        one.until("waiting: .*another kb is writing")
        assert ask("search", "--mode", "keyword", "tolls")[0] == 1
        write(home / "in" / "b.txt", "bridges")
        time.sleep(3 * STILL)
    one.until("about-tolls")
    one.until("about-bridges")
    assert one.end() == 0
    assert sum("waiting" in line for line in one.seen) == 1


def test_folders_that_go_are_named_and_nothing_of_them_is_pruned(
    home: Path, watch: Start, ask: Ask
) -> None:
    (home / "more").mkdir()
    write(home / "in" / "a.txt", "tolls")
    write(home / "more" / "b.txt", "bridges")
    one = watch("in", "more", "--prune")
    one.until("Watching 2 folders \\(2 files\\)")
    shutil.rmtree(home / "more")
    one.until(f"{home / 'more'}: this folder is not there any more")
    (home / "in" / "a.txt").unlink()
    one.until(r"^\d\d:\d\d:\d\d  note: .*/in: nothing is taken out of search for a folder")
    (home / "in").rmdir()
    one.until("/in: this folder is not there any more")
    assert one.ended() == 1
    assert one.seen[-1].startswith("Stopped. 2 added")
    assert documents(ask) == {"about-tolls", "about-bridges"}


def test_only_folders_are_watched(home: Path, ask: Ask) -> None:
    write(home / "a.txt", "tolls")
    for name, reason in (("a.txt", "a file, not a folder"), ("none", "no such folder")):
        code, out, err = ask("watch", name)
        assert (code, out) == (2, "")
        assert err == (f"kb: {name}: {reason}. kb watch takes folders; kb ingest takes files in.\n")
    assert ask("watch")[0] == 2


def test_watching_what_is_unchanged_loads_no_model(start: Start, ask: Ask) -> None:
    """A knowledge base for the default model, which is not even prepared for an empty folder."""
    assert ask("init")[0] == 0
    program = """
import sys
from kb.cli import run
code = run(sys.argv[1:])
print(code, sorted({"onnxruntime", "tokenizers", "torch", "faiss"} & set(sys.modules)))
"""
    one = start("in", program=program)
    one.until("Watching 1 folder .0 files.")
    assert one.end(signal.SIGTERM) == 0
    assert one.out == ["0 []"]


def test_where_the_system_tells_of_nothing_it_still_looks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As when the limit of what Linux watches is reached."""
    import watchfiles

    def refuse(*folders: str, **options: object) -> Iterator[None]:
        raise OSError("too many")
        yield

    monkeypatch.setattr(watchfiles, "watch", refuse)
    monkeypatch.setattr(events, "TICK", 0.01)
    monkeypatch.setattr(events, "BLIND", 0.05)
    said: list[str] = []
    changes = events.change_events([os.fspath(tmp_path)], lambda: None, lambda: False, said.append)
    for _ in range(3):
        next(changes)
    assert said == ["too many"]


def test_a_long_round_does_not_make_it_deaf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "TICK", 0.02)
    changes = events.change_events(
        [os.fspath(tmp_path)], lambda: None, lambda: True, lambda _: None
    )
    next(changes)
    time.sleep(1)  # a round of taking in
    began = time.monotonic()
    next(changes)
    assert time.monotonic() - began < 3
