"""The Store contract, one suite over all implementers (see `kb.store.Store`)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from any_metadata import metadata_of
from asking import Ranked, dense, frequencies, holding, lexical
from editions import ENCODER, brief, provenance
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore

from kb.catalogue import DocumentState
from kb.encoders.context import texts_of
from kb.encoders.hashing import HashingEncoder
from kb.errors import BadUsage, ModelMismatch, NotFound, StoreError, StoreMissing
from kb.index.candidates import CandidateQuery
from kb.index.clauses import Clause, Near, Phrase
from kb.keys import Reference
from kb.local.store import LocalStore
from kb.metadata import FIELDS, Metadata
from kb.records import Document, Edition, Passage, Removed, Span, revision_of
from kb.store import Store

if TYPE_CHECKING:
    from kb.encoder import Matrix, Vector

# Implementers


@dataclass(frozen=True)
class Kind:
    """How stores of one kind are made and opened."""

    make: Callable[[Path], Store]
    write: Callable[[Path], Store]
    read: Callable[[Path], Store]

    @contextmanager
    def fresh(self) -> Iterator[tuple[Path, Store]]:
        """A new store in a folder that goes away afterwards; Hypothesis needs many."""
        with TemporaryDirectory() as folder, self.make(Path(folder) / "kb") as store:
            yield Path(folder) / "kb", store


_local = partial(LocalStore.open, model="hashing", precision="int8")
LOCAL = Kind(
    make=partial(_local, write=True, create=True),
    write=partial(_local, write=True, create=False),
    read=partial(_local, write=False, create=False),
)


MEMORY = Kind(
    make=partial(MemoryStore, write=True, create=True),
    write=partial(MemoryStore, write=True),
    read=partial(MemoryStore, write=False),
)


@pytest.fixture(
    scope="module", params=[pytest.param(LOCAL, id="local"), pytest.param(MEMORY, id="memory")]
)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each kind of store."""
    its: Kind = request.param
    return its


@pytest.fixture
def store(kind: Kind, tmp_path: Path) -> Iterator[Store]:
    """An empty store, open for writing."""
    with kind.make(tmp_path / "kb") as opened:
        yield opened


def add(
    store: Store,
    edition: Edition,
    vectors: Matrix | None = None,
    encoder: HashingEncoder = ENCODER,
    overrides: Metadata | None = None,
) -> Edition:
    """Keep an edition; its text serves as the original."""
    data = edition.document.text.encode()
    if vectors is None:
        vectors = encoder.encode_passages([passage.text for passage in edition.passages])
    digest = hashlib.sha256(data).hexdigest()
    store.add(edition, vectors, {digest: data}, encoder, overrides)
    return edition


# What is found, by place: ids are the store's own affair


def kept_from(store: Store, uri: str) -> str | None:
    """The key of the document that is kept from a source today."""
    return next((key for source, key in store.sources(uri) if source == uri), None)


def by_brute_force(
    vectors: dict[tuple[str, int], Vector], question: Vector, limit: int
) -> list[tuple[str, int, float]]:
    """The nearest by inner product in float64, ties in six digits by key and ordinal."""
    scored = [
        (key, ordinal, round(float(vector.astype("f8") @ question.astype("f8")), 6))
        for (key, ordinal), vector in vectors.items()
    ]
    return sorted(scored, key=lambda found: (-found[2], found[:2]))[:limit]


def all_that_is_found(store: Store) -> list[Ranked]:
    """Answers to a few questions over WORDS, dense and lexical."""
    return [
        answer
        for n, word in enumerate(WORDS)
        for answer in (
            dense(store, ENCODER.encode_question(f"{word} {WORDS[n - 1]}"), 5),
            lexical(store, [Phrase((word,)), Phrase((WORDS[n - 1],))], 5),
            lexical(store, [Phrase((word, WORDS[n - 1]))], 5),
        )
    ]


# Strategies

WORDS = ["tax", "fish", "port", "coal", "heat"]  # no two share a stem
ODD = [
    "'",
    '"',
    "\r\n",
    "\x00",
    "🦈",
    "👩‍👩‍👧",
    "‘’“”",
    "%s ?1 :a",
    "\u2028",
    "é",
    "e\u0301",
    "عربي",
    "\ufeff",
]

text_of_any_kind = st.lists(
    st.one_of(st.sampled_from([*WORDS, *ODD]), st.text(st.characters(exclude_categories=["Cs"]))),
    min_size=1,
    max_size=4,
).map(" ".join)
few_words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
bodies = st.lists(few_words, min_size=1, max_size=4)


@st.composite
def editions(draw: st.DrawFn, key: str = "a-brief") -> Edition:
    """A document with everything that a document can have."""
    text, spans = "", []
    for piece in draw(st.lists(text_of_any_kind, max_size=4)):
        text += draw(st.sampled_from(["", "\n\n", "\n \n"]))
        spans.append(Span(len(text), len(text) + len(piece)))
        text += piece
    several = st.lists(text_of_any_kind, max_size=3).map(tuple)
    revision = revision_of(text, spans)
    uris = draw(st.lists(text_of_any_kind, min_size=1, max_size=3, unique=True))
    document = Document(
        key=key,
        revision=revision,
        metadata=draw(metadata_of(text_of_any_kind, title=text_of_any_kind)),
        text=text,
        sources=tuple(provenance(uri, text.encode()) for uri in sorted(uris)),
        external_id=draw(st.none() | text_of_any_kind),
    )
    pages = st.tuples(st.integers(1, 9), st.integers(9, 20))
    labels = st.tuples(text_of_any_kind, text_of_any_kind)
    passages = tuple(
        Passage(
            key,
            revision,
            ordinal,
            draw(st.integers(1, 9)),
            span,
            span.of(text),
            draw(several),
            draw(st.none() | pages),
            draw(st.none() | labels),
        )
        for ordinal, span in enumerate(spans, 1)
    )
    after = st.integers(0, len(text))
    removed = st.builds(Removed, text_of_any_kind, text_of_any_kind, after)
    return Edition(document, passages, tuple(draw(st.lists(removed, max_size=3))))


# Laws: what is kept


@given(edition=editions())
@settings(max_examples=40)
def test_what_comes_out_is_what_went_in(kind: Kind, edition: Edition) -> None:
    """Law 1, in the store, and Law 5: the round trip is identity."""
    with kind.fresh() as (folder, store):
        add(store, edition)
        assert store.edition(Reference("a-brief")) == edition
        store.close()
        with kind.read(folder) as reopened:
            document = edition.document
            assert reopened.edition(Reference("a-brief")) == edition
            assert reopened.edition(Reference("a-brief", document.revision)) == edition
            assert reopened.size == len(edition.passages)
            for passage in edition.passages:
                short, pinned = (Reference.parse(r) for r in (passage.reference, passage.pinned))
                assert reopened.passage(short) == reopened.passage(pinned) == passage
                assert passage.span.of(reopened.edition(short).document.text) == passage.text
            (entry,) = reopened.entries()
            assert entry == reopened.entry("a-brief")
            assert entry.passages == len(edition.passages)
            for name in ("revision", "metadata", "title", "sources", "source", "external_id"):
                assert getattr(entry, name) == getattr(document, name)
            for source in document.sources:
                state = reopened.source_state(source.uri, source.sha256, source.reader_name)
                assert state.kept is not None
                assert state.twin == state.kept
                assert (state.kept.key, state.former) == ("a-brief", None)
                assert state.kept.sources == document.sources
                assert reopened.original(source.sha256) == document.text.encode()
            assert [
                place[:2] for place in sorted(dense(reopened, ENCODER.encode_question("tax"), 9))
            ] == [("a-brief", passage.ordinal) for passage in edition.passages]


@given(first=bodies, second=bodies)
@settings(max_examples=15)
def test_adding_twice_is_adding_once(kind: Kind, first: list[str], second: list[str]) -> None:
    """Law 5."""
    with kind.fresh() as (_, once), kind.fresh() as (_, twice):
        for store, times in ((once, 1), (twice, 2)):
            for _ in range(times):
                add(store, brief("one", *first))
                add(store, brief("two", *second))
        assert all_that_is_found(twice) == all_that_is_found(once)
        assert [replace(entry, ingested_at="") for entry in twice.entries()] == [
            replace(entry, ingested_at="") for entry in once.entries()
        ]
        assert replace(twice.figures(), bytes_database=0, bytes_index=0) == replace(
            once.figures(), bytes_database=0, bytes_index=0
        )


@given(briefs=st.lists(bodies, min_size=2, max_size=4), data=st.data())
@settings(max_examples=15)
def test_the_order_of_adding_does_not_matter(
    kind: Kind, briefs: list[list[str]], data: st.DataObject
) -> None:
    """Law 5."""
    made = [brief(f"brief-{n}", *passages) for n, passages in enumerate(briefs)]
    with kind.fresh() as (_, forwards), kind.fresh() as (_, anyhow):
        for edition in made:
            add(forwards, edition)
        for edition in data.draw(st.permutations(made)):
            add(anyhow, edition)
        assert all_that_is_found(anyhow) == all_that_is_found(forwards)


@given(before=st.lists(bodies, max_size=3), body=bodies, other=bodies)
@settings(max_examples=15)
def test_what_is_found_does_not_depend_on_what_was(
    kind: Kind, before: list[list[str]], body: list[str], other: list[str]
) -> None:
    with kind.fresh() as (folder, store), kind.fresh() as (_, plain):
        for passages in before:  # earlier revisions, and a document that is taken out
            add(store, brief("one", *passages))
        add(store, brief("gone", *body))
        store.remove("gone")
        for fresh in (store, plain):
            add(fresh, brief("one", *body))
            add(fresh, brief("two", *other))
        assert all_that_is_found(store) == all_that_is_found(plain)
        store.close()
        with kind.read(folder) as reopened:
            assert all_that_is_found(reopened) == all_that_is_found(plain)
            assert not list(reopened.faults())


# Laws: what is found


@given(
    briefs=st.lists(bodies, min_size=1, max_size=4),
    question=few_words,
    limit=st.integers(0, 20),
    data=st.data(),
)
@settings(max_examples=25)
def test_dense_equals_a_product_in_numpy(
    kind: Kind, briefs: list[list[str]], question: str, limit: int, data: st.DataObject
) -> None:
    """Law 6."""
    vector = ENCODER.encode_question(question)
    kept = {
        (f"brief-{n}", ordinal): ENCODER.encode_passages([text])[0]
        for n, passages in enumerate(briefs)
        for ordinal, text in enumerate(passages, 1)
    }
    with kind.fresh() as (folder, store):
        for n in data.draw(st.permutations(range(len(briefs)))):
            add(store, brief(f"brief-{n}", *briefs[n]))
        wanted = data.draw(st.sets(st.integers(0, len(briefs) - 1)).map(sorted))
        keys = [f"brief-{n}" for n in wanted]
        some = {place: row for place, row in kept.items() if place[0] in keys}
        store.close()
        with kind.read(folder) as reopened:
            whole = dense(reopened, vector, limit)
            assert whole == by_brute_force(kept, vector, limit)
            among = dense(reopened, vector, limit, keys)
            assert among == by_brute_force(some, vector, limit)


@pytest.fixture(scope="module")
def many(
    kind: Kind, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, dict[tuple[str, int], Vector]]]:
    """3,000 passages with 40 different vectors, so that every answer is full of ties."""
    rng = np.random.default_rng(7)
    base = rng.normal(size=(40, ENCODER.dimension)).astype(np.float32)
    base /= np.linalg.norm(base, axis=1, keepdims=True)
    vectors: dict[tuple[str, int], Vector] = {}
    folder = tmp_path_factory.mktemp("many") / "kb"
    with kind.make(folder) as store:
        for n in rng.permutation(60):
            rows = base[rng.integers(40, size=50)]
            add(store, brief(f"brief-{n}", *(f"word {i}" for i in range(50))), rows)
            vectors.update({(f"brief-{n}", i): row for i, row in enumerate(rows, 1)})
    with kind.read(folder) as store:
        yield store, vectors


@pytest.mark.parametrize("documents", [0, 1, 3, 39, 41, 60, None])
@pytest.mark.parametrize("limit", [1, 7, 200, 5000])
def test_dense_is_exact_among_any_number(
    many: tuple[Store, dict[tuple[str, int], Vector]], documents: int | None, limit: int
) -> None:
    """Law 6, under a filter."""
    store, vectors = many
    rng = np.random.default_rng(limit)
    question = rng.normal(size=ENCODER.dimension).astype(np.float32)
    question /= np.linalg.norm(question)
    among = None
    if documents is not None:
        among = {f"brief-{n}" for n in rng.permutation(60)[:documents]}
        vectors = {place: row for place, row in vectors.items() if place[0] in among}
    found = dense(store, question, limit, among)
    expected = by_brute_force(vectors, question, limit)
    assert [place[:2] for place in found] == [place[:2] for place in expected]
    np.testing.assert_allclose([p[2] for p in found], [p[2] for p in expected], atol=1.1e-6)


def test_vectors_come_back_as_they_went_in(
    many: tuple[Store, dict[tuple[str, int], Vector]],
) -> None:
    store, vectors = many
    table = store.candidates(
        CandidateQuery(next(iter(vectors.values())), ENCODER.fingerprint, depth=99)
    )
    places = zip(table.documents, table.ordinals.tolist(), strict=True)
    np.testing.assert_array_equal(table.vectors, [vectors[place] for place in places])
    assert len(table.ids) > 99, "neighbours come along"
    assert store.candidates(CandidateQuery()).vectors.shape == (0, 0)


@given(
    briefs=st.lists(bodies, min_size=1, max_size=5),
    phrases=st.lists(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(tuple), min_size=1, max_size=3
    ),
    limit=st.integers(0, 20),
)
@settings(max_examples=25)
def test_lexical_equals_bm25_by_hand(
    kind: Kind, briefs: list[list[str]], phrases: list[tuple[str, ...]], limit: int
) -> None:
    columns = {
        (f"brief-{n}", ordinal): [["brief", "brief", str(n), WORDS[0]], text.split()]
        for n, passages in enumerate(briefs)
        for ordinal, text in enumerate(passages, 1)
    }
    with kind.fresh() as (_, store):
        for n, passages in enumerate(briefs):
            add(store, brief(f"brief-{n}", *passages, heading=WORDS[0]))
        found = lexical(store, [Phrase(words) for words in phrases], limit)
        rows = [frequencies(store, [" ".join(words)]) for words in phrases]
    expected = by_bm25(columns, phrases)
    assert [place[:2] for place in found] == [place[:2] for place in expected[:limit]]
    assert [p[2] for p in found] == pytest.approx([p[2] for p in expected[:limit]], rel=1e-6)
    assert rows == [{" ".join(words): len(by_bm25(columns, [words]))} for words in phrases]


def by_bm25(
    columns: dict[tuple[str, int], list[list[str]]], phrases: Sequence[tuple[str, ...]]
) -> Ranked:
    """BM25 (Robertson and Zaragoza 2009) of the rows that hold any of the phrases."""

    def times(phrase: tuple[str, ...], row: list[list[str]]) -> int:
        return sum(
            tuple(words[at : at + len(phrase)]) == phrase
            for words in row
            for at in range(len(words))
        )

    lengths = {place: sum(map(len, row)) for place, row in columns.items()}
    mean = sum(lengths.values()) / len(lengths)
    scores: dict[tuple[str, int], float] = {}
    for phrase in phrases:
        found = {place: n for place, row in columns.items() if (n := times(phrase, row))}
        odds = (len(columns) - len(found) + 0.5) / (len(found) + 0.5)
        idf = max(math.log(odds), 1e-6)
        for place, n in found.items():
            norm = 1.2 * (1 - 0.75 + 0.75 * lengths[place] / mean)
            scores[place] = scores.get(place, 0) + idf * n * 2.2 / (n + norm)
    order = sorted(scores, key=lambda place: (-round(scores[place], 12), place))
    return [(*place, scores[place]) for place in order]


def test_lexical_reads_stems_accents_title_and_heading(store: Store) -> None:
    add(store, brief("one", "Fishing in the Café.", heading="Harbours"))
    add(store, brief("two", "Coal."))
    for word in ("fished", "cafe", "HARBOUR", "one"):
        assert [p[:2] for p in lexical(store, [Phrase((word,))], 9)] == [("one", 1)]
    assert len(lexical(store, [Phrase(("brief",))], 9)) == 2
    assert lexical(store, [Phrase(("absent",))], 9) == []
    assert lexical(store, [], 9) == []


def test_words_near_each_other_are_found_within_the_distance(store: Store) -> None:
    add(store, brief("apart", "tax one two three fish"))
    add(store, brief("close", "fish and tax"))
    add(store, brief("far", "tax 1 2 3 4 5 6 7 8 9 fish"))
    near = Near(("tax", "fish"), 3)
    found = lexical(store, [near], 9)
    assert sorted(place[0] for place in found) == ["apart", "close"]
    assert lexical(store, [Near(("tax", "fish"), 2)], 9) != lexical(store, [near], 9)


def test_lexical_ties_fall_by_key_and_ordinal(store: Store) -> None:
    for key in ("c", "a", "d", "b"):
        add(store, brief(key, "fish and chips", "fish and chips"))
    add(store, brief("x", *["nothing of it"] * 9))
    order = [(key, ordinal) for key in "abcd" for ordinal in (1, 2)]
    for limit in range(10):
        found = lexical(store, [Phrase(("fish",))], limit)
        assert [place[:2] for place in found] == order[:limit]
    among = ["d", "b"]
    found = lexical(store, [Phrase(("fish",))], 3, among)
    assert [place[:2] for place in found] == [("b", 1), ("b", 2), ("d", 1)]
    assert lexical(store, [Phrase(("fish",))], 3, []) == []


PHRASES = st.lists(
    st.lists(st.sampled_from(WORDS), max_size=2).map(lambda words: Phrase(tuple(words))), max_size=2
)


@given(
    briefs=st.lists(bodies, min_size=1, max_size=5),
    phrases=PHRASES,
    without=PHRASES,
    among=st.none() | st.sets(st.integers(0, 4)),
)
@settings(max_examples=40)
def test_passages_that_hold_phrases_and_hold_others_not(
    kind: Kind,
    briefs: list[list[str]],
    phrases: list[Phrase],
    without: list[Phrase],
    among: set[int] | None,
) -> None:
    def holds(words: list[str], phrase: Phrase) -> bool:
        starts = range(len(words) if phrase.words else 0)
        return any(tuple(words[at : at + len(phrase.words)]) == phrase.words for at in starts)

    with kind.fresh() as (_, store):
        for n, passages in enumerate(briefs):
            add(store, brief(f"brief-{n}", *passages))
        add(store, brief("brief-0", *briefs[0], "coal fish"))  # the older revision holds nothing
        keys = None if among is None else [f"brief-{n}" for n in among]
        every = [passage for key in store.entries() for passage in _passages(store, key.document)]
        count, places = holding(store, phrases, without, keys)
        expected = {
            (passage.document, passage.ordinal)
            for passage in every
            if (keys is None or passage.document in keys)
            and all(holds(passage.text.split(), phrase) for phrase in phrases)
            and not any(holds(passage.text.split(), phrase) for phrase in without)
        }
        assert (count, places) == (len(expected), expected)


def _passages(store: Store, key: str) -> tuple[Passage, ...]:
    return store.edition(Reference(key)).passages


SYNTAX = [
    '"',
    '""',
    '"tax',
    "tax*",
    "tax OR fish",
    "AND",
    "NOT",
    "OR",
    "NEAR(",
    "NEAR(tax fish, 5)",
    "-tax",
    "^tax",
    "text:tax",
    "{text}: tax",
    "text : tax",
    "tax + fish",
    "(",
    ")",
    ",",
    "\x00",
    "tax\x00fish",
    "\ud800",
    "§",
    "",
    " ",
    "'; DROP TABLE passages; --",
    "%",
    "\\",
]


@pytest.mark.parametrize("text", SYNTAX, ids=ascii)
def test_nothing_in_a_word_is_syntax(store: Store, text: str) -> None:
    _nothing_in_it_is_syntax(store, text)


@given(text=st.text(st.sampled_from("tax \"'*^:-+(){},§\x00NEARORD\ud800é渋")))
@settings(max_examples=40)
def test_no_text_is_syntax(many_words: Store, text: str) -> None:
    _nothing_in_it_is_syntax(many_words, text, filled=True)


@pytest.fixture(scope="module")
def many_words(kind: Kind, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with the passages that the questions of syntax are asked of."""
    with kind.make(tmp_path_factory.mktemp("words") / "kb") as store:
        _fill_with_words(store)
        yield store


def _fill_with_words(store: Store) -> None:
    add(store, brief("a", "coal only", "the tax", "the taxation of near fish", "drop or and not"))


def _nothing_in_it_is_syntax(store: Store, text: str, *, filled: bool = False) -> None:
    """The text as a word, alone and beside another, finds what its letters and digits find."""
    if not filled:
        _fill_with_words(store)
    plain = tuple("".join(c if c.isalnum() else " " for c in text).split())
    expected = lexical(store, [Phrase(plain)], 9) if plain else []
    assert lexical(store, [Phrase((text,))], 9) == expected
    assert frequencies(store, [text]) == {text: len(expected)}
    coal = ("a", 1)
    found = {place[:2] for place in lexical(store, [Phrase(("coal",)), Phrase((text,))], 9)}
    assert found == {place[:2] for place in expected} | {coal}
    lexical(store, [Near((text, "coal")), Near((text, text))], 9)
    near = lexical(store, [Near(("coal", "only")), Near((text, "tax"), 1)], 9)
    assert coal in [place[:2] for place in near]


def test_a_question_of_a_thousand_words_is_answered(store: Store) -> None:
    add(store, brief("a", "coal", "fish"))
    clauses: list[Clause] = [Phrase((f"word{n}",)) for n in range(1000)]
    assert len(lexical(store, [*clauses, Phrase(("fish",))], 9)) == 1


# Revisions, removal, sources


def test_a_new_revision_hides_the_old_and_keeps_it_to_be_shown(store: Store) -> None:
    old = add(store, brief("a", "fish", "coal"))
    new = add(store, brief("a", "fish and heat"))
    assert old.document.revision != new.document.revision
    assert [entry.revision for entry in store.entries()] == [new.document.revision]
    assert store.edition(Reference("a")) == new
    assert store.edition(Reference("a", old.document.revision)) == old
    assert store.passage(Reference("a", old.document.revision, 2)) == old.passages[1]
    assert store.size == 1
    assert len(dense(store, ENCODER.encode_question("coal"), 9)) == 1
    assert lexical(store, [Phrase(("coal",))], 9) == []
    assert frequencies(store, ["coal"]) == {"coal": 0}
    assert (store.figures().documents, store.figures().revisions) == (1, 2)


def test_a_revision_comes_back_as_it_was(store: Store) -> None:
    first, second = brief("a", "fish", "coal"), brief("a", "heat")
    for edition in (first, second, first):
        add(store, edition)
    assert store.edition(Reference("a")) == first
    assert store.edition(Reference("a", second.document.revision)) == second
    assert store.passage(Reference("a", None, 2)) == first.passages[1]
    assert [p[:2] for p in lexical(store, [Phrase(("coal",))], 9)] == [("a", 2)]
    assert lexical(store, [Phrase(("heat",))], 9) == []
    assert (store.figures().documents, store.figures().revisions) == (1, 2)


def test_a_removed_document_is_not_found_but_still_shown(store: Store) -> None:
    gone = add(store, brief("gone", "fish", "coal"))
    add(store, brief("here", "heat"))
    store.remove("gone")
    reference = Reference("gone", gone.document.revision, 2)
    assert [entry.document for entry in store.entries()] == ["here"]
    assert store.size == 1
    assert lexical(store, [Phrase(("coal",))], 9) == []
    assert len(dense(store, ENCODER.encode_question("coal"), 9)) == 1
    assert store.passage(reference) == gone.passages[1]
    state = store.source_state("/briefs/gone.txt", gone.document.sources[0].sha256, "plain")
    assert (state.kept, state.twin) == (None, None)
    assert state.former == DocumentState("gone")
    assert store.free_key(["here", "gone", "never"]) == "never"
    with pytest.raises(NotFound, match=f"out of search.*kb show gone@{reference.revision}"):
        store.remove("gone")
    add(store, gone)
    assert store.edition(Reference("gone")) == gone
    assert len(lexical(store, [Phrase(("coal",))], 9)) == 1


def test_one_more_source_is_attached_once(store: Store) -> None:
    edition = add(store, brief("a", "fish", uri="/m.txt"))
    data = edition.document.text.encode()
    before, after = provenance("/b.txt", data), provenance("/z.txt", data)
    for source in (after, before, after):
        store.attach("a", source)
    expected = (before, *edition.document.sources, after)  # by uri, whatever the order
    assert store.entry("a").sources == expected
    assert store.edition(Reference("a")).document.sources == expected
    for source in expected:
        assert kept_from(store, source.uri) == "a"
    assert store.size == 1
    with pytest.raises(NotFound):
        store.attach("never", after)


def test_a_source_belongs_to_one_document(store: Store) -> None:
    """/1 and /2 hold the same bytes; first /1 changes, then /2."""
    edition = add(store, brief("a", "fish", uri="/1"))
    store.attach("a", provenance("/2", edition.document.text.encode()))
    add(store, brief("b", "heat", uri="/1"))
    assert [source.uri for source in store.entry("a").sources] == ["/2"]
    assert kept_from(store, "/1") == "b"
    add(store, brief("c", "coal", uri="/2"))
    assert [entry.document for entry in store.entries()] == ["b", "c"]
    assert lexical(store, [Phrase(("fish",))], 9) == []
    assert store.passage(Reference("a", edition.document.revision, 1)) == edition.passages[0]
    store.attach("c", provenance("/1", b"coal"))
    assert [entry.document for entry in store.entries()] == ["c"]


def test_another_source_of_the_same_bytes_stays_when_one_is_read_again(store: Store) -> None:
    edition = add(store, brief("a", "fish", uri="/1"))
    store.attach("a", provenance("/2", b"fish"))
    add(store, edition)
    assert [source.uri for source in store.entry("a").sources] == ["/1", "/2"]
    add(store, brief("a", "heat", uri="/1"))
    assert [source.uri for source in store.entry("a").sources] == ["/1"]


def test_sources_are_given_by_what_they_begin_with(store: Store) -> None:
    add(store, brief("a", "fish", uri="/in/a.txt"))
    add(store, brief("b", "heat", uri="/in%/b.txt"))
    store.attach("a", provenance("/in/z_\u00e9.txt", b"fish"))
    add(store, brief("c", "coal", uri="/in/c.txt"))
    store.remove("c")
    assert list(store.sources("/in/")) == [("/in/a.txt", "a"), ("/in/z_\u00e9.txt", "a")]
    assert list(store.sources("/in%")) == [("/in%/b.txt", "b")]
    assert list(store.sources("/IN/")) == []
    assert len(list(store.sources(""))) == 3


def test_bytes_are_known_by_their_reader(store: Store) -> None:
    sha256 = add(store, brief("a", "fish")).document.sources[0].sha256
    for digest, reader, known in (
        (sha256, "plain", True),
        (sha256, "plai", False),
        (sha256, "%", False),
        ("0" * 64, "plain", False),
    ):
        twin = store.source_state("/elsewhere", digest, reader).twin
        assert (twin is not None and twin.key == "a") == known


# What people say


def test_a_source_is_let_go_of_and_with_the_last_the_document(store: Store) -> None:
    kept = add(store, brief("a", "fish", uri="/one.txt"))
    store.attach("a", provenance("/two.txt", kept.document.text.encode()))
    before = store.manifest.generation
    store.detach("/one.txt")
    assert [source.uri for source in store.entry("a").sources] == ["/two.txt"]
    assert kept_from(store, "/one.txt") is None
    store.detach("/two.txt")
    assert store.entries() == []
    assert store.edition(Reference("a", kept.document.revision)).passages == kept.passages
    store.detach("/three.txt")
    assert store.manifest.generation == before + 3
    assert list(store.faults()) == []


def test_what_was_stated_can_be_forgotten(store: Store) -> None:
    overrides = Metadata(title="T", author=("A", "B"), issued="2017")
    add(store, brief("a", "fish"), overrides=overrides)
    add(store, brief("b", "heat"), overrides=overrides)
    store.drop_overrides("a", ["author", "url"])
    store.drop_overrides("c", ["title"])
    assert store.document_state("a").overrides == Metadata(title="T", issued="2017")
    assert store.document_state("b").overrides == overrides


def test_what_its_reader_met_stays_with_a_document(store: Store) -> None:
    kept = add(store, replace(brief("a", "fish"), notes=("page 2 has no text", "é")))
    assert store.edition(Reference("a")) == kept
    assert store.entry("a").notes == kept.notes
    add(store, brief("a", "fish"))
    assert store.entry("a").notes == ()


def test_refused_sources_stay_on_a_list_until_they_are_taken_off(kind: Kind, store: Store) -> None:
    store.refuse("/b.txt", "an empty file")
    store.refuse("/a.txt", "no text in it")
    store.refuse("/b.txt", "100 MB or more")
    location = Path(store.location)
    store.close()
    with kind.read(location) as reader:
        listed = [(one.source, one.reason) for one in reader.refusals()]
    assert listed == [("/a.txt", "no text in it"), ("/b.txt", "100 MB or more")]


@given(
    first=metadata_of(text_of_any_kind),
    later=metadata_of(text_of_any_kind),
    forgotten=st.sets(st.sampled_from(FIELDS)),
)
@settings(max_examples=15)
def test_what_is_stated_stays(
    kind: Kind, first: Metadata, later: Metadata, forgotten: set[str]
) -> None:
    kept = brief("a", "fish")
    with kind.fresh() as (folder, store):
        assert store.document_state("a").overrides == Metadata()
        add(store, kept, overrides=first)
        assert store.document_state("a").overrides == first
        add(store, brief("a", "heat"), overrides=later)
        assert store.document_state("a").overrides == later.over(first)
        add(store, kept)
        store.drop_overrides("a", forgotten)
        expected = replace(
            later.over(first), **{name: getattr(Metadata(), name) for name in forgotten}
        )
        assert store.document_state("a").overrides == expected
        assert store.edition(Reference("a")) == kept  # whoever adds has laid them over it
        store.remove("a")
        store.close()
        with kind.read(folder) as reopened:
            assert reopened.document_state("a").overrides == expected
            assert reopened.document_state("b").overrides == Metadata()


def test_what_is_taken_back_stays(kind: Kind, store: Store) -> None:
    add(store, brief("a", "fish"))
    for digest in ("00", "ff", "00"):
        store.restore("a", digest)
    add(store, brief("a", "heat"))
    location = Path(store.location)
    store.close()
    with kind.read(location) as reopened:
        assert reopened.document_state("a").restored == {"00", "ff"}
        assert reopened.document_state("b").restored == frozenset()


# What is refused


def test_what_is_not_there_is_named(store: Store) -> None:
    revision = add(store, brief("a", "fish", "heat")).document.revision
    for reference, message in {
        "never": "never: no such document. kb list shows what there is.",
        "never#1": "never: no such document",
        "never@00000000": "never: no such document",
        "a#3": "a#3: this document has passages 1 to 2.",
        "a@00000000": f"a@00000000: no such revision. There are: {revision}.",
        "a@00000000#1": f"no such revision. There are: {revision}.",
    }.items():
        parsed = Reference.parse(reference)
        with pytest.raises(NotFound) as caught:
            store.passage(parsed) if parsed.ordinal else store.edition(parsed)
        assert message in str(caught.value)
    for call in (store.entry, store.remove):
        with pytest.raises(NotFound, match="never: no such document"):
            call("never")
    with pytest.raises(NotFound, match="000000000000…"):
        store.original("0" * 64)


def test_a_store_has_one_model(store: Store) -> None:
    assert (store.manifest.fingerprint, store.manifest.dimension) == (None, None)
    add(store, brief("a", "fish"))
    assert (store.manifest.model, store.manifest.fingerprint) == ("hashing", "hashing@64x256")
    assert store.manifest.dimension == 64
    before = store.manifest
    with pytest.raises(ModelMismatch) as caught:
        add(store, brief("b", "heat"), encoder=HashingEncoder(dimension=32))
    assert "hashing@64x256" in str(caught.value)
    assert "hashing@32x256" in str(caught.value)
    assert store.manifest == before
    assert [entry.document for entry in store.entries()] == ["a"]


def test_an_edition_is_kept_whole_or_not_at_all(store: Store) -> None:
    kept = add(store, brief("a", "fish"))
    before = store.manifest
    broken = brief("a", "heat", "coal")
    twice = replace(broken, passages=(broken.passages[0], broken.passages[0]))
    wide = np.zeros((2, 63), np.float32)
    double: Any = np.zeros((2, 64), np.float64)
    half = replace(broken, document=replace(broken.document, metadata=Metadata(title="\ud800")))
    for edition, vectors in ((twice, None), (broken, wide), (broken, double), (half, None)):
        with pytest.raises(Exception, match=r"UNIQUE|not float32\(2, 64\)|half a character"):
            add(store, edition, vectors)
    with pytest.raises(ValueError, match="another digest"):
        vectors = ENCODER.encode_passages(["heat", "coal"])
        store.add(broken, vectors, {broken.document.sources[0].sha256: b"other"}, ENCODER)
    assert store.edition(Reference("a")) == kept
    assert store.manifest == before
    assert lexical(store, [Phrase(("heat",))], 9) == []
    add(store, broken)
    assert store.edition(Reference("a")) == broken


def test_changes_made_together_are_kept_together(store: Store) -> None:
    before = store.manifest.generation
    with store.together():
        add(store, brief("a", "fish", "heat"))
        add(store, brief("b", "coal"))
        add(store, brief("a", "fish", "ice"))
        store.remove("b")
        assert [entry.document for entry in store.entries()] == ["a"]
    assert store.manifest.generation == before + 1
    found = {
        word: [place for *place, _ in lexical(store, [Phrase((word,))], 9)]
        for word in ("fish", "heat", "ice", "coal")
    }
    assert found == {"fish": [["a", 1]], "heat": [], "ice": [["a", 2]], "coal": []}
    assert frequencies(store, found) == {"fish": 1, "heat": 0, "ice": 1, "coal": 0}
    assert list(store.faults()) == []


def test_when_one_of_them_fails_none_is_kept(store: Store) -> None:
    kept = add(store, brief("a", "fish"))
    before = store.manifest

    def some() -> None:
        add(store, brief("a", "heat"))
        add(store, brief("b", "coal"))
        store.remove("c")

    with pytest.raises(NotFound), store.together():
        some()
    assert store.edition(Reference("a")) == kept
    assert store.manifest == before
    assert [entry.document for entry in store.entries()] == ["a"]
    assert frequencies(store, ["heat", "fish"]) == {"heat": 0, "fish": 1}


def test_one_that_failed_and_was_seen_to_leaves_the_others(store: Store) -> None:
    broken = brief("b", "heat", "coal")
    twice = replace(broken, passages=(broken.passages[0], broken.passages[0]))
    with store.together():
        add(store, brief("a", "fish"))
        with pytest.raises(Exception, match="UNIQUE"):
            add(store, twice)
        add(store, brief("c", "ice"))
    assert [entry.document for entry in store.entries()] == ["a", "c"]
    assert frequencies(store, ["heat", "ice"]) == {"heat": 0, "ice": 1}
    assert list(store.faults()) == []


def test_half_a_character_is_named(store: Store) -> None:
    with pytest.raises(BadUsage, match="half a character"):
        store.entry("\ud800")


def test_who_opened_it_to_read_cannot_write(kind: Kind, store: Store) -> None:
    edition = add(store, brief("a", "fish"))
    location = Path(store.location)
    store.close()
    with kind.read(location) as reader:
        for change in (
            lambda: add(reader, brief("b", "heat")),
            lambda: reader.attach("a", edition.document.sources[0]),
            lambda: reader.restore("a", "00"),
            lambda: reader.remove("a"),
            reader.repair,
        ):
            with pytest.raises(StoreError, match="opened to read"):
                change()
        assert reader.figures().originals == 1


def test_where_nothing_stands_nothing_is_opened(kind: Kind, tmp_path: Path) -> None:
    for open_ in (kind.read, kind.write):
        with pytest.raises(StoreMissing, match=str(tmp_path)):
            open_(tmp_path / "never")
    assert not list(tmp_path.iterdir())


# Readers and a writer


def test_neighbours_are_those_of_todays_revision(store: Store) -> None:
    add(store, brief("a", "old", "fish", "heat", "coal"))
    add(store, brief("a", "fish", "heat", "coal"))
    add(store, brief("b", "fish"))
    table = store.candidates(CandidateQuery(leading=(Phrase(("fish",)), Phrase(("heat",)))))
    places = [*zip(table.documents, table.ordinals.tolist(), strict=True)]
    assert places == [("a", 1), ("a", 2), ("a", 3), ("b", 1)]
    assert table.found.tolist() == [True, True, False, True]
    assert table.before.tolist() == [-1, 0, -1, -1], "of what was not put forward nothing is said"
    assert table.after.tolist() == [1, 2, -1, -1]


def test_passages_around_others_are_given_in_order(store: Store) -> None:
    edition = add(store, brief("a", "one", "two", "three", "four"))
    one, two, three, four = edition.passages
    assert store.neighbours([two, four], 1) == [((one,), (three,)), ((three,), ())]
    assert store.neighbours([one], 9) == [((), (two, three, four))]
    assert store.neighbours([three], 0) == [((), ())]
    add(store, brief("a", "changed"))
    assert store.neighbours([three], 2) == [((one, two), (four,))], "of its own revision"


def test_what_a_writer_takes_away_meanwhile_is_left_out(kind: Kind, store: Store) -> None:
    """Between a reader's search and its look at the passages, a writer changes or removes them."""
    first = add(store, brief("a", "fish", "heat"))
    add(store, brief("c", "fish"))
    with kind.read(Path(store.location)) as reader:
        table = reader.candidates(CandidateQuery(leading=(Phrase(("fish",)),)))
        ids = table.ids.tolist()
        there = reader.passages(ids)
        assert [there[id][0] for id in ids[:2]] == list(first.passages)
        assert len(there) == len(ids) == 3
        add(store, brief("a", "coal"))
        assert list(reader.passages(ids)) == ids[2:], "of an earlier revision"
        store.remove("c")
        assert reader.passages(ids) == {}, "of a removed document"
        add(store, first)
        add(store, brief("b", "fish"))
        assert reader.passages(ids) == {}, "no id is given twice"
        assert len(dense(reader, ENCODER.encode_question("fish"), 9)) == 3, "the newest state"


def test_the_generation_grows_with_every_change(store: Store) -> None:
    edition = brief("a", "fish")
    changes: list[Callable[[], object]] = [
        lambda: add(store, edition),
        lambda: add(store, edition),
        lambda: store.attach("a", provenance("/more", b"fish")),
        lambda: store.restore("a", "00"),
        lambda: store.remove("a"),
        store.repair,
    ]
    for change in changes:
        before = store.manifest.generation
        change()
        assert store.manifest.generation == before + 1
    store.entries()
    dense(store, ENCODER.encode_question("fish"), 9)
    assert store.manifest.generation == before + 1


def test_a_new_store_is_empty(kind: Kind, store: Store) -> None:
    assert store.entries() == []
    assert store.size == 0
    assert dense(store, ENCODER.encode_question("fish"), 9) == []
    assert lexical(store, [Phrase(("fish",))], 9) == []
    assert not list(store.faults())
    location = Path(store.location)
    store.close()
    with kind.read(location) as reopened:
        assert reopened.manifest.model == "hashing"
        assert dense(reopened, ENCODER.encode_question("fish"), 9) == []


# What was encoded before


def test_vectors_are_known_by_the_texts_that_were_encoded(kind: Kind, tmp_path: Path) -> None:
    first = brief("tax", "Fines pay for buses.", "The charge rose.", heading="Money")
    texts = texts_of(first, ENCODER)
    with kind.make(tmp_path / "kb") as store:
        assert store.encoded(texts) == {}
        add(store, first, ENCODER.encode_passages(texts))
        known = store.encoded([*texts, *texts, "Another text."])
        assert list(known) == texts
        assert np.array_equal(list(known.values()), ENCODER.encode_passages(texts))
        changed = brief("tax", "Fines pay for buses.", "The charge fell.", heading="Money")
        add(store, changed, ENCODER.encode_passages(texts_of(changed, ENCODER)))
        assert list(store.encoded(texts)) == texts[:1], "the other is of no passage of today"
        store.remove("tax")
        assert store.encoded(texts) == {}


def test_the_same_words_under_another_title_are_another_text(store: Store) -> None:
    edition = brief("tax", "Fines pay for buses.")
    add(store, edition)
    renamed = replace(
        edition, document=replace(edition.document, metadata=Metadata(title="Another title"))
    )
    assert store.encoded(texts_of(renamed, ENCODER)) == {}
    assert len(store.encoded(texts_of(edition, ENCODER))) == 1
