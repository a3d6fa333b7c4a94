"""What a person names becomes sources: files, folders, patterns, web addresses, standard input.

Nothing is read here but folders, and files that list others; a source loads its bytes when asked.
"""

from __future__ import annotations

import glob
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ingest.readers import BOOK, PDF, SUFFIXES, WORD
from ingest.readers.common.decoding import magic, refuse_binary
from ingest.sources.discovered import (
    Discovered,
    LeftAlone,
    Link,
    Source,
    name_of,
    too_large,
    uri_of,
    why,
)
from ingest.sources.network import host_of, is_by_itself_private
from ingest.sources.records import links_of, records_of
from kb.errors import Refused
from kb.keys import sha256_of
from kb.records import Refusal

MEGABYTE = 1024 * 1024
MAX_SIZE = 100 * MEGABYTE
PIECE = 1024 * 1024  # bytes read from a pipe at once
JSONL = "application/jsonl"
STANDARD_INPUT = "stdin:"
_READ_BY_ENDING = (b"%PDF-", b"PK\x03\x04")  # what kb reads when its name says what it is
FEEDS = (".xml", ".rss", ".atom")
READ = ".txt, .md, .html, .pdf, .docx, .odt, .rtf, .epub, .eml, .mhtml and .jsonl files"
_OLD = {  # formats of before that their programs can turn into one that kb reads
    ".doc": "a Word file of the old kind; open it in Word or LibreOffice and save it as .docx",
    ".dot": "a Word file of the old kind; open it in Word or LibreOffice and save it as .docx",
    ".pages": "a Pages file; open it in Pages and export it as Word (.docx)",
    ".msg": "an Outlook message; open it in Outlook and save it as .html or .eml",
    ".wpd": "a WordPerfect file; open it in LibreOffice and save it as .docx",
}


_CLUTTER = frozenset({"thumbs.db", "desktop.ini", "icon\r"})
_NO_TEXT = frozenset(
    """.png .jpg .jpeg .gif .webp .svg .ico .bmp .tif .tiff .heic .mp3 .wav .m4a .mp4 .mov .avi .mkv
    .webm .zip .gz .tar .7z .rar .exe .dll .css .js .woff .woff2 .ttf .otf .eot
    .part .partial .crdownload .download .tmp""".split()
)  # beside briefs in a folder, as saved pages have them, and downloads under way
_NO_PROSE = frozenset(".csv .xlsx .xls .pptx .ppt .odp .ods".split())  # tables and slides


def discover(
    arguments: Sequence[str],
    *,
    max_size: int = MAX_SIZE,
    any_type: bool = False,
    listed: bool = False,
) -> Iterator[Discovered]:
    """All sources that the arguments name, each once, in their order; folders by name.

    `max_size` is in bytes. With `any_type` files of unknown type are sources too (plain text);
    with `listed` web addresses may come from a list, not from the person.
    """
    seen: set[str] = set()
    for argument in arguments:
        for one in _named(argument, max_size, any_type):
            if listed and isinstance(one, Link):
                # a stranger could not have led to a host that is private by its name
                one = replace(one, listed=True, named=is_by_itself_private(host_of(one.uri)))
            if isinstance(one, Source | Link):
                if one.uri in seen:
                    continue
                seen.add(one.uri)
            yield one


def _named(argument: str, max_size: int, any_type: bool) -> Iterator[Discovered]:
    if argument == "-":
        yield _standard_input(max_size)
    elif is_web_address(argument):
        yield Link(argument.partition("#")[0])
    elif os.path.lexists(argument):
        path = Path(os.path.abspath(argument))  # noqa: PTH100 - resolve() would follow links
        if path.is_dir():
            yield from _folder(path, max_size, any_type)
        else:
            yield from _file(path, max_size, any_type, named=True)
    elif matches := sorted(glob.glob(argument, recursive=True)):  # noqa: PTH207 - may be absolute
        for match in matches:  # "./-" is a file, "-" would be standard input
            yield from _named(os.path.join(os.curdir, match), max_size, any_type)  # noqa: PTH118
    elif "://" in argument:
        yield Refusal(argument, "kb takes http and https addresses only", retriable=False)
    else:
        yield Refusal(argument, "no such file or folder", retriable=False)


def _folder(folder: Path, max_size: int, any_type: bool) -> Iterator[Discovered]:
    """All files below a folder, hidden ones and knowledge bases left out."""
    count = 0
    for path in files_below(folder):
        if isinstance(path, Refusal):
            yield path
            continue
        for one in _file(path, max_size, any_type, named=False):
            count += 1
            yield one
    if not count:
        yield Refusal(uri_of(folder), "no file in this folder that kb can read", retriable=False)


def files_below(folder: Path) -> Iterator[Path | Refusal]:
    """Files below a folder in the order of their names; a folder is entered once on each way."""
    # folders that are entered: each with the names in it that are still to come, the last first
    entered: list[tuple[str, list[str], tuple[tuple[int, int], ...]]] = [("", [str(folder)], ())]
    while entered:
        inside, names, above = entered[-1]
        if not names:
            entered.pop()
            continue
        path = Path(inside, names.pop())
        try:
            if not path.is_dir():
                yield path
                continue
            state = path.stat()
            identity = (state.st_dev, state.st_ino)
            if identity in above:
                yield Refusal(uri_of(path), "a symbolic link that leads back to a folder above it")
                continue
            listed = sorted(os.listdir(path), reverse=True)  # noqa: PTH208 - a Path is four names
        except OSError as error:
            yield Refusal(uri_of(path), why(error))
            continue
        if "kb.sqlite3" in listed:
            continue  # a knowledge base keeps its own originals
        shown = [name for name in listed if not name.startswith(".")]
        entered.append((str(path), shown, (*above, identity)))


def discover_file(path: Path, max_size: int) -> Iterator[Discovered]:
    """What a file of a folder is, as `discover` has it."""
    return _file(path, max_size, False, named=False)


def _file(path: Path, max_size: int, any_type: bool, *, named: bool) -> Iterator[Discovered]:
    uri = uri_of(path)
    if not named and (
        path.name.lower() in _CLUTTER
        or path.name.startswith("~$")  # Word's mark of a file that is open
        or path.suffix.lower() in _NO_TEXT
        or (path.suffix.lower() in _NO_PROSE and not any_type)
    ):
        yield LeftAlone(uri, "no brief, by its name")
        return
    try:
        state = path.stat()
    except OSError as error:
        yield Refusal(uri, why(error))
        return
    if not stat.S_ISREG(state.st_mode):
        yield Refusal(uri, "not a regular file")
        return
    if state.st_size > max_size:
        yield Refusal(uri, too_large(state.st_size, max_size))
        return
    media_type = SUFFIXES.get(path.suffix.lower())
    if path.suffix.lower() in FEEDS or (named and media_type == "text/plain"):
        links = links_of(path, named=named)
        if links is not None:
            yield from links
            return
    if media_type == JSONL:
        yield from records_of(path, named=named)
        return
    if media_type is None:
        if (old := _OLD.get(path.suffix.lower())) and not any_type:
            yield Refusal(uri, old)
            return
        if path.suffix and not any_type:
            yield Refusal(
                uri, f"kb reads {READ}, not {path.suffix}; text in it is read with --reader plain"
            )
            return
        media_type = "text/plain"
    where = uri if uri == str(path) else str(path)  # one string, as a folder may hold many files
    yield Source(uri, name_of(uri), media_type, partial(_load, where, max_size, media_type))


def _standard_input(max_size: int) -> Discovered:
    pieces: list[bytes] = []
    missing = max_size + 1
    while missing and (piece := sys.stdin.buffer.read(min(missing, PIECE))):
        pieces.append(piece)
        missing -= len(piece)
    data = b"".join(pieces)
    if len(data) > max_size:
        return Refusal("standard input", too_large(len(data), max_size), retriable=False)
    if not data:
        return Refusal("standard input", "nothing came", retriable=False)
    digest = sha256_of(data)[:12]
    return Source(f"{STANDARD_INPUT}{digest}", "", sniffed(data), lambda: data)


def sniffed(data: bytes) -> str:
    """The media type of bytes without a name: an archive's, PDF, HTML, else text (or Markdown)."""
    if data.startswith(b"PK\x03\x04"):
        return BOOK if BOOK.encode() in data[:100] else WORD  # a book says so at its start
    head = data[:1024].lstrip().lower()
    if head.startswith(b"%pdf-"):
        return PDF
    if head.startswith((b"<!doctype html", b"<html")):
        return "text/html"
    return "text/markdown" if head.startswith((b"---\n", b"# ")) else "text/plain"


def _load(path: str, max_size: int, media_type: str) -> bytes:
    """The file's bytes; Refused when it is empty, too large by now, or a text that is none."""
    try:
        with Path(path).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > max_size:
                raise Refused(too_large(size, max_size))
            data = file.read()  # read(max_size) would set aside as much
    except OSError as error:
        raise Refused(why(error)) from error
    if media_type.startswith("text/") and data.startswith(_READ_BY_ENDING):
        raise Refused(f"not text but {magic(data)}; give it the ending that fits it")
    return checked(data, media_type)


def checked(data: bytes, media_type: str) -> bytes:
    """The same bytes; Refused when there are none, or when they are no text that should be."""
    if not data:
        raise Refused("an empty file")
    if media_type.startswith("text/"):
        refuse_binary(data)
    return data


def folders_among(arguments: Sequence[str]) -> list[str]:
    """The absolute paths of those that are folders, as sources in them are named."""
    return [uri_of(argument) for argument in arguments if os.path.isdir(argument)]  # noqa: PTH112 - a name too long is none


def is_web_address(argument: str) -> bool:
    """Whether an argument is an address of the web."""
    return argument.lower().startswith(("http://", "https://"))


def is_collection(argument: str) -> bool:
    """Whether an argument may name several documents, so that one title cannot be theirs."""
    if not os.path.lexists(argument) and glob.has_magic(argument):
        return True
    return Path(argument).is_dir() or Path(argument).suffix in (".jsonl", ".ndjson")
