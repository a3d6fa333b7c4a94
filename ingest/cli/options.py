"""Metadata stated on the command line, and the limit of size."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from ingest.sources.files import MAX_SIZE, MEGABYTE
from kb.errors import BadUsage
from kb.records import Stated
from kb.text.dates import require_date

F = TypeVar("F", bound=Callable[..., Any])

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
