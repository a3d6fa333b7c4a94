"""XML from a stranger: parsed without entities and network, its elements found by local names.

Local, as one element has several names where a format has several standards: Word's two (ECMA-376
transitional and strict) differ in their namespaces only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from lxml import etree

from kb.errors import Refused

Element: TypeAlias = etree._Element

MOST_MARKS = 4_000_000  # tags and attributes in one part; each takes some 100 bytes when parsed


def parse_xml(data: bytes, name: str) -> Element:
    """The root of an XML text.

    Refused when it is not well-formed, deeper than 256 elements, or has a document type: no
    format here needs one, and entities live there. `name` is said in the reason.
    """
    if data.count(b"<") + data.count(b"=") > MOST_MARKS:
        raise Refused(f"a part of it ({name}) has more than {MOST_MARKS:,} tags and attributes")
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if "HUGE" in str(error):  # libxml2's word for its limits: 256 elements, 10 million letters
            raise Refused(f"a part of it ({name}) is deeper or longer than any real one") from error
        raise Refused(f"a part of it is damaged ({name}: {first_line(error)})") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused(f"a part of it ({name}) declares a document type, as harmful files do")
    return root


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element | None, name: str) -> Iterator[Element]:
    """The children of that name."""
    return (each for each in (() if element is None else element) if local(each) == name)


def child(element: Element | None, name: str) -> Element | None:
    """The first child of that name."""
    return next(children(element, name), None)


def attribute(element: Element | None, name: str) -> str | None:
    """An attribute by its local name."""
    for key, said in () if element is None else element.items():
        if key.rpartition("}")[2] == name:
            return str(said)
    return None


def first_line(error: Exception) -> str:
    """The error's message, its first line."""
    return str(error).partition("\n")[0] or type(error).__name__
