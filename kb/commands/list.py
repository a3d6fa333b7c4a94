"""kb list"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import click

from kb.commands.common import echo_json, json_option, opened
from kb.commands.objects import document_facts
from kb.commands.receipts import problems as of
from kb.records import Entry, Refusal
from kb.text.dates import in_words
from kb.text.lines import count, in_a_line, listed
from kb.text.terminal import Terminal

_Problems: TypeAlias = Mapping[str, tuple[str, ...]]  # of documents, by key


@click.command("list")
@click.option(
    "--problems", is_flag=True, help="What was refused, and documents that lack something."
)
@json_option
@click.pass_context
def list_(ctx: click.Context, problems: bool, as_json: bool) -> None:
    """List what is kept: a line with key, date, passages and title for each document."""
    with opened(ctx) as store:
        entries = store.entries()
        refusals = store.refusals() if problems else []
    if problems:
        _tell_problems(
            refusals, {entry.document: of(entry, entry.notes) for entry in entries}, as_json
        )
        return
    if as_json:
        echo_json({"documents": [_object(entry) for entry in entries]})
        return
    terminal = Terminal.of()
    width = max((len(entry.document) for entry in entries), default=0)
    for entry in entries:
        click.echo(_line(entry, width, terminal))
    click.echo(count(len(entries), "document"), err=True)


def _tell_problems(refusals: list[Refusal], of_documents: _Problems, as_json: bool) -> None:
    lacking = {key: problems for key, problems in of_documents.items() if problems}
    if as_json:
        echo_json(
            {
                "refused": [
                    {"source": one.source, "reason": one.reason, "tried_at": one.tried_at}
                    for one in refusals
                ],
                "documents": [
                    {"document": key, "problems": list(problems)}
                    for key, problems in lacking.items()
                ],
            }
        )
        return
    for line in listed("refused  ", [(one.source, one.reason) for one in refusals]):
        click.echo(line)
    for key, problems in lacking.items():
        click.echo(f"{key}: {in_a_line('; '.join(problems))}")
    if refusals:
        click.echo(
            "kb ingest --retry tries what was refused again; --dismiss FILE forgets it.", err=True
        )
    if not refusals and not lacking:
        click.echo("No problems.", err=True)


def _line(entry: Entry, width: int, terminal: Terminal) -> str:
    issued = entry.metadata.issued
    date = in_words(issued) if issued else ""
    facts = f"{date:<17}  {entry.passages:>4}"
    title = in_a_line(entry.title)
    return f"{terminal.accent(f'{entry.document:<{width}}')}  {terminal.dim(facts)}  {title}"


def _object(entry: Entry) -> dict[str, object]:
    return {
        "document": entry.document,
        "revision": entry.revision,
        **document_facts(entry),
        "external_id": entry.external_id,
        "passages": entry.passages,
        "ingested_at": entry.ingested_at,
    }
