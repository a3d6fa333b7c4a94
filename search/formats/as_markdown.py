"""Hits as Markdown to paste into a report: each passage a quotation, its citation below."""

from __future__ import annotations

import re

from kb.terminal import Terminal, printable
from search.hits import Answer, Hit

_MARKS = re.compile(r"([\\`*_\[\]<>#|~])")
_LIST_MARK = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)", re.MULTILINE)


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
    escaped = _MARKS.sub(r"\\\1", printable(text))
    return _LIST_MARK.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", escaped)


def _plain(text: str) -> str:
    return _escaped(" ".join(text.split()))
