"""What mail programs put around a name and a subject, taken off again. Pure."""

from __future__ import annotations

import re

_ANSWERED = re.compile(r"(?:(?:re|fwd?|aw|wg)(?:\[\d+\])?\s?:\s*)+(?:(?<=\s)|$)", re.I)
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.-])*")
_MOST_GIVEN = 3  # given names and initials
_BEFORE = frozenset("van von der den de del della di da dos du la le al el bin ibn ter zu".split())
_NOT_GIVEN = frozenset(  # after the comma of a company, or of a name in its usual order
    "inc ltd llc llp plc corp co gmbh ag sa bv nv pty phd md dphil ma msc ba mba esq jr sr ii iii "
    "iv mp mep qc kc".split()
)


def bare_subject(subject: str) -> str:
    """The subject without the marks of answers and forwards: "Re: AW: A levy" gives "A levy"."""
    marks = _ANSWERED.match(subject)
    return subject[marks.end() :] if marks else subject


def in_order(name: str) -> str:
    """ "Okonkwo, Ada" as "Ada Okonkwo"; every name that may be something else, as it stands.

    Before the comma stands one name, perhaps with a "van der" before it; after it, given names. So
    "Ada Okonkwo, Treasury" stays, and so does a surname of two words.
    """
    family, comma, given = (part.strip() for part in name.partition(","))
    last, first = family.split(), given.split()
    if not (comma and last and 1 <= len(first) <= _MOST_GIVEN):
        return name
    if not all(map(_WORD.fullmatch, (*last, *first))):
        return name
    if any(word.casefold() not in _BEFORE for word in last[:-1]) or not last[-1][0].isupper():
        return name
    if not all(word[0].isupper() for word in first):
        return name
    if any(word.replace(".", "").casefold() in _NOT_GIVEN for word in first):
        return name
    letters = any(len(word) > 1 and word.isupper() and "." not in word for word in first)
    if letters and not last[-1].isupper():  # "Okonkwo, MPP"
        return name
    return f"{' '.join(first)} {' '.join(last)}"
