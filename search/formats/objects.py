"""Answers, hits and passages as the JSON objects of the contract. Pure.

Unknown is null, never an empty string; offsets are characters of the document's text.
"""

from __future__ import annotations

from typing import Any

from kb.commands.objects import document_facts
from kb.records import Passage
from search.formats.explanations import closeness
from search.hits import Answer, Copy, Explanation, Hit


def answer_object(answer: Answer) -> dict[str, Any]:
    """What `kb search --format json` prints."""
    identity = {} if answer.id is None else {"_id": answer.id}
    also = {"also_searched": list(answer.also_searched)} if answer.also_searched else {}
    return {
        **identity,
        "question": answer.question,
        "answered": answer.answered,
        "state": str(answer.state),
        "missing": list(answer.missing),
        "confidence": answer.confidence,
        "took_ms": answer.took_ms,
        **also,
        "hits": [hit_object(hit) for hit in answer.hits],
    }


def hit_object(hit: Hit) -> dict[str, Any]:
    """One hit; `context` and `explain` are there when they were asked for."""
    passage, entry, evidence = hit.passage, hit.entry, hit.evidence
    context = {}
    if hit.before or hit.after:
        context["context"] = {
            "before": [passage_object(near) for near in hit.before],
            "after": [passage_object(near) for near in hit.after],
        }
    explain = {} if hit.explanation is None else {"explain": explain_object(hit.explanation)}
    return {
        "rank": hit.rank,
        "score": hit.score,
        "confidence": hit.confidence,
        "passage": passage.reference,
        "pinned": passage.pinned,
        "document": passage.document,
        "external_id": entry.external_id,
        **document_facts(entry),
        "link": hit.link,
        **place_object(passage),
        "text": passage.text,
        "evidence": evidence
        and {"start": evidence.span.start, "end": evidence.span.end, "text": evidence.text},
        "citation": hit.citation,
        "also": [copy_object(copy) for copy in hit.also],
        **context,
        **explain,
    }


def copy_object(copy: Copy) -> dict[str, Any]:
    """A passage that says the same as a hit."""
    return {
        "passage": copy.passage.reference,
        "pinned": copy.passage.pinned,
        "document": copy.passage.document,
        "title": copy.entry.title,
        "source": copy.entry.source,
        "citation": copy.citation,
    }


def explain_object(why: Explanation) -> dict[str, Any]:
    """Why a passage was found; what was not asked for is null."""
    return {
        # what is next to nothing has no sign: -0.0 + 0.0 is 0.0
        "parts": {name: round(part, 6) + 0.0 for name, part in why.parts.items()},
        "meaning": None
        if why.cosine is None
        else {"cosine": round(why.cosine, 6), "in_words": closeness(why.cosine)},
        "words": {
            "found": list(why.found),
            "missing": list(why.missing),
            "weight": round(why.weight, 6),
        }
        if "words" in why.parts
        else None,
        "phrases": list(why.phrases) if "phrases" in why.parts else None,
    }


def place_object(passage: Passage) -> dict[str, Any]:
    """Where a passage stands."""
    pages = passage.pages or (None, None)
    labels = passage.page_labels or (None, None)
    return {
        "heading": list(passage.heading),
        "page": pages[0],
        "page_end": pages[1],
        "page_label": labels[0],
        "page_label_end": labels[1],
        "paragraph": passage.paragraph,
        "start": passage.span.start,
        "end": passage.span.end,
    }


def passage_object(passage: Passage) -> dict[str, Any]:
    """A passage by itself, as in `kb show DOC --format json`."""
    where = place_object(passage)
    first = {name: where.pop(name) for name in ("paragraph", "start", "end")}
    return {"passage": passage.reference, **first, "text": passage.text, **where}
