"""Running heads, feet and page numbers: known by repetition and position. Pure.

A line at an edge of the page is furniture when it stands at the same height on several pages,
with the same words, or with a number that counts the pages. So a heading that stands once at the
top of a page stays, and "Goal 1", "Goal 2" do as well: they do not count the pages.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ingest.readers.pdf.edges import FOOT, HEAD, Edge, Sheet, body_size, edges_of, is_prominent
from ingest.readers.pdf.numbering import (
    NEAR,
    Key,
    counting,
    is_bare,
    labels_of,
    numbers_of,
    without_numbers,
)

NUMBER = "page number"
_ENOUGH = 3  # pages; two where there are few
_FEW = 4
_ONCE = 1.5  # times on a page
_LEAD = re.compile(
    r"^(?:chapter|part|section|appendix|annex)?\s*(?:[\dIVX]+(?:\.\d+)*)?[.:]?\s+", re.I
)
_WORDS = re.compile(r"[^\W\d_]+")


def without_furniture(
    sheets: Sequence[Sheet], stated: Mapping[int, str]
) -> tuple[list[Sheet], dict[int, str]]:
    """The sheets with furniture noted on its lines, and the page numbers that were printed.

    `stated` are the numbers that the file gives its pages.
    """
    edges = edges_of(sheets)
    enough = _ENOUGH if len(sheets) > _FEW else 2
    counted = counting(edges, enough)
    notes: dict[Key, str] = {}
    most = max(enough, len(sheets) / 2)
    for group in _alike(edges):
        pages = {edge.page for edge in group}
        once = len(group) <= _ONCE * len(pages)  # footnotes stand there oftener
        same: defaultdict[str, set[int]] = defaultdict(set)
        for edge in group:
            same[edge.text].add(edge.page)
        for edge in group:
            key, counts = edge.key, edge.key in counted
            if counts and is_bare(edge.text):
                notes[key] = NUMBER
            elif edge.prominent:
                if len(same[edge.text]) >= most:
                    notes[key] = edge.side
            elif (counts and once) or len(same[edge.text]) >= enough:
                notes[key] = edge.side
    _add_singles(edges, notes, stated, sheets)
    _add_in_line(edges, notes)
    labels = labels_of(
        {key: number for key, number in counted.items() if key in notes},
        {key for key, note in notes.items() if note == NUMBER},
    )
    return [_noted(sheet, notes) for sheet in sheets], labels


def _add_singles(
    edges: Sequence[Edge],
    notes: dict[Key, str],
    stated: Mapping[int, str],
    sheets: Sequence[Sheet],
) -> None:
    """Note the number that the file gives its page, and heads that stand on few pages.

    They stand where the heads of other pages do, look like them, and say what another page has at
    its edge or what stands between the edges of some page; or they repeat a heading or the title.
    """
    heights_of: defaultdict[tuple[str, float, bool], list[float]] = defaultdict(list)
    for edge in edges:
        if notes.get(edge.key) in (HEAD, FOOT):
            heights_of[(edge.side, *edge.style)].append(edge.height)
    named = Counter(_plain(edge.text) for edge in edges)
    whole = _whole(edges, notes)
    at_edge = {edge.key for edge in edges}
    body = body_size(sheets)
    inner: set[str] = set()
    headings: set[str] = set()
    for sheet in sheets:
        for at, line in enumerate(sheet.lines):
            if (sheet.number, at) not in at_edge:
                inner.add(_plain(line.text))
            if is_prominent(line, body):
                headings.add(_plain(line.text))
    alone = (("1", 1),) if len(sheets) == 1 else None
    for edge in edges:
        if edge.key in notes:
            continue
        stands = edge.text.strip(" -–—") == stated.get(edge.page)
        if is_bare(edge.text) and (stands or tuple(numbers_of(edge.text)) == alone):
            notes[edge.key] = NUMBER
        words = _plain(edge.text)
        heights = heights_of.get((edge.side, *edge.style), ())
        near = any(abs(edge.height - height) <= NEAR for height in heights)
        listed = named[words] > 1 or words in inner
        heading = " " in words and words in headings and not edge.prominent
        between = heights and min(heights) <= edge.height <= max(heights)
        if (listed if near else heading) or (between and words in whole):
            notes[edge.key] = edge.side


def _whole(edges: Sequence[Edge], notes: Mapping[Key, str]) -> set[str]:
    """The words of the heads of a page that fill several lines, as they stand in one line too."""
    pages: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for edge in edges:
        if notes.get(edge.key) in (HEAD, FOOT):
            pages[edge.page, edge.side].append(_plain(edge.text))
    return {" ".join(words) for words in pages.values() if len(words) > 1}


def _add_in_line(edges: Sequence[Edge], notes: dict[Key, str]) -> None:
    """Note what looks like the head or the number of its page and stands on one line with it."""
    heights_of: defaultdict[tuple[int, str, float, bool], list[float]] = defaultdict(list)
    for edge in edges:
        if edge.key in notes:
            heights_of[(edge.page, edge.side, *edge.style)].append(edge.height)
    for edge in edges:
        heights = heights_of.get((edge.page, edge.side, *edge.style), ())
        if edge.key in notes or not heights:
            continue
        if min(heights) - 1 <= edge.height <= max(heights) + 1:
            notes[edge.key] = edge.side


def _plain(text: str) -> str:
    """The words of a heading without its number."""
    return " ".join(_WORDS.findall(_LEAD.sub("", text).casefold()))


def _noted(sheet: Sheet, notes: Mapping[Key, str]) -> Sheet:
    lines = tuple(
        replace(line, note=notes[sheet.number, at]) if (sheet.number, at) in notes else line
        for at, line in enumerate(sheet.lines)
    )
    return replace(sheet, lines=lines)


def _alike(edges: Sequence[Edge]) -> list[list[Edge]]:
    """The edges in groups of the same words at about the same height."""
    by_words: defaultdict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in edges:
        by_words[edge.side, without_numbers(edge.text)].append(edge)
    groups = []
    for alike in by_words.values():
        alike.sort(key=lambda edge: edge.height)
        group = [alike[0]]
        for edge in alike[1:]:
            if edge.height - group[-1].height > NEAR:
                groups.append(group)
                group = []
            group.append(edge)
        groups.append(group)
    return groups
