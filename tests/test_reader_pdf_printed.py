"""PDF as other programs print it: glyphs of several letters, marks drawn late, long heads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pdf_writer import Sheet, Text, paragraph, pdf
from test_reader_pdf import PROSE, kept, removed

from ingest.readers.pdf import read
from ingest.readers.pdf.accents import with_accents
from ingest.readers.pdf.hyphens import join, vocabulary
from ingest.readers.pdf.ligatures import damaged


def test_the_letters_of_one_glyph_stay_in_their_word() -> None:
    """A glyph of three letters is wider than the gap that parts two lines."""
    texts = [
        Text(72, 740, "The piers at Caer\xc6wch are closed for repairs this winter."),
        *paragraph(PROSE),
    ]
    reading = read(pdf([Sheet(texts)], meaning={"\xc6": "ffl"}), "piers.pdf")
    assert kept(reading)[0] == "The piers at Caerfflwch are closed for repairs this winter."


def test_list_marks_that_are_drawn_after_all_text_stand_before_their_lines() -> None:
    first, second = "pay every month, and say so;", "publish what was paid, and to whom."
    texts = [
        *paragraph(PROSE),
        Text(96, 600, first),
        Text(96, 588, second),
        Text(84, 600, "1."),
        Text(84, 588, "2."),
    ]
    reading = read(pdf([Sheet(texts)]), "a.pdf")
    assert kept(reading) == [PROSE, f"1. {first}", f"2. {second}"]
    assert [block.kind for block in reading.blocks] == ["paragraph", "item", "item"]


def test_what_stands_beside_the_lines_of_a_head_is_a_head() -> None:
    """The name of a section changes with the page, and may be a heading there too."""
    sections = ("Payroll", "Pensions", "Travel", "Audit")
    sheets = [
        Sheet(
            [
                Text(72, 765, "Shared services in government"),
                Text(72, 753, "and what became of them"),
                Text(450, 759, section),
                Text(72, 700, section, 14, "F2"),
                *paragraph(f"Page {number} says this. {PROSE}", y=670),
            ]
        )
        for number, section in enumerate(sections, 1)
    ]
    outline = [(section, number) for number, section in enumerate(sections, 1)]
    reading = read(pdf(sheets, outline=outline), "a.pdf")
    assert [block.text for block in reading.blocks if block.is_heading] == list(sections)
    assert all(section not in kept(reading)[1::2] for section in sections)


def test_a_note_of_the_size_of_the_body_is_one_when_its_number_is_raised() -> None:
    texts = [
        *paragraph(PROSE),
        Text(72, 600, "The costs fell by a third^1^ in the first year."),
        Text(72, 87, "^1^ Audit Office, Shared services, 2015, p. 12."),
    ]
    reading = read(pdf([Sheet(texts)]), "a.pdf")
    assert [block.kind for block in reading.blocks if block.reason is None][-1] == "footnote"
    assert kept(reading)[1] == "The costs fell by a third in the first year."


def test_authors_in_a_line_each_are_all_named() -> None:
    opening = [
        Text(72, 740, "Shared payroll in government", 20, "F2"),
        Text(72, 712, "Ada Fairweather"),
        Text(72, 690, "Tom O\u2019Rafferty"),
        Text(72, 668, "14 March 2024"),
    ]
    reading = read(pdf([Sheet([*opening, *paragraph(PROSE, y=600)])]), "a.pdf")
    assert reading.metadata.author == ("Ada Fairweather", "Tom O\u2019Rafferty")


def test_lines_set_wide_to_fill_a_column_are_no_table() -> None:
    """Words stand below each other by chance; the gaps of a justified line are all alike."""
    lines = [
        "and the fish auction at one",
        "and the quay beside it that",
        "and the pier, of which half",
        "and the berth are closed",
    ]
    texts = [Text(72, 500 - 12 * at, line, spacing=4.0) for at, line in enumerate(lines)]
    reading = read(pdf([Sheet([*paragraph(PROSE), *texts])]), "a.pdf")
    assert " ".join(lines) in kept(reading)
    assert not removed(reading)


def test_hyphens_stay_in_a_text_that_breaks_only_compounds() -> None:
    lines = ["The report names many things."] * 80
    words = vocabulary([*lines, "The pier needs a five-", "yearly inspection."])
    assert join("needs a five-", "yearly inspection.", words) == ("needs a five-", "")
    broken = vocabulary([*lines, "an inspection", "and the inspec-", "tion of a five-", "yearly"])
    assert join("of a five-", "yearly", broken) == ("of a five", "")


def test_an_address_may_end_its_line_after_the_slashes() -> None:
    words = vocabulary([])
    assert join("published at https://", "www.example.org/a", words) == (
        "published at https://",
        "",
    )


def test_ligatures_of_fonts_that_do_not_tell_their_letters_are_read() -> None:
    """TeX's bitmap fonts give the number of the shape: 28 is "fi", 21 a dash."""
    texts = [Text(72, 740, "The o\xc6cers \xd0 all of them \xd0 left."), *paragraph(PROSE)]
    reading = read(pdf([Sheet(texts)], meaning={"\xc6": "\x1e", "\xd0": "\x15"}), "a.pdf")
    assert kept(reading)[0] == "The officers – all of them – left."


def test_authors_side_by_side_are_all_named() -> None:
    names = ("Ada Fairweather", "Tom O\u2019Rafferty", "Noor van der Hoeff")
    opening = [
        Text(72, 740, "Shared payroll in government", 20, "F2"),
        *(Text(72 + 150 * at, 700, name) for at, name in enumerate(names)),
        Text(250, 668, "14 March 2024"),
    ]
    sheet = Sheet([*opening, *paragraph(PROSE, y=600)])
    assert read(pdf([sheet]), "a.pdf").metadata.author == names
    facts = {"Title": "Shared payroll in government", "Author": "; ".join(names)}
    assert read(pdf([sheet], facts=facts), "a.pdf").metadata.author == names


@given(st.lists(st.sampled_from("ab´ˆe\u2019x"), max_size=12))
def test_what_does_not_stand_over_another_stays(letters: list[str]) -> None:
    places = [(float(at), float(at + 1)) for at in range(len(letters))]
    assert with_accents(letters, places) == (letters, places)


@pytest.mark.parametrize(
    ("accent", "letter", "one"),
    [("´", "e", "é"), ("¨", "U", "Ü"), ("´", "ı", "í"), ("ˇ", "c", "č"), ("´", "t", None)],
)
def test_an_accent_over_a_letter_is_one_with_it(accent: str, letter: str, one: str | None) -> None:
    found, _ = with_accents(["J", accent, letter], [(0, 5), (5.5, 9), (5, 10)])
    assert found == (["J", one] if one else ["J", accent, letter])


def test_an_accent_that_serves_as_an_apostrophe_stays_one() -> None:
    texts = [Text(72, 740, "Ministries don´t pay for l´avion, she said."), *paragraph(PROSE)]
    reading = read(pdf([Sheet(texts)]), "a.pdf")
    assert kept(reading)[0] == "Ministries don´t pay for l´avion, she said."


def test_words_whose_font_lost_their_ligatures_are_reported() -> None:
    """A shape for "fi" of which the file tells but the f; one odd name is no loss."""
    lost = "The o\xc6ce quali\xc6ed for a signi\xc6cant share of the bene\xc6t."
    texts = [*paragraph(PROSE, y=700), *paragraph(lost, y=500)]
    (note,) = read(
        pdf([Sheet(paragraph(PROSE)), Sheet(texts)], meaning={"\xc6": "f"}), "a.pdf"
    ).notes
    assert note.startswith(
        "words on page 2 have lost letters, such as “beneft”, “qualifed”, “signifcant” (a font"
    )
    named = paragraph(f"{PROSE} Mr Proft came.", y=700)
    assert read(pdf([Sheet(named)]), "a.pdf").notes == ()
    assert read(pdf([Sheet(texts)], meaning={"\xc6": "fi"}), "a.pdf").notes == ()


@given(st.text("ofice bntlaqurd", max_size=80))
def test_words_that_lost_nothing_are_not_reported(text: str) -> None:
    whole = "the office of the official benefits from significant and specific conflicts".split()
    assert damaged([*whole, *text.split()]) == damaged(text.split())
