"""What a Word file says of its paragraphs by style and list: depth of headings, labels of lists."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ingest.readers.common.xml import Element, attribute, child, children
from kb.text.numerals import enumerated, small_number

BODY_LEVEL = 9  # what Word writes for "no heading", counted from 0
_HEADING = re.compile(r"heading ?([1-9])")
_BULLETS = ("bullet", "none")


@dataclass(frozen=True, slots=True)
class Numbering:
    """A list by its number in the file, and the depth in it, from 0."""

    list: str | None = None
    depth: int | None = None

    def over(self, other: Numbering) -> Numbering:
        """This numbering, with what it leaves open taken from another."""
        depth = other.depth if self.depth is None else self.depth
        return Numbering(self.list or other.list, depth)


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style with all that it takes from those that it is based on.

    `name` is Word's own English one in small letters ("heading 1"); `level` is a heading's depth
    from 1, 0 for body text.
    """

    name: str = ""
    level: int = 0
    numbering: Numbering = Numbering()


@dataclass(slots=True)
class Styles:
    """The styles of a file by their ids."""

    _elements: dict[str, Element] = field(default_factory=dict)
    _known: dict[str, Style] = field(default_factory=dict)

    def named(self, id: str | None) -> Style:
        """The style with that id; one that is not defined is known by its id ("Heading1")."""
        if id is None:
            return Style()
        if id not in self._known:
            self._known[id] = self._resolved(id)
        return self._known[id]

    def _resolved(self, id: str) -> Style:
        chain: list[str] = []
        while id in self._elements and id not in chain:
            chain.append(id)
            id = value(self._elements[id], "basedOn") or ""
        style = Style() if chain else Style(id.lower(), _heading(id) or 0)
        for each in reversed(chain):
            element = self._elements[each]
            name = (value(element, "name") or each).lower()
            properties = child(element, "pPr")
            level = _heading(name) or outline_level(properties)
            numbering = numbering_of(properties)
            style = Style(
                name,
                style.level if level is None else level,
                numbering.over(style.numbering),
            )
        return style


def styles_of(root: Element | None) -> Styles:
    """The styles that the part word/styles.xml defines."""
    elements: dict[str, Element] = {}
    for element in children(root, "style"):
        if attribute(element, "type") == "paragraph":
            elements.setdefault(attribute(element, "styleId") or "", element)
    return Styles(elements)


@dataclass(frozen=True, slots=True)
class _Level:
    format: str = "decimal"
    text: str = ""
    start: int = 1


@dataclass(slots=True)
class Lists:
    """The lists of a file; they count as they are asked, so ask in document order."""

    _levels: dict[str, dict[int, _Level]] = field(default_factory=dict)  # by abstract list
    _lists: dict[str, str] = field(default_factory=dict)  # the abstract list of each
    _restarts: dict[str, dict[int, int]] = field(default_factory=dict)  # by list, until it begins
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)  # by abstract list

    def label(self, numbering: Numbering) -> str:
        """What stands before the next entry of the list: "-", "2.", "(a)"; "" outside lists."""
        abstract = self._lists.get(numbering.list or "")
        if abstract is None:
            return ""
        depth = numbering.depth or 0
        levels = self._levels.get(abstract, {})
        level = levels.get(depth, _Level())
        counts = self._counts.setdefault(abstract, {})
        for deeper in [each for each in counts if each > depth]:
            del counts[deeper]
        for at, start in self._restarts.pop(numbering.list or "", {}).items():
            counts[at] = start - 1
        counts[depth] = counts.get(depth, level.start - 1) + 1
        if level.format in _BULLETS:
            return "-" if level.format == "bullet" else ""

        def number(placeholder: re.Match[str]) -> str:
            at = int(placeholder[1]) - 1
            other = levels.get(at, _Level())
            return enumerated(counts.get(at, other.start), other.format)

        return " ".join(re.sub("%([1-9])", number, level.text or f"%{depth + 1}.").split())


def lists_of(root: Element | None) -> Lists:
    """The lists that the part word/numbering.xml defines."""
    lists = Lists()
    linked: dict[str, str] = {}  # the abstract list that a list style stands for
    links: dict[str, str] = {}
    for element in children(root, "abstractNum"):
        id = attribute(element, "abstractNumId") or ""
        lists._levels[id] = dict(map(_level, children(element, "lvl")))
        if style := value(element, "styleLink"):
            linked[style] = id
        if style := value(element, "numStyleLink"):
            links[id] = style
    for element in children(root, "num"):
        id, abstract = attribute(element, "numId") or "", value(element, "abstractNumId") or ""
        lists._lists[id] = linked.get(links.get(abstract, ""), abstract)
        lists._restarts[id] = {
            small_number(attribute(each, "ilvl"), 0): small_number(value(each, "startOverride"), 1)
            for each in children(element, "lvlOverride")
            if child(each, "startOverride") is not None
        }
    lists._lists.pop("0", None)  # Word's way to say: in no list
    return lists


def _level(element: Element) -> tuple[int, _Level]:
    level = _Level(
        value(element, "numFmt") or "decimal",
        value(element, "lvlText") or "",
        small_number(value(element, "start"), 1),
    )
    return small_number(attribute(element, "ilvl"), 0), level


def outline_level(properties: Element | None) -> int | None:
    """The depth of a heading that paragraph properties state, 0 for body text; None for neither."""
    said = value(properties, "outlineLvl")
    if said is None:
        return None
    level = small_number(said, BODY_LEVEL)
    return level + 1 if 0 <= level < BODY_LEVEL else 0


def numbering_of(properties: Element | None) -> Numbering:
    """The list and the depth in it that paragraph properties state."""
    numbering = child(properties, "numPr")
    depth = value(numbering, "ilvl")
    return Numbering(
        value(numbering, "numId"), None if depth is None else min(small_number(depth, 0), 8)
    )


def _heading(name: str) -> int | None:
    heading = _HEADING.fullmatch(name.lower())
    return int(heading[1]) if heading else None


def value(element: Element | None, name: str) -> str | None:
    """What the child of that name has as its `val`."""
    return attribute(child(element, name), "val")
