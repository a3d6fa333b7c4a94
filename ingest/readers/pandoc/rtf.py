"""RTF as every pandoc reads it: what some misread is written in the way that all of them know.

After the Rich Text Format specification 1.9.1. pandoc 2.17 takes two characters in place of
the one that stands in for a Unicode character, so "€14" becomes "€4", and passes over notes in
`{\\*\\footnote`, over links that are not in a group of their own, and over headings that only the
style sheet tells. Pure.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    rb"\\\\|\\[{}]|[{}]|\\bin(?P<bytes>\d+) ?|\\uc(?P<count>\d+)(?![a-z])"
    rb"|\\u(?P<code>-?\d+)(?: ?(?P<hex>\\'[0-9A-Fa-f]{2})| ?(?P<char>[^\\{}\r\n]))"
)
_NOTE = re.compile(rb"\{\\\*\\footnote\b")
_LINK = re.compile(rb"(\{\\\*\\fldinst) +(HYPERLINK [^{}]*)\}")
_STYLE = re.compile(rb"\{\\s(\d+)(?!\d)((?:[^{}]|\{[^{}]*\})*)\}")
_OUTLINE = re.compile(rb"\\outlinelevel([0-8])")
_NAME = re.compile(rb"[ }]heading ([1-9]);$", re.I)
_STYLED = re.compile(rb"(\\pard(?:\\plain)? ?\\s(\d+))(?!\d)")


def for_any_pandoc(data: bytes) -> bytes:
    """The same text in RTF that all versions of pandoc read alike."""
    data = _with_headings(_LINK.sub(rb"\1{\2}}", _NOTE.sub(rb"{\\footnote", data)))
    pieces: list[bytes] = []
    skipped = [1]  # by group: how many characters stand in for a Unicode character
    at = 0
    while (token := _TOKEN.search(data, at)) is not None:
        pieces.append(data[at : token.start()])
        at, written = token.end(), token[0]
        if written == b"{":
            skipped.append(skipped[-1])
        elif written == b"}" and len(skipped) > 1:
            skipped.pop()
        elif token["count"]:
            skipped[-1] = int(token["count"][:3])
        elif token["bytes"]:
            at += int(token["bytes"][:9])
            written = data[token.start() : at]
        elif token["code"] and skipped[-1] == 1:
            written = b"\\u" + token["code"] + (token["hex"] or rb"\'3f")
        pieces.append(written)
    return b"".join((*pieces, data[at:]))


def _with_headings(data: bytes) -> bytes:
    """Paragraphs in a style of the outline say so themselves."""
    start = data.find(b"{\\stylesheet")
    if start < 0:
        return data
    levels = {
        style[1]: b"%d" % level
        for style in _STYLE.finditer(data, start)
        if (level := _level(style[2])) is not None
    }

    def with_level(style: re.Match[bytes]) -> bytes:
        level = levels.get(style[2])
        return style[1] + b"\\outlinelevel" + level if level else style[1]

    return _STYLED.sub(with_level, data) if levels else data


def _level(style: bytes) -> int | None:
    """The depth of a style in the outline, from 0."""
    if said := _OUTLINE.search(style):
        return int(said[1])
    named = _NAME.search(style)
    return int(named[1]) - 1 if named else None
