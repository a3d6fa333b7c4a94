"""The elements of HTML by what they do to text: part it, lay it out, keep it from sight."""

from __future__ import annotations

from lxml import etree

from ingest.readers.common.characters import visible_line
from ingest.readers.common.xml import Element

LISTS = ("ol", "ul", "menu", "dir")
LAID_OUT = ("pre", "listing", "xmp")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# what a browser does not show, or shows only as the value of a control
_CODE = ("annotation", "annotation-xml", "head", "link", "meta", "script", "style", "template")
_MEDIA = ("applet", "audio", "canvas", "embed", "frame", "iframe", "object", "svg", "video")
_VALUES = ("datalist", "input", "option", "select", "textarea", "title")
SILENT = frozenset((*_CODE, *_MEDIA, *_VALUES, "noframes", "noscript", "rp", "rt"))
_SECTIONS = ("html", "body", "main", "article", "section", "aside", "nav", "header", "footer")
_GROUPS = ("div", "center", "address", "figure", "form", "fieldset", "details", "dialog", "hgroup")
_TEXTS = ("p", "li", "dl", "dt", "dd", "blockquote", "figcaption", "legend", "summary", "hr")
_TABLES = ("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td")
BLOCKS = frozenset((*LISTS, *LAID_OUT, *HEADINGS, *_SECTIONS, *_GROUPS, *_TEXTS, *_TABLES))


def text_line(element: Element) -> str:
    """All text in an element, on one line."""
    pieces: list[str] = []
    events = etree.iterwalk(element, events=("start", "end"))
    for event, part in events:
        if part.tag in BLOCKS or part.tag == "br":
            pieces.append(" ")
        if event == "end":
            pieces.append("" if part is element else part.tail or "")
        elif part.tag in SILENT:
            events.skip_subtree()
        else:
            pieces.append(part.text or "")
    return visible_line("".join(pieces))
