"""One document, written as each format writes it: what the pairs of tests are made of."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby

from archives import chapter, docx, epub, item, paragraph, run, table
from hypothesis import strategies as st

# words with their places to break at a line end; the halves are no words of any sentence here
WORDS = (
    "the of and to a in for that by on with from its all it one who may new two "
    "levy law cost towns rent school cities water border people court trade money evidence "
    "coun·cil min·is·ters in·fra·struc·ture com·mis·sion·ers sub·si·dies mu·nic·i·pal·i·ties "
    "Zürich façade naïve coöp·er·a·tion Malmö Fußgänger·zone œuvres señor déjà "
    "Rind·fleisch·eti·ket·tie·rungs·über·wa·chungs·auf·ga·ben·über·tra·gungs·ge·setz "
    "long-term state-owned 1,250 3.4 2019 15% €40 £5 §12 R&D EU-27 don’t government’s Mr. U.S."
).split()
PROSE = tuple(word for word in WORDS if word.replace("·", "").isalpha())
FORMS = ("“{}”", "({})", "‘{}’", "– {} –", "{} —", "{},", "{};", "{}:")  # words among others
BREAK = "·"  # where a word may be broken; it is in no text


@dataclass(frozen=True)
class Part:
    """A heading, paragraph, quotation, list or table: `lines` are its entries or rows."""

    kind: str
    lines: tuple[str, ...]
    level: int = 0


@dataclass(frozen=True)
class Brief:
    """A document: its title and its parts; the words bear BREAK where they may be broken."""

    title: str
    parts: tuple[Part, ...]

    @property
    def plain(self) -> Brief:
        """The same without places to break."""
        parts = (
            Part(part.kind, tuple(map(unbroken, part.lines)), part.level) for part in self.parts
        )
        return Brief(unbroken(self.title), tuple(parts))


def unbroken(text: str) -> str:
    return text.replace(BREAK, "")


@st.composite
def sentences(draw: st.DrawFn, least: int = 5, most: int = 22) -> str:
    """Words, some of them quoted, in brackets or between dashes."""
    words = draw(st.lists(st.sampled_from(WORDS), min_size=least, max_size=most))
    for form in draw(st.lists(st.sampled_from(FORMS), max_size=2)):
        at = draw(st.integers(1, len(words) - 1))
        words[at] = form.format(words[at])
    first = draw(st.sampled_from(PROSE))
    return f"{first[0].upper()}{first[1:]} {' '.join(words)}{draw(st.sampled_from('...?'))}"


PARAGRAPHS = st.lists(sentences(), min_size=1, max_size=7).map(" ".join)
SHORT = tuple(word for word in PROSE if len(word) < 12)  # to fit a third of a line
CELLS = st.lists(st.sampled_from(SHORT), min_size=1, max_size=2).map(" ".join).map(unbroken)


@st.composite
def headings(draw: st.DrawFn) -> str:
    words = draw(st.lists(st.sampled_from(PROSE), min_size=3, max_size=7))
    return " ".join(words)[:1].upper() + " ".join(words)[1:]


@st.composite
def briefs(draw: st.DrawFn) -> Brief:
    """A document of some sections: nothing stands twice, and text stands under each heading."""
    parts: list[Part] = []
    level = 0
    kinds = st.sampled_from("paragraph paragraph paragraph quote bullets numbers table".split())
    for _ in range(draw(st.integers(1, 5))):
        if level or draw(st.booleans()):
            level = draw(st.integers(1, min(level + 1, 3)))
            parts.append(Part("heading", (unbroken(draw(headings())),), level))
        parts.append(Part("paragraph", (draw(PARAGRAPHS),)))
        parts += (draw(_part(kind)) for kind in draw(st.lists(kinds, max_size=4)))
    title = unbroken(draw(headings()))
    for number, part in enumerate(parts):  # each line is told from the others by a number
        if part.kind != "table":
            lines = [f"{line[:-1]} {number}{line[-1]}" for line in part.lines]
            if part.kind == "heading":
                lines = [f"{part.lines[0]} {number}"]
            parts[number] = Part(part.kind, tuple(lines), part.level)
    return Brief(title, tuple(_apart(parts)))


def _part(kind: str) -> st.SearchStrategy[Part]:
    if kind == "table":
        rows = st.lists(st.tuples(CELLS, CELLS, CELLS).map(" | ".join), min_size=3, max_size=5)
        return rows.map(lambda lines: Part(kind, tuple(lines)))
    least, most = (2, 4) if kind in ("bullets", "numbers") else (1, 1)
    lines = st.lists(sentences(), min_size=least, max_size=most, unique=True)
    return lines.map(lambda said: Part(kind, tuple(said)))


def _apart(parts: list[Part]) -> Iterator[Part]:
    """The parts, but one list or table only where several follow each other, and one list with
    numbers, as those of a Word file that `archives` makes count on from list to list.
    """
    counted = [part for part in parts if part.kind == "numbers"][1:]
    parts = [Part("bullets", part.lines) if part in counted else part for part in parts]
    for _, group in groupby(parts, lambda part: part.kind in ("bullets", "numbers", "table")):
        first, *rest = group
        yield first
        if first.kind not in ("bullets", "numbers", "table"):
            yield from rest


# Writers


def as_markdown(brief: Brief) -> bytes:
    return "\n\n".join([f"# {_escaped(brief.title)}", *map(_in_markdown, brief.parts)]).encode()


def _in_markdown(part: Part) -> str:
    lines = [_escaped(line) for line in part.lines]
    match part.kind:
        case "heading":
            return f"{'#' * (part.level + 1)} {lines[0]}"
        case "quote":
            return f"> {lines[0]}"
        case "bullets":
            return "\n".join(f"- {line}" for line in lines)
        case "numbers":
            return "\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1))
        case "table":
            rows = [f"| {line} |" for line in part.lines]
            return "\n".join([rows[0], f"|{'---|' * 3}", *rows[1:]])
    return lines[0]


def _escaped(text: str) -> str:
    return re.sub(r"([\\*_\[\]<>&#`~])", r"\\\1", text)


def as_text(brief: Brief) -> bytes:
    """Plain text, each paragraph in one line; a bullet is a hyphen, a row its cells with bars."""
    pieces = [brief.title]
    for part in brief.parts:
        lines: tuple[str, ...] = part.lines
        if part.kind == "bullets":
            lines = tuple(f"- {line}" for line in lines)
        elif part.kind == "numbers":
            lines = tuple(f"{n}. {line}" for n, line in enumerate(lines, 1))
        pieces.append("\n".join(lines))
    return "\n\n".join(pieces).encode()


def markup(brief: Brief) -> str:
    """The body of a page."""
    return f"<h1>{escape(brief.title)}</h1>" + "".join(map(_in_markup, brief.parts))


def _in_markup(part: Part) -> str:
    lines = [escape(line) for line in part.lines]
    match part.kind:
        case "heading":
            return f"<h{part.level + 1}>{lines[0]}</h{part.level + 1}>"
        case "quote":
            return f"<blockquote><p>{lines[0]}</p></blockquote>"
        case "bullets" | "numbers":
            tag = "ul" if part.kind == "bullets" else "ol"
            return f"<{tag}>{''.join(f'<li>{line}</li>' for line in lines)}</{tag}>"
        case "table":
            rows = ("".join(f"<td>{cell}</td>" for cell in line.split(" | ")) for line in lines)
            return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
    return f"<p>{lines[0]}</p>"


def as_page(brief: Brief) -> bytes:
    head = f'<meta charset="utf-8"><title>{escape(brief.title)}</title>'
    return f"<!DOCTYPE html><html><head>{head}</head><body>{markup(brief)}</body></html>".encode()


def as_word(brief: Brief) -> bytes:
    body = "".join(_in_word(part) for part in brief.parts)
    return docx(paragraph(run(brief.title), "Title") + body)


def _in_word(part: Part) -> str:
    runs = [run(line) for line in part.lines]
    match part.kind:
        case "heading":
            return paragraph(runs[0], f"Heading{part.level}")
        case "quote":
            return paragraph(runs[0], "Quote")
        case "bullets" | "numbers":
            return "".join(item(each, numbered=part.kind == "numbers") for each in runs)
        case "table":
            return table([[run(cell) for cell in line.split(" | ")] for line in part.lines])
    return paragraph(runs[0])


def as_book(brief: Brief) -> bytes:
    """A book with a chapter for each heading of the first level."""
    chapters = [f"<h1>{escape(brief.title)}</h1>"]
    for part in brief.parts:
        if part.kind == "heading" and part.level == 1:
            chapters.append("")
        chapters[-1] += _in_markup(part)
    files = {f"c{number}.xhtml": chapter(body) for number, body in enumerate(chapters)}
    return epub(files, f"<dc:title>{escape(brief.title)}</dc:title>")


def as_mail(brief: Brief) -> bytes:
    head = "From: Jane Roe <jane@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; "
    head += "charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    return f"{head}Subject: {brief.title}\r\n\r\n".encode() + as_page(brief)


def as_saved_page(brief: Brief) -> bytes:
    return (
        b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; "
        b'type="text/html"; boundary="x"\r\n\r\n--x\r\nContent-Type: text/html; charset=utf-8\r\n'
        b"Content-Transfer-Encoding: 8bit\r\nContent-Location: https://example.org/a\r\n\r\n"
    ) + b"%b\r\n--x--\r\n" % as_page(brief)


def by_pandoc(form: str) -> Callable[[Brief], bytes]:
    """A writer of another hand than ours."""

    def write(brief: Brief) -> bytes:
        program = shutil.which("pandoc")
        assert program is not None
        command = [program, "-f", "markdown-smart", "-s", "-t", form, "-o", "-"]
        return subprocess.run(
            command, input=as_markdown(brief), capture_output=True, check=True
        ).stdout

    return write
