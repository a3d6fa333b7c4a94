"""kb ingest"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import click

from ingest.pipeline import Options
from ingest.pipeline import ingest as run_ingest
from ingest.readers import NAMES
from ingest.report import Report
from ingest.sources import MAX_SIZE, Found, LeftAlone, Refusal, Source, find, is_collection
from kb.commands.common import echo_json, json_option
from kb.dates import require_date
from kb.encoders import encoder_of
from kb.errors import BadUsage
from kb.locations import Location, locate
from kb.records import Stated
from kb.store import Store, check_model, open_store
from kb.terminal import printable

MEGABYTE = 1024 * 1024
MOST_LISTED = 20  # refusals of one reason that are named one by one


@click.command()
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option("--title", help="The title, where the file does not say.")
@click.option("--author", "authors", multiple=True, help="An author; repeat for several.")
@click.option("--date", help="When it was published: 2017, 2017-03 or 2017-03-12.")
@click.option("--publisher", help="Who published it.")
@click.option("--url", help="Where it stands on the web.")
@click.option("--tag", "tags", multiple=True, help="A tag; repeat for several.")
@click.option(
    "--reader", type=click.Choice(NAMES), help="How to read, instead of by the file's type."
)
@click.option("--password", help="Opens PDF files that are locked.")
@click.option("--reread", is_flag=True, help="Read again what is unchanged.")
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
    max_size: float,
    as_json: bool,
    **said: str | tuple[str, ...] | None,
) -> None:
    """Take in briefs: text, Markdown, HTML and PDF files, folders of them, JSONL files, "-".

    What is taken in already and did not change is skipped. What --title, --author and the like
    state wins over what the file says, and holds when it is ingested again.

    Exit code 1 when a source was refused.
    """
    stated = _stated(**said)  # type: ignore[arg-type]
    if (stated.title or stated.url) and (len(sources) > 1 or is_collection(sources[0])):
        raise BadUsage("--title and --url belong to one document; ingest that file by itself.")
    location = locate(ctx.obj)
    found = list(find(sources, max_size=int(max_size * MEGABYTE), any_type=reader is not None))
    readable = sum(isinstance(source, Source) for source in found)
    if not readable and not location.exists:  # nothing to make a knowledge base from
        report = Report(
            refused=[one for one in found if isinstance(one, Refusal)],
            left_alone=[one for one in found if isinstance(one, LeftAlone)],
        )
    else:
        options = Options(reader, reread, stated, password)
        report = _ingest_into(location, found, readable, options)
    if as_json:
        echo_json(report.as_json())
    else:
        _tell(report)
    if report.interrupted:
        ctx.exit(130)
    if report.refused:
        ctx.exit(1)


def _ingest_into(location: Location, found: list[Found], readable: int, options: Options) -> Report:
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
            return run_ingest(found, store, encoder, options, progress.update)


def fill(store: Store, sources: Sequence[str]) -> list[tuple[str, str]]:
    """Take sources into an open store, for another command; source and reason of the refused.

    KeyboardInterrupt when it is stopped, as half of the sources is of no use there.
    """
    found = list(find(sources))
    with _Progress(sum(isinstance(source, Source) for source in found)) as progress:
        report = run_ingest(found, store, encoder_of(store.manifest), progress=progress.update)
    if report.interrupted:
        raise KeyboardInterrupt
    return [(refusal.source, refusal.reason) for refusal in report.refused]


def _stated(
    title: str | None,
    authors: tuple[str, ...],
    date: str | None,
    publisher: str | None,
    url: str | None,
    tags: tuple[str, ...],
) -> Stated:
    return Stated(
        title=title or None,
        authors=authors or None,
        published=require_date(date, "--date") if date else None,
        publisher=publisher or None,
        url=url or None,
        tags=tags or None,
    )


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
    for left in report.left_alone:
        click.echo(f"left alone: {printable(left.source)}: {left.reason}", err=True)
    for line in _refusals(report.refused):
        click.echo(line, err=True)
    click.echo(_summary(report), err=True)


def _refusals(refused: list[Refusal]) -> list[str]:
    """A line for each refusal; of many for one reason, the first and how many more."""
    reasons = Counter(refusal.reason for refusal in refused)
    told: Counter[str] = Counter()
    lines = []
    for refusal in refused:
        told[refusal.reason] += 1
        if told[refusal.reason] <= MOST_LISTED:
            lines.append(f"refused: {printable(refusal.source)}: {printable(refusal.reason)}")
        elif told[refusal.reason] == reasons[refusal.reason]:
            more = reasons[refusal.reason] - MOST_LISTED
            lines.append(f"refused: {more} more: {refusal.reason} (--json lists all)")
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
