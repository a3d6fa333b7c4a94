"""Saved pages (.mhtml): the page in the file that a browser keeps it in, with its address."""

from __future__ import annotations

import re
from dataclasses import replace
from email.message import Message

from ingest.drafts import Reading
from ingest.readers import html
from ingest.readers.mail.message import header, media_type, parsed, root_of, text_of, walk
from kb.errors import Refused
from kb.metadata import Metadata

NAME = "mhtml"
VERSION = "1"

_PAGES = ("text/html", "application/xhtml+xml")


def read(data: bytes, name: str) -> Reading:
    """The article of the page that was saved; Refused when there is no page in the file."""
    message = parsed(data)
    page = _page(message)
    if page is None:
        raise Refused("no web page in it. Save the page again, as HTML, and ingest that")
    reading = html.reading_of(text_of(page), name)
    address = Metadata(url=_address(message, page))
    return replace(reading, metadata=address.over(reading.metadata))


def _page(message: Message) -> Message | None:
    pages = [part for part in walk(message) if media_type(part) in _PAGES]
    if media_type(message) == "multipart/related" and pages:
        root = next(walk(root_of(message)), None)
        if root is not None and media_type(root) in _PAGES:
            return root
    return next(iter(pages), None)


def _address(message: Message, page: Message) -> str | None:
    """The address that the page was saved from."""
    said = (header(page, "Content-Location"), header(message, "Snapshot-Content-Location"))
    return next((each for each in said if re.fullmatch(r"https?://\S+", each)), None)
