"""A citation in one line: what is known and nothing else, in an order that reports use."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb.metadata import Metadata
from kb.records import Document, Entry, Passage, Provenance, Span
from search.citations.citation import authors_in_words, cite, pinpoint

SOURCE = Provenance("/a.txt", "0" * 64, "text/plain", "plain 1", "2025-01-01T00:00:00Z")


def document(**known: object) -> Document:
    """A document of which this is known."""
    return Document("key", "3fa2c1d4", Metadata(**known), "Text.", (SOURCE,))  # type: ignore[arg-type]


def passage(**known: object) -> Passage:
    """Its only passage."""
    facts = {"ordinal": 1, "paragraph": 1, "span": Span(0, 5), "text": "Text.", **known}
    return Passage("key", "3fa2c1d4", **facts)  # type: ignore[arg-type]


# --- laws

# any text that a reader or a person may have given, white space and marks included
ANY = st.text(min_size=1).filter(lambda text: text.strip())
NAME = st.text("abcXYZ é-'").map(lambda text: " ".join(text.split())).filter(bool)
DATE = st.sampled_from(["2017", "2017-03", "2017-03-12"])
PAGES = st.tuples(st.integers(1, 900), st.integers(0, 9)).map(lambda p: (p[0], p[0] + p[1]))
LABEL = st.sampled_from(["iv", "v", "12", "A-3"])


@st.composite
def documents(draw: st.DrawFn, text: st.SearchStrategy[str] = NAME) -> Document:
    """Documents of which anything but the title may be unknown."""
    return document(
        title=draw(text),
        author=draw(st.lists(text, max_size=5).map(tuple)),
        issued=draw(st.none() | DATE),
        publisher=draw(st.none() | text),
        url=draw(st.none() | st.just("https://example.org/a,b?c=(d)")),
    )


@st.composite
def passages(draw: st.DrawFn) -> Passage:
    """Passages with or without pages, and with or without what is printed on them."""
    pages = draw(st.none() | PAGES)
    labels = draw(st.none() | st.tuples(LABEL, LABEL)) if pages else None
    return passage(paragraph=draw(st.integers(1, 999)), pages=pages, page_labels=labels)


@given(documents(), passages())
def test_nothing_is_empty_or_doubled_whatever_is_missing(of: Document, at: Passage) -> None:
    citation = cite(of, at)
    parts = citation.replace(of.metadata.url or "\0", "URL").split(", ")
    assert all(part.strip() for part in parts)
    assert not re.search(r",\s*,|\(\s*\)|\[\s*\]|“\s*”|None|  |^[,\s]|[,\s]$", citation)


@given(documents(), passages())
def test_the_parts_stand_in_their_order(of: Document, at: Passage) -> None:
    citation = cite(of, at)
    expected = [
        of.metadata.author[0] if of.metadata.author else None,
        f"“{of.title}”",
        of.metadata.publisher,
        of.metadata.issued and of.metadata.issued[:4],
        pinpoint(at),
        of.metadata.url,
    ]
    here = 0
    for part in filter(None, expected):
        here = citation.index(part, here) + len(part)
    assert citation.endswith(of.metadata.url or pinpoint(at))


@given(documents(ANY), passages())
@example(document(title="Two\nlines", author=("A\tB",), publisher="C\r\nD"), passage())
def test_it_is_one_line_and_ends_whole(of: Document, at: Passage) -> None:
    citation = cite(of, at)
    assert citation == " ".join(citation.split())
    assert citation.endswith(of.metadata.url or pinpoint(at))


@given(documents(st.text(' "“”ab', min_size=1).filter(lambda text: text.strip())), passages())
def test_the_title_alone_stands_in_double_quotes(of: Document, at: Passage) -> None:
    titled = cite(document(title=of.title), at)
    assert titled.startswith("“")
    assert titled.count("“") == titled.count("”") == 1
    assert '"' not in titled


# --- examples


@pytest.mark.parametrize(
    ("authors", "words"),
    [
        ((), None),
        (("Jane Roe",), "Jane Roe"),
        (("Jane Roe", "Li Wei"), "Jane Roe and Li Wei"),
        (("Jane Roe", "Li Wei", "Ana Gómez"), "Jane Roe, Li Wei and Ana Gómez"),
        (("Jane Roe", "Li Wei", "Ana Gómez", "Bo Ek"), "Jane Roe et al."),
        (("World Bank", "OECD"), "World Bank and OECD"),
    ],
)
def test_authors(authors: tuple[str, ...], words: str | None) -> None:
    assert authors_in_words(authors) == words


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"paragraph": 7}, "para. 7"),
        ({"pages": (12, 12)}, "p. 12"),
        ({"pages": (12, 13)}, "pp. 12–13"),
        ({"pages": (4, 4), "page_labels": ("iv", "iv")}, "p. iv"),
        ({"pages": (4, 6), "page_labels": ("iv", "1")}, "pp. iv–1"),
        ({"pages": (231, 232), "page_labels": ("217", "218"), "paragraph": 9}, "pp. 217–218"),
    ],
)
def test_places(known: dict[str, object], words: str) -> None:
    assert pinpoint(passage(**known)) == words


@pytest.mark.parametrize(
    ("known", "citation"),
    [
        ({"title": "Tolls"}, "“Tolls”, para. 1"),
        (
            {
                "title": "The US Should Steer Clear of Russian ‘Help’ in Syria",
                "author": ("Jane Roe",),
                "publisher": "Defense One",
                "issued": "2017-03-21",
                "url": "https://example.org/syria",
            },
            "Jane Roe, “The US Should Steer Clear of Russian ‘Help’ in Syria”, Defense One, "
            "21 March 2017, para. 1, https://example.org/syria",
        ),
        ({"title": "Tolls", "issued": "2017-03"}, "“Tolls”, March 2017, para. 1"),
        ({"title": "Tolls", "issued": "2017"}, "“Tolls”, 2017, para. 1"),
        ({"title": "Tolls", "publisher": "OECD"}, "“Tolls”, OECD, para. 1"),
        ({"title": 'Who is "we"?'}, "“Who is 'we'?”, para. 1"),
        ({"title": "Who is “we”?"}, "“Who is ‘we’?”, para. 1"),
        ({"title": "A title\nin two lines"}, "“A title in two lines”, para. 1"),
    ],
)
def test_citations(known: dict[str, object], citation: str) -> None:
    assert cite(document(**known), passage()) == citation


def test_a_line_of_the_catalogue_is_cited_as_its_document() -> None:
    known = Metadata(title="Tolls", author=("Jane Roe",), issued="2017", publisher="OECD")
    line = Entry("key", "3fa2c1d4", known, (SOURCE,), passages=1, ingested_at="")
    same = Document("key", "3fa2c1d4", known, "Text.", (SOURCE,))
    at = passage(pages=(3, 4))
    assert cite(line, at) == cite(same, at) == "Jane Roe, “Tolls”, OECD, 2017, pp. 3–4"
