"""What stands in front of a passage when it is embedded: title and heading path.

The title in front lifts health guidance from .42 to .56 nDCG@10 (dense). It is for the vector
alone: quotes and offsets are those of the text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.encoder import Encoder
    from kb.records import Edition, Passage


def context_of(
    title: str, heading: tuple[str, ...], count: Callable[[str], int], window: int
) -> str:
    """Title and heading path in one line, in at most a quarter of the window.

    Too long a context is shortened from the top of the path: title first, then outer headings;
    of the innermost part, leading words go. `count` gives the tokens of a text.
    """
    limit = window // 4
    parts = [part for part in (title, *heading) if part]
    while len(parts) > 1 and count(join(parts)) > limit:
        parts.pop(0)
    context = join(parts)
    if not context or count(context) <= limit:
        return context
    words = context.split()
    low, high = 0, len(words)  # the fewest leading words to drop
    while low < high:
        middle = (low + high) // 2
        if count(" ".join(words[middle:])) <= limit:
            high = middle
        else:
            low = middle + 1
    return " ".join(words[low:])


def join(parts: list[str]) -> str:
    """The parts of a path as one line."""
    return " — ".join(parts)


def in_context(context: str, text: str) -> str:
    """The text as the encoder reads it: the context, a line end, the passage."""
    return f"{context}\n{text}" if context else text


def texts_of(edition: Edition, encoder: Encoder) -> list[str]:
    """What the encoder reads of each passage: title and headings, then the passage."""
    title = edition.document.title
    contexts: dict[tuple[str, ...], str] = {}
    for passage in edition.passages:
        if passage.heading not in contexts:
            contexts[passage.heading] = context_of(
                title, passage.heading, encoder.count, encoder.window
            )
    return [in_context(contexts[passage.heading], passage.text) for passage in edition.passages]


def text_of(passage: Passage, title: str, encoder: Encoder) -> str:
    """What the encoder reads of one passage of a document with this title; it ends with it."""
    context = context_of(title, passage.heading, encoder.count, encoder.window)
    return in_context(context, passage.text)
