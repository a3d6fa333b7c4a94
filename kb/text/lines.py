"""Lists that a person reads: names that keep to their line, and of many alike the first. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kb.text.terminal import printable

MOST_LISTED = 20  # sources with one reason that are named one by one


def in_a_line(text: str) -> str:
    """The text without line ends, and without what a terminal would obey."""
    return " ".join(printable(text).split())


def plural(number: int, noun: str) -> str:
    """The noun as it follows that number: "file" after 1, else "files"."""
    return noun if number == 1 else f"{noun}s"


def count(number: int, noun: str) -> str:
    """The number with its noun: "1 file", "1,200 files"."""
    return f"{number:,} {plural(number, noun)}"


def listed(opening: str, sources: Sequence[tuple[str, str]]) -> list[str]:
    """A line for each (source, reason); of many with one reason, the first and how many more."""
    reasons = Counter(reason for _, reason in sources)
    told: Counter[str] = Counter()
    lines = []
    for source, reason in sources:
        told[reason] += 1
        if told[reason] <= MOST_LISTED:
            lines.append(f"{opening}{in_a_line(source)}: {in_a_line(reason)}")
        elif told[reason] == reasons[reason]:
            more = reasons[reason] - MOST_LISTED
            lines.append(f"{opening}{more:,} more: {in_a_line(reason)} (--json lists all)")
    return lines
