"""Law: the same text gives the same paragraphs, headings and passages, whatever its format.

What a format cannot say is said here, and nowhere left to chance: plain text knows no depth of
headings, and a PDF prints a bullet where others only know that there is one. Two columns have their
own laws in test_reader_pdf_laws.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from same_text import (
    Brief,
    as_book,
    as_mail,
    as_markdown,
    as_page,
    as_saved_page,
    as_text,
    as_word,
    briefs,
    by_pandoc,
)
from test_ingest_passages import assert_laws
from test_ingest_readers import MEASURE
from typesetter import Look, Printed, typeset

from ingest.drafts import Reading, lay_out
from ingest.passages.assembly import edition_of
from ingest.passages.cutting import cut
from ingest.readers import SUFFIXES, reader_for
from kb.encoders.hashing import HashingEncoder
from kb.metadata import Metadata
from kb.records import Edition, Provenance

WRITERS = {
    "html": as_page,
    "docx": as_word,
    "epub": as_book,
    "eml": as_mail,
    "mhtml": as_saved_page,
}
LOOKS = st.builds(
    Look,
    width=st.sampled_from([380.0, 440.0, 468.0]),
    rows=st.integers(24, 46),
    justified=st.booleans(),
    hyphens=st.booleans(),
    bullet=st.sampled_from("•–-"),
    front=st.sampled_from([0, 2]),
    stated=st.booleans(),
)


def reading_of(data: bytes, suffix: str) -> Reading:
    """What the reader makes of a file of that name."""
    return reader_for(SUFFIXES[f".{suffix}"]).read(data, f"a.{suffix}")


def edition(reading: Reading) -> Edition:
    source = Provenance("/a", "0" * 64, "text/plain", "x 1", "2025-01-01T00:00:00Z")
    return edition_of(reading, "a", (source,), HashingEncoder(), Metadata(), frozenset())


def told(reading: Reading) -> list[tuple[str, str]]:
    """Headings and other blocks as they stand, each with its text."""
    return [
        ("heading" if block.is_heading else "text", block.text)
        for block in reading.blocks
        if block.reason is None
    ]


def expected(brief: Brief) -> list[tuple[str, str]]:
    """What is told of a document."""
    found = [("heading", brief.title)]
    for part in brief.parts:
        match part.kind:
            case "heading":
                found.append(("heading", part.lines[0]))
            case "bullets":
                found += (("text", f"- {line}") for line in part.lines)
            case "numbers":
                found += (("text", f"{n}. {line}") for n, line in enumerate(part.lines, 1))
            case "table":
                found.append(("text", "\n".join(part.lines)))
            case _:
                found.append(("text", part.lines[0]))
    return found


def assert_same(reading: Reading, brief: Brief) -> Edition:
    """The reading is that of the document in Markdown, to the last passage."""
    assert told(reading) == expected(brief)
    assert reading.metadata.title == brief.title
    one, other = edition(reading), edition(reading_of(as_markdown(brief), "md"))
    assert one.document.text == other.document.text
    assert one.document.revision == other.document.revision
    assert [(p.span, p.heading, p.paragraph) for p in one.passages] == [
        (p.span, p.heading, p.paragraph) for p in other.passages
    ]
    assert_sound(one, reading)
    return one


def assert_sound(found: Edition, reading: Reading) -> None:
    """Spans are those of the text, in order; the laws of passages hold."""
    text = found.document.text
    for passage in found.passages:
        assert text[passage.span.start : passage.span.end] == passage.text
    for one, other in pairwise(found.passages):
        assert one.span.end <= other.span.start
    draft = lay_out(reading)
    assert_laws(draft, found.document.title, MEASURE, cut(draft, found.document.title, MEASURE))


@given(briefs())
def test_markdown_is_read_as_it_was_written(brief: Brief) -> None:
    assert_same(reading_of(as_markdown(brief.plain), "md"), brief.plain)


@pytest.mark.parametrize("suffix", WRITERS)
@given(brief=briefs())
@settings(max_examples=40)
def test_the_same_text_is_the_same_in_every_format(suffix: str, brief: Brief) -> None:
    assert_same(reading_of(WRITERS[suffix](brief.plain), suffix), brief.plain)


@given(briefs())
def test_the_same_text_is_the_same_as_plain_text(brief: Brief) -> None:
    """Plain text has no depths: all its headings stand on the first level."""
    parts = (replace(part, level=1) if part.level else part for part in brief.plain.parts)
    flat = Brief(brief.plain.title, tuple(parts))
    assert_same(reading_of(as_text(flat), "txt"), flat)


@pytest.mark.skipif(shutil.which("pandoc") is None, reason="needs pandoc")
@pytest.mark.parametrize("suffix", ["docx", "epub", "odt"])
@given(brief=briefs())
@settings(max_examples=6)
def test_the_same_text_is_the_same_in_files_that_pandoc_wrote(suffix: str, brief: Brief) -> None:
    data = by_pandoc(suffix)(brief.plain)
    assert_same(reading_of(data, suffix), brief.plain)


@given(briefs(), LOOKS)
def test_the_same_text_is_the_same_in_print(brief: Brief, look: Look) -> None:
    """Body text is what most is set in; a document of headings has none."""
    headings = [len(part.lines[0]) for part in brief.parts if part.kind == "heading"]
    body = [len(line) for part in brief.parts if part.kind != "heading" for line in part.lines]
    assume(len(brief.title) + sum(headings) < sum(body))
    printed = typeset(brief, look)
    reading = reading_of(printed.data, "pdf")
    found = assert_same(with_hyphens_as_bullets(reading, look), brief.plain)
    assert_pages(found, reading, printed)


def with_hyphens_as_bullets(reading: Reading, look: Look) -> Reading:
    """The bullets of a PDF as the other readers write theirs; it has what is printed."""
    blocks = (
        replace(block, text=f"- {block.text[2:]}")
        if block.kind == "item" and block.text.startswith(f"{look.bullet} ")
        else block
        for block in reading.blocks
    )
    return replace(reading, blocks=tuple(blocks))


def assert_pages(found: Edition, reading: Reading, printed: Printed) -> None:
    """Each block is on the pages on which it was set, and each passage on those of its blocks."""
    kept = [block for block in reading.blocks if block.reason is None]
    assert [block.pages for block in kept] == list(printed.pages)
    before = 1
    for passage in found.passages:
        assert passage.pages is not None
        first, last = passage.pages
        assert before <= first <= last <= len(printed.labels)
        before = first
        if len(printed.labels) > 1:  # one number alone counts nothing
            assert passage.page_labels == (printed.labels[first], printed.labels[last])
