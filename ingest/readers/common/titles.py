"""Titles: of last resort from a file's name, and told apart among a document's blocks. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import PurePath

from ingest.drafts import Block
from ingest.readers.common.characters import letters


def title_from_name(name: str) -> str:
    """A title of last resort, from a file's name: "lead_in_water-2.txt" gives "Lead in water 2"."""
    stem = PurePath(name).stem.replace("_", " ").replace("-", " ")
    words = " ".join(stem.split())
    return words[:1].upper() + words[1:]


def with_title(
    blocks: Iterable[Block], title: str | None, kinds: Collection[str] = ("heading",)
) -> Iterator[Block]:
    """The blocks, the first kept one of these kinds that has the title's words told apart."""
    sought = letters(title or "")
    for block in blocks:
        is_kept = block.kind in kinds and block.reason is None
        if sought and is_kept and letters(block.text) == sought:
            yield replace(block, kind="title", level=0)
            sought = ""
        else:
            yield block
