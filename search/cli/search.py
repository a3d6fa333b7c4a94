"""kb search"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from kb.commands.common import chosen_format, json_option, opened
from kb.errors import BadUsage
from kb.filters import Filters
from kb.text.dates import interval, require_date
from kb.text.terminal import Terminal
from search.formats import NAMES, renderer
from search.retrieval.cross_encoder import cross_encoder
from search.retrieval.ranking import MODES
from search.searcher import Searcher, SearchOptions

_EXCLUDED = re.compile(r"-[^\W\d_]{2}\S*")


class Asking(click.Command):
    """A command whose words may begin with a minus, inside quotes."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does; an excluded word outside quotes gets told how to write it."""
        given = list(args)  # click takes from args what it has read
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            options = given[: given.index("--")] if "--" in given else given
            excluded = [arg for arg in options if _EXCLUDED.fullmatch(arg)]
            if not excluded:
                raise
            raise BadUsage(
                f"{excluded[0]} was read as an option. To leave passages with that word out, put "
                f'the whole question in quotes: kb search "targets {excluded[0]}"'
            ) from error


@click.command(cls=Asking)
@click.argument("question", nargs=-1)
@click.option(
    "-n", "limit", type=click.IntRange(1, 1000), default=5, show_default=True, help="How many."
)
@click.option(
    "--mode",
    type=click.Choice(list(MODES)),
    default="hybrid",
    help="By meaning and words (hybrid), meaning alone, or words alone.",
)
@click.option("--format", "form", type=click.Choice(NAMES), default=None, help="Default: text.")
@json_option
@click.option(
    "--rerank/--no-rerank",
    default=True,
    show_default=True,
    help="Read the best passages again beside the question, for a better order.",
)
@click.option(
    "--reranker",
    metavar="FOLDER",
    help="Read them with the cross-encoder in FOLDER (sentence-transformers): slow, some seconds.",
)
@click.option(
    "--min-confidence",
    "least",
    type=click.FloatRange(0, 1),
    metavar="P",
    help="Take what answers with a lower probability (0 to 1) for no answer.",
)
@click.option(
    "--context", type=click.IntRange(0, 20), default=0, metavar="N", help="Show N neighbours."
)
@click.option("--diverse", is_flag=True, help="Rather passages that differ from each other.")
@click.option("--explain", is_flag=True, help="Say why each passage was found.")
@click.option("--document", "documents", multiple=True, help="Only this key, or pattern of keys.")
@click.option("--author", "authors", multiple=True, help="Only by this author.")
@click.option("--publisher", "publishers", multiple=True, help="Only by this publisher.")
@click.option("--tag", "tags", multiple=True, help="Only with this tag.")
@click.option("--since", metavar="DATE", help="Only published on DATE or later: 2017, 2017-03 …")
@click.option("--until", metavar="DATE", help="Only published on DATE or earlier.")
@click.option(
    "--exact",
    is_flag=True,
    help="Search for the words as they are typed, for no others beside them.",
)
@click.option(
    "--questions",
    metavar="FILE",
    help="Answer all questions in FILE (a line each, or JSONL {_id, text}), as JSONL.",
)
@click.pass_context
def search(
    ctx: click.Context,
    /,
    question: tuple[str, ...],
    limit: int,
    mode: str,
    rerank: bool,
    reranker: str | None,
    least: float | None,
    form: str | None,
    as_json: bool,
    context: int,
    diverse: bool,
    explain: bool,
    exact: bool,
    since: str | None,
    until: str | None,
    questions: str | None,
    **filters: tuple[str, ...],
) -> None:
    """Ask QUESTION; get the passages that answer, best first, each with its citation.

    "Quoted words" must stand in each passage; -word leaves out those that hold the word. The shell
    wants both in single quotes: kb search '"targeting intelligence" -drones'

    Filters can be repeated: one of the values must hold; all kinds of filter must.

    Exit code 1 when nothing found answers; the nearest passages are shown all the same.
    """
    if bool(question) == bool(questions):
        raise BadUsage('ask one QUESTION, or give --questions FILE: kb search "who pays"')
    if reranker is not None and not rerank:
        raise BadUsage("--reranker and --no-rerank contradict each other; leave one out.")
    if least is not None and mode != "hybrid":
        raise BadUsage(f"--mode {mode} knows no confidence; leave --min-confidence out.")
    since = require_date(since, "--since") if since is not None else None
    until = require_date(until, "--until") if until is not None else None
    if since and until and interval(since)[0] > interval(until)[1]:
        raise BadUsage(f"--since {since} --until {until}: the dates are the wrong way round.")
    wanted = SearchOptions(
        limit=limit,
        mode=mode,
        context=context,
        rerank=rerank,
        diverse=diverse,
        explain=explain,
        exact=exact,
        least=least,
        filters=Filters(**filters, since=since, until=until),
    )
    asked = list(_questions(questions)) if questions else [(None, " ".join(question))]
    form = chosen_format(form, as_json, "jsonl" if questions else "text")
    if questions and form != "jsonl":
        option = "--json" if as_json else "--format"
        raise BadUsage(f"--questions answers as JSONL; leave {option} out.")
    if explain and form in ("markdown", "csv"):
        raise BadUsage("--explain is for people and programs: --format text, json or jsonl.")
    render = renderer(form)
    terminal = Terminal.of()
    answered_all = True
    reads = cross_encoder(reranker) if reranker is not None else None
    with opened(ctx) as store:
        searcher = Searcher(store, reranker=reads)
        for id, text in asked:
            answer = replace(searcher.ask(text, wanted), id=id)
            answered_all = answered_all and answer.answered
            click.echo(render(answer, terminal), nl=False)
            for note in answer.notes:
                click.echo(f"note: {note}", err=True)
    if not answered_all:
        ctx.exit(1)


def _questions(name: str) -> Iterator[tuple[str | None, str]]:
    """(id, question) of each line of a file; BadUsage names the line that is none."""
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise BadUsage(f"{name}: {error.strerror}. Name a file with a question a line.") from error
    except UnicodeDecodeError as error:
        raise BadUsage(f"{name}: not UTF-8 text. Save it as UTF-8.") from error
    # not splitlines, which cuts JSON at U+2028 and U+0085 too
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise BadUsage(f"{name}: no question in it. Write one a line.")
    for number, line in lines:
        yield _question(line, f"{name} line {number}")


def _question(line: str, where: str) -> tuple[str | None, str]:
    if not line.lstrip().startswith("{"):
        return None, line.strip()
    try:
        record = json.loads(line)
    except ValueError as error:
        raise BadUsage(f'{where}: not JSON. Write {{"_id": …, "text": …}}.') from error
    text = record.get("text")
    if not isinstance(text, str) or not text.strip():
        raise BadUsage(f'{where}: no text. Write {{"_id": …, "text": …}}.')
    id = record.get("_id")
    return None if id is None else str(id), text
