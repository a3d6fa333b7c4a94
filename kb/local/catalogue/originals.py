"""The bytes that documents were made from, kept as files named by their digest."""

from __future__ import annotations

from pathlib import Path

from kb.errors import NotFound
from kb.keys import sha256_of
from kb.local.connection import translated
from kb.local.files import replace_file
from kb.local.permissions import folder_within

FOLDER = "originals"


def path_of(location: Path, sha256: str) -> Path:
    """Where the bytes of a digest are kept."""
    return location / FOLDER / sha256[:2] / sha256


def keep(location: Path, sha256: str, data: bytes) -> None:
    """Keep the bytes, once. They are on the disk when this returns."""
    if sha256_of(data) != sha256:
        raise ValueError(f"the bytes given as {sha256} have another digest")
    path = path_of(location, sha256)
    try:
        if path.exists() and path.read_bytes() == data:
            return
        folder_within(path.parent)
        replace_file(path, data)
    except OSError as error:
        raise translated(error, location) from error


def read(location: Path, sha256: str) -> bytes:
    """The bytes of a digest; NotFound when they are not kept."""
    try:
        return path_of(location, sha256).read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"{sha256[:12]}…: these bytes are not in {location / FOLDER}.") from error
