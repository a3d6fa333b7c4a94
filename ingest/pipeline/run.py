"""From sources to a filled store: skip the unchanged, read, cut, encode in batches, add."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from ingest.drafts import Reading, beginning
from ingest.passages.assembly import edition_of
from ingest.pipeline.identity import holds, is_current, key_of, says_more
from ingest.pipeline.refusals import remember
from ingest.pipeline.report import Attached, Report, Taken
from ingest.readers import Reader, further_arguments, reader_for, reader_named
from ingest.readers.worker import Worker
from ingest.sources.discovered import Discovered, LeftAlone, Link, Source
from ingest.sources.feeds import MOST, links_in
from ingest.sources.files import MAX_SIZE, STANDARD_INPUT
from ingest.sources.web import Fetcher, source_of
from kb.digests import sha256_of
from kb.encoder import Encoder
from kb.encoders.background import Background, Pending
from kb.encoders.context import texts_of
from kb.errors import Refused
from kb.records import Edition, Fetch, Provenance, Refusal, Stated
from kb.store import Store

if TYPE_CHECKING:
    from kb.encoder import Matrix

BATCH = 8_192  # tokens: enough to keep all cores busy, few enough to lose little to Ctrl-C
ENOUGH = BATCH // 8  # for an encoder that has nothing to do
AHEAD = 2 * BATCH  # tokens that wait behind the batch that is being encoded


Progress: TypeAlias = Callable[[int, int, int], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to ingest: by which reader (None: by type), whether unchanged sources are read again,
    and with which password locked ones are opened."""

    reader: str | None = None
    reread: bool = False
    max_size: int = MAX_SIZE
    stated: Stated = field(default_factory=Stated)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A document that is read and cut, and waits for its vectors."""

    edition: Edition
    texts: list[str]
    tokens: list[int]  # of each text
    data: bytes
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


def ingest(
    discovered: Iterable[Discovered],
    store: Store,
    encoder: Encoder,
    options: Options | None = None,
    progress: Progress = lambda sources, passages, tokens: None,
) -> Report:
    """Take the sources in. What cannot be read is in the report, by name and with the reason.

    `progress(sources, passages, tokens)` is told how many of each were finished since the last
    call: sources when they are kept, passages and tokens when they are encoded. A document is
    kept whole or not at all; after Ctrl-C those that were finished stay.
    """
    began = time.perf_counter()
    run = _Run(store, encoder, options or Options(), progress)
    try:
        with run.background, run.worker:
            for source in discovered:
                run.take(source)
            run.flush()
    except KeyboardInterrupt:
        run.report.interrupted = True
    remember(store, run.seen, run.report.refused)
    run.report.took_ms = round((time.perf_counter() - began) * 1000)
    return run.report


class _Run:
    """One ingest: what waits to be encoded, what is being encoded, and the report so far."""

    def __init__(
        self, store: Store, encoder: Encoder, options: Options, progress: Progress
    ) -> None:
        self.store = store
        self.encoder = encoder
        self.options = options
        self.progress = progress
        self.report = Report()
        self.seen: set[str] = set()
        self.background = Background(store, encoder, partial(progress, 0))
        self.worker = Worker()
        self.fetcher = Fetcher(options.max_size)
        self._waiting: list[_Waiting] = []
        self._tokens = 0  # of what waits
        self._encoding: deque[_Batch] = deque()
        self._unkept: dict[str, _Waiting] = {}  # all these documents, by their keys
        self._unkept_bytes: set[str] = set()  # the digests of their sources

    def take(self, one: Discovered) -> None:
        """Deal with one source: skip, attach, refuse, or read it and let it wait for vectors."""
        self.seen.add(one.uri if isinstance(one, Source | Link) else one.source)
        if isinstance(one, LeftAlone):
            self.report.left_alone.append(one)
            return
        if isinstance(one, Refusal):
            self.report.refused.append(one)
            return
        try:
            if isinstance(one, Link):
                self._follow(one)
            else:
                self._take(one)
        except Refused as error:
            retriable = not one.uri.startswith(STANDARD_INPUT)
            self.report.refused.append(Refusal(one.uri, str(error), retriable=retriable))
            self.progress(1, 0, 0)

    def flush(self) -> None:
        """Encode and keep all that was read so far."""
        self._begin()
        while self._encoding:
            self._finish()

    def _begin(self) -> None:
        """Hand what waits to the encoder."""
        if not self._waiting:
            return
        texts = [text for waiting in self._waiting for text in waiting.texts]
        tokens = [count for waiting in self._waiting for count in waiting.tokens]
        vectors = self.background.begin(texts, tokens)
        self._encoding.append(_Batch(self._waiting, vectors, self._tokens))
        self._waiting, self._tokens = [], 0

    def _finish(self) -> None:
        """Keep the batch that was begun first, in one transaction."""
        batch = self._encoding[0]
        vectors = self.background.take(batch.vectors)
        kept = Report()
        start = 0
        with self.store.together():
            for waiting in batch.documents:
                end = start + len(waiting.texts)
                self._add(waiting, vectors[start:end], kept)
                start = end
        self.report.include(kept)
        self.progress(len(batch.documents), 0, 0)
        self._encoding.popleft()
        for waiting in batch.documents:
            del self._unkept[waiting.key]
            self._unkept_bytes.remove(waiting.provenance.sha256)

    def _follow(self, link: Link, within: int = 2) -> None:
        """Fetch a page and take it in, or what it names: lists, each in another at most twice."""
        known = self.store.source(link.uri) is not None
        page = None
        if not known or not link.of_feed or self.options.reread:
            before = self.store.fetched(link.uri) if known and not self.options.reread else None
            page = self.fetcher.fetch(link.uri, before)
        if page is None:
            self.report.unchanged += 1
            self.progress(1, 0, 0)
            return
        links = links_in(page.data, page.fetch.url)
        if links is not None and not within:
            raise Refused("a list of lists of lists. Name the innermost ones")
        if links is None:
            self._take(source_of(link.uri, page), page.fetch)
            return
        if not links.urls:
            raise Refused("it names no web address")
        for url in links.urls:
            self.seen.add(url)
            try:
                self._follow(Link(url, links.is_feed), within - 1)
            except Refused as error:
                self.report.refused.append(Refusal(url, str(error)))
        if links.left_out:
            raise Refused(f"{links.left_out} more addresses than the {MOST} that are taken at once")

    def _take(self, source: Source, fetch: Fetch | None = None) -> None:
        data = source.load()
        reader = self._reader(source)
        provenance = Provenance(
            uri=source.uri,
            sha256=sha256_of(data),
            media_type=source.media_type,
            reader=f"{reader.NAME} {reader.VERSION}",
            read_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        )
        if provenance.sha256 in self._unkept_bytes:
            self.flush()  # the same bytes again: the store must know them first
        twin = self.store.holder(provenance.sha256, reader.NAME)
        if twin in self._unkept:
            self.flush()  # its source holds other bytes by now
            twin = self.store.holder(provenance.sha256, reader.NAME)
        if (
            twin
            and not self.options.reread
            and not says_more(self.options.stated, self.store, twin)
        ):
            known = self.store.source(source.uri)
            if known is None or known[0] != twin:
                self.store.attach(twin, provenance)
                self.report.attached.append(Attached(source.uri, twin))
            if fetch is not None and fetch != self.store.fetched(source.uri):
                self.store.note_fetch(source.uri, fetch)
            self.report.unchanged += 1
            self.progress(1, 0, 0)
            return
        reading = self._read(reader, source, data, fetch)
        key = twin or self._key(source, reading.title)
        self._queue(reading, key, provenance, data, fetch)

    def _read(self, reader: Reader, source: Source, data: bytes, fetch: Fetch | None) -> Reading:
        more = further_arguments(reader, source.media_type, self.options.password)
        reading = self.worker.read(reader, data, source.name, *more)
        if fetch is not None and reading.url is None:
            reading = replace(reading, url=fetch.url)
        if not reading.title and not source.name:
            first = next((block.text for block in reading.blocks if not block.reason), "")
            reading = replace(reading, title=beginning(first) or None)
        return reading

    def _key(self, source: Source, title: str | None) -> str:
        waiting = {key: its.provenance.uri for key, its in self._unkept.items()}
        return key_of(source, self.options.stated.title or title, self.store, waiting)

    def _queue(
        self,
        reading: Reading,
        key: str,
        provenance: Provenance,
        data: bytes,
        fetch: Fetch | None,
    ) -> None:
        """Cut a document and let it wait for its vectors; encode when enough waits."""
        edition = edition_of(
            reading,
            key,
            (provenance,),
            self.encoder,
            self.options.stated.over(self.store.stated(key)),
            self.store.restored(key),
        )
        texts = texts_of(edition, self.encoder)
        tokens = [self.encoder.count(text) for text in texts]
        waiting = _Waiting(edition, texts, tokens, data, fetch)
        self._waiting.append(waiting)
        self._tokens += sum(tokens)
        self._unkept[key] = waiting
        self._unkept_bytes.add(provenance.sha256)
        if self._tokens >= (ENOUGH if self.background.idle else BATCH):
            self._begin()
            while sum(batch.tokens for batch in self._encoding) - self._encoding[0].tokens > AHEAD:
                self._finish()

    def _reader(self, source: Source) -> Reader:
        reader = reader_for(source.media_type)
        if self.options.reader is None or reader.NAME == "record":
            return reader
        return reader_named(self.options.reader)

    def _add(self, waiting: _Waiting, vectors: Matrix, report: Report) -> None:
        """Keep a document; what it changed is seen by comparing with what was there."""
        edition, document = waiting.edition, waiting.edition.document
        provenance = waiting.provenance
        known = is_current(self.store, document.key)
        same = holds(self.store, edition)
        stated = self.options.stated.over(self.store.stated(document.key))
        self.store.add(edition, vectors, {provenance.sha256: waiting.data}, self.encoder, stated)
        if waiting.fetch is not None:
            self.store.note_fetch(provenance.uri, waiting.fetch)
        if same:
            report.unchanged += 1
            return
        taken = Taken(
            document=document.key,
            source=provenance.uri,
            title=document.title,
            passages=len(edition.passages),
            removed=len(edition.removed),
            notes=edition.notes,
        )
        (report.updated if known else report.added).append(taken)
