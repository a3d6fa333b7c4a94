"""Keys, references, dates, places, contexts: what everything else is named by."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kb.commands.locations import locate, required
from kb.encoders.context import context_of, in_context
from kb.encoders.hashing import HashingEncoder
from kb.errors import BadUsage, StoreError
from kb.keys import LONGEST, Reference, similar_keys, slug, suffix
from kb.metadata import Metadata
from kb.records import Document, Edition, Passage, Provenance, Span, revision_of
from kb.text.dates import in_words, interval, parse_date, require_date

any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
titles = any_text | st.lists(
    st.sampled_from("The of Help in SYRIA naïve U.S. 2017 — 渋滞税".split())
).map(" ".join)

# Keys


@given(title=titles)
def test_a_slug_can_stand_in_a_reference(title: str) -> None:
    key = slug(title)
    assert len(key) <= LONGEST
    assert key == key.casefold()
    assert not key or Reference.parse(f"{key}#7") == Reference(key, None, 7)


@given(title=titles)
def test_a_title_without_a_letter_or_digit_has_no_slug(title: str) -> None:
    assert bool(slug(title)) == bool(re.search(r"[^\W_]", re.sub(r"['’.]", "", title)))


@pytest.mark.parametrize(
    ("title", "key"),
    [
        (
            "The US Should Steer Clear of Russian ‘Help’ in Syria",
            "us-steer-clear-russian-help-syria",
        ),
        ("U.S. & U.K.: What’s next?", "us-uk-whats-next"),
        ("What Is It For?", "what-is-it-for"),
        ("Lead in Drinking Water (2021)", "lead-drinking-water-2021"),
        ("Über die Wärme", "über-die-wärme"),
        ("渋滞税は誰が払うのか", "渋滞税は誰が払うのか"),
        ("ﬁsh & ﬂag", "fish-flag"),
        ("a" * 50, "a" * 40),
        (f"{'a' * 36} word {'b' * 9}", "a" * 36),
        ("§ — …", ""),
        ("", ""),
    ],
)
def test_a_slug_is_the_weighty_words(title: str, key: str) -> None:
    assert slug(title) == key


DOCUMENTS = [
    ("us-steer-clear-russian-help-syria", "/briefs/us_russia-syria.2.html"),
    ("getting-lead-out-drinking-water", "/briefs/lead.md"),
    ("lead-paint", "stdin:0123"),
]


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ("us-steer-clear-rusian-help-syria", ["us-steer-clear-russian-help-syria"]),
        ("us_russia-syria", ["us-steer-clear-russian-help-syria"]),
        ("reports/us_russia-syria.2.html", ["us-steer-clear-russian-help-syria"]),
        ("Syria", ["us-steer-clear-russian-help-syria"]),
        ("lead", ["getting-lead-out-drinking-water", "lead-paint"]),  # a file of that very name
        ("leda-paint", ["lead-paint"]),
        ("pensions", []),
        ("***", []),
    ],
)
def test_the_nearest_keys_are_those_that_were_meant(asked: str, keys: list[str]) -> None:
    assert similar_keys(asked, DOCUMENTS) == keys


@given(st.text(), st.lists(st.tuples(st.text().map(slug).filter(bool), st.text()), max_size=5))
def test_nearest_keys_are_few_and_there(asked: str, documents: list[tuple[str, str]]) -> None:
    found = similar_keys(asked, documents)
    assert len(found) == len(set(found)) <= 3
    assert set(found) <= {key for key, _ in documents}
    for key, source in documents:
        assert key in similar_keys(key, [(key, source)])


def test_a_suffix_comes_from_the_source_alone() -> None:
    digits = hashlib.sha256(b"/briefs/a.txt").hexdigest()
    assert suffix("/briefs/a.txt") == digits[:4]
    assert suffix("/briefs/a.txt", 8) == digits[:8]
    assert suffix("/briefs/\udcff.txt") != suffix("/briefs/a.txt")


# References

keys = any_text.map(lambda text: re.sub(r"[#@\s]", "", text)).filter(bool)
revisions = st.none() | st.text("0123456789abcdef", min_size=8, max_size=8)
ordinals = st.none() | st.integers(1, 999_999_999)


@given(key=keys, revision=revisions, ordinal=ordinals)
def test_a_reference_parses_back(key: str, revision: str | None, ordinal: int | None) -> None:
    reference = Reference(key, revision, ordinal)
    assert Reference.parse(str(reference)) == reference
    assert Reference.parse(f"  {reference}\n") == reference


@given(text=any_text)
def test_what_parses_is_written_the_same(text: str) -> None:
    try:
        reference = Reference.parse(text)
    except BadUsage as error:
        assert "kb list shows the keys" in str(error)
        return
    assert str(reference) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#7",
        "key#",
        "key#0",
        "key#07",
        "key#-1",
        "key#1.5",
        "key#٧",
        "key#1234567890",
        "key#" + "9" * 5000,
        "key@",
        "key@3FA2C1D4",
        "key@3fa2c1d",
        "key@3fa2c1d44",
        "key#7@3fa2c1d4",
        "two words",
        "a@b#1#2",
        "half-\ud800",
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(BadUsage, match="is not a reference"):
        Reference.parse(text)


# Dates

days = st.dates(date(1000, 1, 1), date(9999, 12, 31))
partials = st.builds(lambda day, cut: day.isoformat()[:cut], days, st.sampled_from([4, 7, 10]))


@given(partial=partials)
def test_a_date_in_words_parses_back(partial: str) -> None:
    assert parse_date(partial) == partial
    assert parse_date(in_words(partial)) == partial
    assert require_date(in_words(partial), "--date") == partial


@given(partial=partials)
def test_an_interval_is_all_days_of_a_date(partial: str) -> None:
    first, last = interval(partial)
    assert first <= last
    assert first.isoformat().startswith(partial)
    assert last.isoformat().startswith(partial)
    if first > date.min:
        assert not (first - timedelta(days=1)).isoformat().startswith(partial)
    if last < date.max:
        assert not (last + timedelta(days=1)).isoformat().startswith(partial)


@given(text=any_text)
def test_what_parses_is_a_partial_date(text: str) -> None:
    parsed = parse_date(text)
    if parsed is not None:
        assert re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", parsed)
        interval(parsed)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("2017", "2017"),
        ("2017-03", "2017-03"),
        ("2017-3-1", "2017-03-01"),
        (" 2017-03-12 ", "2017-03-12"),
        ("2017-03-12T10:30:00Z", "2017-03-12"),
        ("2017-03-12 10:30", "2017-03-12"),
        ("12 March 2017", "2017-03-12"),
        ("12\u00a0March\u00a02017", "2017-03-12"),
        ("1st Sept. 2017", "2017-09-01"),
        ("September 2, 2017", "2017-09-02"),
        ("sep 2 2017", "2017-09-02"),
        ("MARCH 2017", "2017-03"),
        ("March, 2017", "2017-03"),
        ("29 February 2016", "2016-02-29"),
        ("29 February 2017", None),
        ("2017-13", None),
        ("2017-00", None),
        ("2017-02-30", None),
        ("3/4/2017", None),
        ("12.3.2017", None),
        ("March", None),
        ("in March 2017", None),
        ("٢٠١٧", None),
        ("0000", None),
        ("", None),
    ],
)
def test_a_date_is_read_or_not_guessed(text: str, parsed: str | None) -> None:
    assert parse_date(text) == parsed


def test_a_date_that_cannot_be_read_names_the_option() -> None:
    with pytest.raises(BadUsage, match=r"--since 3/4/2017: not a date.*Write 2017"):
        require_date("3/4/2017", "--since")


def test_a_date_in_words_is_as_precise_as_the_date() -> None:
    words = [in_words(partial) for partial in ("2017", "2017-03", "2017-03-02")]
    assert words == ["2017", "March 2017", "2 March 2017"]
    assert interval("2016-02") == (date(2016, 2, 1), date(2016, 2, 29))


# Which folder is meant


@pytest.fixture
def stores(home: Path) -> dict[str, Path]:
    """Folders in which a knowledge base stands (an empty file is enough to be found)."""
    folders = {
        "named": home / "named",
        "above": home / "work" / ".kb",
        "below": home / "work" / "deep" / "er" / ".kb",
        "data": home / ".local" / "share" / "kb",
    }
    for folder in folders.values():
        folder.mkdir(parents=True)
        (folder / "kb.sqlite3").touch()
    return folders


def test_the_option_wins_then_the_variable_then_the_nearest_then_the_data_folder(
    home: Path, stores: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert (locate(None).path, locate(None).chosen) == (stores["data"], "data folder")
    monkeypatch.chdir(home / "work" / "deep")
    assert (locate(None).path, locate(None).chosen) == (stores["above"], "nearest .kb")
    monkeypatch.chdir(home / "work" / "deep" / "er")
    assert locate(None).path == stores["below"]
    monkeypatch.setenv("KB_DIR", "~/named")
    assert (locate(None).path, locate(None).chosen) == (stores["named"], "KB_DIR")
    assert (locate("elsewhere").path, locate("elsewhere").chosen) == (Path("elsewhere"), "--kb")
    assert [locate(None).exists, locate("elsewhere").exists] == [True, False]
    monkeypatch.setenv("KB_DIR", "")
    assert locate(None).path == stores["below"]


def test_a_folder_that_holds_a_store_stands_for_it(home: Path, stores: dict[str, Path]) -> None:
    assert locate(str(home / "work")).path == stores["above"]
    assert locate(str(home / "named")).path == stores["named"]
    assert locate("~/work").path == stores["above"]


def test_a_folder_named_kb_without_a_store_is_passed_by(
    home: Path, stores: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = home / "work" / "deep" / "er" / "est"
    (here / ".kb").mkdir(parents=True)
    monkeypatch.chdir(here)
    assert locate(None).path == stores["below"]


def test_a_working_folder_that_is_gone_means_the_data_folder(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = home / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert locate(None).chosen == "data folder"
    monkeypatch.chdir(home)


def test_who_needs_a_store_hears_how_to_make_one(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreError, match="Make one from your briefs with: kb ingest"):
        required(None)
    with pytest.raises(StoreError, match=r"no knowledge base here \(--kb\).*kb --kb 'x' ingest"):
        required("x")
    monkeypatch.setenv("KB_DIR", "y")
    with pytest.raises(StoreError, match=r"y: there is no knowledge base here \(KB_DIR\)"):
        required(None)


# Context

headings = st.lists(titles, max_size=4).map(tuple)


@given(title=titles, heading=headings, window=st.integers(0, 60))
def test_a_context_fits_a_quarter_of_the_window(
    title: str, heading: tuple[str, ...], window: int
) -> None:
    count = HashingEncoder().count
    context = context_of(title, heading, count, window)
    assert not context or count(context) <= window // 4
    assert in_context(context, "text") in (f"{context}\ntext", "text")


@given(title=titles, heading=headings, window=st.integers(0, 60))
def test_a_context_is_the_longest_end_that_fits(
    title: str, heading: tuple[str, ...], window: int
) -> None:
    count = HashingEncoder().count
    context = context_of(title, heading, count, window)
    parts = [part for part in (title, *heading) if part]
    ends = [" — ".join(parts[n:]) for n in range(len(parts))]  # the longest first
    if fitting := [end for end in ends if count(end) <= window // 4]:
        assert context == fitting[0]
        return
    assume(parts)
    words = parts[-1].split()
    kept = context.split()
    assert kept == words[len(words) - len(kept) :]
    if len(kept) < len(words):
        assert count(" ".join(words[-len(kept) - 1 :])) > window // 4


def test_a_context_is_title_and_path() -> None:
    count = HashingEncoder().count
    path = ("Quotas", "Who sets them")
    assert context_of("Fish", path, count, 256) == "Fish — Quotas — Who sets them"
    assert context_of("Fish", path, count, 4 * 7) == "Quotas — Who sets them"
    assert context_of("Fish", path, count, 4 * 6) == "Who sets them"
    assert context_of("Fish", path, count, 4 * 4) == "sets them"
    assert context_of("Fish", path, count, 4 * 2) == ""
    assert context_of("", (), count, 256) == ""
    assert in_context("Fish", "Two tons.") == "Fish\nTwo tons."
    assert in_context("", "Two tons.") == "Two tons."


# Records


@given(
    text=any_text,
    other=any_text,
    cuts=st.lists(st.tuples(st.integers(0, 9), st.integers(9, 20)), max_size=3),
)
def test_a_revision_names_text_and_cutting(
    text: str, other: str, cuts: list[tuple[int, int]]
) -> None:
    spans = [Span(*cut) for cut in cuts]
    name = revision_of(text, spans)
    assert re.fullmatch("[0-9a-f]{8}", name)
    assert name == revision_of(text, iter(spans))
    assert (revision_of(other, spans) == name) == (other == text)
    assert revision_of(text, [*spans, Span(20, 21)]) != name
    if spans:
        assert revision_of(text, [*spans[:-1], Span(spans[-1].start, spans[-1].end + 1)]) != name


def test_a_revision_is_known_by_its_digest() -> None:
    assert revision_of("a b", []) == hashlib.sha256(b"a b").hexdigest()[:8]
    spans = [Span(0, 1), Span(2, 3)]
    assert revision_of("a b", spans) == hashlib.sha256(b"a b\x000:1\x002:3").hexdigest()[:8]


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2), (-2, -1)])
def test_a_span_runs_forward(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="a span needs 0 <= start <= end"):
        Span(start, end)


def test_a_passage_knows_its_references() -> None:
    passage = Passage("us-syria", "3fa2c1d4", 7, 9, Span(0, 1), "a")
    assert Reference.parse(passage.reference) == Reference("us-syria", None, 7)
    assert Reference.parse(passage.pinned) == Reference("us-syria", "3fa2c1d4", 7)


def test_a_record_is_from_its_own_address() -> None:
    source = Provenance("/briefs.jsonl#7", "00", "application/jsonl", "record 1", "2026-11-22")
    title, url = Metadata(title="A"), "https://example.org/a"
    plain = Document("a", "0", Metadata(title="A", url=url), "a", (source,))
    assert plain.source == "/briefs.jsonl#7"
    record = replace(plain, external_id="7")
    assert record.source == url
    assert Document("a", "0", title, "a", (source,), external_id="7").source == "/briefs.jsonl#7"
    assert source.reader_name == "record"
    assert Edition(plain, ()).removed == ()
