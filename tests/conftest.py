"""Fixtures for all rooms: a store to fill, an encoder without a model, the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from kb.encoders.hashing import HashingEncoder
from kb.store import Store, open_store

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"

# examples are drawn from a fixed seed in CI, so that a red build stays red until it is mended
settings.register_profile(
    "kb", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("kb"), derandomize=True, print_blob=True)
settings.register_profile("torture", settings.get_profile("kb"), max_examples=1000, print_blob=True)
# the prepared model is kept where the user's is, also where a test has a home of its own
os.environ.setdefault("XDG_CACHE_HOME", str(Path.home() / ".cache"))

# workers whose models each take every core wait for one another: the encoders' contract took two
# minutes on two cores, and half a minute with a thread each
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.load_profile("ci" if os.environ.get("CI") else "kb")


@pytest.fixture
def encoder() -> HashingEncoder:
    """Vectors of words, without a model."""
    return HashingEncoder()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty knowledge base, open for writing."""
    with open_store(tmp_path / "kb", create=True, model="hashing") as opened:
        yield opened


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, and a working folder in it; no knowledge base anywhere."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("KB_DIR", "XDG_DATA_HOME", "KB_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(folder)
    return folder


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def kb(home: Path) -> Run:
    """Runs `kb` as a process of its own, in an empty home, and gives what it printed."""

    def run(*arguments: str | Path, stdin: str | bytes = b"") -> subprocess.CompletedProcess[str]:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        command = [sys.executable, "-c", "from kb.cli import main; main()", *map(str, arguments)]
        done = subprocess.run(command, input=data, capture_output=True, check=False, timeout=300)
        return subprocess.CompletedProcess(
            command, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return run


@pytest.fixture
def ask(home: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs `kb` inside this process (fast) and gives exit code, stdout and stderr."""
    from kb.cli import run

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return call


@pytest.fixture
def shared() -> Path:
    """The folder of development data beside the project; the test is skipped without it."""
    if not SHARED.is_dir():
        pytest.skip("needs the development data beside the project")
    return SHARED
