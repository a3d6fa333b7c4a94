"""kb verify"""

from __future__ import annotations

from dataclasses import asdict

import click

from kb.commands.common import echo_json, json_option, opened


@click.command()
@click.option("--repair", is_flag=True, help="Make what is derived again: indexes, words.")
@json_option
@click.pass_context
def verify(ctx: click.Context, repair: bool, as_json: bool) -> None:
    """Check all that is kept: originals, quotations at their places, vectors, index.

    Exit code 1 when a fault is found (with --repair: one that is left).
    """
    with opened(ctx, write=repair) as store:
        if repair:
            store.repair()
        faults = list(store.faults())
    if as_json:
        echo_json({"sound": not faults, "faults": [asdict(fault) for fault in faults]})
    for fault in faults:
        if not as_json:
            mend = " (kb verify --repair mends this)" if fault.mendable else ""
            click.echo(f"{fault.where}: {fault.what}{mend}")
    if faults:
        ctx.exit(1)
    if not as_json:
        click.echo("All is sound.", err=True)
