"""kb ingest"""

from __future__ import annotations

from collections.abc import Sequence

import click

from ingest.cli.options import (
    max_size_option,
    override_options,
    overrides_of,
    password_options,
)
from ingest.cli.report_text import print_report, summary, without_files
from ingest.pipeline.refusals import named_by
from ingest.pipeline.run import Options
from ingest.pipeline.run import ingest as run_ingest
from ingest.pipeline.session import Progress, Session, readable
from ingest.readers import NAMES
from ingest.sources.discovered import file_of
from ingest.sources.files import MEGABYTE, discover, folders_among, is_collection
from kb.commands.common import echo_json, json_option, opened
from kb.commands.locations import locate
from kb.encoders import encoder_of
from kb.errors import BadUsage
from kb.store import Store
from kb.text.lines import count


@click.command()
@click.argument("sources", metavar="SOURCE...", nargs=-1)
@override_options
@click.option(
    "--reader", type=click.Choice(NAMES), help="How to read, instead of by the file's type."
)
@password_options
@click.option("--reread", is_flag=True, help="Read again what is unchanged.")
@click.option("--retry", is_flag=True, help="Try again what was refused (kb list --problems).")
@click.option("--dismiss", is_flag=True, help="Forget that these sources were refused.")
@click.option(
    "--prune", is_flag=True, help="Take out of search what is gone from the folders named."
)
@max_size_option
@json_option
@click.pass_context
def ingest(
    ctx: click.Context,
    /,
    sources: tuple[str, ...],
    reader: str | None,
    password: str | None,
    reread: bool,
    retry: bool,
    dismiss: bool,
    prune: bool,
    max_size: float,
    as_json: bool,
    **stated: str | tuple[str, ...] | None,
) -> None:
    """Take in briefs: files, folders of them, patterns, JSONL, or "-" for standard input.

    It reads text, Markdown, HTML, PDF, Word, EPUB, mail and saved pages, and with pandoc
    installed OpenDocument and RTF.

    What is taken in already and did not change is skipped. What --title, --author and the like
    state wins over what the file says, and holds when it is ingested again.

    Exit code 1 when a source was refused.
    """
    if retry + dismiss + prune > 1:
        raise BadUsage("--retry, --dismiss and --prune are different things; ask for one.")
    if dismiss:
        _dismiss(ctx, sources)
        return
    if retry:
        sources = _refused_before(ctx, sources)
    elif not sources:
        raise click.MissingParameter(param=ctx.command.params[0], ctx=ctx)
    overrides = overrides_of(stated)
    if (overrides.title or overrides.url) and (len(sources) > 1 or is_collection(sources[0])):
        raise BadUsage("--title and --url belong to one document; ingest that file by itself.")
    location = locate(ctx.obj)
    most = int(max_size * MEGABYTE)
    any_type = reader is not None
    # what was refused may have been named by a list: a stranger's name is not the person's by now
    discovered = list(discover(sources, max_size=most, any_type=any_type, listed=retry))
    options = Options(reader, reread, most, overrides, password)
    report = Session(location, options, prune).take(discovered, folders_among(sources))
    if prune:
        for folder in set(folders_among(sources)) & {one.source for one in report.refused}:
            click.echo(without_files(folder), err=True)
    if as_json:
        echo_json(report.as_json())
    else:
        print_report(report)
        click.echo(summary(report), err=True)
    if report.interrupted:
        ctx.exit(130)
    if report.refused:
        ctx.exit(1)


def _refused_before(ctx: click.Context, sources: tuple[str, ...]) -> tuple[str, ...]:
    """The files of the sources that are on the list of the refused."""
    if sources:
        raise BadUsage("--retry tries what was refused before; leave the sources out.")
    with opened(ctx) as store:
        files = dict.fromkeys(file_of(one.source) for one in store.refusals())
    if not files:
        raise BadUsage("nothing is on the list of what was refused.")
    return tuple(files)


def _dismiss(ctx: click.Context, sources: tuple[str, ...]) -> None:
    """Take sources off the list of the refused: by name or path, by folder or pattern."""
    if not sources:
        raise BadUsage("name what to forget; kb list --problems lists what was refused.")
    with opened(ctx, write=True) as store:
        known = [one.source for one in store.refusals()]
        forgotten: set[str] = set()
        for source in sources:
            named = named_by(source, known)
            if not named:
                raise BadUsage(f"{source}: not on the list; kb list --problems shows it.")
            forgotten |= named
        with store.together():
            for uri in forgotten:
                store.dismiss(uri)
    click.echo(f"Forgot {count(len(forgotten), 'refusal')}.", err=True)


def fill(store: Store, sources: Sequence[str]) -> list[tuple[str, str]]:
    """Take sources into an open store, for another command; source and reason of the refused.

    KeyboardInterrupt when it is stopped, as half of the sources is of no use there.
    """
    discovered = list(discover(sources))
    with Progress(readable(discovered)) as progress:
        report = run_ingest(discovered, store, encoder_of(store.manifest), progress=progress.update)
    if report.interrupted:
        raise KeyboardInterrupt
    return [(refusal.source, refusal.reason) for refusal in report.refused]
