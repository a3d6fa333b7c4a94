"""README and the guides are true: their commands run, and print what they say.

In `console` blocks a line after `$ ` is run and the lines below are its output; a line of `…`
stands for any lines, `…` in a line for anything. Figures that differ from run to run (seconds,
scores) are compared as figures. README begins in a home folder with the sample briefs in it, a
guide in one where they are taken in. `sh` blocks need the network or a shell's start-up file, or
take long: they are parsed, not run. `json` blocks are JSON, `python` blocks run.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import documents
import pytest
from documents import ALL, FOR_USERS, README, ROOT, blocks

from kb.cli import COMMANDS, cli

_FIGURES = (
    (re.compile(r"\b\d+\.\d+ s\b"), "N s"),
    (re.compile(r"score -?\d+\.\d+"), "score N"),
    (re.compile(r'("(?:score|took_ms)"): -?[\d.]+'), r"\1: N"),
    (re.compile(r"\d+ (?:KB|MB)"), "N KB"),
    (re.compile(r"[+-]?\b\d\.\d{3,4}\b"), "N"),
    (re.compile(r"(?<=N )( +\d+){3}$"), "wins, losses, ties"),
)
PROGRAMS = {"pipx", "eval", "rm", "make", "git", ".ci/run"}  # that `sh` blocks may name
MOST_LINES = 150  # of README


def steps(document: Path) -> Iterator[tuple[str, list[str]]]:
    """Each command of the console blocks, with the output that is shown."""
    for block in blocks(document, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output.splitlines()


def plain(text: str) -> str:
    """Text with the figures that differ from run to run made equal."""
    for pattern, instead in _FIGURES:
        text = pattern.sub(instead, text)
    return text


def matches(shown: list[str], printed: str) -> bool:
    """Whether a command printed what is shown of it."""
    lines = [plain(line).rstrip() for line in shown]
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r"\n"
        for line in lines
    )
    text = "".join(f"{plain(line).rstrip()}\n" for line in printed.splitlines())
    return re.fullmatch(pattern, text) is not None


def run(command: str, home: Path, folder: Path) -> str:
    """What a command prints, standard error among it; the user's home is called /home/ada."""
    environment = {
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],
        "PYTHONPATH": str(ROOT),  # the tree that is tested, whichever is installed
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    return done.stdout.replace(str(home), "/home/ada")


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for homes, with one ("filled") in which the sample briefs are taken in."""
    folder = tmp_path_factory.mktemp("homes")
    home = folder / "ada"
    home.mkdir()
    shutil.copytree(ROOT / "corpus", home / "corpus")
    shutil.copytree(home, folder / "fresh")
    assert "14 added" in run("kb init && kb ingest corpus", home, home)
    home.rename(folder / "filled")
    return folder


@pytest.fixture
def home(homes: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The home folder of a user, as the document to be tried (`document`) finds it."""
    document = request.node.callspec.params["document"]
    made = shutil.copytree(homes / ("fresh" if document == README else "filled"), homes / "ada")
    yield made
    shutil.rmtree(made)


def of_document(*, language: str) -> pytest.MarkDecorator:
    """Tries each document that has blocks in a language, under its name."""
    having = [path for path in ALL if blocks(path, language)]
    return pytest.mark.parametrize("document", having, ids=documents.name)


@pytest.mark.model
@of_document(language="console")
def test_each_command_prints_what_is_shown(document: Path, home: Path) -> None:
    wrong = []
    for command, shown in steps(document):
        if command.startswith("make"):
            continue
        printed = run(command, home, home)
        if not matches(shown, printed):
            wrong.append(f"$ {command}\n{printed}")
    assert not wrong, "something else is shown than:\n" + "\n".join(wrong)


@pytest.mark.model
def test_make_ask_prints_what_readme_shows(tmp_path: Path) -> None:
    if not (ROOT / ".venv" / ".installed").exists():
        pytest.skip("the environment of make is not set up")
    shown = next(output for command, output in steps(README) if command == "make ask")
    run("make --no-print-directory ask", tmp_path, ROOT)  # the first may take the briefs in
    assert matches(shown, run("make --no-print-directory ask", tmp_path, ROOT))


@pytest.mark.model
@of_document(language="python")
def test_python_examples_run(document: Path, home: Path) -> None:
    for example, prints in zip(
        blocks(document, "python"), ("targeting intelligence", "1 added []"), strict=True
    ):
        assert len(example.strip().splitlines()) <= 8
        (home / "example.py").write_text(example, encoding="utf-8")
        printed = run("python example.py", home, home)
        assert "Traceback" not in printed
        assert prints in printed


@of_document(language="json")
def test_json_examples_are_json(document: Path) -> None:
    for block in blocks(document, "json"):
        for line in block.splitlines():
            assert isinstance(json.loads(line), dict)


@of_document(language="sh")
def test_shell_lines_parse_and_name_programs_that_exist(document: Path) -> None:
    for block in blocks(document, "sh"):
        assert subprocess.run(["bash", "-n", "-c", block], check=False).returncode == 0
        for line in block.strip().splitlines():
            assert shlex.split(line, comments=True)[0] in PROGRAMS


def test_every_block_is_of_a_kind_that_is_tried() -> None:
    kinds = ("console", "json", "python", "sh", "text")
    for document in ALL:
        assert sum(len(blocks(document, kind)) for kind in kinds) == len(blocks(document))


def test_readme_is_no_longer_than_a_newcomer_reads() -> None:
    assert len(documents.read(README).splitlines()) <= MOST_LINES


def test_every_command_and_every_option_is_in_a_document() -> None:
    text = "\n".join(map(documents.read, FOR_USERS))
    assert [name for name in COMMANDS if f"`kb {name}" not in text] == []
    assert {name for name in options() if name not in text} == set()


def test_every_option_that_a_document_names_exists() -> None:
    for document in FOR_USERS:
        text = re.sub(r"```sh.*?```", "", documents.read(document), flags=re.S)
        assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)) <= options()


def options() -> set[str]:
    """All options of all commands, in their long form."""
    context = click.Context(cli)
    known = {"--help", *(option for param in cli.params for option in param.opts)}
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        of = [command, *(command.commands.values() if isinstance(command, click.Group) else [])]
        known.update(
            option
            for each in of
            for param in each.params
            if isinstance(param, click.Option)
            for option in (*param.opts, *param.secondary_opts)
        )
    return {option for option in known if option.startswith("--")}


@pytest.mark.parametrize("document", ALL, ids=documents.name)
def test_lines_are_no_longer_than_those_of_code(document: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", documents.read(document), flags=re.M | re.S)
    long = [line for line in text.splitlines() if len(line) > 100 and not line.startswith("|")]
    assert long == []
