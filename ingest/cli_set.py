"""kb set"""

from __future__ import annotations

import click

from ingest.again import state
from ingest.stating import stated, stating_options
from kb.commands.common import echo_json, json_option, opened
from kb.encoders import encoder_of
from kb.errors import BadUsage
from kb.store import check_model
from kb.terminal import printable


@click.command("set")
@click.argument("document", metavar="DOC")
@stating_options
@click.option("--password", help="Opens a PDF file that is locked.")
@json_option
@click.pass_context
def set_(
    ctx: click.Context,
    /,
    document: str,
    password: str | None,
    as_json: bool,
    **said: str | tuple[str, ...] | None,
) -> None:
    """State the title, the authors, the date and so on of DOC, where its source is wrong or silent.

    It holds when the source is ingested again. What is not named stays as it is.
    """
    saying = stated(**said)  # type: ignore[arg-type]
    if not saying.said():
        raise BadUsage(f"nothing is stated. Say what, as in: kb set {document} --date 2017-03")
    with opened(ctx, write=True) as store:
        store.entry(document)  # the model is not needed to say that it is not there
        encoder = encoder_of(store.manifest)
        check_model(store, encoder)
        after = state(store, encoder, document, saying, password).document
    if as_json:
        found = {name: getattr(after, name) for name in saying.said()}
        echo_json({"document": after.key, "revision": after.revision, **found})
        return
    names = {"authors": "author", "published": "date"}
    for name, value in saying.said().items():
        shown = "; ".join(value) if isinstance(value, tuple) else value
        click.echo(f"{document}: {names.get(name, name)} is now {printable(shown)}", err=True)
