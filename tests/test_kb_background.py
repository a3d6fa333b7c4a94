"""Encoding beside everything else: the right vectors, each made once, in the order asked for."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.encoders.background import SLICE, Background, encode, slices
from kb.encoders.hashing import HashingEncoder
from kb.store import Store

if TYPE_CHECKING:
    from kb.encoder import Matrix

words = st.sampled_from(["tax", "fish", "heat", "rent", "bus", "vote", "tax tax", ""])


class Noting(HashingEncoder):
    """Notes every text that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        self.texts += texts
        return super().encode_passages(texts)


@given(tokens=st.lists(st.integers(1, 300)), most=st.integers(1, 500))
def test_slices_cover_all_and_keep_below_the_limit(tokens: list[int], most: int) -> None:
    runs = list(slices(tokens, most))
    assert [place for start, end in runs for place in range(start, end)] == list(range(len(tokens)))
    for start, end in runs:
        assert sum(tokens[start:end]) <= most or end - start == 1
    for (start, end), (_, after) in pairwise(runs):
        assert end - start == 0 or sum(tokens[start:after]) > most, "two runs would have been one"


@given(batches=st.lists(st.lists(words, max_size=6), max_size=5), ahead=st.integers(1, 3))
def test_every_text_gets_its_vector_and_is_encoded_once(
    batches: list[list[str]], ahead: int
) -> None:
    encoder = Noting()
    told: list[tuple[int, int]] = []
    got, pending = [], []
    with Background(Empty(), encoder, lambda *done: told.append(done)) as background:  # type: ignore[arg-type]
        for batch in batches:
            pending.append(background.begin(batch, [encoder.count(text) for text in batch]))
            if len(pending) == ahead:
                got += list(background.take(pending.pop(0)))
        while pending:
            got += list(background.take(pending.pop(0)))
    texts = [text for batch in batches for text in batch]
    assert np.array_equal(got, HashingEncoder().encode_passages(texts)) or not texts
    if ahead >= len(batches):  # none was taken, and so could have been forgotten, before the last
        assert sorted(encoder.texts) == sorted(set(texts))
    assert sum(passages for passages, _ in told) == len(texts)
    assert sum(tokens for _, tokens in told) == sum(map(encoder.count, encoder.texts))


class Empty:
    """A store that knows no text."""

    def encoded(self, texts: list[str]) -> dict[str, object]:
        return {}


def test_no_texts_give_no_rows(store: Store) -> None:
    assert encode([], store, HashingEncoder()).shape == (0, 256)


def test_an_encoder_that_fails_is_heard_where_its_vectors_are_wanted(store: Store) -> None:
    class Failing(HashingEncoder):
        def encode_passages(self, texts: Sequence[str]) -> Matrix:
            raise ValueError("no model")

    with pytest.raises(ValueError, match="no model"):
        encode(["tax"], store, Failing())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("encoder")]


def test_stopping_waits_for_one_slice_only(store: Store) -> None:
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Noting):
        def encode_passages(self, texts: Sequence[str]) -> Matrix:
            begun.set()
            go_on.wait(10)
            return super().encode_passages(texts)

    encoder = Slow()
    texts = [f"brief {number}" for number in range(100)]
    with Background(store, encoder) as background:
        background.begin(texts, [SLICE // 10] * len(texts))
        background.begin(["another"], [1])
        begun.wait(10)
        background.stop()
        go_on.set()
    assert encoder.texts == texts[:10]
