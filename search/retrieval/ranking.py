"""How a passage's score is made. Pure over numbers.

score = cosine + 0.3 · B + 0.1 · P, on an absolute scale: B is BM25 divided by the question's sum
of IDFs, P the same for its phrases. A chance match of one word stays weak that way, where rank
fusion or a min-max per question would stretch it to full strength; measured on five collections,
the optimum is flat.

A third of each part is that of the two passages next to it, as an answer often spreads over
several: nDCG@10 rises by .047 on transcripts, by .010 and .007 on guidance and abstracts, and
stays where it was on paragraphs that answer by themselves.

A passage is then lifted by a third of what it lies below the best of its document: what a document
is about speaks for its passages (Callan 1994), and that best one itself stays where it is. On
transcripts nDCG@10 rises by .020; where documents are short it moves by less than .001.

The best are then read again and get 1.5 · their late interaction on top (see `late_interaction`):
another .006, the most where a question is put in other words than the text. From 0.5 to 1.5 the
optimum is flat; 2 costs guidance .004.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TERMS = 0.3
PHRASES = 0.1
LATE = 1.5
NEIGHBOURS = 0.5  # what both neighbours count together, the passage's own signals being 1
DOCUMENT = 1 / 3  # of the way up to the best passage of the document


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for one passage: cosine, and the shares of terms and phrases (0 to 2.2).

    `document` is what the best passage of its document lifts it by. `late` (0 to 1) is None for a
    passage that was not read again.
    """

    cosine: float = 0.0
    terms: float = 0.0
    phrases: float = 0.0
    document: float = 0.0
    late: float | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that was put forward: its place, its row in the index's table, its signals.

    `own` are its signals by itself; `signals` have its neighbours' share, and what its document
    and reading it again bring.
    """

    id: int
    document: str
    ordinal: int
    row: int
    own: Signals
    signals: Signals

    def with_signals(self, document: float, late: float | None) -> Candidate:
        """The same with what its document lifts it by, and its late interaction."""
        its = self.signals  # not by `replace`, which takes twice as long
        signals = Signals(its.cosine, its.terms, its.phrases, document, late)
        return Candidate(self.id, self.document, self.ordinal, self.row, self.own, signals)


def mixed(own: Signals, near: Sequence[Signals]) -> Signals:
    """A passage's signals with the share of the one or two next to it.

    Where a document ends, the passage stands for its missing neighbour: one that is a document by
    itself keeps what it has.
    """
    one, other = (*near, own, own)[:2]
    return Signals(
        _mixed(own.cosine, one.cosine, other.cosine),
        _mixed(own.terms, one.terms, other.terms),
        _mixed(own.phrases, one.phrases, other.phrases),
    )


def _mixed(own: float, one: float, other: float) -> float:
    return (own + NEIGHBOURS * (one + other) / 2) / (1 + NEIGHBOURS)


def hybrid(signals: Signals) -> float:
    """Meaning and words together."""
    return signals.cosine + TERMS * signals.terms + PHRASES * signals.phrases


def semantic(signals: Signals) -> float:
    """Meaning alone."""
    return signals.cosine


def keyword(signals: Signals) -> float:
    """Words alone, phrases in the same proportion as in `hybrid`."""
    return signals.terms + PHRASES / TERMS * signals.phrases


MODES = {"hybrid": hybrid, "semantic": semantic, "keyword": keyword}


def total(signals: Signals, mode: str) -> float:
    """The score: the mode's own, and what its document and reading it again bring."""
    return MODES[mode](signals) + signals.document + LATE * (signals.late or 0.0)


def parts(own: Signals, mixed: Signals, mode: str) -> dict[str, float]:
    """What each signal brings to the score, by its name; they add up to it.

    `own` are those of the passage by itself, `mixed` with what stands around it, read again or not.
    """
    brings: dict[str, float] = {}
    if mode != "keyword":
        brings["meaning"] = own.cosine
    if mode != "semantic":
        scale = 1.0 if mode == "keyword" else TERMS
        brings["words"] = scale * own.terms
        brings["phrases"] = scale * PHRASES / TERMS * own.phrases
    brings["neighbours"] = MODES[mode](mixed) - MODES[mode](own)
    brings["document"] = mixed.document
    if mixed.late is not None:
        brings["reading"] = LATE * mixed.late
    return brings


def ranked(candidates: Iterable[Candidate], mode: str, limit: int | None = None) -> list[Candidate]:
    """The best `limit` candidates, ties by key and ordinal."""
    return sorted(
        candidates,
        key=lambda one: (-score(one, mode), one.document, one.ordinal),
    )[:limit]


def score(candidate: Candidate, mode: str) -> float:
    """The score that is shown and ranked by, in six digits."""
    return round(total(candidate.signals, mode), 6)


def lifted(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, each lifted by the best one of its document.

    Only what was found counts: the best one of a document, and one that is alone, get nothing.
    """
    best: dict[str, float] = {}
    scores = [hybrid(one.signals) for one in candidates]
    for one, its in zip(candidates, scores, strict=True):
        if its > best.get(one.document, its - 1):
            best[one.document] = its
    found = []
    for one, its in zip(candidates, scores, strict=True):
        lift = DOCUMENT * (best[one.document] - its)
        found.append(one.with_signals(lift, one.signals.late) if lift else one)
    return found
