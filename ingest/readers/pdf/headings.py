"""Headings, by their looks and by the outline that the file carries; the title. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence

from ingest.readers.common.characters import letters
from ingest.readers.pdf.paragraphs import Looks, Paragraph

_LARGER = 1.12  # times the body's size
_AS_LARGE = 0.95
_LONGEST = 30  # words
_MOST_LINES = 5
_NUMBERED = re.compile(
    r"(?:(?:chapter|part|section|annex|appendix|box|goal|objective)\s+)?(?:[A-Z]\.|\d{1,2}(?:\.\d{1,3})*\.?|[IVX]{1,5}\.)\s",
    re.I,
)
_DEPTH = re.compile(r"(?:[A-Z][\w.]*\s+)?(\d{1,2}(?:\.\d{1,3})+)\.?\s")

Text = Callable[[Paragraph], str]


def with_headings(
    pages: Sequence[Sequence[Paragraph]],
    looks: Looks,
    outline: Sequence[tuple[int, str, int]],
    text_of: Text,
) -> None:
    """Tell the headings among the paragraphs, and set their levels."""
    named: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for level, title, page in outline:
        named[page][letters(title)] = level
    levels: dict[int, int] = {}  # by identity of the paragraph
    styles: defaultdict[tuple[float, bool], list[int]] = defaultdict(list)
    headings: list[tuple[Paragraph, str]] = []
    for number, paragraphs in enumerate(pages, 1):
        for paragraph in paragraphs:
            if paragraph.reason is not None or len(paragraph.lines) > _MOST_LINES:
                continue
            if paragraph.kind in ("title", "footnote"):
                continue
            text = text_of(paragraph)
            level = named[number].get(letters(text), 0) if number in named else 0
            if not level and not _looks_like_one(paragraph, looks, text):
                continue
            paragraph.kind = "heading"
            headings.append((paragraph, text))
            if level:
                levels[id(paragraph)] = level
                styles[paragraph.first.style].append(level)
            else:
                styles[paragraph.first.style] += []
    deepest = max((level for known in styles.values() for level in known), default=0)
    unnamed = sorted((style for style, known in styles.items() if not known), reverse=True)
    for paragraph, text in headings:
        known = styles[paragraph.first.style]
        if id(paragraph) in levels:
            level = levels[id(paragraph)]
        elif known:
            level = max(known)
        else:
            level = deepest + 1 + unnamed.index(paragraph.first.style)
        paragraph.level = max(level, _depth(text))


def _depth(text: str) -> int:
    """How deep a numbered heading stands: "2.1.3. Borders" is 3."""
    numbered = _DEPTH.match(text)
    return numbered[1].count(".") + 1 if numbered else 0


def _looks_like_one(paragraph: Paragraph, looks: Looks, text: str) -> bool:
    """Whether a paragraph is larger or bolder than the body, short, and no sentence."""
    line = paragraph.first
    larger = line.size > _LARGER * looks.size
    bolder = line.bold and not looks.bold and line.size >= _AS_LARGE * looks.size
    if not (larger or bolder) or len(paragraph.lines) > _MOST_LINES:
        return False
    if paragraph.kind == "table" or (paragraph.kind == "item" and not _NUMBERED.match(text)):
        return False
    if len(text.split()) > _LONGEST or not any(char.isalpha() for char in text):
        return False
    return not text.endswith((",", ";")) and not (text.endswith(".") and len(text.split()) > 12)


def title_of(pages: Sequence[Sequence[Paragraph]], looks: Looks) -> list[Paragraph]:
    """The paragraphs of the title: the largest on the first page that has text, side by side."""
    for paragraphs in pages[:3]:
        kept = [
            each
            for each in paragraphs
            if each.reason is None
            and each.kind == "paragraph"
            and sum(char.isalpha() for line in each.lines for char in line.text) > 3
        ]
        if not kept:
            continue
        size = max(each.first.size for each in kept)
        if size < 1.25 * looks.size:
            return []
        first = next(at for at, each in enumerate(kept) if each.first.size >= 0.97 * size)
        title = [kept[first]]
        for each in kept[first + 1 :]:
            if each.first.size < 0.97 * size or sum(len(p.lines) for p in title) > 6:
                break
            title.append(each)
        words = sum(len(line.text.split()) for each in title for line in each.lines)
        return title if words <= 40 else []
    return []
