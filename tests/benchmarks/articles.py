"""How much of a saved page is its article: the passages that kb ingest makes, against gold texts.

    python tests/benchmarks/articles.py ../shared/eval/html_articles

Scored by the script beside the folder, in 4-grams of words (the measure of Scrapinghub's article
extraction benchmark); a heading counts once, where its first passage stands.
"""

from __future__ import annotations

import ast
import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ingest.cli.ingest import fill
from kb.keys import Reference
from kb.records import Passage
from kb.store import open_store


def figures(folder: Path) -> dict[str, Any]:
    """F1, precision and recall as means over the pages, the ids of the pages of which nothing was
    taken in though there is a gold text, and why pages were refused.
    """
    gold = json.loads((folder / "gold.json").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as name:
        pages = Path(name) / "pages"
        pages.mkdir()
        for path in (folder / "html").glob("*.html.gz"):
            (pages / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
        with open_store(Path(name) / "kb", create=True, model="hashing") as store:
            refused = fill(store, [str(pages)])
            found = {
                Path(source.uri).stem: text_of(store.edition(Reference(entry.document)).passages)
                for entry in store.entries()
                for source in entry.sources
            }
        made = Path(name) / "made.json"
        made.write_text(json.dumps({id: {"articleBody": text} for id, text in found.items()}))
        score = [sys.executable, str(folder.parent / "html_score.py"), "shingle"]
        done = subprocess.run(
            [*score, str(folder / "gold.json"), str(made)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    empty = [id for id, its in gold.items() if its.get("articleBody") and not found.get(id)]
    return {**ast.literal_eval(done.stdout), "empty": empty, "refused": refused}


def text_of(passages: Iterable[Passage]) -> str:
    """Passages and their headings as they are read, one after the other."""
    return "\n".join(_lines(passages))


def _lines(passages: Iterable[Passage]) -> Iterator[str]:
    before: tuple[str, ...] = ()
    for passage in passages:
        path = passage.heading
        pairs = zip(path, before, strict=False)
        same = next((n for n, (ours, its) in enumerate(pairs) if ours != its), len(before))
        if path != before:
            yield from path[same:]
        before = path
        yield passage.text


def main(folder: Path) -> None:
    """Print the figures."""
    its = figures(folder)
    print(f"{its['pages']} pages: F1 {its['f1']:.3f}, precision {its['precision']:.3f}, ", end="")
    print(f"recall {its['recall']:.3f}; {len(its['empty'])} empty where gold has text")
    for source, reason in its["refused"]:
        print(f"refused: {Path(source).name}: {reason}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
