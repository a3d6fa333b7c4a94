"""PDF: paragraphs in reading order, over columns and pages, each with the pages it stands on.

Nothing is lost: what is printed is in the text, or left out with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.drafts import Block, Reading
from ingest.readers.common.tables import in_lists
from ingest.readers.common.titles import title_from_name
from ingest.readers.pdf import glyphs, metadata
from ingest.readers.pdf.contents import without_contents
from ingest.readers.pdf.edges import Sheet
from ingest.readers.pdf.footnotes import with_footnotes
from ingest.readers.pdf.furniture import without_furniture
from ingest.readers.pdf.headings import title_of, with_headings
from ingest.readers.pdf.hyphens import Vocabulary, vocabulary, with_plain_hyphens
from ingest.readers.pdf.lines import Line, lines_of, with_initials
from ingest.readers.pdf.order import in_order
from ingest.readers.pdf.paragraphs import Looks, Paragraph, paragraphs_of, rejoined, written
from ingest.readers.pdf.troubles import notes_of
from kb.errors import Refused
from kb.metadata import Metadata

NAME = "pdf"
VERSION = "1"
_SHORT = 25  # words of a paragraph that may hold names and a date


def read(data: bytes, name: str, password: str | None = None) -> Reading:
    """The text of a PDF; Refused when it is damaged, locked, or has no text at all."""
    with glyphs.opened(data, password) as document:
        facts, outline = glyphs.facts(document), glyphs.outline(document)
        pages = list(glyphs.pages(document))
    if not any(page.words for page in pages):
        raise Refused(
            "no text found: its pages are pictures, such as scans. Have the text recognised (OCR), "
            "for example with ocrmypdf, and ingest the PDF that it makes"
        )
    stated_labels = _stated_labels(pages)
    sheets, printed_labels = without_furniture([_sheet(page) for page in pages], stated_labels)
    ordered = without_contents([_ordered(sheet) for sheet in sheets])
    read_lines = [[line for line in lines if not line.note] for lines in ordered]
    looks = Looks.of(read_lines)
    words = vocabulary(line.text for lines in ordered for line in lines)

    def text_of(paragraph: Paragraph) -> str:
        return written(paragraph, words).text

    flow = [_paragraphs(lines, looks) for lines in ordered]
    going_on = False
    for paragraphs in flow:
        going_on = with_footnotes(paragraphs, looks, going_on)
    title = title_of(flow, looks)
    for paragraph in title:
        paragraph.kind = "title"
    for paragraph in title[1:]:  # one block, as it is one title
        title[0].lines += paragraph.lines
        flow = [[each for each in page if each is not paragraph] for page in flow]
    with_headings(flow, looks, outline, text_of)
    printed = text_of(title[0]) if title else ""
    stated = metadata.title_stated(facts, name)
    dates, bylines = _opening_lines(flow)
    everything = rejoined([each for paragraphs in flow for each in paragraphs])
    blocks = tuple(in_lists(_block(paragraph, words) for paragraph in everything))
    opening = " ".join(block.text for block in blocks[:60] if block.pages and block.pages[0][1] < 4)
    return Reading(
        blocks=blocks,
        metadata=Metadata(
            title=_title(printed, stated, opening) or title_from_name(name) or None,
            author=metadata.authors_of(facts, bylines, dates, opening, trusted=stated is not None),
            issued=metadata.date_of(facts, dates, trusted=stated is not None),
        ),
        notes=notes_of(pages),
        labels=tuple((stated_labels or printed_labels).items()),
    )


def _sheet(page: glyphs.Page) -> Sheet:
    lines = []
    for line in with_initials(list(lines_of(page.words, page.number))):
        inside = page.bottom <= line.y <= page.top and page.left < line.x1 and line.x0 < page.right
        lines.append(line if inside or line.note else replace(line, note="outside the page"))
    return Sheet(page.number, tuple(lines), page.bottom, page.top)


def _ordered(sheet: Sheet) -> list[Line]:
    """The lines of a page in reading order, what is not to be read before and after them."""
    before = [line for line in sheet.lines if line.note and line.y > (sheet.top + sheet.bottom) / 2]
    after = [line for line in sheet.lines if line.note and line not in before]
    body = in_order([line for line in sheet.lines if not line.note])
    return [*before, *body, *after]


def _paragraphs(lines: Sequence[Line], looks: Looks) -> list[Paragraph]:
    """The paragraphs of a page, and what was left out of it, by reason."""
    paragraphs: list[Paragraph] = []
    kept: list[Line] = []
    for line in lines:
        if not line.note:
            kept.append(line)
            continue
        paragraphs += paragraphs_of(kept, looks)
        kept = []
        if paragraphs and paragraphs[-1].reason == line.note:
            paragraphs[-1].lines.append(line)
        else:
            paragraphs.append(Paragraph([line], "table", reason=line.note))
    paragraphs += paragraphs_of(kept, looks)
    marks = " ".join(mark for line in lines for mark in line.marks if not line.note)
    if marks:
        last = replace(lines[-1], text=marks, marks=(), cells=())
        paragraphs.append(Paragraph([last], "table", reason="footnote marks"))
    return paragraphs


def _block(paragraph: Paragraph, words: Vocabulary) -> Block:
    result = written(paragraph, words)
    return Block(
        result.text,
        paragraph.kind if paragraph.reason is None else "paragraph",
        paragraph.level,
        reason=paragraph.reason,
        pages=tuple(result.pages),
    )


def _title(printed: str, stated: str | None, opening: str) -> str | None:
    """The stated title where the first pages say the same, else the printed one."""
    if stated and (_plain(printed) in _plain(stated) or _plain(stated) in _plain(opening)):
        return stated
    return " ".join(printed.split()) or stated


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _opening_lines(flow: Sequence[Sequence[Paragraph]]) -> tuple[list[str], list[str]]:
    """The lines of short paragraphs on the first page with text, and those among them that may
    name authors: neither the title nor a heading, and not below the first long paragraph.
    """
    for paragraphs in flow:
        kept = [each for each in paragraphs if each.reason is None]
        if not kept:
            continue
        short = [sum(line.words for line in each.lines) <= _SHORT for each in kept]
        above = short.index(False) if False in short else len(kept)
        lines = [
            (with_plain_hyphens(line.text), at < above and each.kind in ("paragraph", "table"))
            for at, each in enumerate(kept)
            for line in each.lines
            if short[at]
        ]
        return [text for text, _ in lines], [text for text, named in lines if named]
    return [], []


def _stated_labels(pages: Sequence[glyphs.Page]) -> dict[int, str]:
    """What the file says is printed on each page; nothing where it only counts them."""
    said = {page.number: page.label for page in pages if page.label}
    return said if any(label != str(number) for number, label in said.items()) else {}
