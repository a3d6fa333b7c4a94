"""What an Office file's properties say of it, where they are not what a program filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingest.readers.common.archives import Archive
from ingest.readers.common.characters import visible_line
from ingest.readers.common.xml import Element
from kb.metadata import Metadata
from kb.text.dates import parse_date

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
_LONGEST = 300  # characters of a title or name
_NO_DATE = "2013-12-23T23:15:00Z"  # of the file that python-docx makes all others from
_EPOCH = "1990"  # what is older is a field that a program left at its start


def properties_of(archive: Archive) -> Metadata:
    """Title, authors, the day of the last change, publisher and keywords that a Word or
    OpenDocument file states."""
    for part in ("docProps/core.xml", "meta.xml"):
        if (root := archive.optional_xml(part)) is not None:
            return _properties(root)
    return Metadata()


def _properties(root: Element) -> Metadata:
    makers = _stated(root, "initial-creator") or _stated(root, "creator")
    names = ("issued", "modified", "date", "created", "creation-date")
    dates = (parse_date(said) for name in names for said in _stated(root, name) if said != _NO_DATE)
    words = _stated(root, "keywords") + _stated(root, "keyword")
    return Metadata(
        title=next(filter(None, map(real_title, _stated(root, "title"))), None),
        author=real_authors(name for said in makers for name in re.split(r"\s*;\s*", said)),
        issued=next((date for date in dates if date and date > _EPOCH), None),
        publisher=next(iter(_stated(root, "publisher")), None),
        keyword=tuple(
            dict.fromkeys(tag for said in words for tag in re.split(r"\s*[;,]\s*", said) if tag)
        ),
    )


def real_title(text: str) -> str | None:
    """The title, None when it is what a program or a template fills in, or a whole text."""
    return None if len(text) > _LONGEST or _NO_TITLE.fullmatch(text) else text


def real_authors(names: Iterable[str]) -> tuple[str, ...]:
    """The names but those of programs and of accounts, each once."""
    real = (n for n in names if len(n) <= _LONGEST and not _NO_AUTHOR.fullmatch(n))
    return tuple(dict.fromkeys(real))


def _stated(root: Element, name: str) -> list[str]:
    """What the elements of that name say, each on one line."""
    said = ("".join(element.itertext()) for element in root.iter("{*}" + name))
    return [text for each in said if (text := visible_line(each))]
