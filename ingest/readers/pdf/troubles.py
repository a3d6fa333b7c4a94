"""What the report says of pages without text and of letters that the file does not tell. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from ingest.readers.pdf.glyphs import Page
from ingest.readers.pdf.words import Word

_ENOUGH = 40  # words: fewer say little
_BROKEN = 0.3  # of a page's words
_STRANGE = re.compile("[\ufffd\ue000-\uefff\U000f0000-\U0010ffff\x00-\x1f\x7f-\x9f]")
_LATIN = re.compile(r"[(\[“\"‘']*[A-Za-zÀ-ſ][A-Za-zÀ-ſ’'-]*[\])”\"’',.;:!?\u00ad]*")
_VOWEL = re.compile(r"[aeiouyà-æè-ïò-öø-ýAEIOUYÀ-ÆÈ-ÏÒ-ÖØ-Ý]")
_NUMERIC = re.compile(r"[\W\d_]+%?")


def notes_of(pages: Sequence[Page]) -> tuple[str, ...]:
    """A note for the pages without text, and one for those whose letters are garbled."""
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
    return tuple(notes)


def is_garbled(words: Sequence[Word]) -> bool:
    """Whether most of a page's words cannot be read: strange characters, or none that are words.

    A Latin word is made of letters with a vowel among them; of a shifted alphabet few are.
    """
    texts = [word.text for word in words]
    count = len(texts)
    if not count:
        return False
    strange = sum(bool(_STRANGE.search(text)) and len(text) > 1 for text in texts)
    if strange > _BROKEN * count and count >= 5:
        return True
    letters = [text for text in texts if len(text) > 2 and not _NUMERIC.fullmatch(text)]
    foreign = sum(any(ord(char) > 0x24F and char.isalpha() for char in text) for text in letters)
    if len(letters) < _ENOUGH or foreign > 0.3 * len(letters):
        return False
    sound = sum(bool(_LATIN.fullmatch(text) and _VOWEL.search(text)) for text in letters)
    return sound < 0.4 * len(letters)


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
    return f"page{'s' if len(ordered) > 1 else ''} {', '.join(parts)}"
