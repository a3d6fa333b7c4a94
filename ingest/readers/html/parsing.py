"""The markup of a page as a tree, whatever is wrong with it."""

from __future__ import annotations

import re

from lxml import etree, html

from ingest.readers.html.elements import BLOCKS, SILENT
from ingest.readers.html.note_marks import resolve_marks
from kb.errors import Refused

_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*>")
_MOST_ATTRIBUTES = 5_000
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{5000,}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def parse(markup: str) -> html.HtmlElement | None:
    """The tree of a page, footnote marks out of its words; None when there is nothing in it.

    Refused when a tag has thousands of attributes: libxml2 takes the square of their number.
    libxml2 stops at a depth of 256 elements and at ten million characters in a row; such a page
    is read a second time, without its nesting.
    """
    for tag in _LONG_TAG.finditer(markup):
        if len(_QUOTED.sub("", tag[0]).split()) > _MOST_ATTRIBUTES:
            raise Refused(f"a tag in it has more than {_MOST_ATTRIBUTES:,} attributes")
    root, whole = _tree(markup, huge=False)
    if not whole:
        root, _ = _tree(_TAG.sub(_flattened, markup), huge=True)
    if root is not None:
        resolve_marks(root)
    return root


def _tree(markup: str, huge: bool) -> tuple[html.HtmlElement | None, bool]:
    """The tree, None of an empty page, and whether libxml2 read the page to its end."""
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=huge, remove_comments=True, remove_pis=True
    )
    try:
        root = html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # lxml's word for an empty page
        return None, True
    return root, not parser.error_log.filter_from_fatals()


def _flattened(tag: re.Match[str]) -> str:
    """A tag without its power to nest: blocks part, the rest is nothing."""
    name = tag[2].lower()
    if name in SILENT or name == "br":
        return tag[0]
    return "<p>" if name in BLOCKS else ""
