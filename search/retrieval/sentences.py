"""Where the sentences of a passage lie, for the one that is set off as evidence. Pure.

A few rules by regular expression; where they are in doubt they do not cut, so that what is set
off is a sentence or a run of sentences, not a half. Ingest cuts long paragraphs with nupunkt,
which knows more; loading it takes 0.1 s, a fifth of a cold question.
"""

from __future__ import annotations

import re

from kb.records import Span
from kb.text.terminal import hard_line_ends

_STOP = re.compile(r"(?:[.!?…]+[”’»\"')\]]*(?=\s)|[。！？]+[”’」』）]*)\s*")
_OPENING = "“‘«\"'([—–-"
_BEFORE = re.compile(r"[^\s“‘«\"'(\[]*$")
# what ends with a full stop inside a sentence: titles, and what a number or a name follows
_ABBREVIATIONS = frozenset(
    "adm al apr art arts aug brig ca capt cf ch cl co col comm dec dr ed eds edn eg est ex feb fig "
    "figs fr ft gen gov hon jan jr jul jun lt maj mar messrs mr mrs ms mt nov oct para paras pp "
    "pres prof pt pts ref refs rep reps res rev sec secs sen sens sep sept sgt sr st vol vols "
    "vs viz".split()
)
_BEFORE_NUMBERS = frozenset("no nos p s ss §".split())
_NUMERAL = re.compile(r"\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]+)[.)]")


def sentences(text: str) -> list[Span]:
    """The sentences of a text, in order; together they cover all of it but white space."""
    hard = set(hard_line_ends(text))
    stops = {found.end() for found in _STOP.finditer(text) if _ends(text, found)}
    cuts = sorted(stops | {end + 1 for end in hard} | {len(text)})
    spans: list[Span] = []
    start = 0
    for cut in cuts:
        piece = text[start:cut]
        if _NUMERAL.fullmatch(piece.strip()) and cut - 1 not in hard:
            continue  # the number of an item stays with it
        if piece.strip():
            begin = start + len(piece) - len(piece.lstrip())
            spans.append(Span(begin, begin + len(piece.strip())))
        start = cut
    return spans


def _ends(text: str, found: re.Match[str]) -> bool:
    """Whether a sentence ends at a mark that may end one."""
    if found[0][0] in "。！？":
        return True
    rest = text[found.end() : found.end() + 4].lstrip(_OPENING)
    if not rest:
        return True
    if rest[0].islower():
        return text[
            found.start() - 1 : found.start()
        ].isspace()  # marks and words set apart, all lower case
    if found[0][0] != "." or found[0].startswith(".."):
        return True
    word = _BEFORE.search(text[max(0, found.start() - 40) : found.start()])
    before = word[0].lower() if word else ""
    if len(before) == 1 and before.isalpha() and before != "i":
        return False  # an initial
    if before in _BEFORE_NUMBERS:
        return not rest[0].isdigit()
    if "." in before:
        return max(map(len, before.split("."))) > 2  # not U.S., e.g., Ph.D.
    return before not in _ABBREVIATIONS
