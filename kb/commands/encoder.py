"""kb encoder"""

from __future__ import annotations

import click

from kb.encoders import DEFAULT, PRECISION, PRECISIONS


@click.group()
def encoder() -> None:
    """Make the model ready that reads passages and questions."""


@encoder.command()
@click.option("--model", default=DEFAULT, show_default=True, help="A model by folder or hub name.")
@click.option("--precision", type=click.Choice(PRECISIONS), default=PRECISION)
def prepare(model: str, precision: str) -> None:
    """Prepare a model for fast answers; the first ingest does so by itself."""
    from kb.encoders.prepared import folder_for
    from kb.encoders.preparing import prepare as make_ready

    ready = make_ready(model, precision)
    click.echo(f"{model} is ready, in {precision}: {folder_for(ready.fingerprint)}", err=True)
