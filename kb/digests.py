"""SHA-256 of bytes, texts and files, in hex: what says that something is unchanged."""

from __future__ import annotations

import hashlib
from pathlib import Path


def sha256_of(data: bytes) -> str:
    """The digest of bytes."""
    return hashlib.sha256(data).hexdigest()


def sha256_of_text(text: str) -> str:
    """The digest of a text in UTF-8; half characters (lone surrogates) count as they are."""
    return sha256_of(text.encode("utf-8", "surrogatepass"))


def sha256_of_file(path: Path) -> str:
    """The digest of a file's bytes, of which few are held at once."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
