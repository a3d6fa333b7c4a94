"""How sure an answer is: the laws of probabilities and states, the fit, and the words for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from calibrating.fitting import area, brier_skill, calibration_error, fit, probability
from hypothesis import given
from hypothesis import strategies as st

from ingest.cli.ingest import fill
from kb.store import Store, open_store
from search.confidence.assessment import GENERAL, assessed
from search.confidence.calibration import Calibration, State, Thresholds, calibration_for
from search.confidence.features import COMPARED, MENTIONS, Features, features_of, missing
from search.query.question import Question
from search.retrieval.ranking import Signals
from search.searcher import Searcher, SearchOptions

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "corpus"
MODEL = "all-MiniLM-L6-v2"
OTHER = "some-other-model"

Ask = Callable[..., tuple[int, str, str]]

numbers = st.floats(-5, 5)
features = st.builds(Features, numbers, numbers, numbers, numbers, st.none() | numbers)
calibrations = st.sampled_from([MODEL, OTHER]).map(calibration_for)
shares = st.floats(0, 1)


# --- probabilities and states


@given(calibration=calibrations, its=features)
def test_a_confidence_is_a_probability(calibration: Calibration, its: Features) -> None:
    assert 0 <= calibration.confidence(its) <= 1


@given(calibration=calibrations, its=features, more=st.floats(0, 5))
@pytest.mark.parametrize("name", ["meaning", "phrases", "held", "lead", "late"])
def test_no_feature_speaks_against_a_passage(
    calibration: Calibration, its: Features, more: float, name: str
) -> None:
    before = getattr(its, name)
    if before is not None:
        raised = replace(its, **{name: before + more})
        assert calibration.confidence(raised) >= calibration.confidence(its)


@given(calibration=calibrations, least=st.none() | shares, one=shares, other=shares)
def test_the_thresholds_are_in_order_and_so_are_the_states(
    calibration: Calibration, least: float | None, one: float, other: float
) -> None:
    thresholds = calibration.moved(least).thresholds
    assert 0 <= thresholds.nothing <= thresholds.answered <= 1
    order = [State.NOTHING, State.UNCERTAIN, State.ANSWERED]
    low, high = sorted((one, other))
    assert order.index(thresholds.state(low)) <= order.index(thresholds.state(high))
    assert (thresholds.state(one) is State.NOTHING) is (one < thresholds.nothing)


def test_thresholds_by_eye() -> None:
    thresholds = Thresholds(0.15, 0.5)
    assert [thresholds.state(p) for p in (0.149, 0.15, 0.499, 0.5)] == [
        State.NOTHING, State.UNCERTAIN, State.UNCERTAIN, State.ANSWERED,
    ]  # fmt: skip
    assert thresholds.moved(0.0) == Thresholds(0.0, 0.5)
    assert thresholds.moved(0.7) == Thresholds(0.7, 0.7)


def test_another_model_gets_a_general_calibration_which_never_says_nothing() -> None:
    assert not calibration_for(MODEL).general
    general = calibration_for(OTHER)
    least = Features(-1, 0, 0, -2, 0)
    assert general.general
    made = assessed(general, {1: least}, ())
    assert made.state is State.UNCERTAIN
    assert made.notes == (GENERAL,)
    sure = assessed(general, {1: Features(0, 2, 1, 0)}, ())
    assert (sure.state, sure.notes) == (State.ANSWERED, ())


# --- features


@given(scores=st.lists(st.floats(-1, 3), min_size=1, max_size=12), data=st.data())
def test_features_do_not_depend_on_the_order_of_what_they_are_made_of(
    scores: list[float], data: st.DataObject
) -> None:
    best = sorted(enumerate(scores), key=lambda one: -one[1])
    own = {id: Signals(score / 2, 0.3, 0.1) for id, score in best}
    late = {id: 0.5 for id, _ in best[:COMPARED]}
    ids = st.frozensets(st.sampled_from(sorted(own)))
    holders = {term: (data.draw(ids), idf) for term, idf in (("a", 1.0), ("b", 3.0), ("c", 0.5))}
    made = features_of(best, own, late, holders)
    shuffled = {id: own[id] for id in data.draw(st.permutations(list(own)))}
    turned = dict(reversed(holders.items()))
    again = features_of(best, shuffled, late, turned)
    assert again.keys() == made.keys()
    for id, its in made.items():
        assert again[id].held == pytest.approx(its.held)
        assert again[id] == replace(its, held=again[id].held)
        assert 0 <= its.held <= 1 + 1e-9
        assert its.meaning == own[id].cosine
    assert made[best[0][0]].lead >= -1e-9


def test_features_by_eye() -> None:
    own = {1: Signals(0.6, 0.5, 0.25), 2: Signals(0.4, 0.1, 0.0), 3: Signals(0.2)}
    holders = {"heat": ({1, 2}, 3.0), "rule": ({2}, 1.0)}
    made = features_of([(1, 1.0), (2, 0.6), (3, 0.4)], own, {1: 0.7}, holders)
    assert made[1] == Features(0.6, 0.25, 0.75, made[1].lead, 0.7)
    assert made[2].held == 1
    assert made[3] == Features(0.2, 0.0, 0.0, made[3].lead)
    assert (made[1].lead, made[3].lead) == pytest.approx((0.5, -0.4))
    alone = features_of([(1, 1.0)], own, {}, {})[1]
    assert (alone.lead, alone.held) == (0, 0)


@given(
    st.lists(st.sampled_from(["heat", "standard", "the", "bus", "many"]), min_size=1, max_size=8),
    st.data(),
)
def test_missing_words_are_those_of_the_question_that_none_of_the_best_holds(
    words: list[str], data: st.DataObject
) -> None:
    question = Question.parse(" ".join(words))
    ids = st.frozensets(st.integers(1, MENTIONS + 4))
    holders = {term: (data.draw(ids), 1.0) for term in question.terms}
    best = list(range(1, MENTIONS + 4))
    given_ = missing(question, best, holders)
    lacking = {term for term, (held, _) in holders.items() if not held & set(best[:MENTIONS])}
    lacking -= {"many"}
    assert {word for run in given_ for word in run.split()} == lacking
    assert all(run in question.text for run in given_)


def test_missing_words_are_given_as_typed() -> None:
    question = Question.parse("Which Heat Standard holds for heat-proof buses in Wales? Wales!")
    nowhere: dict[str, tuple[set[int], float]] = {
        term: (set(), 1.0) for term in question.terms if term != "holds"
    }
    found = missing(question, [1], {**nowhere, "holds": ({1}, 1.0)})
    assert found == ("Heat Standard", "heat-proof buses", "Wales")


# --- the fit


def test_the_fit_finds_the_weights_that_made_the_answers() -> None:
    dice = np.random.default_rng(1)
    rows = dice.normal(size=(20_000, 3))
    truth = np.array([-0.5, 1.5, 0.7, 0.0])
    chance = probability(np.column_stack([np.ones(len(rows)), rows]), truth)
    answers = (dice.random(len(rows)) < chance).astype(float)
    weights = np.ones(len(rows))
    found = fit(rows, answers, weights)
    assert found == pytest.approx(truth, abs=0.08)
    said = probability(np.column_stack([np.ones(len(rows)), rows]), found)
    assert calibration_error(said, answers, weights) < 0.02
    assert brier_skill(said, answers, weights) > 0.2


def test_a_feature_that_would_speak_against_counts_nothing() -> None:
    dice = np.random.default_rng(1)
    rows = dice.normal(size=(2_000, 2))
    answers = (rows[:, 0] - rows[:, 1] + dice.normal(size=2_000) > 0).astype(float)
    found = fit(rows, answers, np.ones(2_000))
    assert found[1] > 0
    assert found[2] == 0


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=30).filter(
        lambda pairs: len({yes for yes, _ in pairs}) == 2
    )
)
def test_the_area_is_that_of_every_pair(pairs: list[tuple[bool, int]]) -> None:
    yes = [score for is_yes, score in pairs if is_yes]
    no = [score for is_yes, score in pairs if not is_yes]
    by_hand = np.mean([(a > b) + (a == b) / 2 for a in yes for b in no])
    answers = np.array([float(is_yes) for is_yes, _ in pairs])
    scores = np.array([float(score) for _, score in pairs])
    assert area(answers, scores) == pytest.approx(by_hand)


def test_always_saying_the_share_that_answers_is_calibrated_and_no_skill() -> None:
    answers = np.array([1.0, 0.0, 0.0, 0.0])
    said, weights = np.full(4, 0.25), np.ones(4)
    assert calibration_error(said, answers, weights) == 0
    assert brier_skill(said, answers, weights) == 0


# --- what a search says


def test_the_number_of_hits_does_not_change_what_is_said(store: Store) -> None:
    fill(store, [str(CORPUS)])
    searcher = Searcher(store)
    for question in ("who pays for rural broadband", "zebra crossings in Norway"):
        few, many = (searcher.ask(question, SearchOptions(count)) for count in (1, 30))
        assert (few.state, few.missing, few.confidence) == (
            many.state, many.missing, many.confidence,
        )  # fmt: skip
        assert all(hit.confidence is not None for hit in many.hits)


def test_meaning_alone_and_words_alone_know_no_confidence(store: Store) -> None:
    fill(store, [str(CORPUS)])
    for mode in ("semantic", "keyword"):
        answer = Searcher(store).ask("rural broadband", SearchOptions(mode=mode))
        assert (answer.state, answer.confidence, answer.missing) == ("answered", None, ())


@pytest.fixture(scope="module")
def briefs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample corpus with the default model."""
    location = tmp_path_factory.mktemp("briefs") / "kb"
    with open_store(location, create=True) as store:
        fill(store, [str(CORPUS)])
    return location


@pytest.mark.model
def test_the_sample_questions_are_told_apart(briefs: Path) -> None:
    """A snapshot. Nothing in the briefs answers eight of them, though all are near to one."""
    lines = (CORPUS / "questions.jsonl").read_text("utf-8").splitlines()
    counts: dict[str, list[State]] = {}
    with open_store(briefs) as store:
        searcher = Searcher(store)
        for its in map(json.loads, lines):
            counts.setdefault(its["kind"], []).append(searcher.ask(its["text"]).state)
    assert set(counts["exact"]) == {State.ANSWERED}
    assert State.NOTHING not in counts["paraphrase"]
    assert State.ANSWERED not in counts["unanswerable"]
    assert counts["unanswerable"].count(State.NOTHING) >= 1


@pytest.mark.model
def test_the_three_states_at_the_command_line(briefs: Path, ask: Ask) -> None:
    def search(*arguments: str) -> tuple[int, str, str]:
        return ask("--kb", briefs, "search", *arguments)

    code, out, _ = search("why not share targeting intel", "-n", "1")
    assert (code, out[:3]) == (0, "1. ")
    code, out, err = search("who won the chess olympiad in Budapest", "-n", "1")
    first = out.split("\n")[0]
    assert (code, err) == (1, "")
    assert first.startswith("Nothing here answers this. No passage found mentions: ")
    assert "chess olympiad" in first
    code, out, _ = search("who won the chess olympiad in Budapest", "--format", "json")
    made = json.loads(out)
    assert (made["state"], made["answered"], code) == ("nothing", False, 1)
    assert "chess olympiad" in made["missing"]
    assert made["confidence"] == made["hits"][0]["confidence"] < 0.5
    assert len(made["hits"]) == 5
    code, out, _ = search("who won the chess olympiad in Budapest", "--min-confidence", "0")
    assert code == 0
    assert out.startswith("Not sure: no passage found mentions: ")
    code, out, _ = search("why not share targeting intel", "--min-confidence", "1")
    assert code == 1
    assert out.startswith("Nothing here answers this.")
    code, _, err = search("intel", "--mode", "keyword", "--min-confidence", "0.5")
    assert (code, err.count("\n")) == (2, 1)
    assert "leave --min-confidence out" in err
