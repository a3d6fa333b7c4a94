"""Word: the text of a .docx file with all changes accepted, its notes, boxes and tables.

Read from the XML itself (ECMA-376), as mammoth, with which tests compare, loses what stands in
fields, formulas and newer text boxes, and knows no heading by a style of the house's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.boilerplate.marking import mark
from ingest.drafts import Block, Reading
from ingest.readers.common.archives import Archive, resolved
from ingest.readers.common.characters import letters
from ingest.readers.common.properties import properties_of
from ingest.readers.common.tables import in_lists
from ingest.readers.common.titles import title_from_name
from ingest.readers.common.xml import Element, attribute, child, children
from ingest.readers.word.body import Body
from ingest.readers.word.locked import refuse_old_office
from ingest.readers.word.styles import lists_of, styles_of
from kb.errors import Refused
from kb.metadata import Metadata

NAME = "docx"
VERSION = "1"

_USUAL = ("styles", "numbering", "footnotes", "endnotes", "settings")  # named after their kind
_SEPARATORS = ("separator", "continuationSeparator", "continuationNotice")
_RESTARTS = ("numRestart", "numStart", "numFmt")


def read(data: bytes, name: str) -> Reading:
    """The blocks of a Word file; Refused when it is none, or holds no text."""
    refuse_old_office(data, "Word", ".docx")
    archive = Archive(data, "a Word file (.docx)")
    main = _main_part(archive)
    parts = _related(archive, main)
    root = archive.xml(main)
    body = Body(
        styles_of(archive.optional_xml(parts.get("styles", ""))),
        lists_of(archive.optional_xml(parts.get("numbering", ""))),
        _notes(archive, parts),
        _count_on(root, archive.optional_xml(parts.get("settings", ""))),
    )
    container = child(root, "body")
    blocks = tuple(in_lists(body.blocks(container))) if container is not None else ()
    if not any(block.reason is None for block in blocks):
        raise Refused("no text in it; if it shows pictures of pages, have their text recognised")
    stated = properties_of(archive)
    title, blocks = _titled(blocks, stated)
    return Reading(
        blocks=mark(blocks, among=lambda block: block.reason is None and block.kind != "footnote"),
        metadata=replace(
            stated,
            title=title or title_from_name(name) or None,
            issued=next(iter(body.dates), stated.issued),
        ),
        notes=_said(body),
    )


def _main_part(archive: Archive) -> str:
    main = _related(archive, "").get("officeDocument", "word/document.xml")
    if main not in archive:
        kinds = {"xl/workbook.xml": "a table", "ppt/presentation.xml": "slides"}
        what = next((f"holds {kind}" for part, kind in kinds.items() if part in archive), None)
        raise Refused(f"not a Word file: the archive {what or 'has no word/document.xml'}")
    return main


def _related(archive: Archive, part: str) -> dict[str, str]:
    """The parts that a part names, by their kind ("styles"); a kind's first counts."""
    folder, _, last = part.rpartition("/")
    root = archive.optional_xml("/".join(filter(None, (folder, "_rels", f"{last}.rels"))))
    parts: dict[str, str] = {}
    for element in children(root, "Relationship"):
        kind = (attribute(element, "Type") or "").rpartition("/")[2]
        if attribute(element, "TargetMode") != "External":
            parts.setdefault(kind, resolved(part, attribute(element, "Target") or ""))
    for kind in _USUAL if part else ():
        parts.setdefault(kind, resolved(part, f"{kind}.xml"))
    return parts


def _notes(archive: Archive, parts: dict[str, str]) -> dict[tuple[str, str], Element]:
    """The notes by their kind and id."""
    return {
        (kind, attribute(element, "id") or ""): element
        for kind in ("footnote", "endnote")
        for element in children(archive.optional_xml(parts.get(f"{kind}s", "")), kind)
        if attribute(element, "type") not in _SEPARATORS
    }


def _count_on(*roots: Element | None) -> bool:
    """Whether notes are numbered 1, 2, 3 through the whole file, as far as it says."""
    return not any(
        child(properties, how) is not None
        for root in roots
        if root is not None
        for properties in root.iter("{*}footnotePr", "{*}endnotePr")
        for how in _RESTARTS
    )


def _titled(blocks: Sequence[Block], stated: Metadata) -> tuple[str | None, tuple[Block, ...]]:
    """The title, and the blocks with the one told apart that shows it.

    What stands in the style Title is seen by every reader of the file, while its properties are
    often those of the file that it was made from; a first heading counts when there is neither.
    """
    heads = [
        (at, block)
        for at, block in enumerate(blocks)
        if block.reason is None and (block.kind == "title" or block.level == 1)
    ]
    styled = next((each for each in heads if each[1].kind == "title"), None)
    named = [each for each in heads if letters(each[1].text) == letters(stated.title or "")]
    chosen = styled or next(iter(named or ([] if stated.title else heads)), None)
    title = stated.title if chosen is None else chosen[1].text
    shown = [
        replace(block, kind="heading", level=1) if block.kind == "title" else block
        for block in blocks
    ]
    if chosen is not None:
        shown[chosen[0]] = replace(chosen[1], kind="title", level=0)
    return title, tuple(shown)


def _said(body: Body) -> tuple[str, ...]:
    notes = []
    if body.changed:
        notes.append("its tracked changes were read as accepted")
    if body.parts:
        notes.append("text that Word takes in from elsewhere when it opens the file was not read")
    return tuple(notes)
