"""PDF: what is printed becomes paragraphs, headings and notes on their pages; nothing is lost."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from pdf_writer import Sheet, Text, paragraph, pdf

from ingest.drafts import Reading
from ingest.readers.pdf import read
from kb.errors import Refused

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


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


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


def test_pages_without_text_are_named() -> None:
    sheets = [Sheet(paragraph(PROSE)), Sheet(box=True), Sheet(), Sheet(box=True), Sheet(box=True)]
    (note,) = read(pdf(sheets), "a.pdf").notes
    assert note.startswith("no text on pages 2, 4, 5: scanned?")
    with pytest.raises(Refused, match="no text found: its pages are pictures"):
        read(pdf([Sheet(box=True)]), "a.pdf")
