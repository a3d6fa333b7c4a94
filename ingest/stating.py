"""Metadata stated on the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from kb.dates import require_date
from kb.records import Stated

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--title", help="The title, where the file does not say."),
    click.option("--author", "authors", multiple=True, help="An author; repeat for several."),
    click.option("--date", help="When it was published: 2017, 2017-03 or 2017-03-12."),
    click.option("--publisher", help="Who published it."),
    click.option("--url", help="Where it stands on the web."),
    click.option("--tag", "tags", multiple=True, help="A tag; repeat for several."),
)


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
    """What the options say; BadUsage for a date that is none."""
    return Stated(
        title=title or None,
        authors=authors or None,
        published=require_date(date, "--date") if date else None,
        publisher=publisher or None,
        url=url or None,
        tags=tags or None,
    )
