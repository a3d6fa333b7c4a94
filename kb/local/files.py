"""Files replaced whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kb.local.permissions import new_file


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write (and read) beside the place; synced and moved into it when all went well."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with new_file(part) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def replace_file(path: Path, data: bytes) -> None:
    """Write a file beside its place, sync it, move it into place."""
    with replacing(path) as file:
        file.write(data)
