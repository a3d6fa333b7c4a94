"""Hits as Markdown to paste into a report: each passage a quotation, its citation below."""

from __future__ import annotations

import re

from kb.terminal import Terminal, printable
from search.hits import Answer, Hit

_MARKS = re.compile(r"([\\`*_\[\]<>#|~&])")
# what makes a list, a rule or a heading of a line that begins with it
_LINE_MARK = re.compile(r"^(?:[-+=]|\d+[.)](?!\S))", re.MULTILINE)


def render(answer: Answer, terminal: Terminal) -> str:
    """The question as a heading, then the hits."""
    lines = [f"## {_plain(answer.question)}", ""]
    if not answer.hits:
        lines += ["Nothing found.", ""]
    for hit in answer.hits:
        lines += _hit(hit)
    return "\n".join(lines)


def _hit(hit: Hit) -> list[str]:
    paragraphs = [*hit.before, hit.passage, *hit.after]
    quote = "\n\n".join(passage.text for passage in paragraphs)
    quoted = [f"> {line}".rstrip() for line in _escaped(quote).split("\n")]
    return [*quoted, ">", f"> — {_escaped(hit.citation)} `{hit.passage.pinned}`", ""]


def _escaped(text: str) -> str:
    """The text, so that Markdown shows it as it is."""
    lines = (line.strip() for line in printable(text).split("\n"))  # indented lines would be code
    escaped = _MARKS.sub(r"\\\1", "\n".join(lines))
    return _LINE_MARK.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", escaped)


def _plain(text: str) -> str:
    return _escaped(" ".join(text.split()))
