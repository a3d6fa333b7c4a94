"""A collection and a store become figures: each stage's ranking, measured, and compared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from kb.errors import BadUsage
from kb.store import Store
from search.confidence.calibration import State
from search.evaluation.collections import Collection
from search.evaluation.judging import Judge, Relevant, item
from search.evaluation.measures import measured
from search.evaluation.runs import Run, token
from search.evaluation.significance import Difference, Estimate, difference, estimate
from search.evaluation.stages import run_of
from search.searcher import Searcher, SearchOptions

ALL = "all"
NO_ANSWER = "unanswerable"

# of each group of questions with an answer and without, how many answers of each state
States: TypeAlias = Mapping[str, Mapping[State, int]]
# of each group of questions, of each measure
Figures: TypeAlias = Mapping[str, Mapping[str, Estimate]]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one stage reached: its run, the value for each question, and the figures."""

    run: Run
    values: Mapping[str, Sequence[float]]
    figures: Figures


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A collection asked of a store: what each stage reached, and of what.

    `known` are the documents that can be ranked, each with its revision where passages are;
    `states` are those of the last stage, where it knows confidence.
    """

    collection: Collection
    groups: Mapping[str, Sequence[int]]
    relevant: Mapping[str, Relevant]
    stages: Mapping[str, Measured]
    known: frozenset[str]
    passages: int
    model: str
    states: States = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def last(self) -> Measured:
        """The stage that all others lead to."""
        return list(self.stages.values())[-1]


def evaluate(
    collection: Collection,
    store: Store,
    stages: Mapping[str, SearchOptions],
    progress: Callable[[int], None] = lambda questions: None,
) -> Evaluation:
    """Every question of the collection, asked at every stage; progress is told of each."""
    relevant, notes = Judge(store).relevance(collection)
    searcher = Searcher(store)
    groups = grouped([question.kind for question in collection.questions])
    found = {}
    said: States = {}
    for name, wanted in stages.items():
        run, states = run_of(searcher, collection, wanted, progress)
        said = _states(searcher, collection, states, wanted) if wanted.mode == "hybrid" else {}
        values = measured(relevant, run)
        found[name] = Measured(run, values, _figures(values, groups))
    return Evaluation(
        collection,
        groups,
        relevant,
        found,
        known=frozenset(
            item(entry) if collection.by_document else f"{entry.document}@{entry.revision}"
            for entry in store.entries()
        ),
        passages=store.size,
        model=store.manifest.fingerprint or "no model",
        states=said,
        notes=notes,
    )


def grouped(kinds: Sequence[str | None]) -> dict[str, list[int]]:
    """The numbers of all questions, and of those of each kind where there are kinds."""
    groups = {ALL: list(range(len(kinds)))}
    for kind in dict.fromkeys(kinds):
        if kind is not None and kind != ALL:
            groups[kind] = [number for number, its in enumerate(kinds) if its == kind]
    return groups


def compared(evaluation: Evaluation, run: Run, name: str) -> dict[str, Difference]:
    """What the last stage has over a run of an earlier time, by measure.

    BadUsage for a run of other questions or of other items: passages that were cut anew, or are
    of another knowledge base, cannot be compared.
    """
    theirs = {question: run.get(token(question), ()) for question in evaluation.relevant}
    if not any(theirs.values()):
        raise BadUsage(f"{name}: a run of other questions; none of these is in it.")
    items = {item for ranking in theirs.values() for item, _ in ranking}
    if evaluation.collection.by_document:
        comparable = not items.isdisjoint(evaluation.known)
    else:
        comparable = {item.rpartition("#")[0] for item in items} <= evaluation.known
    if not comparable:
        raise BadUsage(
            f"{name}: a run of other passages (cut anew, or of another knowledge base). "
            "Write it again with: kb eval FOLDER --run FILE"
        )
    before = measured(evaluation.relevant, theirs)
    return {
        measure: difference(values, before[measure])
        for measure, values in evaluation.last.values.items()
    }


def _states(
    searcher: Searcher, collection: Collection, states: Mapping[str, State], wanted: SearchOptions
) -> States:
    """What was said of the questions with an answer, and what is said of those without."""
    found: dict[str, Mapping[State, int]] = {}
    answerable = [states[question.id] for question in collection.questions]
    for group, numbers in grouped([its.kind for its in collection.questions]).items():
        found[group] = Counter(answerable[number] for number in numbers)
    without: dict[str, list[State]] = defaultdict(list)
    for its in collection.unanswerable:
        kind = its.kind or NO_ANSWER
        group = f"{kind}, {NO_ANSWER}" if kind in found else kind
        without[group].append(searcher.ask(its.text, wanted).state)
    return found | {group: Counter(its) for group, its in without.items()}


def _figures(values: Mapping[str, Sequence[float]], groups: Mapping[str, Sequence[int]]) -> Figures:
    return {
        group: {
            measure: estimate([found[number] for number in numbers])
            for measure, found in values.items()
        }
        for group, numbers in groups.items()
    }
