"""Laws of the PDF reader, over documents set in lines, columns and pages of every width."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pdf_writer import Sheet, Text, pdf

from ingest.drafts import Block, Reading, lay_out
from ingest.passages.assembly import edition_of
from ingest.readers.pdf import read
from kb.encoders.hashing import HashingEncoder
from kb.errors import Refused
from kb.metadata import Metadata
from kb.records import Provenance

WORDS = st.text("abcdefghijklmnoprstuvw", min_size=2, max_size=11)
LEADING = 12.0
TOP, BOTTOM = 690.0, 110.0
SOURCE = Provenance("/a.pdf", "0" * 64, "application/pdf", "pdf 1", "2025-01-01T00:00:00Z")


@dataclass(frozen=True)
class Set:
    """Paragraphs as they are set, and the page on which each of their words stands."""

    data: bytes
    paragraphs: list[str]
    pages: list[list[int]]
    head: str
    first: int  # the number printed on the first page


@st.composite
def prose(draw: st.DrawFn) -> str:
    words = draw(st.lists(WORDS, min_size=12, max_size=120))
    return " ".join(words).capitalize() + "."


@st.composite
def documents(draw: st.DrawFn) -> Set:
    """Paragraphs in one or two columns, over as many pages as they need, with head and number."""
    paragraphs = draw(st.lists(prose(), min_size=4, max_size=14))
    columns = draw(st.sampled_from([1, 1, 2]))
    width = draw(st.integers(60, 85)) if columns == 1 else draw(st.integers(32, 42))
    rows = draw(st.integers(12, 40))
    head = " ".join(draw(st.lists(WORDS, min_size=2, max_size=6))).title()
    first = draw(st.integers(1, 300))
    sheets: list[list[Text]] = [[]]
    pages: list[list[int]] = []
    column, y, used = 0, TOP, 0
    paragraphs = [_with_short_end(text, width) for text in paragraphs]
    for text in paragraphs:
        where: list[int] = []
        for line in _lines(text, width):
            if used >= rows:
                column, y, used = column + 1, TOP, 0
                if column == columns:
                    column = 0
                    sheets.append([])
            sheets[-1].append(Text(60 + 270 * column, y, line))
            where += [len(sheets)] * len(line.split())
            y, used = y - LEADING, used + 1
        pages.append(where)
        y -= LEADING
    assume(len(sheets) > 1)  # on one page nothing repeats
    for number, sheet in enumerate(sheets):
        sheet.insert(0, Text(60, 750, head, 9))
        sheet.append(Text(300, 40, str(first + number), 9))
    return Set(pdf([Sheet(sheet) for sheet in sheets]), paragraphs, pages, head, first)


def _with_short_end(text: str, width: int) -> str:
    """The text without its last words, until its last line leaves much of the column free.

    One that fills the column may go on in the next: nobody could tell.
    """
    while len(_lines(text, width)[-1]) > 0.6 * width:
        text = f"{text.rsplit(' ', 1)[0].rstrip('.')}."
    return text


def _lines(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def letters(text: str) -> str:
    return re.sub(r"\W+", "", text)


@given(documents())
def test_what_was_set_is_read_and_on_its_pages(document: Set) -> None:
    reading = read(document.data, "a.pdf")
    kept = [block for block in reading.blocks if block.reason is None]
    assert [block.text for block in kept] == document.paragraphs
    for block, pages in zip(kept, document.pages, strict=True):
        assert_pages_sound(block)
        starts = [found.start() for found in re.finditer(r"\S+", block.text)]
        assert [block.page_at(start) for start in starts] == pages


@given(documents())
def test_nothing_that_is_printed_is_lost(document: Set) -> None:
    reading = read(document.data, "a.pdf")
    sheets = max(max(pages) for pages in document.pages)
    printed = "".join(document.paragraphs) + document.head * sheets
    printed += "".join(str(document.first + number) for number in range(sheets))
    found = "".join(block.text for block in reading.blocks)
    assert sorted(letters(printed)) == sorted(letters(found))


@given(documents())
def test_heads_and_numbers_are_in_no_passage_and_give_the_labels(document: Set) -> None:
    reading = read(document.data, "a.pdf")
    sheets = max(max(pages) for pages in document.pages)
    assert document.head not in lay_out(reading).text
    assert reading.labels == tuple(
        (number, str(document.first + number - 1)) for number in range(1, sheets + 1)
    )


@given(documents())
@settings(max_examples=20)
def test_passages_know_their_pages_and_what_is_printed_there(document: Set) -> None:
    reading = read(document.data, "a.pdf")
    edition = edition_of(reading, "a", (SOURCE,), HashingEncoder(), Metadata(), frozenset())
    draft = lay_out(reading)
    labels = dict(reading.labels)
    before = 1
    for passage in edition.passages:
        assert passage.pages is not None
        first, last = passage.pages
        assert before <= first <= last
        before = first
        texts = [placed for placed in draft.placed if placed.span.start < passage.span.end]
        texts = [placed for placed in texts if placed.span.end > passage.span.start]
        assert first == texts[0].block.page_at(passage.span.start - texts[0].span.start)
        assert passage.page_labels == (labels[first], labels[last])


def assert_pages_sound(block: Block) -> None:
    offsets = [offset for offset, _ in block.pages]
    pages = [page for _, page in block.pages]
    assert offsets[0] == 0
    assert all(a < b for a, b in pairwise(offsets))
    assert all(a < b for a, b in pairwise(pages))
    assert offsets[-1] < len(block.text)


@given(st.data())
@settings(max_examples=100)
def test_broken_files_are_refused_or_read_by_the_laws(data: st.DataObject) -> None:
    """Bytes cut out of a sound file, or changed in it: never anything but Refused."""
    sound = SOUND
    if data.draw(st.booleans()):
        start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(sound))] * 2)))
        broken = sound[:start] + sound[end:]
    else:
        at = data.draw(st.integers(0, len(sound) - 1))
        broken = sound[:at] + data.draw(st.binary(min_size=1, max_size=4)) + sound[at + 1 :]
    try:
        reading = read(broken, "a.pdf")
    except Refused as refusal:
        assert str(refusal).strip()
        return
    for block in reading.blocks:
        assert block.text.strip()
        block.text.encode()
        assert_pages_sound(block)
        assert block.level > 0 or block.kind != "heading"
    assert_labels_sound(reading)


def assert_labels_sound(reading: Reading) -> None:
    assert all(page > 0 and label.strip() for page, label in reading.labels)


SOUND = pdf(
    [
        Sheet([Text(60, 700, "The first page says this and that.", 12, "F2"), Text(60, 40, "iv")]),
        Sheet([Text(60, 700, "The second page goes on with it."), Text(60, 40, "v")]),
    ],
    facts={"Title": "A title of some words", "Author": "Ann Lee"},
    labels="0 << /S /r /St 4 >>",
    outline=[("The first page says this and that.", 1)],
)


def test_reading_twice_is_reading_once() -> None:
    """Law 4: the same bytes give the same text."""
    assert read(SOUND, "a.pdf") == read(SOUND, "a.pdf")
