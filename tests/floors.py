"""Floors under the main figures: measured on slices of the development data and on the corpus.

`make floors` measures anew and writes floors.json. A floor that would fall is refused, and then
nothing is written; `make floors LOWER=--lower` says that it may.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ingest.cli.ingest import fill
from kb.encoders import DEFAULT, PRECISION, PRECISIONS
from kb.store import open_store
from search.evaluation import folders
from search.evaluation.evaluating import ALL, evaluate
from search.evaluation.stages import STAGES

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "eval"
FILE = Path(__file__).with_name("floors.json")
MEASURES = ("nDCG@10", "success@1", "success@3")
SEED = 1
MARGIN = 0.01  # and at least one question: int8 differs a little from processor to processor

Pins = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Slice:
    """So many questions of a collection over the documents that they need, and some others.

    Where stretches of long documents are judged, the documents are drawn, with their questions.
    """

    name: str
    documents: int
    questions: int | None = None

    @property
    def source(self) -> Path:
        """The folder of the whole collection."""
        return DATA / self.name

    def draw(self, target: Path) -> None:
        """Write the slice into a folder, in the form of its collection."""
        corpus = rows(self.source / "corpus.jsonl")
        queries = rows(self.source / "queries.jsonl")
        dice = random.Random(SEED)
        if self.questions is None:
            evidence = rows(self.source / "evidence.jsonl")
            kept = set(dice.sample([row["_id"] for row in corpus], self.documents))
            evidence = [row for row in evidence if row["doc-id"] in kept]
            asked = {row["query-id"] for row in evidence}
            write(target / "evidence.jsonl", evidence)
        else:
            asked = set(dice.sample([row["_id"] for row in queries], self.questions))
            head, *judged = (self.source / "qrels.tsv").read_text("utf-8").splitlines()
            judged = [line for line in judged if line.split("\t")[0] in asked]
            kept = {line.split("\t")[1] for line in judged}
            others = [row["_id"] for row in corpus if row["_id"] not in kept]
            kept |= set(dice.sample(others, max(0, self.documents - len(kept))))
            (target / "qrels.tsv").write_text("\n".join([head, *judged, ""]), encoding="utf-8")
        write(target / "corpus.jsonl", [row for row in corpus if row["_id"] in kept])
        write(target / "queries.jsonl", [row for row in queries if row["_id"] in asked])


SLICES = {
    its.name: its
    for its in (
        Slice("public_health_guidance", questions=120, documents=180),
        Slice("encyclopedia_paragraphs", questions=150, documents=200),
        Slice("cranfield", questions=20, documents=180),
        Slice("parliament_meetings", documents=2),
    )
}


def rows(path: Path) -> list[dict[str, Any]]:
    """The records of a JSONL file."""
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def write(path: Path, records: list[dict[str, Any]]) -> None:
    """The records as a JSONL file."""
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text(text, encoding="utf-8")


def digest(folder: Path) -> str:
    """Twelve hex digits of all that is in a folder."""
    found = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:12]


def figures(folder: Path, precision: str = PRECISION) -> dict[str, Any]:
    """How many questions over how many documents a folder asks, and what kb search reaches."""
    collection = folders.read(folder)
    *_, last = STAGES
    with tempfile.TemporaryDirectory() as temporary:
        location = Path(temporary) / "kb"
        with open_store(location, create=True, model=DEFAULT, precision=precision) as store:
            fill(store, collection.sources)
        with open_store(location) as store:
            found = evaluate(collection, store, {last: STAGES[last]})
    reached = found.last.figures[ALL]
    return {
        "questions": len(collection.questions),
        "documents": len(found.known),
        "figures": {name: round(reached[name].value, 4) for name in MEASURES},
    }


def sliced(name: str, precision: str = PRECISION) -> dict[str, Any]:
    """The figures of a slice, or of the sample corpus."""
    if name not in SLICES:
        return figures(ROOT / name, precision)
    with tempfile.TemporaryDirectory() as temporary:
        SLICES[name].draw(Path(temporary))
        return figures(Path(temporary), precision)


def pin(name: str) -> dict[str, Any]:
    """The floors of a slice: under the lesser of what each precision reaches."""
    found = [sliced(name, precision) for precision in PRECISIONS]
    margin = max(MARGIN, 1 / found[0]["questions"])
    return {
        "digest": digest(SLICES[name].source) if name in SLICES else "",
        "questions": found[0]["questions"],
        "documents": found[0]["documents"],
        "floors": {
            measure: round(min(its["figures"][measure] for its in found) - margin, 3)
            for measure in MEASURES
        },
    }


def falling(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Each floor that would fall or go, in words; other data or questions let all go."""
    lower = []
    for name, pinned in before.items():
        now = after.get(name)
        for measure, floor in pinned["floors"].items():
            if now is None or any(
                now[fact] != pinned[fact] for fact in ("digest", "questions", "documents")
            ):
                lower.append(f"{name}: {measure} {floor}: measured on something else now")
            elif now["floors"].get(measure, -1.0) < floor:
                lower.append(f"{name}: {measure} {floor} -> {now['floors'].get(measure)}")
    return lower


@click.command()
@click.option("--lower", is_flag=True, help="Floors may fall.")
def main(lower: bool) -> None:
    """Measure anew and write the floors; exit code 1 when one would fall."""
    before: Pins = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    after = dict(before)
    for name in ("corpus", *SLICES):
        if name in SLICES and not SLICES[name].source.is_dir():
            click.echo(f"{name}: not here, its floors stay as they are", err=True)
            continue
        after[name] = pin(name)
        click.echo(f"{name}: {after[name]['floors']}")
    fallen = falling(before, after)
    if fallen and not lower:
        click.echo("These floors would fall, so nothing was written:", err=True)
        click.echo("\n".join(fallen), err=True)
        click.echo("If that is meant: make floors LOWER=--lower", err=True)
        sys.exit(1)
    FILE.write_text(json.dumps(after, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
