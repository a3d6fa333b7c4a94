"""What a person named, discovered: sources, web addresses, what is refused or left alone."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from kb.errors import Refused
from kb.records import Refusal


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes to be read, with their identity, a name for people, and their media type."""

    uri: str
    name: str
    media_type: str
    load: Callable[[], bytes] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Link:
    """A web address, whose bytes and their type are known when it is fetched.

    `of_feed`: a feed names it, so that it need not be asked for again once it is kept. `listed`:
    a list, a sitemap or a feed names it, so that its server is asked whether programs may fetch
    it. `named`: the person does, by itself or in a list of their own, so that it may lead to this
    machine.
    """

    uri: str
    of_feed: bool = False
    listed: bool = False
    named: bool = True


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A file in a folder that is known not to be a brief; no fault of anybody's."""

    source: str
    reason: str


class Forbidden(Refused):
    """A web address that is not to be fetched, now or another time, unless a person names it."""


Discovered: TypeAlias = Source | Link | Refusal | LeftAlone


def uri_of(path: str | Path) -> str:
    """The absolute path, whatever bytes its name is made of: what a file's source is named by."""
    absolute = os.path.abspath(path)  # noqa: PTH100 - resolve() would follow links
    return os.fsencode(absolute).decode("utf-8", "backslashreplace")


def name_of(uri: str) -> str:
    """The name of a path's last part."""
    return uri.rpartition("/")[2]


def file_of(source: str) -> str:
    """The file of a source: of a record ("briefs.jsonl#3") and of a line that is none, too."""
    return re.sub(r"(\.(?:jsonl|ndjson))(?:#.*| line \d+)$", r"\1", source, flags=re.I | re.S)


def why(error: OSError) -> str:
    """The operating system's reason, in lower case."""
    reason = error.strerror or str(error)
    return reason[:1].lower() + reason[1:]


def too_large(size: int, limit: int) -> str:
    """Why a source of this size is refused, and how to take it in all the same."""
    megabyte = 1024 * 1024
    return (
        f"{size / megabyte:.4g} MB or more; the limit is {limit / megabyte:.4g} MB. "
        "Lift it with --max-size MB"
    )
