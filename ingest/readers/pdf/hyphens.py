"""Two lines become one text: hyphens at line ends resolved by the words of the document. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from ingest.readers.pdf.words import HYPHEN

_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_LAST = re.compile(r"([^\W\d_]+)[\u00ad‐-]$")
_FIRST = re.compile(r"[^\W\d_]+")
_PREFIXES = frozenset(
    "over under out with after through any some every fore counter inter non anti".split()
)
_SUSPENDED = frozenset("and or to und oder bis et ou y o e".split())  # "short- and long-term"


def vocabulary(lines: Iterable[str]) -> Counter[str]:
    """How often each word stands whole in lines, without case; compounds also in parts."""
    words: Counter[str] = Counter()
    broken = False
    for line in lines:
        found = _WORD.findall(line.casefold())
        if broken and found:
            found.pop(0)
        broken = line[-1:] in (HYPHEN, "-", "‐")
        if broken and found:
            found.pop()
        words.update(found)
        for word in found:
            if "-" in word:
                words.update(word.split("-"))
    return words


def join(before: str, after: str, words: Counter[str]) -> tuple[str, str]:
    """The first text as it reads when the second follows, and what stands between them."""
    end = _LAST.search(before)
    start = _FIRST.match(after)
    if end is None:
        if before.endswith(HYPHEN):  # after a digit or a mark: a hyphen like others
            return before[:-1] + "-", ""
        if before.endswith("-") and before[-2:-1].isdigit() and after[:1].isalnum():
            return before, ""
        return before, " "
    stem, hyphenated = before[:-1], before[:-1] + "-"
    if start is None:
        return hyphenated, "" if after[:1].isdigit() else " "
    left, right = end[1].casefold(), start[0].casefold()
    if right in _SUSPENDED and words[left + right] == 0:
        return hyphenated, " "
    if start[0][0].isupper():
        return (stem, "") if end[1].isupper() and start[0].isupper() else (hyphenated, "")
    whole, compound = words[left + right], words[f"{left}-{right}"]
    if whole or compound:
        return (hyphenated, "") if compound > whole else (stem, "")
    both = len(left) > 2 and len(right) > 2 and words[left] and words[right]
    return (hyphenated, "") if both and left not in _PREFIXES else (stem, "")


def settled(text: str) -> str:
    """The text with a hyphen for the mark of one at its end; soft hyphens within go."""
    end = "-" if text.endswith(HYPHEN) else ""
    return text.replace(HYPHEN, "") + end
