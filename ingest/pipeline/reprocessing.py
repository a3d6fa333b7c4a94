"""A document made again from the bytes that are kept, as a person wants it otherwise."""

from __future__ import annotations

from collections.abc import Collection

from ingest.passages.assembly import digest_of, edition_of
from ingest.readers import further_arguments, reader_named
from ingest.readers.worker import Worker
from kb.encoder import Encoder
from kb.encoders.background import encode
from kb.encoders.context import texts_of
from kb.errors import NotFound, Refused
from kb.keys import Reference
from kb.metadata import Metadata
from kb.records import Edition
from kb.store import Store
from kb.text.lines import count


def restore_text(
    store: Store, encoder: Encoder, key: str, number: int, password: str | None = None
) -> Edition:
    """Restore the removed text of that number (from 1) to the document: a new revision.

    The choice is kept, and holds when the source is ingested again. Refused when the source is
    locked and the password does not open it.
    """
    removed = store.edition(Reference(key)).removed
    if not 1 <= number <= len(removed):
        raise NotFound(
            f"{key} has {count(len(removed), 'removed text')}; kb show {key} --removed lists them."
        )
    digest = digest_of(removed[number - 1].text)
    with store.together():
        store.restore(key, digest)
        return _reprocess(store, encoder, key, Metadata(), password)


def override(
    store: Store,
    encoder: Encoder,
    key: str,
    overrides: Metadata,
    unset: Collection[str] = (),
    password: str | None = None,
) -> Edition:
    """State metadata of a document, over what its source says, also when it is ingested again.

    Of the fields in `unset` it is again what the source says. The text and its revision stay; as
    the title is read with each passage, a new one moves it.
    """
    with store.together():
        store.drop_overrides(key, unset)
        return _reprocess(store, encoder, key, overrides, password)


def _reprocess(
    store: Store, encoder: Encoder, key: str, overrides: Metadata, password: str | None
) -> Edition:
    sources = store.entry(key).sources
    reader = reader_named(sources[0].reader_name)
    data, name = store.original(sources[0].sha256), sources[0].uri.rpartition("/")[2]
    more = further_arguments(reader, sources[0].media_type, password)
    try:
        with Worker() as worker:
            reading = worker.read(reader, data, name, *more)
    except Refused as error:
        raise Refused(f"{key}: {error}") from error
    known = store.document_state(key)
    overrides = overrides.over(known.overrides)
    edition = edition_of(reading, key, sources, encoder, overrides, known.restored)
    vectors = encode(texts_of(edition, encoder), store, encoder)
    store.add(edition, vectors, {}, encoder, overrides)
    return edition
