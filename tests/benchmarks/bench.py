"""What a question and an ingest cost, against a floor and against sentence-transformers.

`make bench` runs it. All figures of a table come from one run, in turn, so that their ratios hold
where the machine's speed drifts.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import scaling
from briefs import CORPUS, write
from measuring import KB, Cost, cost, costs, machine, seconds

from kb.encoders import DEFAULT, open_encoder
from kb.encoders.context import texts_of
from kb.encoders.prepared import folder_for
from kb.encoders.telemetry import environment
from kb.filters import Filters
from kb.index.candidates import CandidateQuery
from kb.keys import Reference
from kb.store import open_store
from search.query.expansion import word_query
from search.query.question import Question
from search.query.requirements import Requirements
from search.retrieval.candidates import DEPTH, prepare, scored
from search.retrieval.reranking import DEPTH as READ
from search.retrieval.reranking import LateInteraction
from search.searcher import Searcher, SearchOptions

HERE = Path(__file__).parent
RUNS = 7
BRIEFS = 900  # that are ingested, some 1,700 passages
PASSAGES = 10_000  # that a warm question is asked of
QUESTION = "why not share targeting intel"
# of the default model: six layers' products with weights; attention adds a twentieth
OPERATIONS = 6 * 2 * (4 * 384 * 384 + 2 * 384 * 1536)


def main() -> None:
    """Print all tables."""
    print(f"{machine()}\n")
    os.environ.update(environment())  # floor.py imports what would report
    with tempfile.TemporaryDirectory() as folder:
        kb = Path(folder) / "kb"
        cost([*KB, "--kb", kb, "ingest", CORPUS])
        cold_question(kb)
        write(Path(folder) / "briefs", BRIEFS)
        ingesting(Path(folder))
        warm_question(Path(folder))
        encoding(kb)


def cold_question(kb: Path, runs: int = RUNS) -> dict[str, Cost]:
    """A question in a process of its own; the medians."""
    model = folder_for(open_encoder().fingerprint)
    rows = costs(
        {
            "kb search --no-rerank": [*KB, "--kb", kb, "search", QUESTION, "--no-rerank"],
            "kb search": [*KB, "--kb", kb, "search", QUESTION],
            "floor: libraries, model, files": [sys.executable, HERE / "floor.py", kb, model],
            "sentence-transformers, encoding": [sys.executable, HERE / "reference.py", "question"],
            "kb --help": [*KB, "--help"],
            "python -c pass": [sys.executable, "-c", "pass"],
        },
        runs,
    )
    table(f"a cold question, each a process, medians of {runs}", rows)
    return rows


def warm_question(folder: Path, size: int = PASSAGES) -> None:
    """A question to a searcher that has answered one before, and its parts, over many passages."""
    scaling.fill(folder / "many", list(scaling.paragraphs_of(None)), size)
    with open_store(folder / "many") as store:
        searcher, encoder = Searcher(store), open_encoder()
        by_meaning = CandidateQuery(
            encoder.encode_question(QUESTION), encoder.fingerprint, depth=DEPTH
        )
        question = Question.parse(QUESTION)
        by_words = CandidateQuery(leading=question.term_clauses, depth=DEPTH)
        asked = prepare(question, "hybrid", store, encoder)
        query = asked.candidate_query(DEPTH, Filters(), Requirements())
        table = store.candidates(query)
        ids = table.ids[table.found].tolist()
        texts = [passage.text for passage, _ in store.passages(ids[:READ]).values()]
        reader = LateInteraction(encoder)
        parts = {
            "Searcher.ask --no-rerank": lambda: searcher.ask(QUESTION, SearchOptions(rerank=False)),
            "Searcher.ask": lambda: searcher.ask(QUESTION),
            "the question's vector": lambda: encoder.encode_question(QUESTION),
            "what is known of its words": lambda: store.look_up(word_query(question)),
            "nearest by meaning": lambda: store.candidates(by_meaning),
            "best by words": lambda: store.candidates(by_words),
            "candidates by both": lambda: store.candidates(query),
            "all scores of all candidates": lambda: scored(table, asked),
            f"reading {len(texts)} again": lambda: reader.read(QUESTION, texts),
        }
        figures = seconds(parts, 50)
        print(f"a warm question over {store.size} passages, medians of 50")
    for name, figure in figures.items():
        print(f"  {name:<34} {figure * 1000:8.2f} ms")
    print()


def encoding(kb: Path, runs: int = 5) -> dict[str, float]:
    """Passages into vectors in one process; tokens per second."""
    from sentence_transformers import SentenceTransformer

    from kb.encoders.models import folder_of

    int8, fp32 = open_encoder(DEFAULT, "int8"), open_encoder(DEFAULT, "fp32")
    with open_store(kb) as store:
        editions = [store.edition(Reference(entry.document)) for entry in store.entries()]
        texts = [text for edition in editions for text in texts_of(edition, int8)]
    reference = SentenceTransformer(str(folder_of(DEFAULT)), device="cpu", local_files_only=True)
    spent = seconds(
        {
            "int8": lambda: int8.encode_passages(texts),
            "fp32": lambda: fp32.encode_passages(texts),
            "SentenceTransformer.encode": lambda: reference.encode(texts, show_progress_bar=False),
        },
        runs,
    )
    tokens = sum(map(int8.count, texts))
    rates = {name: tokens / one for name, one in spent.items()}
    print(f"encoding {len(texts)} passages of {tokens / len(texts):.0f} tokens, medians of {runs}")
    _rates(rates)
    return rates


def ingesting(folder: Path, runs: int = 3) -> dict[str, float]:
    """Whole `kb ingest` against encoding alone by the reference; tokens per second."""
    ours, theirs, peaks = [], [], []
    sources, kb, file = folder / "briefs", folder / "new", folder / "texts.json"
    cost([*KB, "--kb", kb, "ingest", sources])
    with open_store(kb) as store:
        encoder = open_encoder()
        editions = [store.edition(Reference(entry.document)) for entry in store.entries()]
    texts = [text for edition in editions for text in texts_of(edition, encoder)]
    file.write_text(json.dumps(texts))
    for _ in range(runs):
        shutil.rmtree(kb)
        ours.append(cost([*KB, "--kb", kb, "ingest", sources]))
        command = [sys.executable, str(HERE / "reference.py"), "texts", str(file)]
        printed = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        theirs.append(printed["seconds"])
        peaks.append(printed["gflops"])
    again = cost([*KB, "--kb", kb, "ingest", sources])
    tokens = sum(map(encoder.count, texts))
    rates = {
        "kb ingest, the whole process": tokens / statistics.median(one.seconds for one in ours),
        "SentenceTransformer.encode alone": tokens / statistics.median(theirs),
        "peak of matrix products, fp32": max(peaks) * 1e9 / OPERATIONS,
    }
    print(f"ingesting {len(editions)} files, {len(texts)} passages, medians of {runs}")
    _rates(rates)
    print(f"  peak memory of kb ingest           {max(one.megabytes for one in ours):8.0f} MB")
    print(f"  the same files again, unchanged    {again.seconds:8.2f} s\n")
    return rates


def table(title: str, rows: dict[str, Cost]) -> None:
    """Seconds and memory, each time with its ratio to the first."""
    first = next(iter(rows.values())).seconds
    print(title)
    for name, row in rows.items():
        times = f"{row.seconds:8.3f} s {row.seconds / first:7.2f} x"
        print(f"  {name:<34} {times} {row.megabytes:7.0f} MB")
    print()


def _rates(rates: dict[str, float]) -> None:
    first = next(iter(rates.values()))
    for name, rate in rates.items():
        print(f"  {name:<34} {rate:8.0f} tokens/s {rate / first:7.2f} x")
    print()


if __name__ == "__main__":
    main()
