"""Elements of Word's XML by their local names.

The namespaces of its two standards (ECMA-376 transitional and strict) differ, the names do not.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.readers.common.archives import Element


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


def value(element: Element | None, name: str) -> str | None:
    """What the child of that name has as its `val`."""
    return attribute(child(element, name), "val")
