"""What a question and an ingest cost, against a floor and against sentence-transformers.

`make bench` runs it over the sample briefs. All figures come from one run, in turn, so that their
ratios hold where the machine's speed drifts.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from kb.encoders import DEFAULT, open_encoder
from kb.encoders.prepared import folder_for
from kb.keys import Reference
from kb.store import open_store
from search.searcher import Searcher

ROOT = Path(__file__).parent.parent.parent
RUNS = 7
QUESTION = "why not share targeting intel"
REFERENCE = f"""
from sentence_transformers import SentenceTransformer
from kb.encoders.models import folder_of
SentenceTransformer(str(folder_of({DEFAULT!r})), local_files_only=True).encode({QUESTION!r})
"""


def main() -> None:
    """Print the table."""
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
          f"Python {platform.python_version()}, medians of {RUNS}\n")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        kb = Path(folder) / "kb"
        command = [sys.executable, "-c", "from kb.cli import main; main()", "--kb", str(kb)]
        run([*command, "ingest", str(ROOT / "corpus")])
        cold_question(command, kb)
        warm_question(kb)
        encoding(kb)


def cold_question(command: list[str], kb: Path) -> None:
    """A question in a process of its own."""
    model = folder_for(open_encoder().fingerprint)
    floor = [sys.executable, str(Path(__file__).with_name("floor.py")), str(kb), str(model)]
    rows = {
        "kb search": [*command, "search", QUESTION],
        "floor: the libraries, the model, the files": floor,
        "sentence-transformers, encoding alone": [sys.executable, "-c", REFERENCE],
        "kb --help": [*command[:3], "--help"],
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(RUNS):
        for name, row in rows.items():
            seconds[name].append(timed(lambda row=row: run(row)))  # type: ignore[misc]
    table("cold", {name: statistics.median(times) for name, times in seconds.items()}, "s")


def warm_question(kb: Path) -> None:
    """A question to a searcher that has answered one before."""
    with open_store(kb) as store:
        searcher = Searcher(store)
        searcher.ask(QUESTION)
        times = [timed(lambda: searcher.ask(QUESTION)) * 1000 for _ in range(RUNS)]
    table("warm", {"Searcher.ask": statistics.median(times)}, "ms")


def encoding(kb: Path) -> None:
    """Passages into vectors, in tokens per second."""
    from sentence_transformers import SentenceTransformer

    from kb.encoders.models import folder_of

    with open_store(kb) as store:
        keys = [entry.document for entry in store.entries()]
        texts = [p.text for key in keys for p in store.edition(Reference(key)).passages]
    reference = SentenceTransformer(str(folder_of(DEFAULT)), device="cpu", local_files_only=True)
    encoders: dict[str, Callable[[], object]] = {
        "int8": lambda: int8.encode_passages(texts),
        "fp32": lambda: fp32.encode_passages(texts),
        "SentenceTransformer.encode": lambda: reference.encode(texts, show_progress_bar=False),
    }
    int8, fp32 = open_encoder(DEFAULT, "int8"), open_encoder(DEFAULT, "fp32")
    tokens = sum(int8.count(text) for text in texts)
    rates: dict[str, list[float]] = {name: [] for name in encoders}
    for number in range(4):
        for name, encode in encoders.items():
            seconds = timed(encode)
            if number:  # the first loads
                rates[name].append(tokens / seconds)
    table("encoding", {name: statistics.median(r) for name, r in rates.items()}, "tokens/s")


def table(title: str, figures: dict[str, float], unit: str) -> None:
    """Figures, each with its ratio to the first."""
    first = next(iter(figures.values()))
    print(title)
    for name, figure in figures.items():
        print(f"  {name:<45} {figure:10.3f} {unit:<9} {figure / first:7.2f} x")
    print()


def timed(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def run(command: list[str]) -> None:
    """A command, its output thrown away."""
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
