"""How the house is built: who may import whom, and what is imported only when it is needed."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from imports import HIDDEN, imported, imported_at_once, modules, name_of

from kb.cli import COMMANDS, LENT

ROOT = Path(__file__).parent.parent
ROOMS = {
    "kb": {"kb"},
    "ingest": {"kb", "ingest"},
    "search": {"kb", "search"},
}
FRONT_DOOR = Path("kb/cli.py")  # knows the rooms by name
QUIETLY = Path("kb/encoders/telemetry.py")  # imports by name what would report
HEAVY = {"torch", "faiss", "transformers", "sentence_transformers"}

Ask = Callable[..., tuple[int, str, str]]


def wrong(path: Path, source: str) -> set[str]:
    """What a file imports against the directions of the house."""
    names = set(imported(path, source))
    tops = {name.partition(".")[0]: name for name in names}
    room = path.parts[0]
    against = {name for top, name in tops.items() if top in ROOMS and top not in ROOMS[room]}
    if HIDDEN in tops and path not in (FRONT_DOOR, QUIETLY):
        against.add(HIDDEN)
    if "faiss" in tops and path != Path("kb/local/dense/faiss_file.py"):
        against.add("faiss")
    return against


@pytest.mark.parametrize("path", [p for room in ROOMS for p in modules(room)], ids=Path.as_posix)
def test_imports_run_in_one_direction(path: Path) -> None:
    assert wrong(path, (ROOT / path).read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("kb/store.py", "import ingest"),
        ("kb/store.py", "def f():\n    from search.hits import Hit"),
        ("kb/commands/list.py", "if TYPE_CHECKING:\n    import search.hits as hits"),
        (
            "kb/commands/list.py",
            "from importlib import import_module\nimport_module('ingest.cli.ingest')",
        ),
        ("kb/commands/list.py", "import importlib\nimportlib.import_module(f'{room}.cli')"),
        ("kb/commands/list.py", "import_module(f'search.{name}')"),
        ("kb/commands/list.py", "import_module(f'sea{name}.cli')"),
        ("kb/commands/list.py", "import_module(name)"),
        ("kb/commands/list.py", "__import__('search')"),
        ("kb/commands/list.py", "from ...search import hits"),
        ("ingest/drafts.py", "from search import hits"),
        ("search/searcher.py", "class A:\n    def f(self):\n        import ingest.readers"),
        ("search/searcher.py", "import faiss"),
        ("kb/local/dense/index.py", "def f():\n    import faiss.contrib"),
    ],
)
def test_an_import_in_the_wrong_direction_is_seen(path: str, source: str) -> None:
    assert wrong(Path(path), source)


def in_a_circle(sources: Mapping[str, str]) -> list[str]:
    """Modules, given by their text, that import each other in a circle; [] when none do.

    Such modules can be imported or not by which of them comes first, so a test of one passes and
    the command fails. A module's packages are imported before it, unless it stands in them.
    """
    graph: dict[str, set[str]] = {}
    for module, source in sources.items():
        wanted = {
            package
            for name in imported_at_once(source)
            if name in sources
            for package in accumulate(name.split("."), "{}.{}".format)
        }
        graph[module] = {its for its in wanted if not f"{module}.".startswith(f"{its}.")}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_modules_import_each_other_in_a_circle() -> None:
    paths = [path for room in ROOMS for path in modules(room)]
    sources = {name_of(path): (ROOT / path).read_text(encoding="utf-8") for path in paths}
    assert in_a_circle(sources) == []


@pytest.mark.parametrize(
    "sources",
    [
        {"a": "import b", "b": "import c", "c": "from a import f"},
        {"a": "", "a.x": "import b.y", "b": "import b.z", "b.y": "", "b.z": "from a import x"},
        {"a": "class A:\n    import b", "b": "try:\n    import a\nexcept ImportError: ..."},
    ],
)
def test_a_circle_is_seen(sources: dict[str, str]) -> None:
    assert in_a_circle(sources)


@pytest.mark.parametrize(
    "sources",
    [
        {"a": "import b", "b": "def f():\n    import a"},
        {"a": "import b", "b": "if TYPE_CHECKING:\n    import a"},
        {"a": "from a.x import f", "a.x": "from a import y", "a.y": ""},
    ],
)
def test_what_is_imported_later_or_within_is_no_circle(sources: dict[str, str]) -> None:
    assert in_a_circle(sources) == []


def test_the_rooms_stand_where_the_house_says() -> None:
    assert {room for room in ROOMS if (ROOT / room / "__init__.py").exists()} == set(ROOMS)
    for room in ROOMS:
        assert len(modules(room)) > 5
        docstring = ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text()))
        assert docstring is not None
        assert "?" in docstring.splitlines()[0], "a room is introduced by the question it answers"
        assert not (ROOT / "tests" / room).exists(), "it would hide the room"


MOST_ENTRIES = {"kb": 18, "ingest": 12, "search": 12}
MOST_LINES = 300


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_can_be_taken_in_at_a_glance(room: str) -> None:
    entries = [path.name for path in (ROOT / room).iterdir() if path.name != "__pycache__"]
    assert len(entries) <= MOST_ENTRIES[room], sorted(entries)


@pytest.mark.parametrize("room", ROOMS)
def test_no_file_is_long(room: str) -> None:
    lengths = {
        path.as_posix(): len((ROOT / path).read_text(encoding="utf-8").splitlines())
        for path in modules(room)
    }
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


@pytest.mark.parametrize("name", list(LENT))
def test_a_command_takes_what_the_front_door_lends_it(name: str) -> None:
    def of(place: str) -> Any:
        module, _, its = place.partition(":")
        return getattr(importlib.import_module(module), its)

    command = COMMANDS[name][0]
    taken = inspect.signature(of(command).callback).parameters
    for argument, place in LENT[name].items():
        assert place.partition(".")[0] != command.partition(".")[0], "its own room can import it"
        assert callable(of(place))
        assert argument in taken


# What is not imported before it is needed

LOADED = """
import json, sys
from kb.cli import run
code = run(sys.argv[2:])
with open(sys.argv[1], "w") as file:
    json.dump([code, sorted(name for name in sys.modules if "." not in name)], file)
"""


@pytest.fixture
def loaded(home: Path) -> Callable[..., tuple[int, set[str]]]:
    """Runs `kb` in a process of its own; gives its exit code and the modules that it loaded."""

    def call(*arguments: str | Path) -> tuple[int, set[str]]:
        note = home.parent / "loaded.json"
        command = [sys.executable, "-c", LOADED, str(note), *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        code, names = json.loads(note.read_text())
        return code, set(names)

    return call


@pytest.fixture
def briefs(home: Path, ask: Ask) -> Path:
    """A file with a brief, in a knowledge base of the model that tests use."""
    path = home / "heat.txt"
    path.write_text("Heat at work\n\nEmployers give shade and water.\n")
    assert ask("init", "--model", "hashing")[0] == 0
    assert ask("ingest", path)[0] == 0
    return path


@pytest.mark.parametrize(
    "arguments",
    ["--help", "--version", "", "init --help", "list --help", "eval --help", "help", "help json"],
)
def test_help_loads_nothing_heavy(
    loaded: Callable[..., tuple[int, set[str]]], arguments: str
) -> None:
    code, names = loaded(*arguments.split())
    assert code == 0
    assert names & (HEAVY | {"numpy", "sqlite_utils", "platformdirs"}) == set()
    assert "click" in names


@pytest.mark.parametrize("command", ["list", "list --json", "stats", "show heat-work#1"])
def test_looking_loads_nothing_heavy(
    briefs: Path, loaded: Callable[..., tuple[int, set[str]]], command: str
) -> None:
    code, names = loaded(*command.split())
    assert code == 0
    assert names & (HEAVY | {"numpy", "sqlite_utils"}) == set()


def test_help_does_not_load_the_rooms(loaded: Callable[..., tuple[int, set[str]]]) -> None:
    assert loaded("--help")[1] & {"ingest", "search"} == set()


@pytest.mark.parametrize("command", ["watch --help", "ingest heat.txt", "search water"])
def test_only_watching_loads_what_watches(
    briefs: Path, loaded: Callable[..., tuple[int, set[str]]], command: str
) -> None:
    assert "watchfiles" not in loaded(*command.split())[1]


def test_a_model_is_not_loaded_by_what_needs_none(
    briefs: Path, loaded: Callable[..., tuple[int, set[str]]]
) -> None:
    for command in (["search", "--mode", "keyword", "water"], ["verify"], ["remove", "heat-work"]):
        code, names = loaded(*command)
        assert code == 0
        assert names & HEAVY <= {"faiss"}


@pytest.mark.model
def test_ingesting_what_is_unchanged_loads_no_model(
    home: Path, loaded: Callable[..., tuple[int, set[str]]]
) -> None:
    (home / "heat.txt").write_text("Heat at work\n\nEmployers give shade and water.\n")
    assert {"onnxruntime", "tokenizers"} <= loaded("ingest", "heat.txt")[1]
    code, names = loaded("ingest", "heat.txt")
    assert code == 0
    assert names & (HEAVY | {"onnxruntime", "tokenizers"}) == set()
