"""Patterns as lists of alternatives. Pure.

Semicolons and line ends separate alternatives; "\\" lets a line go on.
"""

from __future__ import annotations

import re


def one_of(alternatives: str) -> str:
    """A pattern that fits any one of them."""
    parts = [part.strip() for part in re.split(r";|\n", re.sub(r"\\\n *", "", alternatives))]
    return "(?:" + "|".join(part for part in parts if part) + ")"


def line_of(alternatives: str) -> re.Pattern[str]:
    """The same, compiled without regard to case, for a line that one of them begins."""
    return re.compile(one_of(alternatives), re.IGNORECASE)


def phrases_of(alternatives: str) -> re.Pattern[str]:
    """The same, for phrases wherever they stand, but no parts of words."""
    return re.compile(rf"(?<!\w){one_of(alternatives)}(?!\w)", re.IGNORECASE)
