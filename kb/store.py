"""The Store contract, and `open_store`, the way to one.

Ids are integers that the store gives to the passages of today's revisions; they hold while the
store is open. Scores are lists of (id, score), best first, ties by key and ordinal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias

from kb.encoders import DEFAULT, PRECISION
from kb.errors import ModelMismatch
from kb.keys import Reference
from kb.metadata import Metadata
from kb.records import (
    Edition,
    Entry,
    Fetch,
    Figures,
    Manifest,
    Passage,
    Provenance,
    Unread,
)

if TYPE_CHECKING:
    from kb.encoder import Encoder, Matrix, Vector

Scores: TypeAlias = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand next to each other, in this order; a single word is a phrase of one."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """Two words that stand within `distance` words of each other, in any order."""

    words: tuple[str, str]
    distance: int = 6


Clause: TypeAlias = Phrase | Near


@dataclass(frozen=True, slots=True)
class Fault:
    """A law that the real data break: where, what, and whether `--repair` mends it."""

    where: str
    what: str
    mendable: bool = False


class Store(Protocol):
    """A knowledge base: documents in revisions, their passages, vectors and originals."""

    @property
    def manifest(self) -> Manifest:
        """Format, model, fingerprint and generation."""

    @property
    def location(self) -> Path:
        """The folder."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def close(self) -> None:
        """Finish what is pending (the index) and let go of the files."""

    # What is kept
    def entries(self) -> list[Entry]:
        """The catalogue of today's documents, by key."""

    def entry(self, key: str) -> Entry:
        """One document's line in the catalogue; NotFound when it is not there."""

    def edition(self, reference: Reference) -> Edition:
        """A document whole, today's revision or the named one; NotFound otherwise."""

    def passage(self, reference: Reference) -> Passage:
        """One passage, of today's revision or the named one; NotFound otherwise."""

    def original(self, sha256: str) -> bytes:
        """The bytes kept under a digest; NotFound when there are none."""

    def overrides(self, key: str) -> Metadata:
        """What a person stated about a document, which lies over what its source says."""

    def taken_back(self, key: str) -> frozenset[str]:
        """Digests (sha256, hex) of removed texts that a person took back."""

    def source(self, uri: str) -> tuple[str, Provenance] | None:
        """Key and provenance of the document that is kept from this source today."""

    def sources(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Each source that begins so, and the key of the document that is kept from it today."""

    def holder(self, sha256: str, reader_name: str) -> str | None:
        """Key of today's document that was made from these bytes by this reader."""

    def former(self, uri: str) -> str | None:
        """Key that a document from this source bore, even if it was removed since."""

    def has_key(self, key: str) -> bool:
        """Whether a document, today's or removed, bears this key."""

    def known(self, texts: Sequence[str]) -> dict[str, Vector]:
        """Vectors, by text, of those texts that the encoder has read for today's passages.

        A text is what `kb.encoders.context.texts_of` gives: title and headings, then the passage.
        """

    def fetched(self, uri: str) -> Fetch | None:
        """How the page at a web address was fetched when it was last kept."""

    def unread(self) -> list[Unread]:
        """The sources that were refused and are on the list still, by name."""

    # What is found
    @property
    def size(self) -> int:
        """How many passages can be found."""

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """The passages of these ids, in their order."""

    def places(self, ids: Collection[int]) -> dict[int, tuple[str, int]]:
        """Key and ordinal of each of these ids that can be found."""

    def vectors(self, ids: Sequence[int]) -> Matrix:
        """The vectors of these passages, float32[len(ids), dimension], in their order."""

    def ids(self, documents: Collection[str]) -> list[int]:
        """The ids of all passages of these documents, ascending."""

    def beside(self, ids: Collection[int]) -> dict[int, list[int]]:
        """The ids of the passages right before and after each of these, in their document."""

    def warm_up(self) -> None:
        """Open what `dense` needs; it does so by itself, but this can be done meanwhile."""

    def dense(self, vector: Vector, limit: int, among: Collection[int] | None = None) -> Scores:
        """The passages nearest to a unit vector, by inner product; exact."""

    def cosines(self, vector: Vector, ids: Collection[int]) -> dict[int, float]:
        """The inner products of these passages with a unit vector."""

    def lexical(
        self, clauses: Sequence[Clause], limit: int, among: Collection[int] | None = None
    ) -> Scores:
        """The passages in which any clause occurs, by BM25 over title, headings and text.

        k1 = 1.2, b = 0.75, words by Porter's stemmer; an IDF never falls below 1e-6. Exact
        `among` some; among all, clauses that stand in very many passages (200,000 together) do
        not put passages forward, they only help to rank those that rarer ones put forward.
        """

    def weigh(
        self, clauses: Sequence[Clause], ids: Collection[int]
    ) -> tuple[dict[int, float], float]:
        """BM25 of these passages where any clause occurs, exact, and the clauses' sum of IDFs.

        A `Near` is weighed as its two words.
        """

    def holding(
        self,
        phrases: Sequence[Phrase],
        without: Sequence[Phrase] = (),
        among: Collection[int] | None = None,
    ) -> list[int]:
        """The ids, ascending, of the passages that hold all `phrases` and none of `without`.

        Exact, by the same words as `lexical`. A phrase of no word stands nowhere.
        """

    def frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """In how many passages each term stands as a user types it, 0 where in none.

        Several words are a phrase; one of words that stand at more than 10,000 places is counted
        on a share of them.
        """

    def nearest_word(self, word: str, most: int) -> str | None:
        """The word of the passages that is nearest to one that they do not hold, else None.

        In lower case, without accents, at most `most` edits away (1 or 2): letters put in, left
        out, replaced, or swapped with their neighbours. Of words at the same distance it is one
        whose stem stands in the most passages. Two edits away it is sought among the forty stems
        that are nearest to how the word begins. Words of Latin letters only, at most 64.
        """

    # What is changed
    def together(self) -> AbstractContextManager[object]:
        """Changes made inside are one transaction: all of them are kept, or none.

        Cheaper than one for each. Ask what is found only when it has ended.
        """

    def add(
        self,
        edition: Edition,
        vectors: Matrix,
        originals: Mapping[str, bytes],
        encoder: Encoder,
        overrides: Metadata | None = None,
    ) -> None:
        """Keep an edition as today's revision of its document, whole or not at all.

        `vectors` is float32[len(edition.passages), encoder.dimension]; `originals` holds the
        bytes by digest. Earlier revisions stay, but are no longer found. `overrides` are kept
        over those that the document has, and are in the edition's metadata already.
        ModelMismatch when the store was made with another encoder.
        """

    def attach(self, key: str, provenance: Provenance) -> None:
        """Note that a document stands, byte for byte, at one more source."""

    def detach(self, uri: str) -> None:
        """Let go of a source; a document that has no other is taken out of search, as by `remove`.

        Nothing happens when no document is kept from it today.
        """

    def take_back(self, key: str, digest: str) -> None:
        """Note that a person took a removed text back (sha256 of it, hex)."""

    def forget_overrides(self, key: str, fields: Collection[str]) -> None:
        """Forget what a person stated of these fields of a document, named as in `Metadata`."""

    def note_fetch(self, uri: str, fetch: Fetch) -> None:
        """Note how a page was fetched, in place of what was noted before."""

    def refuse(self, source: str, reason: str) -> None:
        """Put a source on the list of those that were refused, in place of what stood of it."""

    def dismiss(self, source: str) -> None:
        """Take a source from that list; nothing happens when it is not there."""

    def remove(self, key: str) -> None:
        """Take a document out of search; pinned references still show it."""

    # What is true
    def figures(self) -> Figures:
        """Counts and sizes."""

    def faults(self) -> Iterable[Fault]:
        """Every law checked on the real data; nothing when all is well."""

    def repair(self) -> None:
        """Make all that is derived (indexes, words and their counts) again from what is kept."""


def check_model(store: Store, encoder: Encoder) -> None:
    """ModelMismatch when the store holds vectors of another encoder; a new store holds none."""
    theirs = store.manifest.fingerprint
    if theirs is not None and theirs != encoder.fingerprint:
        raise ModelMismatch(store.location, theirs, encoder.fingerprint)


def open_store(
    location: str | Path,
    *,
    write: bool = False,
    create: bool = False,
    model: str = DEFAULT,
    precision: str = PRECISION,
) -> Store:
    """The knowledge base in a folder, to read, or with `write` to change.

    `create` makes it when it is not there, for the named model and precision. StoreMissing,
    StoreLocked, StoreTooNew and StoreDamaged say what is wrong.
    """
    from kb.local.store import LocalStore

    return LocalStore.open(
        Path(location), write=write or create, create=create, model=model, precision=precision
    )
