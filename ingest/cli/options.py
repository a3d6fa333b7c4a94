"""Metadata stated on the command line, passwords, and the limit of size."""

from __future__ import annotations

import getpass
import re
import warnings
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from ingest.sources.files import MAX_SIZE, MEGABYTE
from kb.errors import BadUsage
from kb.records import Stated
from kb.text.dates import require_date

F = TypeVar("F", bound=Callable[..., Any])

_ASK = "\0"  # what --password without a value stands for; no argument of a program can hold it

_OPTIONS = (
    click.option("--title", help="The title; it wins over what the file says, as all of these."),
    click.option("--author", "authors", multiple=True, help="An author; repeat for several."),
    click.option("--date", help="When it was published: 2017, 2017-03 or 2017-03-12."),
    click.option("--publisher", help="Who published it."),
    click.option("--url", help="Where it stands on the web."),
    click.option("--tag", "tags", multiple=True, help="A tag; repeat for several."),
)


def max_size_option(command: F) -> F:
    """The option --max-size, in MB."""
    return click.option(
        "--max-size",
        type=click.FloatRange(min=0, min_open=True, max=1e12),
        default=MAX_SIZE / MEGABYTE,
        metavar="MB",
        help="Refuse larger files; 100 without it.",
    )(command)


def password_options(command: F) -> F:
    """The options --password and --password-file; the command takes what they say as `password`."""

    @click.option(
        "--password",
        is_flag=False,
        flag_value=_ASK,
        metavar="[WORD]",
        help="Opens PDF files that are locked. Without WORD, as the last of the line, it asks; "
        "WORD can be read by other users in the list of processes.",
    )
    @click.option(
        "--password-file", metavar="FILE", help="Takes the password from the first line of FILE."
    )
    @wraps(command)
    def with_password(
        *arguments: Any, password: str | None, password_file: str | None, **more: Any
    ) -> Any:
        return command(*arguments, password=_password(password, password_file), **more)

    return cast(F, with_password)


def _password(said: str | None, file: str | None) -> str | None:
    """The password, asked for or read where that is wanted; BadUsage when there is none."""
    if said is not None and file is not None:
        raise BadUsage("--password and --password-file contradict each other; leave one out.")
    if file is not None:
        return _from_file(file)
    if said != _ASK:
        return said
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)  # where it would be shown
            password = getpass.getpass("Password: ")
    except EOFError:  # Ctrl-D
        password = ""
    except getpass.GetPassWarning as error:
        raise BadUsage(
            "--password: there is no terminal to ask on. Give it with --password-file FILE."
        ) from error
    if not password:
        raise BadUsage("no password was given; leave --password out where none is needed.")
    return password


def _from_file(file: str) -> str:
    try:
        first = Path(file).read_text(encoding="utf-8-sig").partition("\n")[0].rstrip("\r")
    except OSError as error:
        raise BadUsage(f"{file}: {error.strerror}. Name a file that holds the password.") from error
    except UnicodeDecodeError as error:
        raise BadUsage(f"{file}: not UTF-8 text. Save it as UTF-8.") from error
    if not first:
        raise BadUsage(f"{file}: no password in its first line.")
    return first


def stating_options(command: F) -> F:
    """The options that state metadata; `stated` makes sense of what they are given."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def stated(
    title: str | None,
    authors: tuple[str, ...],
    date: str | None,
    publisher: str | None,
    url: str | None,
    tags: tuple[str, ...],
) -> Stated:
    """What the options say; BadUsage for what is empty, for a date or an address that is none."""
    said = {"--title": title, "--date": date, "--publisher": publisher, "--url": url}
    every = [
        *said.items(),
        *(("--author", one) for one in authors),
        *(("--tag", one) for one in tags),
    ]
    for option, value in every:
        if value is not None and not value.strip():
            raise BadUsage(f"{option} says nothing. Leave it out, or say something.")
    if url is not None and not re.match(r"https?://\S+$", url):
        raise BadUsage(f"--url {url}: no web address. It begins with https:// or http://.")
    return Stated(
        title=title,
        authors=authors or None,
        published=require_date(date, "--date") if date else None,
        publisher=publisher,
        url=url,
        tags=tags or None,
    )
