"""kb init"""

from __future__ import annotations

import os
from pathlib import Path

import click

from kb.commands.locations import DATABASE, FOLDER
from kb.encoders import DEFAULT, PRECISION, PRECISIONS
from kb.encoders.models import check_named
from kb.errors import StoreError
from kb.store import open_store


@click.command()
@click.argument("folder", metavar="[DIR]", required=False)
@click.option(
    "--model",
    default=DEFAULT,
    show_default=True,
    help="The model for this knowledge base: a sentence-transformers model by folder or hub name.",
)
@click.option(
    "--precision",
    type=click.Choice(PRECISIONS),
    default=PRECISION,
    show_default=True,
    help="int8 is three times as fast; fp32 is what the model's authors published.",
)
@click.pass_context
def init(ctx: click.Context, folder: str | None, model: str, precision: str) -> None:
    """Make a new knowledge base in DIR; without DIR, in .kb in this folder.

    Commands run in this folder, or in one below it, then use it.
    """
    path = Path(folder or ctx.obj or os.environ.get("KB_DIR") or FOLDER).expanduser()
    if (path / DATABASE).exists():
        raise StoreError(f"{path}: there is a knowledge base here already. Nothing was changed.")
    check_named(model)
    if Path(model).expanduser().is_dir():
        model = str(Path(model).expanduser().absolute())
    with open_store(path, create=True, model=model, precision=precision):
        pass
    click.echo(f"Made a knowledge base in {path}. Take in briefs with: {_next(path)}", err=True)


def _next(path: Path) -> str:
    return "kb ingest FILE" if path == Path(FOLDER) else f"kb --kb '{path}' ingest FILE"
