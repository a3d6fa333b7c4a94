"""`kb help json` is true: what is printed stands there, and nothing else does; exit codes too.

Every command that prints JSON is run over briefs of which everything is known, or nothing, so that
each type which the guide names is seen.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
import documents
import pytest

from kb.cli import COMMANDS, cli
from kb.commands.locations import data_folder
from search.confidence.calibration import State

Ask = Callable[..., tuple[int, str, str]]
F = TypeVar("F", bound=Callable[..., None])

GUIDE = documents.ROOT / "kb" / "guides" / "json.md"
TABLES = tuple(documents.tables(GUIDE))
OPTIONAL = ", not always"
HOLDER = re.compile("(list|map) of (.*)")
PLAIN: dict[str, Callable[[object], bool]] = {
    "text": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, float),
    "whole number": lambda value: type(value) is int,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def rows(*columns: str) -> list[tuple[str, tuple[str, ...]]]:
    """Each row of the guide's tables of these columns, with the heading that it stands under."""
    return [
        (table.heading, tuple(cell.replace("`", "") for cell in row))
        for table in TABLES
        if table.columns == columns
        for row in table.rows
    ]


# of each object, of each key: its types, and whether it may be missing
OBJECTS: dict[str, dict[str, tuple[tuple[str, ...], bool]]] = defaultdict(dict)
for name, (key, its, _) in rows("key", "type", "meaning"):
    types = tuple(its.removesuffix(OPTIONAL).split(" or "))
    OBJECTS[name][key] = (types, its.endswith(OPTIONAL))
PRINTED = {command: name for _, (command, name) in rows("command", "object")}
EXITS = {(int(code), command) for _, (code, command, _) in rows("code", "command", "when")}


class Seen:
    """Looks at printed values by what is documented of them, and notes what it sees."""

    def __init__(self) -> None:
        self.wrong: set[str] = set()
        self._types: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._there: dict[tuple[str, str], set[bool]] = defaultdict(set)

    def object(self, name: str, value: dict[str, Any]) -> None:
        """An object of this name was printed."""
        keys = OBJECTS[name]
        self.wrong |= {f"{name}: {key} is not documented" for key in value.keys() - keys}
        for key, (types, _) in keys.items():
            self._there[name, key].add(key in value)
            if key in value:
                self._value(name, key, types, value[key])

    def _value(self, name: str, key: str, types: tuple[str, ...], value: Any) -> None:
        fitting = [kind for kind in types if fits(kind, value)]
        if len(fitting) != 1:
            self.wrong.add(f"{name}: {key} is {value!r:.60}, not {' or '.join(types)}")
        elif self._walk(fitting[0], value):
            self._types[name, key].add(fitting[0])

    def _walk(self, kind: str, value: Any) -> bool:
        """Look at all that is in a value; whether there was anything, to the innermost."""
        if (holder := HOLDER.match(kind)) is not None:
            values = value if holder[1] == "list" else value.values()
            return sum(self._walk(holder[2], one) for one in values) > 0  # each is looked at
        if kind in OBJECTS:
            self.object(kind, value)
        return True

    @property
    def unseen(self) -> set[str]:
        """What is documented and was never printed."""
        found = set()
        for name, keys in OBJECTS.items():
            for key, (types, optional) in keys.items():
                unseen = set(types) - self._types[name, key]
                found |= {f"{name}: {key} is never {kind}" for kind in unseen}
                if self._there[name, key] != ({True, False} if optional else {True}):
                    found.add(f"{name}: {key} is {'never' if optional else 'at times'} missing")
        return found


def fits(kind: str, value: object) -> bool:
    """Whether a value is of a type that the guide names."""
    if (holder := HOLDER.match(kind)) is None:
        return PLAIN[kind](value) if kind in PLAIN else isinstance(value, dict)
    if holder[1] == "list":
        return isinstance(value, list) and all(fits(holder[2], one) for one in value)
    return isinstance(value, dict) and all(fits(holder[2], one) for one in value.values())


class Printing:
    """Runs commands that print JSON, each under the name that the guide gives it."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.seen = Seen()
        self.commands: set[str] = set()

    def __call__(
        self, command: str, *arguments: str | Path, base: str = ".kb", code: int = 0
    ) -> dict[str, Any]:
        """The object that was printed, or the last of them, each looked at by the guide."""
        options = ("--json",) if "--questions" not in arguments else ()
        found, out, err = self._ask("--kb", base, command.split()[1], *arguments, *options)
        assert found == code, err
        self.commands.add(command)
        for line in [out] if options else out.splitlines():
            value: dict[str, Any] = json.loads(line)
            self.seen.object(PRINTED[command], value)
        return value


TOLLS = (
    "Drivers pay tolls in the city at seven in the morning. The income goes to buses and to "
    "streets where a jam lasts for hours, as nobody wants."
)


@pytest.fixture
def briefs(home: Path) -> Path:
    """A folder of briefs of which everything is known, or nothing, and of files that are none."""
    folder = home / "briefs"
    folder.mkdir()
    for name in ("clock-changes.pdf", "heat-and-worker-safety.txt", "us-russia-syria.md"):
        shutil.copy(documents.ROOT / "corpus" / name, folder / name)
    record = {
        "_id": "r1",
        "title": "Tolls in four cities",
        "text": f"{TOLLS}\n\nThe zebra is new.",
        "authors": ["Jo Doe"],
        "published": "2024-03",
        "publisher": "Example",
    }
    records = [record, {"_id": "r2", "title": "Tolls again", "text": TOLLS}]
    (folder / "records.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))
    (folder / "cod.txt").write_text("Cod\n\nQuotas for cod are\x07 set each year in December.\n")
    shutil.copy(folder / "cod.txt", folder / "copy.txt")
    (folder / "empty.txt").write_text("")
    (folder / "picture.png").write_bytes(b"")
    return folder


def test_every_object_is_printed_as_it_is_documented(ask: Ask, home: Path, briefs: Path) -> None:
    printing = Printing(ask)
    assert ask("init", "--model", "hashing")[0] == 0
    printing("kb stats")
    _ingest(printing, briefs)
    _search(printing, home)
    _show(printing)
    _change(printing)
    _evaluate(printing, ask, home)
    _verify(printing, home)
    assert sorted(printing.seen.wrong) == []
    assert sorted(printing.seen.unseen) == []
    watch = "kb watch FOLDER"  # is seen to print what is documented where it is seen to end
    assert printing.commands == PRINTED.keys() - {watch}


def _ingest(printing: Printing, folder: Path) -> None:
    printing("kb ingest SOURCE", folder, code=1)
    (folder / "us-russia-syria.md").write_text("# Syria\n\nIt is another text by now.\n")
    (folder / "copy.txt").unlink()
    printing("kb ingest SOURCE", folder, code=1)


def _search(printing: Printing, home: Path) -> None:
    (home / "questions.jsonl").write_text('{"_id": "q1", "text": "who pays tolls"}\nzebra\n')
    command = "kb search QUESTION"
    printing(command, "who pays tolls in the city", "--context", "1", "--explain")
    printing(command, "who pays tolls", "--mode", "semantic", "--explain")
    printing(command, "who pays tolls", "--mode", "keyword", "--explain")
    printing(command, "xylophone votes of the parliament", "-n", "20")
    printing(command, "parliment votes", "--mode", "keyword")
    printing(command, "xylophone", "--mode", "keyword", code=1)
    printing(command, "--questions", "questions.jsonl")


def _show(printing: Printing) -> None:
    printing("kb list --problems", "--problems")
    for entry in printing("kb list")["documents"]:
        key = entry["document"]
        printing("kb show KEY", key)
        printing("kb show KEY --receipt", key, "--receipt")
        printing("kb show KEY --removed", key, "--removed")
        for number in range(1, min(entry["passages"], 3) + 1):
            printing("kb show KEY#3", f"{key}#{number}")


def _change(printing: Printing) -> None:
    heat = "rest-water-shade-rule-not-favour"
    printing("kb keep-text KEY N", heat, "1")
    said = ("--title", "Heat", "--author", "Jo", "--date", "2020", "--publisher", "P")
    printing("kb set KEY", heat, "--title", "Shade")
    printing("kb set KEY", heat, *said, "--url", "https://example.org", "--tag", "heat")
    printing("kb set KEY", heat, "--unset", "date", "--unset", "publisher", "--unset", "url")
    printing("kb remove KEY", heat)
    printing("kb stats")


def _evaluate(printing: Printing, ask: Ask, home: Path) -> None:
    folder = home / "judged"
    folder.mkdir()
    (folder / "toll.txt").write_text(f"Tolls\n\n{TOLLS}\n")
    answer = {"source": "toll.txt", "quote": "The income goes to buses"}
    asked = [
        {"_id": "1", "text": "where does the income of tolls go", "answers": [answer]},
        {"_id": "2", "text": "weather in June", "answers": []},
    ]
    (folder / "questions.jsonl").write_text("".join(json.dumps(one) + "\n" for one in asked))
    assert ask("--kb", "own", "init", "--model", "hashing")[0] == 0
    assert ask("--kb", "own", "ingest", folder / "toll.txt")[0] == 0
    command = "kb eval FOLDER"
    printing(command, folder, "--mode", "keyword", "--run", "before.run", base="own")
    printing(command, folder, "--against", "before.run", base="own")


def _verify(printing: Printing, home: Path) -> None:
    assert printing("kb verify")["sound"]
    _damage(home / ".kb")
    assert not printing("kb verify", code=1)["sound"]


def _damage(folder: Path) -> None:
    """Change an original."""
    path = next(path for path in sorted((folder / "originals").rglob("*")) if path.is_file())
    path.chmod(0o600)
    path.write_bytes(b"other bytes")


def test_what_is_not_as_documented_is_seen() -> None:
    for value in (
        {"sound": True},
        {"sound": True, "faults": [], "more": 1},
        {"sound": 1, "faults": []},
        {"sound": True, "faults": [{"where": "a", "what": None, "mendable": True}]},
        {"sound": True, "faults": ["a"]},
    ):
        seen = Seen()
        seen.object("audit", value)
        assert seen.wrong or any(
            line.startswith("audit: faults is at times") for line in seen.unseen
        )
    seen = Seen()
    seen.object("audit", {"sound": True, "faults": []})
    assert {line for line in seen.unseen if line.startswith("audit")} == {
        "audit: faults is never list of fault"
    }


def test_every_command_that_prints_json_is_documented() -> None:
    context = click.Context(cli)
    prints = set()
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        if any("--json" in param.opts for param in command.params):
            prints.add(name)
    assert {command.split()[1] for command in PRINTED} == prints
    assert set(PRINTED.values()) <= OBJECTS.keys()


def test_every_object_is_part_of_what_is_printed() -> None:
    kinds = {kind for keys in OBJECTS.values() for its, _ in keys.values() for kind in its}
    named = {re.sub("(?:list|map) of ", "", kind) for kind in kinds} | set(PRINTED.values())
    assert named - PLAIN.keys() == OBJECTS.keys()


def test_every_state_is_named() -> None:
    (meaning,) = (
        row[2]
        for name, row in rows("key", "type", "meaning")
        if (name, row[0]) == ("answer", "state")
    )
    assert all(state in meaning for state in State)


# Exit codes

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
    _damage(filled)
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
