"""Short and long forms that documents define: "Program Integrity Unit (PIU)". Pure.

The method is that of Schwartz and Hearst, "A simple algorithm for identifying abbreviation
definitions in biomedical text" (2003): the letters of the short form are found in the words before
it from right to left, the first of them at the beginning of a word. Initials are tried first: so
PPE is "personal protective equipment" and not its last two words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from search.query.question import STOP_WORDS, words_of

LONGEST = 6  # words of a long form in a question
_SHORT = re.compile(r"(?<![\w.-])[A-Z]{2,8}(?![\w-])")
_DEFINED = re.compile(r"\(([A-Z][A-Za-z]{0,6}[A-Z])s?\)")
_MARK = re.compile(r"[,()\[\]]")
_BOUNDARY = re.compile(r"[.;:!?()]\s|\n")


def short_forms(text: str) -> tuple[str, ...]:
    """The acronyms of a question, as typed; none where all of it is in capitals."""
    return () if text.isupper() and " " in text else tuple(dict.fromkeys(_SHORT.findall(text)))


def long_forms(words: tuple[str, ...]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Each run of a question's words that may be a long form, with what would be short for it.

    That is its initials, with and without those of stop words.
    """
    found = {}
    for start, first in enumerate(words):
        if first in STOP_WORDS:
            continue
        for run in (words[start:end] for end in range(start + 2, start + LONGEST + 1)):
            if len(run) < 2 or start + len(run) > len(words) or run[-1] in STOP_WORDS:
                continue
            every = "".join(word[0] for word in run)
            weighty = "".join(word[0] for word in run if word not in STOP_WORDS)
            shorts = (short for short in dict.fromkeys((every, weighty)) if len(short) > 1)
            found[run] = tuple(short for short in shorts if short.isalpha())
    return found


def definitions(text: str) -> Iterator[tuple[str, str]]:
    """Every (short, long) form that a text defines."""
    for found in _DEFINED.finditer(text):
        before = _BOUNDARY.split(text[max(0, found.start() - 300) : found.start()])[-1]
        if long := long_form(found[1], before.rstrip()):
            yield found[1], long


def long_form(short: str, before: str) -> str | None:
    """The words at the end of a text that a short form stands for: by their initials, if need be
    by letters inside them."""
    words = before.split(" ")[-min(len(short) + 5, 2 * len(short)) :]
    at = _by_initials(short.lower(), words)
    long = " ".join(words[at:]) if at is not None else _by_letters(short.lower(), " ".join(words))
    if long is None or short in long.split() or _MARK.search(long):
        return None
    return long if len(words_of(long)) > 1 else None


def _by_initials(short: str, words: list[str]) -> int | None:
    """Where the words begin whose initials, but for those of stop words, are the letters."""
    at = len(words)
    for letter in reversed(short):
        at -= 1
        while at > 0 and words[at][:1].lower() != letter and words[at].lower() in STOP_WORDS:
            at -= 1
        if at < 0 or words[at][:1].lower() != letter:
            return None
    return at


def _by_letters(short: str, window: str) -> str | None:
    """The shortest end of the text that holds the letters in order, the first at a word's start."""
    at = len(window)
    for n in range(len(short) - 1, -1, -1):
        at -= 1
        while at >= 0 and (
            window[at].lower() != short[n] or (n == 0 and at > 0 and window[at - 1].isalnum())
        ):
            at -= 1
        if at < 0:
            return None
    return window[at:]
