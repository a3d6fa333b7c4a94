"""Damaged files of every format: read soundly, or refused in a line; `make fuzz` tries more."""

from __future__ import annotations

import pytest
from fuzz import SAMPLES, at_most, try_one

from ingest.readers import NAMES


@pytest.mark.parametrize("name", SAMPLES)
def test_a_damaged_file_is_read_or_refused(name: str) -> None:
    outcomes = {try_one(name, number) for number in range(40)}
    assert outcomes <= {"read", "refused"}
    assert "read" in outcomes, "none of them is more than noise"


def test_every_reader_is_tried() -> None:
    assert set(SAMPLES) == {*NAMES, "record"} - {"pandoc"}  # a program of its own


def test_what_hangs_is_an_error() -> None:
    with pytest.raises(TimeoutError, match="more than 1 s"), at_most(1):
        while True:
            pass
