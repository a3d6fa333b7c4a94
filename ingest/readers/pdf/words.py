"""The words of a page with position and size, gathered character by character from PDFium.

Its own spaces are not enough: in justified text it misses narrow ones, so a gap parts words too.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from ingest.readers.common.characters import LONE_SURROGATE, without_controls
from ingest.readers.pdf.accents import Extent, with_accents

HYPHEN = "\u00ad"  # the soft hyphen, which a file puts where a word is broken
_HYPHENS = "\ufffe\u0002"  # what PDFium puts for a hyphen at a line end
_BLANK = frozenset(
    " \t\r\n\f\v\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000"
)
_NOTHING = frozenset("\u200b\u200c\u200d\u2060\ufeff\u0000")
_BOLD = re.compile(r"bold|black|heavy|semibold|demi(?!l)", re.I)
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st"}
# TeX's fonts of pictures do not tell their letters: the Cork encoding, where others have controls
_CORK = dict(zip(range(0x10, 0x17), "“”„«»–—", strict=True))
_CORK |= dict(zip(range(0x1B, 0x20), ("ff", "fi", "fl", "ffi", "ffl"), strict=True))
_WRITTEN = _LIGATURES | _CORK
_GAP = 0.12  # of the size: kerning stays far below, the narrowest space of a justified line above
_NARROW = 0.045  # where all other letters of the word touch
_TOUCHING = 0.015
_LETTERSPACED = 0.06
_DIGITS = frozenset("0123456789")
_RAISED = 0.6  # of the size, a raised digit
_FORCE_BOLD = 1 << 18


class Word(NamedTuple):
    """Characters without a gap: their position on the page (upwards), size, and whether bold.

    `glued` says that nothing stands between it and the word before; `broken` are characters
    whose letter the file does not tell.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    glued: bool
    angle: int
    broken: int


class _Run(NamedTuple):
    """What the characters of one text object share."""

    size: float
    bold: bool
    angle: int


def turned(x: float, y: float, angle: int) -> tuple[float, float]:
    """A point as it stands when the page is turned so that text at this angle is upright."""
    sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    return x * cosine + y * sine, y * cosine - x * sine


class Gathering:
    """The words of one text page, gathered character by character."""

    def __init__(self, text_page: Any) -> None:
        import pypdfium2.raw as raw

        self._raw = raw
        self._page = text_page.raw
        self._count = raw.FPDFText_CountChars(self._page)
        self._box = raw.FS_RECTF()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._matrix = raw.FS_MATRIX()
        self._runs: dict[int, _Run] = {}
        self._bold: dict[int, bool] = {}
        self._words: list[Word] = []

    def read(self) -> list[Word]:
        """All words in the order of the file."""
        page, box = self._page, self._box
        loose = self._raw.FPDFText_GetLooseCharBox
        run, y, bottom, top, left, right = _Run(0, False, 0), 0.0, 0.0, 0.0, 0.0, 0.0
        letters: list[str] = []
        extents: list[Extent] = []
        start, glued, lifted, parted = 0, False, False, True
        for index, char in enumerate(self._characters()):
            if char in _BLANK:
                if letters:
                    self._add(letters, extents, y, run, glued, start)
                    letters, extents = [], []
                glued, parted = False, parted or char not in "\r\n"
                continue
            if char in _NOTHING:
                continue
            loose(page, index, box)
            x0, x1 = box.left, box.right
            alike = box.bottom == bottom and box.top == top and not run.angle
            if letters and alike and x0 == left and x1 == right:
                letters.append(char)  # of one glyph, such as the three of a ligature
                extents.append((x1, x1))
                continue
            if alike and char in _DIGITS and letters and letters[-1] not in _DIGITS:
                alike = False  # it may be a raised shape of the same size
            if not (letters and alike and -run.size < x0 - right < run.size):
                new, x, base = self._run(index)
                lift = 0.0
                if new.angle:
                    x0, x1, base = self._turned_box(index, new.angle, x, base)
                elif char in _DIGITS and not (letters and letters[-1] in _DIGITS and not lifted):
                    lift = self._lift(index, base, new.size)
                if lift:
                    new, base = new._replace(size=_RAISED * new.size), base + lift
                lifted = bool(lift)
                same = new == run and abs(base - y) < 0.05 * new.size
                if letters and not (same and -run.size < x0 - right < run.size):
                    self._add(letters, extents, y, run, glued, start)
                    glued = new.angle == run.angle and abs(x0 - right) < _GAP * new.size
                    letters, extents, start = [], [], index
                elif not letters and not parted:  # PDFium ends a line also within one
                    touching = abs(x0 - right) < _NARROW * new.size
                    glued = glued or (touching and abs(base - y) < 0.05 * new.size)
                run, y, bottom, top = new, base, box.bottom, box.top
                if lifted:
                    bottom = top = math.nan  # the next character is looked at by itself
            if not letters:
                start, parted = index, False
            letters.append(char)
            extents.append((x0, x1))
            left, right = x0, x1
        if letters:
            self._add(letters, extents, y, run, glued, start)
        return self._words

    def _lift(self, index: int, base: float, size: float) -> float:
        """How far a digit is raised by its own shape, 0.0 where it stands on the line."""
        edges = [ctypes.c_double() for _ in range(4)]
        self._raw.FPDFText_GetCharBox(self._page, index, *edges)
        lift = edges[2].value - base
        return lift if lift > 0.2 * size and edges[3].value > edges[2].value else 0.0

    def _characters(self) -> str:
        buffer = (ctypes.c_ushort * (self._count + 1))()
        written = self._raw.FPDFText_GetText(self._page, 0, self._count, buffer)
        text = bytes(buffer)[: 2 * max(written - 1, 0)].decode("utf-16-le", "surrogatepass")
        if len(text) != self._count:  # a pair of surrogates, or a character that it leaves out
            codes = (self._raw.FPDFText_GetUnicode(self._page, i) for i in range(self._count))
            text = "".join(chr(code) if code < 0x110000 else "\ufffd" for code in codes)
        return LONE_SURROGATE.sub("\ufffd", text)

    def _run(self, index: int) -> tuple[_Run, float, float]:
        """What the text object of a character says, and where that character stands."""
        raw = self._raw
        raw.FPDFText_GetCharOrigin(self._page, index, self._x, self._y)
        x, y = self._x.value, self._y.value
        text_object = raw.FPDFText_GetTextObject(self._page, index)
        address = ctypes.cast(text_object, ctypes.c_void_p).value or 0
        run = self._runs.get(address)
        if run is None:
            raw.FPDFText_GetMatrix(self._page, index, self._matrix)
            matrix = self._matrix
            scale = math.hypot(matrix.c, matrix.d) or 1.0
            size = raw.FPDFText_GetFontSize(self._page, index) * scale
            turn = 180 if size < 0 else 0  # a negative size turns text round
            angle = round(math.degrees(math.atan2(matrix.b, matrix.a)) + turn) % 360
            run = _Run(abs(size) or 1.0, self._is_bold(text_object), angle)
            self._runs[address] = run
        return run, x, y

    def _is_bold(self, text_object: Any) -> bool:
        raw = self._raw
        if not text_object:
            return False
        if raw.FPDFTextObj_GetTextRenderMode(text_object) == 2:  # filled and stroked
            return True
        font = raw.FPDFTextObj_GetFont(text_object)
        address = ctypes.cast(font, ctypes.c_void_p).value or 0
        if address not in self._bold:
            name = ctypes.create_string_buffer(256)
            raw.FPDFFont_GetBaseFontName(font, name, 256)
            bold = _BOLD.search(name.value.decode("utf-8", "replace")) is not None
            self._bold[address] = bold or bool(raw.FPDFFont_GetFlags(font) & _FORCE_BOLD)
        return self._bold[address]

    def _turned_box(self, index: int, angle: int, x: float, y: float) -> tuple[float, float, float]:
        """Left, right and baseline of a character of sideways text, turned upright."""
        raw = self._raw
        edges = [ctypes.c_double() for _ in range(4)]
        raw.FPDFText_GetCharBox(self._page, index, *edges)
        left, right, bottom, top = (edge.value for edge in edges)
        across = [turned(a, b, angle)[0] for a in (left, right) for b in (bottom, top)]
        start, baseline = turned(x, y, angle)
        return start, max(across), baseline

    def _add(
        self,
        letters: list[str],
        extents: list[Extent],
        y: float,
        run: _Run,
        glued: bool,
        start: int,
    ) -> None:
        """Keep a word, parted where a gap in it is a space that PDFium did not see."""
        letters, extents = with_accents(letters, extents)
        broken = int(self._raw.FPDFText_HasUnicodeMapError(self._page, start) == 1)
        gaps = [(after[0] - before[1]) / run.size for before, after in pairwise(extents)]
        cuts = _cuts(letters, gaps) if gaps and max(gaps) > _NARROW else []
        begin = 0
        for end in (*cuts, len(letters)):
            text = _word("".join(letters[begin:end]))
            if not text:
                begin, glued = end, False
                continue
            self._words.append(
                Word(
                    text,
                    extents[begin][0],
                    extents[end - 1][1],
                    y,
                    run.size,
                    run.bold,
                    glued,
                    run.angle,
                    broken,
                )
            )
            begin, glued = end, False


def _cuts(letters: Sequence[str], gaps: Sequence[float]) -> list[int]:
    """Before which characters a word is two: at gaps that no kerning makes, in sizes.

    Where letters else touch, a narrow gap between letters does; where all stand apart, none.
    """
    usual = sorted(gaps)[len(gaps) // 2]
    if usual > _LETTERSPACED and len(gaps) > 2:
        return []
    touching = sorted(gaps)[-2] < _TOUCHING if len(gaps) > 3 else False
    return [
        at
        for at, gap in enumerate(gaps, 1)
        if gap > _GAP
        or (gap > _NARROW and touching and letters[at - 1].isalpha() and letters[at].isalpha())
    ]


def _word(text: str) -> str:
    """The characters as they are written elsewhere: ligatures apart, one mark for hyphens."""
    if text.isascii() and text.isprintable():
        return text
    text = text.translate(_WRITTEN)
    for mark in _HYPHENS:
        text = text.replace(mark, "-")
    return "".join(without_controls(text)[0].split())
