"""Documents that are read and cut, on their way into the store: encoded and kept in batches.

While a batch is encoded the next documents are read; a batch is one transaction.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.pipeline.report import Report, Taken
from kb.catalogue import Outcome
from kb.encoder import Encoder
from kb.encoders.background import Background, Pending
from kb.encoders.context import texts_of
from kb.metadata import Metadata
from kb.records import Edition, Fetch, Provenance
from kb.store import Store

if TYPE_CHECKING:
    from kb.encoder import Matrix

BATCH = 8_192  # tokens: enough to keep all cores busy, few enough to lose little to Ctrl-C
ENOUGH = BATCH // 8  # for an encoder that has nothing to do
AHEAD = 2 * BATCH  # tokens that wait behind the batch that is being encoded


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A document that waits for its vectors."""

    edition: Edition
    texts: list[str]
    tokens: list[int]  # of each text
    data: bytes
    overrides: Metadata
    fetch: Fetch | None = None  # how it came, if from the web

    @property
    def key(self) -> str:
        return self.edition.document.key

    @property
    def provenance(self) -> Provenance:
        return self.edition.document.sources[0]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Documents whose vectors are being made, and how many tokens that takes."""

    documents: list[_Waiting]
    vectors: Pending
    tokens: int


class Batches:
    """What waits to be encoded and what is being encoded; `report` says what was kept."""

    def __init__(
        self, store: Store, encoder: Encoder, background: Background, report: Report
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._background = background
        self._report = report
        self._waiting: list[_Waiting] = []
        self._tokens = 0  # of what waits
        self._encoding: deque[_Batch] = deque()
        self._unkept: dict[str, _Waiting] = {}  # all these documents, by their keys
        self._unkept_bytes: set[str] = set()  # the digests of their sources
        self.kept_fetches: dict[str, Fetch] = {}  # of the pages that were kept, by address
        self.kept = 0  # documents that were kept and nobody asked after yet

    @property
    def unkept(self) -> Mapping[str, str]:
        """The sources of the documents that are not kept yet, by their keys."""
        return {key: its.provenance.uri for key, its in self._unkept.items()}

    def holds_bytes(self, sha256: str) -> bool:
        """Whether a document made from these bytes is not kept yet."""
        return sha256 in self._unkept_bytes

    def add(self, edition: Edition, data: bytes, overrides: Metadata, fetch: Fetch | None) -> None:
        """Let a document wait for its vectors; encode when enough waits."""
        texts = texts_of(edition, self._encoder)
        tokens = [self._encoder.count(text) for text in texts]
        waiting = _Waiting(edition, texts, tokens, data, overrides, fetch)
        self._waiting.append(waiting)
        self._tokens += sum(tokens)
        self._unkept[waiting.key] = waiting
        self._unkept_bytes.add(waiting.provenance.sha256)
        if self._tokens >= (ENOUGH if self._background.idle else BATCH):
            self._begin()
            while sum(batch.tokens for batch in self._encoding) - self._encoding[0].tokens > AHEAD:
                self._finish()

    def flush(self) -> None:
        """Encode and keep all that waits."""
        self._begin()
        while self._encoding:
            self._finish()

    def _begin(self) -> None:
        """Hand what waits to the encoder."""
        if not self._waiting:
            return
        texts = [text for waiting in self._waiting for text in waiting.texts]
        tokens = [count for waiting in self._waiting for count in waiting.tokens]
        vectors = self._background.begin(texts, tokens)
        self._encoding.append(_Batch(self._waiting, vectors, self._tokens))
        self._waiting, self._tokens = [], 0

    def _finish(self) -> None:
        """Keep the batch that was begun first, in one transaction."""
        batch = self._encoding[0]
        vectors = self._background.take(batch.vectors)
        part = Report()
        start = 0
        with self._store.together():
            for waiting in batch.documents:
                end = start + len(waiting.texts)
                self._keep(waiting, vectors[start:end], part)
                start = end
        self._report.include(part)
        self._encoding.popleft()
        self.kept += len(batch.documents)
        for waiting in batch.documents:
            if waiting.fetch is not None:
                self.kept_fetches[waiting.provenance.uri] = waiting.fetch
            del self._unkept[waiting.key]
            self._unkept_bytes.remove(waiting.provenance.sha256)

    def _keep(self, waiting: _Waiting, vectors: Matrix, report: Report) -> None:
        edition, provenance = waiting.edition, waiting.provenance
        outcome = self._store.add(
            edition,
            vectors,
            {provenance.sha256: waiting.data},
            self._encoder,
            waiting.overrides,
            waiting.fetch,
        )
        if outcome is Outcome.UNCHANGED:
            report.unchanged += 1
            return
        taken = Taken(
            document=edition.document.key,
            source=provenance.uri,
            title=edition.document.title,
            passages=len(edition.passages),
            removed=len(edition.removed),
            notes=edition.notes,
        )
        (report.updated if outcome is Outcome.UPDATED else report.added).append(taken)
