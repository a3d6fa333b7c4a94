"""Metadata in layers: what is stated lies over what was read, and nothing that is said is lost."""

from __future__ import annotations

from any_metadata import metadata_of
from hypothesis import given
from hypothesis import strategies as st

from kb.metadata import FIELDS, SEVERAL, Metadata

some = metadata_of(st.sampled_from(["", "a", "b", "2017"]))  # few, so that two often agree


@given(some, some, some)
def test_layers_of_layers_are_the_same_however_they_are_joined(
    a: Metadata, b: Metadata, c: Metadata
) -> None:
    assert a.over(b).over(c) == a.over(b.over(c))


@given(some)
def test_metadata_that_say_nothing_change_nothing(a: Metadata) -> None:
    assert Metadata().over(a) == a.over(Metadata()) == a.over(a) == a


@given(some, some)
def test_what_is_said_is_kept_and_the_upper_layer_wins(a: Metadata, b: Metadata) -> None:
    assert a.over(b).said() == {**b.said(), **a.said()}


@given(some)
def test_what_is_said_is_all_there_is(a: Metadata) -> None:
    assert Metadata(**a.said()) == a
    for name in FIELDS:
        assert (name in a.said()) is (getattr(a, name) not in (None, ()))


def test_by_hand_over_what_was_read() -> None:
    read = Metadata(title="A levy", author=("Scanner",), keyword=("waste",))
    stated = Metadata(author=("Jane Roe", "Li Wei"), issued="2017-03")
    assert stated.over(read) == Metadata(
        title="A levy", author=("Jane Roe", "Li Wei"), issued="2017-03", keyword=("waste",)
    )
    assert stated.said() == {"author": ("Jane Roe", "Li Wei"), "issued": "2017-03"}


def test_a_field_is_unknown_as_its_type_says() -> None:
    assert Metadata().said() == {}
    assert {"author", "keyword"} == SEVERAL
    assert all(getattr(Metadata(), name) == (() if name in SEVERAL else None) for name in FIELDS)
