"""The front door: `kb`. It knows the rooms by name and imports one when it is asked for."""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from importlib import import_module
from typing import Any

import click

from kb import __version__
from kb.errors import KBError

# name: where it is, and its line in `kb --help`, so that help imports nothing
COMMANDS = {
    "init": ("kb.commands.init:init", "Make a new knowledge base."),
    "ingest": ("ingest.cli.ingest:ingest", "Take in briefs: files, folders, JSONL."),
    "watch": ("ingest.cli.watch:watch", "Take in what comes to folders, as it comes."),
    "search": ("search.cli.search:search", "Ask a question; get cited passages."),
    "show": ("search.cli.show:show", "Show a passage or a document."),
    "list": ("kb.commands.list:list_", "List what is kept."),
    "remove": ("kb.commands.remove:remove", "Take documents out of search."),
    "keep-text": ("ingest.cli.keep_text:keep_text", "Take back text that was left out."),
    "set": ("ingest.cli.set:set_", "State title, authors, date of a document."),
    "stats": ("kb.commands.stats:stats", "Show figures of the knowledge base."),
    "eval": ("search.cli.eval:eval_", "Measure how well search answers."),
    "encoder": ("kb.commands.encoder:encoder", "Make the model ready beforehand."),
    "verify": ("kb.commands.verify:verify", "Check that all that is kept is sound."),
    "help": ("kb.commands.help:help_", "Show a guide, or the help of a command."),
}

# click's words for what is no number, which name its own types
_NO_NUMBER = re.compile(r"is not a valid (integer|float)(?: range)?\.?$")

# what a command of one room needs of another: its function takes it under this name
LENT = {
    "eval": {"ingest": "ingest.cli.ingest:fill"},
}


class FrontDoor(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = copy(_named(COMMANDS[cmd_name][0]))
        if cmd_name in LENT and command.callback is not None:
            lent = {name: _lent(target) for name, target in LENT[cmd_name].items()}
            command.callback = partial(command.callback, **lent)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(
                f"there is no command {args[0]!r}. There are: {', '.join(COMMANDS)}.", ctx
            )
        return super().resolve_command(ctx, args)


def _named(target: str) -> Any:
    """What "module:name" names."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def _lent(target: str) -> Callable[..., Any]:
    """A function of a room, which is imported when it is called."""

    def call(*arguments: Any) -> Any:
        return _named(target)(*arguments)

    return call


@click.group(
    cls=FrontDoor,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--kb",
    "location",
    metavar="DIR",
    help="The knowledge base to use. Without it: $KB_DIR, the nearest .kb folder upward, "
    "or the one in your data folder.",
)
@click.version_option(__version__, prog_name="kb")
@click.pass_context
def cli(ctx: click.Context, location: str | None) -> None:
    """Keep policy briefs, ask questions, get cited passages.

    \b
    kb ingest reports/            take in a folder of briefs
    kb search "who pays for it"   ask
    kb help                       list guides and commands
    """
    ctx.obj = location
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done or found, 1 nothing found or faults, 2 an error.

    What is registered to be done at exit is done. Then the process ends at once: taking the
    libraries down piece by piece would be a sixth of what a question costs.
    """
    code = 1
    atexit.register(lambda: _end(code))  # the first to be registered is the last to be called
    code = run(arguments)
    sys.exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """The exit code of the command line; an error is one line on stderr."""
    try:
        # help and errors in UTF-8 whatever the locale says: briefs are full of typographic quotes
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        code = cli.main(args=arguments, prog_name="kb", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Abort:
        return _say("stopped", 130)
    except KeyboardInterrupt:
        return _say("stopped", 130)
    except click.ClickException as error:
        return _say(_one_line(error), 2)
    except KBError as error:
        return _say(str(error), 2)
    except (BrokenPipeError, SystemExit):  # click makes the second of the first
        # the reader went away (`kb list | head`): nothing to say, and nothing to flush at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("KB_DEBUG"):
            raise
        return _say(f"{_unforeseen(error)} (KB_DEBUG=1 shows where it arose)", 2)


def _end(code: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # nobody reads it any more
            stream.flush()
    os._exit(code)


def _say(line: str, code: int) -> int:
    click.echo(f"kb: {' '.join(line.split())}", err=True)
    return code


def _one_line(error: click.ClickException) -> str:
    line = _NO_NUMBER.sub(_kind_of_number, error.format_message())
    context = getattr(error, "ctx", None)
    if isinstance(error, click.UsageError) and context is not None:
        line = line if line.endswith("?") else f"{line.rstrip('.')}."
        line = f"{line} See: {context.command_path} --help"
    return line


def _kind_of_number(found: re.Match[str]) -> str:
    return "is not a whole number" if found[1] == "integer" else "is not a number"


def _unforeseen(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "there is not enough memory for this; close other programs or take in smaller files"
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}"
    return f"something went wrong that kb did not foresee: {type(error).__name__}: {error}"
