"""The people that a line names: who wrote a document, in the order in which they stand. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BYLINE = re.compile(r"^\s*(?:written |posted |published )?by:?\s+", re.I)
_BETWEEN_PEOPLE = re.compile(r"\s*,\s+(?:and\s+)?|\s+(?:and|&|und|et|y)\s+")
_NOT_A_NAME = re.compile(  # what follows a name after a comma
    r"(?:[A-Z]\.?[A-Za-z]?\.?){1,4}|(?:.* )?(?:[Ee]ditor|[Rr]eporter|[Ww]riter|[Cc]orrespondent"
    r"|News|Business|Staff|\S+\.\w{2,3})"
)
_TURNED = re.compile(r"[^\W\d_][\w'’-]*, [^\W\d_][\w'’.-]*(?: \w\.?)?")  # "Lee, Ann B."
_PARTICLE = re.compile(r"al|bin|d[aeiou]|del|della|de[nr]|el|l[ae]|te[nr]|v[ao]n|y|zu")


def people(text: str) -> Iterator[str]:
    """The authors that one line names: "A; B", "Ann Lee, Bo Ek and Cy Orr", "Lee, Ann".

    Commas and "and" part people only, not the Department of Energy, Science and Transport.
    """
    for part in _BYLINE.sub("", text).split(";"):
        part = part.partition(" | ")[0].strip()
        first, *others = _BETWEEN_PEOPLE.split(part)
        persons = [first, *(other for other in others if not _NOT_A_NAME.fullmatch(other))]
        if others and all(map(is_person, persons)):
            yield from persons
        elif _TURNED.fullmatch(part):
            yield " ".join(reversed(part.split(", ")))
        else:
            yield part


def is_person(text: str) -> bool:
    """Whether this may be the name of a person: two to five words, capitals and particles."""
    words = text.split()
    if not 2 <= len(words) <= 5 or any(char.isdigit() for char in text):
        return False
    capital = [word[0].isupper() for word in words]
    particles = (high or _PARTICLE.fullmatch(w) for high, w in zip(capital, words, strict=True))
    return capital[0] and capital[-1] and all(particles)
