"""Briefs in any number, all different: sentences of the sample briefs, drawn anew from a seed."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

CORPUS = Path(__file__).parent.parent.parent / "corpus"


def sentences() -> list[str]:
    """The sentences of the sample briefs, in the order of the files."""
    text = "\n\n".join(path.read_text(encoding="utf-8") for path in sorted(CORPUS.glob("*.md")))
    paragraphs = (p for p in text.split("\n\n") if len(p.split()) > 30 and not p.startswith("---"))
    flat = (" ".join(paragraph.split()) for paragraph in paragraphs)
    return [sentence for p in flat for sentence in re.split(r"(?<=[.?!])\s+(?=[A-Z“])", p)]


def briefs(count: int, paragraphs: int = 2) -> Iterator[str]:
    """So many texts, each a title and paragraphs of some 100 words."""
    known = sentences()
    for number in range(count):
        draw = random.Random(number)
        body = (" ".join(draw.sample(known, draw.randint(3, 6))) for _ in range(paragraphs))
        yield f"Brief {number}\n\n" + "\n\n".join(body) + "\n"


def write(folder: Path, count: int, paragraphs: int = 2) -> None:
    """Write the briefs as files into a new folder."""
    folder.mkdir(parents=True)
    for number, text in enumerate(briefs(count, paragraphs)):
        (folder / f"brief-{number:05}.txt").write_text(text, encoding="utf-8")
