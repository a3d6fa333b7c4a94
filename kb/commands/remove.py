"""kb remove"""

from __future__ import annotations

import click

from kb.commands.common import echo_json, json_option, opened


@click.command()
@click.argument("documents", metavar="DOC...", nargs=-1, required=True)
@json_option
@click.pass_context
def remove(ctx: click.Context, documents: tuple[str, ...], as_json: bool) -> None:
    """Take documents out of search, by their keys (see kb list).

    Nothing is erased: the text, and the file as it was read, stay in the knowledge base. A
    reference with its revision (KEY@3fa2c1d4#7) still shows the passage, and ingesting the source
    again brings the document back. To erase it, take the other briefs into a new knowledge base
    and delete the folder of this one.
    """
    with opened(ctx, write=True) as store:
        # all must be there before one goes
        entries = [store.entry(key) for key in dict.fromkeys(documents)]
        for entry in entries:
            store.remove(entry.document)
    if as_json:
        echo_json({"removed": [{"document": e.document, "revision": e.revision} for e in entries]})
        return
    for entry in entries:
        click.echo(
            f"Took {entry.document} out of search. Its text is kept and can still be shown: "
            f"kb show {entry.document}@{entry.revision}",
            err=True,
        )
