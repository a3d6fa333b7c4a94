"""Which blocks of a page are the article: trafilatura decides, our own walk reads.

What it extracts is looked up again among our blocks by runs of letters; a few rules of our own then
bring back prose of the same kind that it left out.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from ingest.drafts import Block
from ingest.readers.common.characters import letters
from ingest.readers.common.xml import Element
from ingest.readers.html.landmarks import HIDDEN
from ingest.readers.html.page import PageBlock

_CAPTION = "figcaption"
_LIST_MARK = re.compile(r"(?:-|\d+\.) ")
_ANCHOR = 24  # letters; a run of so many is located by itself, a shorter one beside its neighbours
_NEAR = 2000  # letters
_PROSE = 60  # letters; shorter blocks say little about the box they stand in
_SUMMARY = re.compile(
    r"standfirst|lede|intro|summary|abstract|key-?(?:point|message|finding)", re.I
)
_NOTE = re.compile(r"(?:foot|end)-?note", re.I)
_EXHIBIT = re.compile(r"(?:figure|fig\.|chart|graph|map|table|box|exhibit) ?\d", re.I)
_SENTENCE = (".", "!", "?", ";", ".”", ".)")
_SILENCE = logging.NullHandler()


def article(root: Element, blocks: Sequence[PageBlock]) -> list[bool] | None:
    """For each block whether it belongs to the article; None when too little is recognised."""
    texts = [_letters(each) for each in blocks]
    prose = sum(
        len(text)
        for text, each in zip(texts, blocks, strict=True)
        if each.landmark is None and each.linked < 0.5 and not each.block.is_heading
    )
    for strict in (True, False):
        kept = _with_their_like(blocks, texts, _extracted(root, blocks, texts, strict))
        inside = sum(len(text) for text, keep in zip(texts, kept, strict=True) if keep)
        if inside > 0 and inside >= prose / 5:
            return kept
    return None


def _extracted(
    root: Element, blocks: Sequence[PageBlock], texts: Sequence[str], strict: bool
) -> list[bool]:
    """For each block whether trafilatura takes it for a part of the article."""
    import trafilatura

    # its complaints go to the log that the caller set up, or nowhere
    logging.getLogger("trafilatura").addHandler(_SILENCE)
    try:
        extracted = trafilatura.bare_extraction(
            root, favor_precision=strict, include_comments=False
        )
    except Exception:  # a page that breaks it still has paragraphs; the reading says so in a note
        extracted = None
    if extracted is None:
        return [False] * len(blocks)
    return [
        share >= 0.5 and each.landmark != HIDDEN and (each.landmark is None or each.linked < 0.8)
        for share, each in zip(_covered(extracted.body, texts), blocks, strict=True)
    ]


def _letters(each: PageBlock) -> str:
    text = each.block.text
    if each.block.kind == "item":
        text = _LIST_MARK.sub("", text, count=1)
    return letters(text)


def _covered(body: Element, texts: Sequence[str]) -> list[float]:
    """For each of our texts the share of its letters that stands in the extracted tree too."""
    page = "".join(texts)
    covered = bytearray(len(page))
    runs = list(_runs(body, page))
    limits, limit = [], len(page)
    for _, at in reversed(runs):
        limits.append(limit)
        limit = at if at >= 0 else limit
    end = 0
    for (text, at), limit in zip(runs, reversed(limits), strict=True):
        if at < 0:
            near = limit if limit >= end else end + _NEAR
            at = page.find(text, end, near) if end else page.rfind(text, 0, near)
        if at >= 0:
            end = at + len(text)
            covered[at:end] = b"\1" * len(text)
    starts = accumulate((len(text) for text in texts), initial=0)
    return [
        covered.count(1, start, start + len(text)) / len(text) if text else 0.0
        for text, start in zip(texts, starts, strict=False)
    ]


def _runs(body: Element, page: str) -> Iterator[tuple[str, int]]:
    """The extracted tree as runs of letters, each with where it begins in the page.

    -1 stands for a run too short to be located by itself. Elements are taken whole where the page
    has them whole, and in pieces where something was cut out of them.
    """
    cursor = 0
    waiting: list[Element | str] = [body]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            text, inside = letters(part), []
        else:
            waiting.append(part.tail or "")
            text, inside = letters("".join(part.itertext())), [part.text or "", *part]
        if len(text) < _ANCHOR:
            if text:
                yield text, -1
            continue
        at = page.find(text, cursor)
        if at < 0:
            at = page.find(text)  # trafilatura appends what it comes upon late
        if at >= 0:
            cursor = at + len(text)
            yield text, at
        else:
            waiting += reversed(inside)


def _with_their_like(
    blocks: Sequence[PageBlock], texts: Sequence[str], kept: Sequence[bool]
) -> list[bool]:
    """The kept blocks and what belongs with them.

    Prose, where a fair part of the prose in such boxes is kept: trafilatura takes the first of
    several containers, and the later ones are marked up the same way. A line between two kept
    ones of its own sort. The summary under the title. The caption of a numbered figure; that of
    a photograph stays out.
    """
    prose = [
        len(text) >= _PROSE and not each.block.is_heading
        for text, each in zip(texts, blocks, strict=True)
    ]
    total: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    for each, text, is_prose, keep in zip(blocks, texts, prose, kept, strict=True):
        if is_prose and each.landmark != HIDDEN:
            total[each.box] += len(text)
            inside[each.box] += len(text) * keep
    result = list(kept)
    titled = begun = False
    for number, each in enumerate(blocks):
        titled = titled or each.block.level == 1
        begun = begun or (kept[number] and not each.block.is_heading)
        if kept[number] or each.landmark is not None or each.linked >= 0.4:
            continue
        if not begun:
            result[number] = titled and prose[number] and _SUMMARY.search(each.box) is not None
            continue
        around = range(number - 1, min(number + 2, len(blocks)), 2)
        result[number] = (
            (result[number - 1] and _is_said(each) and not blocks[number - 1].block.is_heading)
            or (len(around) == 2 and all(kept[n] and blocks[n].box == each.box for n in around))
            or (result[number - 1] and _is_listed(blocks[number - 1], each))
            or _NOTE.search(each.box) is not None
            or (_CAPTION in each.box and _EXHIBIT.match(each.block.text) is not None)
            or (prose[number] and inside[each.box] * 4 >= total[each.box] and inside[each.box] > 0)
        )
    return result


def _is_said(each: PageBlock) -> bool:
    """Whether a block is a list's line that is a sentence: trafilatura takes a list at the end of
    an article for links to others.
    """
    return each.block.kind == "item" and not each.linked and each.block.text.endswith(_SENTENCE)


def _is_listed(before: PageBlock, each: PageBlock) -> bool:
    """Whether a block is the next line of a list, or the first that "two conditions:" announces."""
    if each.block.kind != "item":
        return False
    same = before.block.kind == "item" and before.box == each.box
    return same or (before.block.kind == "paragraph" and before.block.text.endswith(":"))


def all_paragraphs(blocks: Sequence[PageBlock]) -> list[bool]:
    """What stands in no named box; else what is visible; else everything."""
    landmarks = {each.landmark for each in blocks}
    if None in landmarks:
        return [each.landmark is None for each in blocks]
    return [each.landmark != HIDDEN or landmarks == {HIDDEN} for each in blocks]


def with_reasons(
    blocks: Sequence[PageBlock], kept: Sequence[bool], heading: int | None
) -> list[Block]:
    """The blocks in their order, each one that is left out with its reason."""
    bare_links = [
        each.block.kind == "paragraph" and each.linked >= 0.8 and len(each.block.text) < 200
        for each in blocks
    ]
    inside = [keep and not bare for keep, bare in zip(kept, bare_links, strict=True)]
    inside = _with_their_headings(blocks, inside)
    if not any(inside):  # a page of headings or links is what it is
        inside = list(kept)
    title = None if heading is None else letters(blocks[heading].block.text)
    result = []
    for number, each in enumerate(blocks):
        block = each.block
        if number == heading:
            result.append(replace(block, kind="title"))
        elif not inside[number]:
            rest = "picture caption" if _CAPTION in each.box else "outside the article"
            reason = each.landmark or ("link to another page" if bare_links[number] else rest)
            result.append(replace(block, reason=reason))
        elif letters(block.text) == title:
            result.append(replace(block, reason="repeats the title"))
        else:
            result.append(block)
    return result


def _with_their_headings(blocks: Sequence[PageBlock], kept: Sequence[bool]) -> list[bool]:
    """A heading is kept when a kept block stands in its section.

    One that trafilatura left out must stand straight above that block, or its own headings.
    """
    result = list(kept)
    section = 0  # the highest heading since the kept block below
    straight = False
    for number in range(len(blocks) - 1, -1, -1):
        block = blocks[number].block
        if block.is_heading:
            leads = block.level < section
            straight_above = straight and blocks[number].landmark is None
            result[number] = leads and (kept[number] or straight_above)
            section = min(section, block.level)
        elif kept[number]:
            section, straight = 7, True
        else:
            straight = False
    return result
