"""kb stats"""

from __future__ import annotations

from dataclasses import asdict

import click

from kb.commands.common import echo_json, json_option, opened
from kb.text.lines import count


@click.command()
@json_option
@click.pass_context
def stats(ctx: click.Context, as_json: bool) -> None:
    """Show figures: documents, passages, sizes, the model, the readers."""
    with opened(ctx) as store:
        figures, manifest = store.figures(), store.manifest
        location = str(store.location)
    if as_json:
        echo_json(
            {
                "location": location,
                **asdict(figures),
                "model": manifest.model,
                "fingerprint": manifest.fingerprint,
                "format": manifest.format,
            }
        )
        return
    older = figures.revisions - figures.documents
    lines = {
        "Where": location,
        "Documents": f"{figures.documents:,} ({count(older, 'older revision')} kept)",
        "Passages": f"{figures.passages:,}",
        "Texts left out": f"{figures.removed:,}",
        "Originals": f"{figures.originals:,} ({_size(figures.bytes_originals)})",
        "Database": _size(figures.bytes_database),
        "Index": _size(figures.bytes_index),
        "Model": manifest.model,
        "Read by": ", ".join(f"{name} ({count})" for name, count in figures.readers.items()),
    }
    for name, value in lines.items():
        click.echo(f"{name:<15} {value}")


def _size(size: int) -> str:
    for unit in ("B", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size = round(size / 1000)
    return f"{size:,} GB"
