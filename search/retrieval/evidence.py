"""Which sentence of a passage answers, by the tokens that meet the question's. Pure."""

from __future__ import annotations

import re

from kb.records import Passage, Span
from search.hits import Evidence
from search.query.answer_type import asked_for
from search.query.question import WORD, Question, stem
from search.retrieval.late_interaction import Matches
from search.retrieval.reranking import Relevance
from search.retrieval.sentences import sentences

NAMES = 0.1  # of the whole similarity, for the date or the number that is asked for


def evidence_of(
    question: Question, passage: Passage, read: str, relevance: Relevance | None
) -> Evidence | None:
    """The sentence that answers: by tokens where they are known, else by words.

    `read` is the text that the tokens are of; it ends with the passage.
    """
    if relevance is None or relevance.matches is None:
        return evidence_by_words(passage, question)
    offset = len(read) - len(passage.text)
    return evidence_by_tokens(passage, relevance.matches, offset, asked_for(question.text))


def evidence_by_tokens(
    passage: Passage, matches: Matches, offset: int, wanted: re.Pattern[str] | None = None
) -> Evidence | None:
    """The sentence whose tokens together meet the question's tokens best, by weighted MaxSim.

    One with what is `wanted` may be a little worse. `offset` is where the passage begins in what
    the encoder read: the tokens of title and headings before it are no evidence. None where no
    token lies in the passage.
    """
    found = sentences(passage.text)
    best = -1.0
    chosen = None
    for sentence in found:
        columns = [
            column
            for column, (start, _) in enumerate(matches.spans)
            if sentence.start <= start - offset < sentence.end
        ]
        if not columns:
            continue
        score = float(matches.similarity[:, columns].max(axis=1) @ matches.weights)
        if wanted is not None and wanted.search(sentence.of(passage.text)):
            score += NAMES * float(matches.weights.sum())
        if score > best:
            best, chosen = score, sentence
    return _evidence(passage, chosen) if chosen else None


def evidence_by_words(passage: Passage, question: Question) -> Evidence | None:
    """The first sentence with the most terms of the question, by stem; None where there is none."""
    asked = {stem(term) for term in question.terms}
    counts = [
        (len(asked & {stem(word.group().lower()) for word in WORD.finditer(text)}), sentence)
        for sentence in sentences(passage.text)
        for text in [sentence.of(passage.text)]
    ]
    most, chosen = max(counts, key=lambda counted: counted[0], default=(0, None))
    return _evidence(passage, chosen) if most and chosen else None


def _evidence(passage: Passage, sentence: Span) -> Evidence:
    start = passage.span.start
    span = Span(start + sentence.start, start + sentence.end)
    return Evidence(span, sentence.of(passage.text))
