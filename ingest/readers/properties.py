"""What an Office file's properties say of it, where they are not what a program filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.readers.page import clean
from ingest.readers.word_xml import local
from ingest.readers.zipped import Archive, Element
from kb.dates import parse_date

_NO_TITLE = re.compile(
    r"microsoft (?:office )?word\b.*|.*\.(?:docx?|dotx?|odt|rtf|pdf|indd)|(?:document|doc)[ _]?\d*"
    r"|untitled.*|unbenannt.*|sans[ -]titre.*|title|titel|titre|(?:.* )?template|draft ?\d*"
    r"|powerpoint presentation|word document|slide \d+|\W*",
    re.I,
)
_NO_AUTHOR = re.compile(
    r".*\b(?:microsoft|windows|openoffice|libreoffice|apache|python-docx|pandoc|docx4j|aspose"
    r"|google docs|adobe|word|office user)\b.*|(?:user|admin|administrator|author|owner|unknown"
    r"|guest|default|test|pc|me|none|benutzer|utilisateur|usuario)[ _-]?\d*|\W*",
    re.I,
)
_EPOCH = "1990"  # what is older is a field that a program left at its start


@dataclass(frozen=True, slots=True)
class Properties:
    """Title, authors, the day of the last change, publisher and keywords, as far as stated."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    publisher: str | None = None
    tags: tuple[str, ...] = ()


def properties_of(archive: Archive) -> Properties:
    """The properties in an archive, none when it has no part for them."""
    root = archive.optional_xml("docProps/core.xml")
    if root is None:
        return Properties()
    title = _stated(root, "title")
    makers = re.split(r"\s*;\s*", _stated(root, "creator"))
    dates = [parse_date(_stated(root, name)) for name in ("issued", "modified", "created")]
    tags = re.split(r"\s*[;,]\s*", _stated(root, "keywords"))
    return Properties(
        title=real_title(title),
        authors=real_authors(makers),
        published=next((date for date in dates if date and date > _EPOCH), None),
        publisher=_stated(root, "publisher") or None,
        tags=tuple(dict.fromkeys(filter(None, tags))),
    )


def real_title(text: str) -> str | None:
    """The title, None when it is what a program or a template fills in."""
    return None if _NO_TITLE.fullmatch(text) else text


def real_authors(names: Iterable[str]) -> tuple[str, ...]:
    """The names but those of programs and of accounts, each once."""
    return tuple(dict.fromkeys(name for name in names if not _NO_AUTHOR.fullmatch(name)))


def _stated(root: Element, name: str) -> str:
    """What the element of that name says, on one line; "" when there is none."""
    for element in root:
        if local(element) == name:
            return " ".join(clean("".join(element.itertext())).split())
    return ""
