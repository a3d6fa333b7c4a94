"""kb help"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from kb.errors import BadUsage
from kb.guides import TOPICS, about, guide
from kb.text.terminal import Terminal


@click.command("help")
@click.argument("topic", metavar="[TOPIC | COMMAND]", nargs=-1)
@click.pass_context
def help_(ctx: click.Context, topic: tuple[str, ...]) -> None:
    """Show a guide on TOPIC, or the help of COMMAND; without either, what there is of both."""
    door = ctx.find_root()
    assert isinstance(door.command, click.Group)
    if not topic:
        click.echo(_listing(door, door.command))
    elif topic[0] in TOPICS and len(topic) == 1:
        click.echo(_shown(guide(topic[0])), nl=False)
    else:
        click.echo(_help_of(topic, door, door.command))


def _listing(ctx: click.Context, door: click.Group) -> str:
    """The guides and the commands, a line each."""
    formatter = ctx.make_formatter()
    with formatter.section("Guides, shown by kb help TOPIC"):
        formatter.write_dl([(topic, about(topic)) for topic in TOPICS])
    door.format_commands(ctx, formatter)
    return formatter.getvalue().rstrip("\n")


def _shown(source: str) -> str:
    """A guide, set for a person who looks at it; through a pipe as it is written."""
    if not sys.stdout.isatty():
        return source
    from kb.text.markdown import rendered

    return rendered(source, Terminal.of())


def _help_of(names: Sequence[str], ctx: click.Context, door: click.Group) -> str:
    """What `kb COMMAND --help` prints; BadUsage with the nearest names when there is none."""
    command: click.Command = door
    for name in names:
        found = command.get_command(ctx, name) if isinstance(command, click.Group) else None
        if found is None:
            raise BadUsage(_unknown(" ".join(names), door.list_commands(ctx)))
        command, ctx = found, click.Context(found, info_name=name, parent=ctx)
    return command.get_help(ctx)


def _unknown(asked: str, commands: Sequence[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(asked.lower(), [*TOPICS, *commands], 3, 0.7)
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    return (
        f"there is no help on {asked!r}.{meant} Guides: {', '.join(TOPICS)}. "
        f"Commands: {', '.join(commands)}."
    )
