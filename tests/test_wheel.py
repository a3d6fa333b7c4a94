"""The wheel that people install: it holds every file of the three rooms, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from imports import ROOT

from kb import __version__

ROOMS = ("kb", "ingest", "search")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what is here."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    (built,) = folder.iterdir()
    return built


def test_the_wheel_holds_every_file_of_the_rooms(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == files
    assert packed >= {f"{room}/py.typed" for room in ROOMS}, "type checkers look for it"
    assert "search/confidence/calibration.json" in packed


def test_the_wheel_brings_the_command(wheel: Path, tmp_path: Path) -> None:
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    (about,) = tmp_path.glob("*.dist-info")
    assert "kb = kb.cli:main" in (about / "entry_points.txt").read_text()
    assert f"\nVersion: {__version__}\n" in (about / "METADATA").read_text()
    command = [sys.executable, "-c", "from kb.cli import main; main()", "--version"]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.stdout.split()[-1] == __version__, done.stderr
