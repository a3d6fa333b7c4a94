"""kb ingest"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import click

from ingest.found import Found, LeftAlone, Link, Refusal, Source
from ingest.pipeline import Options
from ingest.pipeline import ingest as run_ingest
from ingest.readers import NAMES
from ingest.report import Report
from ingest.sources import MAX_SIZE, find, folders_among, is_collection
from ingest.stating import stated, stating_options
from ingest.unread import file_of, named_by
from ingest.vanished import Vanished, pruned, vanished
from kb.commands.common import echo_json, json_option, opened
from kb.encoders import encoder_of
from kb.errors import BadUsage
from kb.locations import Location, locate
from kb.store import Store, check_model, open_store
from kb.terminal import printable

MEGABYTE = 1024 * 1024
MOST_LISTED = 20  # sources refused for one reason that are named one by one


@click.command()
@click.argument("sources", metavar="SOURCE...", nargs=-1)
@stating_options
@click.option(
    "--reader", type=click.Choice(NAMES), help="How to read, instead of by the file's type."
)
@click.option("--password", help="Opens PDF files that are locked.")
@click.option("--reread", is_flag=True, help="Read again what is unchanged.")
@click.option("--retry", is_flag=True, help="Try again what was refused (kb list --problems).")
@click.option("--dismiss", is_flag=True, help="Forget that these sources were refused.")
@click.option(
    "--prune", is_flag=True, help="Take out of search what is gone from the folders named."
)
@click.option(
    "--max-size",
    type=click.FloatRange(min=0, min_open=True, max=1e12),
    default=MAX_SIZE / MEGABYTE,
    metavar="MB",
    help="Refuse larger files; 100 without it.",
)
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
    **said: str | tuple[str, ...] | None,
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
    saying = stated(**said)  # type: ignore[arg-type]
    if (saying.title or saying.url) and (len(sources) > 1 or is_collection(sources[0])):
        raise BadUsage("--title and --url belong to one document; ingest that file by itself.")
    location = locate(ctx.obj)
    found = list(find(sources, max_size=int(max_size * MEGABYTE), any_type=reader is not None))
    readable = sum(isinstance(source, Source | Link) for source in found)
    if not readable and not location.exists:  # nothing to make a knowledge base from
        report = Report(
            refused=[one for one in found if isinstance(one, Refusal)],
            left_alone=[one for one in found if isinstance(one, LeftAlone)],
        )
    else:
        options = Options(
            reader, reread, int(max_size * MEGABYTE), stated=saying, password=password
        )
        report = _ingest_into(location, found, readable, options, folders_among(sources), prune)
    if prune:
        for folder in set(folders_among(sources)) & {one.source for one in report.refused}:
            click.echo(
                f"note: {printable(folder)}: nothing is taken out of search for a folder without "
                "files: a disk that is not there looks the same. Use kb remove",
                err=True,
            )
    if as_json:
        echo_json(report.as_json())
    else:
        _tell(report)
    if report.interrupted:
        ctx.exit(130)
    if report.refused:
        ctx.exit(1)


def _ingest_into(
    location: Location,
    found: list[Found],
    readable: int,
    options: Options,
    folders: list[str],
    prune: bool,
) -> Report:
    new = not location.exists
    with open_store(location.path, write=True, create=new) as store:
        if new:
            click.echo(f"Made a new knowledge base in {location.path}", err=True)
        elif location.chosen == "data folder":
            click.echo(f"Using the knowledge base in {location.path}", err=True)
        encoder = encoder_of(store.manifest)
        if readable:
            check_model(store, encoder)
        with _Progress(readable) as progress:
            report = run_ingest(found, store, encoder, options, progress.update)
        if folders and not report.interrupted:
            gone = vanished(store, folders, found)
            report.vanished += pruned(store, gone) if prune else gone
        return report


def _refused_before(ctx: click.Context, sources: tuple[str, ...]) -> tuple[str, ...]:
    """The files of the sources that are on the list of the refused."""
    if sources:
        raise BadUsage("--retry tries what was refused before; leave the sources out.")
    with opened(ctx) as store:
        found = dict.fromkeys(file_of(one.source) for one in store.unread())
    if not found:
        raise BadUsage("nothing is on the list of what was refused.")
    return tuple(found)


def _dismiss(ctx: click.Context, sources: tuple[str, ...]) -> None:
    """Take sources off the list of the refused: by name or path, by folder or pattern."""
    if not sources:
        raise BadUsage("name what to forget; kb list --problems lists what was refused.")
    with opened(ctx, write=True) as store:
        known = [one.source for one in store.unread()]
        forgotten: set[str] = set()
        for source in sources:
            named = named_by(source, known)
            if not named:
                raise BadUsage(f"{source}: not on the list; kb list --problems shows it.")
            forgotten |= named
        with store.together():
            for uri in forgotten:
                store.dismiss(uri)
    click.echo(f"Forgot {_count(len(forgotten), 'refusal')}.", err=True)


def fill(store: Store, sources: Sequence[str]) -> list[tuple[str, str]]:
    """Take sources into an open store, for another command; source and reason of the refused.

    KeyboardInterrupt when it is stopped, as half of the sources is of no use there.
    """
    found = list(find(sources))
    with _Progress(sum(isinstance(source, Source | Link) for source in found)) as progress:
        report = run_ingest(found, store, encoder_of(store.manifest), progress=progress.update)
    if report.interrupted:
        raise KeyboardInterrupt
    return [(refusal.source, refusal.reason) for refusal in report.refused]


class _Progress:
    """A bar on stderr while a terminal looks on, with the speed and the time left; else silent."""

    def __init__(self, sources: int) -> None:
        self._bar: Any = click.progressbar(  # its type is private
            length=sources,
            label="Ingesting",
            file=sys.stderr,
            show_pos=True,
            item_show_func=lambda said: said,
            hidden=not sys.stderr.isatty(),
        )
        self._passages = self._tokens = 0
        self._began: float | None = None  # when the first passage was said to be encoded

    def __enter__(self) -> _Progress:
        self._bar.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.render_finish()

    def update(self, sources: int, passages: int, tokens: int) -> None:
        """So many sources, passages and tokens more are done."""
        self._passages += passages
        self._tokens += tokens
        self._bar.update(sources, self._said())

    def _said(self) -> str | None:
        if not self._passages:
            return None
        said = f"{self._passages:,} passages"
        if self._began is None:  # the first batch's time is that of loading the model
            self._began, self._tokens = time.monotonic(), 0
        elif self._tokens:
            said += f", {self._tokens / (time.monotonic() - self._began):,.0f} tokens/s"
        return said


def _tell(report: Report) -> None:
    """The report for a person: documents on stdout, what needs attention on stderr."""
    for verb, documents in (("added", report.added), ("updated", report.updated)):
        for taken in documents:
            left_out = f", {_count(taken.removed, 'text')} left out" if taken.removed else ""
            click.echo(
                f"{verb:<8} {taken.document}  {printable(taken.title)} "
                f"({_count(taken.passages, 'passage')}{left_out})"
            )
    for taken in (*report.added, *report.updated):
        for note in taken.notes:
            click.echo(f"note: {printable(taken.source)}: {note}", err=True)
    for same in report.attached:
        line = f"note: {printable(same.source)}: the same file as {same.document}, kept once"
        click.echo(line, err=True)
    for line in _lines("left alone", report.left_alone):
        click.echo(line, err=True)
    for gone in report.vanished:
        click.echo(f"gone: {printable(gone.source)}: {_fate(gone)}", err=True)
    for line in _lines("refused", report.refused):
        click.echo(line, err=True)
    click.echo(_summary(report), err=True)


def _fate(gone: Vanished) -> str:
    if gone.removed:
        return f"took {gone.document} out of search"
    if gone.last:
        return f"{gone.document} can still be found. Take it out with --prune"
    return f"{gone.document} stays: it was read from another place, too"


def _lines(verb: str, sources: Sequence[Refusal | LeftAlone]) -> list[str]:
    """A line for each source; of many for one reason, the first and how many more."""
    reasons = Counter(one.reason for one in sources)
    told: Counter[str] = Counter()
    lines = []
    for one in sources:
        told[one.reason] += 1
        if told[one.reason] <= MOST_LISTED:
            lines.append(f"{verb}: {printable(one.source)}: {printable(one.reason)}")
        elif told[one.reason] == reasons[one.reason]:
            more = reasons[one.reason] - MOST_LISTED
            lines.append(f"{verb}: {more} more: {printable(one.reason)} (--json lists all)")
    return lines


def _summary(report: Report) -> str:
    parts = [
        f"{len(report.added)} added",
        f"{len(report.updated)} updated",
        f"{report.unchanged} unchanged",
    ]
    if report.refused:
        parts.append(f"{len(report.refused)} refused")
    passages = sum(taken.passages for taken in (*report.added, *report.updated))
    line = f"{', '.join(parts)}: {_count(passages, 'passage')} in {report.took_ms / 1000:.1f} s."
    if report.interrupted:
        line += " Stopped: what was done is kept; run the same command again to go on."
    return line


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
