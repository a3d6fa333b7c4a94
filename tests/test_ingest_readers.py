"""Readers of plain text, Markdown and records: laws over any bytes, then each form by eye."""

from __future__ import annotations

import json
import re
import time
from dataclasses import astuple
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from test_ingest_passages import assert_laws

from ingest.drafts import Block, Reading, lay_out
from ingest.passages.cutting import Measure, cut
from ingest.readers import NAMES, Reader, markdown, plain, reader_for, reader_named, record
from ingest.readers.common.titles import title_from_name as from_name
from kb.encoders.hashing import HashingEncoder
from kb.errors import BadUsage, Refused
from kb.metadata import Metadata

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
MEASURE = Measure(HashingEncoder().count, 256)
BODY = (
    "The government raised the levy on bottles in May, and shops passed it on to their customers "
    "within weeks of the change. Nobody complained."
)

LINES = st.one_of(
    st.sampled_from(
        [
            "",
            "",
            " ",
            "A levy on bottles works",
            "A LEVY ON BOTTLES",
            BODY,
            "==========",
            "----------",
            "---",
            "...",
            "1. Introduction",
            "1.1 The law",
            "- one",
            "  * two",
            "(a) three",
            "    code",
            "```",
            "> said she",
            "# Levies",
            "## On bottles #",
            "| a | b |",
            "|---|:-:|",
            "| |",
            "|-|",
            "title: A levy",
            "title: [",
            "date: !!timestamp x",
            "n: !!int ''",
            "<div hidden>",
            "</div>",
            "<!-- aside",
            "-->",
            "<script>",
            "[r]: <u> 'v'",
            "&#12;&#0;&nbsp;&#xD800;",
            "Accept all cookies",
            "This website uses cookies. You can opt out in your browser.",
            "This website uses cookies. You can opt out in your browser.",
            "Minister: We will act.",
            "\ufeff",
            "\x0c",
            "\x00",
            "\u2028",
            "عنوان قصير",
            "政府应当提高最低工资标准。",
        ]
    ),
    st.text(max_size=30),
)
PAGES = st.lists(LINES, max_size=14).map("\n".join)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "koi8-r"])
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)
FIELDS = ["_id", "id", "title", "text", "url", "authors", "author", "published", "date", "tags"]
RECORDS = st.builds(
    lambda text, rest: {**rest, **text},
    st.fixed_dictionaries({"text": st.one_of(PAGES, JSON_VALUES)}),
    st.dictionaries(st.sampled_from(FIELDS), JSON_VALUES, max_size=5),
)
BYTES = st.one_of(
    st.binary(max_size=200),
    st.builds(lambda page, encoding: page.encode(encoding, "replace"), PAGES, ENCODINGS),
    st.builds(
        lambda fields, to_ascii: json.dumps(fields, ensure_ascii=to_ascii).encode(
            "utf-8", "surrogatepass"
        ),
        RECORDS,
        st.booleans(),
    ),
)


# Laws


@pytest.mark.parametrize("reader", [plain, markdown, record], ids=lambda reader: reader.NAME)
@given(data=BYTES)
@example(data=b"---\ndate: !!timestamp x\n---\n# A levy\n\nIt works.")
@example(data=b"---\ntitle: !!int ''\n---\n# A levy\n\nIt works.")
@example(data=b"|  |\n|--|\n|  |")
@example(data=b"| a&#12;b |\n|--|\n| c |")
@example(data=b"a&#12;b")
@example(data=b"---\ntitle: '\\x00'\nauthor: ['\\x01', \"a\\x02b\"]\n---\ntext")
@example(data=b'{"text": "x", "title": "\\u0000", "author": "\\u0001", "tags": ["a\\u0002b"]}')
@example(data=b'{"text": "x", "authors": ["\\ud800"]}')
def test_any_bytes_are_refused_or_read_by_the_laws(reader: Reader, data: bytes) -> None:
    try:
        reading = reader.read(data, "a-file.txt")
    except Refused as refusal:
        assert str(refusal).strip()
        return
    assert reading == reader.read(data, "a-file.txt")
    for block in reading.blocks:
        assert block.text.strip(), "a block without text"
        assert_sound(block.text)
        assert block.level > 0 or block.kind != "heading"
    for value in strings(reading):
        assert value.strip(), "an unknown value must be None"
        assert_sound(value)
    draft = lay_out(reading)
    title = reading.metadata.title or "A file"
    assert_laws(draft, title, MEASURE, cut(draft, title, MEASURE))


def assert_sound(text: str) -> None:
    """No control character but tab and line end, and nothing that UTF-8 cannot hold."""
    assert CONTROL.search(text) is None
    text.encode()


def strings(reading: Reading) -> list[str]:
    """All the metadata of a reading."""
    known = [value for value in astuple(reading.metadata) if value is not None]
    each = (value if isinstance(value, tuple) else (value,) for value in [*known, reading.notes])
    return [text for texts in each for text in texts]


@given(st.text(min_size=1), st.booleans())
@example("  two\n\n\n \t paragraphs \n\n", True)
@example("one\r\ntwo\r\n\r\nthree\x00\x85", False)
@example("# no heading\n\n- no item\n\nAccept all cookies\n\nAccept all cookies", False)
def test_the_text_of_a_record_is_kept_character_for_character(text: str, to_ascii: bool) -> None:
    """Law 8."""
    data = json.dumps({"text": text}, ensure_ascii=to_ascii).encode()
    if not CONTROL.sub(" ", text).strip():
        with pytest.raises(Refused):
            record.read(data, "")
        return
    reading = record.read(data, "")
    draft = lay_out(reading)
    assert draft.text == CONTROL.sub(" ", text)
    assert draft.removed == ()
    assert not any(block.is_heading for block in reading.blocks)


# Plain text


def kinds(reading: Reading) -> list[tuple[str, int, str]]:
    """The blocks by kind and level, each with its first two words."""
    return [(block.kind, block.level, " ".join(block.text.split()[:2])) for block in reading.blocks]


def read_plain(text: str, name: str = "some-file.txt") -> Reading:
    return plain.read(text.encode(), name)


def test_the_headline_of_a_text_is_its_title() -> None:
    reading = read_plain(f"A levy on bottles works\n\n{BODY}\n\n{BODY}")
    assert reading.metadata.title == "A levy on bottles works"
    assert reading.blocks[0] == Block("A levy on bottles works", "title")
    assert reading.blocks[1] == Block(BODY)


@pytest.mark.parametrize(
    "caption",
    [
        "Bottles stand on a shelf in a shop in Leeds. Photo: Jane Roe",
        "Bottles stand on a shelf in a shop in Leeds, 12 May 2017.",
    ],
)
def test_captions_may_stand_before_the_headline(caption: str) -> None:
    reading = read_plain(
        f"{caption}\n\n{caption}/Agency\n\nA levy on bottles works\n\nBut for whom?\n\n"
        f"{BODY} {BODY}"
    )
    assert reading.metadata.title == "A levy on bottles works"
    draft = lay_out(reading)
    assert draft.text.count(caption) == 1
    assert [gone.text for gone in draft.removed] == [f"{caption}/Agency"]


def test_a_label_above_the_headline_is_not_the_headline() -> None:
    reading = read_plain(f"OPINION\n\nA levy on bottles works\n\n{BODY}")
    assert reading.metadata.title == "A levy on bottles works"


def test_no_headline_stands_below_the_body() -> None:
    reading = read_plain(f"{BODY} {BODY}\n\nWhat it costs\n\n{BODY}", "levy.txt")
    assert reading.metadata.title == "Levy"
    assert reading.blocks[1] == Block("What it costs", "heading", 1)


def test_lines_wrapped_by_hand_are_one_paragraph_as_they_stand() -> None:
    wrapped = "The government raised\nthe levy on bottles\nin May, as promised."
    reading = read_plain(f"A levy on bottles works\n\n{wrapped}\n")
    assert reading.blocks[1] == Block(wrapped)


def test_underlined_lines_are_headings() -> None:
    reading = read_plain(
        f"A levy on bottles\n=================\n\n{BODY}\n\nWhat it costs\n-------------\n{BODY}\n"
    )
    assert kinds(reading) == [
        ("title", 0, "A levy"),
        ("paragraph", 0, "The government"),
        ("heading", 2, "What it"),
        ("paragraph", 0, "The government"),
    ]
    assert "===" not in lay_out(reading).text


def test_numbered_headings_have_the_depth_of_their_number() -> None:
    heads = ["1. Introduction", "1.1 The law", "1.1.1 In detail", "2 What follows"]
    text = "A levy on bottles works\n\n" + "\n\n".join(f"{head}\n\n{BODY}" for head in heads)
    headings = [block for block in read_plain(text).blocks if block.kind == "heading"]
    assert [(block.text, block.level) for block in headings] == [
        ("1. Introduction", 1),
        ("1.1 The law", 2),
        ("1.1.1 In detail", 3),
        ("2 What follows", 1),
    ]


def test_the_entries_of_a_list_are_blocks_with_the_lines_that_continue_them() -> None:
    reading = read_plain(
        f"A levy on bottles works\n\n{BODY}\n\n- one\n- two\n  goes on\n\n(a) three\n(b) four\n\n"
        f"{BODY} Again."
    )
    items = [(block.text, block.gap) for block in reading.blocks if block.kind == "item"]
    assert items == [
        ("- one", "\n\n"),
        ("- two\n  goes on", "\n"),
        ("(a) three", "\n\n"),
        ("(b) four", "\n"),
    ]


def test_without_blank_lines_each_line_is_a_paragraph() -> None:
    reading = read_plain(f"A levy on bottles works\n{BODY}\nWhat it costs\n{BODY} Again.\n")
    assert kinds(reading) == [
        ("title", 0, "A levy"),
        ("paragraph", 0, "The government"),
        ("heading", 1, "What it"),
        ("paragraph", 0, "The government"),
    ]
    assert lay_out(reading).text.count("\n") == 3


def test_capitals_stand_above_other_headings() -> None:
    part, costs = "PART ONE: THE LAW AS IT STANDS NOW", "Costs to firms"
    reading = read_plain(
        f"A LEVY WORKS\n\n{BODY}\n\n{part}\n\n{BODY} So.\n\n{costs}\n\n{BODY} Yes."
    )
    headings = [(block.text, block.level) for block in reading.blocks if block.kind == "heading"]
    assert headings == [(part, 1), (costs, 2)]


@pytest.mark.parametrize("text", [BODY, "word", "the levy, and then some"])
def test_a_text_without_a_headline_is_called_after_its_file(text: str) -> None:
    reading = read_plain(text, "lead_in_water-2.txt")
    assert reading.metadata.title == "Lead in water 2"
    assert [block.text for block in reading.blocks] == [text]


@pytest.mark.parametrize("text", ["", " \n\t\n", "\x00\x01", "\ufeff"])
def test_a_text_without_text_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="no text"):
        read_plain(text)


def test_lone_carriage_returns_end_lines() -> None:
    assert read_plain(f"A levy on bottles\r\r{BODY}\r\r{BODY[4:]}") == read_plain(
        f"A levy on bottles\n\n{BODY}\n\n{BODY[4:]}"
    )


def test_text_from_right_to_left_is_kept_as_it_is() -> None:
    title, body = "ضريبة على الزجاجات", "رفعت الحكومة الضريبة على الزجاجات في مايو. " * 8
    reading = read_plain(f"{title}\n\n{body}")
    assert reading.metadata.title == title
    assert reading.blocks[1].text == body.strip()


# Markdown


def read_markdown(text: str, name: str = "some-file.md") -> Reading:
    return markdown.read(text.encode(), name)


def test_front_matter_states_the_metadata() -> None:
    reading = read_markdown(
        "---\ntitle: A levy\nauthor: Jane Roe\ndate: 2017-03-12\npublisher: House of Bottles\n"
        "tags: [waste, taxes]\nurl: https://example.org/levy\nlanguage: en\n---\n\n"
        f"# A levy\n\n{BODY}\n"
    )
    assert reading == Reading(
        blocks=(Block("A levy", "title"), Block(BODY)),
        metadata=Metadata(
            title="A levy",
            author=("Jane Roe",),
            issued="2017-03-12",
            publisher="House of Bottles",
            language="en",
            url="https://example.org/levy",
            keyword=("waste", "taxes"),
        ),
    )


@pytest.mark.parametrize(
    ("front", "field", "expected"),
    [
        ("authors: [Jane Roe, John Doe]", "author", ("Jane Roe", "John Doe")),
        ("authors:\n  - Jane Roe\n  - John Doe", "author", ("Jane Roe", "John Doe")),
        ("authors: Jane Roe", "author", ("Jane Roe",)),
        ("author: [Jane Roe]", "author", ("Jane Roe",)),
        ("author: [{name: Jane}, null, 3]", "author", ("3",)),
        ("date: 2017", "issued", "2017"),
        ("date: 2017-03", "issued", "2017-03"),
        ("date: 2017-03-12 10:00:00", "issued", "2017-03-12"),
        ("date: March 12, 2017", "issued", "2017-03-12"),
        ("date: 12 March 2017", "issued", "2017-03-12"),
        ("date: 3/4/2017", "issued", None),
        ("published: 2018\ndate: 2017", "issued", "2018"),
        ("tags: waste", "keyword", ("waste",)),
        ("title: true", "title", "Some file"),
        ("title: 2017", "title", "2017"),
        ('title: "two\\n lines"', "title", "two lines"),
        ("lang: de", "language", "de"),
        ("publisher:", "publisher", None),
    ],
)
def test_front_matter_in_its_many_forms(front: str, field: str, expected: Any) -> None:
    reading = read_markdown(f"---\n{front}\n---\n{BODY}")
    assert getattr(reading.metadata, field) == expected
    assert [block.text for block in reading.blocks] == [BODY]


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ("title: [broken", 2),
        ("date: 2017-02-30", None),
        ("a: b\nc: d: e", 3),
        ("date: !!timestamp never", None),
        ("n: !!int ''", None),
        ("n: !!bool perhaps", None),
        ("x: !!python/object:os.system [ls]", 2),
    ],
)
def test_front_matter_that_is_no_yaml_is_read_as_text_with_a_note(
    front: str, line: int | None
) -> None:
    reading = read_markdown(f"---\n{front}\n---\n# A levy\n\n{BODY}")
    assert reading.metadata.title == "A levy"
    (note,) = reading.notes
    assert "not valid YAML" in note
    assert line is None or f"(line {line}" in note
    assert front.split()[-1] in lay_out(reading).text


@pytest.mark.parametrize("top", ["---\njust words\n---", "---\n- a\n- list\n---", "***\n"])
def test_what_is_no_front_matter_stays_in_the_text(top: str) -> None:
    reading = read_markdown(f"{top}\n\n# A levy\n\n{BODY}")
    assert reading.notes == ()
    for word in re.findall(r"\w+", top):
        assert word in lay_out(reading).text


def test_nested_lists_keep_their_marks_and_order() -> None:
    reading = read_markdown(
        "# A levy\n\n- one\n  - two\n    1. three\n\n  more\n- four\n\n7) a\n8) b"
    )
    assert [(block.text, block.gap) for block in reading.blocks[1:]] == [
        ("- one", "\n\n"),
        ("- two", "\n"),
        ("1. three", "\n"),
        ("more", "\n"),
        ("- four", "\n"),
        ("7. a", "\n\n"),
        ("8. b", "\n"),
    ]


def test_ten_lists_in_one_another_are_read_to_the_innermost() -> None:
    nested = "\n".join("  " * depth + f"- at depth {depth}" for depth in range(10))
    reading = read_markdown(nested)
    assert [block.text for block in reading.blocks] == [
        f"- at depth {depth}" for depth in range(10)
    ]


def test_a_table_is_one_block_a_row_a_line() -> None:
    reading = read_markdown("| Year | *Levy* |\n|---|---|\n| 2017 | 5 \\| 6 |\n| 2018 | |\n")
    assert reading.blocks == (Block("Year | Levy\n2017 | 5 | 6\n2018 |", "table"),)


def test_a_table_without_text_is_nothing() -> None:
    reading = read_markdown(f"|  |\n|--|\n|  |\n\n{BODY}")
    assert reading.blocks == (Block(BODY),)


def test_quotes_code_and_html_keep_their_text() -> None:
    reading = read_markdown(
        "> We will\n> act.\n\n    indented  code\n\n```py\nfenced = 1\n\nmore = 2\n```\n\n"
        "<div class=x>\n  raw <b>html</b> &amp; more\n</div>\n\n<!-- said in private -->\n\nEnd."
    )
    assert [(block.kind, block.text) for block in reading.blocks] == [
        ("quote", "We will act."),
        ("paragraph", "indented  code"),
        ("paragraph", "fenced = 1\n\nmore = 2"),
        ("paragraph", "raw html & more"),
        ("paragraph", "End."),
    ]


def test_scripts_and_styles_are_no_text() -> None:
    reading = read_markdown(
        f"<script>\nvar x = '<b>';\n</script>\n\n<style>\np {{ x: y }}\n</style>\n\n{BODY}"
    )
    assert [block.text for block in reading.blocks] == [BODY]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("hard  \nbreak\\\nand soft\nbreak", "hard\nbreak\nand soft break"),
        ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ("*em* **strong** `code` ~~gone~~", "em strong code ~~gone~~"),
        ("[inline](http://example.org 'title') and [by name][r]", "inline and by name"),
        ("\\*no mark\\* &copy; &amp; &#8212;", "*no mark* © & —"),
        ("<https://example.org/>", "https://example.org/"),
        ("<b>raw</b> and <i>inline</i>", "raw and inline"),
        ("[no such][reference]", "[no such][reference]"),
    ],
)
def test_marks_go_and_their_text_stays(source: str, text: str) -> None:
    reading = read_markdown(f"{source}\n\n[r]: http://example.org\n")
    assert [block.text for block in reading.blocks] == [text]


def test_the_first_heading_of_the_first_level_is_the_title() -> None:
    reading = read_markdown(f"## Summary\n\n{BODY}\n\nA *levy*\n===\n\n{BODY}\n\n# Later\n\nYes.")
    assert reading.metadata.title == "A levy"
    assert kinds(reading) == [
        ("heading", 2, "Summary"),
        ("paragraph", 0, "The government"),
        ("title", 0, "A levy"),
        ("paragraph", 0, "The government"),
        ("heading", 1, "Later"),
        ("paragraph", 0, "Yes."),
    ]


def test_a_stated_title_leaves_another_first_heading_a_heading() -> None:
    reading = read_markdown(f"---\ntitle: A levy\n---\n# Summary\n\n{BODY}\n\n## A levy\n\n{BODY}")
    assert reading.metadata.title == "A levy"
    assert [(block.kind, block.level) for block in reading.blocks] == [
        ("heading", 1),
        ("paragraph", 0),
        ("title", 0),
        ("paragraph", 0),
    ]


def test_markdown_without_a_heading_is_called_after_its_file() -> None:
    assert read_markdown(BODY, "lead_in-water.md").metadata.title == "Lead in water"


# Records


def read_record(**fields: Any) -> Reading:
    return record.read(json.dumps(fields).encode(), "records.jsonl")


def test_a_record_gives_its_metadata() -> None:
    reading = read_record(
        _id="b7",
        title="A levy",
        text="It works.\n\nSo they say.",
        url="https://example.org/levy",
        authors=["Jane Roe", "John Doe"],
        published="2017-03",
        publisher="House of Bottles",
        tags=["waste", "taxes"],
        language="en",
    )
    assert reading == Reading(
        blocks=(Block("It works.", gap=""), Block("So they say.")),
        metadata=Metadata(
            title="A levy",
            author=("Jane Roe", "John Doe"),
            issued="2017-03",
            publisher="House of Bottles",
            language="en",
            url="https://example.org/levy",
            keyword=("waste", "taxes"),
        ),
        external_id="b7",
        clean=True,
    )


@pytest.mark.parametrize(
    ("fields", "field", "expected"),
    [
        ({"author": "Jane  Roe"}, "author", ("Jane Roe",)),
        ({"authors": "Jane Roe"}, "author", ("Jane Roe",)),
        ({"author": ["Jane Roe", " ", None, "J. Doe"]}, "author", ("Jane Roe", "J. Doe")),
        ({"authors": [], "author": "Jane Roe"}, "author", ("Jane Roe",)),
        ({"author": "Jane\u0000Roe"}, "author", ("Jane Roe",)),
        ({"published": "12 March 2017"}, "issued", "2017-03-12"),
        ({"published": "2017-03-12T10:00:00Z"}, "issued", "2017-03-12"),
        ({"published": 2017}, "issued", "2017"),
        ({"published": "soon"}, "issued", None),
        ({"date": "2017"}, "issued", "2017"),
        ({"title": " \u0000\n"}, "title", "It works."),
        ({"title": True}, "title", "It works."),
        ({"title": "A\n levy"}, "title", "A levy"),
        ({"publisher": ""}, "publisher", None),
        ({"tags": "waste"}, "keyword", ("waste",)),
    ],
)
def test_a_record_in_its_many_forms(fields: dict[str, Any], field: str, expected: Any) -> None:
    assert getattr(read_record(text="It works.", **fields).metadata, field) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [({"_id": 7}, "7"), ({"id": "seven"}, "seven"), ({}, None), ({"_id": ""}, None)],
)
def test_a_record_has_its_own_name(fields: dict[str, Any], expected: str | None) -> None:
    assert read_record(text="It works.", **fields).external_id == expected


def test_a_record_without_a_title_is_called_after_its_first_words() -> None:
    words = [f"word{number}" for number in range(20)]
    assert read_record(text=" ".join(words)).metadata.title == " ".join(words[:10])
    assert len(read_record(text="政府应当提高最低工资标准" * 1000).metadata.title or "") <= 200


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b"{'text': 'x'}", "not JSON"),
        (b'{"text": "\xff"}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"text": "x", "n": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'"text"', "must be a JSON object"),
        (b'{"title": "x"}', "without text"),
        (b'{"text": null}', "without text"),
        (b'{"text": ["x"]}', "without text"),
        (b'{"text": " \\n\\u0000"}', "without text"),
        (b'{"text": "half \\ud83d"}', "lone surrogate"),
        (b'{"text": "x", "authors": ["\\udc00"]}', "lone surrogate"),
        (b'{"text": "x", "more": {"deep": [{"er": "\\ud800"}]}}', "lone surrogate"),
        (b'{"text": "x", "\\ud800": 1}', "lone surrogate"),
    ],
)
def test_what_is_no_record_is_refused_with_the_reason(line: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        record.read(line, "")


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert record.read(b'{"text": "\\ud83d\\ude00"}', "").blocks[0].text == "\U0001f600"


@pytest.mark.parametrize("blank", [" ", "\t", "\n", " \n"], ids=repr)
def test_a_record_with_a_hundred_thousand_blanks_costs_nothing(blank: str) -> None:
    """A pattern that tries each blank anew takes half a minute for so many."""
    text = "one" + blank * 100_000 + "two"
    began = time.process_time()
    assert lay_out(read_record(text=text)).text == text
    assert time.process_time() - began < 5


# The way to a reader


def test_readers_are_found_by_name_and_by_type() -> None:
    assert NAMES[:3] == ("plain", "markdown", "html")
    assert set(NAMES) >= {"pdf", "docx", "epub", "mail", "mhtml"}
    assert "record" not in NAMES
    assert [reader_named(name).NAME for name in NAMES] == list(NAMES)
    assert reader_for("text/plain") is plain
    assert reader_for("text/markdown") is markdown
    assert reader_for("application/json") is record
    with pytest.raises(BadUsage, match="There are: plain, markdown, html"):
        reader_named("word")
    with pytest.raises(Refused, match="application/msword"):
        reader_for("application/msword")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("lead_in_water-2.txt", "Lead in water 2"),
        ("notes", "Notes"),
        ("a.b.md", "A.b"),
        ("", ""),
        ("éte.txt", "Éte"),
    ],
)
def test_a_title_of_last_resort(name: str, title: str) -> None:
    assert from_name(name) == title


def test_a_headline_with_its_byline_and_date_right_under_it_is_the_title() -> None:
    text = (
        "Rent control in three cities\nBy Jane Roe\nInstitute for Housing\n12 March 2024\n\n"
        "Summary\n\nBerlin froze rents in 2020 and the court struck the law down in 2021.\n\n"
        "What followed\n\nLandlords asked for what they had not been paid, and many got it.\n"
    )
    reading = reader_named("plain").read(text.encode(), "rent.txt")
    assert reading.metadata.title == "Rent control in three cities"
    assert [block.text for block in reading.blocks if block.kind == "heading"] == [
        "Summary",
        "What followed",
    ]
    assert "By Jane Roe\nInstitute for Housing\n12 March 2024" in [b.text for b in reading.blocks]
