"""Where kb keeps what it makes when nobody says where: as README says, on Linux and on macOS."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PRINT = """
import sys
from pathlib import Path
from kb.commands.locations import data_folder
from kb.encoders.prepared import cache_folder
sys.platform = sys.argv[1]  # before anything asks for a folder
print(data_folder(), cache_folder(), sep="\\n")
"""

Folders = Callable[..., list[Path]]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """The data folder and the cache folder on a system, for a user whose home is tmp_path."""

    def call(system: str, **variables: str) -> list[Path]:
        mine = {name: its for name, its in os.environ.items() if not name.startswith("XDG_")}
        done = subprocess.run(
            [sys.executable, "-c", PRINT, system],
            env={**mine, "HOME": str(tmp_path), **variables},
            capture_output=True,
            text=True,
            check=True,
        )
        return [Path(line) for line in done.stdout.splitlines()]

    return call


@pytest.mark.parametrize("value", [None, ""])
def test_on_linux_they_are_where_readme_says(
    folders: Folders, tmp_path: Path, value: str | None
) -> None:
    named = {} if value is None else {"XDG_DATA_HOME": value, "XDG_CACHE_HOME": value}
    data, cache = folders("linux", **named)
    assert data == tmp_path / ".local" / "share" / "kb"
    assert cache == tmp_path / ".cache" / "kb" / "encoders"


def test_on_macos_they_are_where_readme_says(folders: Folders, tmp_path: Path) -> None:
    data, cache = folders("darwin")
    assert data == tmp_path / "Library" / "Application Support" / "kb"
    assert cache == tmp_path / "Library" / "Caches" / "kb" / "encoders"


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_the_folders_that_a_user_names_are_taken(
    folders: Folders, tmp_path: Path, system: str
) -> None:
    data, cache = tmp_path / "my data", tmp_path / "my cache"
    found = folders(system, XDG_DATA_HOME=str(data), XDG_CACHE_HOME=str(cache))
    assert found == [data / "kb", cache / "kb" / "encoders"]
    assert list(tmp_path.iterdir()) == [], "looking makes no folder"
