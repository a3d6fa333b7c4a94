"""What a source's document is called: as before, or by a new key from its title."""

from __future__ import annotations

from collections.abc import Mapping

from ingest.readers.common.titles import title_from_name
from ingest.sources.discovered import Source
from kb.catalogue import DocumentState, SourceState
from kb.keys import slug, suffix
from kb.store import Store

MOST_DIGITS = 64  # of a digest, that keep two documents of one title apart


def document_of(
    source: Source, state: SourceState, title: str | None, store: Store, waiting: Mapping[str, str]
) -> DocumentState:
    """The document that a source is to become: the one it was, or a new one.

    `waiting` are keys of documents that the store is about to get, with their sources.
    """
    kept, former = state.kept, state.former
    if kept is not None:
        if {its.uri for its in kept.sources} - set(waiting.values()) == {source.uri}:
            return kept  # a changed source is a new revision
    elif former is not None and former.key not in waiting and not former.sources:
        return former  # it was taken out of search and comes back
    base = slug(title or "") or slug(title_from_name(source.name)) or "brief"
    keys = [base, *(f"{base}-{suffix(source.uri, n)}" for n in range(4, MOST_DIGITS + 1, 4))]
    return DocumentState(store.free_key([key for key in keys if key not in waiting]))
