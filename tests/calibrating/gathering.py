"""Cases are asked; what the best passage says of itself is noted."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from calibrating.splits import Case, cases
from kb.encoder import Encoder, Tokens
from kb.encoders import encoder_of
from kb.store import open_store
from search.confidence.features import Features
from search.evaluation.collections import Collection
from search.evaluation.judging import Judge, item
from search.hits import Hit
from search.searcher import Searcher, SearchOptions

if TYPE_CHECKING:
    from kb.encoder import Matrix, Vector

FIRST = 3  # an answer among so many counts: the labels name few of the passages that answer
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Seen:
    """One question asked: the features of its best passage, read again (`with_late`) and not.

    `found` says whether what answers came among the first three; `cosine` is the best cosine.
    """

    collection: str
    kind: str
    answerable: bool
    found: bool
    text: str
    cosine: float
    with_late: Features
    without_late: Features


def gather(
    collections: Sequence[Collection],
    others: Sequence[Collection],
    stores: Path,
    progress: Callable[[str], None],
) -> list[Seen]:
    """All that the collections are asked, each of its store: the folder of its name.

    `others` lend their questions as off-topic; `progress` is told whose turn it is.
    """
    seen = []
    for collection in collections:
        progress(collection.name)
        with open_store(stores / collection.name) as store:
            relevant = Judge(store).relevance(collection)[0]
            entries = store.entries()
            keys = {item(entry): entry.document for entry in entries}
            by_key = {entry.document for entry in entries}
            answering = {
                id: {
                    key
                    for name in its.grades
                    for key in [keys.get(name) or name.rpartition("#")[0].rpartition("@")[0]]
                    if key in by_key
                }
                for id, its in relevant.items()
            }
            searcher = Searcher(store, Remembering(encoder_of(store.manifest)))
            for case in cases(collection, others, entries, answering):
                grades = relevant[case.question.id].grades if case.question else {}
                one = seen_of(searcher, collection, case, grades)
                if one is not None:
                    seen.append(one)
    return seen


def seen_of(
    searcher: Searcher, collection: Collection, case: Case, answers: Container[str]
) -> Seen | None:
    """What is noted of one case; None when nothing was found."""
    options = SearchOptions(SHOWN, filters=case.among, plain=True)
    hits = searcher.ask(case.text, options).hits
    if not hits:
        return None
    first = searcher.ask(case.text, replace(options, limit=1, rerank=False)).hits[0]
    names = [item(hit.entry) if collection.by_document else hit.passage.pinned for hit in hits]
    return Seen(
        collection.name,
        case.kind,
        case.answerable,
        any(name in answers for name in names[:FIRST]),
        case.text,
        max(features_of(hit).meaning for hit in hits),
        features_of(hits[0]),
        features_of(first),
    )


def features_of(hit: Hit) -> Features:
    """The features of a hit of the hybrid mode, which always has them."""
    assert hit.features is not None
    return hit.features


def write(path: Path, seen: Iterable[Seen]) -> None:
    """All that was seen, as JSONL."""
    path.write_text("".join(json.dumps(asdict(one)) + "\n" for one in seen), encoding="utf-8")


def read(path: Path) -> Iterator[Seen]:
    """All that was seen, from a file that `write` made."""
    for line in path.read_text("utf-8").split("\n"):
        if line:
            kept = json.loads(line)
            kept.update({name: Features(**kept[name]) for name in ("with_late", "without_late")})
            yield Seen(**kept)


class Remembering:
    """An encoder that reads the tokens of each passage once, however often it is found."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, tuple[tuple[tuple[int, int], ...], Matrix]] = {}
        self.name = encoder.name
        self.fingerprint = encoder.fingerprint
        self.dimension = encoder.dimension
        self.window = encoder.window
        self.languages = encoder.languages

    def count(self, text: str) -> int:
        return self._encoder.count(text)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        return self._encoder.encode_passages(texts)

    def encode_question(self, text: str) -> Vector:
        return self._encoder.encode_question(text)

    def question_tokens(self, text: str) -> Tokens:
        return self._encoder.question_tokens(text)

    def passage_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        for text, its in zip(new, self._encoder.passage_tokens(new), strict=True):
            # half the memory; the cosines differ by less than 0.001
            self._known[text] = (its.spans, its.vectors.astype("float16"))
        return [
            Tokens(spans, vectors.astype("float32"))
            for spans, vectors in (self._known[text] for text in texts)
        ]
