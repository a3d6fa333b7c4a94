"""kb set"""

from __future__ import annotations

import click

from ingest.cli.options import FIELDS, override_options, overrides_of, password_options
from ingest.pipeline.reprocessing import override
from kb.catalogue import check_model
from kb.commands.common import echo_json, json_option, opened
from kb.commands.objects import json_name
from kb.encoders import encoder_of
from kb.errors import BadUsage
from kb.text.terminal import printable


@click.command("set")
@click.argument("document", metavar="DOC")
@override_options
@click.option(
    "--unset",
    multiple=True,
    type=click.Choice(list(FIELDS)),
    help="Go back to what the source says of it.",
)
@password_options
@json_option
@click.pass_context
def set_(
    ctx: click.Context,
    /,
    document: str,
    unset: tuple[str, ...],
    password: str | None,
    as_json: bool,
    **stated: str | tuple[str, ...] | None,
) -> None:
    """State the title, the authors, the date and so on of DOC, where its source is wrong or silent.

    It holds when the source is ingested again. What is not named stays as it is.
    """
    overrides = overrides_of(stated)
    said, fields = overrides.said().keys(), {FIELDS[name] for name in unset}
    if not said and not fields:
        raise BadUsage(f"nothing is stated. Say what, as in: kb set {document} --date 2017-03")
    if both := [name for name in FIELDS if name in unset and FIELDS[name] in said]:
        raise BadUsage(f"{', '.join(both)}: stated and unset at once. Ask for one of them.")
    with opened(ctx, write=True) as store:
        store.entry(document)  # the model is not needed to say that it is not there
        encoder = encoder_of(store.manifest)
        check_model(store.manifest, encoder, store.location)
        after = override(store, encoder, document, overrides, fields, password).document
    changed = {
        name: getattr(after.metadata, field)
        for name, field in FIELDS.items()
        if field in fields | said
    }
    if as_json:
        told = {json_name(FIELDS[name]): value for name, value in changed.items()}
        echo_json({"document": after.key, "revision": after.revision, **told})
        return
    for name, value in changed.items():
        shown = "; ".join(value) if isinstance(value, tuple) else value
        click.echo(f"{document}: {name} is now {printable(shown or 'unknown')}", err=True)
