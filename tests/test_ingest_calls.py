"""How often an ingest asks its store: a few times for each document, whatever they are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_ingest_urls import Site

from ingest.pipeline.report import Report
from ingest.pipeline.run import Options, ingest
from ingest.sources.discovered import Discovered, Link
from ingest.sources.files import discover
from kb.encoders.hashing import HashingEncoder
from kb.metadata import Metadata
from kb.store import Store, open_store

EACH = 3  # calls for a document
BATCH = 2  # for a batch: what is encoded already, and its transaction
CONSTANT = 4  # for a run: the list of refusals and what changes of it, fetches


class Counted:
    """A real store, and how often each of its methods and properties was asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        self.calls[name] += 1
        return getattr(self._store, name)


@contextmanager
def new_store() -> Iterator[Store]:
    """An empty knowledge base."""
    with (
        TemporaryDirectory() as folder,
        open_store(Path(folder) / "kb", create=True, model="hashing") as store,
    ):
        yield store


def taken(store: Store, found: list[Discovered], **options: Any) -> tuple[Report, Counter[str]]:
    """What became of these sources, and the calls, which are few."""
    counted: Any = Counted(store)
    report = ingest(found, counted, HashingEncoder(), Options(**options))
    calls = counted.calls
    batches = calls["together"]
    assert batches <= len(found)
    assert calls["encoded"] <= batches
    assert calls.total() <= EACH * len(found) + BATCH * batches + CONSTANT, dict(calls)
    return report, calls


def text_of(number: int) -> str:
    """One of a few texts: two have the same title, and so have others."""
    return f"A levy on bottles {'ab'[number % 2]}\n\nThe levy number {number} is paid in shops.\n"


@settings(max_examples=25)
@given(
    st.lists(
        st.dictionaries(st.integers(0, 7), st.integers(0, 9), min_size=1), min_size=1, max_size=4
    ),
    st.booleans(),
)
def test_a_document_costs_three_calls_at_most(rounds: list[dict[int, int]], reread: bool) -> None:
    """New, with the key of another, twins, unchanged, changed, moved, all in one folder."""
    with TemporaryDirectory() as name, new_store() as store:
        for files in rounds:
            for number, text in files.items():
                (Path(name) / f"{number}.txt").write_text(text_of(text))
            taken(store, list(discover([name])), reread=reread)
        assert list(store.faults()) == []


def test_documents_of_one_title_cost_no_more(tmp_path: Path, store: Store) -> None:
    records = [
        {"_id": str(n), "title": "Terms", "text": f"The terms of brief {n}."} for n in range(300)
    ]
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(map(json.dumps, records)))
    found = list(discover([str(file)]))
    report, calls = taken(store, found)
    assert len(report.added) == 300
    assert calls["free_key"] == calls["source_state"] == calls["add"] == 300
    assert calls["together"] < 30, "a batch holds many documents"

    report, calls = taken(store, found)
    assert (report.unchanged, calls["source_state"]) == (300, 300)
    assert calls.total() <= 300 + CONSTANT

    file.write_text(file.read_text().replace("The terms", "New terms"))
    report, calls = taken(store, list(discover([str(file)])))
    assert (len(report.updated), calls["free_key"]) == (300, 0)
    assert calls.total() <= 2 * 300 + BATCH * calls["together"] + CONSTANT


def test_what_is_stated_of_documents_costs_no_more(tmp_path: Path, store: Store) -> None:
    for number in range(20):
        (tmp_path / f"{number}.txt").write_text(text_of(number))
    found = list(discover([str(tmp_path)]))[:20]
    taken(store, found)
    report, calls = taken(store, found, overrides=Metadata(publisher="House"))
    assert (len(report.updated), calls["free_key"]) == (20, 0)


def test_sources_that_are_refused_cost_no_more(tmp_path: Path, store: Store) -> None:
    for number in range(20):
        (tmp_path / f"{number}.pdf").write_bytes(b"%PDF-1.4 broken")
        (tmp_path / f"{number}.txt").write_text(text_of(number))
    report, _ = taken(store, list(discover([str(tmp_path)])))
    assert (len(report.added), len(report.refused)) == (20, 20)


@pytest.fixture
def site() -> Iterator[Site]:
    one = Site()
    yield one
    one.close()


def test_pages_cost_no_more(site: Site, store: Store) -> None:
    """New, not modified, the same bytes under a new tag, changed, a twin of another."""
    paths = [f"/{n}" for n in range(12)]
    links: list[Discovered] = [
        Link(site.page(path, f"bottles {path[1:]}", ETag='"1"')) for path in paths
    ]
    report, calls = taken(store, links)
    assert len(report.added) == 12
    assert (calls["fetches"], calls["note_fetch"]) == (1, 0)

    for n, path in enumerate(paths):
        answer = site.answers[path]
        assert isinstance(answer, tuple)
        status, headers, body = answer
        if n < 3:
            site.answers[path] = (304, {}, b"")
        elif n < 6:
            site.answers[path] = (status, {**headers, "ETag": '"2"'}, body)
        elif n < 9:
            site.answers[path] = (status, headers, body.replace(b"twice", b"once"))
        else:
            site.answers[path] = site.answers["/3"]
    report, calls = taken(store, links)
    assert report.refused == []
    assert (report.unchanged, len(report.updated), len(report.attached)) == (9, 3, 3)
    assert (calls["fetches"], calls["note_fetch"], calls["attach"]) == (1, 6, 3)
