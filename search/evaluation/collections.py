"""Questions with judgements, in a folder of one of two forms.

The BEIR form (Thakur et al. 2021): `corpus.jsonl`, `queries.jsonl`, and `qrels.tsv` or
`evidence.jsonl`. The form for one's own: briefs, and `questions.jsonl` with quotes that answer.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from kb.errors import BadUsage
from kb.records import Span

SEED = 1


@dataclass(frozen=True, slots=True)
class Grade:
    """A document that answers, by its own id, and how well (1 and more)."""

    document: str
    grade: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a document's text that answers; the document by its own id."""

    document: str
    span: Span


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a document that answer; the document by its file's name, URL or key."""

    source: str
    text: str


Judgement: TypeAlias = Grade | Stretch | Quote


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question and what answers it; `kind` groups questions that are measured by themselves."""

    id: str
    text: str
    judgements: tuple[Judgement, ...]
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """Questions that something answers, and what is to be ingested to ask them.

    `documents` are the own ids of all documents where the folder says them; nothing answers the
    `unanswerable` questions; `left_out` counts those of which nobody says what answers.
    """

    name: str
    questions: tuple[JudgedQuestion, ...]
    sources: tuple[str, ...]
    documents: frozenset[str] = frozenset()
    left_out: int = 0
    unanswerable: tuple[JudgedQuestion, ...] = ()

    @property
    def by_document(self) -> bool:
        """Whether documents are ranked, each by its best passage; else passages are."""
        return isinstance(self.questions[0].judgements[0], Grade)

    def sample(self, count: int | None) -> Collection:
        """The collection with so many of its questions, drawn from a fixed seed, in order.

        Of those that nothing answers, so many as well.
        """
        return replace(
            self,
            questions=_drawn(self.questions, count),
            unanswerable=_drawn(self.unanswerable, count),
        )


def _drawn(questions: tuple[JudgedQuestion, ...], count: int | None) -> tuple[JudgedQuestion, ...]:
    if count is None or count >= len(questions):
        return questions
    drawn = sorted(random.Random(SEED).sample(range(len(questions)), count))
    return tuple(questions[index] for index in drawn)


def collection(
    folder: Path,
    questions: Iterable[JudgedQuestion],
    sources: tuple[str, ...],
    documents: frozenset[str] = frozenset(),
    unanswerable: Iterable[JudgedQuestion] = (),
) -> Collection:
    """The collection of all that was read; BadUsage when no question has a judgement."""
    everything = tuple(questions)
    nothing = tuple(unanswerable)
    answerable = tuple(question for question in everything if question.judgements)
    if not answerable:
        count = len(everything) + len(nothing)
        raise BadUsage(f"{folder}: none of its {count} questions has a judgement.")
    name = folder.resolve().name
    left_out = len(everything) - len(answerable)
    return Collection(name, answerable, sources, documents, left_out, nothing)
