"""The two index files: written in pieces, they are what they would be if written at once."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.local.dense import faiss_file as vectors
from kb.local.lexical import postings_file

COUNTS = st.lists(st.integers(0, 5), max_size=6)  # how many rows each batch has
ROWS = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=8), max_size=12)
FEW = st.integers(1, 9)


@given(COUNTS, st.integers(1, 5))
def test_the_vectors_are_written_as_faiss_writes_them(counts: list[int], dimension: int) -> None:
    draw = np.random.default_rng(0)
    ids = np.cumsum(draw.integers(1, 9, sum(counts)))
    matrix = draw.random((len(ids), dimension), dtype=np.float32)
    index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
    index.add_with_ids(matrix, ids)

    cuts = np.cumsum(counts)[:-1]
    batches = zip(np.split(ids, cuts), np.split(matrix, cuts), strict=True)
    with TemporaryDirectory() as folder:
        digest = vectors.build(
            Path(folder), batches if counts else [], len(ids), dimension, 1, "a model"
        )
        written = (Path(folder) / vectors.INDEX).read_bytes()
        opened = vectors.open_index(Path(folder), digest)

    assert written == faiss.serialize_index(index).tobytes()
    assert opened is not None
    kept, same = opened.vectors()
    assert kept.tolist() == ids.tolist()
    assert np.array_equal(same, matrix)


@given(ROWS, st.integers(9, 12), FEW, FEW, FEW)
def test_the_positions_of_every_word_are_listed_in_order(
    rows: list[list[int]], last: int, batch: int, piece: int, most: int
) -> None:
    ids = np.arange(7, 7 + len(rows))
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    numbers = np.array([number for row in rows for number in row], dtype=np.uint32)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    batches = (
        (
            ids[n : n + batch],
            numbers[starts[n] : starts[min(n + batch, len(rows))]],
            lengths[n:][:batch],
        )
        for n in range(0, len(rows), batch)
    )
    with (
        TemporaryDirectory() as folder,
        patch.object(postings_file, "PIECE", piece),
        patch.object(postings_file, "MOST", most),
    ):
        label = postings_file.build(Path(folder), batches, len(rows), last, 3)
        opened = postings_file.open_postings(Path(folder), label)
        assert opened is not None
        postings, generation = opened
        assert generation == 3
        assert postings.ids.tolist() == ids.tolist()
        assert postings.starts.tolist() == starts.tolist()
        assert postings.numbers.tolist() == numbers.tolist()
        assert postings.positions is not None
        assert postings.offsets is not None
        assert len(postings.offsets) == last + 2
        for word in range(last + 1):
            positions = postings.positions[postings.offsets[word] : postings.offsets[word + 1]]
            assert positions.tolist() == np.flatnonzero(numbers == word).tolist()


def test_a_file_of_another_length_than_was_said_is_not_kept(tmp_path: Path) -> None:
    one = np.array([1])
    with pytest.raises(ValueError, match="not 2 vectors but 1"):
        vectors.build(tmp_path, [(one, np.ones((1, 4), dtype=np.float32))], 2, 4, 1, "a model")
    with pytest.raises(ValueError, match="not 2 passages but 1"):
        postings_file.build(tmp_path, [(one, one.astype("u4"), one)], 2, 9, 1)
    assert list(tmp_path.iterdir()) == []
