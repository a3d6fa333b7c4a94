"""Laws 1 to 3: where passages are cut, over drafts of every shape, by two rulers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.drafts import Block, Draft, Kind, Placed, Reading, lay_out
from ingest.passages.cutting import AIM, SHORT, Cut, Measure, cut, sentence_ends
from kb.encoders.context import context_of, in_context
from kb.encoders.hashing import HashingEncoder
from kb.records import Span

by_words = HashingEncoder().count


def by_characters(text: str) -> int:
    """A ruler as strict as there is: each character a token, and two around them."""
    return len(text) + 2


LATIN = st.text("abcdefghijklmnoprstuvw", min_size=1, max_size=9)
ODD_WORDS = st.sampled_from(
    [
        "Art. 5(2)",
        "U.S.",
        "No. 7",
        "3.5",
        "(see",
        "below)",
        "e\u0301te\u0301",  # combining accents
        "क्षेत्रीय",  # clusters of several characters
        "👩‍👩‍👧",  # one grapheme of five characters
        "🇪🇺🇺🇳",
        "—",
        "https://example.org/a/very/long/path?with=query&and=more#fragment",
        "x" * 40,
        "a.b-" * 90,  # one word, longer than any window here by either ruler
    ]
)
SCRIPTS = st.sampled_from(
    [
        "政府应当提高最低工资标准。企业反对这一建议。",
        "政府は最低賃金を引き上げるべきである",
        "يجب على الحكومة رفع الحد الأدنى للأجور.",
        "על הממשלה להעלות את שכר המינימום.",
        "ต้องเพิ่มค่าแรงขั้นต่ำ",
    ]
)
JOINTS = st.sampled_from([" ", " ", " ", "  ", "\n", "\t", "\u00a0", "\u3000"])


@st.composite
def sentences(draw: st.DrawFn) -> str:
    words = draw(st.lists(LATIN, min_size=1, max_size=14))
    return " ".join(words).capitalize() + draw(st.sampled_from([".", ".", ".", "?", "!", "", "…"]))


@st.composite
def texts(draw: st.DrawFn, most: int = 12) -> str:
    """A paragraph: mostly sentences, some words of other scripts, now and then anything at all."""
    pieces = st.one_of(sentences(), sentences(), LATIN, ODD_WORDS, SCRIPTS, st.text(max_size=20))
    text = ""
    for piece in draw(st.lists(pieces, min_size=1, max_size=most)):
        text += (draw(JOINTS) if text else "") + piece
    return text if text.strip() else f"{text}x"


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    kind: Kind = draw(
        st.sampled_from(["paragraph", "paragraph", "item", "heading", "table", "quote", "footnote"])
    )
    gap = draw(st.sampled_from(["\n\n", "\n\n", "\n", " \n\n\t"]))
    if kind == "heading":
        level = draw(st.integers(1, 4))
        return Block(draw(texts(2)), kind, level, gap)
    return Block(draw(texts()), kind, gap=gap)


@st.composite
def drafts(draw: st.DrawFn) -> tuple[Draft, str]:
    """A draft and its title, which stands in the text as a block of its own, or does not."""
    body = draw(st.lists(blocks(), min_size=1, max_size=9))
    title = draw(st.one_of(texts(2), st.sampled_from([block.text for block in body])))
    if draw(st.booleans()):
        body.insert(draw(st.integers(0, min(2, len(body)))), Block(title, "title"))
    return lay_out(Reading(tuple(body))), title


MEASURES = st.builds(
    Measure,
    st.sampled_from([by_words, by_characters]),
    st.sampled_from([12, 13, 16, 30, 64, 256]),
)


def assert_laws(draft: Draft, title: str, measure: Measure, cuts: Sequence[Cut]) -> None:
    """Laws 1 to 3 of passages, each looked up in the text anew."""
    assert_increasing(draft.text, cuts)
    assert_covering(draft, title, cuts)
    assert_fitting(draft.text, title, measure, cuts)
    assert_whole_words(draft, title, measure, cuts)


def assert_increasing(text: str, cuts: Sequence[Cut]) -> None:
    for place in cuts:
        piece = text[place.span.start : place.span.end]
        assert piece, "a passage without text"
        assert piece == piece.strip(), "white space at the end of a passage"
    for one, other in pairwise(cuts):
        assert one.span.end <= other.span.start, f"{one} and {other} overlap"
        assert one.paragraph <= other.paragraph


def assert_covering(draft: Draft, title: str, cuts: Sequence[Cut]) -> None:
    """Each character that is not blank is in a passage, or in a heading that the next one bears."""
    covered = bytearray(len(draft.text))
    for place in cuts:
        covered[place.span.start : place.span.end] = b"\1" * (place.span.end - place.span.start)
    for placed in draft.placed:
        inside = [covered[at] for at in _inked(draft.text, placed.span)]
        if all(inside):
            continue
        assert placed.block.is_heading, f"{placed.block.text!r} is in no passage"
        assert not any(inside), f"half of the heading {placed.block.text!r} is in a passage"
        after = [place for place in cuts if place.span.start >= placed.span.end]
        across = [place for place in cuts if place.span.start < placed.span.start < place.span.end]
        assert not across, f"{across[0]} runs over the heading {placed.block.text!r}"
        assert after, f"nothing stands under the heading {placed.block.text!r}"
        if _line(placed.block.text) != _line(title):
            assert _line(placed.block.text) in after[0].heading
    inked = _inked(draft.text, Span(0, len(draft.text)))
    outside = {at for placed in draft.placed for at in range(placed.span.start, placed.span.end)}
    assert outside.issuperset(inked)


def assert_fitting(text: str, title: str, measure: Measure, cuts: Sequence[Cut]) -> None:
    for place in cuts:
        context = context_of(title, place.heading, measure.count, measure.window)
        assert not context or measure.count(context) <= measure.window // 4
        piece = place.span.of(text)
        if measure.count(in_context(context, piece)) > measure.window:
            assert len(_graphemes(piece)) == 1, f"{piece!r} exceeds the window"


def assert_whole_words(draft: Draft, title: str, measure: Measure, cuts: Sequence[Cut]) -> None:
    """A cut inside a paragraph is at a sentence end that fits, else between words that fit."""
    text = draft.text
    for one, other in pairwise(cuts):
        block = _around(draft, one.span.end - 1)
        if block is not _around(draft, other.span.start):
            continue  # cut between paragraphs
        context = context_of(title, one.heading, measure.count, measure.window)

        def fits(piece: str, context: str = context) -> bool:
            return measure.count(in_context(context, piece)) <= measure.window

        paragraph = block.span.of(text)
        ends = [block.span.start + end for end in sentence_ends(paragraph)]
        following = [end for end in ends if end > one.span.start]
        if fits(text[one.span.start : following[0]]):
            assert one.span.end in following, f"{one.span.of(text)!r} ends inside a sentence"
        elif other.span.start == one.span.end and one.span.end not in ends:
            word = _word_around(text, one.span.end)
            assert not fits(word.of(text)), f"{word.of(text)!r} is cut, though it fits"
            bounds = {block.span.start + end for end in _graphemes(paragraph)}
            assert one.span.end in bounds, f"cut inside a grapheme, before {other.span.of(text)!r}"


def _inked(text: str, span: Span) -> list[int]:
    return [at for at in range(span.start, span.end) if not text[at].isspace()]


def _line(text: str) -> str:
    return " ".join(text.split())


def _graphemes(text: str) -> list[int]:
    """The ends of a text's graphemes (Unicode Annex 29)."""
    return [found.end() for found in regex.finditer(r"\X", text)]


def _around(draft: Draft, at: int) -> Placed:
    return next(placed for placed in draft.placed if placed.span.start <= at < placed.span.end)


def _word_around(text: str, at: int) -> Span:
    start = end = at
    while start and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return Span(start, end)


def _whole(draft: Draft, cuts: Sequence[Cut]) -> list[list[Placed]]:
    """The blocks of each passage."""
    return [
        [
            placed
            for placed in draft.placed
            if placed.span.start < place.span.end and place.span.start < placed.span.end
        ]
        for place in cuts
    ]


# The laws


@given(drafts(), MEASURES)
@example(
    (lay_out(Reading((Block("政府应当提高最低工资标准" * 30),))), "工资"),
    Measure(by_characters, 12),
)
@example((lay_out(Reading((Block("a.b-" * 200),))), "long " * 90), Measure(by_words, 12))
@example((lay_out(Reading((Block("One. " * 300),))), "Counting"), Measure(by_words, 256))
def test_passages_keep_the_laws(drawn: tuple[Draft, str], measure: Measure) -> None:
    """Law 1, Law 2 and Law 3, over drafts of every shape."""
    draft, title = drawn
    cuts = cut(draft, title, measure)
    assert_laws(draft, title, measure, cuts)
    assert cuts == cut(draft, title, measure)


@given(drafts(), MEASURES)
def test_paragraphs_are_numbered_from_one_in_the_order_of_the_source(
    drawn: tuple[Draft, str], measure: Measure
) -> None:
    draft, title = drawn
    cuts = cut(draft, title, measure)
    bodies = _whole(draft, cuts)
    numbered: list[Placed] = []
    for inside in bodies:
        numbered += (placed for placed in inside if placed not in numbered[-1:])
    for place, inside in zip(cuts, bodies, strict=True):
        before = numbered[: numbered.index(inside[0]) + 1]
        count = sum(placed.block.kind != "footnote" for placed in before)
        assert place.paragraph == max(count, 1), "a footnote goes by the paragraph above it"


@given(drafts(), MEASURES)
def test_a_footnote_joins_no_body_paragraph(drawn: tuple[Draft, str], measure: Measure) -> None:
    draft, title = drawn
    for inside in _whole(draft, cut(draft, title, measure)):
        assert len({placed.block.kind == "footnote" for placed in inside}) == 1


@given(drafts(), MEASURES)
def test_short_neighbours_that_fit_together_do_not_stay_apart(
    drawn: tuple[Draft, str], measure: Measure
) -> None:
    draft, title = drawn
    cuts = cut(draft, title, measure)

    def tokens(placed: Placed) -> int:
        return measure.count(placed.span.of(draft.text).strip())

    for (one, above), (other, below) in pairwise(zip(cuts, _whole(draft, cuts), strict=True)):
        follows = draft.placed.index(below[0]) == draft.placed.index(above[-1]) + 1
        kinds = {placed.block.kind == "footnote" for placed in (above[-1], below[0])}
        whole = one.span.end == above[-1].span.start + len(above[-1].block.text.rstrip())
        if not follows or len(kinds) > 1 or not whole or above[0].span.start > one.span.start:
            continue
        if one.span.start > above[0].span.end - len(above[0].block.text.lstrip()):
            continue  # the rest of a paragraph that was cut
        before, after = sum(map(tokens, above)), tokens(below[0])
        context = context_of(title, one.heading, measure.count, measure.window)
        end = below[0].span.start + len(below[0].block.text.rstrip())
        both = in_context(context, draft.text[one.span.start : end])
        if measure.count(both) <= measure.window and before + after <= AIM:
            assert min(before, after) >= SHORT, f"{one} and {other} stay apart"


@given(drafts(), MEASURES)
def test_joined_passages_stay_below_the_aim(drawn: tuple[Draft, str], measure: Measure) -> None:
    draft, title = drawn
    cuts = cut(draft, title, measure)
    for inside in _whole(draft, cuts):
        if len(inside) > 1:
            assert sum(measure.count(placed.block.text.strip()) for placed in inside) <= AIM


@given(st.lists(sentences(), min_size=1, max_size=20), JOINTS)
def test_sentences_end_where_their_text_ends(written: list[str], joint: str) -> None:
    text = joint.join(written)
    ends = sentence_ends(text)
    assert ends == sorted(set(ends))
    assert ends[-1] == len(text.rstrip())
    for start, end in pairwise([0, *ends]):
        assert text[start:end].strip()
        assert not text[end - 1].isspace()


# What it costs


def counted(text: str, window: int = 256) -> tuple[int, int]:
    """How often the ruler is laid on a paragraph, and on how many characters in all."""
    calls = characters = 0

    def count(piece: str) -> int:
        nonlocal calls, characters
        calls += 1
        characters += len(piece)
        return by_words(piece)

    draft = lay_out(Reading((Block(text),)))
    cuts = cut(draft, "Cost", Measure(count, window))
    assert_increasing(draft.text, cuts)
    return calls, characters


@pytest.mark.parametrize(
    "words",
    [
        "The levy on bottles was raised again in May.",
        "levy",
        "levy.",
        "政府应当提高最低工资标准。",
        "1:",
    ],
    ids=["sentences", "no sentence end", "one-word sentences", "Chinese", "numbers"],
)
def test_the_cost_of_a_paragraph_of_100_000_words_grows_with_its_length(words: str) -> None:
    number = len(words.split())
    small = counted(" ".join([words] * (10_000 // number)))
    large = counted(" ".join([words] * (100_000 // number)))
    assert large[0] <= 11 * small[0]
    assert large[1] <= 11 * small[1]


def test_the_cost_of_an_endless_word_grows_with_its_length() -> None:
    small, large = counted("a." * 5_000), counted("a." * 50_000)
    assert large[0] <= 12 * small[0]
    assert large[1] <= 12 * small[1]


@settings(max_examples=10)
@given(st.integers(2, 400))
def test_the_cost_of_many_headings_grows_with_their_number(number: int) -> None:
    calls = 0

    def count(piece: str) -> int:
        nonlocal calls
        calls += 1
        return by_words(piece)

    body = [Block("Costs", "heading", 2), Block("They fell.")] * number
    cut(lay_out(Reading(tuple(body), clean=True)), "A title", Measure(count, 256))
    assert calls <= 6 * number


# Examples


def passages_of(*body: Block, title: str = "A title", window: int = 256) -> list[tuple[str, Cut]]:
    draft = lay_out(Reading(body))
    cuts = cut(draft, title, Measure(by_words, window))
    assert_laws(draft, title, Measure(by_words, window), cuts)
    return [(place.span.of(draft.text), place) for place in cuts]


def long_paragraph(words: int, name: str = "word") -> Block:
    return Block(" ".join(f"{name}{number}" for number in range(words)))


def test_short_paragraphs_join_under_one_heading_and_not_across_the_next() -> None:
    found = passages_of(
        Block("Costs", "heading", 1),
        Block("They rose."),
        Block("Then they fell."),
        Block("Benefits", "heading", 1),
        Block("None."),
    )
    assert [(text, place.paragraph, place.heading) for text, place in found] == [
        ("They rose.\n\nThen they fell.", 1, ("Costs",)),
        ("None.", 3, ("Benefits",)),
    ]


def test_a_paragraph_long_enough_stands_alone() -> None:
    found = passages_of(long_paragraph(SHORT), long_paragraph(SHORT, "other"))
    assert [place.paragraph for _, place in found] == [1, 2]


def test_list_lines_and_turns_join_up_to_the_aim() -> None:
    words = "yes " * SHORT
    turns = [Block(f"Hon. Jane Roe ({place}): {words}") for place in ("Minister", "Leeds")]
    lines = [Block(f"- {name} {words}", "item") for name in ("one", "two", "three", "four")]
    plain = [Block(f"{name} {words}") for name in ("one", "two")]
    assert len(passages_of(*turns)) == 1
    assert [place.paragraph for _, place in passages_of(*lines)] == [1, 4]
    assert len(passages_of(*plain)) == 2


def test_a_path_of_headings_goes_down_and_up_again() -> None:
    found = passages_of(
        Block("Part one", "heading", 1),
        Block("Costs", "heading", 2),
        long_paragraph(70, "a"),
        Block("To firms", "heading", 3),
        long_paragraph(70, "b"),
        Block("Benefits", "heading", 2),
        long_paragraph(70, "c"),
        Block("Part two", "heading", 1),
        long_paragraph(70, "d"),
    )
    assert [place.heading for _, place in found] == [
        ("Part one", "Costs"),
        ("Part one", "Costs", "To firms"),
        ("Part one", "Benefits"),
        ("Part two",),
    ]


def test_a_heading_in_the_words_of_the_title_ends_the_section_before_it() -> None:
    found = passages_of(
        Block("Methods", "heading", 2),
        Block("We asked."),
        Block("A  title", "heading", 2),
        Block("We found."),
    )
    assert [place.heading for _, place in found] == [("Methods",), ()]


def test_a_heading_with_nothing_under_it_is_a_paragraph() -> None:
    found = passages_of(
        Block("Costs", "heading", 1),
        Block("They rose."),
        Block("Closing words", "heading", 1),
    )
    assert [(text, place.heading) for text, place in found] == [
        ("They rose.\n\nClosing words", ("Costs",))
    ]


def test_a_text_of_a_title_alone_is_one_passage() -> None:
    assert [text for text, _ in passages_of(Block("A title", "title"))] == ["A title"]


def test_a_long_paragraph_is_cut_in_pieces_of_about_equal_size() -> None:
    sentence = "The levy on bottles was raised again in the month of May."
    found = passages_of(Block(" ".join([sentence] * 50)))
    sizes = [by_words(text) for text, _ in found]
    assert len(sizes) == 4
    assert max(sizes) - min(sizes) <= 3 * by_words(sentence)
    assert all(text.endswith("May.") for text, _ in found)
    assert {place.paragraph for _, place in found} == {1}


def test_too_long_a_context_is_shortened_from_the_top_of_the_path() -> None:
    """Law 3: the context gives way first."""
    found = passages_of(
        Block("outer " * 30, "heading", 1),
        Block("inner one two", "heading", 2),
        Block("They rose."),
        title="title " * 30,
        window=32,
    )
    ((_, place),) = found
    assert context_of("title " * 30, place.heading, by_words, 32) == "inner one two"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One is here. Two is there.", ["One is here.", "Two is there."]),
        ("Under Art. 5(2) it applies. So it does.", ["Under Art. 5(2) it applies.", "So it does."]),
        ("The U.S. Senate met. It voted.", ["The U.S. Senate met.", "It voted."]),
        ("2. The levy rises. It stays.", ["2. The levy rises.", "It stays."]),
        ("政府提高工资。企业反对！结果如何？", ["政府提高工资。", "企业反对！", "结果如何？"]),
        ("他说：“很好。”然后离开。", ["他说：“很好。”", "然后离开。"]),
        ("他说：“很好。”", ["他说：“很好。”"]),
        ("no mark at all  ", ["no mark at all"]),
    ],
)
def test_sentence_ends_by_eye(text: str, expected: list[str]) -> None:
    bounds = [0, *sentence_ends(text)]
    assert [text[start:end].strip() for start, end in pairwise(bounds)] == expected


def test_a_word_longer_than_the_aim_that_fits_the_window_stays_whole() -> None:
    """Law 3: no cut inside a word that fits."""
    words = ["a-" * 112, "b-" * 112]  # 224 tokens each
    assert [text for text, _ in passages_of(Block(" ".join(words)))] == words


def test_a_family_is_not_torn_apart() -> None:
    """Law 3: a cut inside a word falls between graphemes."""
    family = "👩‍👩‍👧"
    found = passages_of(Block(family * 30), window=24)
    assert {re.sub(family, "", text) for text, _ in found} == {""}
