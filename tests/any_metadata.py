"""Metadata of any kind, for laws that hold of all of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from kb.metadata import FIELDS, SEVERAL, Metadata


def metadata_of(
    text: st.SearchStrategy[str], **known: st.SearchStrategy[Any]
) -> st.SearchStrategy[Metadata]:
    """Metadata of which anything may be unknown, but for what `known` says."""
    one, several = st.none() | text, st.lists(text, max_size=3).map(tuple)
    fields = {name: several if name in SEVERAL else one for name in FIELDS}
    return st.builds(Metadata, **{**fields, **known})
