"""PDF: what is printed becomes paragraphs, headings and notes on their pages; nothing is lost."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import sample_pdf
from pdf_writer import Sheet, Text, paragraph, pdf

from ingest.drafts import Reading, lay_out
from ingest.readers.pdf import read
from ingest.readers.pdf.glyphs import opened, pages
from ingest.readers.pdf.hyphens import join, vocabulary
from ingest.readers.pdf.troubles import in_words
from kb.errors import Refused

LABELS = Path(__file__).parent / "fixtures" / "pdf" / "labels.tsv"
Run = Callable[..., subprocess.CompletedProcess[str]]

PROSE = (
    "Ministries that share a payroll system spend less on it than ministries that each keep their "
    "own, and they pay on time more often. The saving comes from fewer contracts, not from fewer "
    "people. Where a shared system failed, it failed in its first year, and nearly always because "
    "the records that were moved into it had not been checked."
)
MORE = (
    "Auditors in four countries looked at the same question ten years later. They found that the "
    "saving had lasted in three of them. In the fourth the ministries had kept their old systems "
    "running beside the new one, so that everything was paid for twice and nobody trusted either."
)


def kept(reading: Reading) -> list[str]:
    return [block.text for block in reading.blocks if block.reason is None]


def removed(reading: Reading) -> dict[str, str]:
    return {block.text: block.reason for block in reading.blocks if block.reason is not None}


def test_the_lines_of_a_paragraph_become_one_text() -> None:
    texts = [*paragraph(PROSE), *paragraph(MORE, y=600)]
    reading = read(pdf([Sheet(texts)]), "payroll.pdf")
    assert kept(reading) == [PROSE, MORE]
    assert [block.pages for block in reading.blocks] == [((0, 1),)] * 2


def test_a_paragraph_over_the_end_of_a_page_is_one_and_knows_where_the_page_ends() -> None:
    lines = paragraph(PROSE, width=60)
    first = [*paragraph(MORE), *_below(lines[:3], 120)]
    reading = read(pdf([Sheet(first), Sheet(_below(lines[3:], 700))]), "payroll.pdf")
    assert kept(reading) == [MORE, PROSE]
    (begin, one), (offset, two) = reading.blocks[1].pages
    assert (begin, one, two) == (0, 1, 2)
    assert PROSE[offset:].startswith(lines[3].text)


def _below(texts: list[Text], y: float) -> list[Text]:
    return [Text(each.x, y - 12 * at, each.text, each.size) for at, each in enumerate(texts)]


def test_two_columns_are_read_one_after_the_other_even_when_drawn_line_by_line() -> None:
    left = paragraph(PROSE, x=60, width=45)
    right = paragraph(MORE, x=320, width=45)
    woven = [text for pair in zip(left, right, strict=False) for text in pair]
    woven += left[len(right) :] + right[len(left) :]
    for texts in (left + right, woven):
        assert kept(read(pdf([Sheet(texts)]), "a.pdf")) == [PROSE, MORE]


def test_running_heads_feet_and_page_numbers_are_kept_apart_and_give_labels() -> None:
    sheets = [
        Sheet(
            [
                Text(72, 760, "Shared payroll in government"),
                *paragraph(f"Page {number} says this. {PROSE}", y=700),
                Text(300, 40, str(number + 10)),
            ]
        )
        for number in range(1, 6)
    ]
    reading = read(pdf(sheets), "a.pdf")
    assert kept(reading) == [f"Page {number} says this. {PROSE}" for number in range(1, 6)]
    assert removed(reading) == {
        "Shared payroll in government": "running head",
        **{str(number + 10): "page number" for number in range(1, 6)},
    }
    assert reading.labels == tuple((number, str(number + 10)) for number in range(1, 6))


def test_a_heading_that_stands_once_at_the_top_of_a_page_stays() -> None:
    sheets = [
        Sheet([Text(72, 745, f"Goal {number}", 14, "F2"), *paragraph(PROSE, y=700)])
        for number in (1, 2, 3, 7)
    ]
    reading = read(pdf(sheets), "a.pdf")
    assert [b.text for b in reading.blocks if b.is_heading] == [
        "Goal 1",
        "Goal 2",
        "Goal 3",
        "Goal 7",
    ]


def test_hyphens_at_line_ends_are_resolved_by_the_words_of_the_document() -> None:
    texts = [
        Text(
            72,
            700,
            "The government and its long-term plans for a well-run service are new. The govern-",
        ),
        Text(72, 688, "ment has short- and long-term plans, and the costs of long-"),
        Text(72, 676, "term plans are known."),
    ]
    assert kept(read(pdf([Sheet(texts)]), "a.pdf")) == [
        "The government and its long-term plans for a well-run service are new. The government has "
        "short- and long-term plans, and the costs of long-term plans are known."
    ]


def test_a_footnote_is_apart_and_its_mark_is_not_in_the_word() -> None:
    texts = [
        *paragraph(PROSE),
        Text(72, 600, "The costs fell by a third"),
        Text(72 + 108, 604, "1", 6),
        Text(72 + 113, 600, "in the first year."),
        Text(72, 90, "1", 5),
        Text(76, 87, "Audit Office, Shared services, 2015, p. 12.", 8),
    ]
    reading = read(pdf([Sheet(texts)]), "a.pdf")
    assert kept(reading) == [
        PROSE,
        "The costs fell by a third in the first year.",
        "1 Audit Office, Shared services, 2015, p. 12.",
    ]
    assert [block.kind for block in reading.blocks][2] == "footnote"


@pytest.mark.parametrize(
    ("password", "reason"),
    [(None, "it is locked by a password"), ("wrong", "the password does not open it")],
)
def test_a_locked_file_is_refused_without_its_password(password: str | None, reason: str) -> None:
    data = pdf([Sheet(paragraph(PROSE))], password="open sesame")
    assert kept(read(data, "a.pdf", "open sesame")) == [PROSE]
    with pytest.raises(Refused, match=f"{reason}. Give it with --password"):
        read(data, "a.pdf", password)


@pytest.mark.parametrize("data", [b"%PDF-1.4\n", pdf([Sheet(paragraph(PROSE))])[:600]])
def test_a_damaged_file_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="a damaged PDF"):
        read(data, "a.pdf")


def test_a_file_of_another_kind_is_called_what_it_is() -> None:
    with pytest.raises(Refused, match="not a PDF but a PNG picture; give it the ending that fits"):
        read(b"\x89PNG\r\n\x1a\n" + bytes(99), "a.pdf")


def test_pages_without_text_are_named() -> None:
    sheets = [Sheet(paragraph(PROSE)), Sheet(box=True), Sheet(), Sheet(box=True), Sheet(box=True)]
    (note,) = read(pdf(sheets), "a.pdf").notes
    assert note.startswith("no text on pages 2, 4, 5: scanned?")
    with pytest.raises(Refused, match="no text found: its pages are pictures"):
        read(pdf([Sheet(box=True)]), "a.pdf")


def test_page_labels_are_the_files_own_where_it_has_some() -> None:
    sheets = [Sheet(paragraph(PROSE)), Sheet(paragraph(MORE)), Sheet(paragraph(PROSE))]
    sheets[0].texts.append(Text(300, 40, "iii"))
    data = pdf(sheets, labels="0 << /S /r /St 3 >> 1 << /S /D /P <412D> /St 7 >>")
    reading = read(data, "a.pdf")
    assert reading.labels == ((1, "iii"), (2, "A-7"), (3, "A-8"))
    assert removed(reading) == {"iii": "page number"}


def test_a_page_without_a_number_between_two_of_one_count_has_the_one_between() -> None:
    sheets = [Sheet(paragraph(f"{PROSE} {MORE}")) for _ in range(9)]
    for number in (2, 3, 5, 8):
        sheets[number - 1].texts.append(Text(300, 40, f"– {number + 30} –"))
    sheets[8].texts.append(Text(300, 40, "1999"))
    assert read(pdf(sheets), "a.pdf").labels == tuple((n, str(n + 30)) for n in range(2, 9))


def test_front_matter_in_roman_numbers_is_labelled_as_printed() -> None:
    numbers = ["i", "ii", "iii", "iv", "1", "2", "3", "4", "5"]
    sheets = [Sheet([*paragraph(f"{PROSE} {MORE}"), Text(500, 40, n)]) for n in numbers]
    assert read(pdf(sheets), "a.pdf").labels == tuple(enumerate(numbers, 1))


def test_the_head_of_a_short_chapter_goes_where_other_heads_stand() -> None:
    sheets = []
    for number in range(8):
        chapter = "Findings" if number == 4 else "Background and method"
        sheets.append(Sheet([Text(72, 760, chapter, 8), *paragraph(f"{MORE} {PROSE}")]))
    sheets[4].texts.append(Text(72, 500, "Findings", 14, "F2"))
    sheets[4].texts += paragraph(PROSE, y=470)
    reading = read(pdf(sheets), "a.pdf")
    assert removed(reading) == {
        "Background and method": "running head",
        "Findings": "running head",
    }
    assert [block.text for block in reading.blocks if block.is_heading] == ["Findings"]


def test_a_table_is_read_row_by_row_however_it_is_drawn() -> None:
    cells = [
        ["Country", "2015", "2020"],
        ["France", "12.5", "13.1"],
        ["Germany", "10.2", "11.0"],
        ["Italy", "9.9", "10.1"],
    ]
    places = [
        [Text(72 + 120 * column, 500 - 15 * row, text) for column, text in enumerate(texts)]
        for row, texts in enumerate(cells)
    ]
    by_rows = [text for row in places for text in row]
    by_columns = [text for column in zip(*places, strict=True) for text in column]
    for drawn in (by_rows, by_columns):
        reading = read(pdf([Sheet([*paragraph(PROSE), *drawn])]), "a.pdf")
        (table,) = (block for block in reading.blocks if block.kind == "table")
        assert table.text == "\n".join(" | ".join(row) for row in cells)


def test_the_cells_of_a_row_may_have_several_lines() -> None:
    texts = [
        *paragraph(PROSE),
        *(Text(x, 500, text) for x, text in ((72, "Body"), (200, "Task"), (450, "Due"))),
        Text(72, 480, "Audit Office"),
        Text(200, 480, "Looks at what was spent and re-"),
        Text(200, 468, "ports to the committee"),
        Text(450, 480, "each year"),
        Text(72, 445, "Treasury"),
        Text(200, 445, "Pays"),
        Text(450, 445, "each month"),
    ]
    tables = [b.text for b in read(pdf([Sheet(texts)]), "a.pdf").blocks if b.kind == "table"]
    assert "\n".join(tables).split("\n") == [
        "Body | Task | Due",
        "Audit Office | Looks at what was spent and reports to the committee | each year",
        "Treasury | Pays | each month",
    ]


@pytest.mark.parametrize("leader", [" . . . . . . . . . . . ", "................", "     "])
def test_a_contents_page_is_no_passage(leader: str) -> None:
    entries = ["Summary", "1 What was promised", "2 What was done", "3 What it cost", "Annex"]
    texts = [Text(72, 700, "Contents", 16, "F2")]
    for at, entry in enumerate(entries):
        y, page = 670 - 16 * at, str(3 + 9 * at)
        if leader.strip():
            texts.append(Text(72, y, f"{entry}{leader}{page}"))
        else:
            texts += [Text(72, y, entry), Text(500, y, page)]
    reading = read(pdf([Sheet(texts), Sheet(paragraph(PROSE))]), "a.pdf")
    assert kept(reading) == [PROSE]
    assert set(removed(reading).values()) == {"contents page"}


def test_headings_have_the_depth_of_the_outline_or_of_their_size() -> None:
    texts = [
        Text(72, 740, "Shared services", 22, "F2"),
        Text(72, 690, "What was promised", 16, "F2"),
        *paragraph(PROSE, y=660),
        Text(72, 560, "The first promise", 12, "F2"),
        *paragraph(MORE, y=540),
    ]
    headings = ["What was promised", "The first promise"]
    for outline, levels in (((), [1, 2]), ([(text, 1) for text in headings], [1, 1])):
        reading = read(pdf([Sheet(texts)], outline=outline), "a.pdf")
        assert reading.metadata.title == "Shared services"
        assert [b.text for b in reading.blocks if b.kind == "heading"] == headings
        assert [b.level for b in reading.blocks if b.kind == "heading"] == levels


@pytest.mark.parametrize(
    ("facts", "title", "authors", "date"),
    [
        ({"Title": "Microsoft Word - draft3.doc", "Author": "Windows User"}, "printed", "by", "of"),
        (
            {"Title": "payroll", "Author": "Acme Publisher 3.1", "Creator": "Acme"},
            "printed",
            "by",
            "of",
        ),
        (
            {"Title": "Paying Once: Payroll in Four Ministries", "Author": "Ann B. Lee"},
            "stated",
            "",
            "",
        ),
        ({}, "printed", "by", "of"),
    ],
)
def test_metadata_come_from_the_text_where_the_file_states_rubbish(
    facts: dict[str, str], title: str, authors: str, date: str
) -> None:
    texts = [Text(72, 740, "Paying Once", 22, "F2"), *paragraph(PROSE, y=600)]
    if authors:
        texts += [Text(72, 700, "By Jane Roe and John Doe"), Text(72, 680, "12 March 2017")]
    facts = {**facts, "CreationDate": "D:20190405120000Z"}
    reading = read(pdf([Sheet(texts)], facts=facts), "payroll.pdf")
    assert reading.metadata.title == ("Paying Once" if title == "printed" else facts["Title"])
    assert reading.metadata.author == (("Jane Roe", "John Doe") if authors else ("Ann B. Lee",))
    assert reading.metadata.issued == ("2017-03-12" if date else "2019-04-05")


def test_sideways_pages_are_read_and_sideways_notes_are_not() -> None:
    turned = [
        Text(100 + 12 * at, 100, line.text, turn=True) for at, line in enumerate(paragraph(PROSE))
    ]
    draft = Text(30, 300, "DRAFT of the week", turn=True)
    sheets = [Sheet(turned, rotate=90), Sheet([*paragraph(MORE), draft])]
    reading = read(pdf(sheets), "a.pdf")
    assert kept(reading) == [PROSE, MORE]
    assert removed(reading) == {"DRAFT of the week": "sideways text"}


def test_a_page_whose_letters_are_garbled_is_named() -> None:
    shifted = "".join(chr(ord(c) - 29) if c.isalpha() else c for c in PROSE)
    sheets = [Sheet(paragraph(PROSE)), Sheet(paragraph(shifted))]
    (note,) = read(pdf(sheets), "a.pdf").notes
    assert note.startswith("the letters on page 2 are garbled")


def test_what_nobody_can_read_is_left_out() -> None:
    texts = [*paragraph(PROSE), Text(72, 300, "bccaf17e-c194-11ec", 1), Text(72, 810, "slug.indd")]
    assert removed(read(pdf([Sheet(texts)]), "a.pdf")) == {
        "bccaf17e-c194-11ec": "too small to be read",
        "slug.indd": "outside the page",
    }


def test_a_pdf_is_taken_in_and_cited_by_its_printed_page(
    ask: Callable[..., tuple[int, str, str]], home: Path
) -> None:
    sheets = [
        Sheet([Text(72, 740, "Paying Once", 22, "F2"), *paragraph(PROSE, y=600)]),
        Sheet(paragraph(MORE, y=600)),
        Sheet(paragraph(f"Nobody asked the clerks. {PROSE}", y=600)),
    ]
    for number, sheet in enumerate(sheets, 41):
        sheet.texts.append(Text(300, 40, str(number)))
    (home / "payroll.pdf").write_bytes(pdf(sheets))
    assert ask("init", "--model", "hashing")[0] == 0
    assert ask("ingest", "payroll.pdf")[0] == 0
    code, out, _ = ask("search", "auditors in four countries", "-n", "1")
    assert code == 0
    assert "“Paying Once”, pp. 41–42" in out
    _, out, _ = ask("show", "paying-once#1", "--format", "json")
    shown = json.loads(out)
    assert (shown["page"], shown["page_end"]) == (1, 2)
    assert (shown["page_label"], shown["page_label_end"]) == ("41", "42")
    _, out, _ = ask("show", "paying-once", "--removed")
    assert "page number" in out


def test_a_locked_pdf_is_taken_in_with_its_password(
    ask: Callable[..., tuple[int, str, str]], home: Path
) -> None:
    sheets = [Sheet([*paragraph(PROSE), Text(300, 40, str(n))]) for n in range(1, 4)]
    (home / "payroll.pdf").write_bytes(pdf(sheets, password="open sesame"))
    assert ask("init", "--model", "hashing")[0] == 0
    code, _, err = ask("ingest", "payroll.pdf")
    assert code == 1
    assert "payroll.pdf: it is locked by a password. Give it with --password" in err
    assert ask("ingest", "payroll.pdf", "--password", "open sesame")[0] == 0
    code, _, err = ask("keep-text", "payroll", "1")
    assert code == 2
    assert "--password" in err
    assert ask("keep-text", "payroll", "1", "--password", "open sesame")[0] == 0
    assert ask("verify")[0] == 0


def test_pages_of_a_file_whose_text_is_partly_scanned_are_named(
    ask: Callable[..., tuple[int, str, str]], home: Path
) -> None:
    sheets = [Sheet(paragraph(PROSE)), Sheet(box=True), Sheet(box=True)]
    (home / "mixed.pdf").write_bytes(pdf(sheets))
    (home / "scan.pdf").write_bytes(pdf(sheets[1:]))
    (home / "torn.pdf").write_bytes(pdf(sheets)[:500])
    assert ask("init", "--model", "hashing")[0] == 0
    code, out, err = ask("ingest", ".")
    assert code == 1
    assert "added    mixed" in out
    assert "mixed.pdf: no text on pages 2, 3: scanned?" in err
    assert "scan.pdf: no text found: its pages are pictures" in err
    assert "torn.pdf: a damaged PDF" in err


def test_standard_input_may_be_a_pdf(kb: Run) -> None:
    assert kb("init", "--model", "hashing").returncode == 0
    done = kb("ingest", "-", stdin=pdf([Sheet(paragraph(PROSE))]))
    assert done.returncode == 0, done.stderr
    assert "p. 1" in kb("search", "contracts", "-n", "1").stdout


@pytest.mark.slow
def test_the_plans_of_nine_agencies_are_read_as_they_are_printed(shared: Path) -> None:
    """640 pages: labels as a person read them, nothing lost, no furniture in passages."""
    rows = [line.split("\t") for line in LABELS.read_text("utf-8").splitlines()]
    expected: dict[str, dict[int, str]] = {}
    for document, number, label in rows:
        expected.setdefault(document, {})[int(number)] = label
    assert len(rows) == 100
    for document, labels in expected.items():
        data = (shared / "eval" / "us_agency_plans" / f"{document}.pdf").read_bytes()
        reading = read(data, f"{document}.pdf")
        said = dict(reading.labels)
        assert {number: said.get(number) for number in labels} == labels
        text = lay_out(reading).text
        assert re.search(r"^Page \d+$", text, re.M) is None
        assert re.search("[\ufffe\u00ad]|[a-z]- [a-z](?!nd |r |o )", text) is None
        assert "Strategic Plan" in (reading.metadata.title or "").title()
        assert reading.metadata.author == ()
        with opened(data, None) as plan:
            for page in pages(plan):
                blocks = [b for b in reading.blocks if page.number in [n for _, n in b.pages]]
                ours = letters("".join(block.text for block in blocks))
                words = {letters(word.text) for word in page.words}
                lost = [word for word in words if word not in ours]
                assert len(lost) <= 0.005 * len(words), (document, page.number, lost)


def letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def test_a_subtitle_is_no_author() -> None:
    texts = [
        Text(72, 740, "Paying Once", 22, "F2"),
        Text(72, 710, "Shared Payroll"),
        *paragraph(f"Shared Payroll is old. {PROSE} Shared Payroll is here to stay.", y=600),
    ]
    assert read(pdf([Sheet(texts)]), "a.pdf").metadata.author == ()


def test_a_brief_is_read_as_it_was_read_before() -> None:
    """The snapshot is as the eye reads the pages; `python tests/sample_pdf.py` sets them anew."""
    data = sample_pdf.FILE.read_bytes()
    assert data == sample_pdf.sample()
    reading = read(data, sample_pdf.FILE.name)
    said = reading.metadata
    shown = [f"{said.title} | {', '.join(said.author)} | {said.issued}"]
    for block in reading.blocks:
        on = "-".join(str(page) for _, page in block.pages)
        kind = f"{block.kind} {block.level}" if block.kind == "heading" else block.kind
        shown.append(f"[{block.reason or kind}, page {on}]\n{block.text}")
    expected = sample_pdf.READ.read_text("utf-8")
    assert "\n\n".join(shown) + "\n" == expected


@pytest.mark.parametrize(
    "form",
    [
        "{}",
        "- {} -",
        "Page {}",
        "Page {} of 9",
        "{} / 9",
        "p. {}",
        "{} | Paying Once",
        "Brief 14 – {}",
    ],
)
@pytest.mark.parametrize("height", [40, 765])
def test_page_numbers_are_found_in_every_form(form: str, height: int) -> None:
    sheets = []
    for number in range(1, 10):
        side = 72 if number % 2 else 480
        sheets.append(Sheet([Text(side, height, form.format(number)), *paragraph(PROSE)]))
    reading = read(pdf(sheets), "a.pdf")
    assert kept(reading) == [PROSE] * 9
    assert reading.labels == tuple((number, str(number)) for number in range(1, 10))


def test_a_page_number_is_no_number_of_a_sentence_or_a_note() -> None:
    sheets = []
    for number in range(1, 7):
        notes = [Text(72, 84 - 12 * n, f"^{2 * number + n}^Ibid., p. 3.", 8) for n in range(2)]
        text = paragraph(f"{PROSE} In {2000 + number} it went on.^{2 * number}^")
        sheets.append(Sheet([*text, *notes]))
    reading = read(pdf(sheets), "a.pdf")
    assert reading.labels == ()
    assert [block.kind for block in reading.blocks if block.reason is None].count("footnote") == 12


WORDS = vocabulary(["the government of long-term plans", "a well run co-operative", "term long"])


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("the govern-", "ment said", "the government said"),
        ("long-", "term plans", "long-term plans"),
        ("well-", "run service", "well-run service"),
        ("non-", "government body", "non-government body"),
        ("run-of-the-", "government", "run-of-the-government"),
        ("two-", "term-old", "two-term-old"),
        ("unem-", "ployment", "unemployment"),
        ("short-", "and long-term", "short- and long-term"),
        ("COVID-", "19", "COVID-19"),
        ("Asia-", "Pacific", "Asia-Pacific"),
        ("DEVELOP-", "MENT", "DEVELOPMENT"),
        ("pages 3-", "7", "pages 3-7"),
        ("soft\u00ad", "ened", "softened"),
        ("and/", "or", "and/or"),
        ("https://example.org/a-", "b.pdf", "https://example.org/a-b.pdf"),
        ("the end", "of it", "the end of it"),
        ("政府应当提高", "最低工资标准。", "政府应当提高最低工资标准。"),
    ],
)
def test_lines_are_joined(before: str, after: str, joined: str) -> None:
    assert "".join((*join(before, after, WORDS), after)) == joined


def test_pages_are_named_in_few_words() -> None:
    assert in_words([3]) == "page 3"
    assert in_words([9, 3, 7, 8]) == "pages 3, 7–9"
    assert in_words([1, 2]) == "pages 1, 2"


def test_a_large_initial_belongs_to_its_word() -> None:
    beside = paragraph(PROSE[1:], x=104, width=73)[:3]
    rest = PROSE[1:].removeprefix(" ".join(line.text for line in beside))
    texts = [Text(72, 676, PROSE[0], 36), *beside, *paragraph(rest, y=664)]
    assert kept(read(pdf([Sheet(texts)]), "a.pdf")) == [PROSE]
