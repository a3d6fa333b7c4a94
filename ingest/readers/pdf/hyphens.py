"""Two lines become one text: hyphens at line ends resolved by the words of the document. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from ingest.readers.pdf.words import HYPHEN

_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_LAST = re.compile(r"([^\W\d_]+)[\u00ad‐-]$")
_ADDRESS = re.compile(r"(?:://|www\.)(?:\S*[/\-_=&?.%#\u00ad])?$")  # a web address broken at a mark
_SLASH = re.compile(r"\w/$")
_BROKEN = re.compile(r"(\S+-)\u00ad(\S+)")
_WITHOUT_SPACES = re.compile("[\u2e80-\u30ff\u3400-\u9fff\uff00-\uffef]")  # Chinese and Japanese
_FIRST = re.compile(r"[^\W\d_]+")
_PREFIXES = frozenset(
    "over under out with after through any some every fore counter inter work".split()
)
_FIRSTS = frozenset("non anti self semi high low long short well half cross".split())
_CHAIN = re.compile(r"\w-\w+-$")
_ENOUGH_LINES = 60  # fewer tell little about a text
_SELDOM = 0.02  # of the lines: so few end with a hyphen where only compounds are broken
_SUSPENDED = frozenset("and or to und oder bis et ou y o e".split())  # "short- and long-term"


class Vocabulary(Counter[str]):
    """How often each word stands whole in a text, without case; compounds also in parts.

    `hyphenated` says whether words are broken at line ends at all.
    """

    hyphenated: bool = True


def vocabulary(lines: Iterable[str]) -> Vocabulary:
    """The words of lines that each stand by themselves."""
    words = Vocabulary()
    broken = False
    ends: list[tuple[str, str]] = []  # what hyphens at line ends part
    count = 0
    before = ""
    for line in lines:
        count += 1
        end, start = _LAST.search(before), _FIRST.match(line)
        if end and start and start[0].islower():
            ends.append((end[1].casefold(), start[0].casefold()))
        before = line
        inside = _WORD.findall(line.casefold())
        if broken and inside:
            inside.pop(0)
        broken = line[-1:] in (HYPHEN, "-", "‐")
        if broken and inside:
            inside.pop()
        words.update(inside)
        for word in inside:
            if "-" in word:
                words.update(word.split("-"))
    known = any(words[left + right] > words[f"{left}-{right}"] for left, right in ends)
    seldom = len(ends) < _SELDOM * count and count >= _ENOUGH_LINES
    words.hyphenated = known or not seldom
    return words


def join(before: str, after: str, words: Vocabulary) -> tuple[str, str]:
    """The first text as it reads when the second follows, and what stands between them.

    A soft hyphen goes. Any other goes where the word is known whole, or is none of two words; it
    stays in a text that breaks no words but compounds.
    """
    if _ADDRESS.search(before) and (after[:1].islower() or after[:1].isdigit()):
        return with_plain_hyphens(before), ""
    if _SLASH.search(before) or (
        _WITHOUT_SPACES.match(before[-1:]) and _WITHOUT_SPACES.match(after)
    ):
        return before, ""
    end = _LAST.search(before)
    start = _FIRST.match(after)
    if before.endswith(HYPHEN):
        return (before[:-1], "") if end and start else (before[:-1] + "-", "")
    if end is None:
        compound = before.endswith("-") and before[-2:-1].isdigit() and after[:1].isalnum()
        return before, "" if compound else " "
    if start is None:
        return before, "" if after[:1].isdigit() else " "
    stem = before[:-1]
    left, right = end[1].casefold(), start[0].casefold()
    if right in _SUSPENDED and words[left + right] == 0:
        return before, " "
    if start[0][0].isupper():
        return (stem, "") if end[1].isupper() and start[0].isupper() else (before, "")
    whole, compound_known = words[left + right], words[f"{left}-{right}"]
    if whole or compound_known:
        return (before, "") if compound_known > whole else (stem, "")
    if not words.hyphenated:
        return before, ""
    both = len(left) > 2 and len(right) > 2 and words[right] and (words[left] or left in _FIRSTS)
    chain = _CHAIN.search(before) or after[len(right) : len(right) + 1] == "-"  # "of-the-art"
    is_compound = (both and left not in _PREFIXES) or (chain and words[right])
    return (before, "") if is_compound else (stem, "")


def in_cell(before: str, after: str) -> str:
    """Two lines of a table's cell as one, a broken word marked for `mended`."""
    if before.endswith(HYPHEN):
        return before + after
    return f"{before}{HYPHEN if before.endswith('-') else ' '}{after}"


def mended(row: str, words: Vocabulary) -> str:
    """A table's row with the broken words in its cells resolved."""
    return _BROKEN.sub(lambda cut: "".join(_joined(cut[1], cut[2], words)), row)


def _joined(before: str, after: str, words: Vocabulary) -> tuple[str, str, str]:
    text, joint = join(before, after, words)
    return text, joint, after


def with_plain_hyphens(text: str) -> str:
    """The text with a hyphen for the mark of one at its end; soft hyphens within go."""
    end = "-" if text.endswith(HYPHEN) else ""
    return text.replace(HYPHEN, "") + end
