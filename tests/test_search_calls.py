"""What a question costs a store: few calls whatever its words, from any thread, at any moment."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Lock
from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_search_ranking import ENCODER, MODE_NAMES, add, edition

from kb.filters import Filters
from kb.store import Store, open_store
from search.hits import Answer
from search.retrieval.candidates import DEPTH
from search.searcher import Searcher, SearchOptions

MOST = 6  # calls of a question
THREADS = 8

# known, of the other spelling, misspelt, unknown, acronyms, long forms; stop words; required and
# excluded phrases
WORDS = st.sampled_from(
    "charge drivers buses labour catalogue programme organise the of who chrage drviers goverment "
    "xyzzy zebra PIU PPE NATO integrity unit fiscal year 2017 £5 Ünï ?".split()
)
MARKED = st.sampled_from(
    ["program integrity unit", '"drivers pay"', '"xyzzy"', "-buses", '-"fiscal year"', "-zebra"]
)
QUESTIONS = st.lists(WORDS | WORDS | MARKED, max_size=9).map(
    lambda words: " ".join(["pay", *words])
)
FILTERS = st.builds(
    Filters,
    documents=st.sampled_from([(), (), ("brief-1?",), ("copy-*",), ("nobody",)]),
    tags=st.sampled_from([(), (), ("roads",), ("seas",)]),
    since=st.sampled_from([None, None, "2019", "2030"]),
)
OPTIONS = st.builds(
    SearchOptions,
    limit=st.sampled_from([1, 5, 30, DEPTH, 2 * DEPTH + 7]),
    mode=st.sampled_from(MODE_NAMES),
    filters=FILTERS,
    context=st.integers(0, 2),
    rerank=st.booleans(),
    diverse=st.booleans(),
    explain=st.booleans(),
    plain=st.booleans(),
    exact=st.booleans(),
    least=st.none() | st.floats(0, 1),
)
SUBJECTS = (
    "Drivers pay the charge, and the buses of the labour unions run.",
    "The Program Integrity Unit (PIU) keeps a catalog of those who pay.",
    "Personal protective equipment (PPE) is paid for by fiscal year.",
    "A programme of the government; organizers pay nothing.",
)
COPY = "Whoever drives into the zone has to pay the charge at the gate of the city, each day anew."


class Counting:
    """A store that counts each call of a public method, and each look at a public property."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        its = getattr(self._store, name)
        if not callable(its):
            self._count(name)
            return its

        def call(*arguments: object, **named: object) -> object:
            self._count(name)
            return its(*arguments, **named)

        return call

    def _count(self, name: str) -> None:
        with self._lock:
            self.calls[name] += 1


def counting(store: Store) -> tuple[Store, Counter[str]]:
    """A store that counts, and its counts."""
    made = Counting(store)
    return cast(Store, made), made.calls


def asked(searcher: Searcher, question: str, options: SearchOptions) -> Answer:
    """The answer but for how long it took."""
    return replace(searcher.ask(question, options), took_ms=0.0)


@pytest.fixture(scope="module")
def briefs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A knowledge base of forty briefs, some with a date and tags, opened to read."""
    location = tmp_path_factory.mktemp("briefs") / "kb"
    with open_store(location, create=True, model="hashing") as store:
        for n in range(40):
            texts = [f"{SUBJECTS[(n + at) % 4]} Number {n}." for at in range(1 + n % 4)]
            known = {"issued": f"{2000 + n}"} if n % 3 else {}
            add(store, [edition(f"brief-{n}", texts, keyword=("roads",) * (n % 2), **known)])
    with open_store(location) as store:
        yield store


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A knowledge base of hundreds of copies of one brief, and a few others, opened to read."""
    location = tmp_path_factory.mktemp("copies") / "kb"
    with open_store(location, create=True, model="hashing") as store, store.together():
        add(store, (edition(f"copy-{n:03d}", [COPY, COPY]) for n in range(2 * DEPTH)))
        add(store, (edition(f"brief-{n}", [text]) for n, text in enumerate(SUBJECTS)))
    with open_store(location) as store:
        yield store


# --- how many calls


@given(question=QUESTIONS, options=OPTIONS, full_of_copies=st.booleans())
@settings(max_examples=150)
@example("pay", SearchOptions(context=2), True)
@example("pay PIU chrage program integrity unit of labour", SearchOptions(context=1), False)
@example("pay", SearchOptions(filters=Filters(documents=("nobody",))), False)
def test_a_question_costs_at_most_six_calls(
    briefs: Store, copies: Store, question: str, options: SearchOptions, full_of_copies: bool
) -> None:
    store, calls = counting(copies if full_of_copies else briefs)
    searcher = Searcher(store, ENCODER)
    assert calls == {"manifest": 1}
    for turn in (1, 2):
        calls.clear()
        searcher.ask(question, options)
        opened = calls.pop("refresh", 0)
        assert opened <= (turn == 1), "only the first has the store opened besides"
        assert calls.total() <= MOST, calls
        assert calls.keys() <= {"look_up", "candidates", "passages", "neighbours", "entries"}


def test_calls_by_eye(briefs: Store, copies: Store) -> None:
    def calls_of(store: Store, options: SearchOptions) -> dict[str, int]:
        counted, calls = counting(store)
        searcher = Searcher(counted, ENCODER)
        calls.clear()
        searcher.ask("who pays the charge", options)
        return dict(calls)

    once = {"look_up": 1, "candidates": 1, "passages": 1}
    assert calls_of(briefs, SearchOptions()) == {"refresh": 1, **once}
    assert calls_of(briefs, SearchOptions(mode="keyword", explain=True, diverse=True)) == once
    assert calls_of(copies, SearchOptions(context=1)) == {
        "refresh": 1, "look_up": 1, "candidates": 2, "passages": 2, "neighbours": 1,
    }  # fmt: skip


def test_a_knowledge_base_is_empty_no_longer_than_it_is(tmp_path: Path) -> None:
    with open_store(tmp_path / "kb", create=True, model="hashing") as store:
        counted, calls = counting(store)
        searcher = Searcher(counted, ENCODER)
        calls.clear()
        assert searcher.ask("who pays").hits == ()
        assert calls == {"manifest": 1}
        add(store, [edition("brief", [COPY])])
        assert len(searcher.ask("who pays").hits) == 1
        calls.clear()
        searcher.ask("who pays")
        assert "manifest" not in calls


# --- from several threads


@given(st.lists(st.tuples(QUESTIONS, OPTIONS), min_size=1, max_size=4), st.booleans())
@settings(max_examples=20)
def test_eight_threads_get_the_answers_of_one(
    briefs: Store,
    copies: Store,
    questions: list[tuple[str, SearchOptions]],
    full_of_copies: bool,
) -> None:
    store, calls = counting(copies if full_of_copies else briefs)
    searcher = Searcher(store, ENCODER)
    together = Barrier(THREADS)

    def ask_all(seed: int) -> list[Answer]:
        order = random.Random(seed).sample(range(len(questions)), len(questions))
        together.wait(60)
        found = {n: asked(searcher, *questions[n]) for n in order}
        return [found[n] for n in range(len(questions))]

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(ask_all, range(THREADS)))
    assert calls["refresh"] <= THREADS, "as many as were the first at once"
    alone = Searcher(copies if full_of_copies else briefs, ENCODER)
    expected = [asked(alone, *one) for one in questions]
    assert found == [expected] * THREADS


# --- beside a writer


class Interrupted:
    """A store in which something happens right after the first call of a method has returned."""

    def __init__(self, store: Store, method: str, happens: Callable[[], None]) -> None:
        self._store = store
        self._method = method
        self._happens: list[Callable[[], None]] = [happens]

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if name != self._method:
            return method

        def call(*arguments: object) -> object:
            found = method(*arguments)
            while self._happens:
                self._happens.pop()()
            return found

        return call


def takes_away(store: Store) -> None:
    """One of three documents."""
    store.remove("gone")


def replaces(store: Store) -> None:
    """A document by a new edition."""
    add(store, [edition("gone", ["Drivers pay a new charge."])])


def takes_all_away(store: Store) -> None:
    """All three."""
    for key in ("gone", "kept", "last"):
        store.remove(key)


@pytest.mark.parametrize("does", [takes_away, replaces, takes_all_away])
@pytest.mark.parametrize("method", ["look_up", "candidates", "passages", "neighbours"])
@pytest.mark.parametrize(
    "options",
    [
        SearchOptions(context=1),
        SearchOptions(context=1, plain=True, explain=True),
        SearchOptions(context=1, diverse=True, mode="semantic", explain=True),
        SearchOptions(context=1, mode="keyword", filters=Filters(documents=("*",))),
    ],
    ids=["hybrid", "plain", "diverse", "keyword"],
)
def test_what_a_writer_changes_meanwhile_is_left_out_or_as_it_was(
    tmp_path: Path, does: Callable[[Store], None], method: str, options: SearchOptions
) -> None:
    texts = {
        "gone": ["Drivers pay the charge.", "They pay each day."],
        "kept": ["Drivers pay some of the charge, and others pay more.", "It rains."],
        "last": ["Nobody has to pay here."],
    }
    with open_store(tmp_path / "kb", create=True, model="hashing") as store:
        add(store, (edition(key, its) for key, its in texts.items()))

    def happens() -> None:
        with open_store(tmp_path / "kb", write=True) as writer:
            does(writer)

    with open_store(tmp_path / "kb") as reader:
        before = Searcher(reader, ENCODER).ask("drivers pay the charge", options)
        store = cast(Store, Interrupted(reader, method, happens))
        meanwhile = Searcher(store, ENCODER).ask("drivers pay the charge", options)
        after = Searcher(reader, ENCODER).ask("drivers pay the charge", options)
    assert before.hits[0].passage.document == "gone"
    if method in ("passages", "neighbours"):  # all of it was there already
        assert shown(meanwhile) == shown(before)
    elif method == "look_up":
        assert shown(meanwhile) == shown(after)
    else:
        stays = [] if does is takes_all_away else ["kept", "last"]
        expected = [reference for reference in shown(before) if reference.split("#")[0] in stays]
        assert shown(meanwhile) == expected
        assert [hit.rank for hit in meanwhile.hits] == list(range(1, len(expected) + 1))
        assert expected or not meanwhile.answered
    for hit in meanwhile.hits:
        around: Sequence[Any] = (*hit.before, hit.passage, *hit.after)
        assert [its.revision for its in around] == [hit.passage.revision] * len(around)


def shown(answer: Answer) -> list[str]:
    """The references of the hits, in their order."""
    return [hit.passage.reference for hit in answer.hits]
