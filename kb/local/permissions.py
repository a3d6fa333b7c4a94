"""Who can read what kb writes: its owner alone, or those whom its folder was opened to.

A new knowledge base and the cache are folders that nobody else can enter. All that is written in
a folder follows the folder's own mode, whatever the umask: what a person opened to a group stays
open to it, and to nobody else.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import BinaryIO

OWN = 0o700


def own_folder(path: Path) -> None:
    """Make a folder that only its owner can enter, and those above it as the system does.

    One that is there keeps its mode, but an empty one that a plain mkdir made is taken over.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(OWN)
    except FileExistsError:
        if not path.is_dir() or any(path.iterdir()) or _mode(path) != _plain():
            path.mkdir(exist_ok=True)  # raises where a file is in the way
            return
    _change(path, OWN)


def folder_within(path: Path) -> None:
    """Make a folder that is open to whom the one around it is; one that is there is left."""
    if path.is_dir():
        return
    if not path.parent.is_dir():
        folder_within(path.parent)
    path.mkdir(OWN, exist_ok=True)
    _change(path, _mode(path.parent))


def file_mode(folder: Path) -> int:
    """The mode of files in a folder: readable, and writable, to whom the folder is."""
    return _mode(folder) & 0o666 | 0o600


def new_file(path: Path) -> BinaryIO:
    """An empty file to write and read, open to whom its folder is; what stood there is gone."""
    mode = file_mode(path.parent)
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b")
    _change(path, mode)
    return file


def follow(folder: Path) -> None:
    """Open a folder, and the files in it, to whom the one around it is open."""
    _change(folder, _mode(folder.parent))
    for path in folder.iterdir():
        _change(path, file_mode(folder))


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _plain() -> int:
    """The mode that mkdir gives, as the umask has it."""
    mask = os.umask(0o077)  # it cannot be read without being set
    os.umask(mask)
    return 0o777 & ~mask


def _change(path: Path, mode: int) -> None:
    if _mode(path) != mode:
        with contextlib.suppress(OSError):  # a file system without modes, such as a stick's
            path.chmod(mode)
