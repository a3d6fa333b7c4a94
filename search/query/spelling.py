"""How a word is spelt on the other side of the Atlantic: labour, labor. Pure.

Rules, not a list of words: they say what the other spelling would be; whether there is such a word
is for the passages to say.
"""

from __future__ import annotations

import re

_VERB = "e|ed|er|ers|es|ing|able|ations?|ational"
# what stands before, the British letters, the American ones, what stands after
_RULES = (
    (r"\w{2,}", "our", "or", r"\w*"),  # labour, behavioural, neighbourhood
    (r"\w{3,}", "is", "iz", _VERB),  # organise, modernisation
    (r"\w{2,}l", "ys", "yz", _VERB),  # analyse
    (r"\w{2,}[btv]", "re", "er", "s?"),  # centre, fibre
    (r"\w{2,}en", "c", "s", "es?|eless"),  # defence, licence
    (r"\w{2,}og", "ue", "", "s?"),  # catalogue, dialogue
    ("program", "me", "", "s?"),
    (r"\w{2,}[aeiou]l", "l", "", "ed|ings?|ers?|ors?"),  # travelled, counsellor
    (r"\w{2,}?[aeiou]l", "", "l", "|s|ments?|ful|fully"),  # enrolment, fulfil, skilful
    (r"\w*", "paed", "ped", r"\w*"),
    (r"\w*", "haem", "hem", r"\w*"),
    (r"\w*", "aemi", "emi", r"\w*"),
    (r"\w*", "faec", "fec", r"\w*"),
    (r"\w*", "foet", "fet", r"\w*"),
    (r"\w*", "oedem", "edem", r"\w*"),
    (r"\w*", "oestr", "estr", r"\w*"),
    (r"\w*", "rhoea", "rhea", r"\w*"),
    ("gyn", "aec", "ec", r"\w*"),
    ("man", "oeuvre", "euver", "s?"),
    ("arch", "ae", "e", r"o\w*"),
    ("", "sceptic", "skeptic", r"\w*"),
    ("", "grey", "gray", r"\w*"),
    ("", "plough", "plow", r"\w*"),
    ("", "mould", "mold", r"\w*"),
    ("(?:judg|acknowledg|abridg)", "e", "", "ments?"),
    ("ag", "e", "", "ing"),
    ("alumin", "i", "", "um"),
)
_WAYS = tuple(
    (re.compile(f"({before}){one}({after})"), other)
    for before, british, american, after in _RULES
    for one, other in ((british, american), (american, british))
)


def otherwise(word: str) -> tuple[str, ...]:
    """What a word, in lower case, would be in the other spelling; none where no rule fits it."""
    found = [
        fits[1] + other + fits[2] for pattern, other in _WAYS if (fits := pattern.fullmatch(word))
    ]
    return tuple(dict.fromkeys(found))
