"""A question becomes ranked, cited passages."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kb.encoder import Encoder
from kb.encoders import encoder_of
from kb.encoders.context import text_of
from kb.errors import BadUsage
from kb.filters import Filters
from kb.index.candidates import Candidates
from kb.records import Entry, Passage
from kb.store import Store
from search.citations.citation import cite
from search.confidence.assessment import Assessment, assess
from search.confidence.calibration import calibration_for
from search.confidence.features import MENTIONS
from search.hits import Answer, Copy, Hit
from search.query.limits import language_notes, within_window
from search.query.question import Question
from search.query.requirements import Requirements, requirements
from search.retrieval.candidates import DEPTH, PreparedQuery, prepare, scored
from search.retrieval.evidence import evidence_of
from search.retrieval.explanation import explained
from search.retrieval.passing import notes_on
from search.retrieval.ranking import MODES, Candidate, lifted, ranked, score, total
from search.retrieval.reranking import LateInteraction, Relevance, Reranker, to_rerank
from search.retrieval.selection import LOOK, Choice, choose

DEEPER = 16  # times as many candidates, where most of the first say the same

Kept = Mapping[int, tuple[Passage, Entry]]


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How many passages, found how, among which documents, with how many neighbours.

    `rerank`: whether the best are read again beside the question (by words alone: never, unless
    with a reranker of the user's). `diverse`: each as new as it is relevant. `explain`: why each
    was found. `plain`: the ranking as it is, nothing folded and no document held back. `exact`:
    nothing is searched for besides what was asked. `least`: the
    confidence below which an answer is none, where it is not the calibrated one.
    """

    limit: int = 5
    mode: str = "hybrid"
    filters: Filters = field(default_factory=Filters)
    context: int = 0
    rerank: bool = True
    diverse: bool = False
    explain: bool = False
    plain: bool = False
    exact: bool = False
    least: float | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """What one look into the index gave: its table, the candidates by score, the texts of the best,
    what reading them beside the question said, and what is to be shown of them."""

    table: Candidates
    candidates: Mapping[int, Candidate]
    kept: Kept
    read: Mapping[int, Relevance]
    choices: Sequence[Choice]


class Searcher:
    """Asks one store, with one encoder, any number of questions, from any number of threads.

    It never writes. A question costs at most six calls of the store: what is known of its words,
    candidates, passages; these two once more where most of the first candidates say the same; and
    neighbours where they are asked for. The first question also has the store opened (`refresh`),
    and as long as nothing is kept, each looks whether something is (`manifest`).
    """

    def __init__(
        self, store: Store, encoder: Encoder | None = None, reranker: Reranker | None = None
    ) -> None:
        """`encoder` is the store's own model when it is not given; it reads again as well."""
        manifest = store.manifest
        self._store = store
        self._encoder = encoder or encoder_of(manifest)
        self._reranker = reranker
        self._first = True  # nothing was asked yet
        self._empty = manifest.fingerprint is None

    def ask(self, question: str, options: SearchOptions | None = None) -> Answer:
        """The passages that answer best, at most `options.limit`.

        BadUsage for an empty question; ModelMismatch when the encoder is not the store's.
        """
        began = time.perf_counter()
        options = options or SearchOptions()
        if options.mode not in MODES:
            raise BadUsage(f"there is no mode {options.mode!r}. There are: {', '.join(MODES)}.")
        text = " ".join(question.split())
        text = text.encode("utf-8", "replace").decode()  # an argument may hold bytes that are none
        if not text:
            raise BadUsage('the question is empty. Ask something: kb search "who pays the charge"')
        text, required = requirements(text)
        if self._empty and self._is_empty():
            return Answer(question, (), _ms(began), notes=("nothing is ingested yet",))
        notes: tuple[str, ...] = ()
        if options.mode != "keyword":
            text, notes = within_window(text, self._encoder)
        first, self._first = self._first, False
        asked = prepare(
            Question.parse(text),
            options.mode,
            self._store,
            self._encoder,
            exact=options.exact,
            first=first,
        )
        found = self._found(asked, options, required)
        before = notes_on(found.table, options.filters, required, self._store.entries)
        if not found.table.passing:
            return Answer(question, (), _ms(began), notes=(*before, *notes))
        also = asked.expansion.words
        if also:
            notes += (f"also searched: {', '.join(also)}",)
        hits, sure = self._hits(asked, options, found)
        notes = (*before, *notes, *sure.notes, *language_notes(hits, self._encoder))
        return Answer(
            question,
            hits,
            _ms(began),
            sure.state,
            sure.missing,
            notes,
            also_searched=also,
            least=sure.least,
        )

    def _is_empty(self) -> bool:
        """Whether nothing is kept yet, so that the model need not be loaded."""
        self._empty = self._store.manifest.fingerprint is None
        return self._empty

    def _found(
        self, asked: PreparedQuery, options: SearchOptions, required: Requirements
    ) -> _Found:
        """The candidates, ranked, and those to show; once more where too many say the same."""
        depth = max(DEPTH, options.limit)
        found = self._looked(asked, options, required, depth)
        if len(found.choices) < options.limit and len(found.candidates) >= depth:
            found = self._looked(asked, options, required, DEEPER * depth)
        return found

    def _looked(
        self, asked: PreparedQuery, options: SearchOptions, required: Requirements, depth: int
    ) -> _Found:
        mode = options.mode
        table = self._store.candidates(asked.candidate_query(depth, options.filters, required))
        found = scored(table, asked)
        if mode == "hybrid":  # the other modes show what one signal alone finds
            found = lifted(found)
        again = to_rerank(found, mode) if options.rerank else []
        # what is read again only rises: nothing from further down comes among the best
        fetched = [*ranked(found, mode, self._look(options, depth)), *again]
        kept = self._store.passages(list(dict.fromkeys(one.id for one in fetched)))
        gone = {one.id for one in fetched if one.id not in kept}  # by a writer, meanwhile
        read = self._read(asked.question, [one.id for one in again], kept, options)
        candidates = {one.id: one for one in found if one.id not in gone}
        for id, its in read.items():
            one = candidates[id]
            candidates[id] = one.with_signals(one.signals.document, its.score)
        choices = self._choices(candidates, table, kept, options)
        return _Found(table, candidates, kept, read, choices)

    def _look(self, options: SearchOptions, depth: int) -> int | None:
        """The texts of how many of the best are needed, None for all of them."""
        if options.plain:
            return options.limit
        few = 2 * options.limit <= LOOK and depth == DEPTH
        return LOOK if few else None

    def _choices(
        self,
        candidates: Mapping[int, Candidate],
        table: Candidates,
        kept: Kept,
        options: SearchOptions,
    ) -> list[Choice]:
        """The passages to show, of all whose texts are known."""
        best = ranked((one for id, one in candidates.items() if id in kept), options.mode)
        if options.plain:
            return [Choice(one) for one in best[: options.limit]]
        return choose(
            best,
            {id: passage for id, (passage, _) in kept.items()},
            options.limit,
            mode=options.mode,
            vectors=table.vectors if options.diverse else None,
            of_one=bool(options.filters.documents),
        )

    def _hits(
        self, asked: PreparedQuery, options: SearchOptions, found: _Found
    ) -> tuple[tuple[Hit, ...], Assessment]:
        candidates, kept, choices = found.candidates, found.kept, found.choices
        read = dict(found.read)
        # what is shown is judged like the best, and stays where it is; a reranker judges nothing
        if not options.plain and self._reranker is None:
            shown = [one.candidate.id for one in choices[:MENTIONS]]
            read |= self._read(
                asked.question, [id for id in shown if id not in read], kept, options
            )
        sure = Assessment()  # nothing is said of what was found by meaning or words alone
        if options.mode == "hybrid":
            sure = self._assessed(asked, options, found, read)
        why = {}
        if options.explain:
            why = explained(found.table, asked, [one.candidate for one in choices])
        passages = [kept[one.candidate.id][0] for one in choices]
        around: Sequence[tuple[tuple[Passage, ...], tuple[Passage, ...]]]
        around = [((), ())] * len(choices)
        if options.context and choices:
            around = self._store.neighbours(passages, options.context)
        hits = []
        for rank, (choice, (before, after)) in enumerate(zip(choices, around, strict=True), 1):
            id = choice.candidate.id
            passage, entry = kept[id]
            hits.append(
                Hit(
                    rank,
                    score(choice.candidate, options.mode),
                    passage,
                    entry,
                    cite(entry, passage),
                    confidence=sure.confidence.get(id),
                    evidence=evidence_of(
                        asked.question, passage, self._text(passage, entry), read.get(id)
                    ),
                    before=before,
                    after=after,
                    also=tuple(_copy(*kept[one]) for one in choice.also),
                    signals=candidates[id].signals,
                    features=sure.features.get(id),
                    explanation=why.get(id),
                )
            )
        return tuple(hits), sure

    def _assessed(
        self,
        asked: PreparedQuery,
        options: SearchOptions,
        found: _Found,
        read: Mapping[int, Relevance],
    ) -> Assessment:
        """How sure the best and those that are shown are."""
        # a reranker of the user's is on a scale of its own
        late = {id: its.score for id, its in read.items() if its.matches is not None}
        first = ranked(found.candidates.values(), options.mode, MENTIONS)
        by_itself = {
            one.id: total(replace(one.signals, document=0.0, late=late.get(one.id)), options.mode)
            for one in (*first, *(choice.candidate for choice in found.choices))
        }
        own = {id: found.candidates[id].own for id in by_itself}
        calibration = calibration_for(self._encoder.name).moved(options.least)
        return assess(found.table, asked, list(by_itself.items()), own, late, calibration)

    def _read(
        self, question: Question, ids: Iterable[int], kept: Kept, options: SearchOptions
    ) -> dict[int, Relevance]:
        """Passages read again beside the question, where that is wanted."""
        reranker = self._reranker
        if reranker is None and options.mode != "keyword":
            reranker = LateInteraction(self._encoder)
        there = [id for id in ids if id in kept]
        if reranker is None or not options.rerank or not there:
            return {}
        texts = [self._text(*kept[id]) for id in there]
        return dict(zip(there, reranker.read(question.text, texts), strict=True))

    def _text(self, passage: Passage, entry: Entry) -> str:
        return text_of(passage, entry.title, self._encoder)


def _copy(passage: Passage, entry: Entry) -> Copy:
    return Copy(passage, entry, cite(entry, passage))


def _ms(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)
