"""PDF files for tests: text at its place in the standard fonts, with all that a reader meets.

After ISO 32000-1: objects, a page tree, outline, page labels, and RC4 encryption of 40 bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle

FONTS = {"F1": "Helvetica", "F2": "Helvetica-Bold", "F3": "Times-Roman", "F4": "Times-Italic"}
_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


@dataclass(frozen=True)
class Text:
    """A string at its place, in points from the lower left; `turn` makes it run upwards.

    What stands between two "^" is raised, as the mark of a footnote. `spacing` widens each blank.
    """

    x: float
    y: float
    text: str
    size: float = 10
    font: str = "F1"
    turn: bool = False
    spacing: float = 0.0


@dataclass
class Sheet:
    """A page: its texts in the order in which they are drawn, and perhaps a grey box."""

    texts: list[Text] = field(default_factory=list)
    box: bool = False
    rotate: int = 0
    size: tuple[int, int] = (612, 792)

    def stream(self) -> bytes:
        parts = [b"0.8 g 50 50 500 600 re f 0 g"] if self.box else []
        for each in self.texts:
            place = f"{'0 1 -1 0' if each.turn else '1 0 0 1'} {each.x} {each.y} Tm"
            place += f" {each.spacing:.4f} Tw" if each.spacing else ""
            shown = b""
            for at, part in enumerate(each.text.split("^")):
                size, rise = (0.6 * each.size, 0.4 * each.size) if at % 2 else (each.size, 0)
                shown += f" /{each.font} {size:g} Tf {rise:g} Ts ".encode()
                shown += _string(part.encode("cp1252")) + b" Tj"
            parts.append(f"BT {place}".encode() + shown + b" ET")
        return b"\n".join(parts)


def pdf(
    sheets: Sequence[Sheet],
    *,
    facts: dict[str, str] | None = None,
    labels: str = "",
    outline: Sequence[tuple[str, int]] = (),
    password: str | None = None,
    meaning: dict[str, str] | None = None,
) -> bytes:
    """The bytes of a PDF. `labels` stands in /Nums; outline entries are (title, page from 1).

    `meaning` says what a character of F1 stands for, as a font's glyph for three letters does.
    """
    secret = _Secret(password) if password is not None else None
    first = 10  # pages and their streams stand from here on, two numbers a page
    kids = " ".join(f"{first + 2 * at} 0 R" for at in range(len(sheets)))
    entries = first + 2 * len(sheets)
    catalog = "<< /Type /Catalog /Pages 2 0 R"
    if labels:
        catalog += f" /PageLabels << /Nums [{labels}] >>"
    if outline:
        catalog += " /Outlines 4 0 R"
    objects: dict[int, bytes] = {
        1: f"{catalog} >>".encode(),
        2: f"<< /Type /Pages /Kids [{kids}] /Count {len(sheets)} >>".encode(),
        3: _facts(facts or {}, secret),
    }
    if outline:
        last = entries + len(outline) - 1
        objects[4] = f"<< /First {entries} 0 R /Last {last} 0 R >>".encode()
    for at, name in enumerate(FONTS.values(), 5):
        font = f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>"
        objects[at] = font.encode()
    if meaning:
        number = entries + len(outline)
        objects[5] = objects[5][:-2] + b"/ToUnicode %d 0 R >>" % number
        objects[number] = _meaning(meaning)
    fonts = " ".join(f"/{key} {at} 0 R" for at, key in enumerate(FONTS, 5))
    for at, sheet in enumerate(sheets):
        number = first + 2 * at
        width, height = sheet.size
        objects[number] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Rotate {sheet.rotate} "
            f"/Contents {number + 1} 0 R /Resources << /Font << {fonts} >> >> >>"
        ).encode()
        data = sheet.stream()
        data = secret.hide(data, number + 1) if secret else data
        objects[number + 1] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)
    for at, (title, page) in enumerate(outline):
        number = entries + at
        near = f" /Next {number + 1} 0 R" if at + 1 < len(outline) else ""
        near += f" /Prev {number - 1} 0 R" if at else ""
        shown = _string(title.encode("cp1252")).decode("cp1252")
        target = f"[{first + 2 * (page - 1)} 0 R /Fit]"
        entry = f"<< /Title {shown} /Parent 4 0 R /Dest {target}{near} >>"
        objects[number] = entry.encode("cp1252")
    return _file(objects, secret)


def _file(objects: dict[int, bytes], secret: _Secret | None) -> bytes:
    data, places = b"%PDF-1.4\n", {}
    for number, body in sorted(objects.items()):
        places[number] = len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(data)
    size = max(places) + 1
    data += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        where = places.get(number)
        data += b"%010d 00000 n \n" % where if where else b"0000000000 65535 f \n"
    lock = secret.trailer if secret else b""
    return (
        data
        + b"trailer\n<< /Size %d /Root 1 0 R /Info 3 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
        % (
            size,
            lock,
            table,
        )
    )


def _meaning(meaning: dict[str, str]) -> bytes:
    told = "\n".join(
        f"<{char.encode('cp1252').hex()}> <{text.encode('utf-16-be').hex()}>"
        for char, text in meaning.items()
    )
    data = (
        "/CMapName /Meaning def /CMapType 2 def\n1 begincodespacerange <00> <ff> "
        f"endcodespacerange\n{len(meaning)} beginbfchar\n{told}\nendbfchar\nendcmap"
    ).encode()
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)


def _facts(facts: dict[str, str], secret: _Secret | None) -> bytes:
    parts = []
    for key, value in facts.items():
        data = value.encode("cp1252")
        parts.append(f"/{key} ".encode() + _string(secret.hide(data, 3) if secret else data))
    return b"<< " + b" ".join(parts) + b" >>"


def _string(data: bytes) -> bytes:
    return b"<" + data.hex().encode() + b">"


class _Secret:
    """The key that a password gives (algorithms 1 to 4 of the standard)."""

    def __init__(self, password: str) -> None:
        padded = (password.encode("latin-1") + _PADDING)[:32]
        owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
        identity = bytes(16)
        allowed = (-4).to_bytes(4, "little", signed=True)
        self.key = hashlib.md5(padded + owner + allowed + identity).digest()[:5]
        user = _rc4(self.key, _PADDING)
        self.trailer = (
            b"/ID [" + _string(identity) * 2 + b"] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 "
            b"/O " + _string(owner) + b" /U " + _string(user) + b" >>"
        )

    def hide(self, data: bytes, number: int) -> bytes:
        mixed = self.key + number.to_bytes(3, "little") + bytes(2)
        return _rc4(hashlib.md5(mixed).digest()[:10], data)


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i, byte in zip(range(256), cycle(key), strict=False):
        j = (j + state[i] + byte) % 256
        state[i], state[j] = state[j], state[i]

    def stream() -> Iterator[int]:
        i = j = 0
        while True:
            i = (i + 1) % 256
            j = (j + state[i]) % 256
            state[i], state[j] = state[j], state[i]
            yield state[(state[i] + state[j]) % 256]

    return bytes(byte ^ mask for byte, mask in zip(data, stream(), strict=False))


def paragraph(
    text: str,
    *,
    x: float = 72,
    y: float = 700,
    width: int = 80,
    size: float = 10,
    font: str = "F1",
) -> list[Text]:
    """A text set in lines of at most so many characters, downwards from y."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    lines.append(line)
    return [Text(x, y - 1.2 * size * at, each, size, font) for at, each in enumerate(lines)]
