"""Bytes become characters: what was encoded comes back, what cannot is counted."""

from __future__ import annotations

import codecs
import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ingest.readers.common.characters import without_controls
from ingest.readers.common.decoding import Decoded, decode, refuse_binary
from kb.errors import Refused
from kb.text.lines import count

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
MARKED = {
    "utf-8-sig": codecs.BOM_UTF8 + b"",
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
FRENCH = "L’été dernier, le gouvernement a relevé la taxe — de 5 à 10 €. "
RUSSIAN = "Правительство повысило налог на бутылки в мае прошлого года. "


def plain(text: str) -> str:
    """What should come back of a text: line ends as one, control characters as spaces."""
    return CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


# Laws


@given(st.text(), st.sampled_from(["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]))
@example("a\r\n\rb\r", "utf-16-le")
@example("\ufffd \ufeff", "utf-16-be")
def test_what_a_byte_order_mark_announces_comes_back(text: str, encoding: str) -> None:
    assume(not text.startswith("\0"))  # that is how the mark of UTF-32 begins
    decoded = decode(MARKED[encoding] + text.encode(encoding))
    assert decoded.text == plain(text)
    controls = len(CONTROL.findall(text))
    note = f"{count(controls, 'control character')} became spaces"
    assert decoded.notes == (note,) * (controls > 0)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\r\n")))
@example("\ufffd")
@example("naïve “quotes”\r\n")
def test_what_was_utf_8_comes_back_without_a_word(text: str) -> None:
    assume(not text.startswith("\ufeff"))
    assert decode(text.encode()) == Decoded(plain(text))
    assert decode(text.encode("utf-8-sig")) == Decoded(plain(text))


@given(st.text("abcdefghij \n", min_size=1), st.lists(st.sampled_from("\0\1\b\v\f\x1b\x7f\x85")))
def test_control_characters_become_as_many_spaces(text: str, controls: list[str]) -> None:
    mixed = text + "".join(controls)
    assert without_controls(mixed) == (text + " " * len(controls), len(controls))


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "latin-1", "utf-16", "shift_jis"]))
@example(b"+2AA-", "utf-7")
@example(b"\\ud800", "unicode_escape")
@example(b"abc", "undefined")
@example(b"\\", "punycode")
@example(b"a", "no\0name")
def test_any_bytes_give_clean_text_or_are_refused(data: bytes, declared: str | None) -> None:
    try:
        decoded = decode(data, declared)
    except Refused:
        return
    assert CONTROL.search(decoded.text) is None
    assert "\r" not in decoded.text
    decoded.text.encode()  # no half characters
    assert decoded == decode(data, declared)


# Examples


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        (b"\xef\xbb\xbfcaf\xc3\xa9", "utf-16", "café"),  # the mark wins
        (b"caf\xc3\xa9", "latin-1", "cafÃ©"),  # then what is declared
        (b"caf\xe9", "latin-1", "café"),
        (b"caf\x82", "cp437", "café"),
        (b"\x93quoted\x94", "iso-8859-1", "“quoted”"),  # browsers mean Windows-1252
        (b"caf\xc3\xa9", "'UTF-8' ", "café"),
        (b"caf\xc3\xa9", "ascii", "cafÃ©"),
        (b"caf\xc3\xa9", "no-such-encoding", "café"),
        (b"caf\xc3\xa9!", "utf-16", "café!"),  # declared in ASCII, so it is none
        (b"caf\xc3\xa9", "rot13", "café"),
        (b"caf\xc3\xa9", None, "café"),
        (b"a line of caf\xe9", "utf-8", "a line of café"),  # a declaration that lies
    ],
)
def test_the_order_of_trust(data: bytes, declared: str | None, text: str) -> None:
    assert decode(data, declared).text == text


def test_windows_1252_is_named() -> None:
    assert decode((FRENCH * 9).encode("cp1252")) == Decoded(FRENCH * 9, ("read as Windows-1252",))


def test_other_encodings_are_guessed_and_named() -> None:
    decoded = decode((RUSSIAN * 9).encode("koi8-r"))
    assert decoded.text == RUSSIAN * 9
    (note,) = decoded.notes
    assert note.startswith("encoding guessed: koi8")


def test_utf_16_without_a_mark_is_known_by_its_zeros() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        assert decode((FRENCH * 9).encode(encoding)) == Decoded(FRENCH * 9)


def test_stray_bytes_in_utf_8_are_read_as_windows_1252_and_counted() -> None:
    data = FRENCH.encode() * 9 + b"\x93quoted\x94"
    assert decode(data) == Decoded(
        FRENCH * 9 + "“quoted”", ("2 bytes not UTF-8, read as Windows-1252",)
    )
    nowhere = FRENCH.encode() * 9 + b"\x81"
    assert decode(nowhere) == Decoded(
        FRENCH * 9 + "\ufffd",
        ("1 byte could not be decoded",),
    )


def test_what_a_mark_does_not_keep_is_counted_without_what_was_there() -> None:
    data = codecs.BOM_UTF8 + "was there: \ufffd ".encode() + b"\xff\xfe\xff"
    assert decode(data).notes == ("3 characters could not be decoded as utf-8",)
    half = codecs.BOM_UTF16_LE + "ab".encode("utf-16-le") + b"\x00\xd8" + b"c\x00"
    assert decode(half) == Decoded("ab\ufffdc", ("1 character could not be decoded as utf-16-le",))


def test_control_characters_are_counted_in_the_notes() -> None:
    assert decode(b"a\0b\tc\nd" + b" words" * 9) == Decoded(
        "a b\tc\nd" + " words" * 9, ("1 control character became spaces",)
    )
    assert decode(("a\x85b\x1b[31m" + " words" * 9).encode()).notes == (
        "2 control characters became spaces",
    )


def test_line_ends_become_one() -> None:
    assert decode(b"mac\rdos\r\nunix\n\r\n\r").text == "mac\ndos\nunix\n\n\n"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF file"),
        (b"PK\x03\x04\x14\x00", "a zip archive"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"\xff\xd8\xff\xe0", "a JPEG picture"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"\x7fELF\x02", "a program"),
        (b"SQLite format 3\x00", "a database"),
        (bytes(range(32)) * 40, "binary data"),
        (b"\0" * 1000, "binary data"),
    ],
)
def test_what_is_no_text_is_refused_with_what_it_seems(data: bytes, what: str) -> None:
    with pytest.raises(Refused, match=what):
        refuse_binary(data)
    with pytest.raises(Refused, match=what):
        decode(data)


@pytest.mark.parametrize(
    "text",
    ["SQLite format 3 is a file format.", "GIFs are pictures.", "PK stands for Park.", "BM", "\f"],
)
def test_text_that_begins_like_a_binary_file_is_text(text: str) -> None:
    assert decode(text.encode()).text == plain(text)
