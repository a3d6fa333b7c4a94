"""Footnote marks on a web page: out of the words they hang on, but powers stay."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from kb.text.numerals import superscript

_SIGN = re.compile(r"[\s\d\[\](),;*†‡§¶#–-]+")
_LINK = re.compile(r"#(?:user-content-)?_*(?:sd)?(?:fn|ftn|edn|en\d|foot|endn|note|ref|cit)", re.I)
_WAY_BACK = re.compile("[\\s↩↑⤴^\ufe0e\ufe0f]+")
_UNIT = re.compile(r"(?:^|[^\w.,])(?:10|[kcmd]?m|ft|[A-Za-z])$")


def resolve_marks(root: HtmlElement) -> None:
    """Take the marks of notes out of a page's words; write powers in raised digits."""
    for element in list(root.iter("sup", "a")):
        _resolve(element)


def _resolve(element: HtmlElement) -> None:
    text = "".join(element.itertext()).strip()
    if not text or len(text) > 12 or not _is_mark(element, text):
        return
    before = _before(element)
    if not before.strip():  # the number of the note itself
        element.tail = f" {element.tail or ''}"
    elif element.tag == "sup" and element.find(".//a") is None and _UNIT.search(before):
        for child in list(element):
            child.drop_tag()
        element.text = superscript(text)
    else:
        element.drop_tree()


def _is_mark(element: HtmlElement, text: str) -> bool:
    link = element if element.tag == "a" else element.find(".//a")
    href = "" if link is None else link.get("href") or ""
    if element.tag == "sup":
        return "#" in href or _SIGN.fullmatch(text) is not None
    if _WAY_BACK.fullmatch(text):
        return "#" in href
    return _LINK.search(href) is not None and _SIGN.fullmatch(text) is not None


def _before(element: HtmlElement) -> str:
    """The text straight before an element in its parent."""
    previous = element.getprevious()
    if previous is None:
        parent = element.getparent()
        return (parent is not None and parent.text) or ""
    text = previous.tail or ""
    return text if text.strip() else "".join(previous.itertext()) + text
