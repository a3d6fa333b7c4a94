"""What an ablation takes apart, and how a stage is asked: through Searcher.ask, as by kb search."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from search.confidence.calibration import State
from search.evaluation.collections import Collection
from search.evaluation.judging import item
from search.evaluation.runs import DEPTH, Ranking, Run
from search.hits import Copy, Hit
from search.searcher import Searcher, SearchOptions

# The one place that knows the stages of a search, in their order. A stage that the searcher
# gains is a line here; the last one is what kb search does.
STAGES = {
    "dense": SearchOptions(mode="semantic", rerank=False),
    "lexical": SearchOptions(mode="keyword", rerank=False),
    "fused": SearchOptions(mode="hybrid", rerank=False),
    "reranked": SearchOptions(mode="hybrid"),
}
PASSAGES = 400  # asked for to rank documents: a hundred of them, at up to four passages each


def run_of(
    searcher: Searcher,
    collection: Collection,
    wanted: SearchOptions,
    progress: Callable[[int], None] = lambda questions: None,
) -> tuple[Run, dict[str, State]]:
    """The ranking of each question, and the state of each answer."""
    wanted = replace(wanted, limit=PASSAGES if collection.by_document else DEPTH)
    run = {}
    states = {}
    for question in collection.questions:
        answer = searcher.ask(question.text, wanted)
        run[question.id] = (documents if collection.by_document else passages)(answer.hits)
        states[question.id] = answer.state
        progress(1)
    return run, states


def passages(hits: Iterable[Hit]) -> Ranking:
    """The passages, best first, and after each those that it names as saying the same."""
    return tuple((one.passage.pinned, hit.score) for hit in hits for one in _cited(hit))[:DEPTH]


def documents(hits: Iterable[Hit]) -> Ranking:
    """The documents, each at the place and with the score of its best passage."""
    best: dict[str, float] = {}
    for hit in hits:
        for one in _cited(hit):
            best.setdefault(item(one.entry), hit.score)
    return tuple(best.items())[:DEPTH]


def _cited(hit: Hit) -> tuple[Hit | Copy, ...]:
    """A hit and what it names: who asks sees them all."""
    return (hit, *hit.also)
