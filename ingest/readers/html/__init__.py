"""HTML: the article of a page, with its title, authors and date; the rest kept apart.

Nothing visible is lost: it is in the text, or left out with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingest.boilerplate.marking import mark
from ingest.drafts import Reading
from ingest.readers.common.characters import letters
from ingest.readers.common.decoding import Decoded, declared_encoding, decode
from ingest.readers.common.tables import in_lists
from ingest.readers.common.titles import title_from_name
from ingest.readers.html.article import all_paragraphs, article, with_reasons
from ingest.readers.html.landmarks import HIDDEN
from ingest.readers.html.metadata import PageMetadata
from ingest.readers.html.page import PageBlock, page_blocks
from ingest.readers.html.parsing import parse
from kb.errors import Refused
from kb.metadata import Metadata

NAME = "html"
VERSION = "1"


def read(data: bytes, name: str, charset: str | None = None) -> Reading:
    """The article in a page; Refused when the page holds no text.

    `charset` is what the server named that sent it.
    """
    return reading_of(decode(data, charset, declared_encoding(data)), name)


def reading_of(decoded: Decoded, name: str) -> Reading:
    """The article in the markup of a page; Refused when the page holds no text."""
    root = parse(decoded.text)
    blocks = [] if root is None else page_blocks(root)
    if root is None or not blocks:
        raise Refused(
            "no text found: the page holds no words of its own; perhaps a script draws them. "
            "Open it in a browser, save what it shows (as a complete page, or printed to a PDF) "
            "and ingest that."
        )
    notes = list(decoded.notes)
    kept = article(root, blocks)
    if kept is None:
        notes.append("the article does not stand out from its page: all paragraphs were kept")
        kept = all_paragraphs(blocks)
    meta = PageMetadata(root)
    heading = _title_heading(blocks, kept, meta)
    titles = meta.titles() if heading is None else [blocks[heading].block.text]
    verdict = with_reasons(blocks, kept, heading)
    return Reading(
        blocks=tuple(in_lists(mark(verdict, among=lambda block: block.reason is None))),
        metadata=Metadata(
            title=titles[0] if titles else title_from_name(name) or None,
            author=meta.authors(),
            issued=meta.published(),
            publisher=meta.publisher(),
            language=meta.language(),
            url=meta.url(),
            keyword=meta.tags(),
        ),
        notes=tuple(notes),
    )


def _title_heading(
    blocks: Sequence[PageBlock], kept: Sequence[bool], meta: PageMetadata
) -> int | None:
    """The number of the heading that is the article's title."""
    start = next(
        (n for n, keep in enumerate(kept) if keep and not blocks[n].block.is_heading), len(blocks)
    )
    headings = [
        number
        for number, each in enumerate(blocks)
        if each.block.is_heading and each.landmark != HIDDEN
        if each.landmark is None or each.block.level == 1
    ]
    titles = meta.titles()
    named = [n for n in headings if any(_alike(blocks[n].block.text, title) for title in titles)]
    if not named:
        named = [
            n
            for n in headings
            if blocks[n].block.level == 1 and n < start and not meta.is_site(blocks[n].block.text)
        ]
        if len(named) != 1:
            return None
    top = min(blocks[n].block.level for n in named)
    named = [n for n in named if blocks[n].block.level == top]
    return max((n for n in named if n < start), default=named[0])


def _alike(heading: str, title: str) -> bool:
    """Whether two wordings are of one title: one holds the other, or they share most words."""
    short, long = sorted((letters(heading), letters(title)), key=len)
    if short in long and len(short) * 2 >= len(long):
        return True
    words, others = set(heading.casefold().split()), set(title.casefold().split())
    return len(words & others) * 2 >= len(words | others)
