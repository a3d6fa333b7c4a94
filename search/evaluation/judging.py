"""What is relevant in a store: judgements of a collection become items that can be ranked.

An item is a document (its own id) where documents are judged, else a passage (its pinned
reference, so that a ranking of other passages is known by its items).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from kb.errors import BadUsage
from kb.keys import Reference
from kb.records import Edition, Entry, Span
from kb.store import Store
from kb.text.lines import plural
from search.evaluation.collections import Collection, Grade, JudgedQuestion, Quote, Stretch
from search.evaluation.runs import token

ENOUGH = 50  # characters of a stretch that a passage of the ideal ranking holds


@dataclass(frozen=True, slots=True)
class Relevant:
    """What answers one question: a grade by item.

    `ideal` is how many of the items the ideal ranking shows, where that is not all of them.
    """

    grades: Mapping[str, int]
    ideal: int | None = None


def item(entry: Entry) -> str:
    """What a ranking calls a document: its own id, or its key where it has none."""
    return token(entry.external_id or entry.document)


class Judge:
    """Knows the documents of one store by all their names."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._editions: dict[str, Edition] = {}
        self._named: dict[str, list[str]] = defaultdict(list)
        self._items: dict[str, str] = {}
        for entry in store.entries():
            self._items[item(entry)] = entry.document
            for name in _names(entry):
                self._named[name].append(entry.document)

    def relevance(self, collection: Collection) -> tuple[dict[str, Relevant], tuple[str, ...]]:
        """What is relevant to each question, by its id, and notes on what is not in the store.

        BadUsage when none of the judged documents is there, and for a quote or a stretch that
        does not stand in its document.
        """
        named = {
            judgement.document
            for question in collection.questions
            for judgement in question.judgements
            if not isinstance(judgement, Quote)
        }
        missing = {document for document in named if token(document) not in self._items}
        if named and missing == named:
            raise BadUsage(
                f"{self._store.location}: this knowledge base holds none of the documents that "
                f"{collection.name} judges. Without --kb they are ingested."
            )
        found = {
            question.id: self._relevant(question, collection.by_document)
            for question in collection.questions
        }
        if not missing:
            return found, ()
        count = f"{len(missing)} {plural(len(missing), 'judged document')}"
        return found, (f"{count} not in the knowledge base: nothing can find them",)

    def _relevant(self, question: JudgedQuestion, by_document: bool) -> Relevant:
        if by_document:
            grades: dict[str, int] = {}
            for judgement in question.judgements:
                assert isinstance(judgement, Grade)
                name = token(judgement.document)
                grades[name] = max(judgement.grade, grades.get(name, 0))
            return Relevant(grades)
        spans: dict[str, list[Span]] = defaultdict(list)
        for judgement in question.judgements:
            if isinstance(judgement, Stretch):
                key = self._items.get(token(judgement.document))
                if key is not None:
                    spans[key].append(self._checked(question, judgement, key))
            elif isinstance(judgement, Quote):
                for key, span in self._quoted(question, judgement):
                    spans[key].append(span)
        return passages_of((self._edition(key), stretches) for key, stretches in spans.items())

    def _checked(self, question: JudgedQuestion, stretch: Stretch, key: str) -> Span:
        length = len(self._edition(key).document.text)
        if stretch.span.end > length:
            raise BadUsage(
                f"question {question.id!r}: its evidence ends at {stretch.span.end}, but the text "
                f"of {stretch.document!r} has {length} characters. Is it of another text?"
            )
        return stretch.span

    def _quoted(self, question: JudgedQuestion, quote: Quote) -> list[tuple[str, Span]]:
        """Where a quote stands, however its lines are broken."""
        keys = self._named.get(quote.source)
        if not keys:
            raise BadUsage(
                f"question {question.id!r}: there is no document {quote.source!r}. Write the name "
                "of its file, its web address, or its key as kb list shows it."
            )
        pattern = re.compile(r"\s+".join(map(re.escape, quote.text.split())))
        found = [
            (key, Span(*match.span()))
            for key in keys
            for match in pattern.finditer(self._edition(key).document.text)
        ]
        if not found:
            raise BadUsage(
                f"question {question.id!r}: its quote does not stand in {quote.source}: "
                f"“{quote.text[:60]}”. Copy it from what kb show {keys[0]} prints."
            )
        return found

    def _edition(self, key: str) -> Edition:
        if key not in self._editions:
            self._editions[key] = self._store.edition(Reference(key))
        return self._editions[key]


def passages_of(judged: Iterable[tuple[Edition, Iterable[Span]]]) -> Relevant:
    """The passages that hold any of the stretches.

    The ideal ranking shows those which hold enough of one: `ENOUGH` characters, or all of a
    stretch that is shorter.
    """
    grades: dict[str, int] = {}
    ideal = 0
    for edition, stretches in judged:
        for passage in edition.passages:
            shared = [(overlap(passage.span, span), span) for span in stretches]
            if any(count for count, _ in shared):
                grades[passage.pinned] = 1
                ideal += any(
                    count >= min(ENOUGH, span.end - span.start) for count, span in shared if count
                )
    if grades:
        return Relevant(grades, max(ideal, 1))
    return Relevant({"": 1}, 0)  # nothing can be found, and the question counts all the same


def overlap(one: Span, other: Span) -> int:
    """How many characters two stretches share."""
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _names(entry: Entry) -> set[str]:
    """All that a person may call a document."""
    names = {entry.document, entry.external_id, entry.source, entry.metadata.url}
    for source in entry.sources:
        names |= {source.uri, PurePath(source.uri).name}
    return {name for name in names if name}
