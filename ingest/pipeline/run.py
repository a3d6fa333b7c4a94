"""From sources to a filled store: skip the unchanged, read, cut, encode in batches, add."""

from __future__ import annotations

import time
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TypeAlias

from ingest.drafts import Reading, beginning
from ingest.passages.assembly import edition_of
from ingest.pipeline.batches import Batches
from ingest.pipeline.identity import document_of
from ingest.pipeline.refusals import remember
from ingest.pipeline.report import Attached, Report
from ingest.readers import Reader, further_arguments, reader_for, reader_named
from ingest.readers.worker import Worker
from ingest.sources.discovered import Discovered, Forbidden, LeftAlone, Link, Source
from ingest.sources.feeds import MOST, links_in
from ingest.sources.files import MAX_SIZE, STANDARD_INPUT
from ingest.sources.web import Fetcher, source_of
from kb.catalogue import DocumentState
from kb.encoder import Encoder
from kb.encoders.background import Background
from kb.errors import Refused
from kb.keys import sha256_of
from kb.metadata import Metadata
from kb.records import Fetch, Provenance, Refusal
from kb.store import Store

Progress: TypeAlias = Callable[[int, int, int], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to ingest: by which reader (None: by type), whether unchanged sources are read again,
    and with which password locked ones are opened."""

    reader: str | None = None
    reread: bool = False
    max_size: int = MAX_SIZE
    overrides: Metadata = field(default_factory=Metadata)
    password: str | None = field(default=None, repr=False)


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
            if isinstance(discovered, Sequence):  # in whatever order a person named them
                run.allow(discovered)
            for source in discovered:
                run.take(source)
            run.flush()
    except KeyboardInterrupt:
        run.report.interrupted = True
    remember(store, run.seen, run.report.refused)
    run.report.took_ms = round((time.perf_counter() - began) * 1000)
    return run.report


class _Run:
    """One ingest: its sources one by one, and the report so far.

    A document costs at most three calls of the store: what is known of its source, a key when it is
    new, and adding it.
    """

    def __init__(
        self, store: Store, encoder: Encoder, options: Options, progress: Progress
    ) -> None:
        self.store = store
        self.options = options
        self.report = Report()
        self.seen: set[str] = set()
        self.background = Background(store, encoder, partial(progress, 0))
        self.worker = Worker()
        self.fetcher = Fetcher(options.max_size)
        self._encoder = encoder
        self._progress = progress
        self._batches = Batches(store, encoder, self.background, self.report)

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
                self.allow([one])
                self._follow(one)
            else:
                self._take(one)
        except Refused as error:
            self.report.refused.append(_refusal(one.uri, error))
            self._progress(1, 0, 0)
        self._tell()

    def allow(self, discovered: Iterable[Discovered]) -> None:
        """Note which hosts the person named: lists and redirects may lead there, too."""
        for one in discovered:
            if isinstance(one, Link) and one.named:
                self.fetcher.name(one.uri)

    def flush(self) -> None:
        """Encode and keep all that was read so far."""
        self._batches.flush()
        self._tell()

    def _tell(self) -> None:
        """Say how many documents were kept."""
        if self._batches.kept:
            self._progress(self._batches.kept, 0, 0)
            self._batches.kept = 0

    def _unchanged(self) -> None:
        self.report.unchanged += 1
        self._progress(1, 0, 0)

    @cached_property
    def _fetches(self) -> Mapping[str, Fetch]:
        """How pages were fetched that were kept before and in this run, by their addresses."""
        return ChainMap(self._batches.kept_fetches, dict(self.store.fetches()))

    def _follow(self, link: Link, within: int = 2) -> None:
        """Fetch a page and take it in, or what it names: lists, each in another at most twice."""
        before = self._fetches.get(link.uri)
        if before is not None and link.of_feed and not self.options.reread:
            self._unchanged()
            return
        known = None if self.options.reread else before
        page = self.fetcher.fetch(link.uri, known, listed=link.listed)
        if page is None:
            self._unchanged()
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
                self._follow(Link(url, links.is_feed, listed=True, named=False), within - 1)
            except Refused as error:
                self.report.refused.append(_refusal(url, error))
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
        if self._batches.holds_bytes(provenance.sha256):
            self.flush()  # the same bytes again: the store must know them first
        state = self.store.source_state(source.uri, provenance.sha256, reader.NAME)
        if any(one and one.key in self._batches.unkept for one in (state.twin, state.kept)):
            self.flush()  # a new revision of it is on its way: what is known is out of date
            state = self.store.source_state(source.uri, provenance.sha256, reader.NAME)
        twin = state.twin
        if twin and not self.options.reread and not self._says_more(twin):
            if state.kept is None or state.kept.key != twin.key:
                self.store.attach(twin.key, provenance)
                self.report.attached.append(Attached(source.uri, twin.key))
            if fetch is not None and fetch != state.fetch:
                self.store.note_fetch(source.uri, fetch)
            self._unchanged()
            return
        reading = self._read(reader, source, data, fetch)
        title = self.options.overrides.title or reading.metadata.title
        known = twin or document_of(source, state, title, self.store, self._batches.unkept)
        overrides = self.options.overrides.over(known.overrides)
        edition = edition_of(
            reading, known.key, (provenance,), self._encoder, overrides, known.restored
        )
        self._batches.add(edition, data, self.options.overrides, fetch)

    def _says_more(self, twin: DocumentState) -> bool:
        """Whether something is stated of a document that was not stated before."""
        return self.options.overrides.over(twin.overrides) != twin.overrides

    def _read(self, reader: Reader, source: Source, data: bytes, fetch: Fetch | None) -> Reading:
        more = further_arguments(reader, source.media_type, self.options.password)
        reading = self.worker.read(reader, data, source.name, *more)
        metadata = reading.metadata
        if fetch is not None:
            metadata = metadata.over(Metadata(url=fetch.url))
        if not source.name:
            first = next((block.text for block in reading.blocks if not block.reason), "")
            metadata = metadata.over(Metadata(title=beginning(first) or None))
        return replace(reading, metadata=metadata)

    def _reader(self, source: Source) -> Reader:
        reader = reader_for(source.media_type)
        if self.options.reader is None or reader.NAME == "record":
            return reader
        return reader_named(self.options.reader)


def _refusal(uri: str, error: Refused) -> Refusal:
    retriable = not uri.startswith(STANDARD_INPUT) and not isinstance(error, Forbidden)
    return Refusal(uri, str(error), retriable=retriable)
