"""The BEIR form: `corpus.jsonl`, `queries.jsonl`, `qrels.tsv` or spans in `evidence.jsonl`.

`queries_unanswerable.jsonl`, where it is there, holds questions that nothing answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from kb.errors import BadUsage
from kb.records import Span
from search.evaluation.collections import (
    Collection,
    Grade,
    JudgedQuestion,
    Judgement,
    Stretch,
    collection,
)
from search.evaluation.lines import lines, records, word

CORPUS = "corpus.jsonl"
QUERIES = "queries.jsonl"
UNANSWERABLE = "queries_unanswerable.jsonl"
QRELS = "qrels.tsv"
EVIDENCE = "evidence.jsonl"
QUERY_FORM = '{"_id": …, "text": …}'
CORPUS_FORM = '{"_id": …, "title": …, "text": …}'
EVIDENCE_FORM = '{"query-id": …, "doc-id": …, "start": 0, "end": 90}'
QRELS_FORM = "query-id, corpus-id and score, with tabs between them."


def read(folder: Path) -> Collection:
    """The collection in a folder; BadUsage names a wrong line, and an id that nothing bears."""
    corpus = folder / CORPUS
    documents = frozenset(
        word(record, "_id", where, CORPUS_FORM)
        for where, record in (records(corpus, CORPUS_FORM) if corpus.exists() else ())
    )
    asked = _queries(folder / QUERIES)
    path, judgements = _judgements(folder)
    found: dict[str, list[Judgement]] = defaultdict(list)
    for where, query, judgement in judgements(path):
        if query not in asked:
            raise BadUsage(f"{where}: there is no question {query!r} in {QUERIES}.")
        if documents and judgement.document not in documents:
            raise BadUsage(f"{where}: there is no document {judgement.document!r} in {CORPUS}.")
        if not isinstance(judgement, Grade) or judgement.grade > 0:
            found[query].append(judgement)
    questions = (
        JudgedQuestion(id, text, tuple(found[id]), kind) for id, (text, kind) in asked.items()
    )
    sources = (str(corpus),) if corpus.exists() else ()
    nothing = _queries(folder / UNANSWERABLE) if (folder / UNANSWERABLE).exists() else {}
    unanswerable = (JudgedQuestion(id, text, (), kind) for id, (text, kind) in nothing.items())
    return collection(folder, questions, sources, documents, unanswerable)


def _queries(path: Path) -> dict[str, tuple[str, str | None]]:
    """Text and kind of each question, by id."""
    asked: dict[str, tuple[str, str | None]] = {}
    for where, record in records(path, QUERY_FORM):
        id = word(record, "_id", where, QUERY_FORM)
        if id in asked:
            raise BadUsage(f"{where}: the _id {id!r} was given before. Give each question its own.")
        kind = record.get("kind")
        asked[id] = (word(record, "text", where, QUERY_FORM), str(kind) if kind else None)
    if not asked:
        raise BadUsage(f"{path}: no question in it. Write a line each: {QUERY_FORM}")
    return asked


Judgements = Iterator[tuple[str, str, Grade | Stretch]]


def _judgements(folder: Path) -> tuple[Path, Callable[[Path], Judgements]]:
    """The file of judgements, and what reads it."""
    for name, reader in ((QRELS, _qrels), ("qrels/test.tsv", _qrels), (EVIDENCE, _evidence)):
        if (folder / name).exists():
            return folder / name, reader
    raise BadUsage(f"{folder}: no judgements in this folder. Add {QRELS} or {EVIDENCE}.")


def _qrels(path: Path) -> Judgements:
    """(where, question, grade) of each line but the heading."""
    for number, (where, line) in enumerate(lines(path)):
        fields = [field.strip() for field in line.split("\t")]
        if number == 0 and fields[-1] == "score":
            continue
        try:
            query, document, score = fields
            grade = int(score)
        except ValueError as error:
            raise BadUsage(f"{where}: not a judgement. Write {QRELS_FORM}") from error
        yield where, query, Grade(document, grade)


def _evidence(path: Path) -> Judgements:
    """(where, question, stretch) of each line."""
    for where, record in records(path, EVIDENCE_FORM):
        query = word(record, "query-id", where, EVIDENCE_FORM)
        document = word(record, "doc-id", where, EVIDENCE_FORM)
        start, end = record.get("start"), record.get("end")
        if type(start) is not int or type(end) is not int or not 0 <= start < end:
            raise BadUsage(f"{where}: no stretch of text. Write {EVIDENCE_FORM}")
        yield where, query, Stretch(document, Span(start, end))
