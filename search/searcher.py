"""A question becomes ranked, cited passages."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kb.encoder import Encoder
from kb.encoders import encoder_of
from kb.encoders.context import text_of
from kb.errors import BadUsage
from kb.filters import Filters, undated, what_there_is
from kb.keys import Reference
from kb.records import Entry, Passage
from kb.store import Store
from kb.text.lines import plural
from search.citations.citation import cite
from search.confidence.assessment import Judged
from search.confidence.calibration import calibration_for
from search.confidence.features import MENTIONS
from search.confidence.sureness import sureness
from search.hits import Answer, Copy, Evidence, Explanation, Hit
from search.query.answer_type import asked_for
from search.query.limits import language_notes, within_window
from search.query.question import Question
from search.query.requirements import demands
from search.retrieval.candidates import CANDIDATES, Asked, Legs
from search.retrieval.evidence import evidence_by_tokens, evidence_by_words
from search.retrieval.explanation import explained
from search.retrieval.ranking import MODES, Signals, ranked, total, with_documents
from search.retrieval.reranking import LateInteraction, Reading, Reranker, read_again
from search.retrieval.selection import Choice, choose


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many passages, found how, among which documents, with how many neighbours.

    `rerank`: whether the best are read again beside the question (by words alone: never, unless
    with a reranker of the user's). `diverse`: each as new as it is relevant. `explain`: why each
    was found. `plain`: the ranking as it is, nothing folded and no document held back. `exact`:
    nothing is searched for beside what was asked. `least`: the
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


class Searcher:
    """Asks one store, with one encoder, any number of questions. It never writes."""

    def __init__(
        self, store: Store, encoder: Encoder | None = None, reranker: Reranker | None = None
    ) -> None:
        """`encoder` is the store's own model when it is not given; it reads again as well."""
        self._store = store
        self._manifest = store.manifest
        self._encoder = encoder or encoder_of(self._manifest)
        self._reranker = reranker
        self._legs = Legs(store, self._encoder)
        self._entries: dict[str, Entry] = {}

    def ask(self, question: str, wanted: Wanted | None = None) -> Answer:
        """The passages that answer best, at most `wanted.limit`.

        BadUsage for an empty question; ModelMismatch when the encoder is not the store's.
        """
        began = time.perf_counter()
        wanted = wanted or Wanted()
        if wanted.mode not in MODES:
            raise BadUsage(f"there is no mode {wanted.mode!r}. There are: {', '.join(MODES)}.")
        text = " ".join(question.split())
        text = text.encode("utf-8", "replace").decode()  # an argument may hold bytes that are none
        if not text:
            raise BadUsage('the question is empty. Ask something: kb search "who pays the charge"')
        text, demanded = demands(text)
        among, notes = self._among(wanted.filters)
        if self._manifest.fingerprint is None:
            return Answer(question, (), _ms(began), notes=(*notes, "nothing is ingested yet"))
        if demanded and among != []:
            among = self._store.holding(demanded.phrases, demanded.without, among)
            if not among:
                notes += (f"no passage meets {demanded}",)
        if wanted.mode != "keyword":
            text, cut = within_window(text, self._encoder)
            notes += cut
        if among == []:
            return Answer(question, (), _ms(began), notes=notes)
        asked = self._legs.asked(Question.parse(text), wanted.mode, exact=wanted.exact)
        also = asked.also.words
        if also:
            notes += (f"also searched: {', '.join(also)}",)
        hits, sure = self._hits(asked, wanted, among)
        notes += sure.notes + language_notes(hits, self._encoder)
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

    def _among(self, filters: Filters) -> tuple[list[int] | None, tuple[str, ...]]:
        """The ids that the filters let pass, None for all, and what is to be said about it."""
        if not filters:
            return None, ()
        entries = self._store.entries()
        notes = []
        if left_out := undated(filters, entries):
            documents = plural(left_out, "document")
            notes.append(
                f"{left_out} {documents} without a date left out; state it: kb set DOC --date 2017"
            )
        passing = [entry.document for entry in entries if filters.passes(entry)]
        if not passing:
            notes.append(f"no document passes the filters; {what_there_is(filters, entries)}")
        return self._store.ids(passing), tuple(notes)

    def _hits(
        self, asked: Asked, wanted: Wanted, among: list[int] | None
    ) -> tuple[tuple[Hit, ...], Judged]:
        question, deep = asked.question, wanted
        while True:
            own, signals = self._legs.found(asked, deep.limit, among)
            places = self._store.places(list(signals))
            if wanted.mode == "hybrid":  # the other modes show what one signal alone finds
                signals = with_documents(signals, places)
            again = read_again(own, signals, wanted.mode, places) if wanted.rerank else ()
            readings = self._read(question, again, wanted)
            signals |= {id: replace(signals[id], late=one.score) for id, one in readings.items()}
            choices = self._choices(signals, places, wanted)
            depth = max(CANDIDATES, deep.limit)
            if len(choices) >= wanted.limit or len(signals) < depth:
                break
            deep = replace(deep, limit=4 * depth)  # so many were the same
        # what is shown is judged like the best, and stays where it is; a reranker judges nothing
        if not wanted.plain and self._reranker is None:
            shown = [one.id for one in choices[:MENTIONS] if one.id not in readings]
            readings |= self._read(question, shown, wanted)
        sure = Judged()  # nothing is said of what was found by meaning or words alone
        if wanted.mode == "hybrid":
            # a reranker of the user's is on a scale of its own
            late = {id: its.score for id, its in readings.items() if its.matches is not None}
            first = [id for id, _ in ranked(signals, wanted.mode, places, MENTIONS)]
            by_itself = {
                id: total(replace(signals[id], document=0.0, late=late.get(id)), wanted.mode)
                for id in (*first, *(choice.id for choice in choices))
            }
            calibration = calibration_for(self._encoder.name).moved(wanted.least)
            best = list(by_itself.items())
            sure = sureness(self._store, asked, best, own, late, calibration)
        why = self._explained(asked, wanted, {one.id: signals[one.id] for one in choices})
        hits = []
        for rank, choice in enumerate(choices, 1):
            one = self._copy(choice.passage)
            before, after = neighbours(self._store, one.passage, wanted.context)
            hits.append(
                Hit(
                    rank,
                    choice.score,
                    one.passage,
                    one.entry,
                    one.citation,
                    confidence=sure.confidence.get(choice.id),
                    evidence=self._evidence(question, one.passage, readings.get(choice.id)),
                    before=before,
                    after=after,
                    also=tuple(map(self._copy, choice.also)),
                    signals=signals[choice.id],
                    clues=sure.clues.get(choice.id),
                    explanation=why.get(choice.id),
                )
            )
        return tuple(hits), sure

    def _choices(
        self, signals: dict[int, Signals], places: dict[int, tuple[str, int]], wanted: Wanted
    ) -> list[Choice]:
        """The passages to show, of all that were found."""
        limit = wanted.limit if wanted.plain else len(signals)
        best = ranked(signals, wanted.mode, places, limit)
        if wanted.plain:
            passages = self._store.passages([id for id, _ in best])
            return [Choice(*one, passage) for one, passage in zip(best, passages, strict=True)]
        return choose(
            best,
            self._store.passages,
            wanted.limit,
            worth=lambda id: MODES[wanted.mode](signals[id]),
            vectors=self._store.vectors if wanted.diverse else None,
            of_one=bool(wanted.filters.documents),
        )

    def _explained(
        self, asked: Asked, wanted: Wanted, signals: dict[int, Signals]
    ) -> dict[int, Explanation]:
        """Why each of these passages was found, when it is asked."""
        if not wanted.explain or not signals:
            return {}
        own = self._legs.own(asked, signals)
        return explained(self._store, asked.question, asked.mode, own, signals)

    def _copy(self, passage: Passage) -> Copy:
        entry = self._entry(passage.document)
        return Copy(passage, entry, cite(entry, passage))

    def _read(self, question: Question, ids: Sequence[int], wanted: Wanted) -> dict[int, Reading]:
        """Passages read again beside the question, where that is wanted."""
        reranker = self._reranker
        if reranker is None and wanted.mode != "keyword":
            reranker = LateInteraction(self._encoder)
        if reranker is None or not wanted.rerank or not ids:
            return {}
        texts = [self._text(passage) for passage in self._store.passages(ids)]
        return dict(zip(ids, reranker.read(question.text, texts), strict=True))

    def _text(self, passage: Passage) -> str:
        return text_of(passage, self._entry(passage.document).title, self._encoder)

    def _evidence(
        self, question: Question, passage: Passage, reading: Reading | None
    ) -> Evidence | None:
        """The sentence that answers: by tokens where they are known, else by words."""
        if reading is None or reading.matches is None:
            return evidence_by_words(passage, question)
        offset = len(self._text(passage)) - len(passage.text)
        return evidence_by_tokens(passage, reading.matches, offset, asked_for(question.text))

    def _entry(self, key: str) -> Entry:
        if key not in self._entries:
            self._entries[key] = self._store.entry(key)
        return self._entries[key]


def neighbours(
    store: Store, passage: Passage, count: int
) -> tuple[tuple[Passage, ...], tuple[Passage, ...]]:
    """Up to `count` passages before and after a passage, in the order of the document."""
    if not count:
        return (), ()
    whole = store.edition(Reference(passage.document, passage.revision)).passages
    here = passage.ordinal - 1
    return whole[max(0, here - count) : here], whole[here + 1 : here + 1 + count]


def _ms(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)
