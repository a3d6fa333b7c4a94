"""The units of a page, signed anew for what they look like beside others. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ingest.boilerplate.labels import ALWAYS_A_LIST, LIST, NO_HEADLINE
from ingest.boilerplate.looks import COOKIES, RELATED, Look
from ingest.boilerplate.signs import AD, LABELS, LINE, Sign, plain
from ingest.boilerplate.voice import ADDRESSED, DISCOURSE, ENDS, distinct
from ingest.drafts import Block


@dataclass(frozen=True, slots=True)
class Unit:
    """A block, or one line of a block in which labels and notices stand line by line."""

    text: str
    sign: Sign
    at: int
    block: Block

    @property
    def look(self) -> Look:
        """What it looks like by itself."""
        return self.sign.look


def in_context(units: list[Unit]) -> list[Unit]:
    """The units; what those around them make of them is signed as such."""
    return _with_lists(_with_framed(_without_topical(units)))


def _without_topical(units: list[Unit]) -> list[Unit]:
    """The units; a single label "Advertisement" is a heading in a text about advertising."""
    if sum(unit.sign == AD for unit in units) != 1:
        return units
    prose = " ".join(unit.text for unit in units if unit.look is Look.PROSE)
    if len(re.findall(r"\badverti|\bads\b|\bpublici|\bwerbung", prose, re.IGNORECASE)) < 2:
        return units
    return [replace(unit, sign=LINE) if unit.sign == AD else unit for unit in units]


def _with_framed(units: list[Unit]) -> list[Unit]:
    """The units; sentences to a visitor between a consent line and two buttons go along with them.

    So a notice is seen that never says what it wants consent for.
    """
    signed = list(units)
    opener = None
    for i, unit in enumerate(units):
        if unit.sign.reason == COOKIES and unit.look in (Look.NOTICE, Look.BUTTON):
            buttons = [after.look for after in units[i : i + 2]] == [Look.BUTTON] * 2
            if opener is not None and buttons:
                for j in range(opener + 1, i):
                    signed[j] = replace(units[j], sign=Sign(Look.ECHO, COOKIES))
            opener = i
        elif not ADDRESSED.search(unit.text) or distinct(DISCOURSE, unit.text) > 1:
            opener = None
    return signed


def _with_lists(units: list[Unit]) -> list[Unit]:
    """The units, with lists of other articles' headlines signed as such."""
    signed = list(units)
    for i, unit in enumerate(units):
        for j in _headlines(units, i) if LIST.fullmatch(plain(unit.text)) else ():
            signed[j] = replace(units[j], sign=Sign(Look.SURE, RELATED))
    return signed


def _headlines(units: list[Unit], opener: int) -> range:
    """The numbers of a list of other articles, from its opening words; empty when there is none.

    Amid the text the opening words have to be plain, and the last line may be the next heading.
    """
    end = opener + 1
    while end < len(units) and _is_headline(units[end]):
        end += 1
    at_tail = all(unit.look is not Look.PROSE for unit in units[end:])
    if not at_tail:
        if not ALWAYS_A_LIST.fullmatch(plain(units[opener].text)):
            return range(0)
        if units[end].look is Look.PROSE and units[end - 1].block.kind != "item":
            end -= 1
    long = [unit for unit in units[opener + 1 : end] if len(unit.text.split()) >= 4]
    return range(opener, end) if len(long) >= (1 if at_tail else 2) else range(0)


def _is_headline(unit: Unit) -> bool:
    if unit.block.kind == "title" or NO_HEADLINE.match(unit.text.strip()):
        return False
    asks = unit.text.rstrip("”\"’' ").endswith(("?", "!", "…")) or not ENDS.search(unit.text)
    if unit.look is Look.PROSE:
        return asks and 2 < len(unit.text.split()) <= 25
    return unit.look in (Look.LINE, Look.GONE, *LABELS)
