"""What every command needs: the knowledge base that it means, and JSON on standard output."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

from kb.commands.locations import required
from kb.errors import BadUsage
from kb.store import Store, open_store

F = TypeVar("F", bound=Callable[..., Any])


def opened(ctx: click.Context, *, write: bool = False) -> Store:
    """The knowledge base that the command line means; it must exist."""
    return open_store(required(ctx.obj).path, write=write)


def json_option(function: F) -> F:
    """The option --json."""
    option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
    return option(function)


def chosen_format(form: str | None, as_json: bool, default: str = "text") -> str:
    """The format that --format and --json ask for; BadUsage when each asks for another."""
    if as_json and form not in (None, "json"):
        raise BadUsage(f"--json and --format {form} contradict each other; leave one out.")
    return form or ("json" if as_json else default)


def echo_json(value: object) -> None:
    """The value as indented JSON on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
