"""Metadata stated on the command line, passwords, and the limit of size."""

from __future__ import annotations

import getpass
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from ingest.sources.files import MAX_SIZE, MEGABYTE
from kb.errors import BadUsage
from kb.metadata import SEVERAL, Metadata
from kb.text.dates import require_date

F = TypeVar("F", bound=Callable[..., Any])

_ASK = "\0"  # what --password without a value stands for; no argument of a program can hold it

_OPTIONS = (  # the option, the field of `Metadata`, the help
    ("title", "title", "The title; it wins over what the file says, as all of these."),
    ("author", "author", "An author; repeat for several."),
    ("date", "issued", "When it was published: 2017, 2017-03 or 2017-03-12."),
    ("publisher", "publisher", "Who published it."),
    ("url", "url", "Where it stands on the web."),
    ("tag", "keyword", "A tag; repeat for several."),
)
FIELDS = {option: field for option, field, _ in _OPTIONS}


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


def override_options(command: F) -> F:
    """The options that state metadata; `overrides_of` makes sense of what they are given."""
    for option, field, help in reversed(_OPTIONS):
        command = click.option(f"--{option}", field, multiple=field in SEVERAL, help=help)(command)
    return command


def overrides_of(stated: Mapping[str, Any]) -> Metadata:
    """What the options say; BadUsage for what is empty, for a date or an address that is none."""
    overrides = Metadata(**stated)
    for option, field in FIELDS.items():
        value = stated[field]
        for one in value if field in SEVERAL else (value,):
            if one is not None and not one.strip():
                raise BadUsage(f"--{option} says nothing. Leave it out, or say something.")
    if overrides.url is not None and not re.match(r"https?://\S+$", overrides.url):
        raise BadUsage(
            f"--url {overrides.url}: no web address. It begins with https:// or http://."
        )
    issued = overrides.issued and require_date(overrides.issued, "--date")
    return replace(overrides, issued=issued)
