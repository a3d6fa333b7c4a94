"""A passage's citation in one line, from what is known of its document. Pure."""

from __future__ import annotations

from kb.records import Document, Entry, Passage
from kb.text.dates import in_words

MOST_AUTHORS = 3


def cite(document: Document | Entry, passage: Passage) -> str:
    """Author(s), “title”, publisher, date, page or paragraph, URL: what is known of these."""
    metadata = document.metadata
    parts = (
        authors_in_words(metadata.author),
        f"“{_inner_quotes(document.title)}”",
        metadata.publisher,
        in_words(metadata.issued) if metadata.issued else None,
        pinpoint(passage),
        metadata.url,
    )
    return " ".join(", ".join(part for part in parts if part).split())


def authors_in_words(authors: tuple[str, ...]) -> str | None:
    """ "A", "A and B", "A, B and C", "A et al."; None when nobody is known."""
    if not authors:
        return None
    if len(authors) > MOST_AUTHORS:
        return f"{authors[0]} et al."
    if len(authors) == 1:
        return authors[0]
    return f"{', '.join(authors[:-1])} and {authors[-1]}"


def pinpoint(passage: Passage) -> str:
    """Where the passage stands: "p. 12", "pp. 12–13", "p. iv"; its paragraph without pages."""
    if passage.pages is None:
        return f"para. {passage.paragraph}"
    first, last = passage.page_labels or (str(passage.pages[0]), str(passage.pages[1]))
    return f"p. {first}" if first == last else f"pp. {first}–{last}"


def _inner_quotes(title: str) -> str:
    """The title with its double quotes made single, as it stands in double quotes itself."""
    return title.replace("“", "‘").replace("”", "’").replace('"', "'")
