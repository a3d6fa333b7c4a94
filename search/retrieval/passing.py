"""What is to be said of filters and required phrases: what they left out, that nothing passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kb.filters import Filters, what_there_is
from kb.index.candidates import Candidates
from kb.records import Entry
from kb.text.lines import plural
from search.query.requirements import Requirements


def notes_on(
    table: Candidates,
    filters: Filters,
    required: Requirements,
    entries: Callable[[], Sequence[Entry]],
) -> tuple[str, ...]:
    """The notes; `entries` gives all documents, to name what a filter could have asked for."""
    notes = []
    if table.undated:
        documents = plural(table.undated, "document")
        notes.append(
            f"{table.undated} {documents} without a date left out; state it: kb set DOC --date 2017"
        )
    if table.passing_documents == 0:
        notes.append(f"no document passes the filters; {what_there_is(filters, entries())}")
    elif not table.size:
        notes.append("nothing is ingested yet")
    elif required and not table.passing:
        notes.append(f"no passage meets {required}")
    return tuple(notes)
