"""What kind of thing a question asks for, and whether a sentence names one. Pure.

Of two sentences in the words of the question, the one with a date answers "when", the one with a
number "how many". Other kinds (who, where) hardly show in a sentence.
"""

from __future__ import annotations

import re

from kb.text.dates import MONTHS

_VERB = "did|does|do|is|are|was|were|will|would|should|must|can|could|has|have|had|may|might"
_WHEN = re.compile(
    rf"\bwhen (?:{_VERB})\b|\b(?:what|which) (?:year|date|month|day|century)\b", re.I
)
_HOW_MUCH = re.compile(
    r"\bhow (?:many|much|long|old|often|far|large|big|high|tall|fast)\b"
    r"|\b(?:what|which) (?:share|percentage|proportion|fraction|number|amount|rate|age)\b",
    re.I,
)
_MONTH = "|".join(MONTHS)
_DATE = re.compile(
    rf"\b(?:1\d|20)\d\d\b|\b(?:{_MONTH}) \d|\d (?:{_MONTH})\b|\bfy ?\d\d"
    r"|\d(?:st|nd|rd|th) century\b",
    re.I,
)
_NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty"
    r"|sixty|seventy|eighty|ninety|dozen|hundred|thousand|million|billion|half|third|quarter|twice"
    r"|once|double|none|every)\b",
    re.I,
)


def asked_for(question: str) -> re.Pattern[str] | None:
    """What a sentence must hold to name the date or the number that is asked for, if one is."""
    if _WHEN.search(question):
        return _DATE
    return _NUMBER if _HOW_MUCH.search(question) else None
