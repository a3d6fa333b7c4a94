"""What was taken in from a folder and is not there any more."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace

from ingest.sources.discovered import Discovered, Link, Source, file_of
from kb.records import Provenance
from kb.store import Store


@dataclass(frozen=True, slots=True)
class MissingSource:
    """A source that is gone, and the document that was made from it.

    `last`: it has no other source that is there. `removed`: it was taken out of search.
    """

    source: str
    document: str
    last: bool
    removed: bool = False


def missing_sources(
    store: Store, folders: Sequence[str], discovered: Iterable[Discovered]
) -> Iterator[MissingSource]:
    """The sources below these folders (absolute) that are gone; `discovered` is what was seen.

    What cannot be read is not gone: a file or a line that was refused, all below a folder that was.
    """
    there: set[str] = set()
    refused: set[str] = set()
    for one in discovered:
        if isinstance(one, Source):
            there |= {one.uri, file_of(one.uri)}
        elif not isinstance(one, Link):
            refused.add(file_of(one.source))
    roots = [os.path.join(folder, "") for folder in folders]  # noqa: PTH118 - ends with a "/"
    doubtful = {
        key
        for root in roots
        for uri, key in store.sources(root)
        if uri not in there and uri not in refused
    }  # few: the whole catalogue is not to be held at the end of a long run
    for entry in map(store.entry, sorted(doubtful)):
        gone = [
            provenance.uri
            for provenance in entry.sources
            if _is_gone(provenance, tuple(roots), there, refused)
        ]
        if not gone:
            continue
        others = [one for one in entry.sources if one.uri not in gone]
        last = all(map(_is_missing, others))
        for uri in [*gone, *(one.uri for one in others if last)]:
            yield MissingSource(uri, entry.document, last)


def _is_missing(provenance: Provenance) -> bool:
    """Whether a file, wherever it stood, is not there; of what is no file nobody knows."""
    file = file_of(provenance.uri) if provenance.reader.startswith("record ") else provenance.uri
    return os.path.isabs(file) and not os.path.lexists(file)  # noqa: PTH117


def prune(store: Store, gone: Iterable[MissingSource]) -> list[MissingSource]:
    """Let go of these sources; documents that have no other are taken out of search."""
    every = list(gone)
    with store.together():
        for one in every:
            store.detach(one.source)
    return [replace(one, removed=one.last) for one in every]


def _is_gone(
    provenance: Provenance, roots: tuple[str, ...], there: Container[str], refused: Set[str]
) -> bool:
    of_record = provenance.reader.startswith("record ")
    file = file_of(provenance.uri) if of_record else provenance.uri
    if (
        provenance.uri in there
        or not file.startswith(roots)
        or not refused.isdisjoint(_above(file))
    ):
        return False
    return not os.path.lexists(file) or (of_record and file in there)


def _above(file: str) -> list[str]:
    """A path and the folders that it is in."""
    return [file, *(file[:end] for end, sign in enumerate(file) if sign == "/")]
