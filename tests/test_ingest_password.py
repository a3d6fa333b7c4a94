"""The password of a locked file: asked for, read from a file, or given for all to see."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from pdf_writer import Sheet, paragraph, pdf

from ingest.cli.ingest import ingest
from ingest.cli.keep_text import keep_text
from ingest.cli.set import set_

Ask = Callable[..., tuple[int, str, str]]
SECRET = "open sesame"
PROSE = "Drivers who pay the toll by the week pay less than those who pay it once a day."
LINE = ["from kb.cli import main; main()", "ingest", "locked.pdf", "--password"]


@pytest.fixture
def locked(home: Path, ask: Ask) -> Path:
    """A file that is locked, beside an empty knowledge base."""
    (home / "locked.pdf").write_bytes(pdf([Sheet(paragraph(PROSE))], password=SECRET))
    assert ask("init", "--model", "hashing")[0] == 0
    return home / "locked.pdf"


def on_a_terminal(typed: str) -> tuple[int, str, str]:
    """Exit code, all that the terminal showed, and the process's arguments, of `LINE`."""
    ours, theirs = pty.openpty()
    become = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    process = subprocess.Popen(
        [sys.executable, "-c", become + LINE[0], *LINE[1:]],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown, arguments = b"", b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # Linux's way to say that nobody writes any more
            break
        if not piece:
            break
        shown += piece
        if shown.endswith(b"Password: "):
            arguments = subprocess.run(
                ["ps", "-ww", "-o", "args=", "-p", str(process.pid)],
                capture_output=True,
                check=True,
            ).stdout
            os.write(ours, typed.encode())
    os.close(ours)
    return process.wait(timeout=60), shown.decode(), arguments.decode()


def test_it_is_asked_for_and_not_shown(locked: Path, ask: Ask) -> None:
    code, shown, arguments = on_a_terminal(f"{SECRET}\n")
    assert code == 0, shown
    assert "Password: " in shown
    assert "1 added" in shown
    assert "--password" in arguments
    assert SECRET not in shown + arguments
    assert ask("search", "toll by the week")[0] == 0


@pytest.mark.parametrize("typed", ["\n", "\x04"])
def test_nothing_typed_is_no_password(locked: Path, typed: str) -> None:
    code, shown, _ = on_a_terminal(typed)
    assert code == 2
    assert "kb: no password was given" in shown


def test_the_wrong_one_is_said(locked: Path) -> None:
    code, shown, _ = on_a_terminal("close sesame\n")
    assert code == 1
    assert "the password does not open it" in shown


@pytest.mark.parametrize("data", [b"", f"{SECRET}\n".encode()])
def test_without_a_terminal_to_ask_on_a_line_says_what_to_do(locked: Path, data: bytes) -> None:
    done = subprocess.run(
        [sys.executable, "-c", *LINE], input=data, capture_output=True, start_new_session=True
    )
    assert done.returncode == 2
    assert done.stderr.decode() == (
        "kb: --password: there is no terminal to ask on. Give it with --password-file FILE.\n"
    )


@pytest.mark.parametrize(
    "text", [SECRET, f"{SECRET}\n", f"{SECRET}\r\nmore\n", f"\ufeff{SECRET}\n", f"{SECRET}\n\n"]
)
def test_it_is_read_from_the_first_line_of_a_file(
    locked: Path, home: Path, ask: Ask, text: str
) -> None:
    (home / "secret").write_bytes(text.encode())
    assert ask("ingest", "locked.pdf", "--password-file", "secret")[0] == 0


def test_spaces_belong_to_it(home: Path, ask: Ask) -> None:
    (home / "locked.pdf").write_bytes(pdf([Sheet(paragraph(PROSE))], password=f" {SECRET} "))
    (home / "secret").write_text(f" {SECRET} \n")
    assert ask("init", "--model", "hashing")[0] == 0
    assert ask("ingest", "locked.pdf", "--password-file", "secret")[0] == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "nowhere: No such file or directory. Name a file that holds the password."),
        (b"", "nowhere: no password in its first line."),
        (b"\nopen sesame\n", "nowhere: no password in its first line."),
        (b"caf\xe9\n", "nowhere: not UTF-8 text. Save it as UTF-8."),
    ],
)
def test_a_file_that_holds_none_is_named(
    locked: Path, home: Path, ask: Ask, data: bytes | None, said: str
) -> None:
    if data is not None:
        (home / "nowhere").write_bytes(data)
    code, _, err = ask("ingest", "locked.pdf", "--password-file", "nowhere")
    assert (code, err) == (2, f"kb: {said}\n")


def test_two_ways_at_once_are_refused(locked: Path, home: Path, ask: Ask) -> None:
    (home / "secret").write_text(SECRET)
    code, _, err = ask("ingest", "locked.pdf", "--password-file", "secret", "--password", "x")
    assert code == 2
    assert "contradict each other" in err


def test_every_command_that_opens_files_takes_it(locked: Path, home: Path, ask: Ask) -> None:
    (home / "secret").write_text(f"{SECRET}\n")
    assert ask("ingest", "locked.pdf", "--password", SECRET)[0] == 0
    assert ask("set", "locked", "--date", "2024")[0] == 2
    assert ask("set", "locked", "--date", "2024", "--password-file", "secret")[0] == 0
    assert ask("keep-text", "locked", "1", "--password-file", "nowhere")[0] == 2


@pytest.mark.parametrize("command", [ingest, set_, keep_text], ids=lambda one: one.name)
def test_help_says_who_can_read_it(command: click.Command) -> None:
    (option,) = (one for one in command.params if "--password" in one.opts)
    assert isinstance(option, click.Option)
    assert "can be read by other users in the list of processes" in (option.help or "")
    assert any("--password-file" in one.opts for one in command.params)
