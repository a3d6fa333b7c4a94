"""README is true: its commands run, and print what it says.

In `console` blocks a line after `$ ` is run and the lines below are its output; a line of `…`
stands for any lines, `…` in a line for anything. Figures that differ from run to run (seconds,
scores) are compared as figures. `sh` blocks need the network or a shell's start-up file: they are
parsed, not run.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.cli import COMMANDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FIGURES = (
    (re.compile(r"\b\d+\.\d+ s\b"), "N s"),
    (re.compile(r"score -?\d+\.\d+"), "score N"),
    (re.compile(r'("(?:score|took_ms)"): -?[\d.]+'), r"\1: N"),
    (re.compile(r"\d+ (?:KB|MB)"), "N KB"),
    (re.compile(r"[+-]?\b\d\.\d{3,4}\b"), "N"),
    (re.compile(r"(?<=N )( +\d+){3}$"), "wins, losses, ties"),
)


def blocks(language: str) -> list[str]:
    """The contents of README's blocks in a language."""
    return [content for name, content in _BLOCK.findall(README) if name == language]


def steps() -> Iterator[tuple[str, list[str]]]:
    """Each command of the console blocks, with the output that README shows."""
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output.splitlines()


def plain(text: str) -> str:
    """Text with the figures that differ from run to run made equal."""
    for pattern, instead in _FIGURES:
        text = pattern.sub(instead, text)
    return text


def matches(shown: list[str], printed: str) -> bool:
    """Whether a command printed what README shows of it."""
    lines = [plain(line).rstrip() for line in shown]
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r"\n"
        for line in lines
    )
    text = "".join(f"{plain(line).rstrip()}\n" for line in printed.splitlines())
    return re.fullmatch(pattern, text) is not None


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of a user who has just installed kb, with the sample briefs in it."""
    home = tmp_path_factory.mktemp("readme") / "ada"
    home.mkdir()
    shutil.copytree(ROOT / "corpus", home / "corpus")
    return home


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


@pytest.mark.model
def test_each_command_prints_what_readme_shows(ada: Path) -> None:
    wrong = []
    for command, shown in steps():
        if command.startswith("make"):
            continue
        printed = run(command, ada, ada)
        if not matches(shown, printed):
            wrong.append(f"$ {command}\n{printed}")
    assert not wrong, "README shows something else than:\n" + "\n".join(wrong)


@pytest.mark.model
def test_make_ask_prints_what_readme_shows(ada: Path) -> None:
    if not (ROOT / ".venv" / ".installed").exists():
        pytest.skip("the environment of make is not set up")
    shown = next(output for command, output in steps() if command == "make ask")
    run("make --no-print-directory ask", ada, ROOT)  # the first may take the briefs in
    assert matches(shown, run("make --no-print-directory ask", ada, ROOT))


@pytest.mark.model
def test_python_example_runs(ada: Path) -> None:
    (example,) = blocks("python")
    assert len(example.strip().splitlines()) <= 8
    (ada / "example.py").write_text(example, encoding="utf-8")
    printed = run("python example.py", ada, ada)
    assert "Traceback" not in printed
    assert "why targeting" in printed.lower() or "targeting intelligence" in printed


def test_shell_lines_parse_and_name_programs_that_exist() -> None:
    for block in blocks("sh"):
        assert subprocess.run(["bash", "-n", "-c", block], check=False).returncode == 0
        for line in block.strip().splitlines():
            assert shlex.split(line)[0] in ("pipx", "eval", "rm", "pip")


def test_every_command_is_in_readme() -> None:
    assert [name for name in COMMANDS if f"`kb {name}" not in README] == []


def test_every_option_that_readme_names_exists() -> None:
    import click

    from kb.cli import cli

    context = click.Context(cli)
    known = {"--help", *(option for param in cli.params for option in param.opts)}
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        known.update(
            option for param in command.params for option in (*param.opts, *param.secondary_opts)
        )
    named = set(
        re.findall(r"(?<![\w-])--[a-z][a-z-]*", re.sub(r"```sh.*?```", "", README, flags=re.S))
    )
    assert named <= known, named - known
