"""Books: chapters in the order of the spine, each as the code for web pages reads it."""

from __future__ import annotations

import random
import time
import tracemalloc

import pytest
from archives import chapter, epub, zipped
from hypothesis import given
from hypothesis import strategies as st
from mutations import assert_read_or_refused, assert_reading, mutated_archive
from test_reader_html import PAGES, Page, words_of

from ingest.drafts import Reading
from ingest.readers import epub as book
from kb.errors import Refused

BODY = "The government raised the levy on bottles in May. Nobody complained."


def read(*bodies: str, **options: object) -> Reading:
    chapters = {f"{number}.xhtml": chapter(body) for number, body in enumerate(bodies)}
    return book.read(epub(chapters, **options), "some_file.epub")  # type: ignore[arg-type]


def shown(reading: Reading) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in reading.blocks if block.reason is None]


# Laws


@given(st.lists(PAGES, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_every_word_of_every_chapter_is_there_in_the_order_of_the_spine(
    pages: list[Page], chance: random.Random
) -> None:
    files = {f"{number}.xhtml": chapter(markup) for number, (markup, _) in enumerate(pages)}
    order = list(files)
    chance.shuffle(order)
    words = [word for name in order for word in pages[list(files).index(name)][1]]
    reading = book.read(epub(files, spine=order), "a.epub")
    assert "".join(words_of(list(reading.blocks))) == "".join(words)
    assert all(block.reason in (None, "hidden on the page") for block in reading.blocks)
    assert_reading(reading)


SOUND = epub(
    {
        "nav.xhtml": chapter(
            '<nav epub:type="toc"><ol><li><a href="1.xhtml">Why</a></li></ol></nav>'
        ),
        "1.xhtml": chapter(
            f'<h1>Why</h1><p>{BODY}<a epub:type="noteref" href="#n1">1</a></p>'
            f'<aside epub:type="footnote" id="n1"><p>See the Act.</p></aside>'
        ),
        "2.xhtml": chapter(f"<h1>How</h1><p>{BODY}&nbsp;So.</p><ul><li>one</li></ul>"),
    },
    '<dc:title>A levy works</dc:title><dc:creator opf:role="aut">Jane Roe</dc:creator>'
    "<dc:date>2017-03</dc:date><dc:language>en-GB</dc:language>",
    nav="nav.xhtml",
)


def test_a_mutated_book_is_read_or_refused() -> None:
    chance = random.Random(7)
    assert_read_or_refused(book, (mutated_archive(SOUND, chance) for _ in range(400)))


# A book by eye


def test_a_book_and_what_it_says_of_itself() -> None:
    reading = book.read(SOUND, "a.epub")
    assert shown(reading) == [
        ("heading", "Why"),
        ("paragraph", BODY),
        ("footnote", "See the Act."),
        ("heading", "How"),
        ("paragraph", f"{BODY} So."),
        ("item", "- one"),
    ]
    assert [(b.text, b.reason) for b in reading.blocks if b.reason] == [
        ("1. Why", "table of contents")
    ]
    assert (reading.metadata.title, reading.metadata.author) == ("A levy works", ("Jane Roe",))
    assert (reading.metadata.issued, reading.metadata.language) == ("2017-03", "en-GB")


def test_authors_are_those_whose_role_it_is_and_the_date_that_of_publication() -> None:
    reading = read(
        f"<p>{BODY}</p>",
        metadata='<dc:title>A</dc:title><dc:creator opf:role="edt">Ed Itor</dc:creator>'
        '<dc:creator opf:role="aut">Jane Roe</dc:creator><dc:creator>John Doe</dc:creator>'
        '<dc:date opf:event="modification">2024</dc:date>'
        '<dc:date opf:event="publication">2017-03-12</dc:date>'
        "<dc:publisher>House of Bottles</dc:publisher><dc:subject>waste</dc:subject>",
    )
    assert reading.metadata.author == ("Jane Roe", "John Doe")
    assert reading.metadata.issued == "2017-03-12"
    assert reading.metadata.publisher == "House of Bottles"
    assert reading.metadata.keyword == ("waste",)


def test_the_heading_that_is_the_title_is_told_apart() -> None:
    reading = read(f"<h1>A Levy Works</h1><p>{BODY}</p>", f"<h1>Why</h1><p>{BODY}</p>")
    assert [block.kind for block in reading.blocks] == [
        "title",
        "paragraph",
        "heading",
        "paragraph",
    ]
    unnamed = read(f"<h1>Why</h1><p>{BODY}</p>", metadata="<dc:title>Untitled</dc:title>")
    assert unnamed.metadata.title == "Why"
    assert unnamed.blocks[0].kind == "title"


def test_elements_that_close_themselves_swallow_nothing() -> None:
    reading = read(f'<script src="a.js"/><a id="x"/><p class="a > b"/><p>{BODY}</p><i/>end')
    assert [text for _, text in shown(reading)] == [BODY, "end"]


def test_marks_of_pages_and_notes_stay_out_of_words() -> None:
    reading = read(
        '<p>one<span epub:type="pagebreak" id="p7">7</span>two'
        '<a epub:type="noteref" href="x.xhtml#a">12</a>.</p>'
        '<section role="doc-endnotes"><h2>Notes</h2><ol><li><p>A note.</p></li></ol></section>'
    )
    assert shown(reading) == [
        ("paragraph", "onetwo."),
        ("heading", "Notes"),
        ("footnote", "1. A note."),
    ]


def test_a_chapter_that_is_listed_twice_or_missing() -> None:
    files = {"1.xhtml": chapter(f"<p>{BODY}</p>")}
    twice = book.read(epub(files, spine=["1.xhtml", "1.xhtml"]), "a.epub")
    assert shown(twice) == [("paragraph", BODY)]
    lacking = epub({**files, "2.xhtml": chapter("<p>x</p>")})
    short = lacking.replace(b"text/2.xhtml", b"text/3.xhtml")
    assert book.read(short, "a.epub").notes == ("1 chapter that it lists is not in it",)


# What is no book, or a harmful one, is refused with what to do


LOCK = (
    '<encryption><EncryptedData><CipherData><CipherReference URI="OPS/text/0.xhtml"/></CipherData>'
    "</EncryptedData></encryption>"
)
BOMB = "<!DOCTYPE d [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
ONE = {"0.xhtml": chapter(f"<p>{BODY}</p>")}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.7\n", "not a book (.epub) but a PDF file"),
        (zipped({"a": "b"}), "without a part that it must have (META-INF/container.xml)"),
        (epub({}), "no text in it"),
        (epub({"0.xhtml": chapter("<img src='page1.png'/>")}), "no text in it"),
        (epub(ONE, parts={"META-INF/encryption.xml": LOCK}), "protected against copying (DRM)"),
        (epub(ONE, parts={"META-INF/container.xml": f"{BOMB}<a>&b;</a>"}), "a document type"),
        (epub(ONE, parts={"OPS/book.opf": "<package/>"}), "list of chapters is damaged"),
        (epub(ONE, parts={"../x": "x"}), "named so as to land elsewhere"),
        (epub(ONE, parts={"OPS/text/0.xhtml": "<p>" * 3_500_000}), "unpacks to more than"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        book.read(data, "a.epub")
    assert reason in str(refusal.value)


def test_more_tags_than_any_book_has_are_refused() -> None:
    chance = random.Random(7)
    page = chapter("".join(f"<p>{chance.getrandbits(24):x}</p>" for _ in range(600_000)))
    with pytest.raises(Refused, match="1,000,000 tags"):
        book.read(epub({"0.xhtml": page}), "a.epub")


def test_a_tag_without_an_end_costs_little() -> None:
    chance = random.Random(7)
    endless = "".join(f" {chance.getrandbits(32):x}" for _ in range(600_000))
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(Refused, match="more than 5,000 attributes"):
        read(f"<p>{BODY}</p><a{endless}")
    assert tracemalloc.get_traced_memory()[1] < 200_000_000
    tracemalloc.stop()
    assert time.process_time() - began < 10


def test_fonts_that_are_locked_are_no_harm() -> None:
    fonts = LOCK.replace("OPS/text/0.xhtml", "OPS/fonts/a.otf")
    assert shown(book.read(epub(ONE, parts={"META-INF/encryption.xml": fonts}), "a.epub"))


def test_entities_of_a_chapter_are_not_expanded() -> None:
    bomb = f"{BOMB}<html><body><p>{BODY}</p><p>x &b; y</p></body></html>"
    text = " ".join(text for _, text in shown(book.read(epub({"0.xhtml": bomb}), "a.epub")))
    assert "aaa" not in text
