"""What the model behind a search cannot do, and what is to be said of it."""

from __future__ import annotations

from collections.abc import Iterable

from kb.encoder import Encoder
from search.hits import Hit


def within_window(text: str, encoder: Encoder) -> tuple[str, tuple[str, ...]]:
    """The question, cut after the last word that the encoder reads, with a note if so."""
    window = encoder.window
    if len(text) < window or encoder.count(text) <= window:
        return text, ()
    words = text.split()[:window]
    low, high = 1, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        if encoder.count(" ".join(words[:middle])) <= window:
            low = middle
        else:
            high = middle - 1
    kept = " ".join(words[:low])[: 16 * window]  # one endless word is cut as well
    return kept, (f"a long question: only its first {low} words were used",)


def language_notes(hits: Iterable[Hit], encoder: Encoder) -> tuple[str, ...]:
    """That some of the hits are in languages which the model does not know."""
    known = encoder.languages
    if known is None:
        return ()
    foreign = {
        hit.entry.metadata.language
        for hit in hits
        if hit.entry.metadata.language is not None and hit.entry.metadata.language not in known
    }
    if not foreign:
        return ()
    return (
        f"some of these are in languages ({', '.join(sorted(foreign))}) that the model "
        f"{encoder.name} does not know; for those, ask with words that stand in the text",
    )
