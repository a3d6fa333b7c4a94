"""kb help: guides for a person and through a pipe, the help of commands, what is not there."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import documents
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.cli import COMMANDS
from kb.guides import TOPICS, about, guide
from kb.text.markdown import rendered, table
from kb.text.terminal import NARROWEST, PIPE, WIDEST, Terminal

Ask = Callable[..., tuple[int, str, str]]


def words(text: str) -> Counter[str]:
    """The words of a text, however often each stands in it."""
    return Counter(re.findall(r"[^\W_]+", text))


@pytest.mark.parametrize("width", [NARROWEST, PIPE])
@pytest.mark.parametrize("path", documents.GUIDES, ids=lambda path: path.stem)
def test_a_guide_keeps_its_words_and_the_width(path: Path, width: int) -> None:
    text = rendered(documents.read(path), Terminal(width))
    source = re.sub(r"(?<=\])\([^)]*\)|^```\w+$", "", documents.read(path), flags=re.MULTILINE)
    headings = words(" ".join(cell for its in documents.tables(path) for cell in its.columns))
    assert words(source) - headings - words(text) == Counter()
    blocks = "".join(documents.blocks(path))
    code = {f"    {line}".rstrip() for line in blocks.splitlines()}
    lines = text.splitlines()
    assert code <= set(lines)
    long = [line for line in lines if len(line) > width and line not in code]
    assert [line for line in long if "://" not in line and len(line.split()) > 1] == []


CELLS = st.lists(st.text("ab ", max_size=30), min_size=3, max_size=3)


@given(st.lists(CELLS, min_size=2, max_size=5), st.integers(1, WIDEST))
def test_a_table_keeps_its_cells_and_the_width(rows: list[list[str]], width: int) -> None:
    shown = table(rows, Terminal(width))
    longest = max((len(word) for row in rows for cell in row for word in cell.split()), default=0)
    if width >= 3 * longest + 4:
        assert max(map(len, shown.splitlines()), default=0) <= width
        assert words(shown) == words(" ".join(cell for row in rows for cell in row))
    elif width > longest + 4:
        assert words(" ".join(cell for row in rows[1:] for cell in row)) - words(shown) == Counter()


def test_a_table_by_eye() -> None:
    rows = [["mode", "finds"], ["`hybrid`", "by meaning and by words"], ["`keyword`", "by words"]]
    assert table(rows, Terminal(40)) == (
        "mode       finds\n`hybrid`   by meaning and by words\n`keyword`  by words"
    )
    assert table(rows, Terminal(24)) == (
        "mode       finds\n\n`hybrid`   by meaning\n           and by words\n\n`keyword`  by words"
    )
    assert table(rows, Terminal(16)) == (
        "`hybrid`\n  finds: by\n  meaning and by\n  words\n\n`keyword`\n  finds: by\n  words"
    )


def test_markdown_by_eye() -> None:
    source = (
        "# Asking: how\n\nSome **strong** words and `code`,\nsee [json](json.md) and\n"
        "[pandoc](https://pandoc.org).\n\n"
        "- one\n- two\n\n3. three\n4. four\n\n```console\n$ kb list\nkey\n```\n"
    )
    assert rendered(source, Terminal(40, colour=True)) == (
        "\x1b[1mAsking: how\x1b[0m\n\n"
        "Some strong words and `code`, see json\n(`kb help json`) and pandoc\n"
        "(https://pandoc.org).\n\n"
        "- one\n- two\n\n3. three\n4. four\n\n"
        "\x1b[36m    $ kb list\x1b[0m\n    key\n"
    )


def test_guides_and_topics_are_the_same() -> None:
    files = {path.stem for path in documents.GUIDES[0].parent.glob("*.md")}
    assert files == set(TOPICS)
    assert not files & set(COMMANDS), "kb help could mean either"
    for topic in TOPICS:
        heading = guide(topic).partition("\n")[0]
        assert re.match(f"# {topic}: .", heading, re.IGNORECASE)
        assert len(about(topic)) < 70


def test_help_alone_lists_guides_and_commands(ask: Ask) -> None:
    code, out, err = ask("help")
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert [f"{topic} {about(topic)}" for topic in TOPICS] == lines[1 : 1 + len(TOPICS)]
    assert lines[-len(COMMANDS) :] == [f"{name} {line}" for name, (_, line) in COMMANDS.items()]


@pytest.mark.parametrize("topic", TOPICS)
def test_through_a_pipe_a_guide_is_markdown_as_it_is(ask: Ask, topic: str) -> None:
    assert ask("help", topic) == (0, guide(topic), "")


def test_on_a_terminal_a_guide_is_set_for_a_person() -> None:
    ours, theirs = pty.openpty()
    environment = {
        **os.environ,
        "COLUMNS": "60",
        "TERM": "xterm",
        "PYTHONPATH": str(documents.ROOT),
    }
    environment.pop("NO_COLOR", None)
    program = "from kb.cli import main; main()"
    command = [sys.executable, "-c", program, "help", "measuring"]
    with subprocess.Popen(command, stdout=theirs, env=environment) as process:
        os.close(theirs)
        out = b""
        try:
            while piece := os.read(ours, 4096):
                out += piece
        except OSError:  # the other end is closed
            pass
        assert process.wait(60) == 0
    os.close(ours)
    text = out.decode().replace("\r\n", "\n")
    assert text == rendered(guide("measuring"), Terminal(60, colour=True))
    assert text.startswith("\x1b[1mMeasuring: ")


@pytest.mark.parametrize("names", [*((name,) for name in COMMANDS), ("encoder", "prepare")])
def test_help_of_a_command_is_what_it_says_itself(ask: Ask, names: tuple[str, ...]) -> None:
    assert ask("help", *names) == ask(*names, "--help")
    assert f"Usage: kb {' '.join(names)}" in ask("help", *names)[1]


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("serch", "Did you mean search?"),
        ("format", "Did you mean formats?"),
        ("Asking", "Did you mean asking?"),
        ("encoder repare", "there is no help on 'encoder repare'"),
        ("formats search", "there is no help on 'formats search'"),
        ("xylophone", "Guides: formats, asking"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(ask: Ask, asked: str, near: str) -> None:
    code, out, err = ask("help", *asked.split())
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert near in err
    assert "Commands: init, ingest" in err


def test_kb_names_its_guides(ask: Ask) -> None:
    assert "kb help " in ask("--help")[1]
