"""The list of sources that were refused: each is on it until it comes in or is dismissed."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase

from ingest.sources.discovered import file_of, uri_of
from kb.records import Refusal
from kb.store import Store


def remember(store: Store, seen: Collection[str], refused: Sequence[Refusal]) -> None:
    """Bring the list up to date after a run that saw these sources and refused some of them.

    What was seen and not refused is taken off. What is not there is put on only if it was before:
    a name that was mistyped is nothing to try again.
    """
    before = {one.source: one.reason for one in store.refusals()}
    now = {one.source: one.reason for one in refused if one.retriable or one.source in before}
    files = {file_of(source) for source in seen}
    off = [source for source in before if source not in now and file_of(source) in files]
    on = {source: reason for source, reason in now.items() if before.get(source) != reason}
    if not off and not on:
        return
    with store.together():
        for source in off:
            store.dismiss(source)
        for source, reason in on.items():
            store.refuse(source, reason)


def named_by(argument: str, sources: Collection[str]) -> set[str]:
    """Those of the sources that a person means: one by name or path, all of a file's records, all
    below a folder, else all that a pattern fits."""
    names = (argument, uri_of(argument))
    folder = os.path.join(names[1], "")  # noqa: PTH118 - ends with a "/"
    exact = {
        source
        for source in sources
        if source in names or file_of(source) in names or source.startswith(folder)
    }
    return exact or {
        source for source in sources if any(fnmatchcase(source, name) for name in names)
    }
