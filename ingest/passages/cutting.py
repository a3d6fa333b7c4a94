"""A draft becomes passages. Pure: text, spans and the encoder's count of tokens, nothing else.

The paragraph is the unit. Short neighbours under one heading join; what exceeds the window is cut
at sentence ends, in pieces of about equal size.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from ingest.drafts import Block, Draft, Placed
from kb.encoders.context import context_of, in_context
from kb.records import Span
from kb.text.list_marks import MARK

SHORT = 60  # tokens: a shorter paragraph joins its neighbour …
AIM = 200  # … as long as both together stay below this
MOST_GRAPHEMES = 4_096  # in one piece of an endless word; a token may span any number of them
SURE = 0.9  # of the window: what the parts take below it need not be counted as a whole
GLANCE = 4_096  # characters that are counted first: more than a window takes of most texts
_WORD = re.compile(r"\S+")
_FULL_STOP = re.compile("[。！？]+[”’」』）]*")
_ITEM = re.compile(rf"{MARK}\s")
_SPEAKER = re.compile(r"[A-Z][\w.’'-]*|\(.*|.*\)|of|de|la|van|von|the|for|and")


@dataclass(frozen=True, slots=True)
class Measure:
    """An encoder's ruler: how many tokens a text takes, and how many there may be."""

    count: Callable[[str], int]
    window: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a passage is cut: its span, its first paragraph (from 1), its path of headings."""

    span: Span
    paragraph: int
    heading: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Paragraph:
    span: Span
    number: int
    heading: tuple[str, ...]
    section: int  # counts the headings above it: nothing joins across one
    joins: bool  # a list line or a speaker's turn
    is_note: bool  # a footnote: it joins other footnotes only


def cut(draft: Draft, title: str, measure: Measure) -> list[Cut]:
    """The passages of a draft, in order.

    With its context each fits the window. A cut falls between paragraphs, else at a sentence
    end, else between words; only a word that alone exceeds the window is cut, between graphemes.
    """
    cuts: list[Cut] = []
    for section in _sections(_paragraphs(draft, title)):
        context = context_of(title, section[0].heading, measure.count, measure.window)
        for first, span in _passages(draft.text, section, context, measure):
            cuts.append(Cut(span, first.number, first.heading))
    return cuts


def _paragraphs(draft: Draft, title: str) -> Iterator[_Paragraph]:
    """All blocks but headings, numbered, each with the path of headings above it.

    A heading that nothing stands under would be in no passage; it counts as a paragraph.
    """
    path: list[tuple[int, str]] = []
    number = section = 0
    for index, placed in enumerate(draft.placed):
        block = placed.block
        if not block.text.strip():
            continue
        if block.is_heading and _has_body(draft.placed, index):
            section += 1
            while path and path[-1][0] >= block.level:
                path.pop()
            if _plain(block.text) != _plain(title):
                path.append((block.level, _plain(block.text)))
            continue
        is_note = block.kind == "footnote"
        number += not is_note  # a footnote goes by the number of the paragraph above it
        heading = tuple(text for _, text in path)
        span = _trimmed(draft.text, placed.span)
        yield _Paragraph(span, max(number, 1), heading, section, _joins(block), is_note)


def _has_body(placed: Sequence[Placed], index: int) -> bool:
    """Whether some paragraph stands under the heading at `index`."""
    level = placed[index].block.level if placed[index].block.kind == "heading" else 0
    for after in range(index + 1, len(placed)):
        block = placed[after].block
        if not block.is_heading:
            return True
        if block.level <= level:
            return False
    return False


def _joins(block: Block) -> bool:
    """Whether a block is a list line or a speaker's turn ("Hon. Jane Roe (Minister): Yes")."""
    if block.kind == "item" or _ITEM.match(block.text):
        return True
    speaker, colon, _ = block.text[:80].partition(": ")
    words = speaker.split()
    return bool(colon) and len(words) <= 8 and all(_SPEAKER.fullmatch(word) for word in words)


def _sections(paragraphs: Iterable[_Paragraph]) -> Iterator[list[_Paragraph]]:
    """Runs of paragraphs without a heading between them."""
    section: list[_Paragraph] = []
    for paragraph in paragraphs:
        if section and section[-1].section != paragraph.section:
            yield section
            section = []
        section.append(paragraph)
    if section:
        yield section


def _passages(
    text: str, section: list[_Paragraph], context: str, measure: Measure
) -> Iterator[tuple[_Paragraph, Span]]:
    """The spans of a section's passages, each with the first paragraph in it."""
    open_: _Paragraph | None = None
    end = size = 0
    last_joins = False
    overhead = measure.count(context) if context else 0

    def fits(span: Span, tokens: int) -> bool:
        if overhead + tokens <= measure.window * SURE:
            return True  # what two texts take together differs from the sum by a token or two
        return _fits(text, span, context, measure, measure.window)

    for paragraph in section:
        tokens = measure.count(paragraph.span.of(text))
        if open_ is not None and open_.is_note != paragraph.is_note:
            yield open_, Span(open_.span.start, end)
            open_ = None
        if open_ is not None:
            both = Span(open_.span.start, paragraph.span.end)
            short = min(size, tokens) < SHORT or (last_joins and paragraph.joins)
            if short and size + tokens <= AIM and fits(both, size + tokens):
                end, size, last_joins = both.end, size + tokens, paragraph.joins
                continue
            yield open_, Span(open_.span.start, end)
            open_ = None
        if fits(paragraph.span, tokens):
            open_, end, size, last_joins = paragraph, paragraph.span.end, tokens, paragraph.joins
        else:
            for span in _pieces(text, paragraph.span, context, measure):
                yield paragraph, span
    if open_ is not None:
        yield open_, Span(open_.span.start, end)


def _pieces(text: str, span: Span, context: str, measure: Measure) -> Iterator[Span]:
    """A paragraph that exceeds the window, in pieces of about equal size."""
    overhead = measure.count(context) if context else 0
    most = max(1, min(AIM, measure.window - overhead))
    total = measure.count(span.of(text))
    aim = -(-total // -(-total // most)) + SHORT // 4  # some slack, so that no scrap is left over
    sentences = [span.start + end for end in sentence_ends(span.of(text))]
    start = span.start
    while start < span.end:

        def fits(stop: int, limit: int, start: int = start) -> bool:
            most = min(measure.window, limit + overhead)
            return _fits(text, Span(start, stop), context, measure, most)

        following = sentences[bisect_right(sentences, start) :][: measure.window]
        words = _word_ends(text, start, span.end, measure.window)
        end = (
            _furthest(following, lambda stop: fits(stop, aim))
            or _furthest(following[:1], lambda stop: fits(stop, measure.window))
            or _furthest(words, lambda stop: fits(stop, aim))
            or _furthest(words[:1], lambda stop: fits(stop, measure.window))
            or _furthest(_grapheme_ends(text, start, words[0]), lambda stop: fits(stop, aim))
            or _grapheme_ends(text, start, words[0])[0]  # a window too small for one grapheme
        )
        yield Span(start, end)
        start = end
        while start < span.end and text[start].isspace():
            start += 1


def _fits(text: str, span: Span, context: str, measure: Measure, most: int) -> bool:
    """Whether a span takes at most so many tokens, counted from its front by growing steps.

    So what is far too long costs no more than what fits.
    """
    stop = span.start + GLANCE
    while stop < span.end:
        if measure.count(in_context(context, text[span.start : stop])) > most:
            return False
        stop += stop - span.start
    return measure.count(in_context(context, span.of(text))) <= most


def _furthest(stops: Sequence[int], fits: Callable[[int], bool]) -> int | None:
    """The last stop that still fits, None when the first does not; calls grow with its logarithm.

    Galloping, then bisection (Bentley and Yao 1976), as most pieces are short beside their text.
    """
    if not stops or not fits(stops[0]):
        return None
    low, step = 0, 1
    while low + step < len(stops) and fits(stops[low + step]):
        low += step
        step *= 2
    high = min(low + step, len(stops))
    while high - low > 1:
        middle = (low + high) // 2
        if fits(stops[middle]):
            low = middle
        else:
            high = middle
    return stops[low]


def sentence_ends(text: str) -> list[int]:
    """Where sentences end in a text, white space after them left out, the last at its end.

    By nupunkt; a list numeral ("2.") stays with its sentence, and the full stops of Chinese and
    Japanese count as well.
    """
    import nupunkt

    ends: list[int] = []
    start = 0
    for begin, end in nupunkt.sent_spans(text):
        sentence = text[begin:end].rstrip()
        if not sentence or re.fullmatch(r"\(?(\d{1,3}|[a-zA-Z])[.)]", text[start:end].strip()):
            continue
        inner = (mark.end() for mark in _FULL_STOP.finditer(sentence))
        ends += (begin + stop for stop in inner if stop < len(sentence))
        ends.append(begin + len(sentence))
        start = end
    if not ends or ends[-1] != len(text.rstrip()):
        ends.append(len(text.rstrip()))
    return ends


def _word_ends(text: str, start: int, end: int, most: int) -> list[int]:
    """Ends of the next words, at most so many: a word takes a token or more."""
    return [word.end() for word in islice(_WORD.finditer(text, start, end), most)]


def _grapheme_ends(text: str, start: int, end: int) -> list[int]:
    """Ends of the next graphemes (Unicode Annex 29), at most a few thousand."""
    import regex

    graphemes = regex.finditer(r"\X", text, pos=start, endpos=end)
    return [grapheme.end() for grapheme in islice(graphemes, MOST_GRAPHEMES)]


def _trimmed(text: str, span: Span) -> Span:
    """The span without the white space at its ends."""
    piece = span.of(text)
    start = span.start + len(piece) - len(piece.lstrip())
    return Span(start, start + len(piece.strip()))


def _plain(text: str) -> str:
    return " ".join(text.split())
