"""What a file lists: the records of a JSONL file, the addresses of a feed or a list."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ingest.readers import RECORD, record
from ingest.sources.discovered import Discovered, LeftAlone, Link, Source, name_of, uri_of, why
from ingest.sources.feeds import MOST, Links, links_in
from kb.errors import Refused
from kb.keys import sha256_of
from kb.records import Refusal


def records_of(path: Path, *, named: bool) -> Iterator[Discovered]:
    """The records of a JSONL file, one a line; what is wrong with a line is said by its number."""
    uri = uri_of(path)
    lines: dict[str, int] = {}
    try:
        with path.open("rb") as file:
            offset, blank = 0, True
            for number, line in enumerate(file, 1):
                start, offset = offset, offset + len(line)
                data = line.strip().removeprefix(b"\xef\xbb\xbf")
                if not data:
                    continue
                blank = False
                where = f"{uri} line {number}"
                try:
                    fields = record.parse(data)
                except Refused as error:
                    yield Refusal(where, str(error))
                    continue
                if not named and not lines and "title" not in fields:
                    yield LeftAlone(uri, "its records have no title, so they are no briefs")
                    return
                id = record.identifier(fields)
                name = id if id is not None else sha256_of(data)[:12]
                if name in lines:
                    earlier = f"line {lines[name]}"
                    same = f"the same record stands on {earlier}"
                    given = f"the _id {name!r} was given on {earlier} already"
                    yield Refusal(where, same if id is None else given)
                    continue
                lines[name] = number
                load = partial(_load_line, path, start, len(line))
                yield Source(f"{uri}#{name}", name_of(uri), RECORD, load)
            if blank:
                yield Refusal(uri, "no record in it" if offset else "an empty file")
    except OSError as error:
        yield Refusal(uri, why(error))


def _load_line(path: Path, start: int, length: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(length).strip().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise Refused(why(error)) from error


def links_of(path: Path, *, named: bool) -> list[Discovered] | None:
    """The web addresses that a feed, a sitemap or a list names; None for anything else."""
    try:
        links = links_in(path.read_bytes())
    except OSError as error:
        return [Refusal(uri_of(path), why(error))]
    if links is None:
        return None
    if not links.urls:
        return [Refusal(uri_of(path), "it names no web address")]
    own = named and links.is_plain  # the person's own list, not a stranger's in a folder of theirs
    those = [Link(url, links.is_feed, listed=True, named=own) for url in links.urls]
    return [*those, *_beyond(uri_of(path), links)]


def _beyond(uri: str, links: Links) -> list[Discovered]:
    if not links.left_out:
        return []
    return [Refusal(uri, f"{links.left_out} more addresses than the {MOST} that are taken at once")]
