"""A report for a person: documents on stdout, what needs attention on stderr."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ingest.pipeline.report import Report
from ingest.sources.discovered import LeftAlone
from ingest.sources.missing import MissingSource
from kb.records import Refusal
from kb.text.lines import count, in_a_line, listed


def print_report(report: Report, before: str = "") -> None:
    """A line for each document, note, loss and refusal; `before` opens each, as a time may."""
    for verb, documents in (("added", report.added), ("updated", report.updated)):
        for taken in documents:
            left_out = f", {count(taken.removed, 'text')} left out" if taken.removed else ""
            click.echo(
                f"{before}{verb:<8} {taken.document}  {in_a_line(taken.title)} "
                f"({count(taken.passages, 'passage')}{left_out})"
            )
    for line in _attention(report):
        click.echo(f"{before}{line}", err=True)


def _attention(report: Report) -> list[str]:
    moved = report.moved
    named = {one.source for pair in moved for one in pair}
    return [
        *(
            f"note: {in_a_line(taken.source)}: {in_a_line(note)}"
            for taken in (*report.added, *report.updated)
            for note in taken.notes
        ),
        *(
            f"note: {in_a_line(same.source)}: the same file as {same.document}, kept once"
            for same in report.attached
            if same.source not in named
        ),
        *(f"moved: {in_a_line(old.source)} -> {in_a_line(new.source)}" for old, new in moved),
        *listed("left alone: ", _reasons(report.left_alone)),
        *(
            f"gone: {in_a_line(gone.source)}: {_fate(gone)}"
            for gone in report.missing
            if gone.source not in named
        ),
        *listed("refused: ", _reasons(report.refused)),
    ]


def _fate(gone: MissingSource) -> str:
    if gone.removed:
        return f"took {gone.document} out of search"
    if gone.last:
        return f"{gone.document} can still be found. Take it out with --prune"
    return f"{gone.document} stays: it was read from another place, too"


def _reasons(sources: Sequence[Refusal | LeftAlone]) -> list[tuple[str, str]]:
    return [(one.source, one.reason) for one in sources]


def summary(report: Report) -> str:
    """The figures of a run in one line."""
    line = f"{figures(report)} in {report.took_ms / 1000:.1f} s."
    if report.interrupted:
        line += " Stopped: what was done is kept; run the same command again to go on."
    return line


def figures(report: Report) -> str:
    """How many documents were added, updated, … and with how many passages."""
    parts = [
        f"{len(report.added)} added",
        f"{len(report.updated)} updated",
        f"{report.unchanged} unchanged",
    ]
    if report.refused:
        parts.append(f"{len(report.refused)} refused")
    passages = sum(taken.passages for taken in (*report.added, *report.updated))
    return f"{', '.join(parts)}: {count(passages, 'passage')}"


def without_files(folder: str) -> str:
    """Why nothing of a folder is taken out of search."""
    return (
        f"note: {in_a_line(folder)}: nothing is taken out of search for a folder without "
        "files: a disk that is not there looks the same. Use kb remove"
    )
