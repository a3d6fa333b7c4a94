"""The best read again: late interaction, the neighbours' share, and what stays where it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from asking import candidate
from hypothesis import given, settings
from hypothesis import strategies as st
from test_search_ranking import ENCODER, QUESTIONS, TEXTS, Texts, edition, kept

from kb.encoder import Tokens
from kb.encoders.context import text_of, texts_of
from kb.encoders.hashing import HashingEncoder
from search.query.question import STOP_WORDS
from search.retrieval.late_interaction import LIGHT, matches, max_sim, token_weights
from search.retrieval.ranking import LATE, Signals, lifted, mixed, ranked, score, total
from search.retrieval.reranking import ALONE, DEPTH, LateInteraction, Relevance, to_rerank
from search.searcher import Searcher, SearchOptions

WIDTH = 5
few = settings(max_examples=20)


@st.composite
def tokens(draw: st.DrawFn) -> Tokens:
    """Up to eight tokens with unit vectors in any direction."""
    count = draw(st.integers(0, 8))
    vectors = np.random.default_rng(draw(st.integers(0, 999))).normal(size=(count, WIDTH))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Tokens(tuple((at, at + 1) for at in range(count)), vectors.astype(np.float32))


# --- MaxSim


@given(question=tokens(), passages=st.lists(tokens(), max_size=4), data=st.data())
def test_max_sim_is_that_of_every_pair_of_tokens(
    question: Tokens, passages: list[Tokens], data: st.DataObject
) -> None:
    count = len(question.spans)
    drawn = data.draw(st.lists(st.sampled_from([LIGHT, 1.0]), min_size=count, max_size=count))
    weights = np.array(drawn, dtype=np.float32)
    found = matches(question, weights, passages)
    assert [one.spans for one in found] == [one.spans for one in passages]
    for passage, one in zip(passages, found, strict=True):
        by_hand = 0.0
        for weight, asked in zip(weights, question.vectors, strict=True):
            if len(passage.vectors):
                by_hand += weight * max(float(asked @ there) for there in passage.vectors)
        mean = by_hand / weights.sum() if count else 0.0
        assert max_sim(one) == pytest.approx(max(0.0, mean), abs=1e-5)


def test_max_sim_by_eye() -> None:
    """Of "who pays ?" the passage has one word; marks and stop words count a quarter."""
    encoder = HashingEncoder(4096)
    one, other, none = LateInteraction(encoder).read("who pays?", ["Tolls\nShe pays.", "Who?", ""])
    assert one.score == pytest.approx(1 / 1.5)
    assert other.score == pytest.approx(0.5 / 1.5)
    assert none.score == 0.0


@given(
    words=st.lists(st.sampled_from(["the", "Who", "tax", "§", "5(2)", "—", "bus’s"]), max_size=8)
)
def test_only_words_that_say_something_weigh_in_full(words: list[str]) -> None:
    text = " ".join(words)
    spans = HashingEncoder().question_tokens(text).spans
    for (start, end), weight in zip(spans, token_weights(text, spans), strict=True):
        piece = text[start:end]
        light = piece.lower() in STOP_WORDS or not any(map(str.isalnum, piece))
        assert weight == (LIGHT if light else 1.0), piece


# --- the neighbours' share


@given(st.lists(st.floats(-1, 2), min_size=1, max_size=6))
def test_a_third_is_the_neighbours(scores: list[float]) -> None:
    signals = [Signals(score, 1.0, 0.5) for score in scores]
    padded = [scores[0], *scores, scores[-1]]
    for at, own in enumerate(signals):
        near = [signals[n] for n in (at - 1, at + 1) if 0 <= n < len(signals)]
        made = mixed(own, near)
        by_hand = padded[at + 1] * 2 / 3 + (padded[at] + padded[at + 2]) / 6
        assert made.cosine == pytest.approx(by_hand)
        assert made.terms == pytest.approx(1)
        assert made.phrases == pytest.approx(0.5)


def test_a_document_of_one_passage_neither_gains_nor_loses() -> None:
    made = mixed(Signals(0.6, 0.2, 0.1), [])
    assert made.cosine == pytest.approx(0.6)
    assert (made.terms, made.phrases) == pytest.approx((0.2, 0.1))


# --- the document's share


THOUSANDTHS = st.integers(-1000, 2000).map(lambda n: n / 1000)


@given(st.lists(st.tuples(st.sampled_from("abc"), THOUSANDTHS), min_size=1, max_size=12))
def test_the_best_of_a_document_lifts_the_others_by_a_third_of_the_way(
    found: list[tuple[str, float]],
) -> None:
    before = [candidate(id, key, Signals(score)) for id, (key, score) in enumerate(found)]
    after = lifted(before)
    for one, now, (key, its) in zip(before, after, found, strict=True):
        best = max(other for of, other in found if of == key)
        assert total(now.signals, "hybrid") == pytest.approx(its + (best - its) / 3)
        assert replace(now, signals=replace(now.signals, document=0.0)) == one
    for key in {key for key, _ in found}:
        orders = [
            [one.id for one in ranked(some, "hybrid") if one.document == key]
            for some in (before, after)
        ]
        assert orders[0] == orders[1]


def test_what_a_document_is_about_speaks_for_its_passages() -> None:
    """A passage a little worse than one of another document comes first by its company."""
    found = [
        candidate(1, "debate", Signals(0.9)),
        candidate(2, "debate", Signals(0.5)),
        candidate(3, "other", Signals(0.55)),
    ]
    best = [(one.id, score(one, "hybrid")) for one in ranked(lifted(found), "hybrid")]
    assert best == [(1, 0.9), (2, pytest.approx(0.6333, abs=1e-4)), (3, 0.55)]


# --- the order


READ = st.dictionaries(
    st.integers(1, 30), st.tuples(st.floats(-1, 2), st.none() | st.floats(0, 1)), min_size=1
)


@given(read=READ, data=st.data())
def test_the_order_of_candidates_does_not_matter(
    read: Mapping[int, tuple[float, float | None]], data: st.DataObject
) -> None:
    given_ = [
        candidate(id, "doc", Signals(cosine, late=late)) for id, (cosine, late) in read.items()
    ]
    found = ranked(given_, "hybrid")
    assert found == ranked(data.draw(st.permutations(given_)), "hybrid")
    assert len(found) == len(read)
    for one in found:
        cosine, late = read[one.id]
        assert score(one, "hybrid") == pytest.approx(cosine + LATE * (late or 0.0), abs=1e-6)


class Backwards:
    """A reranker that would turn any order round."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def read(self, question: str, texts: Sequence[str]) -> list[Relevance]:
        """The later, the better."""
        self.texts = list(texts)
        return [Relevance((at + 1) / len(texts)) for at in range(len(texts))]


def test_what_is_not_read_again_stays_below(tmp_path: Path) -> None:
    texts = {f"d{n:02d}": ["wolf " + "bear " * n] for n in range(DEPTH + 6)}
    with kept(texts) as store:
        first = (
            Searcher(store, ENCODER).ask("wolf", SearchOptions(30, rerank=False, plain=True)).hits
        )
        reranker = Backwards()
        again = Searcher(store, ENCODER, reranker).ask("wolf", SearchOptions(30, plain=True)).hits
    assert len(reranker.texts) == DEPTH < len(first) == len(again)
    before, after = ([hit.passage.reference for hit in hits] for hits in (first, again))
    assert set(after[:DEPTH]) == set(before[:DEPTH])
    assert after[:DEPTH] != before[:DEPTH]
    assert after[DEPTH:] == before[DEPTH:]
    assert [hit.score for hit in again] == sorted((hit.score for hit in again), reverse=True)


@given(texts=TEXTS, question=QUESTIONS)
@few
def test_the_best_gain_their_late_interaction(texts: Texts, question: str) -> None:
    with kept(texts) as store:
        searcher = Searcher(store, ENCODER)
        for mode in ("hybrid", "semantic"):
            first = searcher.ask(question, SearchOptions(100, mode, rerank=False, plain=True)).hits
            again = searcher.ask(question, SearchOptions(100, mode, plain=True)).hits
            before = {hit.passage.reference: hit.score for hit in first}
            assert before.keys() == {hit.passage.reference for hit in again}
            read = [
                hit for hit in again if hit.signals is not None and hit.signals.late is not None
            ]
            texts_read = [text_of(hit.passage, hit.entry.title, ENCODER) for hit in read]
            gains = LateInteraction(ENCODER).read(question, texts_read)
            assert len(read) == min(DEPTH, len(first))
            for hit, gain in zip(read, gains, strict=True):
                expected = before[hit.passage.reference] + LATE * gain.score
                assert hit.score == pytest.approx(expected, abs=2e-5)
            for hit in again:
                if hit not in read:
                    assert hit.score == pytest.approx(before[hit.passage.reference], abs=2e-6)


@given(st.dictionaries(st.integers(0, 40), st.tuples(THOUSANDTHS, THOUSANDTHS)))
def test_the_best_are_read_and_two_that_are_best_by_themselves(
    found: dict[int, tuple[float, float]],
) -> None:
    candidates = [
        candidate(id, "doc", Signals(own), Signals(around)) for id, (own, around) in found.items()
    ]
    ids = [one.id for one in to_rerank(candidates, "hybrid")]
    assert len(ids) == len(set(ids)) == min(DEPTH, len(found))
    alone = sorted(candidates, key=lambda one: (-one.own.cosine, one.id))
    assert {one.id for one in alone[:ALONE]} <= set(ids)
    best = [one.id for one in ranked(candidates, "hybrid", DEPTH)]
    assert ids[: DEPTH - ALONE] == best[: DEPTH - ALONE]


def test_what_is_shown_from_further_down_is_assessed_like_the_others() -> None:
    """The fifth gives way to another document, which was not among the best; it stays fifth."""
    others = "hawk crab moth frog toad newt deer hare".split()
    texts = {"a": [f"wolf bear lynx {other}" for other in others], "b": ["wolf bear lynx elk fox"]}
    with kept(texts) as store:
        hits = Searcher(store, ENCODER).ask("wolf bear lynx").hits
    assert [hit.passage.document for hit in hits] == ["a"] * 4 + ["b"]
    other = hits[-1]
    assert other.signals is not None
    assert other.signals.late is None
    assert other.features is not None
    assert other.features.late is not None
    assert other.features.lead > other.score - hits[0].score
    assert other.evidence is not None


def test_by_words_alone_nothing_is_read_again() -> None:
    with kept({"a": ["wolf bear"], "b": ["wolf"]}) as store:
        one = Searcher(store, ENCODER).ask("wolf", SearchOptions(mode="keyword")).hits
        other = (
            Searcher(store, ENCODER).ask("wolf", SearchOptions(mode="keyword", rerank=False)).hits
        )
        reranker = Backwards()
        Searcher(store, ENCODER, reranker).ask("wolf", SearchOptions(mode="keyword"))
    assert one == other
    assert len(reranker.texts) == 2, "a reranker of the user's reads all the same"


def test_one_text_is_what_the_encoder_read(tmp_path: Path) -> None:
    whole = edition("tolls-" * 200, ["wolf bear", "lynx"])
    headed = replace(
        whole,
        passages=tuple(replace(passage, heading=("Why", "How")) for passage in whole.passages),
    )
    for one in (whole, headed):
        title = one.document.title
        assert [text_of(p, title, ENCODER) for p in one.passages] == texts_of(one, ENCODER)
