"""How text is set for a person: width, colour, and nothing that a terminal would obey."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from dataclasses import dataclass
from itertools import pairwise
from typing import TextIO

# control characters, and the marks that turn the direction of what follows
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
WIDEST = 100  # columns: longer lines are hard to read
PIPE = 80
NARROWEST = 40  # columns: nobody wraps prose more narrowly than this
RAGGED = 12  # columns by which lines may differ that were made as even as can be
ADDRESS = 40  # letters: a longer word is none
_LIST_MARK = re.compile(r"[-*•–|]|\(?\w{1,3}[.)]")


@dataclass(frozen=True, slots=True)
class Terminal:
    """What is known of the place where output goes."""

    width: int = PIPE
    colour: bool = False

    @classmethod
    def of(cls, stream: TextIO | None = None) -> Terminal:
        """The terminal behind a stream (standard output); no colour in a pipe or with NO_COLOR."""
        stream = stream or sys.stdout
        if not stream.isatty():
            return cls()
        colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        return cls(min(shutil.get_terminal_size().columns, WIDEST), colour)

    def bold(self, text: str) -> str:
        """The text, strong where there is colour."""
        return f"\x1b[1m{text}\x1b[0m" if self.colour else text

    def underlined(self, text: str) -> str:
        """The text underlined where there is colour; what else holds around it stays."""
        return f"\x1b[4m{text}\x1b[24m" if self.colour else text

    def dim(self, text: str) -> str:
        """The text, faint where there is colour."""
        return f"\x1b[2m{text}\x1b[0m" if self.colour else text

    def accent(self, text: str) -> str:
        """The text, in colour where there is one."""
        return f"\x1b[36m{text}\x1b[0m" if self.colour else text

    def wrapped(self, text: str, indent: str = "") -> str:
        """The text in lines of the terminal's width; line ends stay that did more than wrap."""
        room = max(self.width - len(indent), 1)
        lines = unwrapped(printable(text)).split("\n")
        return "\n".join(
            textwrap.fill(
                _broken(line, room),
                self.width,
                initial_indent=indent,
                subsequent_indent=indent,
                break_on_hyphens=False,
                break_long_words=False,
            )
            for line in lines
        )


def printable(text: str) -> str:
    """The text without characters that a terminal would obey instead of showing."""
    return _OBEYED.sub(" ", text)


def _broken(line: str, room: int) -> str:
    """The line with spaces in the words that no line has room for.

    An address stays whole, so that it can be followed.
    """
    return re.sub(
        rf"[^ \t\n]{{{room + 1},}}",
        lambda word: word[0] if "://" in word[0] else " ".join(_pieces(word[0], room)),
        line,
    )


def _pieces(word: str, size: int) -> list[str]:
    return [word[at : at + size] for at in range(0, len(word), size)]


def unwrapped(text: str) -> str:
    """The text with a space for each line end that only kept its lines short."""
    hard = set(hard_line_ends(text))
    joined = []
    at = 0
    for line in text.split("\n"):
        soft = at and at - 1 not in hard
        joined.append(f" {line.lstrip()}" if soft else f"\n{line}" if at else line)
        at += len(line) + 1
    return "".join(joined)


def hard_line_ends(text: str) -> list[int]:
    """Where the line ends stand that did more than keep lines short.

    One that only wraps stands where the next word would have made the line longer than the
    longest; and all do in a text whose lines are even but for the last, as some programs wrap a
    paragraph. A line with an address in it tells nothing of how long lines may be.
    """
    lines = text.split("\n")
    plain = [line for line in lines[:-1] if max(map(len, line.split()), default=0) <= ADDRESS]
    longest = max(map(len, [*plain, lines[-1]] if plain else lines))
    even = len(plain) > 1 and min(map(len, plain)) >= longest - RAGGED
    hard = []
    at = -1
    for before, line in pairwise(lines):
        at += len(before) + 1
        word = line.split(maxsplit=1)[0] if line.strip() else ""
        wraps = word and not _LIST_MARK.match(word)
        wraps = wraps and (even or len(before) + 1 + len(word) > longest)
        if longest > WIDEST or not wraps or len(before) <= NARROWEST:
            hard.append(at)
    return hard
