"""Hits for a person at a terminal: the passage, its evidence set off, the citation.

Where there is colour, the sentence that answers is bold and the question's words are underlined;
elsewhere a rule in the margin runs beside the lines of the sentence, and the words stay as they
are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kb.records import Passage
from kb.text.terminal import Terminal, printable
from search.formats.explanations import in_words
from search.formats.verdict import REST, parted, verdict
from search.hits import Answer, Copy, Hit
from search.query.question import Question, stem

INDENT = "   "
RULE = " │ "
MOST_COPIES = 3
_WORD = re.compile(r"[^\W_]+")


def render(answer: Answer, terminal: Terminal) -> str:
    """The hits, best first; a line before them, or among them, says which may be no answer."""
    stems = {stem(term) for term in Question.parse(answer.question).terms}
    said = verdict(answer)
    parts = [f"{terminal.wrapped(said)}\n"] if said else []
    likely, rest = parted(answer)
    parts += [_hit(hit, stems, terminal) for hit in likely]
    parts += [f"{terminal.wrapped(REST)}\n"] if rest else []
    return "\n".join([*parts, *(_hit(hit, stems, terminal) for hit in rest)])


def _hit(hit: Hit, stems: set[str], terminal: Terminal) -> str:
    number = f"{hit.rank}. ".ljust(len(INDENT))
    title = terminal.wrapped(hit.entry.title, " " * len(number))[len(number) :]
    lines = [f"{number}{terminal.bold(title)}"]
    if hit.passage.heading:
        path = terminal.wrapped(" › ".join(hit.passage.heading), INDENT)
        lines.append(terminal.dim(path))
    lines.append("")
    lines += _neighbours(hit.before, "before", terminal)
    lines += [_passage(hit, stems, terminal), ""]
    lines += _neighbours(hit.after, "after", terminal)
    lines.append(terminal.accent(terminal.wrapped(hit.citation, INDENT)))
    # the reference stays in one piece, so that it can be copied
    lines.append(terminal.dim(f"{INDENT}{hit.passage.reference}   score {hit.score:.2f}"))
    if hit.also:
        lines.append(terminal.dim(terminal.wrapped(_also(hit.also), INDENT)))
    if hit.explanation:
        lines += [terminal.dim(terminal.wrapped(part, INDENT)) for part in in_words(hit)]
    return "\n".join(lines) + "\n"


def _passage(hit: Hit, stems: set[str], terminal: Terminal) -> str:
    """The passage in lines, its evidence set off, unless that is all of it."""
    wrapped = terminal.wrapped(hit.passage.text, INDENT)
    first, last = _visible(hit)
    if not first and last == _count(hit.passage.text):
        first = last = 0
    lines = []
    seen = 0
    for line in wrapped.split("\n"):
        inside = []
        for column, char in enumerate(line):
            if not char.isspace():
                if first <= seen < last:
                    inside.append(column)
                seen += 1
        start, end = (inside[0], inside[-1] + 1) if inside else (0, 0)
        before, set_off, after = (
            underlined(piece, stems, terminal)
            for piece in (line[:start], line[start:end], line[end:])
        )
        if inside and not terminal.colour:
            before = RULE + before[len(RULE) :]
        lines.append(before + (terminal.bold(set_off) if inside else "") + after)
    return "\n".join(lines)


def _visible(hit: Hit) -> tuple[int, int]:
    """Which of the passage's visible characters are evidence: wrapping moves only the others."""
    if hit.evidence is None:
        return 0, 0
    passage, span = hit.passage, hit.evidence.span
    start = span.start - passage.span.start
    first = _count(passage.text[:start])
    return first, first + _count(hit.evidence.text)


def _neighbours(passages: Iterable[Passage], place: str, terminal: Terminal) -> Iterable[str]:
    """The passages around a hit, each with its number, so that nobody cites them for it."""
    for passage in passages:
        yield terminal.dim(f"{INDENT}#{passage.ordinal} {place}")
        yield terminal.dim(terminal.wrapped(passage.text, INDENT))
        yield ""


def _also(copies: Sequence[Copy]) -> str:
    """Where else it stands."""
    named = [
        f"{copy.entry.title.rstrip('.')}, {copy.passage.reference}" for copy in copies[:MOST_COPIES]
    ]
    more = len(copies) - len(named)
    return f"also in: {'; '.join(named)}" + (f"; and {more} more" if more else "")


def underlined(text: str, stems: set[str], terminal: Terminal) -> str:
    """The text with the words underlined that share a stem with one of the question's."""

    def marked(found: re.Match[str]) -> str:
        return terminal.underlined(found[0]) if stem(found[0].lower()) in stems else found[0]

    return _WORD.sub(marked, text)


def _count(text: str) -> int:
    return sum(not char.isspace() for char in printable(text))
