"""Which documents may answer: by key, author, publisher, tag and date. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from kb.metadata import Metadata
from kb.records import Entry
from kb.text.dates import interval

LISTED = 8


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions on a document. Of several values of one kind one must hold; all kinds must.

    `since` and `until` are partial dates; a document passes when the interval that its own date
    stands for overlaps theirs. One without a date does not pass them.
    """

    documents: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None

    def __bool__(self) -> bool:
        return any((self.documents, self.authors, self.publishers, self.tags, self.dated))

    @property
    def dated(self) -> bool:
        """Whether a date is asked for."""
        return self.since is not None or self.until is not None

    def passes(self, key: str, metadata: Metadata) -> bool:
        """Whether the document of this key, with these metadata, meets all conditions."""
        return self._passes_but_for_date(key, metadata) and self._in_time(metadata.issued)

    def lacks_date(self, key: str, metadata: Metadata) -> bool:
        """Whether a document meets all conditions but one: a date is asked for, and it has none."""
        undated = self.dated and metadata.issued is None
        return undated and self._passes_but_for_date(key, metadata)

    def _passes_but_for_date(self, key: str, metadata: Metadata) -> bool:
        return (
            _any(self.documents, lambda value: fnmatchcase(key, value.casefold()))
            and _any(self.authors, lambda value: _stands_in(value, metadata.author))
            and _any(self.publishers, lambda value: _stands_in(value, (metadata.publisher or "",)))
            and _any(self.tags, lambda value: _stands_in(value, metadata.keyword))
        )

    def _in_time(self, issued: str | None) -> bool:
        if not self.dated:
            return True
        if issued is None:
            return False
        first, last = interval(issued)
        return (self.since is None or last >= interval(self.since)[0]) and (
            self.until is None or first <= interval(self.until)[1]
        )


def what_there_is(filters: Filters, entries: Sequence[Entry]) -> str:
    """Where a filter lets no document pass: what it could have named, a few of them."""
    known = [entry.metadata for entry in entries]
    for name, asked, values in (
        ("authors", Filters(authors=filters.authors), [a for one in known for a in one.author]),
        ("publishers", Filters(publishers=filters.publishers), [one.publisher for one in known]),
        ("tags", Filters(tags=filters.tags), [tag for one in known for tag in one.keyword]),
    ):
        if asked and not any(asked.passes(one.document, one.metadata) for one in entries):
            there = sorted({value for value in values if value})
            more = f" and {len(there) - LISTED} more" if len(there) > LISTED else ""
            return f"{name} there are: {', '.join(there[:LISTED])}{more}" if there else f"no {name}"
    return "kb list shows what there is"


def _any(values: tuple[str, ...], holds: Callable[[str], bool]) -> bool:
    return not values or any(holds(value) for value in values)


def _stands_in(words: str, fields: tuple[str, ...]) -> bool:
    """Whether the words stand in a field as whole words, without regard to case."""
    pattern = re.compile(rf"(?<!\w){re.escape(_folded(words))}(?!\w)")
    return bool(words.strip()) and any(pattern.search(_folded(field)) for field in fields)


def _folded(text: str) -> str:
    """The text in lower case, its accents in one form, its white space as single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
