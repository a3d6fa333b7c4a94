"""kb eval"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import click

from kb.commands.common import echo_json, json_option, opened
from kb.errors import BadUsage
from kb.store import Store, open_store
from kb.text.lines import in_a_line
from search.evaluation import folders, runs
from search.evaluation.collections import Collection
from search.evaluation.evaluating import Evaluation, compared, evaluate
from search.evaluation.formats import as_object, as_text
from search.evaluation.measures import require
from search.evaluation.stages import STAGES
from search.retrieval.ranking import MODES
from search.searcher import SearchOptions

# the other room's, lent by the front door: takes sources in, gives (source, reason) of the refused
Ingest: TypeAlias = Callable[[Store, Sequence[str]], Sequence[tuple[str, str]]]


@click.command("eval")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--mode", type=click.Choice(list(MODES)), help="How to search; hybrid without it, as kb search."
)
@click.option("--ablate", is_flag=True, help=f"Measure each stage: {', '.join(STAGES)}.")
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Ask N questions, drawn at random."
)
@click.option(
    "--run",
    "run_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the rankings, in the form of TREC.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Compare with the rankings in FILE, written earlier by --run.",
)
@json_option
@click.pass_context
def eval_(
    ctx: click.Context,
    /,
    folder: Path,
    mode: str | None,
    ablate: bool,
    limit: int | None,
    run_file: Path | None,
    against: Path | None,
    as_json: bool,
    *,
    ingest: Ingest,
) -> None:
    """Measure how well search finds what answers the questions in FOLDER.

    FOLDER holds briefs and questions.jsonl, a line each: {"_id", "text", "kind"?, "answers":
    [{"source": FILE, "quote"}]}; or a BEIR collection: corpus.jsonl, queries.jsonl and qrels.tsv
    (or evidence.jsonl: {"query-id", "doc-id", "start", "end"}).

    The briefs are ingested for this once. `kb --kb DIR eval FOLDER` asks that knowledge base
    instead, and FOLDER needs no briefs.
    """
    require()
    if ablate and mode:
        raise BadUsage("--ablate measures every stage; leave --mode out.")
    if run_file is not None and not run_file.absolute().parent.is_dir():
        raise BadUsage(f"{run_file}: there is no such folder to write the run in.")
    stages = STAGES if ablate else {mode or "hybrid": SearchOptions(mode=mode or "hybrid")}
    collection = folders.read(folder).sample(limit)
    earlier = runs.read(against) if against is not None else None
    with _asked(ctx, collection, ingest) as store, _bar(collection, len(stages)) as bar:
        evaluation = evaluate(collection, store, stages, bar.update)
    differences = None if earlier is None else compared(evaluation, earlier, str(against))
    if run_file is not None:
        name = f"kb-{list(stages)[-1]}"
        run_file.write_text(runs.as_trec(evaluation.last.run, name), encoding="utf-8")
    if as_json:
        echo_json(as_object(evaluation, differences))
    else:
        click.echo(as_text(evaluation, differences))
    for note in _notes(evaluation):
        click.echo(f"note: {note}", err=True)


@contextmanager
def _asked(ctx: click.Context, collection: Collection, ingest: Ingest) -> Iterator[Store]:
    """The knowledge base that --kb names, or a new one of the collection, gone afterwards."""
    if ctx.obj:
        with opened(ctx) as store:
            yield store
        return
    with tempfile.TemporaryDirectory(prefix="kb-eval-") as folder:
        location = Path(folder) / "kb"
        with open_store(location, create=True) as store:
            refused = ingest(store, collection.sources)
            empty = not store.size
        for source, reason in refused[:3]:
            click.echo(f"note: refused: {in_a_line(source)}: {in_a_line(reason)}", err=True)
        if len(refused) > 3:
            click.echo(f"note: refused: {len(refused) - 3} more", err=True)
        if empty:
            raise BadUsage(
                f"{collection.name}: no brief to ingest beside the questions. Add them, or ask a "
                "knowledge base of yours: kb --kb DIR eval FOLDER"
            )
        with open_store(location) as store:
            yield store


def _bar(collection: Collection, stages: int) -> Any:
    """A bar on stderr while a terminal looks on; its type is private."""
    return click.progressbar(
        length=len(collection.questions) * stages,
        label="Asking",
        file=sys.stderr,
        show_pos=True,
        hidden=not sys.stderr.isatty(),
    )


def _notes(evaluation: Evaluation) -> Iterator[str]:
    yield from evaluation.notes
    if count := evaluation.collection.left_out:
        were, them = ("question was", "it") if count == 1 else ("questions were", "them")
        yield f"{count} {were} not asked: no answer is named for {them}"
