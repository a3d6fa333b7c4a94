"""HTML: every visible word is in the text or left out with a reason; the article is the text."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.etree import fromstring

from ingest.drafts import Block, Reading
from ingest.readers import html
from ingest.readers.html.landmarks import HIDDEN
from ingest.readers.html.page import PageBlock, page_blocks
from ingest.readers.html.parsing import parse
from kb.errors import Refused
from kb.metadata import Metadata

FIXTURES = Path(__file__).parent / "fixtures" / "html"

# --- a page at random: its markup and the words that a visitor sees, in order

Page = tuple[str, list[str]]
WORDS = st.text("abcdefghijklmnopqrstuvwxyzäßéλж漢字", min_size=1, max_size=8)


@st.composite
def broken_words(draw: st.DrawFn) -> Page:
    """One word with a tag or an invisible character inside it."""
    word = draw(WORDS)
    cut = draw(st.integers(0, len(word)))
    start, end = draw(st.sampled_from([("<b>", "</b>"), ("<a href=x>", "</a>"), ("&shy;", "")]))
    return f"{word[:cut]}{start}{word[cut:]}{end}", [word]


@st.composite
def lines(draw: st.DrawFn) -> Page:
    """Words with white space, comments and scripts between them."""
    words = draw(st.lists(WORDS.map(lambda w: (w, [w])) | broken_words(), min_size=1, max_size=5))
    gap = draw(
        st.sampled_from([" ", "\n\t", "&nbsp;", "<br>", " <!-- no --> ", " <script>no</script> "])
    )
    return gap.join(markup for markup, _ in words), [word for _, seen in words for word in seen]


def wrapped(inside: st.SearchStrategy[Page]) -> st.SearchStrategy[Page]:
    """Several pages in a row, inside an element."""
    elements = st.sampled_from(
        "div p h2 h5 section article blockquote pre ul ol li table td aside nav footer em "
        "figcaption details dd form button".split()
    )
    return st.builds(
        lambda tag, parts: (
            f"<{tag}>{' '.join(markup for markup, _ in parts)}</{tag}>",
            [word for _, words in parts for word in words],
        ),
        elements,
        st.lists(inside, min_size=1, max_size=4),
    )


def tables(cells: st.SearchStrategy[Page]) -> st.SearchStrategy[Page]:
    """A table of data, two columns wide."""
    return st.lists(cells, min_size=4, max_size=8).map(
        lambda parts: (
            "<table>"
            + "".join(
                f"<tr><td>{left[0]}</td><th>{right[0]}</th></tr>"
                for left, right in zip(parts[::2], parts[1::2], strict=False)
            )
            + "</table>",
            [word for part in parts[: len(parts) // 2 * 2] for word in part[1]],
        )
    )


PAGES = st.recursive(lines(), lambda inside: wrapped(inside) | tables(lines()), max_leaves=25)


def blocks_of(markup: str) -> list[PageBlock]:
    """The blocks of a page that holds something."""
    root = parse(markup)
    assert root is not None
    return page_blocks(root)


def words_of(found: list[Block]) -> list[str]:
    """The words of blocks without what a list or table adds."""
    texts = (re.sub(r"^(?:-|\d+\.) ", "", b.text) if b.kind == "item" else b.text for b in found)
    return [word for text in texts for word in text.split() if word != "|"]


def is_clean(text: str) -> bool:
    return (
        bool(text) and text == text.strip() and not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)
    )


# --- laws


@given(PAGES)
def test_every_visible_word_is_in_a_block_in_order(page: Page) -> None:
    markup, words = page
    root = parse(markup)
    found = [] if root is None else [each.block for each in page_blocks(root)]
    assert "".join(words_of(found)) == "".join(words)
    assert all(is_clean(block.text) for block in found)


@settings(deadline=None, max_examples=60)
@given(PAGES, st.booleans())
def test_reading_loses_no_word_and_leaves_out_nothing_without_a_reason(
    page: Page, has_article: bool
) -> None:
    markup, words = page
    around = f"<article><h1>{ARTICLE}</h1><p>{PROSE}</p></article>" if has_article else ""
    reading = html.read(f"{around}{markup}".encode(), "page.html")
    expected = [*ARTICLE.split(), *PROSE.split()] if has_article else []
    assert "".join(words_of(list(reading.blocks))) == "".join([*expected, *words])
    assert all(is_clean(block.text) and block.reason != "" for block in reading.blocks)
    assert kept(reading), "something always is the text"
    assert reading == html.read(f"{around}{markup}".encode(), "page.html")


@settings(deadline=None, max_examples=150)
@given(
    st.binary(max_size=200)
    | st.lists(
        st.sampled_from(
            "< > & ; </ <p <div <li> <table> <tr> <td> <sup> <a href='#fn1'> <ol start=x> <svg> "
            "<select> <template> <!-- <![CDATA[ &#0; &#27; &#xD800; &nbsp; text 漢 <h1> <meta "
            "charset= utf-16> undefined> <br> <pre> </p> </div> </table> <html> <title>".split()
        ),
        max_size=30,
    ).map(lambda pieces: " ".join(pieces).encode())
)
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        reading = html.read(data, "page.html")
    except Refused:
        return
    assert reading.metadata.title
    assert all(is_clean(block.text) for block in reading.blocks)


@given(st.sampled_from([0, 1, 7, 8, 11, 12, 27, 31, 127, 128, 133, 155, 159]))
def test_control_characters_stay_out_however_they_are_written(code: int) -> None:
    for written in (f"&#{code};", f"&#x{code:x};"):
        [found] = blocks_of(f"<p>be{written}fore</p>")
        assert is_clean(found.block.text)
        assert re.fullmatch("be.{0,2}fore", found.block.text)


# --- what a page looks like as blocks


def texts(markup: str) -> list[str]:
    return [each.block.text for each in blocks_of(markup)]


def kinds(markup: str) -> list[tuple[str, str]]:
    return [(each.block.kind, each.block.text) for each in blocks_of(markup)]


def test_headings_keep_their_level_and_stand_on_one_line() -> None:
    found = blocks_of("<h1>One</h1><h4><div>Two<br>lines</div></h4>")
    assert [(f.block.kind, f.block.level, f.block.text) for f in found] == [
        ("heading", 1, "One"),
        ("heading", 4, "Two lines"),
    ]


def test_lists_are_marked_and_numbered_in_order() -> None:
    assert texts(
        "<ol start=3><li>three<ul><li>inner</ul>after<li><p>four</p><p>more</p><li value=9>nine"
        "</ol><ul><li><h3>Card</h3>text</ul>"
    ) == ["3. three", "- inner", "after", "4. four", "more", "9. nine", "Card", "text"]


def test_one_break_ends_a_line_and_two_a_paragraph() -> None:
    assert texts("<p>Mill Lane<br>Leeds <br> <br>second</p>") == ["Mill Lane\nLeeds", "second"]


def test_laid_out_text_keeps_its_lines_and_other_white_space_collapses() -> None:
    assert texts("<pre>a  b\nc\n\nd</pre><p>a\n  b&nbsp;&nbsp;c</p>") == ["a b\nc", "d", "a b c"]


def test_a_table_of_data_is_one_block_and_a_layout_is_none() -> None:
    data = "<table><caption>Cost</caption><tr><th></th><th>2019<tr><td>Leeds<br>(all)<td>4</table>"
    assert kinds(data) == [("paragraph", "Cost"), ("table", "| 2019\nLeeds (all) | 4")]
    layout = "<table><tr><td><p>Menu<td><h2>News</h2><p>Text<tr><td>a<td>b</table>"
    assert [kind for kind, _ in kinds(layout)] == ["paragraph", "heading", *["paragraph"] * 3]


def test_quotations_and_captions_have_their_kinds() -> None:
    assert kinds(
        "<blockquote><p>Said.</p><ul><li>x</ul></blockquote><figcaption>F</figcaption>"
    ) == [
        ("quote", "Said."),
        ("item", "- x"),
        ("paragraph", "F"),
    ]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("lead<sup>1</sup> pipes", "lead pipes"),
        ("lead<sup>1,2</sup>, pipes", "lead, pipes"),
        ('lead<sup><a href="#n">a</a></sup> pipes', "lead pipes"),
        ('lead<a href="#_ftn3">[3]</a> pipes', "lead pipes"),
        ('See OECD. <a href="#back">↩</a>', "See OECD."),
        ("<sup>1</sup>See OECD.", "1 See OECD."),
        ("12 m<sup>2</sup> and 10<sup>-6</sup>", "12 m² and 10⁻⁶"),
        ("the 19<sup>th</sup> of CO<sub>2</sub>", "the 19th of CO2"),
        ('section <a href="#part-2">2</a>', "section 2"),
    ],
)
def test_footnote_marks_stay_out_of_words(markup: str, text: str) -> None:
    assert texts(f"<p>{markup}</p>") == [text]


def test_what_no_browser_shows_is_no_text() -> None:
    assert texts(
        "<head><title>T</title><style>s</style></head><p>a<script>b</script><template>c</template>"
        "<noscript>d</noscript><svg><text>e</text></svg><select><option>f</select>"
        "<textarea>g</textarea><input value=h><!-- i -->z</p>"
    ) == ["az"]


def test_hidden_text_is_known_as_hidden() -> None:
    found = blocks_of(
        "<p>seen <span hidden>one</span>too</p><div style='DISPLAY: none'><p>two</p></div>"
        "<p aria-hidden=true>three</p><dialog>four</dialog><dialog open>five</dialog>"
    )
    assert [(f.block.text, f.landmark == HIDDEN) for f in found] == [
        ("seen too", False),
        ("one", True),
        ("two", True),
        ("three", True),
        ("four", True),
        ("five", False),
    ]


@pytest.mark.parametrize(
    ("markup", "place"),
    [
        ("<nav><p>x</nav>", "navigation"),
        ("<div role=contentinfo><p>x</div>", "footer"),
        ("<div class='SiteFooter'><p>x</div>", "footer"),
        ("<div class=footnotes><p>x</div>", None),
        ("<div class=commentary><p>x</div>", None),
        ("<div id=comments><p>x</div>", "comments"),
        ("<div class=cookie-bar><p>x</div>", "cookie notice"),
        ("<div class=newsletter__box><p>x</div>", "newsletter box"),
        ("<div class=social-share><p>x</div>", "share links"),
        ("<div class=relatedPosts><p>x</div>", "related articles"),
        ("<aside><p>x</aside>", "sidebar"),
        ("<div class=with-sidebar><p>x</div>", None),
        ("<div class='post category-social-policy tag-consent'><p>x</div>", None),
        ("<div class=recommendations><p>x</div>", None),
        ("<section id=consent><p>x</section>", None),
        ("<div class='elementor-widget elementor-widget-text'><p>x</div>", None),
        ("<div class=has-comments><article><p>x</article></div>", None),
    ],
)
def test_boxes_are_named_in_an_analysts_words(markup: str, place: str | None) -> None:
    assert [each.landmark for each in blocks_of(markup)] == [place]


def test_depth_and_length_cost_words_nothing() -> None:
    deep = "<div>" * 3000 + "inner" + "</div>" * 3000
    assert texts(f"<p>start{deep}end") == ["start", "inner", "end"]
    assert texts(f"<p>{'word ' * 2_100_000}</p><p>end")[1:] == ["end"]
    assert texts("<p>a" + "<p></p>" * 20_000 + "<p>z") == ["a", "z"]


# --- encodings


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("\ufeff<p>Übung</p>".encode(), "Übung"),
        ("\ufeff<p>Übung</p>".encode("utf-16-le"), "Übung"),
        ("<p>Übung</p>".encode(), "Übung"),
        ("<meta charset=iso-8859-1><p>Übung – nun</p>".encode("cp1252"), "Übung – nun"),
        (
            "<meta http-equiv=x content='text/html; charset=koi8-r'><p>Вода</p>".encode("koi8-r"),
            "Вода",
        ),
        ('<?xml version="1.0" encoding="iso-8859-5"?><p>Вода</p>'.encode("iso8859-5"), "Вода"),
        ("<meta charset=utf-16><p>Übung</p>".encode(), "Übung"),
        ("<meta charset=undefined><p>Übung</p>".encode(), "Übung"),
    ],
    ids="mark utf-16 utf-8 meta content xml impossible unknown".split(),
)
def test_the_encoding_is_the_one_that_the_page_names(data: bytes, text: str) -> None:
    assert kept(html.read(data, "page.html")) == [text]


# --- the article and the rest

ARTICLE = "Who pays for lead pipes"
PROSE = " ".join(
    f"Sentence {word} says at some length why the pipes under our streets should be replaced soon."
    for word in ("one", "two", "three", "four", "five", "six")
)


def kept(reading: Reading) -> list[str]:
    return [block.text for block in reading.blocks if block.reason is None]


def left_out(reading: Reading) -> list[tuple[str, str]]:
    return [(block.text, block.reason) for block in reading.blocks if block.reason is not None]


def test_a_page_without_text_is_refused_with_what_to_do() -> None:
    with pytest.raises(Refused, match=r"no text found.*save what it shows"):
        html.read(b"<html><head><title>T</title></head><body><script>x</script></body></html>", "x")


def test_a_short_page_is_kept_whole_but_for_its_furniture() -> None:
    page = b"<nav><a href=/>Home</a></nav><p>One.</p><p>Two words.</p><footer>Imprint</footer>"
    reading = html.read(page, "short_note.html")
    assert kept(reading) == ["One.", "Two words."]
    assert left_out(reading) == [("Home", "navigation"), ("Imprint", "footer")]
    assert reading.metadata.title == "Short note"


def test_a_tag_of_thousands_of_attributes_is_refused_and_a_long_value_is_not() -> None:
    many = "".join(f" a{number}" for number in range(5_001))
    with pytest.raises(Refused, match="more than 5,000 attributes"):
        html.read(f"<p{many}>{PROSE}</p>".encode(), "page.html")
    page = f"<p data-x='{many}'>{PROSE}</p>"
    assert kept(html.read(page.encode(), "page.html")) == [PROSE]


def test_a_page_that_breaks_trafilatura_keeps_its_paragraphs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("no such luck")

    monkeypatch.setattr("trafilatura.bare_extraction", broken)
    reading = html.read(f"<h1>{ARTICLE}</h1><p>{PROSE}</p>".encode(), "x.html")
    assert kept(reading) == [ARTICLE, PROSE]
    assert reading.notes == (
        "the article does not stand out from its page: all paragraphs were kept",
    )


def test_the_title_is_one_heading_and_is_not_repeated() -> None:
    reading = html.read(
        f"<title>{ARTICLE} | Forum</title><h1>{ARTICLE}</h1><article><h2>{ARTICLE}</h2>"
        f"<p>{PROSE}</p></article>".encode(),
        "x.html",
    )
    assert [block.kind for block in reading.blocks] == ["title", "heading", "paragraph"]
    assert kept(reading) == [ARTICLE, PROSE]
    assert reading.metadata.title == ARTICLE


def extracting(monkeypatch: pytest.MonkeyPatch, *paragraphs: str) -> None:
    """Let trafilatura take these paragraphs for the article."""
    body = fromstring(f"<body>{''.join(f'<p>{text}</p>' for text in paragraphs)}</body>")
    document = SimpleNamespace(body=body)
    monkeypatch.setattr("trafilatura.bare_extraction", lambda *_, **__: document)


def test_a_heading_stays_only_above_kept_text(monkeypatch: pytest.MonkeyPatch) -> None:
    extracting(monkeypatch, PROSE, "Empty", PROSE[::-1], "Last")
    page = (
        f"<h1>{ARTICLE}</h1><p>{PROSE}</p><h2>Empty</h2><h2>Costs</h2><h3>Of pipes</h3>"
        f"<p>{PROSE[::-1]}</p><h2>Costs</h2><div class=promo><p>Buy</p></div><h2>Last</h2>"
    )
    reading = html.read(page.encode(), "x.html")
    assert kept(reading) == [ARTICLE, PROSE, "Costs", "Of pipes", PROSE[::-1]]
    assert left_out(reading) == [
        ("Empty", "outside the article"),
        ("Costs", "outside the article"),
        ("Buy", "advertisement"),
        ("Last", "outside the article"),
    ]


def test_a_sliver_is_no_article(monkeypatch: pytest.MonkeyPatch) -> None:
    extracting(monkeypatch, "Only this short line was recognised.")
    page = f"<p>Only this short line was recognised.</p><div><p>{PROSE}</p></div><nav>Home</nav>"
    reading = html.read(page.encode(), "x.html")
    assert kept(reading) == ["Only this short line was recognised.", PROSE]
    assert left_out(reading) == [("Home", "navigation")]


def test_what_was_extracted_is_found_among_its_repetitions(monkeypatch: pytest.MonkeyPatch) -> None:
    extracting(monkeypatch, "Yes.", PROSE, "No.", PROSE[::-1])
    page = (
        f"<p>Yes.</p><p>No.</p><h1>{ARTICLE}</h1><p>Yes.</p><p>{PROSE}</p><div>No.</div>"
        f"<p>{PROSE[::-1]}</p><p>Yes.</p><div>No.</div>"
    )
    numbers = [n for n, b in enumerate(html.read(page.encode(), "x").blocks) if b.reason is None]
    assert numbers == [2, 3, 4, 5, 6]


def test_prose_in_a_later_box_of_the_same_sort_belongs_to_the_article() -> None:
    parts = [PROSE.replace("Sentence", part) for part in ("First", "Second", "Third")]
    body = "<p>Sign up</p>".join(f"<div class=body-part><p>{part}</p></div>" for part in parts)
    reading = html.read(f"<main><h1>{ARTICLE}</h1>{body}</main>".encode(), "x.html")
    assert [text for text in kept(reading) if text in parts] == parts


# --- metadata


def metadata(head: str, body: str = "") -> Reading:
    page = f"<html><head>{head}</head><body><p>{PROSE}</p>{body}</body></html>"
    return html.read(page.encode(), "saved_page.html")


@pytest.mark.parametrize(
    ("stated", "authors"),
    [
        ("Ann Lee; Bo Ek", ("Ann Lee", "Bo Ek")),
        ("By Ann Lee, Bo Ek and Cy van Orr", ("Ann Lee", "Bo Ek", "Cy van Orr")),
        ("Lee, Ann B.", ("Ann B. Lee",)),
        ("Ann Lee, PhD", ("Ann Lee",)),
        (
            "Department for Environment, Food and Rural Affairs",
            ("Department for Environment, Food and Rural Affairs",),
        ),
        ("https://forum.example/ann", ()),
    ],
)
def test_authors_are_parted_where_they_are_people(stated: str, authors: tuple[str, ...]) -> None:
    assert metadata(f'<meta name="author" content="{stated}">').metadata.author == authors


def test_each_author_element_names_one() -> None:
    names = ("Lee, Ann", "Bo Ek")
    head = "".join(f'<meta name="citation_author" content="{name}">' for name in names)
    assert metadata(head).metadata.author == ("Ann Lee", "Bo Ek")


def test_a_byline_names_the_author_when_nothing_else_does() -> None:
    assert metadata("", '<p class="byline">By Ann Lee</p>').metadata.author == ("Ann Lee",)
    assert metadata("", '<p class="byline">14 June, five minutes</p>').metadata.author == ()


@pytest.mark.parametrize(
    ("head", "published"),
    [
        ('<meta property="article:published_time" content="2021-06-14T09:30:00Z">', "2021-06-14"),
        ('<meta name="citation_publication_date" content="2021/6/14">', "2021-06-14"),
        ('<meta name="DCTERMS.issued" content="June 2021">', "2021-06"),
        ('<meta name="DC:date" content="2021">', "2021"),
        ('<meta property="article:modified_time" content="2021-06-14">', None),
        ('<meta property="article:published_time" content="0001-01-01">', None),
        ("<title>Published 14 June 2021</title>", None),
    ],
)
def test_a_date_is_stated_or_unknown(head: str, published: str | None) -> None:
    assert metadata(head, "<p>Posted on 3 May 2019</p>").metadata.issued == published


def test_json_ld_states_what_meta_elements_do_not() -> None:
    reading = metadata(
        '<script type="application/ld+json">[{"@type": "Organization", "name": "Forum"}, {"@type":'
        '["Report"], "headline": "Lead &amp; pipes", "author": {"name": "Ann Lee"}, "publisher":'
        '{"name": "Forum"}, "datePublished": "2020-02-03"}]</script>'
        '<script type="application/ld+json">{"broken": </script>'
    )
    assert reading.metadata.title == "Lead & pipes"
    assert (reading.metadata.author, reading.metadata.publisher) == (("Ann Lee",), "Forum")
    assert reading.metadata.issued == "2020-02-03"


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>Lead pipes | Forum</title>", "Lead pipes"),
        ("<title>Lead pipes - a review</title>", "Lead pipes - a review"),
        (
            '<title>Lead pipes - Forum</title><meta property="og:site_name" content="Forum">',
            "Lead pipes",
        ),
        ("", "Saved page"),
    ],
)
def test_the_title_goes_without_the_site(head: str, title: str) -> None:
    assert metadata(head).metadata.title == title


def test_what_a_page_does_not_state_is_unknown() -> None:
    reading = metadata("")
    assert reading.metadata == Metadata(title=reading.metadata.title)


def test_addresses_languages_and_tags() -> None:
    reading = metadata(
        '<link rel="canonical" href="/relative"><meta property="og:url" content="https://a.example/b">'
        '<meta property="og:locale" content="fr_CA"><meta name="keywords" content="eau, plomb,Eau">'
    )
    assert (reading.metadata.url, reading.metadata.language) == ("https://a.example/b", "fr")
    assert set(map(str.casefold, reading.metadata.keyword)) == {"eau", "plomb"}
    assert len(reading.metadata.keyword) == 2


# --- one saved page, whole


def test_a_saved_page() -> None:
    reading = html.read((FIXTURES / "saved_brief.html").read_bytes(), "saved_brief.html")
    assert reading.metadata.title == "Lead pipes: who should pay?"
    assert reading.metadata.author == ("Maren Oakes", "Idris Bell")
    assert reading.metadata.issued == "2021-06-14"
    assert reading.metadata.publisher == "Northern Policy Forum"
    assert reading.metadata.url == "https://forum.example/briefs/lead-pipes"
    assert reading.metadata.language == "en"
    assert reading.metadata.keyword == ("Drinking water", "Housing")
    assert reading.notes == ()
    assert kept(reading) == [
        "Lead pipes: who should pay?",
        "Replacing the last lead pipes would cost less than one year of treating the "
        "harm they do, yet nobody is obliged to begin.",
        "About one home in six that was built before 1970 still receives its water "
        "through a lead pipe. The pipe has two owners: the company owns the part under "
        "the street, and the household owns the part under the garden.",
        "The risk is greatest for small children. No level of lead in blood is known to"
        " be safe, and a concentration of 10 µg per litre, the legal limit, was set for"
        " what works could reach and not for what health requires.",
        "What a replacement costs",
        "A company can replace its part for about £900 when the street is open anyway. "
        "The household then pays between £1,200 and £3,000 for the rest:",
        "Cost of one connection, in pounds",
        "Part | Street open | Street closed\nCompany | 900 | 2,400\nHousehold | 1,200 | 3,000",
        "Figure 1: Homes with lead pipes, by decade of construction",
        "Three ways to share the bill",
        "Other countries have tried three arrangements, and each of them has moved "
        "faster than ours:",
        "1. The company replaces both parts and spreads the cost over all bills.",
        "2. The state lends the money, and the debt stays with the house.",
        "3. The seller pays when the house is sold.",
        "The first is the quickest. A city that chose it finished in nine years;\n"
        "a neighbour that waited for households had reached one home in five.",
        "Nobody digs up a garden for a risk that cannot be seen, smelt or tasted.",
        "Recommendation",
        "Companies should be required to replace both parts whenever a street is "
        "opened, and to recover the cost over thirty years from all connected "
        "households in their area.",
        "1 Survey of Housing Conditions, table 14.",
    ]
    assert left_out(reading) == [
        ("We use cookies to understand how visitors use this site.", "cookie notice"),
        ("Accept all Manage choices", "cookie notice"),
        ("Northern Policy Forum", "navigation"),
        ("- Briefs", "navigation"),
        ("- Events", "navigation"),
        ("- About us", "navigation"),
        ("Home » Briefs", "navigation"),
        ("Share on Facebook Tweet Print", "share links"),
        ("Works in Mill Lane last winter. Photograph: T. Reyes", "picture caption"),
        ("Stay informed", "newsletter box"),
        ("Sign up for our weekly newsletter on housing and health.", "newsletter box"),
        ("Your e-mail address Sign up", "newsletter box"),
        ("Read also our brief on radon in rented homes", "link to another page"),
        ("Related briefs", "related articles"),
        ("- Damp and the duty to repair", "related articles"),
        ("- Private wells after the drought", "related articles"),
        ("2 comments", "comments"),
        ("Finally somebody says it.", "comments"),
        ("Our street has waited since 2009.", "comments"),
        ("Upcoming events", "sidebar"),
        ("Round table on water charges, 30 June.", "sidebar"),
        ("Thank you, you are now subscribed.", "hidden on the page"),
        ("© 2021 Northern Policy Forum. Registered charity.", "footer"),
        ("Privacy Contact", "footer"),
    ]


def test_all_lines_of_a_list_in_the_text_belong_to_it() -> None:
    """Also one that ends with "and", one without a full stop, and one with a link in it."""
    lines = ("pay each month", "say what was paid, and", "publish it, see <a href='/m'>how</a>")
    said = "Ministries that share a payroll system spend less on it than those that keep their own."
    body = "".join(f"<p>{said} This is so in {town}.</p>" for town in ("Ayr", "Bath", "Cork"))
    items = "".join(f"<li>{line}</li>" for line in lines)
    page = f"<html><body><h1>Payroll</h1>{body}<p>They do three things:</p><ol>{items}</ol>{body}"
    kept = [b.text for b in html.read(page.encode(), "a.html").blocks if b.reason is None]
    assert "3. publish it, see how" in kept
    assert "1. pay each month" in kept and "2. say what was paid, and" in kept


def test_notes_of_a_word_processor_are_kept_and_their_marks_are_not_in_words() -> None:
    said = "Ministries that share a payroll system spend less on it than those that keep their own."
    mark = '<a class="sdfootnoteanc" name="n1anc" href="#sdfootnote1sym"><sup>1</sup></a>'
    note = (
        '<div id="sdfootnote1"><p class="sdfootnote"><a href="#sdfootnote1anc">1</a> Own survey.'
        "</p></div>"
    )
    body = "".join(f"<p>{said} This is so in {town}.{mark}</p>" for town in ("Ayr", "Bath", "Cork"))
    page = f"<html><body><h1>Payroll</h1>{body}{note}</body></html>"
    kept = [b.text for b in html.read(page.encode(), "a.html").blocks if b.reason is None]
    assert f"{said} This is so in Cork." in kept
    assert kept[-1] == "1 Own survey."


def test_a_caption_that_repeats_the_text_of_its_picture_is_shown() -> None:
    said = "Ministries that share a payroll system spend less on it than those that keep their own."
    figure = '<figure><img src="a.png"><figcaption aria-hidden="true">Figure 1. Cost</figcaption>'
    body = "".join(f"<p>{said} This is so in {town}.</p>" for town in ("Ayr", "Bath", "Cork"))
    page = f"<html><body><h1>Payroll</h1>{body}{figure}</figure>{body}</body></html>"
    kept = [b.text for b in html.read(page.encode(), "a.html").blocks if b.reason is None]
    assert "Figure 1. Cost" in kept
