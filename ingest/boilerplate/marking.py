"""What of a page is not the brief: its blocks, those marked with a reason. Pure.

Most of what looks like furniture counts only where furniture stands: at an end of the page, or
beside other furniture. A line that could be the brief's stays where the brief goes on around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from ingest.boilerplate.labels import FORM, LEGAL
from ingest.boilerplate.looks import COOKIES, FOOTER, NAVIGATION, Look
from ingest.boilerplate.signs import ANCHORS, BRIEF, LABELS, Sign, signs_of, signs_of_lines
from ingest.boilerplate.units import Unit, in_context
from ingest.boilerplate.voice import CONSENT, DISCOURSE, FULL_STOP, distinct
from ingest.drafts import Block

_AT_THE_FOOT = (COOKIES, FOOTER)  # after these, at the end of a page, short lines are furniture
_EXAMPLE = 4  # units: what follows a colon and is no longer is an example
_BRIDGE = 4  # short lines between two consent notices that go with them
_MENU = 5  # short lines, with at least two labels of a site among them, at an end of the page


def mark(
    blocks: Sequence[Block], among: Callable[[Block], bool] | None = None
) -> tuple[Block, ...]:
    """The same blocks in the same order, those that are not the brief with a reason.

    A reason that a block already has stays. Nothing is marked where nothing would be left. Blocks
    that are not `among` those to be judged stay as they are, as if they stood elsewhere.
    """
    if among is not None:
        marked = iter(mark([block for block in blocks if among(block)]))
        return tuple(next(marked) if among(block) else block for block in blocks)
    units = [
        Unit(text, sign, at, block)
        for at, block in enumerate(blocks)
        for text, sign in signs_of(block)
    ]
    reasons = {at: block.reason for at, block in enumerate(blocks) if block.reason is not None}
    while further := _reasons(units, reasons):
        reasons |= further
    brief = {unit.at for unit in units if unit.look in (Look.PROSE, Look.ECHO, Look.NOTICE)}
    brief |= {at for at, block in enumerate(blocks) if block.kind in ("item", "quote", "table")}
    if not brief - reasons.keys():
        return tuple(blocks)
    return tuple(replace(block, reason=reasons.get(at)) for at, block in enumerate(blocks))


def split_lines(text: str) -> list[str]:
    """The consecutive pieces of a block's text: what may be the brief, and furniture.

    Joined by line ends they are the text again. There is one piece unless the block holds lines
    of both sorts; a wrapped paragraph, a list, a poem or an address stays whole.
    """
    units = signs_of_lines(text)
    pieces: list[list[str]] = []
    before = ""
    for (line, _), sort in zip(units, _sorts(units), strict=True):
        if sort == before:
            pieces[-1].append(line)
        else:
            pieces.append([line])
        before = sort
    return ["\n".join(piece) for piece in pieces]


def _sorts(units: Sequence[tuple[str, Sign]]) -> list[str]:
    """Of each line: "brief", "furniture", or "undecided" for what follows furniture and may be."""
    own = [sign.look is Look.NOTICE or sign.reason in (FOOTER, NAVIGATION) for _, sign in units]
    if not any(own) and all(sign.look is not Look.PROSE for _, sign in units):
        return ["brief"] * len(units)
    sorts: list[str] = []
    for i, (_, sign) in enumerate(units):
        before = units[i - 1][0].rstrip() if i else ""
        after_brief = i > 0 and sorts[-1] == "brief"
        ended = bool(FULL_STOP.search(before)) or (own[i] and not before.endswith((":", ",")))
        begins = sign.look in ANCHORS and (ended or not after_brief)
        if begins or (sign.look in LABELS and i and not after_brief):
            sorts.append("furniture")
        else:
            sorts.append(
                "brief" if sign.look is Look.PROSE or after_brief or not i else "undecided"
            )
    for i in range(len(units) - 2, -1, -1):
        ended = i == 0 or bool(FULL_STOP.search(units[i - 1][0]))
        if sorts[i + 1] == "furniture" and units[i][1].look in LABELS and ended:
            sorts[i] = "furniture"
    return sorts


def _reasons(units: list[Unit], known: dict[int, str]) -> dict[int, str]:
    """The reasons of further blocks that are not the brief, by their numbers."""
    signed = [
        replace(unit, sign=Sign(Look.GONE, known[unit.at]))
        if unit.at in known and unit.look in BRIEF
        else unit
        for unit in units
    ]
    gone = _left_out(signed)
    kept = {unit.at for i, unit in enumerate(units) if i not in gone} | known.keys()
    kept |= {unit.at for unit in units if unit.block.kind == "title"}
    first_wins = sorted(gone.items(), reverse=True)
    return {units[i].at: reason for i, reason in first_wins if units[i].at not in kept}


def _left_out(units: list[Unit]) -> dict[int, str]:
    """The reasons of the units that are not the brief, by their numbers."""
    units = in_context(units)
    prose = [i for i, unit in enumerate(units) if unit.look is Look.PROSE]
    first, last = (prose[0], prose[-1]) if prose else (len(units), -1)
    gone = _menus(units, range(first)) | _menus(units, range(last + 1, len(units)))
    for run in _runs(units, first):
        gone |= _of_run(units, run, at_head=run.start < first, at_tail=run.start > last)
    for i in range(last + 2, len(units) if prose else 0):
        if gone.get(i - 1) in _AT_THE_FOOT:
            gone.setdefault(i, gone[i - 1])
    gone |= _between_notices(units, gone)
    return gone | _headings_above(units, gone, first)


def _menus(units: list[Unit], end_of_page: range) -> dict[int, str]:
    """The menus at an end of the page: many lines of a word or two, labels of a site among them."""
    gone: dict[int, str] = {}
    stretch: list[int] = []
    for i in [*end_of_page, None]:
        if i is not None and _may_be_in_menu(units[i]):
            stretch.append(i)
            continue
        labels = [j for j in stretch if units[j].sign.reason and units[j].look is not Look.GONE]
        if len(labels) >= max(2, len(stretch) // 6) and labels[-1] - labels[0] >= _MENU - 1:
            for j in range(labels[0], labels[-1] + 1):
                gone[j] = units[j].sign.reason or NAVIGATION
        stretch = []
    return gone


def _may_be_in_menu(unit: Unit) -> bool:
    words = len(unit.text.split())
    if unit.look is not Look.LINE:
        return words <= 6 and unit.look not in (Look.PROSE, Look.ECHO)
    if unit.block.kind in ("title", "heading") or unit.text.lower().startswith("by "):
        return False
    return words <= 3 and not any(letter.isdigit() for letter in unit.text)


def _runs(units: list[Unit], body: int) -> Iterator[range]:
    """The numbers of furniture beside furniture, with the short lines between consent notices."""
    member = [unit.look not in BRIEF for unit in units]
    notices = [i for i, u in enumerate(units) if u.look in ANCHORS and u.sign.reason == COOKIES]
    for one, other in pairwise(notices):
        lines = [unit for unit in units[one + 1 : other] if unit.look in BRIEF]
        if len(lines) <= _BRIDGE and all(_is_bridge(unit, one > body) for unit in lines):
            member[one:other] = [True] * (other - one)
    start = 0
    for i, inside in enumerate([*member, False]):
        if not inside:
            if start < i:
                yield range(start, i)
            start = i + 1


def _is_bridge(unit: Unit, in_body: bool) -> bool:
    """Whether a line between two notices is of them; before the body it may be the title."""
    if unit.look is not Look.LINE or unit.block.kind == "title":
        return False
    of_consent = in_body or CONSENT.search(unit.text) is not None
    return of_consent and len(unit.text.split()) <= 10


def _of_run(units: list[Unit], run: range, *, at_head: bool, at_tail: bool) -> dict[int, str]:
    """The reasons of what goes of a run of furniture, by their numbers.

    Its first and last labels stay where they may be headings of the prose that follows.
    """
    introduced = run.start > 0 and units[run.start - 1].text.rstrip().endswith(":")
    example = len(run) <= _EXAMPLE or all(units[i].block.kind == "item" for i in run)
    anchors = _anchors(units, run, at_head=at_head, at_tail=at_tail)
    if not anchors or (introduced and example):
        return {}
    first, last = anchors[0], anchors[-1]
    above_prose = run.stop < len(units) and units[run.stop].look is Look.PROSE
    loose = (*LABELS, Look.GONE)
    while first > run.start and units[first - 1].look in loose:
        if above_prose and units[first - 1].look is Look.WORD:
            break
        first -= 1
    while last + 1 < run.stop and units[last + 1].look in loose:
        if above_prose and units[last + 1].look is Look.WORD and last + 2 == run.stop:
            break
        last += 1
    notices = [i for i in anchors if units[i].sign.reason == COOKIES] or [last]
    reason = units[anchors[0]].sign.reason
    return {
        i: units[i].sign.reason or reason
        for i in range(first, last + 1)
        if units[i].look is not Look.ECHO or notices[0] < i < notices[-1]
    }


def _anchors(units: list[Unit], run: range, *, at_head: bool, at_tail: bool) -> list[int]:
    """The numbers in a run of what shows that it is furniture; [] when nothing does."""
    by_look = {look: [i for i in run if units[i].look is look] for look in Look}
    notices, buttons, tools = by_look[Look.NOTICE], by_look[Look.BUTTON], by_look[Look.TOOL]
    at_end = at_head or at_tail
    sure = by_look[Look.SURE]
    if at_end or (notices and len(notices + buttons + tools) > 1):
        sure = sorted(sure + notices + buttons)
    if sure:
        return sure
    labels = sorted(tools + by_look[Look.WORD])
    form = len(tools) > 1 and any(FORM.fullmatch(units[i].text.strip()) for i in tools)
    last_words = at_tail and run.stop == len(units) and LEGAL.search(units[run.stop - 1].text)
    return labels if form or last_words or (at_end and len(labels) > 2) else []


def _between_notices(units: list[Unit], gone: dict[int, str]) -> dict[int, str]:
    """A paragraph about consent, with its heading at most, between two notices that go."""
    kinds = (Look.NOTICE, Look.BUTTON)
    notices = [i for i in sorted(gone) if units[i].look in kinds and gone[i] == COOKIES]
    further: dict[int, str] = {}
    for one, other in pairwise(notices):
        left = [i for i in range(one + 1, other) if i not in gone]
        prose = [i for i in left if units[i].look is Look.PROSE]
        if len(prose) != 1 or len(left) > 2 or any(units[i].block.kind == "title" for i in left):
            continue
        text = units[prose[0]].text
        if CONSENT.search(text) and distinct(DISCOURSE, text) < 2:
            further |= dict.fromkeys(left, COOKIES)
    return further


def _headings_above(units: list[Unit], gone: dict[int, str], body: int) -> dict[int, str]:
    """The headings under which nothing is left, with the reason of what stood there.

    Before the body begins there are none: they may be the title.
    """
    empty: dict[int, str] = {}
    below: Block | None = None
    reason = ""
    for i in range(len(units) - 1, body, -1):
        block = units[i].block
        if i in gone:
            reason = gone[i]
            continue
        ends = below is None or (below.kind == "heading" and below.level <= block.level)
        if reason and ends and block.kind == "heading":
            empty[i] = reason
        else:
            below, reason = block, ""
    return empty
