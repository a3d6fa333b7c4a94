"""The known words nearest to one that no passage holds, as they stand in the passages.

What is kept are stems, and the distance between two stems says little of that between two words
("intelligense" and "intelligence" have "intelligens" and "intellig"). So words are proposed, their
stems looked up, and only words that stand in passages count. One edit away every word is proposed
(as in Norvig, "How to Write a Spelling Corrector", 2007); two edits away, stems are compared with
how the word begins.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection
from string import ascii_lowercase
from typing import TypeAlias

from kb.index.stems import Stemmer
from kb.local.catalogue.rows import as_json
from kb.local.lexical import lexicon

FORMS = 64  # passages that are read for the forms of a stem
STEMS = 40  # stems that are tried for a word two edits away
ENDLESS = 64  # letters that no word has
SHORT = 5  # letters of a stem that may differ by one edit only; shorter ones are not tried
_WORD = re.compile(r"[^\W\d_]+")

# of the passages that hold a stem, by its number, about so many
Holding: TypeAlias = Callable[[int, int], Collection[int]]


def folded(word: str) -> str:
    """A word in lower case without accents, as full-text search reads it."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFKD", word.lower())
    return "".join(part for part in parts if not unicodedata.combining(part))


def edits(word: str) -> set[str]:
    """All words of Latin letters one edit away: a letter more, less, other, or two swapped."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = {a + b[1:] for a, b in cuts if b}
    found.update(a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1)
    found.update(a + letter + b[1:] for a, b in cuts if b for letter in ascii_lowercase)
    found.update(a + letter + b for a, b in cuts for letter in ascii_lowercase)
    return found - {word}


def correction(db: sqlite3.Connection, word: str, most: int, holding: Holding) -> str | None:
    """The word at the smallest distance, at most `most` (2 at most); of equals the most frequent.

    The distance is that of optimal string alignment; None where no word is so near.
    """
    word = folded(word)
    if not 0 < len(word) <= ENDLESS or not set(word) <= set(ascii_lowercase):
        return None
    stemmer = Stemmer()
    one = edits(word)
    proposed = sorted(one)
    stems = dict(zip(proposed, (cut[:1] for cut in stemmer.words(proposed)), strict=True))
    known = lexicon.look_up(db, {stem for cut in stems.values() for stem in cut})
    near = {stem: (number, rows) for stem, (number, rows) in known.items() if rows}
    if found := _standing(db, near, one.__contains__, holding):
        return found
    if most < 2:
        return None
    from rapidfuzz.distance.OSA import distance

    near = _two_away(db, word)
    return _standing(db, near, lambda other: distance(word, other, score_cutoff=2) <= 2, holding)


def _two_away(db: sqlite3.Connection, word: str) -> dict[str, tuple[int, int]]:
    """The known stems that are nearest to a beginning of the word, with number and rows."""
    from rapidfuzz import process
    from rapidfuzz.distance.OSA import distance

    rows = db.execute(
        "SELECT term, id, rows FROM terms WHERE rows AND length(term) BETWEEN ? AND ?",
        (SHORT, len(word) + 2),
    )
    terms = {term: (number, rows) for term, number, rows in rows}
    by_length: dict[int, dict[str, str]] = {}
    for term in terms:
        begins = term[:-1] if term[-1] in "ei" else term  # "polici", of "policy"
        by_length.setdefault(len(begins), {})[term] = begins
    away: dict[str, float] = {}
    for length, some in by_length.items():
        most = 2 if length > SHORT else 1
        for end in range(length - most, min(length + most, len(word)) + 1):
            for _, edits, term in process.extract_iter(
                word[:end], some, scorer=distance, score_cutoff=most
            ):
                away[term] = min(edits, away.get(term, edits))
    order = sorted(away, key=lambda term: (away[term], -len(term), -terms[term][1], term))
    return {term: terms[term] for term in order[:STEMS]}


def _standing(
    db: sqlite3.Connection,
    stems: dict[str, tuple[int, int]],
    is_near: Callable[[str], bool],
    holding: Holding,
) -> str | None:
    """Of the most frequent stem that stands as a near word the form that stands most often."""
    for stem in sorted(stems, key=lambda stem: (-stems[stem][1], stem)):
        times = _words(db, holding(stems[stem][0], FORMS))
        forms = [form for form in times if is_near(form)]
        if forms:
            return min(forms, key=lambda form: (-times[form], form))
    return None


def _words(db: sqlite3.Connection, ids: Collection[int]) -> Counter[str]:
    """All words of these passages and their contexts, folded, and how often they stand there."""
    rows = db.execute(
        "SELECT context, text FROM passages WHERE id IN (SELECT value FROM json_each(?))",
        (as_json(ids),),
    )
    typed = Counter(word for texts in rows for text in texts for word in _WORD.findall(text))
    times: Counter[str] = Counter()
    for word, count in typed.items():
        times[folded(word)] += count
    return times
