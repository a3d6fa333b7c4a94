"""Questions with an answer and questions without: what each collection is asked, drawn by a seed.

A question loses its answer when the documents that answer it are taken out of what is searched.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection as Keys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kb.filters import Filters
from kb.metadata import Metadata
from kb.records import Entry
from search.evaluation.collections import SEED, Collection, JudgedQuestion

MOST = 400  # questions of a kind
OFF_TOPIC = 75  # questions of each other collection
# two collections that are about one subject: a question of one may be answered by the other
AKIN = frozenset({"public_health_guidance", "parliament_meetings"})

WHOLE = "with an answer"
OFF = "off-topic"
LOOKALIKE = "unanswerable"
SOURCE = "source taken out"
DOCUMENTS = "documents taken out"


@dataclass(frozen=True, slots=True)
class Kept(Filters):
    """Lets the documents pass that were not taken out; of many hundred, faster than by their names.

    The local store asks each document of a filter that is true.
    """

    keys: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return True

    def passes(self, key: str, metadata: Metadata) -> bool:
        """Whether the document is still there."""
        return key in self.keys


@dataclass(frozen=True, slots=True)
class Case:
    """A question as it is asked: its kind, where it is searched, whether anything answers.

    `question` is None where nothing is known to answer in the whole collection.
    """

    kind: str
    text: str
    answerable: bool
    question: JudgedQuestion | None = None
    among: Filters = field(default_factory=Filters)


def cases(
    collection: Collection,
    others: Sequence[Collection],
    entries: Sequence[Entry],
    relevant: Mapping[str, Keys[str]],
) -> Iterator[Case]:
    """All that a collection is asked. `relevant` are the keys that answer each question, by id."""
    dice = random.Random(SEED)
    asked = collection.sample(MOST).questions
    for question in asked:
        yield Case(WHOLE, question.text, True, question)
    for other in others:
        if other.name != collection.name and {other.name, collection.name} != AKIN:
            drawn = dice.sample(other.questions, min(OFF_TOPIC, len(other.questions)))
            yield from (Case(OFF, question.text, False) for question in drawn)
    for question in collection.sample(MOST).unanswerable:
        yield Case(LOOKALIKE, question.text, False)
    sources = {entry.document: source(entry) for entry in entries}
    names = sorted(set(sources.values()))
    if len(names) < len(entries):
        out = set(dice.sample(names, len(names) // 2))
        gone = frozenset(key for key, name in sources.items() if name in out)
        yield from without(SOURCE, gone, asked, sources, relevant)
    gone = half(asked, relevant, dice)
    yield from without(DOCUMENTS, gone, asked, sources, relevant)


def source(entry: Entry) -> str:
    """What several documents are from: the head of their own ids, before "-" or "#"."""
    return re.split("[-#]", entry.external_id or entry.document)[0]


def half(
    asked: Sequence[JudgedQuestion], relevant: Mapping[str, Keys[str]], dice: random.Random
) -> frozenset[str]:
    """Documents without which half of the questions have no answer left."""
    gone: set[str] = set()
    for question in dice.sample(asked, len(asked)):
        if sum(gone.issuperset(relevant[one.id]) for one in asked) >= len(asked) // 2:
            break
        gone |= set(relevant[question.id])
    return frozenset(gone)


def without(
    kind: str,
    gone: frozenset[str],
    asked: Sequence[JudgedQuestion],
    keys: Keys[str],
    relevant: Mapping[str, Keys[str]],
) -> Iterator[Case]:
    """The questions over what is left; those that lose some of their answers are left out."""
    among = Kept(keys=frozenset(keys) - gone)
    for question in asked:
        answers = set(relevant[question.id])
        if answers and (answers <= gone or not answers & gone):
            yield Case(kind, question.text, not answers & gone, question, among)
