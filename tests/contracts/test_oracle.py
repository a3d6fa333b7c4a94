"""Every engine against the plainest one: random changes, filters and questions, equal answers."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from editions import ENCODER, brief, provenance
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from memory_store import MemoryStore

from kb.errors import NotFound
from kb.filters import Filters
from kb.index.candidates import CandidateQuery, Candidates
from kb.index.clauses import Clause, Near, Phrase
from kb.index.words import WordQuery
from kb.local.store import LocalStore
from kb.metadata import Metadata
from kb.store import Store

KEYS = ("alpha", "beta", "gamma", "delta")
WORDS = ("tax", "taxes", "fish", "fishing", "port", "labour", "labor", "co-op", "Café", "heat", "a")
URIS = ("/1", "/2", "/3")

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join)
maybe = partial(st.sampled_from)
metadata = st.builds(
    Metadata,
    title=maybe(("Fish and tax", "Heat", "An untold story of ports")),
    author=maybe(((), ("Ana Roe",), ("Ana Roe", "Bo Li"))),
    issued=maybe((None, "2016", "2017-03", "2017-03-12")),
    publisher=maybe((None, "Ministry of Fish", "CPB")),
    keyword=maybe(((), ("heat",), ("heat", "sea"))),
)
filters = st.builds(
    Filters,
    documents=maybe(((), ("alpha",), ("*a",), ("beta", "nobody"))),
    authors=maybe(((), ("roe",), ("Li", "nobody"))),
    publishers=maybe(((), ("fish",))),
    tags=maybe(((), ("heat",), ("sea",))),
    since=maybe((None, None, "2017", "2017-03-05")),
    until=maybe((None, None, "2016", "2017-03")),
)
phrases = st.lists(st.sampled_from((*WORDS, "never", "")), min_size=1, max_size=2).map(
    lambda words: Phrase(tuple(words))
)
near = st.builds(Near, st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)), st.integers(0, 3))
clauses: st.SearchStrategy[tuple[Clause, ...]]
clauses = st.lists(phrases | near, max_size=4, unique=True).map(tuple)
queries = st.builds(
    CandidateQuery,
    vector=st.none() | texts.map(ENCODER.encode_question),
    fingerprint=st.just(ENCODER.fingerprint),
    leading=clauses,
    counted=clauses,
    depth=st.integers(1, 6),
    filters=filters,
    required=st.lists(phrases, max_size=1).map(tuple),
    excluded=st.lists(phrases, max_size=1).map(tuple),
)
word_queries = st.builds(
    WordQuery,
    counted=st.lists(st.sampled_from((*WORDS, "never", "fish tax")), max_size=3).map(tuple),
    other_forms=st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)), max_size=2).map(
        tuple
    ),
    excerpts=st.lists(st.lists(phrases, min_size=1, max_size=2).map(tuple), max_size=2).map(tuple),
)


def by_place(table: Candidates) -> dict[str, Any]:
    """A table without the ids, which are each engine's own."""
    places = list(zip(table.documents, table.ordinals.tolist(), strict=True))
    order = sorted(range(len(places)), key=lambda row: places[row])

    def neighbour(row: int) -> tuple[str, int] | None:
        return None if row < 0 else places[row]

    return {
        "rows": [
            (
                *places[row],
                bool(table.found[row]),
                neighbour(table.before[row]),
                neighbour(table.after[row]),
                int(table.lengths[row]),
                table.counts[row].tolist(),
                table.vectors[row].tolist(),
            )
            for row in order
        ],
        "columns": dict(table.columns),
        "frequencies": table.frequencies,
        "size": table.size,
        "passing": (table.passing, table.passing_documents, table.undated),
        "mean": round(table.mean_length, 9),
    }


class Engines(RuleBasedStateMachine):
    """The same is done to the local store and to the one in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="kb-oracle-"))
        self.local: Store
        self.memory: Store

    @initialize()
    def make(self) -> None:
        self.local = self._opened(create=True)
        self.memory = MemoryStore(self.folder / "memory", write=True, create=True)

    def teardown(self) -> None:
        self.local.close()
        del MemoryStore.WORLD[str(self.folder / "memory")]
        shutil.rmtree(self.folder)

    def _opened(self, *, create: bool = False) -> Store:
        location = self.folder / "local"
        return LocalStore.open(
            location, write=True, create=create, model="hashing", precision="int8"
        )

    def _both(self, act: Any) -> None:
        """Do something to both; what one refuses the other refuses with the same words."""
        said = []
        for store in (self.local, self.memory):
            try:
                said.append(act(store))
            except NotFound as error:
                said.append(str(error).partition(". ")[0])
        assert said[0] == said[1]

    @rule(
        key=st.sampled_from(KEYS),
        passages=st.lists(texts, min_size=1, max_size=4),
        known=metadata,
        uri=st.none() | st.sampled_from(URIS),
        overrides=st.none() | st.just(Metadata(issued="2018")),
    )
    def add(
        self,
        key: str,
        passages: list[str],
        known: Metadata,
        uri: str | None,
        overrides: Metadata | None,
    ) -> None:
        edition = brief(key, *passages, uri=uri)
        edition = replace(edition, document=replace(edition.document, metadata=known))
        vectors = ENCODER.encode_passages([passage.text for passage in edition.passages])
        self._both(lambda store: store.add(edition, vectors, {}, ENCODER, overrides))

    @rule(key=st.sampled_from(KEYS))
    def remove(self, key: str) -> None:
        self._both(lambda store: store.remove(key))

    @rule(key=st.sampled_from(KEYS), uri=st.sampled_from(URIS))
    def attach(self, key: str, uri: str) -> None:
        self._both(lambda store: store.attach(key, provenance(uri, b"the same")))

    @rule(uri=st.sampled_from(URIS))
    def detach(self, uri: str) -> None:
        self._both(lambda store: store.detach(uri))

    @rule(key=st.sampled_from(KEYS))
    def drop_overrides(self, key: str) -> None:
        self._both(lambda store: store.drop_overrides(key, ["issued"]))

    @rule()
    def index_anew(self) -> None:
        """What was beside the index files is in them afterwards."""
        self._both(lambda store: store.repair())

    @rule()
    def open_again(self) -> None:
        self.local.close()
        self.local = self._opened()

    @rule(query=queries)
    def ask(self, query: CandidateQuery) -> None:
        assert by_place(self.local.candidates(query)) == by_place(self.memory.candidates(query))

    @rule(query=word_queries)
    def look_up(self, query: WordQuery) -> None:
        local, memory = self.local.look_up(query), self.memory.look_up(query)
        assert dict(local.frequencies) == dict(memory.frequencies)
        assert local.other_forms == memory.other_forms
        assert [sorted(some) for some in local.excerpts] == [sorted(s) for s in memory.excerpts]

    @rule(uri=st.sampled_from(URIS))
    def ask_of_a_source(self, uri: str) -> None:
        digest = provenance("", b"the same").sha256
        self._both(lambda store: store.source_state(uri, digest, "plain"))

    @invariant()
    def the_catalogues_agree(self) -> None:
        if not hasattr(self, "local"):
            return
        both = [
            [replace(entry, ingested_at="") for entry in store.entries()]
            for store in (self.local, self.memory)
        ]
        assert both[0] == both[1]
        assert self.local.size == self.memory.size
        assert list(self.local.sources("/")) == list(self.memory.sources("/"))
        assert self.local.free_key((*KEYS, "free")) == self.memory.free_key((*KEYS, "free"))


TestEngines = Engines.TestCase
TestEngines.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)


def test_numbers_are_compared_not_only_shapes() -> None:
    """The comparison tells tables apart that differ in one count or one vector."""
    store = MemoryStore("apart", write=True, create=True)
    edition = brief("alpha", "tax fish", "fish fish")
    store.add(edition, ENCODER.encode_passages(["tax fish", "fish fish"]), {}, ENCODER)
    query = CandidateQuery(
        ENCODER.encode_question("fish"), ENCODER.fingerprint, leading=(Phrase(("fish",)),)
    )
    table = store.candidates(query)
    changed = table.counts.copy()
    changed[1, 0] += 1
    assert by_place(replace(table, counts=changed)) != by_place(table)
    assert by_place(replace(table, vectors=np.zeros_like(table.vectors))) != by_place(table)
    del MemoryStore.WORLD["apart"]
