"""Hits as Markdown to paste into a report: quotations, their evidence bold, citations below."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kb.records import Passage
from kb.text.terminal import Terminal, printable
from search.formats.verdict import REST, parted, verdict
from search.hits import Answer, Copy, Hit

_MARKS = re.compile(r"([\\`*_\[\]<>#|~&])")
# what makes a list, a rule or a heading of a line that begins with it
_LINE_MARK = re.compile(r"^(?:[-+=]|\d+[.)](?!\S))", re.MULTILINE)


def render(answer: Answer, terminal: Terminal) -> str:
    """The question as a heading, then the hits; a line says which of them may be no answer."""
    lines = [f"## {_plain(answer.question)}", ""]
    if said := verdict(answer):
        lines += [_plain(said), ""]
    likely, rest = parted(answer)
    for hit in likely:
        lines += _hit(hit)
    lines += [REST, ""] if rest else []
    for hit in rest:
        lines += _hit(hit)
    return "\n".join(lines)


def _hit(hit: Hit) -> list[str]:
    quoted = [f"> {line}".rstrip() for line in _quotation(hit).split("\n")]
    return [
        *_neighbours(hit.before, "before"),
        *quoted,
        ">",
        f"> — {_escaped(hit.citation)} `{hit.passage.pinned}`",
        *_also(hit.also),
        "",
        *_neighbours(hit.after, "after"),
    ]


def _quotation(hit: Hit) -> str:
    """The passage's words, the sentence that answers bold, unless that is all of it."""
    text = hit.passage.text
    if hit.evidence is None:
        return _escaped(text)
    start = hit.evidence.span.start - hit.passage.span.start
    before, sentence = text[:start], hit.evidence.text
    after = text[start + len(sentence) :]
    strong = _escaped(sentence)
    # Markdown sees no bold where its mark stands next to a letter, or across a blank line
    apart = before[-1:].strip() == after[:1].strip() == "" and strong == strong.strip()
    if not apart or not strong or "\n\n" in strong or not (before.strip() or after.strip()):
        return _escaped(text)
    pieces = (
        _escaped(before.rstrip()),
        _gap(before),
        f"**{strong}**",
        _gap(after[::-1]),
        _escaped(after.lstrip()),
    )
    return "".join(pieces)


def _gap(text: str) -> str:
    """The white space at a text's end, as Markdown needs it: the line ends, else a space."""
    space = text[len(text.rstrip()) :]
    return "\n" * space.count("\n") or " " * bool(space)


def _also(copies: Iterable[Copy]) -> Iterable[str]:
    """The other sources of the quotation, each a paragraph of it."""
    for copy in copies:
        yield ">"
        yield f"> Also in: {_escaped(copy.citation)} `{copy.passage.pinned}`"


def _neighbours(passages: Iterable[Passage], where: str) -> Iterable[str]:
    """The passages around a hit, outside its quotation, as the citation is not theirs."""
    for passage in passages:
        yield f"({where}, `{passage.pinned}`)"
        yield _escaped(passage.text)
        yield ""


def _escaped(text: str) -> str:
    """The text, so that Markdown shows it as it is."""
    lines = (line.strip() for line in printable(text).split("\n"))  # indented lines would be code
    escaped = _MARKS.sub(r"\\\1", "\n".join(lines))
    return _LINE_MARK.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", escaped)


def _plain(text: str) -> str:
    return _escaped(" ".join(text.split()))
