"""PDFium's document as pages of words, with its outline and facts. The only door to PDFium."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ingest.readers.common.characters import LONE_SURROGATE, without_controls
from ingest.readers.common.decoding import magic
from ingest.readers.pdf.words import Gathering, Word, turned
from kb.errors import Refused

_PASSWORD = 4


@dataclass(frozen=True, slots=True)
class Page:
    """A page's words in the order in which the file draws them, and its lower and upper edge.

    `number` counts from 1; `drawn` says whether anything at all is drawn on it.
    """

    number: int
    words: tuple[Word, ...]
    left: float
    right: float
    bottom: float
    top: float
    drawn: bool
    label: str


@contextmanager
def opened(data: bytes, password: str | None) -> Iterator[Any]:
    """The document in these bytes; Refused when it is damaged, or locked by a password."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data, password=password)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD or "password" in str(error).lower():
            wrong = "the password does not open it" if password else "it is locked by a password"
            raise Refused(f"{wrong}. Give it with --password") from error
        kind = magic(data)
        if kind and not data.startswith(b"%PDF-"):
            what = f"not a PDF but {kind}; give it the ending that fits it"
            raise Refused(what) from error
        raise Refused(
            "a damaged PDF: it cannot be opened. Fetch it again, or open it in a viewer and "
            "print it to a new PDF"
        ) from error
    try:
        if not len(document):
            raise Refused("a PDF without pages")
        yield document
    finally:
        document.close()


def pages(document: Any) -> Iterator[Page]:
    """The pages in their order. One that cannot be loaded has no words."""
    import pypdfium2

    for index in range(len(document)):
        label = _plain(document.get_page_label(index) or "")
        try:
            page = document[index]
        except pypdfium2.PdfiumError:
            yield Page(index + 1, (), 0, 612, 0, 792, True, label)
            continue
        try:
            yield _page(page, index + 1, label)
        finally:
            page.close()


def outline(document: Any) -> list[tuple[int, str, int]]:
    """The table of contents that the file carries: depth from 1, title, page from 1."""
    import pypdfium2

    entries = []
    try:
        for bookmark in document.get_toc(max_depth=8):
            target = bookmark.get_dest()
            index = target.get_index() if target else None
            title = _plain(bookmark.get_title() or "")
            if title and index is not None:
                entries.append((bookmark.level + 1, title, index + 1))
    except pypdfium2.PdfiumError:
        pass  # a broken outline is none
    return entries


def facts(document: Any) -> dict[str, str]:
    """The file's statements about itself: Title, Author, Creator, Producer, CreationDate …"""
    stated = document.get_metadata_dict().items()
    return {key: text for key, value in stated if (text := _plain(value))}


def _plain(text: str) -> str:
    return " ".join(without_controls(LONE_SURROGATE.sub("\ufffd", text))[0].split())


def _page(page: Any, number: int, label: str) -> Page:
    import pypdfium2.raw as raw

    left, bottom, right, top = page.get_cropbox()
    text_page = page.get_textpage()
    try:
        words = Gathering(text_page).read()
    finally:
        text_page.close()
    drawn = raw.FPDFPage_CountObjects(page.raw) > 0
    angle = _main_angle(words)
    if angle:
        corners = [turned(x, y, angle) for x in (left, right) for y in (bottom, top)]
        left, right = min(x for x, _ in corners), max(x for x, _ in corners)
        bottom, top = min(y for _, y in corners), max(y for _, y in corners)
        words = [word._replace(angle=(word.angle - angle) % 360) for word in words]
    return Page(number, tuple(words), left, right, bottom, top, drawn, label)


def _main_angle(words: list[Word]) -> int:
    angles: Counter[int] = Counter()
    for word in words:
        angles[word.angle] += len(word.text)
    return angles.most_common(1)[0][0] if angles else 0
