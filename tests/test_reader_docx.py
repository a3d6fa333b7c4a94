"""Word: the same text as in Markdown and HTML, nothing shown lost, nothing harmful let in."""

from __future__ import annotations

import io
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mammoth
import pytest
from archives import STRICT, STYLES, W, docx, drawn, item, note, paragraph, run, table, zipped
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st
from mutations import assert_read_or_refused, assert_reading, mutated_archive, unpacked
from test_ingest_readers import MEASURE

from ingest.drafts import Reading, lay_out
from ingest.passages.cutting import cut
from ingest.readers import word
from kb.errors import Refused

Ask = Callable[..., tuple[int, str, str]]
BODY = (
    "The government raised the levy on bottles in May, and shops passed it on to their customers "
    "within weeks of the change. Nobody complained."
)


def read(body: str, **options: object) -> Reading:
    return word.read(docx(body, **options), "some_file.docx")  # type: ignore[arg-type]


def claiming(data: bytes, size: int, other: int) -> bytes:
    """An archive that says of a part of this size that it has another one."""
    assert size.to_bytes(4, "little") in data
    return data.replace(size.to_bytes(4, "little"), other.to_bytes(4, "little"))


def shown(reading: Reading) -> list[tuple[str, str]]:
    """What is the text, by kind."""
    return [(block.kind, block.text) for block in reading.blocks if block.reason is None]


def texts(reading: Reading) -> list[str]:
    return [text for _, text in shown(reading)]


@dataclass(frozen=True)
class Part:
    """A heading, paragraph, list, quotation or table, to be written as Word does."""

    kind: str
    lines: tuple[str, ...]

    def word(self) -> str:
        runs = [run(line) for line in self.lines]
        match self.kind:
            case "heading":
                return paragraph(runs[0], "Heading2")
            case "quote":
                return paragraph(runs[0], "Quote")
            case "bullets" | "numbers":
                return "".join(item(each, numbered=self.kind == "numbers") for each in runs)
            case "table":
                return table([[run(line), run(line[::-1])] for line in self.lines])
        return paragraph(runs[0])


WORDS = st.text("abcdefghijklmnopqrstuvwxyzäßé", min_size=2, max_size=9)
SENTENCES = st.lists(WORDS, min_size=4, max_size=25).map(
    lambda words: f"{' '.join(words).capitalize()}."
)
PARTS = st.builds(
    Part,
    st.sampled_from("paragraph paragraph paragraph heading quote bullets table".split()),
    st.lists(SENTENCES, min_size=2, max_size=4, unique=True).map(tuple),
)


# Law: all that Word shows is there, in order, and nothing that it does not show


@st.composite
def pieces(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A piece of a paragraph and the words of it that are shown."""
    word_ = draw(WORDS)
    inside = run(f"{word_} ")
    form = draw(
        st.sampled_from(
            "run ins link field simple smart deleted moved hidden instruction math tab".split()
        )
    )
    match form:
        case "ins":
            return f'<w:ins w:id="1">{inside}</w:ins>', [word_]
        case "link":
            return f'<w:hyperlink w:anchor="a">{inside}</w:hyperlink>', [word_]
        case "field":
            begin, separate, end = (
                f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'
                for kind in ("begin", "separate", "end")
            )
            code = f"<w:r><w:instrText>REF {word_}</w:instrText></w:r>{run('code ')}"
            return f"{begin}{code}{separate}{inside}{end}", [word_]
        case "simple":
            return f'<w:fldSimple w:instr="PAGE">{inside}</w:fldSimple>', [word_]
        case "smart":
            return f"<w:smartTag><w:dir>{inside}</w:dir></w:smartTag>", [word_]
        case "deleted":
            return f'<w:del w:id="1">{inside}<w:r><w:delText>x</w:delText></w:r></w:del>', []
        case "moved":
            return f"<w:moveFrom>{inside}</w:moveFrom>", []
        case "hidden":
            return run(f"{word_} ", "<w:vanish/>"), []
        case "math":
            return f"<m:oMath><m:r><m:t>{word_}</m:t></m:r></m:oMath>{run(' ')}", [word_]
        case "tab":
            return f"<w:r><w:t>{word_}</w:t><w:tab/></w:r>", [word_]
    half = len(word_) // 2
    return run(word_[:half]) + run(f"{word_[half:]} ", "<w:b/>"), [word_]


@given(st.lists(st.lists(pieces(), min_size=1, max_size=6), min_size=1, max_size=6))
def test_every_word_that_is_shown_is_there_in_order(
    paragraphs: list[list[tuple[str, list[str]]]],
) -> None:
    body = "".join(paragraph("".join(piece for piece, _ in each)) for each in paragraphs)
    words = [word_ for each in paragraphs for _, seen in each for word_ in seen]
    if not words:
        with pytest.raises(Refused, match="no text"):
            read(body)
        return
    reading = read(body)
    kept = [block.text for block in reading.blocks if block.reason != "hidden in the document"]
    assert " ".join(kept).split() == words
    assert_reading(reading)


@given(st.lists(PARTS, min_size=1, max_size=6))
def test_every_word_that_mammoth_sees_is_there(parts: list[Part]) -> None:
    data = docx("".join(part.word() for part in parts))
    seen = mammoth.extract_raw_text(io.BytesIO(data)).value.split()
    found = " ".join(block.text for block in word.read(data, "a.docx").blocks)
    assert [each for each in found.split() if each not in ("-", "|")] == seen


# Law: whatever happens to a file, it is read or refused


SOUND = docx(
    paragraph(run("A levy works"), "Title")
    + paragraph(run("Why") + note("footnote", 1), "Heading1")
    + paragraph(run(BODY) + drawn("In a box") + note("endnote", 2))
    + item(run("one"))
    + item(run("two"), 1, numbered=True)
    + table([[run("a"), run("b")], [run("c"), run("d")]])
    + f"<w:ins>{paragraph(run('New.'))}</w:ins>",
    notes={("footnote", 1): "See the Act.", ("endnote", 2): "At the end."},
    core="<dc:title>A levy</dc:title><dc:creator>Jane Roe</dc:creator>",
)


def test_a_mutated_file_is_read_or_refused() -> None:
    chance = random.Random(7)
    assert_read_or_refused(word, (mutated_archive(SOUND, chance) for _ in range(400)))


# Changes, boxes, notes, lists, headings


def test_tracked_changes_are_read_as_accepted_and_said() -> None:
    reading = read(
        paragraph(
            run("Shops pay ")
            + f"<w:ins>{run('nothing')}</w:ins>"
            + "<w:del><w:r><w:delText>a tenth</w:delText></w:r></w:del>"
            + run(".")
        )
        + paragraph(run("The first half, "), properties="<w:rPr><w:del/></w:rPr>")
        + paragraph(run("and the second."))
        + f"<w:del>{paragraph(run('Gone.'))}</w:del>"
    )
    assert texts(reading) == ["Shops pay nothing.", "The first half, and the second."]
    assert reading.notes == ("its tracked changes were read as accepted",)


def test_a_deleted_end_before_a_table_loses_nothing() -> None:
    reading = read(
        paragraph(run("Still here."), properties="<w:rPr><w:del/></w:rPr>")
        + table([[run("a"), run("b")], [run("c"), run("d")]])
    )
    assert shown(reading) == [("paragraph", "Still here."), ("table", "a | b\nc | d")]


def test_a_deleted_row_is_gone() -> None:
    row = "<w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p/></w:tc></w:tr>"
    cells = table([[run("a"), run("b")], [run("c"), run("d")]])
    assert texts(read(cells.replace("<w:tr>", f"{row}<w:tr>", 1))) == ["a | b\nc | d"]


@pytest.mark.parametrize("fallback", [True, False])
def test_a_text_box_is_read_once_after_its_paragraph(fallback: bool) -> None:
    reading = read(
        paragraph(run("Before.") + drawn("In the box.", fallback=fallback) + run(" On."))
    )
    assert texts(reading) == ["Before. On.", "In the box."]


def test_notes_stand_after_their_paragraph_and_join_no_body() -> None:
    reading = read(
        paragraph(run("Bottles") + note("footnote", 4) + run(" cost more."))
        + paragraph(run("Cans do not.") + note("footnote", 9) + note("endnote", 1)),
        notes={("footnote", 4): "Act of 2017.", ("footnote", 9): "So far.", ("endnote", 1): "Sic."},
    )
    assert shown(reading) == [
        ("paragraph", "Bottles cost more."),
        ("footnote", "1 Act of 2017."),
        ("paragraph", "Cans do not."),
        ("footnote", "2 So far."),
        ("footnote", "i Sic."),
    ]
    draft = lay_out(reading)
    passages = [
        (place.paragraph, place.span.of(draft.text)) for place in cut(draft, "Levies", MEASURE)
    ]
    assert passages == [
        (1, "Bottles cost more."),
        (1, "1 Act of 2017."),
        (2, "Cans do not."),
        (2, "2 So far.\n\ni Sic."),
    ]


def test_notes_that_begin_anew_bear_no_number() -> None:
    restart = '<w:sectPr><w:footnotePr><w:numRestart w:val="eachPage"/></w:footnotePr></w:sectPr>'
    notes = {("footnote", 4): "Act of 2017."}
    reading = read(paragraph(run("Bottles.") + note("footnote", 4)) + restart, notes=notes)
    assert texts(reading) == ["Bottles.", "Act of 2017."]


def test_lists_count_as_word_counts_them() -> None:
    reading = read(
        item(run("a"), numbered=True)
        + item(run("b"), 1, numbered=True)
        + item(run("c"), 1, numbered=True)
        + paragraph(run("Between."))
        + item(run("d"), numbered=True)
        + item(run("e"), 1, numbered=True)
        + item(run("f"))
    )
    assert texts(reading) == ["1. a", "1(a) b", "1(b) c", "Between.", "2. d", "2(a) e", "- f"]
    assert [block.gap for block in reading.blocks][:3] == ["\n\n", "\n", "\n"]


def test_a_heading_is_known_by_any_style_that_is_one() -> None:
    reading = read(
        paragraph(run("By a style of the house"), "House")
        + paragraph(run("By its own level"), properties='<w:outlineLvl w:val="1"/>')
        + paragraph(run("By a style that is nowhere defined"), "Heading4")
        + paragraph(run("No heading"), "Heading1", '<w:outlineLvl w:val="9"/>')
    )
    assert [(block.kind, block.level) for block in reading.blocks] == [
        ("title", 0),
        ("heading", 2),
        ("heading", 4),
        ("paragraph", 0),
    ]


def test_a_table_that_lays_out_the_page_is_its_paragraphs() -> None:
    box = f"<w:tbl><w:tr><w:tc>{paragraph(run('Key points'), 'Heading2')}{item(run('one'))}</w:tc>"
    reading = read(f"{box}</w:tr></w:tbl>{paragraph(run(BODY))}")
    assert shown(reading) == [("heading", "Key points"), ("item", "- one"), ("paragraph", BODY)]


def test_contents_and_hidden_text_are_kept_apart_with_the_reason() -> None:
    contents = "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val='Table of Contents'/>"
    contents += f"</w:docPartObj></w:sdtPr><w:sdtContent>{paragraph(run('Contents'))}"
    reading = read(
        f"{contents}{paragraph(run('Why'), 'TOC1')}</w:sdtContent></w:sdt>"
        + paragraph(run(BODY) + run("(draft)", "<w:vanish/>"))
    )
    assert texts(reading) == [BODY]
    assert [block.reason for block in reading.blocks] == [
        "table of contents",
        "table of contents",
        None,
        "hidden in the document",
    ]


def test_prompts_of_fields_to_be_filled_in_are_no_text() -> None:
    field = "<w:sdt><w:sdtPr>{}</w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>"
    prompt = field.format("<w:showingPlcHdr/>", run("Click here to enter text"))
    assert texts(read(paragraph(run(BODY) + prompt + field.format("", run(" So."))))) == [
        f"{BODY} So."
    ]


def test_a_note_with_a_mark_of_its_own_keeps_it() -> None:
    mark = '<w:r><w:footnoteReference w:id="4" w:customMarkFollows="1"/></w:r>'
    reading = read(paragraph(run("Bottles.") + mark + run("*")), notes={("footnote", 4): "* Sic."})
    assert texts(reading) == ["Bottles.*", "* Sic."]


def test_line_ends_in_a_paragraph_are_kept_and_two_part_it() -> None:
    assert texts(read(paragraph(run("one\ntwo\n\nthree")))) == ["one\ntwo", "three"]


def test_the_strict_standard_is_read_alike() -> None:
    parts = {name: part.replace(W.encode(), STRICT.encode()) for name, part in unpacked(SOUND)}
    assert word.read(zipped(parts), "a.docx") == word.read(SOUND, "a.docx")


# Title, authors, date


@pytest.mark.parametrize(
    ("core", "body", "title"),
    [
        ("A levy works", "", "A levy works"),
        ("Microsoft Word - draft3.doc", "", "Some file"),
        ("Document1", paragraph(run("What to do"), "Heading1"), "What to do"),
        ("untitled", paragraph(run("A levy"), "Title"), "A levy"),
        ("Last year's report", paragraph(run("A levy"), "Title"), "A levy"),
        ("A levy works", paragraph(run("What to do"), "Heading1"), "A levy works"),
        ("", "", "Some file"),
        ("A levy and so on " * 20, "", "Some file"),
    ],
)
def test_the_title_is_shown_or_stated_and_never_rubbish(core: str, body: str, title: str) -> None:
    reading = read(body + paragraph(run(BODY)), core=f"<dc:title>{core}</dc:title>")
    assert reading.metadata.title == title


def test_a_heading_of_the_stated_title_is_the_title() -> None:
    reading = read(
        paragraph(run("A levy works"), "Heading1")
        + paragraph(run(BODY))
        + paragraph(run("Costs"), "Heading1")
        + paragraph(run(BODY)),
        core="<dc:title>A Levy works</dc:title>",
    )
    assert [block.kind for block in reading.blocks] == [
        "title",
        "paragraph",
        "heading",
        "paragraph",
    ]


@pytest.mark.parametrize(
    ("creator", "authors"),
    [
        ("Jane Roe", ("Jane Roe",)),
        ("Jane Roe; John Doe;Jane Roe", ("Jane Roe", "John Doe")),
        ("Microsoft Office User", ()),
        ("python-docx", ()),
        ("Admin", ()),
        ("", ()),
    ],
)
def test_authors_are_people_or_bodies_not_programs(creator: str, authors: tuple[str, ...]) -> None:
    core = f"<dc:creator>{creator}</dc:creator>"
    assert read(paragraph(run(BODY)), core=core).metadata.author == authors


def test_the_date_is_that_of_the_last_change() -> None:
    core = "<dcterms:created>2013-12-23T23:15:00Z</dcterms:created>"
    core += "<dcterms:modified>2024-05-01T10:00:00Z</dcterms:modified>"
    assert read(paragraph(run(BODY)), core=core).metadata.issued == "2024-05-01"
    for nobodys in ("1601-01-01T00:00:00Z", "2013-12-23T23:15:00Z", "yesterday"):
        core = f"<dcterms:modified>{nobodys}</dcterms:modified>"
        assert read(paragraph(run(BODY)), core=core).metadata.issued is None


def test_a_date_in_the_style_of_dates_goes_before_the_day_of_the_last_change() -> None:
    styles = STYLES + '<w:style w:type="paragraph" w:styleId="D"><w:name w:val="Date"/></w:style>'
    core = "<dcterms:modified>2024-05-01T10:00:00Z</dcterms:modified>"
    dated = paragraph(run("12 March 2017"), "D") + paragraph(run(BODY))
    assert read(dated, core=core, styles=styles).metadata.issued == "2017-03-12"


# What is no Word file, or a harmful one, is refused with what to do


BOMB = "<!DOCTYPE d [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
OUTSIDE = '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.7\n", "not a Word file (.docx) but a PDF file"),
        (b"A levy on bottles", "not a Word file (.docx), or damaged. Save it as one"),
        (b"PK\x03\x04", "a Word file (.docx) that is damaged"),
        (b"\xd0\xcf\x11\xe0" + bytes(99), "save it as .docx"),
        (
            b"\xd0\xcf\x11\xe0" + bytes(9) + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password. Open it in Word",
        ),
        (zipped({"xl/workbook.xml": "<a/>"}), "not a Word file: the archive holds a table"),
        (docx(""), "no text in it"),
        (docx("<w:p/>" * 9), "no text in it"),
        (docx(paragraph("&b;"), before=BOMB), "declares a document type"),
        (docx(paragraph("&a;"), before=OUTSIDE), "declares a document type"),
        (docx(paragraph(run("x")), parts={"word/styles.xml": f"{BOMB}<a>&b;</a>"}), "styles.xml"),
        (docx(paragraph(run("x")), parts={"../../etc/cron.d/x": "x"}), "'../../etc/cron.d/x'"),
        (docx(paragraph(run("x")), parts={"/etc/passwd": "x"}), "'/etc/passwd'"),
        (docx(paragraph(run("x")), parts={"C:\\x": "x"}), "so as to land elsewhere"),
        (docx("<w:p>" * 300 + "</w:p>" * 300), "deeper or longer than any real one"),
        (docx(paragraph(run("x")))[:-30], "damaged"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        word.read(data, "a.docx")
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_what_would_unpack_to_gigabytes_or_has_too_many_files_is_refused_at_once() -> None:
    film = docx("", parts={"film": bytes(1_234_567)})
    many = {str(number): "" for number in range(10_001)}
    for data, reason in [
        (docx("<w:p/>" * 1_000_000), "unpacks to more than"),
        (claiming(film, 1_234_567, 4_000_000_000), "unpacked it takes 3,814 MB"),
        (docx("", parts=many), "the limit is 10,000"),
    ]:
        began = time.process_time()
        with pytest.raises(Refused, match=reason):
            word.read(data, "a.docx")
        assert time.process_time() - began < 2


def test_a_million_empty_paragraphs_that_are_not_alike_cost_seconds() -> None:
    chance = random.Random(7)
    empty = "".join(f'<w:p w:rsidR="{chance.getrandbits(32):08X}"/>' for _ in range(1_000_000))
    began = time.process_time()
    assert texts(read(empty + paragraph(run(BODY)))) == [BODY]
    assert time.process_time() - began < 30


def test_an_entry_that_lies_about_its_size_is_refused() -> None:
    honest = docx(paragraph(run("x")), parts={"word/styles.xml": b" " * 10_000_000})
    with pytest.raises(Refused, match=re.escape("word/styles.xml")):
        word.read(claiming(honest, 10_000_000, 9), "a.docx")


def test_a_file_through_a_pipe_is_known_for_what_it_is(kb: Run) -> None:
    kb("init", "--model", "hashing")
    assert "A levy works" in kb("ingest", "-", stdin=SOUND).stdout


def test_old_word_files_are_refused_by_name(ask: Ask, home: Path) -> None:
    (home / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(99))
    (home / "new.docx").write_bytes(SOUND)
    assert ask("init", "--model", "hashing")[0] == 0
    code, out, err = ask("ingest", "old.doc", "new.docx")
    assert code == 1
    assert "open it in Word or LibreOffice and save it as .docx" in err
    assert "A levy works" in out
    assert "Traceback" not in err
