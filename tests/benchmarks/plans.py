"""How well a folder of PDF files is read: time, lost words, broken words, furniture, page labels;
and the memory that a long file needs.

    python tests/benchmarks/plans.py ../shared/eval/us_agency_plans [LABELS]

LABELS is a list of document, page and label, as tests/fixtures/pdf/labels.tsv; it is checked.
"""

from __future__ import annotations

import itertools
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
from measuring import KB, cost

from ingest.drafts import Reading, lay_out
from ingest.passages.cutting import Measure, cut
from ingest.readers.pdf import read

_MARKS = re.compile(r"[\W_]+")
_BREAK = re.compile(r"[\ufffe\u0002\u00ad]")
REPEATED = 10  # so many of the most repeated lines are looked for in passages
LONG = 1_500  # pages of a file that is taken in to see what memory that needs
EDGE = 0.12  # of a page's height


def main(folder: Path, expected: Path | None) -> None:
    """Print a line for each file and the sum."""
    right = wrong = pages = leftovers = 0
    total = 0.0
    labels = _expected(expected) if expected else {}
    print("file                pages  seconds  letters in  passages  broken  heads  labels")
    for path in sorted(folder.glob("*.pdf")):
        data = path.read_bytes()
        began = time.perf_counter()
        reading = read(data, path.name)
        took = time.perf_counter() - began
        layer = _layer(data)
        passages = _passages(reading)
        broken = sum(len(_BREAK.findall(text)) + _torn(text) for text in passages)
        heads = _heads(data, passages)
        said = dict(reading.labels)
        wanted = labels.get(path.stem, {})
        agree = sum(said.get(page) == label for page, label in wanted.items())
        right, wrong = right + agree, wrong + len(wanted) - agree
        print(
            f"{path.name[:20]:<20}{len(layer):>5}{took:>9.2f}{_covered(layer, reading):>12.4%}"
            f"{len(passages):>10}{broken:>8}{heads:>7}{agree:>5}/{len(wanted)}"
        )
        pages, total, leftovers = pages + len(layer), total + took, leftovers + broken
    print(f"{pages} pages in {total:.1f} s; {leftovers} broken words;", end=" ")
    print(f"labels {right} right, {wrong} wrong")
    with tempfile.TemporaryDirectory() as name:
        path, kb = Path(name) / "long.pdf", [*KB, "--kb", f"{name}/kb"]
        size = _join(sorted(folder.glob("*.pdf")), LONG, path)
        cost([*kb, "init", "--model", "hashing"])
        whole = cost([*kb, "ingest", path, "--max-size", "1000"])
    print(
        f"{LONG:,} of their pages in one file of {size / 1e6:.0f} MB, taken in (hashing model): "
        f"{whole.seconds:.1f} s, {whole.megabytes:.0f} MB of memory"
    )


def _join(paths: Sequence[Path], pages: int, target: Path) -> int:
    """Write one file of so many pages, those of these files over and over; its size in bytes."""
    joined = pypdfium2.PdfDocument.new()
    for path in itertools.cycle(paths):
        part = pypdfium2.PdfDocument(path)
        joined.import_pages(part, list(range(min(len(part), pages - len(joined)))))
        part.close()
        if len(joined) == pages:
            break
    joined.save(target)
    joined.close()
    return target.stat().st_size


def _layer(data: bytes) -> list[str]:
    """The text of each page as PDFium gives it."""
    document = pypdfium2.PdfDocument(data)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


def _passages(reading: Reading) -> list[str]:
    draft = lay_out(reading)
    ruler = Measure(lambda text: len(text) // 4 + 2, 256)
    return [place.span.of(draft.text) for place in cut(draft, reading.metadata.title or "", ruler)]


def _covered(layer: list[str], reading: Reading) -> float:
    """The share of the words on the pages whose letters stand in a block of that page, or in one
    that begins there, each as often as on the page.
    """
    blocks: dict[int, list[str]] = {}
    for block in reading.blocks:
        for _, page in block.pages:
            blocks.setdefault(page, []).append(_letters(block.text))
    found = total = 0
    for number, text in enumerate(layer, 1):
        joined = _BREAK.sub("", text.replace("\ufffe\r\n", ""))
        words = Counter(word for word in map(_letters, joined.split()) if word)
        ours = "\n".join(blocks.get(number, ()))
        total += words.total()
        found += sum(min(count, ours.count(word)) for word, count in words.items())
    return found / total if total else 1.0


def _letters(text: str) -> str:
    return _MARKS.sub("", text).casefold()


def _heads(data: bytes, passages: list[str]) -> int:
    """How often the most repeated lines at the edges of pages stand in passages.

    More often, that is, than between the edges: an agency's name may stand in a sentence as well.
    """
    edges: Counter[str] = Counter()
    middle = ""
    document = pypdfium2.PdfDocument(data)
    try:
        for page in document:
            width, height = page.get_size()
            text = page.get_textpage()
            upper = text.get_text_bounded(0, height * (1 - EDGE), width, height)
            lower = text.get_text_bounded(0, 0, width, height * EDGE)
            inner = text.get_text_bounded(0, height * EDGE, width, height * (1 - EDGE))
            lines = {line.strip() for line in (upper + "\n" + lower).splitlines()}
            edges.update({re.sub(r"\d+", "#", line) for line in lines if line})
            middle += " " + _letters_and_spaces(inner)
        most = [line for line, count in edges.most_common(REPEATED) if count > len(document) / 4]
    finally:
        document.close()
    ours = " ".join(map(_letters_and_spaces, passages))
    patterns = [
        re.compile(rf"\b{re.escape(_letters_and_spaces(line)).replace('0', '[0-9]+')}\b")
        for line in (each.replace("#", "0") for each in most)
    ]
    return sum(
        max(0, len(pattern.findall(ours)) - len(pattern.findall(middle))) for pattern in patterns
    )


def _letters_and_spaces(text: str) -> str:
    return _MARKS.sub(" ", text).casefold().strip()


def _torn(text: str) -> int:
    """Words with a hyphen and a space in them ("gov- ernment"), but for "short- and long-term"."""
    return len(re.findall(r"[a-z]- (?!and |or |to )[a-z]", text))


def _expected(path: Path) -> dict[str, dict[int, str]]:
    labels: dict[str, dict[int, str]] = {}
    for line in path.read_text("utf-8").splitlines():
        document, page, label = line.split("\t")
        labels.setdefault(document, {})[int(page)] = label
    return labels


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
