"""A file that breaks its reader is refused by name, and the next is read."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import readers
from ingest.drafts import Block, Reading
from ingest.pipeline.run import ingest
from ingest.readers import html, plain
from ingest.readers.worker import Worker
from ingest.sources.files import discover
from kb.encoders.hashing import HashingEncoder
from kb.errors import Refused
from kb.store import Store

FOLDER = Path(__file__).parent / "fixtures" / "readers"
PAGE = "<html><body><article><h1>Tolls</h1>{}</article></body></html>"


@pytest.fixture(scope="module")
def breaking() -> Iterator[Any]:
    """The reader that breaks when it is told to, here and in a worker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        patch.setenv("PYTHONPATH", str(FOLDER), prepend=":")
        yield import_module("breaking")
    del sys.modules["breaking"]


@pytest.fixture(scope="module")
def worker(breaking: Any) -> Iterator[Worker]:
    """One with little patience."""
    with Worker(seconds=4) as one:
        yield one


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("crash", "broke down over it"),
        ("leave", "broke down over it"),
        ("hang", "took more than 4 s over it"),
        ("sleep", "took more than 4 s over it"),
        ("fill", "not enough memory"),
        ("deep", "RecursionError"),
        ("refuse", "not today"),
        ("stumble", "stumbled over it (IndexError: no such row)"),
    ],
)
def test_whatever_breaks_is_refused_and_the_next_is_read(
    worker: Worker, breaking: Any, how: str, said: str
) -> None:
    began = time.monotonic()
    with pytest.raises(Refused) as caught:
        worker.read(breaking, how.encode(), "a.bin")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert time.monotonic() - began < 30
    assert worker.read(breaking, b"well", "b.bin", "pass") == Reading((Block("well b.bin pass"),))


def test_what_a_library_prints_is_no_answer(worker: Worker, breaking: Any) -> None:
    assert worker.read(breaking, b"print", "a") == Reading((Block("print a"),))


@given(paragraphs=st.lists(st.text("ab é.", min_size=1, max_size=40), max_size=4))
def test_a_worker_reads_as_the_reader_does(worker: Worker, paragraphs: list[str]) -> None:
    body = "".join(f"<p>Who pays the toll. {text}</p>" for text in ["", *paragraphs])
    data = PAGE.format(body).encode()
    assert worker.read(html, data, "a.html") == html.read(data, "a.html")


def test_what_kb_parses_by_itself_is_read_here() -> None:
    with Worker() as one:
        one.read(plain, b"Tolls\n\nWho pays them.\n", "a.txt")
        assert one._process is None


def test_the_run_goes_on(
    store: Store, tmp_path: Path, breaking: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(readers.SUFFIXES, ".brk", "x/breaking")
    monkeypatch.setitem(readers._READERS, "x/breaking", "breaking")
    monkeypatch.setitem(sys.modules, "ingest.readers.breaking", breaking)
    (tmp_path / "a.brk").write_text("crash")
    (tmp_path / "b.brk").write_text("Tolls are paid by drivers.")
    (tmp_path / "c.txt").write_text("Tolls\n\nWho pays them.\n")
    report = ingest(
        discover([str(tmp_path / name) for name in ("a.brk", "b.brk", "c.txt")]),
        store,
        HashingEncoder(),
    )
    (refused,) = report.refused
    assert refused.source.endswith("a.brk")
    assert [Path(one.source).name for one in report.added] == ["b.brk", "c.txt"]
    assert [Path(one.source).name for one in store.refusals()] == ["a.brk"]
