"""Which documents may answer: whole words, keys and globs, dates as intervals, and exact ranks."""

from __future__ import annotations

import json
import string
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from test_search_ranking import MODE_NAMES, ByHand, add, answered, assert_best, edition

from kb.filters import Filters, what_there_is
from kb.metadata import Metadata
from kb.records import Entry, Provenance
from kb.store import Store, open_store
from search.searcher import SearchOptions

Ask = Callable[..., tuple[int, str, str]]
SOURCE = Provenance("/a.txt", "0" * 64, "text/plain", "plain 1", "2025-01-01T00:00:00Z")


def entry(key: str = "key", **known: object) -> Entry:
    """A document's line in the catalogue, with what is known of it."""
    metadata = Metadata(**{"title": "Title", **known})  # type: ignore[arg-type]
    return Entry(key, "3fa2c1d4", metadata, (SOURCE,), passages=1, ingested_at="2025-01-01")


def lets(filters: Filters, one: Entry) -> bool:
    """Whether a document passes."""
    return filters.passes(one.document, one.metadata)


# --- whole words, without case

NAMES = st.lists(st.text("aàbçdéø", min_size=1, max_size=4), min_size=1, max_size=5)
KINDS = {"authors": "author", "publishers": "publisher", "tags": "keyword"}


def passes(kind: str, value: str, field: str) -> bool:
    """Whether a document with that author, publisher or tag passes a filter of that value."""
    known: dict[str, Any] = {KINDS[kind]: field if kind == "publishers" else (field,)}
    return lets(of_kind(kind, value), entry(**known))


def of_kind(kind: str, value: str) -> Filters:
    """The filter for that author, publisher or tag."""
    options: dict[str, Any] = {kind: (value,)}
    return Filters(**options)


@given(
    kind=st.sampled_from(list(KINDS)),
    words=NAMES,
    between=st.sampled_from([" ", ", ", "-", " & "]),
    part=st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted),
)
def test_neighbouring_whole_words_pass_and_parts_of_words_do_not(
    kind: str, words: list[str], between: str, part: list[int]
) -> None:
    field = between.join(words)
    asked = field[slice(*part)].strip(between) or words[0]
    parts = asked.split(between)
    runs = (words[at : at + len(parts)] for at in range(len(words)))
    expected = parts in runs
    assert passes(kind, asked, field) is expected
    assert passes(kind, asked.upper(), field.title()) is expected
    assert not passes(kind, f"x{asked}", field)
    assert not passes(kind, f"{asked}x", field)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("value", "field", "expected"),
    [
        ("Roe", "Jane Roe", True),
        ("jane roe", "Jane Roe", True),
        ("JANE", "Jane Roe", True),
        ("Roe Jane", "Jane Roe", False),
        ("Jane  Roe ", "Jane Roe", True),  # white space is one space
        ("art", "party", False),
        ("art", "art", True),
        ("art", "modern art, law", True),
        ("art", "artful", False),
        ("Müller", "Ana Mu\u0308ller", True),  # an accent as a character of its own
        ("straße", "STRASSE", True),
        ("U.S.", "U.S. Department of State", True),
        ("J. Roe", "J. Roe", True),
        ("J. Roe", "Jo Roe", False),  # a full stop is a full stop
        (".*", "Jane Roe", False),
        ("Jane|Joe", "Jane Roe", False),
        ("(Roe", "Jane (Roe", True),
        ("[a-z]+", "Jane Roe", False),
        ("R&D", "R&D policy", True),
        ("\\w", "w", False),
        ("", "Roe, J.", False),
        ("  ", "Jane Roe", False),
    ],
)
def test_words_by_example(kind: str, value: str, field: str, expected: bool) -> None:
    assert passes(kind, value, field) is expected


@given(st.text(), st.text())
def test_any_value_is_plain_text(value: str, field: str) -> None:
    for kind in KINDS:
        if passes(kind, value, field):
            assert folded(value) in folded(field)
        if value.strip():
            assert passes(kind, value, value)


def folded(text: str) -> str:
    """Text without regard to case, the forms of accents and the amount of white space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def test_nothing_known_passes_no_filter() -> None:
    unknown = entry()
    for kind in KINDS:
        for value in ("Roe", "", " "):
            assert not lets(of_kind(kind, value), unknown)
    assert lets(Filters(), unknown)
    assert not Filters()


def test_of_one_kind_one_must_hold_and_all_kinds_must() -> None:
    brief = entry(author=("Ann Lee", "Jane Roe"), publisher="Brookings", keyword=("trade",))
    assert lets(Filters(authors=("Nobody", "Roe")), brief)
    assert lets(Filters(authors=("Roe", "Nobody"), tags=("trade", "tax")), brief)
    assert not lets(Filters(authors=("Roe",), tags=("tax",)), brief)
    assert not lets(Filters(authors=("Roe",), publishers=("RAND",)), brief)
    assert not lets(Filters(authors=("Lee Jane",)), brief)  # not across two authors


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("us-russia-syria", True),
        ("US-Russia-Syria", True),
        ("us-russia", False),
        ("us-*", True),
        ("US-*", True),
        ("*russia*", True),
        ("us-russia-syri?", True),
        ("[t-v]*", True),
        ("[!u]*", False),
        ("*", True),
        ("us.russia.syria", False),
        ("", False),
    ],
)
def test_documents_by_key_or_glob(value: str, expected: bool) -> None:
    assert lets(Filters(documents=(value,)), entry("us-russia-syria")) is expected


# --- dates

YEARS = st.integers(1990, 1994).map(str)
MONTHS = st.integers(1, 12).map("{:02d}".format)
DAYS = st.integers(1, 28).map("{:02d}".format)
DATES = st.one_of(
    YEARS,
    st.tuples(YEARS, MONTHS).map("-".join),
    st.tuples(YEARS, MONTHS, DAYS).map("-".join),
)


def first(date: str) -> str:
    """A partial date's first day, in a form that sorts."""
    return date + "1990-01-01"[len(date) :]


def last(date: str) -> str:
    """A partial date's last day or a little later, in a form that sorts."""
    return date + "1990-12-31"[len(date) :]


@given(published=DATES, since=st.none() | DATES, until=st.none() | DATES)
@example("2017-02-28", "2017-02-28", "2017-02-28")
@example("2017", "2017-12", None)
@example("2017-03", None, "2017")
@example("2016-02-29", "2016-02", "2016-03")
def test_a_document_passes_when_the_intervals_overlap(
    published: str, since: str | None, until: str | None
) -> None:
    expected = (since is None or last(published) >= first(since)) and (
        until is None or first(published) <= last(until)
    )
    assert lets(Filters(since=since, until=until), entry(issued=published)) is expected


@given(since=st.none() | DATES, until=st.none() | DATES, authors=st.sampled_from([(), ("Roe",)]))
def test_undated_documents_pass_no_date_and_are_counted(
    since: str | None, until: str | None, authors: tuple[str, ...]
) -> None:
    entries = [
        entry("a"),
        entry("b", author=("Jane Roe",)),
        entry("c", author=("Jane Roe",), issued="1992"),
    ]
    filters = Filters(since=since, until=until, authors=authors)
    dated = since is not None or until is not None
    assert [lets(filters, one) for one in entries[:2]] == [not dated and not authors, not dated]
    # one that another filter leaves out is not left out for its date
    lacking = [one.document for one in entries if filters.lacks_date(one.document, one.metadata)]
    assert lacking == (["b"] if authors else ["a", "b"]) * dated


# --- with the command line

BRIEFS = (
    {"_id": 1, "title": "Tolls", "text": "Tolls pay for roads.", "published": "2017-03-12"},
    {"_id": 2, "title": "Buses", "text": "Tolls pay for buses.", "published": "2017"},
    {"_id": 3, "title": "Roads", "text": "Roads cost money.", "authors": ["Jane Roe", "Li Wei"]},
    {"_id": 4, "title": "Trams", "text": "Trams need roads.", "publisher": "Art Press"},
    {"_id": 5, "title": "Ports", "text": "Ports need roads.", "tags": ["trade", "party"]},
)


@pytest.fixture
def briefs(ask: Ask, home: Path) -> Path:
    """A knowledge base of BRIEFS in the working folder."""
    (home / "briefs.jsonl").write_text("".join(json.dumps(brief) + "\n" for brief in BRIEFS))
    assert ask("init", "--model", "hashing")[0] == 0
    assert ask("ingest", "briefs.jsonl")[0] == 0
    return home


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ([], "12345"),
        (["--author", "roe"], "3"),
        (["--author", "WEI", "--author", "nobody"], "3"),
        (["--author", "jan"], ""),
        (["--publisher", "art"], "4"),
        (["--publisher", "press", "--author", "roe"], ""),
        (["--tag", "art"], ""),
        (["--tag", "PARTY", "--tag", "art"], "5"),
        (["--document", "t*"], "14"),
        (["--document", "trams", "--document", "ports"], "45"),
        (["--since", "2017"], "12"),
        (["--since", "2017-04"], "2"),
        (["--since", "2018"], ""),
        (["--until", "2017-03"], "12"),
        (["--until", "12 March 2017"], "12"),
        (["--until", "2017-02"], "2"),
        (["--until", "2016"], ""),
        (["--since", "2017-03-12", "--until", "2017-03-12"], "12"),
    ],
)
def test_filters_on_the_command_line(briefs: Path, ask: Ask, filters: list[str], ids: str) -> None:
    for mode in MODE_NAMES:
        code, out, err = ask(
            "search", "roads tolls", "-n", "9", "--mode", mode, "--format", "json", *filters
        )
        found = {hit["external_id"] for hit in json.loads(out)["hits"]}
        assert found == set(ids)
        assert code == (0 if ids else 1)
        dated = "--since" in filters or "--until" in filters
        assert ("3 documents without a date left out" in err) == dated
        assert ("no document passes the filters" in err) == (not ids)


def test_one_undated_document_is_one(briefs: Path, ask: Ask) -> None:
    _, _, err = ask("search", "roads", "--since", "2017", "--author", "roe")
    assert "1 document without a date left out" in err


@pytest.mark.parametrize("date", ["soon", "3/4/2017", "2017-13", "2017-02-30", ""])
def test_a_date_that_is_none_is_refused(briefs: Path, ask: Ask, date: str) -> None:
    code, out, err = ask("search", "roads", "--until", date)
    assert (code, out) == (2, "")
    assert err.startswith("kb: --until")
    assert err.count("\n") == 1


# --- exact ranks among those that pass

DOCUMENTS, EACH = 200, 25  # with more passages in half of them than are multiplied one by one


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, ByHand]]:
    """5,000 passages of 15 words out of 60, common and rare; every 2nd, 20th, 100th marked."""
    words = [a + b + "b" for a in string.ascii_lowercase[:10] for b in "aeiouy"]
    texts: dict[str, list[str]] = {}
    state = 1
    for n in range(DOCUMENTS):
        passages = []
        for _ in range(EACH):
            line = []
            for _ in range(15):
                state = state * 1103515245 + 12345 & 0x7FFFFFFF
                line.append(words[(state >> 8) % 60 * ((state >> 16) % 60) // 60])
            passages.append(" ".join(line))
        texts[f"doc-{n:03d}"] = passages
    folder = tmp_path_factory.mktemp("many") / "kb"
    with open_store(folder, create=True, model="hashing") as store:
        add(
            store,
            (
                edition(
                    key,
                    passages,
                    author=("Jane Roe", "Li Wei")[n % 2 :],
                    keyword=("one in twenty",) if n % 20 == 3 else (),
                    publisher="Rare Press" if n % 100 == 7 else None,
                )
                for n, (key, passages) in enumerate(texts.items())
            ),
        )
    with open_store(folder) as store:
        yield store, ByHand(texts)


@pytest.mark.parametrize("mode", MODE_NAMES)
@pytest.mark.parametrize("question", ["bab cub dab gib", "jyb"])
def test_filtered_ranks_are_those_of_the_passing_documents(
    many: tuple[Store, ByHand], question: str, mode: str
) -> None:
    store, by_hand = many
    scores = by_hand.scores(question, mode)
    for filters, share in (
        (Filters(), 1.0),
        (Filters(authors=("Roe",)), 0.5),
        (Filters(tags=("in twenty",)), 0.05),
        (Filters(publishers=("rare press",)), 0.01),
        (Filters(documents=("doc-123",)), 1 / DOCUMENTS),
    ):
        passing = {one.document for one in store.entries() if lets(filters, one)}
        assert len(passing) == share * DOCUMENTS
        among = {place: score for place, score in scores.items() if place[0] in passing}
        for limit in (1, 10):
            found = answered(store, question, SearchOptions(limit, mode, filters))
            assert_best(found, among, limit)


def test_where_nothing_passes_it_says_what_there_is() -> None:
    entries = [
        entry("a", keyword=("heat", "syria"), author=("Ada Lee",)),
        entry("b", keyword=tuple(f"t{n}" for n in range(9)), issued="2024"),
    ]
    said = what_there_is(Filters(tags=("nosuch",)), entries)
    assert said == "tags there are: heat, syria, t0, t1, t2, t3, t4, t5 and 3 more"
    assert what_there_is(Filters(authors=("Bo",)), entries) == "authors there are: Ada Lee"
    assert what_there_is(Filters(publishers=("Bo",)), entries) == "no publishers"
    assert what_there_is(Filters(since="2030"), entries) == "kb list shows what there is"
