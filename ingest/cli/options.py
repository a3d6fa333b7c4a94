"""Metadata stated on the command line, and the limit of size."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import click

from ingest.sources.files import MAX_SIZE, MEGABYTE
from kb.errors import BadUsage
from kb.metadata import SEVERAL, Metadata
from kb.text.dates import require_date

F = TypeVar("F", bound=Callable[..., Any])

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
