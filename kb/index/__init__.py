"""What may answer? The Index contract: candidates for a question, and what is known of its words.

An index is derived from a catalogue and bears its generation. Each call sees the newest state that
is committed, whole: what is in no index yet is looked at all the same. Ids are integers that the
index gives to the passages of today's revisions; none is given twice. Engines need to agree on
candidates alone: what a candidate is worth is computed from them, by pure functions (`scores`).

Words are those of `stems.Stemmer`, over a passage's title, headings and text; the two columns
(title and headings; text) are apart, so that no phrase runs from one into the other.
"""

from __future__ import annotations

from typing import Protocol

from kb.index.candidates import CandidateQuery, Candidates
from kb.index.words import WordFacts, WordQuery


class Index(Protocol):
    """Passages of today's revisions, by meaning and by words."""

    @property
    def size(self) -> int:
        """How many passages can be found."""

    def look_up(self, query: WordQuery) -> WordFacts:
        """What is known of some words: how often they stand, what is near them, what holds them."""

    def candidates(self, query: CandidateQuery) -> Candidates:
        """The passages that a question's vector and clauses put forward, with what scores need.

        The vector puts forward the `depth` passages nearest to it by inner product, the leading
        clauses the `depth` best by BM25 (`scores.bm25`), ties by key and ordinal, both among what
        passes filters and required phrases. Exact, or the manifest states the recall; the
        leading clauses need not bring more passages than an engine can bear, the rarest come first.
        ModelMismatch when the vector is of another encoder than those kept.
        """

    def update(self) -> None:
        """Take into the index what the catalogue has beyond it, when that is much; else nothing."""
