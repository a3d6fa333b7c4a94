"""What the report says of pages without text and of letters that the file does not tell. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from ingest.readers.pdf.glyphs import Page
from ingest.readers.pdf.ligatures import damaged, plain
from ingest.readers.pdf.words import Word
from kb.text.lines import plural

_NAMED = 3  # of the words that have lost letters
_ENOUGH = 150  # letters: fewer say little
_BROKEN = 0.3  # of a page's words
_FEW_VOWELS = 0.22  # of the letters: languages in Latin letters have 0.35 and more
_STRANGE = re.compile("[\ufffd\ue000-\uefff\U000f0000-\U0010ffff\x00-\x1f\x7f-\x9f]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_VOWEL = re.compile(r"[aeiouyà-æè-ïò-öø-ýāēīōūąęėįųőűı]", re.I)
_LETTER = re.compile(r"[^\W\d_]")


def notes_of(pages: Sequence[Page]) -> tuple[str, ...]:
    """Notes on the pages without text, with garbled letters, and with words that lost some."""
    empty = [page.number for page in pages if not page.words and page.drawn]
    garbled = [page.number for page in pages if is_garbled(page.words)]
    notes = []
    if empty:
        notes.append(
            f"no text on {in_words(empty)}: scanned? Have the text recognised (OCR), "
            "for example with ocrmypdf, to have them searched"
        )
    if garbled:
        notes.append(
            f"the letters on {in_words(garbled)} are garbled (a font without its alphabet). "
            "Have the text recognised (OCR), for example with ocrmypdf --force-ocr"
        )
    lost = damaged(word.text for page in pages for word in page.words)
    if lost:
        at = [page.number for page in pages if lost & plain(word.text for word in page.words)]
        such = "”, “".join(sorted(lost)[:_NAMED])
        notes.append(
            f"words on {in_words(at)} have lost letters, such as “{such}” (a font without letters "
            "for fi and fl): as whole words they cannot be found. Have the text recognised (OCR), "
            "for example with ocrmypdf --force-ocr"
        )
    return tuple(notes)


def is_garbled(words: Sequence[Word]) -> bool:
    """Whether most of a page cannot be read: strange characters, or hardly a vowel among letters.

    A font without its alphabet gives the numbers of its shapes, mostly the alphabet shifted.
    """
    texts = [word.text for word in words]
    if not texts:
        return False
    strange = sum(bool(_STRANGE.search(text)) and len(text) > 1 for text in texts)
    unknown = sum(word.broken for word in words)
    if max(strange, unknown) > _BROKEN * len(texts) and len(texts) >= 5:
        return True
    together = "".join(texts)
    latin = len(_LATIN.findall(together))
    if latin < _ENOUGH or latin < 0.7 * len(_LETTER.findall(together)):
        return False
    return len(_VOWEL.findall(together)) < _FEW_VOWELS * latin


def in_words(numbers: Iterable[int]) -> str:
    """ "page 3", "pages 3, 7–9": numbers that follow each other as a range."""
    ordered = sorted(numbers)
    ranges: list[list[int]] = [[ordered[0], ordered[0]]]
    for before, number in pairwise(ordered):
        if number == before + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    parts = [f"{a}" if a == b else f"{a}{', ' if b == a + 1 else '–'}{b}" for a, b in ranges]
    return f"{plural(len(ordered), 'page')} {', '.join(parts)}"
