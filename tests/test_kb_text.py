"""How things are written: numerals, marks of lists, numbers with their nouns; and digests."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.keys import sha256_of, sha256_of_file, sha256_of_text
from kb.text.lines import count, plural
from kb.text.list_marks import BULLETS, MARK
from kb.text.numerals import (
    MOST_LETTERED,
    enumerated,
    from_roman,
    small_number,
    superscript,
    to_roman,
)

NUMBERS = st.integers(1, MOST_LETTERED)

# Laws


@given(NUMBERS)
def test_a_roman_numeral_is_read_as_it_is_written(number: int) -> None:
    written = to_roman(number)
    assert from_roman(written) == from_roman(written.upper()) == number


@given(st.text("ivxlcdmIVX", max_size=8))
def test_only_what_is_written_so_is_a_roman_numeral(text: str) -> None:
    number = from_roman(text)
    assert number is None or to_roman(number) == text.lower()


@given(NUMBERS, NUMBERS, st.sampled_from(["lowerRoman", "upperRoman", "lowerLetter", "decimal"]))
def test_two_numbers_are_never_written_alike(one: int, other: int, style: str) -> None:
    assert (enumerated(one, style) == enumerated(other, style)) == (one == other)


@given(st.text("0123456789-x¹² ", max_size=9))
def test_markup_states_a_small_number_or_none(text: str) -> None:
    stated = small_number(text, -1)
    assert stated == (int(text) if text.isascii() and text.isdigit() and len(text) < 7 else -1)


@given(st.text())
def test_a_text_is_known_by_its_bytes(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    assert sha256_of_text(text) == sha256_of(data) == hashlib.sha256(data).hexdigest()


# Examples


@pytest.mark.parametrize(
    ("number", "style", "written"),
    [
        (4, "lowerRoman", "iv"),
        (1994, "upperRoman", "MCMXCIV"),
        (3, "lowerLetter", "c"),
        (28, "upperLetter", "BB"),
        (4, "decimalZero", "04"),
        (4, "decimal", "4"),
        (4, "chineseCounting", "4"),
        (0, "lowerRoman", "0"),
        (4000, "lowerRoman", "4000"),
    ],
)
def test_numbers_as_lists_show_them(number: int, style: str, written: str) -> None:
    assert enumerated(number, style) == written


@pytest.mark.parametrize("text", ["", "iiii", "vx", "ic", "civic", "mix.", "ⅳ"])
def test_letters_that_are_no_numeral(text: str) -> None:
    assert from_roman(text) is None


def test_a_power_is_raised() -> None:
    assert superscript("-2") == superscript("–2") == "⁻²"


@pytest.mark.parametrize("mark", [*BULLETS, "2.", "12)", "(3)", "b)", "(a)", "c."])
def test_what_marks_an_entry(mark: str) -> None:
    assert re.fullmatch(MARK, mark)


@pytest.mark.parametrize("text", ["1234.", "A.", "iv.", "2", "", "a", "ab)"])
def test_what_marks_none(text: str) -> None:
    assert not re.fullmatch(MARK, text)


def test_numbers_and_nouns_agree() -> None:
    assert [count(n, "byte") for n in (0, 1, 2000)] == ["0 bytes", "1 byte", "2,000 bytes"]
    assert [plural(n, "byte") for n in (0, 1, 2)] == ["bytes", "byte", "bytes"]


def test_a_file_is_known_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a" * 300_000)
    assert sha256_of_file(tmp_path / "a") == sha256_of(b"a" * 300_000)
