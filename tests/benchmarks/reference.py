"""What everybody does: SentenceTransformer.encode with its defaults, in a process of its own.

Run as `python reference.py question` or `python reference.py texts FILE`, FILE being a JSON list;
prints as JSON the seconds of encoding alone, without import and loading, and beside them the
machine's peak of multiplying matrices in fp32, in GFLOP/s.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

from sentence_transformers import SentenceTransformer

from kb.encoders import DEFAULT
from kb.encoders.models import folder_of

QUESTION = "why not share targeting intel"
SIDE = 1024  # of the matrices


def peak() -> float:
    """The best of twenty products of two square matrices, in GFLOP/s."""
    import torch

    left, right = torch.rand(SIDE, SIDE), torch.rand(SIDE, SIDE)
    least = float("inf")
    for _ in range(20):
        began = time.perf_counter()
        left @ right
        least = min(least, time.perf_counter() - began)
    return 2 * SIDE**3 / least / 1e9


def main() -> None:
    """Encode what is asked for."""
    model = SentenceTransformer(str(folder_of(DEFAULT)), device="cpu", local_files_only=True)
    texts = json.loads(Path(sys.argv[2]).read_text()) if sys.argv[1] == "texts" else QUESTION
    began = time.perf_counter()
    model.encode(texts, show_progress_bar=False)
    spent = time.perf_counter() - began
    print(json.dumps({"seconds": spent, "gflops": peak() if sys.argv[1] == "texts" else None}))


if __name__ == "__main__":
    main()
