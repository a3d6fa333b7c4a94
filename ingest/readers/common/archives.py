"""A zip archive as parts by name, none of them larger than its reader can bear.

What an archive says of itself is not believed: sizes are held to while reading. Nothing is ever
written to disk.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from ingest.readers.common.decoding import magic
from ingest.readers.common.xml import Element, first_line, parse_xml
from kb.errors import Refused

MEGABYTE = 1024 * 1024
MOST_ENTRIES = 10_000
MOST_BYTES = 1024 * MEGABYTE  # of all entries, as they say; pictures and films are among them
MOST_TEXT = 64 * MEGABYTE  # of one part that is read
MOST_RATIO = 250  # times its size in the archive; text of one letter over and over takes 1,000
SMALL = 4 * MEGABYTE  # a part up to this size may be packed as tightly as it likes

_ENTRY = b"PK\x01\x02"  # begins what the directory says of one file; opening costs for each
_OUTSIDE = re.compile(r"[\\/]|[A-Za-z]:|(?:.*[\\/])?\.\.(?:[\\/]|$)", re.S)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)


class Archive:
    """The parts of a zip archive that is held in memory; `what` says what it should be."""

    def __init__(self, data: bytes, what: str) -> None:
        """Refused when the bytes are no archive, or one that is made to do harm."""
        self._what = what
        if not data.startswith(b"PK"):
            kind = magic(data)
            raise Refused(
                f"not {what} but {kind}; give it the ending that fits it"
                if kind
                else f"not {what}, or damaged. Save it as one in the program that made it"
            )
        if (count := data.count(_ENTRY)) > MOST_ENTRIES:
            raise Refused(f"{count:,} files in it; the limit is {MOST_ENTRIES:,}")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self._zip.infolist()
        except _BROKEN as error:
            raise Refused(f"{what} that is damaged ({first_line(error)}); get it anew") from error
        for entry in entries:
            if _OUTSIDE.match(entry.filename):
                raise Refused(f"a file in it is named so as to land elsewhere: {entry.filename!r}")
        if (size := sum(entry.file_size for entry in entries)) > MOST_BYTES:
            raise Refused(
                f"unpacked it takes {size // MEGABYTE:,} MB; "
                f"the limit is {MOST_BYTES // MEGABYTE:,} MB"
            )
        self._entries = {entry.filename: entry for entry in entries}

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str) -> bytes:
        """The bytes of a part; Refused when it is missing, locked, damaged or too large."""
        entry = self._entries.get(name)
        if entry is None:
            raise Refused(f"{self._what} without a part that it must have ({name})")
        if entry.flag_bits & 1:
            raise Refused("protected by a password. Save it without one and ingest that")
        most = min(MOST_TEXT, max(SMALL, entry.compress_size * MOST_RATIO))
        try:
            with self._zip.open(entry) as part:
                data = part.read(most + 1)
        except (*_BROKEN, RuntimeError) as error:
            raise Refused(f"{self._what} that is damaged ({name}: {first_line(error)})") from error
        if len(data) > most:
            raise Refused(
                f"a part of it ({name}) unpacks to more than {most // MEGABYTE:,} MB, "
                "which no text of this kind takes"
            )
        return data

    def xml(self, name: str) -> Element:
        """The root of a part that is XML; Refused when it is none, or declares a document type."""
        return parse_xml(self.read(name), name)

    def optional_xml(self, name: str) -> Element | None:
        """The same, None when there is no such part."""
        return self.xml(name) if name in self else None


def resolved(name: str, target: str) -> str:
    """The name of the part that `target` means when it is written in the part `name`."""
    folder = name.rpartition("/")[0]
    path = target if target.startswith("/") else f"{folder}/{target}"
    steps: list[str] = []
    for step in path.split("/"):
        if step == "..":
            del steps[-1:]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)
