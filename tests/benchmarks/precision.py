"""What int8 costs in ranking: nDCG@10 beside fp32 on judged collections, with a paired test.

Run as `python precision.py FOLDER ...`, each a collection as `kb eval` reads them;
`make bench-precision` runs it over two collections of the development data.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measuring import machine

from ingest.cli.ingest import fill
from kb.encoders import PRECISIONS
from kb.store import open_store
from search.evaluation import folders
from search.evaluation.evaluating import compared, evaluate
from search.evaluation.stages import STAGES


def main() -> None:
    """Print a line for each collection and stage."""
    print(f"{machine()}\n\nnDCG@10                             int8    fp32  difference")
    for name in sys.argv[1:]:
        collection = folders.read(Path(name))
        measured = {}
        with tempfile.TemporaryDirectory() as folder:
            for precision in PRECISIONS:
                with open_store(
                    Path(folder) / precision, create=True, precision=precision
                ) as store:
                    fill(store, collection.sources)
                with open_store(Path(folder) / precision) as store:
                    for stage, wanted in STAGES.items():
                        one = evaluate(collection, store, {stage: wanted})
                        measured[stage, precision] = one
        for stage in STAGES:
            int8, fp32 = measured[stage, "int8"], measured[stage, "fp32"]
            figures = [one.last.figures["all"]["nDCG@10"].value for one in (int8, fp32)]
            gap = compared(int8, fp32.last.run, "fp32")["nDCG@10"]
            print(
                f"{collection.name[:24]:<24} {stage:<10} {figures[0]:.4f}  {figures[1]:.4f}  "
                f"{figures[0] - figures[1]:+.4f} (p {gap.p:.2f})",
                flush=True,
            )


if __name__ == "__main__":
    main()
