"""Whether the memory of an ingest grows with the number of documents: make bench-memory.

Run as `python memory.py [COUNT ...]`; ingests so many briefs each (2,000 and 20,000) with the
default model, each in a process of its own, and prints the most memory that it held.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from briefs import CORPUS, write
from measuring import KB, cost, machine


def main() -> None:
    """Print a line for each count."""
    counts = [int(argument) for argument in sys.argv[1:]] or [2_000, 20_000]
    print(f"{machine()}\n\ndocuments     seconds     MB    again, unchanged")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cost([*KB, "--kb", folder / "warm", "ingest", CORPUS])  # prepares the model
        for count in counts:
            kb, briefs = folder / f"kb-{count}", folder / f"briefs-{count}"
            write(briefs, count, paragraphs=1)
            command: list[str | Path] = [*KB, "--kb", kb, "ingest", briefs]
            first, again = cost(command), cost(command)
            print(
                f"{count:>9,} {first.seconds:>11.1f} {first.megabytes:>6.0f} "
                f"{again.seconds:>10.2f} s {again.megabytes:>4.0f} MB",
                flush=True,
            )


if __name__ == "__main__":
    main()
