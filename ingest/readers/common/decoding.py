"""Bytes become characters: encodings, line ends, control characters. Pure.

Order of trust: byte order mark, what the server declares, what the source declares (WHATWG), strict
UTF-8, Windows-1252, a guess.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.readers.common.characters import without_controls
from kb.errors import Refused
from kb.text.lines import count

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = {
    b"%PDF-": "a PDF file",
    b"PK\x03\x04": "a zip archive (Word, EPUB and others are zip archives)",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x7fELF": "a program",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"\x1f\x8b": "a gzip archive",
    b"SQLite format 3\0": "a database",
}
# Python's own escapes, which no page is written in and which can give half characters
_NO_ENCODINGS = ("utf-7", "unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined")
_UNTEXTUAL = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))
_LINE_ENDS = re.compile("\r\n?")
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_HIGH = re.compile(rb"[\x80-\xff]")
_LETTER = re.compile(rb"[A-Za-z\x80-\xff]")
_CHARSET = re.compile(
    rb"<(?:meta\b[^>]*?\bcharset|\?xml\b[^>]*?\bencoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.I
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Characters, and a note for the report on each thing that was not plain sailing."""

    text: str
    notes: tuple[str, ...] = ()


def decode(data: bytes, *declared: str | None) -> Decoded:
    """The text of `data`: line ends as "\\n", control characters as spaces.

    `declared` are the encodings that the source names, the more trusted first (HTTP header, meta
    element). Refused when the bytes are no text.
    """
    refuse_binary(data)
    text, notes = _characters(data, declared)
    text = _LINE_ENDS.sub("\n", text)
    text, controls = without_controls(text)
    if controls:
        notes.append(f"{count(controls, 'control character')} became spaces")
    return Decoded(text, tuple(notes))


def declared_encoding(data: bytes) -> str | None:
    """The encoding that a page or chapter names in its markup; none that could not have spelt the
    name itself.
    """
    match = _CHARSET.search(data[:4096])
    if match is None:
        return None
    name = match[1].decode("ascii")
    try:
        return name if "<meta".encode(name) == b"<meta" else None
    except (LookupError, UnicodeError):
        return None


def refuse_binary(data: bytes) -> None:
    """Refused when the bytes are plainly not text, with what they seem to be."""
    if what := magic(data):
        raise Refused(f"not text but {what}")
    head = data[:65536]
    if _utf16(head) or any(data.startswith(mark) for mark, _ in _MARKS):
        return
    controls = len(head) - len(head.translate(None, _UNTEXTUAL))
    if controls > max(8, len(head) // 10):
        raise Refused("not text: it holds mostly binary data")


def magic(data: bytes) -> str | None:
    """What bytes plainly are by their beginning ("a PDF file"), None for text and the unknown."""
    return next((what for mark, what in _MAGIC.items() if data.startswith(mark)), None)


def _characters(data: bytes, declared: Sequence[str | None]) -> tuple[str, list[str]]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _lenient(data[len(mark) :], encoding)
    for name in declared:
        if name and (codec := _codec(name)):
            try:
                return data.decode(codec), []
            except UnicodeError:
                pass  # a declaration that lies is common; go on as if there were none
    if wide := _utf16(data[:65536]):  # before UTF-8: NUL bytes are valid there
        return _lenient(data, wide)
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError:
        pass
    valid = sum(len(match.group()) for match in _MULTIBYTE.finditer(data))
    high = len(_HIGH.findall(data))
    if valid * 2 > high:
        return _mixed(data)
    if high * 4 > len(_LETTER.findall(data)):
        return _guessed(data)
    try:
        return data.decode("cp1252"), ["read as Windows-1252"]
    except UnicodeDecodeError:
        return _guessed(data)


def _lenient(data: bytes, encoding: str) -> tuple[str, list[str]]:
    text = data.decode(encoding, "replace")
    lost = text.count("\ufffd") - _genuine(data, encoding)
    return text, [f"{count(lost, 'character')} could not be decoded as {encoding}"] if lost else []


def _genuine(data: bytes, encoding: str) -> int:
    return data.decode(encoding, "ignore").count("\ufffd")


def _mixed(data: bytes) -> tuple[str, list[str]]:
    """UTF-8 with stray bytes of Windows-1252 in it."""
    stray = lost = 0

    def mend(error: UnicodeError) -> tuple[str, int]:
        nonlocal stray, lost
        assert isinstance(error, UnicodeDecodeError)
        piece = error.object[error.start : error.end]
        mended = piece.decode("cp1252", "replace")
        lost += mended.count("\ufffd")
        stray += len(piece) - mended.count("\ufffd")
        return mended, error.end

    codecs.register_error("kb-mixed", mend)
    text = data.decode("utf-8", "kb-mixed")
    notes = [f"{count(stray, 'byte')} not UTF-8, read as Windows-1252"] if stray else []
    if lost:
        notes.append(f"{count(lost, 'byte')} could not be decoded")
    return text, notes


def _guessed(data: bytes) -> tuple[str, list[str]]:
    import charset_normalizer

    best = charset_normalizer.from_bytes(data[:200_000]).best()
    if best is None:
        text = data.decode("utf-8", "replace")
        lost = text.count("\ufffd")
        return text, [f"unknown encoding; {count(lost, 'character')} could not be decoded"]
    text, notes = _lenient(data, best.encoding)
    return text, [f"encoding guessed: {best.encoding}", *notes]


def _utf16(head: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of Latin text is NUL."""
    if len(head) < 4:
        return None
    even, odd = head[0::2], head[1::2]
    if odd.count(0) > len(odd) * 0.7 and even.count(0) < len(even) * 0.1:
        return "utf-16-le"
    if even.count(0) > len(even) * 0.7 and odd.count(0) < len(odd) * 0.1:
        return "utf-16-be"
    return None


def _codec(name: str) -> str | None:
    try:
        codec = codecs.lookup(name.strip().strip("\"'"))
    except (LookupError, ValueError):
        return None
    # what pages call Latin-1 or ASCII is Windows-1252, as browsers read it (WHATWG Encoding)
    if codec.name in ("iso8859-1", "ascii"):
        return "cp1252"
    # a declaration that could be read as ASCII does not stand in UTF-16 (WHATWG, too)
    if codec.name in _NO_ENCODINGS or codec.name.startswith(("utf-16", "utf-32")):
        return None
    return codec.name if codec._is_text_encoding else None
