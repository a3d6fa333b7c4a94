"""What a source's document is called, and whether the store has it already."""

from __future__ import annotations

from dataclasses import replace

from ingest.readers import title_from_name
from ingest.sources.discovered import Source
from kb.errors import NotFound
from kb.keys import Reference, slug, suffix
from kb.metadata import Metadata
from kb.records import Edition
from kb.store import Store


def key_of(source: Source, title: str | None, store: Store, waiting: dict[str, str]) -> str:
    """The key that a source's document bears, or a new one from its title.

    `waiting` are keys of documents that the store is about to get, with their sources.
    """
    if known := store.source(source.uri):
        key = known[0]
        if {its.uri for its in store.entry(key).sources} - set(waiting.values()) == {source.uri}:
            return key  # a changed source is a new revision
    elif (
        (former := store.former(source.uri))
        and former not in waiting
        and not is_current(store, former)
    ):
        return former  # it was taken out of search and comes back
    base = slug(title or "") or slug(title_from_name(source.name)) or "brief"
    key, digits = base, 4
    while key in waiting or store.has_key(key):
        key = f"{base}-{suffix(source.uri, digits)}"
        digits += 4
    return key


def is_current(store: Store, key: str) -> bool:
    """Whether search finds a document of this key."""
    if not store.has_key(key):
        return False
    try:
        store.entry(key)
    except NotFound:
        return False
    return True


def holds(store: Store, edition: Edition) -> bool:
    """Whether the store has this edition already, but for where and when it was read."""
    if not is_current(store, edition.document.key):
        return False
    kept = store.edition(Reference(edition.document.key))
    return (
        replace(kept.document, sources=()) == replace(edition.document, sources=())
        and kept.removed == edition.removed
    )


def says_more(overrides: Metadata, store: Store, key: str) -> bool:
    """Whether something is stated of a document that was not stated before."""
    before = store.overrides(key)
    return overrides.over(before) != before
