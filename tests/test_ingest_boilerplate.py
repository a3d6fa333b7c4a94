"""What is marked as not the brief, and what never is.

In a page of the fixtures, what stands under "--- gone ---" has to go, what stands before it or
under "--- kept ---" has to stay; these lines themselves are not of the page.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.boilerplate.marking import mark, split_lines
from ingest.drafts import Block

HERE = Path(__file__).parent
FIXTURES = HERE / "fixtures" / "boilerplate"
ARTICLE = HERE.parent.parent / "shared" / "seed" / "article.txt"

KINDS = ("title", "heading", "paragraph", "item", "quote", "table")
PIECES = (
    "X",
    "Accept all",
    "Cookies",
    "Share",
    "Facebook",
    "Home",
    "Home > Topics",
    "Related articles",
    "A harbour without a road",
    "Advertisement",
    "Subscribe",
    "© 2024 The Institute",
    "We use cookies on our website to improve your experience.",
    "You can opt out of targeted advertising at any time.",
    "The ministry built a road to the harbour. It was closed in winter.",
    "You must ask users before your website sets cookies.",
    "The buttons read:",
    "The last paragraph of a brief.\nX\nThis website uses cookies.\nAccept",
)
blocks_of_pages = st.lists(
    st.builds(
        Block,
        text=st.sampled_from(PIECES) | st.text(min_size=1, max_size=60),
        kind=st.sampled_from(KINDS),
        level=st.integers(0, 3),
        reason=st.sampled_from((None, None, None, "said before")),
    ),
    max_size=14,
)

subjects = st.sampled_from(
    (
        "Most states",
        "Regulators",
        "Users of such sites",
        "A website",
        "The court",
        "Newsletters",
        "Cookies",
        "The consent of citizens",
    )
)
verbs = st.sampled_from(
    (
        "share",
        "rejected",
        "would accept",
        "must not set",
        "may opt out of",
        "sign up for",
        "publish",
    )
)
objects = st.sampled_from(
    (
        "cookies without consent",
        "the newsletter of the ministry",
        "the sale of personal data",
        "all rights reserved to the states",
        "privacy policies of 40 pages",
        "related articles of the Treaty",
        "the advertisement",
        "a road to the harbour",
    )
)
sentences = st.builds(lambda *words: " ".join(words) + ".", subjects, verbs, objects)
paragraphs = st.lists(sentences, min_size=1, max_size=4).map(" ".join)


def blocks(text: str) -> list[Block]:
    """Paragraphs between blank lines, furniture lines split off."""
    runs = [run.strip() for run in re.split(r"\n\s*\n", text) if run.strip()]
    if len(runs) < 2:
        runs = [line for line in text.split("\n") if line.strip()]
    return [Block(piece) for run in runs for piece in split_lines(run)]


def lines(marked: tuple[Block, ...], *, gone: bool) -> list[str]:
    return [
        line
        for block in marked
        for line in block.text.split("\n")
        if (block.reason is not None) == gone
    ]


def page(path: Path) -> tuple[str, list[str], list[str]]:
    """The text of a page, its lines that stay and its lines that go."""
    text: list[str] = []
    kept: list[str] = []
    gone: list[str] = []
    current = kept
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line in ("--- gone ---", "--- kept ---"):
            current = gone if "gone" in line else kept
            continue
        text.append(line)
        if line.strip():
            current.append(line)
    return "\n".join(text), kept, gone


def reasons(*texts: str) -> list[str | None]:
    return [block.reason for block in mark([Block(text) for text in texts])]


# Laws.


@given(blocks_of_pages)
def test_blocks_keep_number_order_text_and_reason(given_blocks: list[Block]) -> None:
    marked = mark(given_blocks)
    assert [(b.text, b.kind, b.level, b.gap) for b in marked] == [
        (b.text, b.kind, b.level, b.gap) for b in given_blocks
    ]
    for before, after in zip(given_blocks, marked, strict=True):
        assert before.reason is None or after.reason == before.reason
        assert after.reason != ""


@given(blocks_of_pages)
def test_marking_twice_is_marking_once(given_blocks: list[Block]) -> None:
    marked = mark(given_blocks)
    assert mark(marked) == marked


@given(st.lists(paragraphs, min_size=1, max_size=6))
def test_ordinary_sentences_are_never_marked(texts: list[str]) -> None:
    assert set(reasons(*texts)) == {None}


@given(st.lists(st.sampled_from(PIECES) | paragraphs, min_size=1, max_size=8))
def test_split_pieces_join_to_the_text(texts: list[str]) -> None:
    text = "\n".join(texts)
    assert "\n".join(split_lines(text)) == text


@given(st.lists(paragraphs, min_size=1, max_size=6), st.integers(30, 80))
def test_a_wrapped_paragraph_is_never_split(texts: list[str], width: int) -> None:
    wrapped = re.sub(rf"(.{{{width}}}\S*) ", r"\1\n", " ".join(texts))
    assert split_lines(wrapped) == [wrapped]


# Whole texts.


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("kept/*.txt")), ids=lambda path: path.stem)
def test_a_clean_text_loses_nothing(path: Path) -> None:
    marked = mark(blocks(path.read_text(encoding="utf-8")))
    assert lines(marked, gone=True) == []


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("kept/*.txt")), ids=lambda path: path.stem)
def test_a_clean_text_in_a_page_loses_only_the_page(path: Path) -> None:
    text = path.read_text(encoding="utf-8").strip()
    banner = "We use cookies on our website to improve your experience.\n\nAccept all cookies"
    foot = "Cookie settings\n\nPrivacy policy | Terms of use\n\n© 2024 The Institute"
    marked = mark(blocks(f"{text}\n\n{banner}\n\n{foot}"))
    assert lines(marked, gone=True) == f"{banner}\n\n{foot}".split("\n\n")


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("pages/*.txt")), ids=lambda path: path.stem)
def test_a_page_is_left_with_its_brief(path: Path) -> None:
    text, kept, gone = page(path)
    marked = mark(blocks(text))
    assert lines(marked, gone=False) == kept
    assert lines(marked, gone=True) == gone


def test_the_article_that_began_it() -> None:
    if not ARTICLE.exists():
        pytest.skip(f"no article at {ARTICLE}")
    marked = mark(blocks(ARTICLE.read_text(encoding="utf-8")))
    kept = [block for block in marked if block.reason is None]
    gone = marked[len(kept) :]
    assert len(kept) == 2 + 1 + 1 + 7, "captions, headline, standfirst, paragraphs"
    assert kept[2].text.endswith("in Syria")
    assert kept[-1].text.startswith("For now")
    assert gone[0].text.startswith("X\nThis website uses cookies")
    assert {block.reason for block in gone} == {"cookie notice"}


# One rule each.

BRIEF = ("The road to the harbour was closed in winter.", "It opened again in spring.")
NOTICE = "We use cookies on our website to improve your experience."


def test_the_same_words_stay_in_the_middle_and_go_at_the_end() -> None:
    assert reasons(BRIEF[0], NOTICE, BRIEF[1]) == [None, None, None]
    assert reasons(BRIEF[0], NOTICE, "Accept all", BRIEF[1])[1:3] == ["cookie notice"] * 2
    assert reasons(*BRIEF, NOTICE) == [None, None, "cookie notice"]


def test_a_quotation_is_no_notice() -> None:
    assert reasons(*BRIEF, f"“{NOTICE}”") == [None, None, None]
    assert [b.reason for b in mark([Block(BRIEF[0]), Block(NOTICE, "quote")])] == [None, None]


def test_what_a_colon_introduces_is_an_example() -> None:
    assert reasons("The banner had this text:", NOTICE, "Accept all", BRIEF[0]) == [None] * 4


def test_nothing_is_marked_where_nothing_would_be_left() -> None:
    assert reasons("Cookie settings", "Accept all", "© 2024 The Institute") == [None, None, None]


def test_a_heading_goes_with_what_stood_under_it() -> None:
    def page_of(*below: Block) -> list[str | None]:
        above = [Block(BRIEF[0]), Block("Stay in touch", "heading", 2)]
        return [block.reason for block in mark([*above, Block("Join our mailing list"), *below])]

    assert page_of() == [None, "newsletter box", "newsletter box"]
    assert page_of(Block("Roads", "heading", 2), Block(BRIEF[1]))[1] == "newsletter box"
    assert page_of(Block(BRIEF[1]))[1] is None


def test_the_label_of_an_advertisement_is_a_heading_where_advertising_is_the_subject() -> None:
    assert reasons(BRIEF[0], "Advertisement", BRIEF[1])[1] == "advertisement"
    about = ("Advertising pays for the press.", "The law calls some of it advertisement.")
    assert reasons(about[0], "Advertisement", about[1])[1] is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Accept all cookies", "cookie notice"),
        ("Manage Preferences Reject All Accept All", "cookie notice"),
        ("Strictly necessary cookies – Always active", "cookie notice"),
        ("Do Not Sell or Share My Personal Information", "cookie notice"),
        ("Save and exit", "cookie notice"),
        ("Alle akzeptieren", "cookie notice"),
        ("Continuer sans accepter", "cookie notice"),
        ("Rechazar todas", "cookie notice"),
        ("Home / Publications / Policy briefs", "navigation"),
        ("Home About Research Events Contact", "navigation"),
        ("↑ Back to top", "navigation"),
        ("Click to share on LinkedIn (Opens in new window)", "share links"),
        ("Follow us: Twitter Facebook YouTube", "share links"),
        ("Terms · Privacy · Accessibility", "footer"),
        ("Copyright © 2024. All rights reserved.", "footer"),
        ("Get the latest analysis in your inbox", "newsletter box"),
        ("Story continues below advertisement", "advertisement"),
        ("Subscribe to continue reading", "subscription notice"),
        ("View comments (12)", "comment box"),
    ],
)
def test_a_line_at_the_foot_of_a_page(line: str, reason: str) -> None:
    assert reasons(*BRIEF, line)[2] == reason


@pytest.mark.parametrize(
    "line",
    [
        "Accept less, reject more",
        "Cookies and consent",
        "Home ownership",
        "Press freedom",
        "Research support",
        "Powered by coal",
        "Sharing the burden",
        "Share of renewables",
        "Sponsored by the ministry",
        "(c) 2020 to 2024",
        "Subscribe or perish",
        "Print, radio and television",
        "Related articles of the Treaty",
        "Read more closely",
    ],
)
def test_a_heading_that_resembles_a_label_stays(line: str) -> None:
    assert reasons(BRIEF[0], line, BRIEF[1]) == [None, None, None]
    assert reasons(*BRIEF, line) == [None, None, None]


@pytest.mark.parametrize(
    "sentence",
    [
        "Under the CCPA you may opt out of the sale of your personal information at any time.",
        "You can block cookies in your browser; if you do not, your device is recognised.",
        "Before your website sets cookies you need consent, which a visitor may withdraw.",
        "By continuing to use a site, a visitor does not consent to cookies.",
        "We believe that your privacy is worth more than a click, and consent more than a cookie.",
        "We used our browser to collect information about cookies on 500 sites.",
        "The notice read: This website uses cookies. By continuing you accept our cookies.",
        "'We use cookies to improve your experience' is the most read sentence on the web.",
        "You can withdraw your consent to the study at any time by writing to our office.",
        "Our website lists all sources. If you find a mistake, write to us.",
        "Our newsletter for members appears four times a year.",
        "A cookie is a small file that a website asks your browser to store on your device.",
    ],
)
def test_a_sentence_near_that_voice_stays(sentence: str) -> None:
    buttons = ("Accept all", "Cookie settings", "Privacy policy | Terms of use")
    assert reasons(*BRIEF, sentence) == [None, None, None]
    assert reasons(*BRIEF, sentence, NOTICE, *buttons)[2] is None
    assert reasons(NOTICE, "Accept all", sentence, *BRIEF)[2] is None
    assert reasons(BRIEF[0], "Advertisement", sentence, "Advertisement", BRIEF[1])[2] is None


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("It opened.\nX\nThis website uses cookies.\nAccept", 2),
        ("It opened.\nBack to top", 2),
        ("Skip to main content\nThe road to the harbour", 2),
        ("X\nThis website uses cookies.\nAccept\nCookie list", 1),
        ("He said that the site, with its\nAdvertisement, had failed.", 1),
        ("Options:\nAccept all\nReject all\nDo nothing", 1),
        ("Advertisement\nSponsorship\nDirect mail", 1),
        ("The Harbour Office\n12 Quay Street\nContact\nTiksi", 1),
        ("We share the bread,\nwe share the gin,\nAnd then we share\nno more.", 1),
    ],
)
def test_furniture_is_split_from_a_paragraph_and_nothing_else_is(text: str, pieces: int) -> None:
    assert len(split_lines(text)) == pieces


@pytest.mark.parametrize("text", ["'we use " * 20_000, "your " * 50_000, "“we\n" * 20_000])
def test_long_strange_text_comes_to_an_end(text: str) -> None:
    assert reasons(*split_lines(text)) == [None]
