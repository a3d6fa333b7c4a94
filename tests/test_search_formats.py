"""Answers as text, JSON, Markdown and CSV: the keys of the contract, and no word changed."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from kb.metadata import Metadata
from kb.records import Entry, Passage, Provenance, Span
from kb.text.terminal import Terminal, printable
from search.citations.citation import cite
from search.confidence.calibration import State
from search.formats import NAMES, renderer
from search.formats.as_text import RULE
from search.formats.verdict import verdict
from search.hits import Answer, Copy, Evidence, Explanation, Hit
from search.retrieval.sentences import sentences

PIPE = Terminal()
KEYS = (
    "rank score confidence passage pinned document external_id title authors published publisher "
    "source link heading page page_end page_label page_label_end paragraph start end text evidence "
    "citation also"
).split()
COLUMNS = "rank score confidence passage title authors published page text citation".split()

# what stored text may hold: prose, what a format would read as syntax, and any character at all
MARKDOWN = [
    "===", "---", "***", "___", "- - -", "- item", "+ item", "* item", "1. one", "12) twelve", "-",
    "+", "1.", "2)", "    code", "\tcode", "```", "~~~", "# head", "#", "> quote", "head\n===",
    "| a | b |\n|---|---|", "a | b\n--|--", "[a](b)", "[a]: /url", "![i](j)", "<b>", "<!-- c -->",
    "</div>", "<https://a.b>", "&amp;", "&copy;", "&#65;", "a&b;", "\\*", "*a*", "_a_", "`a`",
    "~~a~~", "line\\\nline", "line  \nline", "\\", "a\n\n    b*c*", "1. a\n2. b", "-5 per cent",
    "1.5 million", "2017-03", "<script>a</script>", "www.a.b", "!", "[", "]", "^", "$a$", "\u2028",
]  # fmt: skip
SYNTAX = st.sampled_from(
    [
        *MARKDOWN,
        *"=+-@*_`#>|~&<\\!:;\"'",
        "  ", "\n", "\n\n", "\r\n", "\n    ", "=1+1", "\t=1", " @x", "＝1", "\x07", "\x9b31m",
        "\x1b[31mred\x1b[0m", "\u202etxt.exe", "\x00", "\x85", "\u00a0", "\ufeff", "水が", "a" * 90,
    ]
)  # fmt: skip
NASTY = (
    st.lists(st.one_of(SYNTAX, st.text(max_size=8), st.sampled_from(["word", " "])), max_size=6)
    .map("".join)
    .filter(lambda text: shown(text) != "")
)
LINE = NASTY.map(lambda text: " ".join(text.split())).filter(lambda text: shown(text) != "")
KEY = st.sampled_from(["tolls", "us-russia-syria", "städte-2020"])


def shown(text: str) -> str:
    """What is to be seen of a text: its characters apart from white space and control marks."""
    return "".join(printable(text).split())


def unspaced(text: str) -> str:
    """The text without white space."""
    return "".join(text.split())


@st.composite
def hits(draw: st.DrawFn, text: st.SearchStrategy[str] = NASTY) -> Hit:
    """A hit of which anything may be unknown that can be."""
    entry = Entry(
        document=draw(KEY),
        revision="3fa2c1d4",
        metadata=Metadata(
            title=draw(LINE),
            author=draw(st.lists(LINE, max_size=4).map(tuple)),
            issued=draw(st.sampled_from([None, "2017", "2017-03-12"])),
            publisher=draw(st.none() | LINE),
            url=draw(st.sampled_from([None, "https://example.org/a_b?c=1&d=(e)"])),
        ),
        sources=(Provenance("/briefs/a.txt", "0" * 64, "text/plain", "plain 1", "2025-01-01"),),
        passages=9,
        ingested_at="2025-01-01",
        external_id=draw(st.sampled_from([None, "7"])),
    )

    def passage(ordinal: int) -> Passage:
        words = draw(text)
        pages = draw(st.sampled_from([None, (3, 3), (3, 4)]))
        return Passage(
            entry.document,
            entry.revision,
            ordinal,
            ordinal,
            Span(5, 5 + len(words)),
            words,
            heading=draw(st.lists(LINE, max_size=2).map(tuple)),
            pages=pages,
            page_labels=pages and draw(st.sampled_from([None, ("iv", "v")])),
        )

    found = passage(2)
    near = draw(st.booleans())
    return Hit(
        rank=draw(st.sampled_from([1, 2, 10, 999])),
        score=draw(st.floats(-0.5, 2, width=32)),
        passage=found,
        entry=entry,
        citation=cite(entry, found),
        confidence=draw(st.none() | st.floats(0, 1)),
        evidence=draw(st.sampled_from([None, *sentences_of(found)])),
        before=(passage(1),) if near else (),
        after=(passage(3),) if near else (),
    )


def sentences_of(passage: Passage) -> list[Evidence]:
    """Each sentence of a passage, as evidence; its first character too, which is none."""
    start = passage.span.start
    first = Evidence(Span(start, start + 1), passage.text[:1])
    spans = [Span(start + span.start, start + span.end) for span in sentences(passage.text)]
    return [first, *(Evidence(s, passage.text[s.start - start : s.end - start]) for s in spans)]


@st.composite
def answers(draw: st.DrawFn, text: st.SearchStrategy[str] = NASTY) -> Answer:
    """An answer of up to two hits."""
    return Answer(
        question=draw(text),
        hits=tuple(draw(st.lists(hits(text), max_size=2))),
        took_ms=12.3,
        assessed=draw(st.sampled_from([None, *State])),
        missing=draw(st.lists(LINE, max_size=2).map(tuple)),
        id=draw(st.sampled_from([None, "q1"])),
        least=draw(st.sampled_from([0.0, 0.5])),
    )


ONE = Hit(
    rank=1,
    score=0.9375,
    passage=Passage(
        "tolls", "3fa2c1d4", 7, 9, Span(120, 144), "The charge pays for buses.", heading=("Who",)
    ),
    entry=Entry(
        "tolls",
        "3fa2c1d4",
        Metadata(title="Tolls", author=("Jane Roe", "Li Wei"), issued="2017-03"),
        (Provenance("/briefs/tolls.txt", "0" * 64, "text/plain", "plain 1", "2025-01-01"),),
        9,
        "2025-01-01",
    ),
    citation="Jane Roe and Li Wei, “Tolls”, March 2017, para. 9",
)
EXAMPLE = Answer("Who pays?", (ONE,), took_ms=12.3)


def rendered(form: str, answer: Answer, terminal: Terminal = PIPE) -> str:
    """The answer in a format."""
    return renderer(form)(answer, terminal)


# --- JSON


@given(answers())
def test_json_has_the_keys_of_the_contract_in_order(answer: Answer) -> None:
    made = json.loads(rendered("json", answer))
    first = ["_id"] if answer.id is not None else []
    keys = ["question", "answered", "state", "missing", "confidence", "took_ms", "hits"]
    assert list(made) == [*first, *keys]
    assert made["question"] == answer.question
    assert made["state"] == answer.state
    assert made["answered"] is (answer.state != "nothing")
    assert answer.hits or not made["answered"]
    for hit, found in zip(answer.hits, made["hits"], strict=True):
        assert list(found) == ([*KEYS, "context"] if hit.before else KEYS)
        assert found["text"] == hit.passage.text
        assert found["end"] - found["start"] == len(hit.passage.text)
        assert found["evidence"] is None or list(found["evidence"]) == ["start", "end", "text"]


@given(answers())
def test_unknown_is_null_and_never_an_empty_string(answer: Answer) -> None:
    made = json.loads(rendered("json", answer))
    assert "" not in list(leaves(made))
    for hit, found in zip(answer.hits, made["hits"], strict=True):
        entry, passage = hit.entry, hit.passage
        assert found["external_id"] == entry.external_id
        assert found["published"] == entry.metadata.issued
        assert found["publisher"] == entry.metadata.publisher
        assert found["authors"] == list(entry.metadata.author)
        assert [found["page"], found["page_end"]] == list(passage.pages or (None, None))
        labels = [found["page_label"], found["page_label_end"]]
        assert labels == list(passage.page_labels or (None, None))


def leaves(value: Any) -> Iterator[Any]:
    """All values in a JSON value that hold no others."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        yield value


@given(answers())
def test_jsonl_is_the_same_object_on_one_line(answer: Answer) -> None:
    line = rendered("jsonl", answer)
    # by any idea of what ends a line: Python's splitlines knows ten characters
    assert line.splitlines(keepends=True) == [line]
    assert line.endswith("\n")
    assert json.loads(line) == json.loads(rendered("json", answer))


def test_a_person_is_told_when_it_may_be_no_answer() -> None:
    for state, lack, said in (
        (State.ANSWERED, ("bus",), ""),
        (State.UNCERTAIN, (), "Not sure that this answers it.\n"),
        (State.UNCERTAIN, ("bus", "Oslo"), "Not sure: no passage found mentions: bus, Oslo\n"),
        (State.NOTHING, (), "Nothing here answers this. The nearest passage:\n"),
        (
            State.NOTHING,
            ("bus",),
            "Nothing here answers this. No passage found mentions: bus. The nearest passage:\n",
        ),
    ):
        first, _, _ = rendered(
            "text", replace(EXAMPLE, assessed=state, missing=lack), Terminal(width=100)
        ).partition("1. Tolls")
        assert first == (f"{said}\n" if said else "")


def test_doubt_of_several_passages_is_of_all() -> None:
    answer = replace(EXAMPLE, assessed=State.UNCERTAIN, hits=EXAMPLE.hits * 2)
    assert rendered("text", answer).startswith("Not sure that one of these answers it.\n")


def test_a_line_stands_above_hits_that_are_only_near() -> None:
    """Below the last that may answer; none where all are only near, or nobody can say."""

    def lines(*confidences: float | None) -> list[str]:
        hits = (replace(ONE, rank=rank, confidence=one) for rank, one in enumerate(confidences, 1))
        answer = replace(EXAMPLE, hits=tuple(hits), least=0.25)
        found = re.findall(r"^(\d|Less)", rendered("text", answer), re.MULTILINE)
        said = "\nLess likely to answer:\n" in rendered("markdown", answer)
        assert said == ("Less" in found)
        return found

    assert lines(0.9, 0.2, 0.1) == ["1", "Less", "2", "3"]
    assert lines(0.9, 0.2, 0.25) == ["1", "2", "3"]
    assert lines(0.2, 0.3, 0.1) == ["1", "2", "Less", "3"]
    assert lines(0.2, 0.1) == ["1", "2"]
    assert lines(None, None) == ["1", "2"]


def test_json_by_example() -> None:
    assert json.loads(rendered("json", EXAMPLE)) == {
        "question": "Who pays?",
        "answered": True,
        "state": "answered",
        "missing": [],
        "confidence": None,
        "took_ms": 12.3,
        "hits": [
            {
                "rank": 1,
                "score": 0.9375,
                "confidence": None,
                "passage": "tolls#7",
                "pinned": "tolls@3fa2c1d4#7",
                "document": "tolls",
                "external_id": None,
                "title": "Tolls",
                "authors": ["Jane Roe", "Li Wei"],
                "published": "2017-03",
                "publisher": None,
                "source": "/briefs/tolls.txt",
                "link": None,
                "heading": ["Who"],
                "page": None,
                "page_end": None,
                "page_label": None,
                "page_label_end": None,
                "paragraph": 9,
                "start": 120,
                "end": 144,
                "text": "The charge pays for buses.",
                "evidence": None,
                "citation": "Jane Roe and Li Wei, “Tolls”, March 2017, para. 9",
                "also": [],
            }
        ],
    }


# --- what says the same, and why


COPIES = tuple(
    Copy(
        replace(ONE.passage, document=f"copy-{n}"),
        replace(ONE.entry, document=f"copy-{n}", metadata=Metadata(title=f"Reprint *{n}*")),
        f"“Reprint *{n}*”, para. 9",
    )
    for n in range(1, 6)
)
WHY = Explanation(
    {"meaning": 0.62, "words": 0.25, "phrases": 0.0675},
    cosine=0.62,
    found=("charge", "buses"),
    missing=("share",),
    weight=0.7149,
    phrases=("charge … buses",),
)


def test_all_sources_of_what_folded_are_in_json() -> None:
    answer = replace(EXAMPLE, hits=(replace(ONE, also=COPIES),))
    (hit,) = json.loads(rendered("json", answer))["hits"]
    assert [copy["passage"] for copy in hit["also"]] == [f"copy-{n}#7" for n in range(1, 6)]
    assert hit["also"][0] == {
        "passage": "copy-1#7",
        "pinned": "copy-1@3fa2c1d4#7",
        "document": "copy-1",
        "title": "Reprint *1*",
        "source": "/briefs/tolls.txt",
        "citation": "“Reprint *1*”, para. 9",
    }


def test_text_names_three_of_them_and_markdown_cites_all() -> None:
    answer = replace(EXAMPLE, hits=(replace(ONE, also=COPIES),))
    text = rendered("text", answer)
    assert text.endswith(
        "   also in: Reprint *1*, copy-1#7; Reprint *2*, copy-2#7; Reprint *3*, copy-3#7;\n"
        "   and 2 more\n"
    )
    lines = rendered("markdown", answer).splitlines()
    assert r"> Also in: “Reprint \*5\*”, para. 9 `copy-5@3fa2c1d4#7`" in lines
    assert rendered("csv", answer) == rendered("csv", EXAMPLE)


def test_an_explanation_in_words() -> None:
    answer = replace(EXAMPLE, hits=(replace(ONE, explanation=WHY),))
    assert rendered("text", answer).splitlines()[-3:] == [
        "   score 0.94 = meaning 0.62 + words 0.25 + phrases 0.07",
        "   meaning 0.62 (close); words: charge, buses (2 of 3, 71 % of the weight;",
        "   missing: share); phrase: “charge … buses”",
    ]
    (hit,) = json.loads(rendered("json", answer))["hits"]
    assert hit["explain"] == {
        "parts": {"meaning": 0.62, "words": 0.25, "phrases": 0.0675},
        "meaning": {"cosine": 0.62, "in_words": "close"},
        "words": {"found": ["charge", "buses"], "missing": ["share"], "weight": 0.7149},
        "phrases": ["charge … buses"],
    }


@pytest.mark.parametrize("part", [-0.0, -1e-17, -4e-7, 4e-7])
def test_what_is_next_to_nothing_has_no_sign(part: float) -> None:
    why = replace(WHY, parts={"meaning": 0.62, "neighbours": part})
    answer = replace(EXAMPLE, hits=(replace(ONE, explanation=why),))
    assert '"neighbours":0.0' in rendered("json", answer).replace(" ", "")


# --- CSV


def rows(text: str) -> list[list[str]]:
    """The rows that a reader of CSV finds."""
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def formula(cell: str) -> bool:
    """Whether a spreadsheet may run a cell: OWASP's list, and its signs after white space."""
    return cell.lstrip()[:1] in tuple("=+-@＝＋－＠") or cell[:1] in tuple("\t\r\n")


@given(answers(st.tuples(st.sampled_from(["", " ", "\t", "\n", "\xa0", "a"]), NASTY).map("".join)))
def test_csv_parses_back_and_no_cell_is_a_formula(answer: Answer) -> None:
    heading, *found = rows(rendered("csv", answer))
    assert heading == COLUMNS
    for hit, row in zip(answer.hits, found, strict=True):
        cells = dict(zip(COLUMNS, row, strict=True))
        assert int(cells["rank"]) == hit.rank
        assert float(cells["score"]) == hit.score
        assert cells["confidence"] == ("" if hit.confidence is None else str(hit.confidence))
        page = hit.passage.page_labels or hit.passage.pages
        for column, value in (
            ("passage", hit.passage.reference),
            ("title", hit.entry.title),
            ("authors", "; ".join(hit.entry.metadata.author)),
            ("published", hit.entry.metadata.issued or ""),
            ("page", str(page[0]) if page else ""),
            ("text", hit.passage.text),
            ("citation", hit.citation),
        ):
            assert cells[column] == (f"'{value}" if formula(value) else value)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=SUM(A1:A9)", "'=SUM(A1:A9)"),
        ("+1", "'+1"),
        ("- a list line", "'- a list line"),
        ("@cmd", "'@cmd"),
        ("\t=1+1", "'\t=1+1"),
        (" =1+1", "' =1+1"),
        ("\r\n=1+1", "'\r\n=1+1"),
        ("＝1+1", "'＝1+1"),
        ("a = b", "a = b"),
        ("'quoted'", "'quoted'"),
        ('say "no", then\ngo', 'say "no", then\ngo'),
    ],
)
def test_csv_cells_by_example(text: str, cell: str) -> None:
    passage = Passage("tolls", "3fa2c1d4", 1, 1, Span(0, len(text)), text)
    hit = Hit(1, -0.5, passage, ONE.entry, ONE.citation)
    _, row = rows(rendered("csv", Answer("?", (hit,), 0.0)))
    assert row[COLUMNS.index("text")] == cell
    assert row[COLUMNS.index("score")] == "-0.5"  # a number is no formula


def test_csv_lines_end_as_rfc_4180_says() -> None:
    assert rendered("csv", Answer("?", (), 0.0)) == ",".join(COLUMNS) + "\r\n"
    assert rendered("csv", EXAMPLE).count("\r\n") == 2


# --- Markdown

TABLES = MarkdownIt("commonmark").enable(["table", "strikethrough"])  # GitHub's two additions


class Page(HTMLParser):
    """The text that a page shows, and the names of its elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.elements: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("reader", [MarkdownIt("commonmark"), TABLES], ids=["commonmark", "tables"])
@given(answer=answers())
@example(Answer("1. a\n---", (), 0.0))
def test_markdown_shows_every_character_and_nothing_else(
    reader: MarkdownIt, answer: Answer
) -> None:
    assert_shown(reader, answer)


def assert_shown(reader: MarkdownIt, answer: Answer) -> None:
    """That the answer in Markdown is read as its words, the hits in quotations, nothing else."""
    page = Page(reader.render(rendered("markdown", answer)))
    expected = [answer.question, verdict(answer)]
    around = 0
    for place, hit in enumerate(answer.hits):
        expected += ["Less likely to answer:"] if place == answer.likely > 0 else []
        for passage in hit.before:
            expected += [f"(before, {passage.pinned})", passage.text]
        expected += [hit.passage.text, "—", hit.citation, hit.passage.pinned]
        for passage in hit.after:
            expected += [f"(after, {passage.pinned})", passage.text]
        around += len(hit.before) + len(hit.after)
    assert unspaced(page.text) == shown("".join(expected))
    # paragraphs in a quotation: no list, heading, rule, table or code came of the words
    assert set(page.elements) <= {"h2", "blockquote", "p", "code", "strong"}
    assert page.elements.count("blockquote") == len(answer.hits)
    assert page.elements.count("code") == len(answer.hits) + around


@pytest.mark.parametrize("reader", [MarkdownIt("commonmark"), TABLES], ids=["commonmark", "tables"])
@pytest.mark.parametrize(
    "around", ["{}", "Before\n{}\nafter", "Before\n\n{}\n\nafter", "Not {} so"]
)
def test_markdown_shows_each_of_its_own_marks(reader: MarkdownIt, around: str) -> None:
    for mark in MARKDOWN:
        text = around.format(mark)
        passage = Passage("tolls", "3fa2c1d4", 1, 1, Span(0, len(text)), text)
        assert_shown(reader, Answer(text, (Hit(1, 1.0, passage, ONE.entry, text),), 0.0))


def test_markdown_by_example() -> None:
    assert rendered("markdown", EXAMPLE) == (
        "## Who pays?\n"
        "\n"
        "> The charge pays for buses.\n"
        ">\n"
        "> — Jane Roe and Li Wei, “Tolls”, March 2017, para. 9 `tolls@3fa2c1d4#7`\n"
    )


def test_markdown_keeps_paragraphs_apart() -> None:
    passage = Passage("tolls", "3fa2c1d4", 1, 1, Span(0, 9), "One.\n\nTwo.")
    made = rendered("markdown", Answer("?", (Hit(1, 1.0, passage, ONE.entry, "Roe"),), 0.0))
    assert Page(MarkdownIt().render(made)).elements == ["h2", "blockquote", "p", "p", "p", "code"]


# --- text

COLOUR = Terminal(width=80, colour=True)
_STYLE = re.compile("\x1b\\[(?:0|1|2|4|22|24|36)m")
OBEYED = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def obeyed(text: str) -> set[str]:
    """The characters that a terminal would obey instead of showing."""
    return {
        char
        for char in text
        if (unicodedata.category(char) == "Cc" and char not in "\n\t")
        or unicodedata.bidirectional(char) in OBEYED
    }


def test_no_character_that_a_terminal_obeys_is_shown() -> None:
    every = "".join(sorted(obeyed("".join(map(chr, range(sys.maxunicode + 1))))))
    assert len(every) == 72
    text = f"a{every}b"
    entry = replace(ONE.entry, metadata=Metadata(title=text))
    passage = replace(ONE.passage, text=text, heading=(text,))
    hit = Hit(1, 1.0, passage, entry, citation=text, before=(passage,), after=(passage,))
    for form in ("text", "markdown"):
        assert obeyed(rendered(form, Answer(text, (hit,), 0.0))) == set()


@given(answer=answers(), width=st.integers(16, 100), colour=st.booleans())
def test_nothing_stored_reaches_the_terminal_as_a_command(
    answer: Answer, width: int, colour: bool
) -> None:
    text = rendered("text", answer, Terminal(width, colour))
    assert obeyed(_STYLE.sub("", text)) == set()
    assert colour or "\x1b" not in text


@given(answer=answers(), width=st.integers(16, 100))
def test_lines_keep_to_the_width(answer: Answer, width: int) -> None:
    references = {hit.passage.reference for hit in answer.hits}
    for line in rendered("text", answer, Terminal(width)).split("\n"):
        words = re.sub(r"^\d+\. ", "", line).split()
        # a reference and an address stay in one piece, so that they can be copied
        if not (words and (words[0] in references or "://" in words[0])):
            assert len(line) <= width


def test_an_address_stays_whole_and_the_words_beside_it_do_not() -> None:
    address, word = f"https://example.org/{'a' * 20}", "b" * 30
    lines = Terminal(16).wrapped(f"See {word}, {address}.", "   ").split("\n")
    assert f"   {address}." in lines
    assert max(len(line) for line in lines if "://" not in line) == 16


@given(answer=answers(), width=st.integers(16, 100), colour=st.booleans())
def test_text_shows_every_character(answer: Answer, width: int, colour: bool) -> None:
    made = rendered("text", answer, Terminal(width, colour))
    text = unspaced(re.sub(f"^{RULE}", "", _STYLE.sub("", made), flags=re.MULTILINE))
    here = 0
    for hit in answer.hits:
        heading = " › ".join(hit.passage.heading)
        quoted = [passage.text for passage in (*hit.before, hit.passage, *hit.after)]
        for part in (f"{hit.rank}.", hit.entry.title, heading, *quoted, hit.citation):
            here = text.index(shown(part), here) + len(shown(part))
        end = unspaced(f"{hit.passage.reference} score {hit.score:.2f}")
        assert text.startswith(end, here)
        here += len(end)
    assert here == (len(text) if answer.hits else 0)
    assert answer.hits or made == "Nothing found.\n"


@given(answers())
def test_the_number_stands_apart_from_the_title(answer: Answer) -> None:
    for hit in answer.hits:
        first = rendered("text", Answer("?", (hit,), 0.0)).split("\n")[0]
        assert re.match(rf"{hit.rank}\. +\S", first)


def test_text_by_example() -> None:
    assert rendered("text", EXAMPLE, Terminal(width=40)) == (
        "1. Tolls\n"
        "   Who\n"
        "\n"
        "   The charge pays for buses.\n"
        "\n"
        "   Jane Roe and Li Wei, “Tolls”, March\n"
        "   2017, para. 9\n"
        "   tolls#7   score 0.94\n"
    )


@pytest.mark.parametrize(
    ("question", "strong"),
    [
        ("who pays", ["pays"]),
        ("paying the CHARGES", ["charge", "pays"]),
        ("who is it", []),
        ("a bus", ["buses"]),
        ("char", []),
    ],
)
def test_the_words_of_the_question_are_underlined(question: str, strong: list[str]) -> None:
    made = rendered("text", Answer(question, (ONE,), 0.0), COLOUR)
    quote = made.split("\n")[3]
    assert sorted(re.findall("\x1b\\[4m(.*?)\x1b\\[24m", quote)) == strong
    assert _STYLE.sub("", quote) == "   The charge pays for buses."


SECOND = Evidence(Span(120 + 32, 120 + 58), "Of these, drivers pay most")
TWO = replace(
    ONE,
    passage=replace(
        ONE.passage,
        span=Span(120, 120 + 91),
        text="The charge began early in 2003.\nOf these, drivers pay most\n"
        "of what is paid by anyone at all.",
    ),
    evidence=SECOND,
)


def test_evidence_is_set_off_by_eye() -> None:
    answer = Answer("who pays", (TWO,), 0.0)
    assert rendered("text", answer, Terminal(width=30)).split("\n")[3:8] == [
        "   The charge began early in",
        "   2003.",
        " │ Of these, drivers pay most",
        "   of what is paid by anyone",
        "   at all.",
    ]
    assert rendered("text", answer, COLOUR).split("\n")[4] == (
        "   \x1b[1mOf these, drivers \x1b[4mpay\x1b[24m most\x1b[0m"
    )
    assert rendered("markdown", answer).split("\n")[2:5] == [
        "> The charge began early in 2003.",
        "> **Of these, drivers pay most**",
        "> of what is paid by anyone at all.",
    ]


def test_a_passage_that_is_all_evidence_is_not_set_off() -> None:
    whole = replace(TWO, evidence=Evidence(TWO.passage.span, TWO.passage.text))
    for one in (whole, replace(TWO, evidence=None)):
        made = rendered("text", Answer("who", (one,), 0.0))
        assert "│" not in made
        assert "**" not in rendered("markdown", Answer("who", (one,), 0.0))


@given(hits())
def test_the_margin_marks_lines_and_changes_no_word(hit: Hit) -> None:
    span = hit.passage.span
    for start, end in ((span.start, span.end), (span.start + len(hit.passage.text) // 2, span.end)):
        evidence = Evidence(Span(start, end), hit.passage.text[start - 5 :])
        marked = rendered("text", Answer("who", (replace(hit, evidence=evidence),), 0.0))
        plain = rendered("text", Answer("who", (replace(hit, evidence=None),), 0.0))
        assert re.sub("^ │ ", "   ", marked, flags=re.MULTILINE) == plain
        coloured = rendered("text", Answer("who", (replace(hit, evidence=evidence),), 0.0), COLOUR)
        again = rendered("text", Answer("who", (replace(hit, evidence=None),), 0.0), COLOUR)
        assert _STYLE.sub("", coloured) == _STYLE.sub("", again)


def test_without_colour_nothing_is_strong() -> None:
    assert "\x1b" not in rendered("text", EXAMPLE)


# --- all


@pytest.mark.parametrize("form", NAMES)
def test_the_quote_stands_in_every_format(form: str) -> None:
    assert ONE.passage.text in rendered(form, EXAMPLE)
    assert ONE.citation in rendered(form, EXAMPLE) or form == "json"


@given(answers())
def test_every_format_ends_its_last_line(answer: Answer) -> None:
    for form in NAMES:
        assert rendered(form, answer).endswith("\n")
