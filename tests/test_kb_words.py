"""The words of passages: they weigh what FTS5 says, at a cost that has a bound."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Collection, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from asking import Ranked, everything, frequencies, weighed
from asking import lexical as by_words
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from kb.encoders.hashing import HashingEncoder
from kb.filters import Filters
from kb.index.candidates import CandidateQuery
from kb.index.clauses import Clause, Near, Phrase
from kb.index.scores import cosines, idf
from kb.index.words import WordQuery
from kb.keys import Reference
from kb.local.catalogue.schema import migrations
from kb.local.lexical import index as lexical
from kb.local.lexical import postings, view
from kb.local.store import LocalStore
from kb.metadata import Metadata
from kb.records import Document, Edition, Passage, Provenance, Span, revision_of
from kb.store import open_store
from search.query.question import Question
from search.searcher import Searcher, SearchOptions

ENCODER = HashingEncoder(dimension=64)
CORPUS = Path(__file__).parent.parent / "corpus"
Place = tuple[str, int]
SHARES = [0.5, 0.05, 0.01, 0.001]


def edition(key: str, texts: list[str], title: str = "A brief") -> Edition:
    """A document of these passages."""
    text = "\n\n".join(texts)
    spans, start = [], 0
    for part in texts:
        spans.append(Span(start, start + len(part)))
        start += len(part) + 2
    revision = revision_of(text, spans)
    source = Provenance(f"/{key}", "0" * 64, "text/plain", "plain 1", "2025-01-01T00:00:00Z")
    passages = tuple(
        Passage(key, revision, n, n, span, span.of(text)) for n, span in enumerate(spans, 1)
    )
    return Edition(Document(key, revision, Metadata(title=title), text, (source,)), passages)


def add(store: LocalStore, key: str, texts: list[str], title: str = "A brief") -> None:
    """Keep a document of these passages."""
    vectors = ENCODER.encode_passages(texts)
    store.add(edition(key, texts, title), vectors, {}, ENCODER)


def opened(folder: Path) -> LocalStore:
    """The store in a folder, to be written."""
    store = open_store(folder, create=True, model="hashing")
    assert isinstance(store, LocalStore)
    return store


class FullText:
    """The same passages in a table of FTS5: what every number here is to equal."""

    places: list[Place]  # document and ordinal of each row

    def __init__(self, store: LocalStore) -> None:
        self.db = sqlite3.connect(":memory:")
        self.db.execute(
            """CREATE VIRTUAL TABLE texts USING fts5(context, text, content='',
               tokenize="porter unicode61 remove_diacritics 2")"""
        )
        self.places = []
        for entry in store.entries():
            for passage in store.edition(Reference(entry.document)).passages:
                context = "\n".join((entry.title, *passage.heading))
                values = (len(self.places), context, passage.text)
                self.db.execute("INSERT INTO texts(rowid, context, text) VALUES (?, ?, ?)", values)
                self.places.append((entry.document, passage.ordinal))

    def scores(self, *clauses: Clause) -> dict[Place, float]:
        """BM25 of all passages that match."""
        rows = self.db.execute(
            "SELECT rowid, -bm25(texts) FROM texts WHERE texts MATCH ?",
            (" OR ".join(map(_fts5, clauses)),),
        )
        return {self.places[row]: score for row, score in rows}


def _fts5(clause: Clause) -> str:
    if isinstance(clause, Phrase):
        return '"' + " ".join(clause.words) + '"'
    return "NEAR(" + " ".join(f'"{word}"' for word in clause.words) + f", {clause.distance})"


def as_scores(ranked: Ranked) -> dict[Place, float]:
    """Scores by place."""
    return {(key, ordinal): score for key, ordinal, score in ranked}


def both_ways(clauses: list[Clause]) -> list[Clause]:
    """The clauses, of each `Near` both words: FTS5 weighs both, a clause its first."""
    return [
        one
        for clause in clauses
        for one in (
            [clause, Near(clause.words[::-1], clause.distance)]
            if isinstance(clause, Near)
            else [clause]
        )
    ]


# Laws

WORDS = st.sampled_from(
    ["Runs", "running", "café", "cafe", "COVID-19", "19", "tax", "taxes", "the", "İ", "straße"]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
CLAUSES = st.one_of(
    st.lists(WORDS, min_size=1, max_size=3).map(lambda found: Phrase(tuple(found))),
    st.builds(Near, st.tuples(WORDS, WORDS), st.integers(0, 6)),
)


@given(
    old=st.lists(st.lists(TEXTS, min_size=1, max_size=4), min_size=2, max_size=4),
    new=st.lists(st.lists(TEXTS, min_size=1, max_size=4), max_size=2),
    clauses=st.lists(CLAUSES, min_size=1, max_size=4),
)
@settings(max_examples=25, deadline=None)
def test_scores_are_those_of_fts5(
    old: list[list[str]], new: list[list[str]], clauses: list[Clause]
) -> None:
    """Also of passages that came, and where some went, after the index of words was built."""
    with TemporaryDirectory() as folder:
        with opened(Path(folder) / "kb") as store:
            for n, texts in enumerate(old):
                add(store, f"old-{n}", texts, title=texts[0])
        with opened(Path(folder) / "kb") as store:
            for n, texts in enumerate(new):
                add(store, f"new-{n}", texts, title=texts[0])
            store.remove("old-0")
            expected = FullText(store).scores(*clauses)
            asked = both_ways(clauses)
            assert as_scores(by_words(store, asked, 99)) == pytest.approx(expected, rel=1e-6)
            assert weighed(store, asked)[0] == pytest.approx(expected, rel=1e-6)
            some = [entry.document for entry in store.entries()][1:]
            assert as_scores(by_words(store, asked, 99, some)) == pytest.approx(
                {place: score for place, score in expected.items() if place[0] in some}, rel=1e-6
            )
            phrases = [clause for clause in clauses if isinstance(clause, Phrase)]
            for phrase in phrases:
                term = " ".join(phrase.words)
                rows = len(FullText(store).scores(phrase))
                assert frequencies(store, [term]) == {term: rows}
                assert weighed(store, [phrase])[1] == pytest.approx(idf(rows, store.size))
            assert [f for f in store.faults() if "original" not in f.what] == []


def test_idf_of_a_rare_and_of_a_common_word() -> None:
    assert idf(1, 10) == pytest.approx(np.log(9.5 / 1.5))
    assert idf(0, 10) == pytest.approx(np.log(10.5 / 0.5))
    assert idf(5, 10) == idf(9, 10) == idf(10, 10) == 1e-6


def test_a_term_is_counted_as_it_is_typed(tmp_path: Path) -> None:
    with opened(tmp_path / "kb") as store:
        add(store, "one", ["The taxes of the town.", "A tax office", "Town hall"])
        asked = ["Taxes", "tax office", "town hall", "office tax", "zebra", "", "§"]
        assert frequencies(store, asked) == {
            "Taxes": 2,
            "tax office": 1,
            "town hall": 1,
            "office tax": 0,
            "zebra": 0,
            "": 0,
            "§": 0,
        }


def test_a_store_of_the_format_before_gets_its_words(tmp_path: Path) -> None:
    with opened(tmp_path / "kb") as store:
        add(store, "one", ["The taxes of the town.", "A tax office"])
        add(store, "two", ["Heat at work"])
        add(store, "two", ["Heat in the office"])
        expected = by_words(store, [Phrase(("office",)), Phrase(("heat",))], 9)
        assert len(expected) == 2
    database = tmp_path / "kb" / "kb.sqlite3"
    database.rename(tmp_path / "new.sqlite3")
    (tmp_path / "kb" / "index" / "words.bin").unlink()
    old = Database(database, execute_plugins=False)
    migrations.apply(old, stop_before="number_words")
    old.execute("ATTACH ? AS new", [str(tmp_path / "new.sqlite3")])
    for table in ("meta", "revisions", "provenance", "passages", "vectors"):
        columns = ", ".join(f'"{column.name}"' for column in old.table(table).columns)
        old.execute(f"INSERT INTO {table}({columns}) SELECT {columns} FROM new.{table} WHERE 1")
    old.execute("DELETE FROM meta WHERE name = 'words'")
    old.conn.commit()
    old.execute("PRAGMA user_version = 3")
    assert old.table("passages_fts").exists()
    old.close()
    with open_store(tmp_path / "kb", write=True):
        assert not (tmp_path / "kb" / "index" / "words.bin").exists()
    assert (tmp_path / "kb" / "index" / "words.bin").exists()
    with open_store(tmp_path / "kb") as store:
        assert by_words(store, [Phrase(("office",)), Phrase(("heat",))], 9) == expected
        assert frequencies(store, ["office", "work"]) == {"office": 2, "work": 0}
        assert [f for f in store.faults() if "original" not in f.what] == []


# Cost, and what it costs in answers


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStore]:
    """Paragraphs of the sample briefs recombined into 4,000 passages of 1,000 briefs."""
    paragraphs = [
        paragraph
        for path in sorted(CORPUS.glob("*.md"))
        for paragraph in path.read_text(encoding="utf-8").split("\n\n")
    ]
    chance = random.Random(7)
    folder = tmp_path_factory.mktemp("many") / "kb"
    with opened(folder) as store:
        for n in range(1_000):
            texts = [" ".join(chance.choices(paragraphs, k=2)).strip() + "." for _ in range(4)]
            add(store, f"brief-{n:04d}", texts)
    with opened(folder) as store:
        yield store


QUESTIONS = [
    json.loads(line)["text"]
    for line in (CORPUS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]


def top(store: LocalStore, question: str, filters: Filters | None = None) -> list[str]:
    """The ten best, pinned."""
    wanted = SearchOptions(limit=10, filters=filters or Filters())
    return [hit.passage.pinned for hit in Searcher(store, ENCODER).ask(question, wanted).hits]


def test_the_rarest_words_put_the_right_candidates_forward(
    many: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = [top(many, question) for question in QUESTIONS]
    rows: list[int] = []
    looked_up = postings.rows_with

    def counted(*arguments: object) -> object:
        found = looked_up(*arguments)  # type: ignore[arg-type]
        if arguments[0].positions is not None:  # type: ignore[attr-defined]
            rows.append(len(found[0]))
        return found

    monkeypatch.setattr(postings, "rows_with", counted)
    monkeypatch.setattr(lexical, "MOST", 1_000)
    monkeypatch.setattr(view, "SAMPLE", 500)
    again = []
    for question in QUESTIONS:
        rows.clear()
        again.append(top(many, question))
        phrases = len(Question.parse(question).phrase_clauses)
        assert sum(rows) <= 4_000 + 500 * phrases  # one word may bring as many as there are
    same = sum(len(set(a) & set(b)) for a, b in zip(everything, again, strict=True))
    assert same / sum(map(len, everything)) >= 0.99


def test_a_question_costs_as_many_statements_in_a_large_store(
    many: LocalStore, tmp_path: Path
) -> None:
    with opened(tmp_path / "kb") as store:
        add(store, "small", ["Heat at work.", "Who pays for broadband."])
    counts = []
    with opened(tmp_path / "kb") as few:
        for store in (few, many):
            statements: list[str] = []
            top(store, QUESTIONS[0])
            db = store._connections.db
            db.set_trace_callback(statements.append)
            store.look_up(WordQuery(counted=("heat",), other_forms=(("heat", "heats"),)))
            store.candidates(
                CandidateQuery(
                    ENCODER.encode_question("heat at work"),
                    ENCODER.fingerprint,
                    leading=(Phrase(("heat",)), Phrase(("work",))),
                    counted=(Near(("heat", "work")),),
                )
            )
            db.set_trace_callback(None)
            counts.append(len(statements))
    assert counts[0] == counts[1] < 20


@pytest.mark.parametrize("share", SHARES)
def test_no_filter_starves(many: LocalStore, monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    """With any filter the answer is the best of all that passes it."""
    monkeypatch.setattr(lexical, "MOST", 10)
    chance = random.Random(share)
    numbers = chance.sample(range(1_000), max(1, int(1_000 * share)))
    filters = Filters(documents=tuple(f"brief-{n:04d}" for n in numbers))
    keys = frozenset(filters.documents)
    full_text = FullText(many)
    for question in QUESTIONS[:8]:
        asked = Question.parse(question)
        scores = full_text.scores(*asked.term_clauses)
        best = sorted((round(scores[it], 6) for it in scores if it[0] in keys), reverse=True)[:10]
        found = by_words(many, asked.term_clauses, 10, keys)
        assert [round(score, 6) for *_, score in found] == best
        everyone = _by_brute_force(many, asked, keys)
        wanted = SearchOptions(limit=10, filters=filters, rerank=False, plain=True, exact=True)
        hits = Searcher(many, ENCODER).ask(question, wanted).hits
        assert len(hits) == min(10, 4 * len(keys))
        assert [hit.score for hit in hits] == pytest.approx(everyone[:10], abs=2e-6)


def _by_brute_force(store: LocalStore, asked: Question, keys: Collection[str]) -> list[float]:
    """The scores of all passages of these documents, best first."""
    vector = ENCODER.encode_question(asked.text)
    table = everything(store, vector=vector, documents=keys)
    places = list(zip(table.documents, table.ordinals.tolist(), strict=True))
    scores = dict(zip(places, cosines(table.vectors, vector).tolist(), strict=True))
    for weight, clauses in ((0.3, asked.term_clauses), (0.1, asked.phrase_clauses)):
        found, mass = weighed(store, clauses, keys)
        for place, score in found.items():
            scores[place] += weight * score / mass
    shared = {}
    for (key, n), score in scores.items():
        near = [scores[place] for place in ((key, n - 1), (key, n + 1)) if place in scores]
        one, other = [*near, score, score][:2]
        shared[key, n] = (score + 0.25 * (one + other)) / 1.5
    best = {key: max(its for (of, _), its in shared.items() if of == key) for key in keys}
    return sorted((its * 2 / 3 + best[key] / 3 for (key, _), its in shared.items()), reverse=True)
