"""How passages are ranked, against BM25 and a product of matrices computed by hand."""

from __future__ import annotations

import hashlib
import math
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise, product
from pathlib import Path

import asking
import numpy as np
import pytest
from asking import candidate
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kb.encoders.hashing import HashingEncoder
from kb.errors import BadUsage, ModelMismatch
from kb.filters import Filters
from kb.index.candidates import CandidateQuery
from kb.index.clauses import Clause, Phrase
from kb.index.scores import idf
from kb.metadata import Metadata
from kb.records import Document, Edition, Passage, Provenance, Span, revision_of
from kb.store import Store, open_store
from search.query.question import Question
from search.query.requirements import Requirements
from search.retrieval.candidates import DEPTH, prepare, scored
from search.retrieval.ranking import (
    MODES,
    Signals,
    hybrid,
    keyword,
    parts,
    ranked,
    score,
    semantic,
    total,
)
from search.searcher import Searcher, SearchOptions

K1, B = 1.2, 0.75
ENCODER = HashingEncoder(dimension=64)  # few buckets, so that words collide and cosines vary
MODE_NAMES = ("hybrid", "semantic", "keyword")

# words that Porter's stemmer leaves alone, and stop words
VOCABULARY = ("wolf", "bear", "lynx", "hawk", "crab", "moth", "frog", "toad")
WORDS = st.sampled_from((*VOCABULARY, *VOCABULARY, "the", "of"))
Texts = Mapping[str, Sequence[str]]
TEXTS = st.dictionaries(
    st.sampled_from("abcde"),
    st.lists(st.lists(WORDS, min_size=1, max_size=12).map(" ".join), min_size=1, max_size=4),
    min_size=1,
)
QUESTIONS = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
few = settings(max_examples=25)  # each makes a knowledge base
fewer = settings(max_examples=12)  # each makes two


def edition(key: str, texts: Sequence[str], **known: object) -> Edition:
    """A document of the given passages, with what is known of it; its title is its key."""
    starts = np.cumsum([0, *(len(text) + 2 for text in texts)]).tolist()
    spans = [Span(at, at + len(text)) for at, text in zip(starts, texts, strict=False)]
    text = "\n\n".join(texts)
    revision = revision_of(text, spans)
    digest = hashlib.sha256(text.encode()).hexdigest()
    source = Provenance(f"/briefs/{key}.txt", digest, "text/plain", "plain 1", "2025-01-01")
    metadata = Metadata(**{"title": key, **known})  # type: ignore[arg-type]
    return Edition(
        Document(key, revision, metadata, text, (source,)),
        tuple(
            Passage(key, revision, ordinal, ordinal, span, span.of(text))
            for ordinal, span in enumerate(spans, 1)
        ),
    )


def add(store: Store, editions: Iterable[Edition]) -> None:
    """Keep editions, each passage with the vector of its own words."""
    for one in editions:
        vectors = ENCODER.encode_passages([passage.text for passage in one.passages])
        store.add(one, vectors, {}, ENCODER)


@contextmanager
def kept(texts: Texts) -> Iterator[Store]:
    """A knowledge base with these documents, added in their order."""
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(Path(folder) / "kb", create=True, model="hashing") as store,
    ):
        add(store, (edition(key, passages) for key, passages in texts.items()))
        yield store


@dataclass(frozen=True)
class Row:
    """A passage as full-text search sees it: words by column (title, text)."""

    key: str
    ordinal: int
    columns: tuple[list[str], list[str]]

    @property
    def place(self) -> tuple[str, int]:
        return self.key, self.ordinal

    def count(self, clause: Clause) -> int:
        """How often a phrase occurs, or the first of two words near the second."""
        if isinstance(clause, Phrase):
            size = len(clause.words)
            return sum(
                tuple(words[at : at + size]) == clause.words
                for words in self.columns
                for at in range(len(words))
            )
        count = 0
        for words in self.columns:
            here = [[at for at, word in enumerate(words) if word == w] for w in clause.words]
            count += len({a for a, b in product(*here) if abs(a - b) <= clause.distance + 1})
        return count


class ByHand:
    """The same passages in plain lists: BM25, cosines and their fusion, nothing left out."""

    def __init__(self, texts: Texts) -> None:
        passages = [
            (key, ordinal, text)
            for key, parts in texts.items()
            for ordinal, text in enumerate(parts, 1)
        ]
        self.rows = [Row(key, n, (key.split("-"), text.split())) for key, n, text in passages]
        self.vectors = ENCODER.encode_passages([text for *_, text in passages]).astype(np.float64)

    def idf(self, words: tuple[str, ...]) -> float:
        """Robertson's weight of a phrase, never below 1e-6."""
        holding = sum(row.count(Phrase(words)) > 0 for row in self.rows)
        return max(math.log((len(self.rows) - holding + 0.5) / (holding + 0.5)), 1e-6)

    def bm25(self, clauses: Sequence[Clause]) -> tuple[list[float], float]:
        """The score of each passage, and the sum of the weights."""
        lengths = [sum(map(len, row.columns)) for row in self.rows]
        mean = sum(lengths) / len(lengths)
        scores = [0.0] * len(self.rows)
        total = 0.0
        for clause in clauses:
            weight = self.idf(clause.words if isinstance(clause, Phrase) else clause.words[:1])
            total += weight
            for at, (row, length) in enumerate(zip(self.rows, lengths, strict=True)):
                f = row.count(clause)
                scores[at] += weight * f * (K1 + 1) / (f + K1 * (1 - B + B * length / mean))
        return scores, total

    def scores(self, question: str, mode: str) -> dict[tuple[str, int], float]:
        """The score of every passage that may be an answer, by key and ordinal."""
        asked = Question.parse(question)
        clauses = asked.term_clauses
        if mode == "keyword" and not clauses:
            clauses = tuple(Phrase((word,)) for word in asked.words)
        cosines = self.vectors @ ENCODER.encode_question(question).astype(np.float64)
        terms, weights = self.bm25(clauses)
        phrases, phrase_weights = self.bm25(asked.phrase_clauses)
        own = {}
        for row, cosine, term, phrase in zip(self.rows, cosines, terms, phrases, strict=True):
            share = term / weights if weights else 0.0
            close = phrase / phrase_weights if phrase_weights else 0.0
            if mode == "hybrid":
                own[row.place] = float(cosine) + 0.3 * share + 0.1 * close
            elif mode == "semantic":
                own[row.place] = float(cosine)
            else:
                own[row.place] = share + close / 3
        mixed = {
            row.place: among_neighbours(own, row.place)
            for row, term in zip(self.rows, terms, strict=True)
            if term or mode != "keyword"
        }
        return lifted(mixed) if mode == "hybrid" else mixed


def among_neighbours(own: Mapping[tuple[str, int], float], place: tuple[str, int]) -> float:
    """Two thirds of a passage's own score, a sixth of each neighbour's or of its own again."""
    key, ordinal = place
    near = [own.get((key, ordinal + step), own[place]) for step in (-1, 1)]
    return own[place] * 2 / 3 + sum(near) / 6


def lifted(scores: Mapping[tuple[str, int], float]) -> dict[tuple[str, int], float]:
    """Two thirds of each score, and a third of the best in its document."""
    return {
        (key, n): score * 2 / 3 + max(its for (of, _), its in scores.items() if of == key) / 3
        for (key, n), score in scores.items()
    }


Ranking = list[tuple[tuple[str, int], float]]


def answered(store: Store, question: str, options: SearchOptions) -> Ranking:
    """Key, ordinal and score of each hit: nothing is read again, copies stay."""
    plain = replace(options, rerank=False, plain=True)
    hits = Searcher(store, ENCODER).ask(question, plain).hits
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    return [((hit.passage.document, hit.passage.ordinal), hit.score) for hit in hits]


def assert_best(found: Ranking, scores: Mapping[tuple[str, int], float], limit: int) -> None:
    """That `found` are the best `limit` of `scores`, in order, ties by key and ordinal.

    Cosines are rounded to six places, then scores: what lies nearer may stand in either order.
    """
    assert len(found) == min(limit, len(scores))
    assert found == sorted(found, key=lambda hit: (-hit[1], hit[0]))
    for place, its in found:
        assert its == pytest.approx(scores[place], abs=2e-6)
    best = sorted(scores.values(), reverse=True)[:limit]
    assert [score for _, score in found] == pytest.approx(best, abs=2e-6)


# --- the parts of a score


@given(texts=TEXTS, clauses=QUESTIONS.map(Question.parse))
@few
def test_full_text_scores_are_bm25(texts: Texts, clauses: Question) -> None:
    by_hand = ByHand(texts)
    places = [row.place for row in by_hand.rows]
    with kept(texts) as store:
        for word in VOCABULARY:
            clause = Phrase((word,))
            table = store.candidates(CandidateQuery(leading=(clause,)))
            frequency = table.frequencies[table.columns[clause]]
            assert idf(frequency, table.size) == by_hand.idf((word,))
        for part in (clauses.term_clauses, clauses.phrase_clauses):
            scores, _ = by_hand.bm25(part)
            expected = {place: s for place, s in zip(places, scores, strict=True) if s > 0}
            found = asking.lexical(store, part, 100)
            assert {(key, ordinal): its for key, ordinal, its in found} == pytest.approx(
                expected, abs=1e-6
            )


@given(
    texts=TEXTS,
    questions=st.lists(QUESTIONS, min_size=1, max_size=4),
)
@few
@example({"a": ["wolf bear lynx " * 40, "wolf bear lynx"]}, ["wolf bear lynx"])
def test_shares_of_terms_and_phrases_are_bounded(texts: Texts, questions: list[str]) -> None:
    """Each term brings at most k1 + 1 times its IDF, so B and P are at most 2.2."""
    with kept(texts) as store:
        for question in map(Question.parse, questions):
            asked = prepare(question, "hybrid", store, ENCODER, exact=True)
            table = store.candidates(asked.candidate_query(DEPTH, Filters(), Requirements()))
            found = scored(table, asked)
            assert len(found) == store.size
            for clauses, name in ((asked.terms, "terms"), (asked.phrases, "phrases")):
                counts = table.counts[:, [table.columns[clause] for clause in clauses]].sum(axis=1)
                for one in found:
                    share = getattr(one.own, name)
                    assert 0 <= share <= 2.2 + 1e-9
                    assert (share > 0) == (counts[one.row] > 0)
            for mode, most in (("hybrid", 1 + 0.4 * 2.2), ("keyword", 2.2 * 4 / 3)):
                for _, score in answered(store, question.text, SearchOptions(mode=mode)):
                    assert 0 <= score <= most + 2e-6


def test_the_bound_of_shares_is_nearly_reached() -> None:
    texts = {"long": ["bear lynx hawk crab " * 100] * 9, "same": ["wolf " * 40]}
    with kept(texts) as store:
        ((_, score),) = answered(store, "wolf", SearchOptions(mode="keyword"))
    assert 2.1 < score < 2.2


@given(
    cosine=st.floats(-1, 1),
    terms=st.floats(0, 2.2),
    phrases=st.floats(0, 2.2),
)
def test_fusion_is_a_weighted_sum(cosine: float, terms: float, phrases: float) -> None:
    signals = Signals(cosine, terms, phrases)
    assert hybrid(signals) == pytest.approx(cosine + 0.3 * terms + 0.1 * phrases)
    assert hybrid(signals) - semantic(signals) == pytest.approx(0.3 * keyword(signals))
    assert set(MODES) == set(MODE_NAMES)


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 9)), unique=True),
    st.data(),
)
def test_ties_are_ranked_by_key_and_ordinal(
    places: list[tuple[str, int]], data: st.DataObject
) -> None:
    cosines = st.sampled_from([0.25, 0.5, 0.5 + 1e-9])
    drawn = [
        replace(candidate(id, key, Signals(data.draw(cosines))), ordinal=ordinal)
        for id, (key, ordinal) in enumerate(places)
    ]
    best = ranked(drawn, "semantic", 5)
    everything = sorted((-round(one.signals.cosine, 6), places[one.id], one.id) for one in drawn)
    assert [(one.id, score(one, "semantic")) for one in best] == [
        (id, -negative) for negative, _, id in everything[:5]
    ]


# --- examples to check by eye


def test_one_word_scores_by_eye() -> None:
    """Of three passages of two words (title and text) one holds "wolf".

    BM25 of a word that occurs once in a passage of mean length is its IDF, so B = 1; the vectors
    of equal texts are equal, so the cosine is 1; there is no second word, so P = 0.
    """
    with kept({"x": ["wolf"], "y": ["bear"], "z": ["lynx"]}) as store:
        assert answered(store, "wolf", SearchOptions(limit=1)) == [(("x", 1), 1.3)]
        assert answered(store, "wolf", SearchOptions(limit=1, mode="semantic")) == [(("x", 1), 1.0)]
        assert answered(store, "wolf", SearchOptions(mode="keyword")) == [(("x", 1), 1.0)]


def test_the_order_of_words_counts_by_eye() -> None:
    """Two passages hold both words of "grey wolf", one of them as the phrase.

    Both have cosine 1 and B = 1. P weighs the phrase "grey wolf" (in 1 of 6 passages:
    ln(5.5/1.5) = 1.299) and NEAR(grey wolf) (each word in 2 of 6: ln(4.5/2.5) = 0.588, twice):
    the first passage has it all, the second 1.176 of 2.475 = 0.475.
    """
    texts = {
        "first": ["grey wolf"],
        "second": ["wolf grey"],
        "others": ["bear lynx", "hawk crab", "moth frog", "toad newt"],
    }
    with kept(texts) as store:
        first, second, *_ = answered(store, "grey wolf", SearchOptions())
    assert (first[0], second[0]) == (("first", 1), ("second", 1))
    assert first[1] == pytest.approx(1 + 0.3 + 0.1, abs=1e-5)
    assert second[1] == pytest.approx(1 + 0.3 + 0.1 * 0.475, abs=1e-5)


def test_a_chance_match_of_one_word_stays_weak() -> None:
    """One of four equally rare words is a quarter of the weight, whatever else there is."""
    texts = {"chance": ["wolf"], "others": ["bear", "lynx", "hawk", "crab", "moth"]}
    with kept(texts) as store:
        ((place, score), *_) = answered(
            store, "wolf seal otter newt", SearchOptions(mode="keyword")
        )
    # "seal", "otter" and "newt" stand nowhere: ln(6.5/0.5) each; "wolf" ln(5.5/1.5)
    weights = 3 * math.log(13) + math.log(5.5 / 1.5)
    assert place == ("chance", 1)
    assert score == pytest.approx(math.log(5.5 / 1.5) / weights, abs=1e-6)


ANY_SIGNALS = st.builds(
    Signals, *(st.floats(-1, 2.2) for _ in range(4)), late=st.none() | st.floats(0, 1)
)


@given(ANY_SIGNALS, ANY_SIGNALS)
def test_the_parts_add_up_to_the_score(own: Signals, mixed: Signals) -> None:
    for mode in MODES:
        whole = sum(parts(own, mixed, mode).values())
        assert math.isclose(whole, total(mixed, mode), abs_tol=1e-9)
        assert parts(own, own, mode)["neighbours"] == 0


# --- the whole ranking, against all passages by hand


@given(
    texts=TEXTS,
    questions=st.lists(QUESTIONS, min_size=1, max_size=3),
    limit=st.integers(1, 8),
)
@few
@example({"a": ["wolf bear", "bear the", "wolf"], "b": ["wolf"]}, ["wolf"], 2)  # in most rows
@example({"a": ["the of"], "b": ["of lynx"]}, ["the of"], 5)  # stop words alone
@example({"wolf": ["bear", "lynx"], "b": ["hawk"] * 5}, ["wolf bear"], 5)  # titles count
def test_the_best_are_those_of_all_passages(texts: Texts, questions: list[str], limit: int) -> None:
    by_hand = ByHand(texts)
    with kept(texts) as store:
        for question, mode in product(questions, MODE_NAMES):
            found = answered(store, question, SearchOptions(limit, mode))
            assert_best(found, by_hand.scores(question, mode), limit)
            assert found == answered(store, question, SearchOptions(100, mode))[:limit]


def test_the_best_of_more_passages_than_there_are_candidates() -> None:
    random = np.random.default_rng(7)
    ranks = np.arange(1, 301)
    words = [f"{word}{n}" for word in VOCABULARY for n in range(50)][:300]
    drawn = random.choice(words, size=(20, 30, 20), p=1 / ranks / sum(1 / ranks))  # Zipf
    texts = {f"doc{n:02d}": [" ".join(line) for line in lines] for n, lines in enumerate(drawn)}
    by_hand = ByHand(texts)
    with kept(texts) as store:
        assert store.size == 600 > 2 * DEPTH
        for mode, limit in product(MODE_NAMES, (20, 500)):
            question = " ".join(random.choice(words[:100], size=4))
            found = answered(store, question, SearchOptions(limit, mode))
            scores = by_hand.scores(question, mode)
            # a passage that is put forward by nothing of its own is not, whatever stands next to it
            sure = min(limit, DEPTH)
            assert_best(found[:sure], scores, sure)
            assert all(score == pytest.approx(scores[place], abs=2e-6) for place, score in found)
            assert len(found) == min(limit, len(scores))


@given(texts=TEXTS, question=QUESTIONS, data=st.data())
@fewer
def test_the_order_of_ingest_does_not_matter(
    texts: Texts, question: str, data: st.DataObject
) -> None:
    keys = data.draw(st.permutations(list(texts)))
    with kept(texts) as one, kept({key: texts[key] for key in keys}) as other:
        for mode in MODE_NAMES:
            options = SearchOptions(100, mode)
            assert answered(one, question, options) == answered(other, question, options)


@given(texts=TEXTS, question=QUESTIONS)
@fewer
def test_what_was_removed_or_replaced_leaves_no_trace(texts: Texts, question: str) -> None:
    with kept({"z": ["wolf bear lynx", "hawk"], "e": ["wolf wolf"], **texts}) as used:
        used.remove("z")
        if "e" not in texts:
            used.remove("e")
        add(used, [edition("a", ["crab moth"]), edition("a", texts.get("a", ["frog"]))])
        with kept({**texts, "a": texts.get("a", ["frog"])}) as fresh:
            for mode in MODE_NAMES:
                options = SearchOptions(100, mode)
                assert answered(used, question, options) == answered(fresh, question, options)


def test_equal_vectors_come_by_key_and_ordinal_whatever_float32_makes_of_them() -> None:
    """A product in float32 differs in the seventh digit by a row's place in its matrix."""
    random = np.random.default_rng(3)
    encoder = HashingEncoder(dimension=384)
    one, *questions = random.normal(size=(400, 384)).astype(np.float32)
    one /= np.linalg.norm(one)
    with kept({}) as store:
        for key in "edcba":
            store.add(edition(key, ["wolf"] * 7), np.tile(one, (7, 1)), {}, encoder)
        for question in questions:
            near = 3 * one + question / np.linalg.norm(question)
            unit = near / np.linalg.norm(near)
            found = asking.dense(store, unit.astype(np.float32), 35)
            assert len(found) == 35
            places = [(key, ordinal) for key, ordinal, _ in found]
            assert places == sorted(places)
            assert [key for key, *_ in asking.dense(store, unit.astype(np.float32), 7)] == ["a"] * 7


@given(texts=TEXTS, context=st.integers(0, 3))
@fewer
def test_neighbours_are_those_of_the_document(texts: Texts, context: int) -> None:
    with kept(texts) as store:
        for hit in Searcher(store, ENCODER).ask("wolf", SearchOptions(100, context=context)).hits:
            around = (*hit.before, hit.passage, *hit.after)
            here, last = hit.passage.ordinal, len(texts[hit.passage.document])
            expected = range(max(1, here - context), min(last, here + context) + 1)
            assert [passage.ordinal for passage in around] == list(expected)
            assert all(b.ordinal - a.ordinal == 1 for a, b in pairwise(around))


# --- what cannot be asked


def test_an_empty_knowledge_base_says_so(store: Store) -> None:
    answer = Searcher(store).ask("wolf")
    assert not answer.answered
    assert answer.notes == ("nothing is ingested yet",)


def test_vectors_of_another_model_are_refused() -> None:
    with kept({"a": ["wolf"]}) as store:
        with pytest.raises(ModelMismatch, match=r"hashing@64x256.*hashing@256x256"):
            Searcher(store, HashingEncoder()).ask("wolf")
        with pytest.raises(BadUsage, match="no mode 'fuzzy'"):
            Searcher(store, ENCODER).ask("wolf", SearchOptions(mode="fuzzy"))
        # words alone need no model
        assert Searcher(store, HashingEncoder()).ask("wolf", SearchOptions(mode="keyword")).hits


class Strict(HashingEncoder):
    """Reads text alone, as a model's tokenizer does: half a character is an error."""

    def encode_question(self, text: str) -> NDArray[np.float32]:
        text.encode()
        return super().encode_question(text)


def test_half_a_character_in_a_question_is_no_error() -> None:
    with kept({"a": ["wolf"], "b": ["bear"]}) as store:
        searcher = Searcher(store, Strict(dimension=64))
        assert searcher.ask("wolf \udce9").hits[0].passage.document == "a"
