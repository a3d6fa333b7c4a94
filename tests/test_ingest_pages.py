"""Passages know the pages they stand on, and footnotes stand by themselves."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from ingest.drafts import Block, Draft, Kind, Reading, lay_out
from ingest.passages.assembly import edition_of
from ingest.passages.cutting import Measure, cut
from kb.encoders.hashing import HashingEncoder
from kb.metadata import Metadata
from kb.records import Provenance

SOURCE = Provenance("/a.pdf", "0" * 64, "application/pdf", "pdf 1", "2025-01-01T00:00:00Z")
SENTENCES = st.lists(st.sampled_from("one two three. four five six seven.".split()), min_size=1)
by_words = HashingEncoder().count


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    """Blocks over pages that ascend, some over several; some left out, some without pages."""
    blocks: list[Block] = []
    page = 1
    for words in draw(st.lists(SENTENCES, min_size=1, max_size=12)):
        text = " ".join(words * draw(st.integers(1, 12)))
        page += draw(st.integers(0, 2))
        breaks = sorted(draw(st.sets(st.integers(1, max(1, len(text) - 1)), max_size=2)))
        offsets = [0, *(offset for offset in breaks if offset < len(text))]
        pages = accumulate([page, *[1] * (len(offsets) - 1)])
        kind: Kind = draw(
            st.sampled_from(["paragraph", "paragraph", "footnote", "heading", "item"])
        )
        reason = draw(st.sampled_from([None, None, None, "running head"]))
        blocks.append(
            Block(
                text,
                kind,
                int(kind == "heading"),
                "\n\n",
                reason,
                tuple(zip(offsets, pages, strict=True)),
            )
        )
        page += len(offsets) - 1
    return Reading(tuple(blocks), Metadata(title="A title"))


def page_of(draft: Draft, offset: int) -> int | None:
    """The page of one character, block by block."""
    for placed in draft.placed:
        if placed.span.start <= offset < placed.span.end:
            here = offset - placed.span.start
            return [page for start, page in placed.block.pages if start <= here][-1]
    return None


@given(readings(), st.sampled_from([24, 256]))
def test_a_passage_stands_on_the_pages_of_its_characters(reading: Reading, window: int) -> None:
    draft = lay_out(reading)
    for place in cut(draft, "A title", Measure(by_words, window)):
        pages = [page_of(draft, offset) for offset in range(place.span.start, place.span.end)]
        known = [page for page in pages if page is not None]
        assert draft.pages_of(place.span) == (min(known), max(known))


@given(readings())
def test_footnotes_and_body_never_share_a_passage(reading: Reading) -> None:
    draft = lay_out(reading)
    for place in cut(draft, "A title", Measure(by_words, 256)):
        kinds = {
            placed.block.kind == "footnote"
            for placed in draft.placed
            if placed.span.start < place.span.end and place.span.start < placed.span.end
        }
        assert len(kinds) == 1


def test_a_passage_has_labels_when_both_its_pages_have_one() -> None:
    texts = ["word " * 100 + "end.", "other " * 100 + "end.", "third " * 100 + "end."]
    blocks = tuple(
        Block(text.strip(), pages=((0, page), (50, page + 1))) for page, text in enumerate(texts, 1)
    )
    reading = Reading(blocks, Metadata(title="A"), labels=((1, "i"), (2, "ii"), (4, "2")))
    edition = edition_of(reading, "a", (SOURCE,), HashingEncoder(), Metadata(), frozenset())
    found = [(passage.pages, passage.page_labels) for passage in edition.passages]
    assert found == [((1, 2), ("i", "ii")), ((2, 3), None), ((3, 4), None)]


def test_a_source_without_pages_gives_none() -> None:
    reading = Reading((Block("Some words stand here."),), Metadata(title="A"), labels=((1, "i"),))
    edition = edition_of(reading, "a", (SOURCE,), HashingEncoder(), Metadata(), frozenset())
    assert [(each.pages, each.page_labels) for each in edition.passages] == [(None, None)]
