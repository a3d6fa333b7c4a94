"""What stands before the entries of a list: bullets, numbers, letters. Patterns, no judgement.

How much else counts as a mark depends on the place: a PDF's fonts draw bullets of their own, and
a numeral alone must not end a sentence.
"""

from __future__ import annotations

BULLETS = "-*•–‣◦"  # as people type them; in a pattern, between [ and ]
NUMERAL = r"\(?(?:\d{1,3}|[a-z])[.)]"  # "2.", "(2)", "b)"
MARK = rf"(?:[{BULLETS}]|{NUMERAL})"
