"""Who reads: from several threads, the newest state with each call, in nobody's way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asking import frequencies
from editions import ENCODER, brief, provenance

from kb.filters import Filters
from kb.index.candidates import CandidateQuery, Candidates
from kb.index.clauses import Near, Phrase
from kb.index.words import WordQuery
from kb.keys import Reference
from kb.local.store import LocalStore
from kb.records import Fetch
from kb.store import Store, open_store

THREADS = 8
WORDS = ("heat", "water", "rent", "bus", "levy", "bottle", "harbour", "tide", "road", "tax")
KEYS = [f"doc-{n:02d}" for n in range(20)]


def texts(n: int) -> list[str]:
    """Five passages of neighbouring words, others in each document."""
    words = list(islice(cycle(WORDS), n, n + 12))
    return [" ".join(words[at : at + 6]) + f" section{n}x{at}." for at in range(5)]


def add(store: Store, key: str, passages: list[str]) -> None:
    """Keep a document of these passages."""
    edition = brief(key, *passages)
    vectors = ENCODER.encode_passages(passages)
    originals = {edition.document.sources[0].sha256: edition.document.text.encode()}
    store.add(edition, vectors, originals, ENCODER)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """Half of the documents in the index files, half beside them, one removed."""
    folder = tmp_path / "kb"
    for some in (KEYS[:10], KEYS[10:]):
        with open_store(folder, create=True, model="hashing") as store:
            for key in some:
                add(store, key, texts(int(key[-2:])))
    with open_store(folder, write=True) as store:
        store.note_fetch("https://a.example", Fetch("https://a.example", "e", None))
        store.refuse("/broken.pdf", "it is broken")
        store.remove(KEYS[3])
    return folder


def query(text: str, depth: int = 7, **more: Any) -> CandidateQuery:
    """A question by meaning and words."""
    words = text.split()
    return CandidateQuery(
        ENCODER.encode_question(text),
        ENCODER.fingerprint,
        leading=tuple(Phrase((word,)) for word in words),
        counted=(Near((words[0], words[-1])), Phrase(tuple(words))),
        depth=depth,
        **more,
    )


# every call that a reader is asked
CALLS: list[Callable[[Store], Any]] = [
    *(
        lambda store, text=f"{one} {other}", depth=depth: store.candidates(query(text, depth))
        for one, other, depth in zip(WORDS, WORDS[1:], range(1, 19, 2), strict=False)
    ),
    lambda store: store.candidates(query("heat water", filters=Filters(documents=("doc-1*",)))),
    lambda store: store.candidates(query("rent bus", required=(Phrase(("levy",)),))),
    lambda store: store.candidates(query("tide road", excluded=(Phrase(("heat",)),))),
    lambda store: store.look_up(
        WordQuery(
            counted=("heat", "levy bottle", "zebra"),
            corrected={"harbor": 1, "bottel": 1},
            other_forms=(("tax", "taxes"), ("heat", "water")),
            excerpts=((Phrase(("bus",)), Phrase(("levy",))),),
        )
    ),
    lambda store: store.passages(range(1, 101)),
    lambda store: store.neighbours([store.passage(Reference(KEYS[5], None, 3))], 2),
    lambda store: store.entries(),
    lambda store: store.entry(KEYS[7]),
    lambda store: store.edition(Reference(KEYS[8])),
    lambda store: store.document_state(KEYS[9]),
    lambda store: store.source_state(f"/briefs/{KEYS[2]}.txt", "0" * 64, "plain"),
    lambda store: list(store.sources("/briefs/")),
    lambda store: store.fetches(),
    lambda store: store.free_key([KEYS[3], KEYS[4], "free"]),
    lambda store: sorted(store.encoded([f"Brief {KEYS[4]}\n{text}" for text in texts(4)])),
    lambda store: store.refusals(),
    lambda store: store.manifest,
    lambda store: store.size,
    lambda store: store.figures(),
    lambda store: list(store.faults()),
]


def plain(answer: Any) -> Any:
    """An answer, tables as lists, so that it can be compared."""
    if not isinstance(answer, Candidates):
        return answer
    values = {field.name: getattr(answer, field.name) for field in fields(answer)}
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in values.items()
    }


def in_threads(work: Callable[[int], Any], threads: int = THREADS) -> list[Any]:
    """What each of so many threads gives, all begun at once."""
    barrier = threading.Barrier(threads)

    def begun(number: int) -> Any:
        barrier.wait(30)
        return work(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(begun, range(threads)))


def test_eight_threads_are_told_what_one_is_told(filled: Path) -> None:
    with open_store(filled) as store:
        alone = [plain(call(store)) for call in CALLS]
    assert alone[0]["passing"] == 95
    with open_store(filled) as store:  # whose files no thread has opened yet

        def everything(number: int) -> list[Any]:
            turned = [*range(number, len(CALLS)), *range(number)]
            answers = {at: plain(CALLS[at](store)) for _ in range(3) for at in turned}
            return [answers[at] for at in range(len(CALLS))]

        for answers in in_threads(everything):
            assert answers == alone


def test_each_call_sees_one_state_while_another_writes(filled: Path) -> None:
    """A document is three passages, its words in all three: no answer shows a part of one."""
    done = threading.Event()
    with open_store(filled) as reader:
        before = reader.size

        def asked(number: int) -> int:
            most = before
            while not done.is_set():
                table = reader.candidates(query("zebra crossing", 500))
                assert (table.size - before) % 3 == 0
                assert table.passing == table.size >= most, "it saw an older state than before"
                assert table.frequencies[0] == table.size - before
                assert int(table.found.sum()) == table.size
                most = table.size
            return most

        def write() -> None:
            try:
                with open_store(filled, write=True) as writer:
                    for n in range(30):
                        add(writer, f"new-{n}", [f"zebra crossing {n} {part}" for part in "abc"])
                        if n % 10 == 9:
                            writer.repair()  # the index files are replaced
            finally:
                done.set()

        writing = threading.Thread(target=write)
        writing.start()
        seen = in_threads(asked, 4)
        writing.join()
        assert max(seen) > before
        assert reader.size == before + 90


def test_a_reader_sees_a_change_with_its_next_call(filled: Path) -> None:
    with open_store(filled) as reader, open_store(filled, write=True) as writer:
        assert frequencies(reader, ["zebra"]) == {"zebra": 0}
        add(writer, "new", ["A zebra."])
        assert frequencies(reader, ["zebra"]) == {"zebra": 1}
        assert reader.entry("new").passages == 1
        with writer.together():
            writer.remove("new")
            assert frequencies(reader, ["zebra"]) == {"zebra": 1}, "it is not committed yet"
        assert frequencies(reader, ["zebra"]) == {"zebra": 0}


def test_refresh_says_whether_something_changed(filled: Path) -> None:
    with open_store(filled) as reader:
        assert not reader.refresh()  # nothing was known before
        assert not reader.refresh()
        with open_store(filled, write=True) as writer:
            assert not reader.refresh()
            add(writer, "new", ["A zebra."])
            assert reader.refresh()
            assert not reader.refresh()
            writer.remove("new")
            add(writer, "other", ["Another zebra."])
            assert reader.refresh()
            writer.attach("other", provenance("/copy.txt", b"Another zebra."))
        assert reader.refresh()
        assert not reader.refresh()
        with open_store(filled, write=True) as writer:
            writer.remove("other")
        assert frequencies(reader, ["zebra"]) == {"zebra": 0}  # which has opened the newest
        assert not reader.refresh()


# --- in nobody's way


@pytest.fixture
def opened(filled: Path) -> Iterator[tuple[Path, Store]]:
    """A reader that was asked everything, from two threads."""
    with open_store(filled) as reader:
        for call in CALLS:
            call(reader)
        in_threads(lambda _: [call(reader) and None for call in CALLS], 2)
        yield filled, reader


def test_a_reader_that_is_open_holds_no_transaction(opened: tuple[Path, LocalStore]) -> None:
    """The writer can empty its log while a reader is open that has asked before."""
    folder, reader = opened
    log = folder / "kb.sqlite3-wal"
    with open_store(folder, write=True) as writer:
        assert isinstance(writer, LocalStore)
        for round in range(3):
            add(writer, f"new-{round}", ["A zebra."])
            assert log.stat().st_size > 0
            for call in CALLS:
                call(reader)
            begun = reader.sources("")
            assert next(begun)  # and is not asked for the rest
            db = writer._connections.db
            (busy, pages, moved) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            assert (busy, pages, moved) == (0, 0, 0)
            assert log.stat().st_size == 0
            assert frequencies(reader, ["zebra"]) == {"zebra": round + 1}
            assert len(list(begun)) > 1


def test_an_error_ends_the_transaction_too(opened: tuple[Path, LocalStore]) -> None:
    folder, reader = opened
    for wrong in (
        lambda: reader.entry("no-such"),
        lambda: reader.passage(Reference(KEYS[1], None, 99)),
        lambda: reader.candidates(CandidateQuery(np.ones(64, dtype=np.float32), "another")),
    ):
        with pytest.raises(Exception, match=r"no-such|passages 1 to 5|another"):
            wrong()
    with open_store(folder, write=True) as writer:
        assert isinstance(writer, LocalStore)
        add(writer, "new", ["A zebra."])
        db = writer._connections.db
        assert db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
