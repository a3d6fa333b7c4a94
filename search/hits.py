"""What a search gives back: an answer with its hits."""

from __future__ import annotations

from dataclasses import dataclass

from kb.records import Entry, Passage, Span
from search.confidence.calibration import State
from search.confidence.features import Features
from search.retrieval.ranking import Signals


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentence of a passage that answers, at its place in the document's text."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A passage that says nothing more than a hit, to be cited as well as that."""

    passage: Passage
    entry: Entry
    citation: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a passage was found: what each signal brings to its score, and what they saw.

    `parts` add up to the score: meaning, words and phrases of the passage by itself, what its
    neighbours add (or take), and what reading it again beside the question does. The question's
    words that stand in the passage, its headings or its title are `found`, the others `missing`;
    `weight` is the found ones' share (0 to 1), a rare word counting more. `phrases` are pairs of
    its words that stand together there, or near each other ("charge … bus"). `cosine` is None
    where meaning was not asked.
    """

    parts: dict[str, float]
    cosine: float | None = None
    found: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    weight: float = 0.0
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, with its document's line in the catalogue and its citation.

    `score` compares within one store only. `confidence` is the probability that the passage
    answers, made of its `features`; None when it was found by meaning or by words alone. `evidence`
    and `link` are None where there is none. `before` and `after` are neighbours, `explanation` is
    there, where they were asked for. `also` are the passages that say the same.
    """

    rank: int
    score: float
    passage: Passage
    entry: Entry
    citation: str
    confidence: float | None = None
    evidence: Evidence | None = None
    link: str | None = None
    before: tuple[Passage, ...] = ()
    after: tuple[Passage, ...] = ()
    also: tuple[Copy, ...] = ()
    signals: Signals | None = None
    features: Features | None = None
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The hits for one question, best first, and notes on how it was understood.

    `assessed` is what the best hit's confidence says of them, None where it has none; `missing` are
    words of the question that none of the nearest passages mentions. `also_searched` are
    words that were searched for besides it. Hits with a confidence below `least` are only near.
    """

    question: str
    hits: tuple[Hit, ...]
    took_ms: float
    assessed: State | None = None
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    id: str | None = None
    also_searched: tuple[str, ...] = ()
    least: float = 0.0

    @property
    def likely(self) -> int:
        """How many hits may answer: after these, the first, come only such as are near."""
        return max(
            (
                rank
                for rank, hit in enumerate(self.hits, 1)
                if hit.confidence is None or hit.confidence >= self.least
            ),
            default=0,
        )

    @property
    def confidence(self) -> float | None:
        """How likely it is (0 to 1) that the best hit answers."""
        return self.hits[0].confidence if self.hits else None

    @property
    def state(self) -> State:
        """Answered, uncertain or nothing; where there is no confidence, whether there is a hit."""
        if not self.hits:
            return State.NOTHING
        return self.assessed or State.ANSWERED

    @property
    def answered(self) -> bool:
        """Whether the hits are shown as an answer, be it an uncertain one."""
        return self.state is not State.NOTHING
