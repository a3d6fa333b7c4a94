"""OpenDocument and RTF: read through pandoc where it is, and refused with what to do elsewhere."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from archives import odt, zipped
from hypothesis import given
from hypothesis import strategies as st
from mutations import assert_read_or_refused, mutated, mutated_archive
from test_reader_docx import PARTS, SENTENCES, Part

from ingest.drafts import Block
from ingest.readers import Reader, epub, markdown, pandoc, word
from ingest.readers.pandoc.rtf import for_any_pandoc
from ingest.readers.pandoc.tree import Tree
from kb.errors import Refused

CORPUS = Path(__file__).parent.parent / "corpus"
BODY = "The government raised the levy on bottles in May. Nobody complained."
NOTE = (
    '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation>'
    "<text:note-body><text:p>See the Act.</text:p></text:note-body></text:note>"
)
SOUND = odt(
    f'<text:h text:outline-level="1">Why</text:h><text:p>{BODY}{NOTE}</text:p>',
    "<dc:title>A levy</dc:title><meta:initial-creator>Jane Roe</meta:initial-creator>"
    "<dc:date>2017-03-12T10:00:00</dc:date>",
)
RTF = (
    rb"{\rtf1\ansi{\info{\title A levy}{\author Jane Roe}}Shops pay.{\super 1}"
    rb"{\footnote See the Act.} So it is.\par Caf\'e9s do not.\par}"
)
needs_pandoc = pytest.mark.skipif(shutil.which("pandoc") is None, reason="needs pandoc")


# A tree by rules


def words(text: str) -> list[dict[str, object]]:
    """Inline nodes of a text, as pandoc writes them."""
    nodes: list[dict[str, object]] = []
    for piece in text.split():
        nodes += ({"t": "Str", "c": piece}, {"t": "Space"})
    return nodes[:-1]


def node(part: Part) -> dict[str, object]:
    """A part of a text as a node of pandoc's tree."""
    plain = [{"t": "Plain", "c": words(line)} for line in part.lines]
    match part.kind:
        case "heading":
            return {"t": "Header", "c": [2, ["", [], []], words(part.lines[0])]}
        case "quote":
            return {"t": "BlockQuote", "c": [{"t": "Para", "c": words(part.lines[0])}]}
        case "bullets":
            return {"t": "BulletList", "c": [[each] for each in plain]}
        case "table":
            rows = [
                [None, [[None, None, 1, 1, [each]], [None, None, 1, 1, [each]]]] for each in plain
            ]
            head, body = [None, rows[:1]], [None, 0, [], rows[1:]]
            return {"t": "Table", "c": [None, [None, []], [], head, [body], [None, []]]}
    return {"t": "Para", "c": words(part.lines[0])}


@given(st.lists(PARTS, min_size=1, max_size=8), SENTENCES)
def test_every_part_of_a_tree_is_a_block(parts: list[Part], note: str) -> None:
    noted = {"t": "Para", "c": [*words("A word"), {"t": "Note", "c": [node(Part("p", (note,)))]}]}
    found = list(Tree().blocks([*map(node, parts), noted]))
    expected: list[tuple[str, str]] = []
    for part in parts:
        lines = part.lines
        match part.kind:
            case "bullets":
                expected += (("item", f"- {line}") for line in lines)
            case "table":
                expected.append(("table", "\n".join(f"{line} | {line}" for line in lines)))
            case _:
                expected.append((part.kind, lines[0]))
    expected += [("paragraph", "A word"), ("footnote", f"1 {note}")]
    assert [(block.kind, block.text) for block in found] == expected


def test_lists_are_numbered_as_they_say() -> None:
    entries = [[{"t": "Plain", "c": words(text)}] for text in ("one", "two")]
    style = [3, {"t": "LowerAlpha"}, {"t": "TwoParens"}]
    assert list(Tree().blocks([{"t": "OrderedList", "c": [style, entries]}])) == [
        Block("(c) one", "item"),
        Block("(d) two", "item", gap="\n"),
    ]


# The program itself


@needs_pandoc
def test_an_opendocument_text_is_read_with_its_notes_and_properties() -> None:
    reading = pandoc.read(SOUND, "a.odt")
    assert [(block.kind, block.text) for block in reading.blocks] == [
        ("heading", "Why"),
        ("paragraph", BODY),
        ("footnote", "1 See the Act."),
    ]
    assert (reading.metadata.title, reading.metadata.author, reading.metadata.issued) == (
        "A levy",
        ("Jane Roe",),
        "2017-03-12",
    )


@needs_pandoc
def test_rtf_is_read_with_its_notes_and_what_it_states() -> None:
    reading = pandoc.read(RTF, "a.rtf")
    assert [block.text for block in reading.blocks] == [
        "Shops pay. So it is.",
        "1 See the Act.",
        "Cafés do not.",
    ]
    assert (reading.metadata.title, reading.metadata.author) == ("A levy", ("Jane Roe",))


@needs_pandoc
@pytest.mark.parametrize("reader", [word, epub, pandoc], ids=lambda reader: reader.NAME)
def test_a_brief_that_pandoc_turned_into_another_format_is_the_same(
    reader: Reader, tmp_path: Path
) -> None:
    """Files by another hand than ours; pandoc adds title, author and date at the top."""
    suffix = {"docx": "docx", "epub": "epub", "pandoc": "odt"}[reader.NAME]
    # of OpenDocument, pandoc 2.17 gives a quotation as a paragraph
    kinds = {"quote": "paragraph"} if suffix == "odt" else {}
    for brief in sorted(CORPUS.glob("*.md")):
        made = tmp_path / f"{brief.stem}.{suffix}"
        subprocess.run(["pandoc", "-f", "markdown-smart", "-s", brief, "-o", made], check=True)
        expected, found = (
            {(kinds.get(block.kind, block.kind), block.text) for block in reading.blocks}
            for reading in (
                markdown.read(brief.read_bytes(), brief.name),
                reader.read(made.read_bytes(), made.name),
            )
        )
        assert expected - found == set()


@needs_pandoc
def test_a_mutated_file_is_read_or_refused() -> None:
    chance = random.Random(7)
    files = [mutated_archive(SOUND, chance) for _ in range(12)]
    assert_read_or_refused(pandoc, [*files, *(mutated(RTF, chance) for _ in range(12))])


# Without it, or when it fails


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    """Put a program of our own where pandoc is looked for."""
    path = folder / "pandoc"
    path.write_text(f"#!{sys.executable}\nimport sys, time\n{does}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_without_pandoc_the_refusal_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match=r"\.odt files are read through pandoc.*pandoc\.org") as found:
        pandoc.read(SOUND, "a.odt")
    assert "\n" not in str(found.value)


def test_a_program_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, "time.sleep(60)")
    monkeypatch.setattr(pandoc, "SECONDS", 0.5)
    began = time.perf_counter()
    with pytest.raises(Refused, match="took longer than"):
        pandoc.read(RTF, "a.rtf")
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        ("sys.exit('Could not read styles\\nat all')", "could not read it (Could not read styles)"),
        ("sys.exit('unrecognized option `--sandbox')", "too old; install 2.15 or newer"),
        ("print('[]')", "wrote what kb does not understand"),
        ("""print('{"blocks": [{}], "meta": {}}')""", "wrote what kb does not understand"),
        ("""print('{"blocks": [], "meta": {}}')""", "no text in it"),
        ("print('[' * 100_000)", "wrote what kb does not understand"),
        ("print('x' * 40_000_000)", "more text in it than any book has"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, reason: str
) -> None:
    program(tmp_path, monkeypatch, does)
    with pytest.raises(Refused) as found:
        pandoc.read(RTF, "a.rtf")
    assert reason in str(found.value)
    assert "\n" not in str(found.value)


def test_no_shell_comes_between_and_no_file_can_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    program(tmp_path, monkeypatch, f"open({os.fspath(told)!r}, 'w').write(repr(sys.argv[1:]))")
    with pytest.raises(Refused):
        pandoc.read(RTF, "a.rtf; touch x")
    assert told.read_text() == repr(
        ["--from", "rtf", "--to", "json", "--sandbox", "+RTS", "-M1g", "-RTS"]
    )


BOMB = "<!DOCTYPE d [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
LOCK = "<manifest><file-entry><encryption-data/></file-entry></manifest>"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.7\n", "neither OpenDocument nor RTF but a PDF file"),
        (zipped({"a": "b"}), "without a part that it must have (content.xml)"),
        (odt("", parts={"META-INF/manifest.xml": LOCK}), "protected by a password"),
        (odt("", parts={"content.xml": f"{BOMB}<a>&b;</a>"}), "declares a document type"),
        (odt("<text:p/>" * 1_000_000), "unpacks to more than"),
    ],
)
def test_harm_is_refused_before_pandoc_sees_it(data: bytes, reason: str) -> None:
    with pytest.raises(Refused) as found:
        pandoc.read(data, "a.odt")
    assert reason in str(found.value)


# What some versions of pandoc misread


@given(st.binary(max_size=200))
def test_rtf_without_marks_stays_as_it_is(data: bytes) -> None:
    plain = data.replace(b"\\", b"").replace(b"{", b"").replace(b"}", b"")
    assert for_any_pandoc(plain) == plain


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (rb"\u8364?14.2", rb"\u8364\'3f14.2"),
        (rb"\u8217's", rb"\u8217\'3fs"),
        (rb"\u8364\'8014.2", rb"\u8364\'8014.2"),
        (rb"\u8364 \'8014", rb"\u8364\'8014"),
        (rb"\uc0\u8364 14.2", rb"\uc0\u8364 14.2"),
        (rb"{\uc0 \u8364 1}\u8364?4", rb"{\uc0 \u8364 1}\u8364\'3f4"),
        (rb"\\u8364?14", rb"\\u8364?14"),
        (rb"\bin4 \u8?\u9?", rb"\bin4 \u8?\u9\'3f"),
    ],
)
def test_what_stands_in_for_a_character_is_written_so_that_nothing_else_goes(
    written: bytes, read: bytes
) -> None:
    assert for_any_pandoc(written) == read


@needs_pandoc
def test_rtf_as_word_processors_write_it() -> None:
    data = (
        rb"{\rtf1\ansi\uc1{\stylesheet{\s1\b Heading 1;}}{\info{\author Jane Roe; Bo Ek}}"
        rb"\pard\plain \s1\b Why\par\pard\plain \s0 It cost \u8364?14.2 million.{\super\chftn}"
        rb"{\*\footnote\chftn See the Act.} The city\u8217's own, see "
        rb'{\field{\*\fldinst HYPERLINK "https://a.example/x" }{\fldrslt {the page}}}.\par}'
    )
    reading = pandoc.read(data, "a.rtf")
    assert [(block.kind, block.text) for block in reading.blocks] == [
        ("title", "Why"),
        ("paragraph", "It cost €14.2 million. The city’s own, see the page."),
        ("footnote", "1 See the Act."),
    ]
    assert reading.metadata.author == ("Jane Roe", "Bo Ek")


@needs_pandoc
def test_the_head_of_a_table_is_read() -> None:
    def row(*cells: str) -> str:
        inside = "".join(
            f"<table:table-cell><text:p>{c}</text:p></table:table-cell>" for c in cells
        )
        return f"<table:table-row>{inside}</table:table-row>"

    head = f"<table:table-header-rows>{row('Port', 'Cost')}</table:table-header-rows>"
    table = f"<table:table>{head}{row('Ness', '14')}</table:table>"
    reading = pandoc.read(odt(f"<text:p>{BODY}</text:p>{table}"), "a.odt")
    assert [block.text for block in reading.blocks] == [BODY, "Port | Cost\nNess | 14"]
