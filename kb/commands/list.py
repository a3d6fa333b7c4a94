"""kb list"""

from __future__ import annotations

import click

from kb.commands.common import echo_json, json_option, opened
from kb.dates import in_words
from kb.records import Entry
from kb.terminal import Terminal, printable


@click.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List what is kept: a line with key, date, passages and title for each document."""
    with opened(ctx) as store:
        entries = store.entries()
    if as_json:
        echo_json({"documents": [_object(entry) for entry in entries]})
        return
    terminal = Terminal.of()
    width = max((len(entry.document) for entry in entries), default=0)
    for entry in entries:
        click.echo(_line(entry, width, terminal))
    noun = "document" if len(entries) == 1 else "documents"
    click.echo(f"{len(entries)} {noun}", err=True)


def _line(entry: Entry, width: int, terminal: Terminal) -> str:
    date = in_words(entry.published) if entry.published else ""
    facts = f"{date:<17}  {entry.passages:>4}"
    title = printable(" ".join(entry.title.split()))
    return f"{terminal.accent(f'{entry.document:<{width}}')}  {terminal.dim(facts)}  {title}"


def _object(entry: Entry) -> dict[str, object]:
    return {
        "document": entry.document,
        "revision": entry.revision,
        "title": entry.title,
        "authors": list(entry.authors),
        "published": entry.published,
        "publisher": entry.publisher,
        "source": entry.source,
        "external_id": entry.external_id,
        "passages": entry.passages,
        "ingested_at": entry.ingested_at,
    }
