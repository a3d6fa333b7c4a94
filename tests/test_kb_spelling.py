"""The nearest known word, against a plain dynamic programme over every word that stands there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from asking import frequencies, nearest_word
from hypothesis import given
from hypothesis import strategies as st
from test_search_ranking import add, edition

from kb.local.catalogue import meta
from kb.local.lexical import view
from kb.local.lexical.spelling import correction, edits
from kb.local.store import LocalStore
from kb.store import Store, open_store

LETTERS = "abcxyz"
words = st.text(LETTERS, max_size=6)
KNOWN = (
    "Passports and a passport; the passport office regulates travel between neighbours.",
    "Intelligence on bombardments was regulated. An intelligent regulation, with safeguards.",
    "The café at the harbour shuts; policies on universities and a policy of negotiation.",
    "Conflict, conflicts and one convict.",
)
LONG = ("intelligence", "regulation", "bombardments", "safeguards", "universities", "negotiation")


def distance(one: str, two: str) -> int:
    """Optimal string alignment: insertions, deletions, replacements, swaps of neighbours."""
    table = [[0] * (len(two) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one) + 1):
        for j in range(len(two) + 1):
            if not i or not j:
                table[i][j] = i + j
                continue
            table[i][j] = min(
                table[i - 1][j] + 1,
                table[i][j - 1] + 1,
                table[i - 1][j - 1] + (one[i - 1] != two[j - 1]),
            )
            if i > 1 and j > 1 and one[i - 2 : i] == two[j - 2 : j][::-1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


@given(words, words)
def test_edits_are_the_words_at_distance_one(word: str, other: str) -> None:
    assert (other in edits(word)) == (distance(word, other) == 1)
    assert all(distance(word, near) == 1 for near in edits(word))


@given(words, words)
def test_rapidfuzz_counts_as_the_plain_programme_does(word: str, other: str) -> None:
    from rapidfuzz.distance import OSA

    assert OSA.distance(word, other) == distance(word, other)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A knowledge base of a few words."""
    with open_store(tmp_path_factory.mktemp("words") / "kb", create=True, model="hashing") as store:
        add(store, [edition("a", KNOWN), edition("gone", ["A vanished pasport of onze."])])
        store.remove("gone")
        yield store


def spelt(word: str, seed: list[tuple[int, int, str]]) -> str:
    """A word after some edits."""
    for kind, at, letter in seed:
        at %= len(word) or 1
        if kind == 0:
            word = word[:at] + word[at + 1 :]
        elif kind == 1:
            word = word[:at] + letter + word[at:]
        elif kind == 2:
            word = word[:at] + letter + word[at + 1 :]
        else:
            word = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
    return word


EDITS = st.tuples(st.integers(0, 3), st.integers(0, 99), st.sampled_from("aeioustn"))
STANDING = sorted(
    {word.strip(".,;").lower().replace("é", "e") for text in KNOWN for word in text.split()}
)


@given(word=st.sampled_from([*STANDING, *LONG]), seed=st.lists(EDITS, min_size=1, max_size=2))
def test_the_nearest_word_is_one_that_stands_there_at_the_least_distance(
    known: Store, word: str, seed: list[tuple[int, int, str]]
) -> None:
    asked = spelt(word, seed)
    if len(asked) < 4 or frequencies(known, [asked])[asked]:
        return
    distances = {other: distance(asked, other) for other in STANDING}
    least = min(distances.values())
    for most in (1, 2):
        found = nearest_word(known, asked, most)
        if found is not None:
            assert found in STANDING
            assert distances[found] == least <= most
        elif most == 1:
            assert least > 1  # every word at distance one is proposed


@pytest.mark.parametrize(
    ("word", "most", "nearest"),
    [
        ("pasport", 1, "passport"),
        ("pasports", 1, "passports"),
        ("Pasport", 1, "passport"),
        ("intelligense", 1, "intelligence"),  # the stems are three letters apart
        ("inteligense", 1, None),
        ("inteligense", 2, "intelligence"),
        ("regulatoin", 1, "regulation"),
        ("negociatoin", 2, "negotiation"),
        ("regluatoin", 2, "regulation"),
        ("univercitys", 2, None),
        ("caffe", 1, "cafe"),
        ("confict", 1, "conflict"),
        ("qwertyui", 2, None),
        ("straße", 1, None),
        ("水水水水", 2, None),
        ("", 2, None),
        ("a" * 10_000, 2, None),
    ],
)
def test_examples(known: Store, word: str, most: int, nearest: str | None) -> None:
    assert nearest_word(known, word, most) == nearest


def test_a_word_that_stands_there_by_its_stem_is_not_corrected(known: Store) -> None:
    """Though there is a nearest one."""
    assert isinstance(known, LocalStore)
    assert frequencies(known, ["policys"]) == {"policys": 1}
    assert nearest_word(known, "policys", 1) is None
    with known._connections.reading() as db:
        words = known._lexical.view(db, meta.read_state(db))
        assert correction(db, "policys", 1, partial(view.some_with, words)) == "policy"
