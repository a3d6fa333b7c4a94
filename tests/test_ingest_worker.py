"""A file that breaks its reader is refused by name, and the next is read.

What a worker is asked and answers is JSON, and comes back exactly or not at all.
"""

from __future__ import annotations

import ast
import json
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import partial
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest import readers
from ingest.drafts import Block, Reading
from ingest.pipeline import run
from ingest.pipeline.run import ingest
from ingest.readers import html, plain
from ingest.readers.codec import from_json, to_json
from ingest.readers.messages import (
    Answer,
    Question,
    read_answer,
    read_question,
    write_answer,
    write_question,
)
from ingest.readers.worker import Worker
from ingest.sources.files import discover
from kb.encoders.hashing import HashingEncoder
from kb.errors import Refused
from kb.metadata import Metadata
from kb.store import Store

ROOT = Path(__file__).parent.parent
FOLDER = Path(__file__).parent / "fixtures" / "readers"
PAGE = "<html><body><article><h1>Tolls</h1>{}</article></body></html>"
TEXTS = st.text(st.characters(exclude_categories=()), max_size=6)  # half characters among them
MOST = 1_000_000


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that a record may have."""
    origin, inside = get_origin(kind), get_args(kind)
    simple = {str: TEXTS, int: st.integers(), bool: st.booleans(), NoneType: st.none()}
    if kind in simple:
        return simple[kind]
    if origin is Literal:
        return st.sampled_from(inside)
    if origin in (Union, UnionType):
        return st.one_of(*map(values, inside))
    if origin is tuple and inside[-1] is Ellipsis:
        return st.lists(values(inside[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, inside))
    assert is_dataclass(kind)
    assert isinstance(kind, type)
    types = get_type_hints(kind)
    return st.builds(kind, **{field.name: values(types[field.name]) for field in fields(kind)})


READINGS = values(Reading)
SAMPLE = Reading((Block("Tolls", "heading", 1), Block("Who pays.", pages=((0, 3),))), notes=("a",))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXTS, inside, max_size=3),
    max_leaves=8,
)


# Laws


@given(READINGS)
@example(Reading((Block("\ud83d\ude00 \U0001f600"),)))  # two halves are not the whole
@example(Reading((Block('\0\x1b\u2028\ufeff\\u0000"'),)))
@example(Reading((), Metadata(title="")))
@example(Reading((), Metadata(title=None)))
def test_a_reading_comes_back_exactly(reading: Reading) -> None:
    assert from_json(Reading, to_json(reading)) == reading


@given(READINGS, READINGS)
def test_two_readings_are_never_written_alike(one: Reading, other: Reading) -> None:
    assert (to_json(one) == to_json(other)) == (one == other)


@given(JSON)
def test_json_is_a_reading_or_a_value_error(value: Any) -> None:
    data = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        reading = from_json(Reading, data)
    except ValueError:
        return
    assert from_json(Reading, to_json(reading)) == reading


@given(READINGS, st.data())
def test_a_value_of_another_type_is_no_reading(reading: Reading, data: st.DataObject) -> None:
    value = json.loads(to_json(reading).decode("utf-8", "surrogatepass"))
    field = data.draw(st.sampled_from([field.name for field in fields(Reading)]))
    value[field] = data.draw(st.sampled_from([1.5, {"a": 1}, [[1.5]], [None], [{"__class__": 1}]]))
    with pytest.raises(ValueError, match=r"type|field|without"):
        from_json(Reading, json.dumps(value).encode())


@given(st.binary())
@example(b"[" * 100_000)
@example(b"9" * 5_000)
def test_any_bytes_are_a_reading_or_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError):
        from_json(Reading, data)


@given(st.lists(st.tuples(values(Question), st.binary())))
def test_questions_come_in_their_order_with_their_bytes(
    asked: list[tuple[Question, bytes]],
) -> None:
    stream = BytesIO()
    for question, data in asked:
        write_question(stream, question, data)
    stream.seek(0)
    assert list(iter(partial(read_question, stream), None)) == asked


@given(READINGS, st.data())
def test_half_an_answer_is_none(reading: Reading, data: st.DataObject) -> None:
    stream = BytesIO()
    write_answer(stream, to_json(Answer(reading)))
    whole = stream.getvalue()
    assert read_answer(BytesIO(whole), MOST).reading == reading
    with pytest.raises(EOFError):
        read_answer(BytesIO(whole[: data.draw(st.integers(0, len(whole) - 1))]), MOST)


def test_nothing_is_unpickled() -> None:
    for path in (ROOT / "ingest").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in node.names}
                names.add(getattr(node, "module", None) or "")
                assert not names & {"pickle", "marshal", "shelve", "cloudpickle"}, path


# Workers


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
    with Worker(seconds=4, program="serving") as one:
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


def framed(data: bytes, size: int | None = None) -> bytes:
    """Bytes as a worker would send them for an answer."""
    return struct.pack(">QQ", len(data) if size is None else size, 0) + data


@pytest.mark.parametrize(
    "answer",
    [
        b"\x80\x04K\x01." * 10,  # pickled
        framed(b"{}"),
        framed(b'{"reading":{"blocks":[]},"refusal":"both"}'),
        framed(b'{"reading":{"blocks":[{"text":1}]}}'),
        framed(b'{"reading":{"blocks":[{"text":"a","kind":"program"}]}}'),
        framed(b'{"reading":{"blocks":[],"title":"a","os":"system"}}'),
        framed(b'{"reading":{}}'),
        framed(b"\xff"),
        framed(b"", size=1 << 62),
        struct.pack(">QQ", 2, 1 << 62) + b"{}",
    ],
)
def test_a_worker_that_answers_garbage_is_ended_and_the_file_refused(
    breaking: Any, answer: bytes
) -> None:
    with Worker(seconds=30, program="garbling") as worker:
        with pytest.raises(Refused, match="the reader breaking broke down over it"):
            worker.read(breaking, answer, "a.bin")
        assert worker._process is None
        assert worker.read(breaking, framed(to_json(Answer(SAMPLE))), "b.bin") == SAMPLE


@pytest.mark.parametrize("name", ["breaking", "os", "ingest.readers.html", "../worker", ""])
def test_a_worker_knows_readers_by_their_names_alone(name: str) -> None:
    class Unregistered:
        NAME = name
        VERSION = "1"
        read = staticmethod(plain.read)

    with Worker() as worker, pytest.raises(Refused, match="there is no reader"):
        worker.read(Unregistered, b"Tolls", "a.txt")


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
    monkeypatch.setattr(run, "Worker", partial(Worker, program="serving"))
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
