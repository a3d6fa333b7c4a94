"""Hits for a person at a terminal: the passage, the question's words set off, the citation."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kb.records import Passage
from kb.terminal import Terminal
from search.hits import Answer, Hit
from search.question import Question

INDENT = "   "
_WORD = re.compile(r"[^\W_]+")
_ENDING = re.compile(r"(?:ing|ies|ied|ation|ion|ment|ed|es|ly|e|s|y)$")


def render(answer: Answer, terminal: Terminal) -> str:
    """The hits, best first; a line that says so when there are none."""
    if not answer.hits:
        return "Nothing found.\n"
    stems = {stem(term) for term in Question.parse(answer.question).terms}
    return "\n".join(_hit(hit, stems, terminal) for hit in answer.hits)


def _hit(hit: Hit, stems: set[str], terminal: Terminal) -> str:
    number = f"{hit.rank}. ".ljust(len(INDENT))
    title = terminal.wrapped(hit.entry.title, " " * len(number))[len(number) :]
    lines = [f"{number}{terminal.bold(title)}"]
    if hit.passage.heading:
        path = terminal.wrapped(" › ".join(hit.passage.heading), INDENT)
        lines.append(terminal.dim(path))
    lines.append("")
    lines += _neighbours(hit.before, "before", terminal)
    lines += [set_off(terminal.wrapped(hit.passage.text, INDENT), stems, terminal), ""]
    lines += _neighbours(hit.after, "after", terminal)
    lines.append(terminal.accent(terminal.wrapped(hit.citation, INDENT)))
    # the reference stays in one piece, so that it can be copied
    lines.append(terminal.dim(f"{INDENT}{hit.passage.reference}   score {hit.score:.2f}"))
    return "\n".join(lines) + "\n"


def _neighbours(passages: Iterable[Passage], place: str, terminal: Terminal) -> Iterable[str]:
    """The passages around a hit, each with its number, so that nobody cites them for it."""
    for passage in passages:
        yield terminal.dim(f"{INDENT}#{passage.ordinal} {place}")
        yield terminal.dim(terminal.wrapped(passage.text, INDENT))
        yield ""


def set_off(text: str, stems: set[str], terminal: Terminal) -> str:
    """The text with the words strong that share a stem with one of the question's."""
    if not terminal.colour:
        return text
    return _WORD.sub(
        lambda found: terminal.bold(found[0]) if stem(found[0].lower()) in stems else found[0], text
    )


def stem(word: str) -> str:
    """The word without a common English ending, when enough of it is left; for display only."""
    short = _ENDING.sub("", word)
    return short if len(short) >= 3 else word
