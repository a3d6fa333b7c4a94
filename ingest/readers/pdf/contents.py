"""Contents pages: lines that name a section and its page, one after another. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ingest.readers.pdf.lines import Line

CONTENTS = "contents page"
_HEADING = re.compile(
    r"(?:table of )?contents|(?:list of )?(?:tables|figures|boxes|maps|exhibits|appendices)"
    r"(?: and (?:tables|figures|boxes|maps|exhibits|appendices))?|inhalt(?:sverzeichnis)?"
    r"|sommaire|table des matières|índice|contenido|indice|sumário",
    re.I,
)
_LEADER = re.compile(r"(?:[.…·_]\s?){3,}\|?\s*(?P<page>\d{1,4}|[ivxlc]{1,7})?\s*$", re.I)
_NUMBER = re.compile(r"(?:\s\|)?\s(?P<page>\d{1,4}|[ivxlc]{1,7})$")
_REACH = 3  # lines: so many of an entry may stand without a number
_ENOUGH = 4  # entries; two under a heading that says what they are
_ASCENDING = 0.8


def without_contents(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages with the lines of tables of contents noted as such."""
    result = []
    going_on = False  # whether the page before ended with contents
    for lines in pages:
        noted, going_on = _noted(list(lines), going_on)
        result.append(noted)
    return result


def is_heading(text: str) -> bool:
    """Whether these words stand above a table of contents or a list of figures."""
    return _HEADING.fullmatch(text.strip().rstrip(":")) is not None


def _noted(lines: list[Line], going_on: bool) -> tuple[list[Line], bool]:
    readable = [at for at, line in enumerate(lines) if not line.note]
    last = readable[-1] if readable else -1
    ends_with = False
    for start, end in _runs(lines, readable, going_on):
        for at in range(start, end + 1):
            if not lines[at].note:
                lines[at] = replace(lines[at], note=CONTENTS)
        ends_with = ends_with or end == last
    return lines, ends_with


def _runs(lines: Sequence[Line], readable: Sequence[int], going_on: bool) -> list[tuple[int, int]]:
    """The first and last line of each stretch of entries."""
    headings = [at for at in readable if is_heading(lines[at].text)]
    entries = []
    for order, at in enumerate(readable):
        text = lines[at].text
        near = going_on or any(heading < at for heading in headings)
        if _LEADER.search(text) or (near and _NUMBER.search(text) and len(text) < 200):
            entries.append((order, at))
    groups: list[list[tuple[int, int]]] = []
    for entry in entries:
        if groups and entry[0] - groups[-1][-1][0] <= _REACH:
            groups[-1].append(entry)
        else:
            groups.append([entry])
    runs = []
    for group in groups:
        first = group[0][1]
        above = [heading for heading in headings if heading < first]
        heading = above[-1] if above and _near(readable, above[-1], first) else None
        opens = going_on and group[0][0] <= _REACH
        enough = len(group) >= (2 if heading is not None or opens else _ENOUGH)
        if enough and _ascends([lines[at].text for _, at in group]):
            start = heading if heading is not None else readable[0] if opens else first
            runs.append((start, group[-1][1]))
    return runs


def _near(readable: Sequence[int], heading: int, first: int) -> bool:
    return readable.index(first) - readable.index(heading) <= _REACH + 1


def _ascends(texts: Sequence[str]) -> bool:
    """Whether the page numbers grow, nearly always."""
    numbers = []
    for text in texts:
        entry = _LEADER.search(text) or _NUMBER.search(text)
        if entry and (entry["page"] or "").isdigit():
            numbers.append(int(entry["page"]))
    steps = list(pairwise(numbers))
    return not steps or sum(a <= b for a, b in steps) >= _ASCENDING * len(steps)
