"""Measures, runs, judgements and significance: each against brute force or a known value."""

from __future__ import annotations

import itertools
import math
import random
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import BadUsage
from kb.metadata import Metadata
from kb.records import Document, Edition, Passage, Span
from search.evaluation import runs
from search.evaluation.evaluating import grouped
from search.evaluation.judging import ENOUGH, Relevant, overlap, passages_of
from search.evaluation.measures import NAMES, measured
from search.evaluation.significance import Estimate, difference, estimate

ITEMS = [f"d{number}" for number in range(30)]
rankings = st.lists(st.sampled_from(ITEMS), unique=True, max_size=30).map(
    lambda items: tuple((item, 0.5) for item in items)  # equal scores: the order alone counts
)
grades = st.dictionaries(st.sampled_from(ITEMS), st.integers(1, 3), min_size=1, max_size=12)
values = st.lists(st.floats(0, 1), min_size=1, max_size=40)


# --- measures


def by_hand(grades: dict[str, int], items: list[str]) -> dict[str, float]:
    """The definitions, written out."""
    gains = [grades.get(item, 0) for item in items]
    best = sorted(grades.values(), reverse=True)
    first = next((rank for rank, gain in enumerate(gains, 1) if gain), math.inf)
    return {
        "nDCG@10": discounted(gains) / discounted(best),
        "success@1": float(first <= 1),
        "success@3": float(first <= 3),
        "success@5": float(first <= 5),
        "MRR@10": 1 / first if first <= 10 else 0.0,
        "recall@100": sum(gain > 0 for gain in gains) / len(grades),
    }


def discounted(gains: list[int]) -> float:
    """Discounted cumulative gain at ten."""
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains[:10], 1))


@given(st.lists(st.tuples(grades, rankings), min_size=1, max_size=4))
def test_measures_are_their_definitions(
    judged: list[tuple[dict[str, int], runs.Ranking]],
) -> None:
    relevant = {f"q{number}": Relevant(its) for number, (its, _) in enumerate(judged)}
    run = {f"q{number}": ranking for number, (_, ranking) in enumerate(judged)}
    found = measured(relevant, run)
    assert list(found) == list(NAMES)
    for number, (its, ranking) in enumerate(judged):
        expected = by_hand(its, [item for item, _ in ranking])
        assert {name: found[name][number] for name in found} == pytest.approx(expected)


def test_a_question_without_a_ranking_found_nothing() -> None:
    relevant = {"q1": Relevant({"a": 1}), "q2": Relevant({"a": 1})}
    assert measured(relevant, {"q2": (("a", 1.0),)})["success@1"] == [0.0, 1.0]
    assert set(map(tuple, measured(relevant, {}).values())) == {(0.0, 0.0)}


# --- judgements


def edition(cuts: list[int]) -> Edition:
    """A document of passages that end at these places."""
    text = "x" * cuts[-1]
    passages = tuple(
        Passage("a", "00000000", number, number, Span(start, end), text[start:end])
        for number, (start, end) in enumerate(zip([0, *cuts], cuts, strict=False), 1)
    )
    return Edition(Document("a", "00000000", Metadata(title="A"), text, ()), passages)


cuts = st.lists(st.integers(1, 120), min_size=1, max_size=20).map(
    lambda sizes: [int(end) for end in np.cumsum(sizes)]
)


@given(cuts, st.data())
def test_the_ideal_ranking_of_stretches_shows_the_passages_that_hold_enough(
    ends: list[int], data: st.DataObject
) -> None:
    starts = data.draw(st.lists(st.integers(0, ends[-1] - 1), min_size=1, max_size=3))
    spans = [Span(start, data.draw(st.integers(start + 1, ends[-1]))) for start in starts]
    made = edition(ends)
    relevant = passages_of([(made, spans)])
    touched, held = set(), set()
    for passage in made.passages:
        for span in spans:
            inside = set(range(*astuple(passage.span))) & set(range(*astuple(span)))
            assert len(inside) == overlap(passage.span, span)
            if inside:
                touched.add(passage.pinned)
            if inside and len(inside) >= min(ENOUGH, span.end - span.start):
                held.add(passage.pinned)
    assert set(relevant.grades) == touched
    assert relevant.ideal == max(1, len(held))
    items = [passage.pinned for passage in made.passages]
    (value,) = measured({"q": relevant}, {"q": tuple((item, 0.0) for item in items)})["nDCG@10"]
    gain = discounted([int(item in touched) for item in items])
    assert value == pytest.approx(min(1.0, gain / discounted([1] * max(1, len(held)))))


def astuple(span: Span) -> tuple[int, int]:
    """Start and end."""
    return span.start, span.end


def test_a_stretch_that_no_passage_holds_counts_as_missed() -> None:
    relevant = passages_of([(edition([10]), [Span(10, 20)])])
    assert measured({"q": relevant}, {"q": (("a@00000000#1", 1.0),)})["nDCG@10"] == [0.0]


def test_groups_are_all_questions_and_each_kind() -> None:
    assert grouped(["a", None, "b", "a"]) == {"all": [0, 1, 2, 3], "a": [0, 3], "b": [2]}
    assert grouped([None, "all"]) == {"all": [0, 1]}


# --- runs

ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
scored = st.dictionaries(ids.map(runs.token), st.integers(-99, 99), min_size=1, max_size=9)


@given(st.dictionaries(ids.map(runs.token), scored, min_size=1, max_size=4))
def test_a_run_is_read_as_it_was_written(drawn: dict[str, dict[str, int]]) -> None:
    run = {question: tuple((i, s / 64) for i, s in its.items()) for question, its in drawn.items()}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        path.write_text(runs.as_trec(run, "kb"), encoding="utf-8", newline="\n")
        read = runs.read(path)
    assert {q: [i for i, _ in its] for q, its in read.items()} == {
        q: [i for i, _ in its] for q, its in run.items()
    }


def test_a_run_is_in_the_form_of_trec(tmp_path: Path) -> None:
    assert runs.as_trec({"q 1": (("a", 0.5), ("b", 0.25))}, "kb-hybrid") == (
        "q%201 Q0 a 1 0.500000 kb-hybrid\nq%201 Q0 b 2 0.250000 kb-hybrid\n"
    )
    # "b" was put before "c", which scores more, and "d" scores as much
    varied = {"q": (("a", 0.5), ("b", 0.25), ("c", 0.4), ("d", 0.25))}
    assert [line.split()[4] for line in runs.as_trec(varied, "kb").splitlines()] == [
        "0.500000", "0.250000", "0.249999", "0.249998",
    ]  # fmt: skip
    (tmp_path / "run").write_text("q Q0 a 2 1 x\nq Q0 b 1 1 x\nq\tQ0\tc\t3\t7\tx\n")
    assert runs.read(tmp_path / "run") == {"q": (("c", 7.0), ("b", 1.0), ("a", 1.0))}


@pytest.mark.parametrize("line", ["q Q0 a 1 0.5", "q Q0 a one 0.5 x", "q Q0 a 1 nan x", "a\tb"])
def test_what_is_no_run_is_said_by_its_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "run").write_text(f"q Q0 a 1 0.5 x\n{line}\n")
    with pytest.raises(BadUsage, match="run line 2: not a line of a run"):
        runs.read(tmp_path / "run")


# --- significance


@given(values)
def test_an_interval_lies_among_the_values(numbers: list[float]) -> None:
    found = estimate(numbers)
    assert min(numbers) - 1e-9 <= found.low <= found.high <= max(numbers) + 1e-9
    assert found.value == pytest.approx(np.mean(numbers))
    assert estimate(numbers) == found


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30))
def test_a_difference_turns_round_with_its_sides(pairs: list[tuple[float, float]]) -> None:
    ours, theirs = [one for one, _ in pairs], [two for _, two in pairs]
    there, back = difference(ours, theirs), difference(theirs, ours)
    assert there.mean.value == pytest.approx(-back.mean.value)
    assert (there.p, there.wins, there.losses) == (back.p, back.losses, back.wins)
    assert there.wins + there.losses + there.ties == len(pairs)
    assert 0 < there.p <= 1


def every_swap(gaps: list[float]) -> float:
    """The share of all choices of signs whose sum is as far from nothing as the one observed."""
    signs = np.array(list(itertools.product((1.0, -1.0), repeat=len(gaps))))
    return float(np.mean(np.abs(signs @ np.array(gaps)) >= abs(sum(gaps)) - 1e-9))


# reciprocal ranks: sums that are equal on paper and not in floating point
some_gaps = st.lists(st.sampled_from([-1.0, -1 / 3, -1 / 6, 0.0, 1 / 6, 1 / 3, 0.5]), min_size=1)


@given(some_gaps.map(lambda gaps: gaps[:10]))
def test_p_is_that_of_every_swap_when_there_are_few_questions(gaps: list[float]) -> None:
    assert difference(gaps, [0.0] * len(gaps)).p == pytest.approx(every_swap(gaps))


@pytest.mark.parametrize("seed", range(5))
def test_p_is_near_that_of_every_swap_when_there_are_more(seed: int) -> None:
    draw = random.Random(seed)
    gaps = [draw.choice((1.0, 0.5, 1 / 3, -0.5, -1 / 3)) for _ in range(16)]
    assert difference(gaps, [0.0] * 16).p == pytest.approx(every_swap(gaps), abs=0.02)


def test_one_question_has_an_interval_of_no_width() -> None:
    assert estimate([0.25]) == Estimate(0.25, 0.25, 0.25)


def test_no_difference_is_no_evidence() -> None:
    same = difference([0.5, 1.0], [0.5, 1.0])
    assert (same.p, same.wins, same.losses, same.ties) == (1.0, 0, 0, 2)


def test_ten_wins_of_ten_are_as_sure_as_ten_heads() -> None:
    assert difference([1.0] * 10, [0.0] * 10).p == pytest.approx(2 / 1024, abs=0.001)


def test_an_interval_is_as_wide_as_the_normal_one() -> None:
    draw = random.Random(5)
    numbers = [float(draw.random() < 0.4) for _ in range(500)]
    found = estimate(numbers)
    wide = 2 * 1.96 * float(np.std(numbers)) / math.sqrt(500)
    assert found.high - found.low == pytest.approx(wide, rel=0.1)


def test_one_time_in_twenty_chance_passes_for_a_difference() -> None:
    random_ = np.random.default_rng(3)
    ps = [
        difference(random_.random(12).tolist(), random_.random(12).tolist()).p for _ in range(200)
    ]
    assert 0.01 <= np.mean(np.array(ps) < 0.05) <= 0.1
