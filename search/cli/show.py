"""kb show"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from kb.commands.common import chosen_format, json_option, opened
from kb.commands.objects import document_facts
from kb.commands.receipts import receipt as receipt_of
from kb.errors import BadUsage
from kb.keys import Reference, similar_keys
from kb.records import Edition, Passage
from kb.store import Store
from kb.text.lines import count
from kb.text.terminal import Terminal, printable
from search.citations.citation import authors_in_words, cite
from search.formats.objects import passage_object

INDENT = "   "


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--removed", is_flag=True, help="What was left out of the document, and why.")
@click.option("--receipt", is_flag=True, help="How much of it is kept, and what is amiss.")
@click.option("--original", is_flag=True, help="The bytes as they were read, to standard output.")
@click.option("--context", type=click.IntRange(0, 20), default=1, metavar="N", help="Neighbours.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), help="Default: text.")
@json_option
@click.pass_context
def show(
    ctx: click.Context,
    reference: str,
    removed: bool,
    receipt: bool,
    original: bool,
    context: int,
    form: str | None,
    as_json: bool,
) -> None:
    """Show REF: a document (KEY) or a passage with its surroundings (KEY#7, KEY@3fa2c1d4#7)."""
    if removed + receipt + original > 1:
        raise BadUsage("--removed, --receipt and --original are different things; ask for one.")
    form = chosen_format(form, as_json)
    terminal = Terminal.of()
    with opened(ctx) as store:
        wanted = _wanted(store, reference)
        if original:
            _show_original(store, wanted)
        elif receipt:
            click.echo(_receipt(store.edition(wanted), form))
        elif removed:
            click.echo(_removed(store.edition(wanted), form, terminal))
        elif wanted.ordinal is not None:
            click.echo(_passage(store, wanted, context, form, terminal))
        else:
            click.echo(_document(store.edition(wanted), form, terminal))


def _wanted(store: Store, text: str) -> Reference:
    """The reference that `text` spells; BadUsage, with the keys of documents of such a title or
    source where there are any."""
    try:
        return Reference.parse(text)
    except BadUsage:
        if not text.strip() or "#" in text or "@" in text:
            raise
        near = similar_keys(
            text,
            (
                (entry.document, said)
                for entry in store.entries()
                for said in (entry.title, *(source.uri for source in entry.sources))
            ),
        )
        if not near:
            raise
        raise BadUsage(
            f"{text!r} is not a reference, which begins with a key. Is it {' or '.join(near)}?"
        ) from None


def _show_original(store: Store, reference: Reference) -> None:
    document = store.edition(reference).document
    sys.stdout.buffer.write(store.original(document.sources[0].sha256))
    sys.stdout.buffer.flush()


def _passage(
    store: Store, reference: Reference, context: int, form: str, terminal: Terminal
) -> str:
    passage = store.passage(reference)
    edition = store.edition(Reference(passage.document, passage.revision))
    citation = cite(edition.document, passage)
    before, after = store.neighbours([passage], context)[0]
    if form == "json":
        return _json(
            {
                **passage_object(passage),
                "pinned": passage.pinned,
                "citation": citation,
                "before": [passage_object(other) for other in before],
                "after": [passage_object(other) for other in after],
            }
        )
    parts = [terminal.bold(terminal.wrapped(edition.document.title))]
    parts += (terminal.dim(_set(other, terminal, " before")) for other in before)
    parts.append(_set(passage, terminal))
    parts += (terminal.dim(_set(other, terminal, " after")) for other in after)
    parts.append(terminal.accent(terminal.wrapped(citation)))
    parts.append(f"for ever: {passage.pinned}")
    return "\n\n".join(parts)


def _document(edition: Edition, form: str, terminal: Terminal) -> str:
    document = edition.document
    if form == "json":
        return _json(document_object(edition))
    metadata = document.metadata
    facts = {
        "By": authors_in_words(metadata.author),
        "Published": metadata.issued,
        "Publisher": metadata.publisher,
        "Web": metadata.url,
        "Tags": ", ".join(metadata.keyword),
        "From": "\n           ".join(source.uri for source in document.sources),
        "Revision": f"{document.key}@{document.revision}",
        "Left out": f"{count(len(edition.removed), 'text')}: kb show {document.key} --removed"
        if edition.removed
        else None,
    }
    head = [terminal.bold(terminal.wrapped(document.title)), ""]
    head += (f"{name:<10} {printable(value)}" for name, value in facts.items() if value)
    parts = ["\n".join(head)]
    heading: tuple[str, ...] = ()
    for passage in edition.passages:
        if passage.heading != heading:
            heading = passage.heading
            parts.append(terminal.bold(terminal.wrapped(" › ".join(heading))))
        parts.append(_set(passage, terminal))
    return "\n\n".join(part for part in parts if part)


def _set(passage: Passage, terminal: Terminal, role: str = "") -> str:
    """A passage with its number above it."""
    return f"#{passage.ordinal}{role}\n{terminal.wrapped(passage.text, INDENT)}"


def _removed(edition: Edition, form: str, terminal: Terminal) -> str:
    if form == "json":
        return _json({"removed": _removed_objects(edition)})
    if not edition.removed:
        return "Nothing was left out."
    return "\n\n".join(
        f"{number}. {gone.reason}\n{terminal.wrapped(gone.text, INDENT)}"
        for number, gone in enumerate(edition.removed, 1)
    )


def _receipt(edition: Edition, form: str) -> str:
    found = receipt_of(edition)
    if form == "json":
        return _json({"document": edition.document.key, **asdict(found)})
    lines = [
        f"{count(found.passages, 'passage')}; {found.kept:.1%} of {found.words:,} words are kept",
        *(f"left out  {one.share:6.1%}  {one.reason} ({one.texts})" for one in found.left_out),
        *(f"note: {printable(problem)}" for problem in found.problems),
    ]
    return "\n".join(lines)


def document_object(edition: Edition) -> dict[str, object]:
    """What `kb show DOC --format json` prints."""
    document = edition.document
    return {
        "document": document.key,
        "revision": document.revision,
        **document_facts(document),
        "sources": [
            {
                "uri": source.uri,
                "sha256": source.sha256,
                "media_type": source.media_type,
                "reader": source.reader,
                "read_at": source.read_at,
            }
            for source in document.sources
        ],
        "text": document.text,
        "passages": [passage_object(passage) for passage in edition.passages],
        "removed": _removed_objects(edition),
    }


def _removed_objects(edition: Edition) -> list[dict[str, object]]:
    return [
        {"n": number, "text": gone.text, "reason": gone.reason}
        for number, gone in enumerate(edition.removed, 1)
    ]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
