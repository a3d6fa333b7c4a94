"""Readers: one format each, bytes to a `Reading`.

A reader is a module with `NAME`, `VERSION` (raised whenever it would read the same bytes
otherwise) and `read(data, name)`. They are imported when the first file of their format comes.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Protocol, cast

from ingest.drafts import Reading
from kb.errors import BadUsage, Refused

ODT = "application/vnd.oasis.opendocument.text"
RTF = "application/rtf"
SAVED = "multipart/related"
MAIL = "message/rfc822"
BOOK = "application/epub+zip"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
RECORD = "application/json"  # one line of a JSONL file
SUFFIXES = {
    ".txt": "text/plain",
    ".text": "text/plain",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".pdf": PDF,
    ".docx": WORD,
    ".docm": WORD,
    ".epub": BOOK,
    ".odt": ODT,
    ".rtf": RTF,
    ".eml": MAIL,
    ".mhtml": SAVED,
    ".mht": SAVED,
    ".jsonl": "application/jsonl",
    ".ndjson": "application/jsonl",
}
_READERS = {
    "text/plain": "plain",
    "text/markdown": "markdown",
    "text/html": "html",
    PDF: "pdf",
    WORD: "docx",
    BOOK: "epub",
    MAIL: "mail",
    SAVED: "mhtml",
    ODT: "pandoc",
    RTF: "pandoc",
    RECORD: "record",
}
_MODULES = {"docx": "word"}  # where a reader's module is not called as the reader is
_LOCKABLE = ("pdf",)
_DECODING = ("plain", "markdown", "html")
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.I)
NAMES = tuple(dict.fromkeys(name for name in _READERS.values() if name != "record"))


class Reader(Protocol):
    """One format's reader."""

    NAME: str
    VERSION: str

    def read(self, data: bytes, name: str) -> Reading:
        """The blocks and metadata in `data`; Refused when there is no text in it.

        `name` is the file's name without its folder; it serves as a title of last resort.
        """


def further_arguments(reader: Reader, media_type: str, password: str | None) -> tuple[str, ...]:
    """What a reader is given after bytes and name: the password, if its format knows one, or
    the charset that the server named with the media type, if it decodes text.
    """
    if reader.NAME in _DECODING:
        charset = charset_of(media_type)
        return (charset,) if charset is not None else ()
    return (password,) if password is not None and reader.NAME in _LOCKABLE else ()


def charset_of(media_type: str) -> str | None:
    """The charset in a media type with parameters ("text/html; charset=utf-8"), as it is named."""
    match = _CHARSET.search(media_type)
    return match[1].lower() if match else None


def with_charset(media_type: str, charset: str | None) -> str:
    """A media type with its charset, where that says how its bytes are read."""
    decodes = _READERS.get(media_type) in _DECODING
    return f"{media_type}; charset={charset}" if charset and decodes else media_type


def reader_named(name: str) -> Reader:
    """The reader of that name, BadUsage when there is none."""
    if name not in _READERS.values():
        raise BadUsage(f"there is no reader {name!r}. There are: {', '.join(NAMES)}.")
    return cast(Reader, import_module(f"ingest.readers.{_MODULES.get(name, name)}"))


def reader_for(media_type: str) -> Reader:
    """The reader of a media type, its parameters aside; Refused when kb does not read that."""
    media_type = media_type.partition(";")[0].strip()
    if media_type not in _READERS:
        raise Refused(f"kb does not read {media_type}")
    return reader_named(_READERS[media_type])
