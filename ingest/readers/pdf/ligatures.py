"""Words from which a font has lost letters: the "fi" of "office" is one shape in it, and has no
letter, or but one, of its own. Pure.

What is lost cannot be told from the file, but that it is: by English words that many texts have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_COMMON = """
    affirm artificial beneficial benefit benefits certification certified classified confidence
    confidential conflict conflicts deficit define defined definition difference different difficult
    effective efficiency efficient effort efforts fifth final finally finance financial finding
    findings firms fiscal fisheries flexibility flexible fluctuations identified
    influence justified modified notified offer offered office officer officers offices official
    officials profile profit profits qualified qualifications reflect reflected reflects scientific
    significant significantly specific specifically specified sufficient traffic unified verified
    workflow workflows
""".split()
# what a shape stands for, and what of it may be left
_SHAPES = {
    "ffi": ("", "f", "ff"),
    "ffl": ("", "f", "ff"),
    "ff": ("",),
    "fi": ("", "f"),
    "fl": ("", "f"),
}
_SHORT = 5  # letters, one more where nothing is left of the shape: a shorter one may be a word
_ENOUGH = 3  # different ones: each may be a name
_EDGES = re.compile(r"^\W+|\W+$")
_DAMAGED = frozenset(
    less
    for word in _COMMON
    for shape, ways in _SHAPES.items()
    if shape in word and not (shape in ("ff", "fi", "fl") and f"f{shape}" in word)
    for left in ways
    if len(less := word.replace(shape, left, 1)) >= _SHORT + (not left)
)


def damaged(words: Iterable[str]) -> set[str]:
    """The words, as `plain` has them, that have lost letters; none where it is one or two."""
    lost = plain(words) & _DAMAGED
    return lost if len(lost) >= _ENOUGH else set()


def plain(words: Iterable[str]) -> set[str]:
    """The different words, in lower case and without the marks around them."""
    return {_EDGES.sub("", word).lower() for word in words}
