"""What a question requires of every hit: quoted words that must stand in it, and what it excludes.

Everything else in a question is words (see `search.query.question`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb.errors import BadUsage
from kb.index.clauses import Phrase
from search.query.question import MOST_TERMS, words_of

# Quotation marks that hug what they quote, so that 5" and 6" are inches; `-` before a letter and
# after white space, so that co-operation is a word and -5 a number.
_QUOTED = r"(?<![^\W_])(?<!\")(?:\"[^\"]+\"|“[^“”]+”|„[^„“”]+[“”]|«[^«»]+»)(?![^\W_])"
_REQUIREMENT = re.compile(
    rf"(?<!\S)-(?P<excluded>{_QUOTED}|[^\W\d_][^\s\"“”„«»,;:!?()]*)|{_QUOTED}"
)


@dataclass(frozen=True, slots=True)
class Requirements:
    """Phrases that stand in every hit, and such as stand in none."""

    required: tuple[Phrase, ...] = ()
    excluded: tuple[Phrase, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.required or self.excluded)

    def __str__(self) -> str:
        """As a user writes them."""
        quoted = [f'"{" ".join(phrase.words)}"' for phrase in self.required]
        excluded = [" ".join(phrase.words) for phrase in self.excluded]
        minus = [f'-"{words}"' if " " in words else f"-{words}" for words in excluded]
        return " ".join([*quoted, *minus])


def requirements(text: str) -> tuple[str, Requirements]:
    """The question without its marks and without what it excludes, and what it requires.

    "quoted words" must occur and stay part of the question; -word and -"quoted words" must not. A
    quotation mark without its other half is a mark like any other. BadUsage for a question of
    exclusions only.
    """
    phrases: dict[Phrase, None] = {}
    without: dict[Phrase, None] = {}

    def taken(found: re.Match[str]) -> str:
        excluded = found["excluded"]
        words = words_of(found[0] if excluded is None else excluded)[:MOST_TERMS]
        if not words:
            return found[0]
        (phrases if excluded is None else without)[Phrase(words)] = None
        return found[0][1:-1] if excluded is None else " "

    asked = _REQUIREMENT.sub(taken, text)
    found = Requirements(tuple(phrases), tuple(without))
    if not found:
        return text, found
    asked = " ".join(asked.split())
    if without and not words_of(asked):
        raise BadUsage(
            f'{found} only says what to leave out. Ask for something too: kb search "targets '
            f'{str(found).replace(chr(34), "")}"'
        )
    return asked, found
