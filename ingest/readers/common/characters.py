"""Characters that nobody sees, and texts to be found again by their letters. Pure."""

from __future__ import annotations

import re

LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character, which no encoding can write
PARAGRAPH_BREAK = re.compile(r"\n\s*\n")  # in a text whose line ends are meant
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")  # soft hyphens, zero-width spaces
_NOT_WORD = re.compile(r"[\W_]+")


def without_controls(text: str) -> tuple[str, int]:
    """The text with a space for each control character but tab and line ends, and their number."""
    return _CONTROL.subn(" ", text)


def visible(text: str) -> str:
    """The text without invisible characters, and with a space for each control character."""
    return _UNSEEN.sub("", without_controls(text)[0])


def visible_line(text: str) -> str:
    """The visible text on one line, a space for each run of white space."""
    return " ".join(visible(text).split())


def letters(text: str) -> str:
    """The text without case, white space and punctuation, to find it again elsewhere."""
    return _NOT_WORD.sub("", text).casefold()
