"""Nothing leaves the machine, and nothing is left lying about on it."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from watched import Command, Seen, as_users, lacking, watch

CORPUS = Path(__file__).parent.parent / "corpus"
KB = [sys.executable, "-c", "from kb.cli import main; main()"]
# the same with the switch taken out
TALKING = [
    sys.executable,
    "-c",
    "import importlib; from kb.encoders import telemetry; "
    "telemetry.import_quietly = importlib.import_module; from kb.cli import main; main()",
]
WORK = 90.0  # seconds
WAKES = 60.0  # seconds within which telemetry has woken: ten as measured


@pytest.fixture
def ada(tmp_path: Path) -> Path:
    """The home of a person who has just installed kb."""
    home = tmp_path / "ada"
    home.mkdir()
    return home


def with_prepared_model(home: Path) -> Path:
    """The home of one who has used kb before."""
    (home / ".cache").mkdir()
    (home / ".cache" / "kb").symlink_to(Path(os.environ["XDG_CACHE_HOME"]) / "kb")
    return home


def elsewhere(paths: Iterable[str], home: Path, *more: Path) -> list[str]:
    """Those that are neither a knowledge base's nor kb's cache's nor temporary.

    The folders above these are made on the way.
    """
    places = (home / ".local/share/kb", home / ".cache/kb", home.parent / "tmp", *more)
    return [
        path
        for path in paths
        if not any(
            Path(path).is_relative_to(place) or place.is_relative_to(path) for place in places
        )
    ]


def left(home: Path) -> list[str]:
    """What was left in the temporary folder."""
    return os.listdir(home.parent / "tmp")  # noqa: PTH208 - names are enough


def used(program: list[str], home: Path) -> list[str]:
    """Take a brief in and ask; what lies elsewhere afterwards, and in the temporary folder."""
    for arguments in (["ingest", str(CORPUS / "school-meals.txt")], ["search", "who eats free"]):
        subprocess.run(
            [*program, *arguments],
            cwd=home,
            env=as_users(home),
            check=True,
            capture_output=True,
            timeout=300,
        )
    return elsewhere(map(str, home.rglob("*")), home) + left(home)


@pytest.mark.model
def test_nothing_is_left_lying_about(ada: Path) -> None:
    assert used(KB, with_prepared_model(ada)) == []


@pytest.mark.model
def test_with_the_switch_taken_out_something_is(ada: Path, reports: None) -> None:
    assert "onnxruntime" in " ".join(used(TALKING, with_prepared_model(ada)))


@pytest.fixture
def reports() -> None:
    """Skips where the library that the control needs reports nothing."""
    import importlib.metadata

    version = importlib.metadata.version("onnxruntime")
    if tuple(map(int, version.split(".")[:2])) < (1, 29):
        pytest.skip(f"onnxruntime {version} reports nothing")


@pytest.fixture
def watching() -> Callable[..., Seen]:
    """`watch`, where it can be done; in CI it must be."""
    reason = lacking()
    if reason is not None and os.environ.get("CI"):
        pytest.fail(f"CI cannot see what leaves the machine: {reason}")
    if reason is not None:
        pytest.skip(reason)
    return watch


def briefs(folder: Path, count: int) -> list[str]:
    """So many briefs of a page, each of other sentences of the samples in another order."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(CORPUS.glob("*.txt"))]
    sentences = [one.strip() for text in texts for one in text.split(". ") if len(one) > 40]
    folder.mkdir()
    draw = random.Random(7)
    for number in range(count):
        paragraphs = [". ".join(draw.sample(sentences, 5)) for _ in range(8)]
        text = "\n\n".join([f"Brief {number}", *(f"{one}." for one in paragraphs)])
        (folder / f"brief-{number}.txt").write_text(text, encoding="utf-8")
    return sorted(map(str, folder.iterdir()))


@pytest.mark.long
@pytest.mark.model
def test_nothing_leaves_in_ninety_seconds_of_work(ada: Path, watching: Callable[..., Seen]) -> None:
    shutil.copytree(CORPUS, ada / "corpus")
    (ada / "new").mkdir()
    (ada / "questions.txt").write_text(
        "".join(f"who pays for the {n % 97} ports of region {n}\n" for n in range(120))
    )
    many, later = briefs(ada / "many", 80), briefs(ada / "later", 9)
    done = [
        "encoder prepare",
        f"ingest corpus {' '.join(many)}",
        "search --questions questions.txt",
        "eval corpus",
        "list",
        "show school-meals-eat-free-decides-served#3",
        "set school-meals-eat-free-decides-served --date 2024-05",
        "keep-text clocks-still-change-summer-time-after 1",
        "remove brief-1",
        "stats",
        "verify --repair",
        "init other",
    ]
    seen = watching([Command([*KB, *line.split()]) for line in done], ada, as_users(ada))
    rest = max(30.0, WORK - sum(seen.seconds))
    waiting = Command([*KB, "watch", "new"], seconds=rest, feed=later, into="new")
    seen.add(watching([waiting], ada, as_users(ada)))
    done.append("watch new")
    for line, took in zip(done, seen.seconds, strict=True):
        print(f"{took:5.1f} s  kb {line[:50]}")  # noqa: T201 - shown by make test-long
    assert [line for line, code in zip(done, seen.codes, strict=True) if code] == [], seen.printed
    assert "added    brief-" in seen.printed[-1]
    assert sum(seen.seconds) >= WORK
    assert seen.asked == []
    assert seen.tried == []
    assert elsewhere(seen.written, ada, ada / "other") == []
    assert left(ada) == []


@pytest.mark.long
@pytest.mark.model
def test_with_the_switch_taken_out_the_watch_sees_it(
    ada: Path, watching: Callable[..., Seen], reports: None
) -> None:
    with_prepared_model(ada)
    (ada / "questions.txt").write_text("who pays for the roads\n" * 5000)
    commands = [
        Command([*KB, "ingest", str(CORPUS / "school-meals.txt")]),
        Command([*TALKING, "search", "--questions", "questions.txt"], seconds=WAKES),
    ]
    seen = watching(commands, ada, as_users(ada), until_tried=True)
    assert seen.asked
    assert seen.tried
    assert elsewhere(seen.written, ada)
