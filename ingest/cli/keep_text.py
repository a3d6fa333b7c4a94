"""kb keep-text"""

from __future__ import annotations

from textwrap import shorten

import click

from ingest.cli.options import password_options
from ingest.pipeline.reprocessing import restore_text
from kb.catalogue import check_model
from kb.commands.common import echo_json, json_option, opened
from kb.encoders import encoder_of
from kb.keys import Reference
from kb.text.terminal import printable


@click.command("keep-text")
@click.argument("document", metavar="DOC")
@click.argument("number", metavar="N", type=click.IntRange(min=1))
@password_options
@json_option
@click.pass_context
def keep_text(
    ctx: click.Context, document: str, number: int, password: str | None, as_json: bool
) -> None:
    """Take text number N that was left out of DOC back in; kb show DOC --removed lists them.

    This makes a new revision of the document, and holds when it is ingested again.
    """
    with opened(ctx, write=True) as store:
        encoder = encoder_of(store.manifest)
        check_model(store.manifest, encoder, store.location)
        before = store.edition(Reference(document)).removed
        edition = restore_text(store, encoder, document, number, password)
    key, revision = edition.document.key, edition.document.revision
    if as_json:
        echo_json({"document": key, "revision": revision, "passages": len(edition.passages)})
    else:
        words = printable(" ".join(before[number - 1].text.split()))
        click.echo(
            f"Took back “{shorten(words, 60, placeholder='…')}”; {key} is now revision "
            f"{revision}, and the texts left out have new numbers.",
            err=True,
        )
