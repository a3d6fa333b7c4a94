"""kb watch"""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import click

from ingest.cli.options import max_size_option
from ingest.cli.report_text import figures, print_report, summary, without_files
from ingest.pipeline.report import Report
from ingest.pipeline.run import Options
from ingest.pipeline.session import Session
from ingest.sources.files import MEGABYTE
from ingest.watch.change_events import change_events
from ingest.watch.debounce import GATHER
from ingest.watch.folders import Watch
from kb.commands.common import json_option
from kb.commands.locations import locate
from kb.errors import BadUsage, StoreLocked
from kb.text.lines import count, in_a_line

LOCKED = 1.0  # seconds until it is tried again when another kb writes


@click.command()
@click.argument("folders", metavar="FOLDER...", nargs=-1, required=True)
@click.option("--prune", is_flag=True, help="Take out of search what goes from the folders.")
@max_size_option
@json_option
@click.pass_context
def watch(
    ctx: click.Context, folders: tuple[str, ...], prune: bool, max_size: float, as_json: bool
) -> None:
    """Take in what is in folders, and what comes to them, until it is stopped with Ctrl-C.

    It does what kb ingest FOLDER does, again and again: a file is taken in when it has stood
    still for a second, for five if it was seen to grow. Other commands can be used meanwhile.

    With --json it prints a report a line, as kb ingest --json has it, whenever it took something
    in. Exit code 0 when it is stopped while it waits, 1 when no folder is left.
    """
    for folder in folders:
        if not Path(folder).is_dir():
            there = "a file, not a folder" if Path(folder).exists() else "no such folder"
            raise BadUsage(f"{folder}: {there}. kb watch takes folders; kb ingest takes files in.")
    options = Options(max_size=int(max_size * MEGABYTE))
    session = Session(locate(ctx.obj), options, prune)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    loop = _WatchLoop(Watch(folders, session), session, as_json)
    try:
        code = loop.run()
    except KeyboardInterrupt:
        code = 130 if loop.busy else 0
    click.echo(f"Stopped. {figures(loop.total)}.", err=True)
    ctx.exit(code)


class _WatchLoop:
    """Looks and takes in whenever it is time, and says what came of it."""

    def __init__(self, watch: Watch, session: Session, as_json: bool) -> None:
        self.total = Report()
        self.busy = False  # whether something is being taken in
        self._watch = watch
        self._session = session
        self._as_json = as_json
        self._first = True
        self._blocked = False  # whether another process was found writing

    def run(self) -> int:
        """The exit code, when no folder is left or when Ctrl-C fell into a round."""
        began = time.monotonic()
        for lost in change_events(self._watch.folders, self._watch.look, self._pending, _say_blind):
            for folder in lost:
                click.echo(
                    f"{_now()}{in_a_line(folder)}: this folder is not there any more and is no "
                    "longer watched. What was taken in from it is kept",
                    err=True,
                )
            if not self._watch.folders:
                return 1
            idle = not self._watch.pending or time.monotonic() - began > GATHER
            report = self._round(first=self._first and idle)
            if report is not None:
                self._report(report)
                if report.interrupted:
                    return 130
        raise AssertionError("change events never end")

    def _pending(self) -> bool:
        return self._first or self._watch.pending

    def _round(self, first: bool) -> Report | None:
        self.busy = True
        try:
            report = self._watch.round(first=first)
        except StoreLocked:
            if not self._blocked:
                click.echo(
                    f"{_now()}waiting: {self._session.location.path}: another kb is writing to "
                    "this knowledge base. What came is taken in when it is done",
                    err=True,
                )
            self._blocked = True
            self.busy = False
            time.sleep(LOCKED)
            return None
        self.busy = False
        self._blocked = self._blocked and report is None
        return report

    def _report(self, report: Report) -> None:
        self.total.include(report)
        self.total.refused += report.refused
        before = "" if self._first else _now()
        if self._as_json:
            click.echo(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            print_report(report, before)
            if self._first or report.interrupted:
                click.echo(summary(report), err=True)
        for folder in self._watch.emptied:
            click.echo(f"{before}{without_files(folder)}", err=True)
        if self._first and not report.interrupted:
            self._first = False
            self._session.bar = False
            folders, files = len(self._watch.folders), self._watch.files
            click.echo(
                f"Watching {count(folders, 'folder')} ({count(files, 'file')}). Stop with Ctrl-C.",
                err=True,
            )


def _say_blind(reason: str) -> None:
    click.echo(
        f"note: this system cannot tell of changes ({in_a_line(reason)}); "
        "the folders are looked at every few seconds instead",
        err=True,
    )


def _now() -> str:
    return time.strftime("%H:%M:%S  ")
