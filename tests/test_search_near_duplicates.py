"""Passages that say the same fold into one, one document leaves room, and each hit says why."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asking import candidate
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kb.cli import run
from kb.records import Passage, Span
from search.retrieval.diversity import CLOSE, FIRST, marginal, spread
from search.retrieval.near_duplicates import Said, grouped
from search.retrieval.ranking import Signals
from search.retrieval.selection import LOOK, Choice, choose

Ask = Callable[..., tuple[int, str, str]]
WORDS = "charge pays buses traffic fell fifth year road space cyclists not 40 Paris".split()
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join), max_size=12)

BRIEF = (
    "The charge pays for buses, and traffic in the zone fell by about a fifth in the first year, "
    "although the gain was lost again as road space was given to cyclists and to building sites, "
    "which the mayor of the day defended in London as a price that was worth paying for safety."
)


def passages_of(texts: list[str], documents: list[str] | None = None) -> dict[int, Passage]:
    """A passage for each text, by its place."""
    keys = documents or [f"d{n}" for n in range(len(texts))]
    return {
        n: Passage(key, "3fa2c1d4", n + 1, n + 1, Span(0, len(text)), text)
        for n, (key, text) in enumerate(zip(keys, texts, strict=True))
    }


def falling(count: int, step: float = 0.01) -> list[float]:
    """So many scores, best first."""
    return [1 - n * step for n in range(count)]


def chosen_of(
    texts: list[str],
    limit: int,
    documents: list[str] | None = None,
    *,
    scores: Sequence[float] | None = None,
    vectors: NDArray[np.float32] | None = None,
    of_one: bool = False,
) -> list[Choice]:
    """The choice of these texts, best first; each a document unless they are told."""
    passages = passages_of(texts, documents)
    worth = scores or falling(len(texts))
    best = [candidate(id, passage.document, Signals(worth[id])) for id, passage in passages.items()]
    return choose(best, passages, limit, mode="semantic", vectors=vectors, of_one=of_one)


# --- what is folded in


@given(TEXTS)
def test_every_text_is_in_one_group_and_order_is_kept(texts: list[str]) -> None:
    groups = grouped(texts)
    assert sorted(place for group in groups for place in group) == list(range(len(texts)))
    assert [group[0] for group in groups] == sorted(group[0] for group in groups)
    assert all(group == sorted(group) for group in groups)


@given(TEXTS)
def test_the_first_says_all_that_the_others_say(texts: list[str]) -> None:
    groups = grouped(texts)
    said = [Said.by(text) for text in texts]
    for number, (first, *others) in enumerate(groups):
        assert all(said[place].adds_nothing_to(said[first]) for place in others)
        # and no earlier one could have spoken for it: looking up by shingles misses nothing
        assert not any(said[first].adds_nothing_to(said[g[0]]) for g in groups[:number])


@given(st.lists(st.text(max_size=40), max_size=8))
def test_equal_texts_fold_whatever_they_are(texts: list[str]) -> None:
    once, twice = grouped(texts), grouped(texts + texts)
    assert [group[0] for group in twice] == [group[0] for group in once]


@given(st.lists(st.permutations(WORDS).map(" ".join), max_size=6, unique=True))
def test_different_texts_stay_apart(texts: list[str]) -> None:
    said = [Said.by(text).shingles for text in texts]
    assume(all(len(a & b) < 9 for n, a in enumerate(said) for b in said[:n]))
    assert grouped(texts) == [[n] for n in range(len(texts))]


@pytest.mark.parametrize(
    "copy",
    [
        BRIEF,
        BRIEF.replace(",", " –").upper().capitalize().replace("london", "London"),  # typography
        BRIEF.replace("although", "though"),  # a word of an editor's
        BRIEF[: BRIEF.index(", which")],  # a part, quoted elsewhere
    ],
    ids=["equal", "typography", "a word", "a part"],
)
def test_what_says_nothing_more_folds(copy: str) -> None:
    assert grouped([BRIEF, copy]) == [[0, 1]]


@pytest.mark.parametrize(
    "other",
    [
        BRIEF + " It is raised each year, and nobody has asked the people who drive at night.",
        BRIEF.replace("a fifth", "20 per cent"),  # a figure
        BRIEF.replace("London", "Oslo"),  # a name
        BRIEF.replace("was worth", "was not worth"),  # a negation
        "What the mayor said of it is another matter. " + BRIEF[: BRIEF.index(", which")],
        "",
    ],
    ids=["more", "figure", "name", "negation", "a shared paragraph", "nothing"],
)
def test_what_says_something_else_stays(other: str) -> None:
    assert grouped([BRIEF, other]) == [[0], [1]]


def test_a_longer_one_does_not_vanish_in_what_was_cut_from_it() -> None:
    assert grouped([BRIEF[: BRIEF.index(", which")], BRIEF]) == [[0], [1]]


# --- of several documents


DOCUMENTS = st.lists(st.sampled_from("abc"), max_size=12)


@given(DOCUMENTS, st.floats(0, 0.2))
def test_only_the_first_five_change_and_nothing_is_lost(documents: list[str], step: float) -> None:
    scores = falling(len(documents), step)
    order = spread(documents, scores)
    assert sorted(order) == list(range(len(documents)))
    assert order[: FIRST - 1] == list(range(min(FIRST - 1, len(documents))))
    rest = [n for n in order if n != order[FIRST - 1]] if len(order) >= FIRST else order
    assert rest == sorted(rest)
    if len(set(documents[:FIRST])) > 1 or len(set(documents)) == 1:
        assert order == list(range(len(documents)))


def test_a_fifth_passage_of_a_document_gives_way_to_what_is_close() -> None:
    documents = ["a"] * 6 + ["b", "a", "b"]
    assert spread(documents, [1.0] * 6 + [1 - CLOSE] * 3) == [0, 1, 2, 3, 6, 4, 5, 7, 8]
    assert spread(documents, [1.0] * 6 + [0.99 - CLOSE] * 3) == list(range(9))


# --- the choice


@given(TEXTS, st.integers(1, 12), st.booleans())
def test_all_are_shown_or_named_as_far_as_asked(texts: list[str], limit: int, one: bool) -> None:
    chosen = chosen_of(texts, limit, of_one=one)
    shown = [id for choice in chosen for id in (choice.candidate.id, *choice.also)]
    assert len(shown) == len(set(shown))
    assert len(chosen) == min(limit, len(grouped(texts)))
    assert all(choice.candidate.id < min(choice.also, default=len(texts)) for choice in chosen)
    if limit >= len(texts):
        assert sorted(shown) == list(range(len(texts)))
    assert chosen == chosen_of(texts, 12, of_one=one)[:limit]


def test_passages_of_the_one_document_asked_for_do_not_give_way() -> None:
    texts = [f"Passage {n} says {n}." for n in range(7)]
    documents = ["a"] * 6 + ["b"]
    ids = [choice.candidate.id for choice in chosen_of(texts, 5, documents)]
    assert ids == [0, 1, 2, 3, 6]
    ids = [choice.candidate.id for choice in chosen_of(texts, 5, documents, of_one=True)]
    assert ids == [0, 1, 2, 3, 4]


def test_copies_do_not_use_up_what_is_looked_at() -> None:
    texts = [BRIEF] * (3 * LOOK) + [f"Another thing, number {n}." for n in range(5)]
    chosen = chosen_of(texts, 5, scores=falling(len(texts), 0.001))
    assert [choice.candidate.id for choice in chosen] == [0, *range(3 * LOOK, 3 * LOOK + 4)]
    assert len(chosen[0].also) == 3 * LOOK - 1


# --- marginal relevance


def units(count: int, seed: int) -> NDArray[np.float32]:
    """So many unit vectors."""
    rows = np.random.default_rng(seed).normal(size=(count, 4)).astype(np.float32)
    normed: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return normed


@given(st.integers(0, 9), st.integers(1, 9), st.integers(0, 99))
def test_with_relevance_alone_it_is_the_ranking(count: int, limit: int, seed: int) -> None:
    scores = falling(count)
    assert marginal(scores, units(count, seed), limit, 1.0) == list(range(min(limit, count)))


@given(st.integers(1, 9), st.integers(0, 99), st.floats(0, 1))
def test_each_is_the_best_by_the_formula(count: int, seed: int, relevance: float) -> None:
    scores = falling(count, 0.1)
    vectors = units(count, seed)
    order = marginal(scores, vectors, count, relevance)
    assert sorted(order) == list(range(count))
    assert order[0] == 0 or relevance == 0

    def gain(place: int, taken: list[int]) -> float:
        cosines = [float(vectors[place] @ vectors[other]) for other in taken]
        return relevance * scores[place] - (1 - relevance) * max(cosines, default=0.0)

    for n, place in enumerate(order):
        left = order[n:]
        assert gain(place, order[:n]) >= max(gain(other, order[:n]) for other in left) - 1e-6


def test_the_like_of_the_first_comes_after_what_is_new() -> None:
    vectors = np.asarray([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    assert marginal([1.0, 0.9, 0.7], vectors, 3) == [0, 2, 1]
    texts = ["one thing", "another thing", "a third"]
    chosen = chosen_of(texts, 2, scores=[1.0, 0.9, 0.7], vectors=vectors)
    assert [choice.candidate.id for choice in chosen] == [0, 2]


# --- from the command line

OTHERS = (
    "Wardens of the zone read permits at the kerb before any camera did it for them.",
    "Buses run more often where the charge is spent on them, and are full all the same.",
    "A referendum followed a trial, and those who had seen empty streets voted for it.",
    "Drivers pay more where the road would otherwise be standing still, and less at night.",
    "Building sites take more of the road from traffic than any charge has given back.",
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five copies of one brief, one that shares its paragraph, five others; one long document."""
    folder = tmp_path_factory.mktemp("copies")
    texts = {f"Copy {n}": BRIEF for n in range(1, 6)}
    texts["Longer"] = f"{BRIEF} It is raised each year, and nobody asked those who drive at night."
    texts |= {f"Other {n}": text for n, text in enumerate(OTHERS, 1)}
    words = ("night bridge", "winter port", "county rail", "school lane", "harbour gate", "hill")
    texts["Toll book"] = "\n\n".join(
        f"The toll of the {word} is set by the toll keeper, " + f"{word} by {word}, " * 30
        for word in words
    )
    records = [{"title": title, "text": text} for title, text in texts.items()]
    (folder / "all.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    assert run(["init", str(folder / "kb"), "--model", "hashing"]) == 0
    assert run(["--kb", str(folder / "kb"), "ingest", str(folder / "all.jsonl")]) == 0
    return folder / "kb"


@pytest.fixture
def hits(base: Path, ask: Ask) -> Callable[..., list[dict[str, Any]]]:
    """The hits of `kb search --format json` over `base`."""

    def call(*arguments: str) -> list[dict[str, Any]]:
        code, out, _ = ask("--kb", base, "search", *arguments, "--format", "json")
        assert code == 0
        found: list[dict[str, Any]] = json.loads(out)["hits"]
        return found

    return call


def test_five_hits_are_five_different_ones(hits: Callable[..., list[dict[str, Any]]]) -> None:
    found = hits("the charge pays for buses and traffic fell")
    assert len(found) == 5
    same = [found[0], *found[0]["also"]]
    assert sorted(one["passage"] for one in same) == [f"copy-{n}#1" for n in range(1, 6)]
    assert all(f"“{one['title']}”" in one["citation"] for one in same)
    assert "longer" in [hit["document"] for hit in found]  # it says more, so it is cited by itself
    assert all(hit["also"] == [] for hit in found[1:])


def test_one_document_leaves_room_unless_it_is_asked_for(
    hits: Callable[..., list[dict[str, Any]]],
) -> None:
    question = ("the toll of the keeper", "--mode", "semantic")
    assert {hit["document"] for hit in hits(*question, "--document", "toll-book")} == {"toll-book"}
    ranked = [hit["score"] for hit in hits(*question, "--document", "toll-book")]
    assert ranked == sorted(ranked, reverse=True)


def test_diverse_hits_begin_with_the_best(hits: Callable[..., list[dict[str, Any]]]) -> None:
    question = "the charge pays for buses and traffic fell"
    plain, diverse = hits(question), hits(question, "--diverse")
    assert diverse[0] == plain[0]
    assert len(diverse) == 5
    assert len({hit["passage"] for hit in diverse}) == 5


def test_words_are_explained_as_full_text_search_matches_them(
    hits: Callable[..., list[dict[str, Any]]],
) -> None:
    (hit,) = hits("warden reads permits, zebra", "--explain", "-n", "1")
    why = hit["explain"]
    assert why["words"]["found"] == ["warden", "reads", "permits"]  # "Wardens … read permits"
    assert why["words"]["missing"] == ["zebra"]
    assert 0 < why["words"]["weight"] < 1
    assert "reads permits" in why["phrases"]
    assert sum(why["parts"].values()) == pytest.approx(hit["score"], abs=3e-6)
    (hit,) = hits("warden", "--explain", "-n", "1", "--mode", "semantic")
    assert list(hit["explain"]["parts"])[:2] == ["meaning", "neighbours"]
    assert hit["explain"]["words"] is None
    (hit,) = hits("warden", "--explain", "-n", "1", "--mode", "keyword")
    assert hit["explain"]["meaning"] is None


def test_text_through_a_pipe(base: Path) -> None:
    command = [sys.executable, "-c", "from kb.cli import main; main()", "--kb", str(base)]
    question = ["search", "the charge pays for buses", "-n", "1", "--explain"]
    done = subprocess.run(
        [*command, *question], capture_output=True, check=True, timeout=60, env=dict(os.environ)
    )
    text = done.stdout.decode()
    assert "\x1b" not in text
    copies = r"(Copy (\d), copy-\2#1; )(Copy (\d), copy-\4#1; )(Copy (\d), copy-\6#1; )"
    assert re.search(rf"   also in: {copies}and 1 more\n", text)
    assert " = meaning " in text
    assert "words: charge, pays, buses (all)" in text


def test_an_explanation_has_no_place_in_a_table(base: Path, ask: Ask) -> None:
    for form in ("csv", "markdown"):
        code, out, err = ask("--kb", base, "search", "tolls", "--explain", "--format", form)
        assert (code, out) == (2, "")
        assert "--explain" in err
        assert err.count("\n") == 1
