"""The form for judgements of one's own: `questions.jsonl`, beside the briefs or by itself.

A line is {"_id", "text", "kind"?, "answers": [{"source", "quote"}]}; no answers means that
nothing answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kb.errors import BadUsage
from search.evaluation.collections import Collection, JudgedQuestion, Quote, collection
from search.evaluation.lines import records, word

QUESTIONS = "questions.jsonl"
FORM = '{"_id": …, "text": …, "answers": [{"source": FILE, "quote": …}]}'


def read(folder: Path) -> Collection:
    """The questions in a folder, and the briefs beside them; BadUsage names a wrong line."""
    asked = list(_questions(folder / QUESTIONS))
    nothing = [question for question in asked if not question.judgements]
    answerable = [question for question in asked if question.judgements]
    return collection(folder, answerable, (str(folder),), unanswerable=nothing)


def _questions(path: Path) -> Iterator[JudgedQuestion]:
    seen: set[str] = set()
    for where, record in records(path, FORM):
        id = word(record, "_id", where, FORM)
        if id in seen:
            raise BadUsage(f"{where}: the _id {id!r} was given before. Give each question its own.")
        seen.add(id)
        kind = record.get("kind")
        yield JudgedQuestion(
            id,
            word(record, "text", where, FORM),
            tuple(_quotes(record, where)),
            str(kind) if kind else None,
        )
    if not seen:
        raise BadUsage(f"{path}: no question in it. Write a line each: {FORM}")


def _quotes(record: dict[str, Any], where: str) -> Iterator[Quote]:
    answers = record.get("answers")
    if not isinstance(answers, list) or not all(isinstance(answer, dict) for answer in answers):
        raise BadUsage(f"{where}: no list of answers. Write {FORM}")
    for answer in answers:
        yield Quote(word(answer, "source", where, FORM), word(answer, "quote", where, FORM))
