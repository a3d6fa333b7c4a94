"""Which folder a command means: --kb, $KB_DIR, the nearest .kb upward, the user's data folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from kb.errors import StoreError

FOLDER = ".kb"
DATABASE = "kb.sqlite3"


@dataclass(frozen=True, slots=True)
class Location:
    """A knowledge base's folder, how it came to be chosen, and whether one stands there."""

    path: Path
    chosen: str

    @property
    def exists(self) -> bool:
        """Whether a knowledge base stands there."""
        return (self.path / DATABASE).exists()


def locate(option: str | None) -> Location:
    """The knowledge base that a command means; it need not exist yet.

    A folder that holds a `.kb` stands for that.
    """
    if option:
        return Location(_inside(Path(option).expanduser()), "--kb")
    if named := os.environ.get("KB_DIR"):
        return Location(_inside(Path(named).expanduser()), "KB_DIR")
    try:
        here = Path.cwd()
    except FileNotFoundError:
        return Location(data_folder(), "data folder")
    for folder in (here, *here.parents):
        if (folder / FOLDER / DATABASE).exists():
            return Location(folder / FOLDER, "nearest .kb")
    return Location(data_folder(), "data folder")


def required(option: str | None) -> Location:
    """The knowledge base to read, or StoreError that says how to make one."""
    location = locate(option)
    if location.exists:
        return location
    if location.chosen in ("--kb", "KB_DIR"):
        raise StoreError(
            f"{location.path}: there is no knowledge base here ({location.chosen}). "
            f"Make one with: kb --kb '{location.path}' ingest FILE"
        )
    raise StoreError(
        "there is no knowledge base yet. Make one from your briefs with: kb ingest FILE_OR_FOLDER"
    )


def data_folder() -> Path:
    """Where the knowledge base of a user stands who names no other; it need not exist."""
    from platformdirs import user_data_path  # most commands are told a folder or find one

    return user_data_path("kb", appauthor=False)


def _inside(path: Path) -> Path:
    if not (path / DATABASE).exists() and (path / FOLDER / DATABASE).exists():
        return path / FOLDER
    return path
