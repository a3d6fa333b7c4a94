"""EPUB: the chapters of a book in the order of its spine, through the code that reads web pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

from ingest.drafts import Block, Reading
from ingest.readers.common.archives import MEGABYTE, MOST_TEXT, Archive, resolved
from ingest.readers.common.characters import visible_line
from ingest.readers.common.decoding import declared_encoding, decode
from ingest.readers.common.properties import real_authors, real_title
from ingest.readers.common.tables import in_lists
from ingest.readers.common.titles import title_from_name, with_title
from ingest.readers.common.xml import Element, attribute, child, children, local
from ingest.readers.html.landmarks import HIDDEN
from ingest.readers.html.page import PageBlock, name_all, page_blocks
from ingest.readers.html.parsing import parse
from kb.errors import Refused
from kb.metadata import Metadata
from kb.text.dates import parse_date
from kb.text.lines import count

NAME = "epub"
VERSION = "1"

MOST_TAGS = 1_000_000  # of all chapters; a book of 1,000 pages has some 100,000
_CONTAINER = "META-INF/container.xml"
_LOCKS = "META-INF/encryption.xml"
_CHAPTERS = ("application/xhtml+xml", "text/html", "application/xml", "text/xml")
_CONTENTS = "table of contents"
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# no "<" in a value, as in all XML, so that a quote that is never closed costs nothing; and no tag
# without an end, as each step of the pattern is remembered
_CLOSED = re.compile(r"<([a-zA-Z][\w:-]*)((?:\"[^\"<]*\"|'[^'<]*'|[^<>\"']){0,1000})/>")
_NOTE = re.compile(r"\b(?:doc-)?(?:foot|end|rear)notes?\b")
_MARK = re.compile(r"\b(?:doc-)?(?:noteref|pagebreak|backlink)\b")
_LONG_MARK = 20  # characters; a longer one is text
_IN_NOTE = "kb-note"


@dataclass(slots=True)
class _Package:
    """What a book says of itself, and its chapters' names; `contents` are tables of contents."""

    root: Element
    chapters: list[str] = field(default_factory=list)
    contents: set[str] = field(default_factory=set)

    def stated(self, name: str) -> list[Element]:
        """The elements of that name among the metadata (Dublin Core) that say something."""
        within = child(self.root, "metadata")
        inside = () if within is None else within.iter()
        return [element for element in inside if local(element) == name and _text(element)]


def read(data: bytes, name: str) -> Reading:
    """The chapters of a book; Refused when it is none, is locked, or holds no text."""
    archive = Archive(data, "a book (.epub)")
    package = _package(archive)
    _refuse_locked(archive, package)
    blocks: list[Block] = []
    missing = length = tags = 0
    notes: list[str] = []
    for chapter in package.chapters:
        if chapter not in archive:
            missing += 1
            continue
        part = archive.read(chapter)
        length, tags = length + len(part), tags + part.count(b"<")
        if length > MOST_TEXT or tags > MOST_TAGS:
            raise Refused(
                f"more than {MOST_TEXT // MEGABYTE} MB of text or {MOST_TAGS:,} tags in it"
            )
        reason = _CONTENTS if chapter in package.contents else None
        blocks += (replace(b, reason=b.reason or reason) for b in chapter_blocks(part))
    if missing:
        notes.append(f"{count(missing, 'chapter')} that it lists {_are(missing)} not in it")
    if not any(block.reason is None for block in blocks):
        raise Refused("no text in it; if it shows pictures of pages, have their text recognised")
    stated = filter(None, (real_title(_text(each)) for each in package.stated("title")))
    title = next(stated, None) or _first_heading(blocks)
    return Reading(
        blocks=tuple(in_lists(with_title(blocks, title))),
        metadata=Metadata(
            title=title or title_from_name(name) or None,
            author=_authors(package.stated("creator")),
            issued=_published(package.stated("date")),
            publisher=next(map(_text, package.stated("publisher")), None),
            language=next(map(_text, package.stated("language")), None),
            keyword=tuple(dict.fromkeys(map(_text, package.stated("subject")))),
        ),
        notes=tuple(notes),
    )


def chapter_blocks(data: bytes) -> list[Block]:
    """The blocks of a chapter, in document order; its notes are footnotes."""
    text = decode(data, declared_encoding(data)).text
    root = parse(_CLOSED.sub(_opened, text))
    if root is None:
        return []
    for element in list(root.iter()):
        role = f"{element.get('epub:type') or ''} {element.get('role') or ''}"
        if role == " " or element.getparent() is None:
            continue
        if _MARK.search(role) and len("".join(element.itertext())) < _LONG_MARK:
            element.drop_tree()
        elif _NOTE.search(role):
            name_all(element, _IN_NOTE)
    return [
        replace(
            each.block,
            kind="footnote" if _is_note(each) else each.block.kind,
            reason=HIDDEN if each.landmark == HIDDEN else None,
        )
        for each in page_blocks(root)
    ]


def _is_note(each: PageBlock) -> bool:
    return _IN_NOTE in each.box and not each.block.is_heading


def _opened(tag: re.Match[str]) -> str:
    """An element that is closed in its own tag, as HTML writes it; XHTML has them of any name."""
    return tag[0] if tag[1].lower() in _VOID else f"<{tag[1]}{tag[2]}></{tag[1]}>"


def _package(archive: Archive) -> _Package:
    """The package document (OPF) with its spine resolved."""
    roots = archive.xml(_CONTAINER).iter("{*}rootfile")
    path = next(filter(None, (attribute(each, "full-path") for each in roots)), None)
    if path is None or path not in archive:
        raise Refused("a book (.epub) whose list of chapters is missing")
    package = _Package(archive.xml(path))
    if child(package.root, "metadata") is None:
        raise Refused("a book (.epub) whose list of chapters is damaged")
    items = {
        attribute(item, "id") or "": item
        for item in children(child(package.root, "manifest"), "item")
    }
    for reference in children(child(package.root, "spine"), "itemref"):
        item = items.pop(attribute(reference, "idref") or "", None)  # each chapter once
        if item is None or attribute(item, "media-type") not in _CHAPTERS:
            continue
        chapter = _path(path, attribute(item, "href"))
        package.chapters.append(chapter)
        if "nav" in (attribute(item, "properties") or "").split():
            package.contents.add(chapter)
    for reference in children(child(package.root, "guide"), "reference"):
        if attribute(reference, "type") == "toc":
            package.contents.add(_path(path, attribute(reference, "href")))
    if len(package.contents & set(package.chapters)) == len(package.chapters):
        package.contents.clear()  # a book of one file
    return package


def _path(package: str, href: str | None) -> str:
    try:
        return resolved(package, unquote(urlsplit(href or "").path))
    except ValueError:
        return ""


def _refuse_locked(archive: Archive, package: _Package) -> None:
    """Refused when chapters are encrypted; that fonts are, is no harm."""
    root = archive.optional_xml(_LOCKS)
    if root is None:
        return
    locked = {unquote(attribute(each, "URI") or "") for each in root.iter("{*}CipherReference")}
    if locked & set(package.chapters):
        raise Refused("protected against copying (DRM). Ask its publisher for a copy without it")


def _authors(creators: Sequence[Element]) -> tuple[str, ...]:
    """Those whose role is the author's or not said; without any, all who made it."""
    authors = [each for each in creators if attribute(each, "role") in (None, "", "aut")]
    return real_authors(map(_text, authors or creators))


def _published(dates: Sequence[Element]) -> str | None:
    """The date of publication; a date that is none of it counts only when no other does."""
    ranks = {"publication": 0, None: 1}
    ordered = sorted(dates, key=lambda each: ranks.get(attribute(each, "event"), 2))
    parsed = (parse_date(_text(each)) for each in ordered)
    return next((date for date in parsed if date and date > "1400"), None)


def _first_heading(blocks: Sequence[Block]) -> str | None:
    return next((block.text for block in blocks if block.is_heading and not block.reason), None)


def _text(element: Element) -> str:
    return visible_line("".join(element.itertext()))


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
