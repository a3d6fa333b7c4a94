"""From sources to a filled store: once is enough, changes are revisions, nothing is lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from asking import Ranked, dense, lexical
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.drafts import Block, Reading, lay_out
from ingest.pipeline import reprocessing as again
from ingest.pipeline.report import Report
from ingest.pipeline.run import Options, ingest
from ingest.readers import plain
from ingest.sources.discovered import Source
from ingest.sources.files import discover
from kb.catalogue import check_model
from kb.encoders.context import texts_of
from kb.encoders.hashing import HashingEncoder
from kb.errors import ModelMismatch, NotFound, Refused
from kb.index.clauses import Phrase
from kb.keys import Reference, suffix
from kb.metadata import Metadata
from kb.records import Refusal
from kb.store import Store, open_store

if TYPE_CHECKING:
    from kb.encoder import Matrix

BODY = "The government raised the levy on bottles in May, and shops passed it on within weeks."
BRIEF = f"A levy on bottles works\n\n{BODY}\n"
OTHER = f"A levy on bottles fails\n\n{BODY} Then it fell.\n"
MORE = "Then the levy fell again, as the ministry had said it would when it was raised."
NOTICE = (
    "This website uses cookies to enhance user experience and to analyze traffic on our website. "
    "You can set your browser to block these cookies."
)
Ask = Callable[..., tuple[int, str, str]]


class Counting(HashingEncoder):
    """The hashing encoder, which notes what it was asked and minds the window."""

    def __init__(self, stop_before: int = 0) -> None:
        super().__init__()
        self.asked: list[int] = []
        self.stop_before = stop_before

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        if len(self.asked) + 1 == self.stop_before:
            raise KeyboardInterrupt
        assert all(self.count(text) <= self.window for text in texts)
        self.asked.append(len(texts))
        return super().encode_passages(texts)


class English(HashingEncoder):
    """A model that says which language it knows."""

    name = "english"
    languages = frozenset({"en"})


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that the plain reader read."""
    names: list[str] = []
    read = plain.read

    def noted(data: bytes, name: str) -> Any:
        names.append(name)
        return read(data, name)

    monkeypatch.setattr(plain, "read", noted)
    return names


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for sources."""
    made = tmp_path / "briefs"
    made.mkdir()
    return made


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def take(store: Store, *sources: Path, **options: Any) -> Report:
    """Ingest into a store with the hashing encoder."""
    found = discover([str(source) for source in sources])
    return ingest(found, store, HashingEncoder(), Options(**options))


def documents(store: Store) -> dict[str, list[str]]:
    """The names of the sources of each document, by its key."""
    return {
        entry.document: [Path(source.uri).name for source in entry.sources]
        for entry in store.entries()
    }


def long_text(name: str, paragraphs: int) -> str:
    """A text of so many passages."""
    body = " ".join(f"{name}{number}" for number in range(70))
    parts = (f"On part {number} of it {body}." for number in range(paragraphs))
    return f"A long brief on {name}\n\n" + "\n\n".join(parts)


def assert_sound(store: Store) -> None:
    assert list(store.faults()) == []


# Once is enough


def test_ingesting_twice_is_ingesting_once(
    store: Store, folder: Path, counting: Counting, readings: list[str]
) -> None:
    """Law 5: twice is once."""
    write(folder / "a.txt", BRIEF)
    write(folder / "b.txt", OTHER)
    first = ingest(discover([str(folder)]), store, counting)
    assert (len(first.added), len(first.updated), first.unchanged) == (2, 0, 0)
    assert readings == ["a.txt", "b.txt"]
    assert counting.asked == [2]
    entries, generation = store.entries(), store.manifest.generation

    second = ingest(discover([str(folder)]), store, counting)
    assert (second.added, second.updated, second.unchanged) == ([], [], 2)
    assert readings == ["a.txt", "b.txt"], "an unchanged source was read again"
    assert counting.asked == [2], "an unchanged source was encoded again"
    assert store.entries() == entries
    assert store.manifest.generation == generation
    assert_sound(store)


def test_reread_reads_again_and_finds_nothing_new(
    store: Store, folder: Path, readings: list[str]
) -> None:
    write(folder / "a.txt", BRIEF)
    take(store, folder)
    before = store.edition(Reference("levy-bottles-works"))
    report = take(store, folder, reread=True)
    assert (report.added, report.updated, report.unchanged) == ([], [], 1)
    assert readings == ["a.txt", "a.txt"]
    after = store.edition(Reference("levy-bottles-works"))
    assert after.passages == before.passages
    assert after.document.revision == before.document.revision
    assert store.size == len(after.passages)


def test_a_changed_source_is_a_new_revision_and_the_old_one_is_still_shown(
    store: Store, folder: Path
) -> None:
    file = write(folder / "a.txt", BRIEF)
    take(store, file)
    (entry,) = store.entries()
    old = store.passage(Reference(entry.document, None, 1))

    write(file, BRIEF.replace("May", "June"))
    report = take(store, file)
    assert [each.document for each in report.updated] == [entry.document]
    (now,) = store.entries()
    assert now.document == entry.document
    assert now.revision != entry.revision
    assert store.passage(Reference(entry.document, entry.revision, 1)) == old
    assert "May" in old.text
    assert "June" in store.passage(Reference(entry.document, None, 1)).text
    assert lexical(store, [Phrase(("may",))], 10) == []
    assert len(lexical(store, [Phrase(("june",))], 10)) == 1

    write(file, BRIEF)  # and back: the same words bear the same name
    take(store, file)
    assert store.entries()[0].revision == entry.revision
    assert store.passage(Reference(entry.document, entry.revision, 1)) == old
    assert_sound(store)


def test_a_pinned_reference_is_shown_by_the_command_line_after_a_change(
    ask: Ask, home: Path
) -> None:
    ask("init", "--model", "hashing")
    write(home / "a.txt", BRIEF)
    ask("ingest", "a.txt")
    hit = json.loads(ask("search", "levy", "--format", "json")[1])["hits"][0]
    write(home / "a.txt", OTHER)
    report = json.loads(ask("ingest", "--json", "a.txt")[1])
    assert [each["document"] for each in report["updated"]] == [hit["document"]]
    code, out, _ = ask("show", hit["pinned"], "--format", "json")
    assert code == 0
    assert json.loads(out)["text"] == hit["text"]
    assert ask("verify")[0] == 0


def test_the_bytes_are_kept_and_read_again_give_the_same_text(store: Store, folder: Path) -> None:
    """Law 4."""
    file = folder / "a.txt"
    file.write_bytes(BRIEF.replace("\n", "\r\n").encode("utf-16"))
    take(store, file)
    document = store.edition(Reference("levy-bottles-works")).document
    (source,) = document.sources
    data = store.original(source.sha256)
    assert data == file.read_bytes()
    assert hashlib.sha256(data).hexdigest() == source.sha256
    assert lay_out(plain.read(data, "a.txt")).text == document.text == BRIEF.strip()


# The same bytes twice


@pytest.mark.parametrize("runs", [1, 2])
def test_the_same_bytes_at_two_paths_are_one_document(
    store: Store, folder: Path, counting: Counting, runs: int
) -> None:
    files = [write(folder / name, BRIEF) for name in ("a.txt", "b.txt")]
    batches = [files] if runs == 1 else [[file] for file in files]
    reports = [
        ingest(discover([str(file) for file in batch]), store, counting) for batch in batches
    ]
    assert sum(len(report.added) for report in reports) == 1
    assert sum(report.unchanged for report in reports) == 1
    assert documents(store) == {"levy-bottles-works": ["a.txt", "b.txt"]}
    assert counting.asked == [1]
    assert take(store, folder).unchanged == 2
    assert_sound(store)


def test_the_same_bytes_of_two_formats_are_two_documents(store: Store, folder: Path) -> None:
    write(folder / "a.txt", BRIEF)
    write(folder / "a.md", BRIEF)
    take(store, folder)
    assert sorted(documents(store).values()) == [["a.md"], ["a.txt"]]
    assert take(store, folder).unchanged == 2


def test_two_briefs_that_share_a_paragraph_are_both_found(store: Store, folder: Path) -> None:
    write(folder / "a.txt", BRIEF)
    write(folder / "b.txt", f"Another view of levies\n\n{BODY}\n")
    take(store, folder)
    found = lexical(store, [Phrase(("government",))], 10)
    assert {document for document, _, _ in found} == {"levy-bottles-works", "another-view-levies"}


@pytest.mark.parametrize("changed", ["a.txt", "b.txt"])
def test_when_one_of_two_sources_changes_it_becomes_a_document_of_its_own(
    store: Store, folder: Path, changed: str
) -> None:
    for name in ("a.txt", "b.txt"):
        write(folder / name, BRIEF)
    take(store, folder)
    write(folder / changed, OTHER)
    report = take(store, folder)
    assert (len(report.added), report.unchanged) == (1, 1)
    left = "b.txt" if changed == "a.txt" else "a.txt"
    assert documents(store) == {"levy-bottles-works": [left], "levy-bottles-fails": [changed]}
    assert take(store, folder).unchanged == 2

    write(folder / changed, BRIEF)  # and together again
    take(store, folder)
    assert documents(store) == {"levy-bottles-works": ["a.txt", "b.txt"]}
    assert store.size == 1
    assert_sound(store)


@pytest.mark.parametrize("runs", [1, 2])
def test_when_both_of_two_sources_change_the_last_keeps_the_key(
    store: Store, folder: Path, runs: int
) -> None:
    files = [write(folder / name, BRIEF) for name in ("a.txt", "b.txt")]
    take(store, folder)
    write(files[0], OTHER)
    write(files[1], f"Something else entirely\n\n{BODY} So it goes.\n")
    for batch in [files] if runs == 1 else [[file] for file in files]:
        take(store, *batch)
    assert documents(store) == {"levy-bottles-fails": ["a.txt"], "levy-bottles-works": ["b.txt"]}
    assert_sound(store)


@pytest.mark.parametrize("names", [("a.txt", "b.txt"), ("b.txt", "a.txt")])
def test_a_copy_of_what_a_file_was_is_not_lost_when_the_file_changes_in_the_same_run(
    store: Store, folder: Path, names: tuple[str, str]
) -> None:
    changed, copy = (folder / name for name in names)
    write(changed, BRIEF)
    take(store, changed)
    write(copy, BRIEF)
    write(changed, OTHER)
    take(store, folder)
    kept = {name: key for key, sources in documents(store).items() for name in sources}
    assert set(kept) == {"a.txt", "b.txt"}
    for path in (changed, copy):
        assert store.edition(Reference(kept[path.name])).document.text == path.read_text().strip()
    assert take(store, folder).unchanged == 2
    assert_sound(store)


def test_reading_one_of_two_sources_again_keeps_the_other(store: Store, folder: Path) -> None:
    for name in ("a.txt", "b.txt"):
        write(folder / name, f"{BRIEF}\n{NOTICE}\n\nAccept Cookies\n")
    take(store, folder)
    both = {"levy-bottles-works": ["a.txt", "b.txt"]}
    take(store, folder / "a.txt", reread=True)
    assert documents(store) == both
    take(store, folder / "b.txt", overrides=Metadata(author=("Jane Roe",)))
    assert documents(store) == both
    again.restore_text(store, HashingEncoder(), "levy-bottles-works", 1)
    assert documents(store) == both
    assert store.entries()[0].metadata.author == ("Jane Roe",)
    assert take(store, folder).unchanged == 2


def test_a_renamed_file_keeps_its_key(store: Store, folder: Path) -> None:
    file = write(folder / "a.txt", BRIEF)
    take(store, file)
    file.rename(folder / "b.txt")
    take(store, folder)
    assert documents(store) == {"levy-bottles-works": ["a.txt", "b.txt"]}


# Taken out and back


def test_a_removed_document_comes_back_under_its_key(store: Store, folder: Path) -> None:
    file = write(folder / "a.txt", BRIEF)
    take(store, file, overrides=Metadata(author=("Jane Roe",)))
    store.remove("levy-bottles-works")
    assert store.size == 0
    write(file, OTHER)
    take(store, file)
    (entry,) = store.entries()
    assert entry.document == "levy-bottles-works"
    assert entry.metadata.author == ("Jane Roe",)


def test_two_sources_of_a_removed_document_that_differ_now_both_come_back(
    store: Store, folder: Path
) -> None:
    for name in ("a.txt", "b.txt"):
        write(folder / name, BRIEF)
    take(store, folder)
    store.remove("levy-bottles-works")
    write(folder / "b.txt", OTHER)
    report = take(store, folder)
    assert len(report.added) == 2
    assert documents(store) == {"levy-bottles-works": ["a.txt"], "levy-bottles-fails": ["b.txt"]}
    assert_sound(store)


# The order does not matter

TEXTS = [
    BRIEF,
    OTHER,
    f"A levy on bottles works\n\n{BODY} This is another brief of the same title.\n",
    f"A levy on bottles works\n\nShort.\n\nCosts to firms\n\n{BODY}\n\n{NOTICE}\n\n{NOTICE}\n",
    long_text("levy", 4),
]


def state(store: Store) -> tuple[Any, Any, Any]:
    """All that is kept and found, by source: the keys are left out."""
    editions = {
        entry.document: store.edition(Reference(entry.document)) for entry in store.entries()
    }
    origin = {
        key: tuple(source.uri for source in edition.document.sources)
        for key, edition in editions.items()
    }
    kept = sorted(
        (
            origin[key],
            edition.document.title,
            edition.document.text,
            [(place.span, place.paragraph, place.heading) for place in edition.passages],
            edition.removed,
        )
        for key, edition in editions.items()
    )

    def places(found: Ranked) -> list[Any]:
        return sorted((-round(score, 5), origin[key], ordinal) for key, ordinal, score in found)

    question = HashingEncoder().encode_question("who raised the levy on bottles in May")
    near = places(dense(store, question, 100))
    matching = places(lexical(store, [Phrase(("levy",)), Phrase(("may",))], 100))
    return kept, near, matching


@settings(max_examples=15)
@given(
    st.lists(st.sampled_from(range(len(TEXTS))), min_size=2, max_size=4).flatmap(
        lambda texts: st.tuples(st.just(texts), st.permutations(range(len(texts))))
    ),
    st.booleans(),
)
def test_a_then_b_finds_what_b_then_a_finds(
    drawn: tuple[list[int], list[int]], one_by_one: bool
) -> None:
    """Law 5: the order of ingest changes nothing."""
    texts, order = drawn
    with TemporaryDirectory() as name:
        folder = Path(name)
        files = [write(folder / f"{number}.txt", TEXTS[text]) for number, text in enumerate(texts)]
        shuffled = [files[number] for number in order]
        with (
            open_store(folder / "one", create=True, model="hashing") as one,
            open_store(folder / "two", create=True, model="hashing") as two,
        ):
            take(one, *files)
            for batch in [[file] for file in shuffled] if one_by_one else [shuffled]:
                take(two, *batch)
            assert state(one) == state(two)
            assert len(one.entries()) == len(set(texts))
            for store in (one, two):
                for entry in store.entries():
                    assert_key(entry.document, [source.uri for source in entry.sources])
                assert_sound(store)


def assert_key(key: str, uris: list[str]) -> None:
    """A key is the title's slug, or that and a suffix from one of the document's sources."""
    bases = ("levy-bottles-works", "levy-bottles-fails", "long-brief-levy")
    assert any(key == base or key in {f"{base}-{suffix(uri)}" for uri in uris} for base in bases)


def test_keys_are_told_apart_by_the_source(store: Store, folder: Path) -> None:
    files = [write(folder / f"{number}.txt", f"{BRIEF}{'so ' * number}") for number in range(3)]
    take(store, folder)
    base = "levy-bottles-works"
    assert set(documents(store)) == {base, *(f"{base}-{suffix(str(file))}" for file in files[1:])}


@pytest.mark.parametrize(
    ("name", "text", "key"),
    [
        ("some_file.txt", BODY, "some-file"),
        ("的.txt", BODY, "的"),
        ("!.txt", BODY, "brief"),
        ("a.txt", "!?! -- !?!", "a"),
    ],
)
def test_a_text_without_a_headline_is_keyed_by_its_file(
    store: Store, folder: Path, name: str, text: str, key: str
) -> None:
    take(store, write(folder / name, text))
    assert list(documents(store)) == [key]


# What is stated


def test_what_is_stated_wins_and_survives(store: Store, folder: Path, counting: Counting) -> None:
    file = write(
        folder / "a.md",
        f"---\nauthor: The File\ndate: 2016\npublisher: Press\ntags: [old]\n---\n# Levy\n\n{BODY}",
    )
    stated = Metadata(title="Bottles", author=("Jane Roe",), issued="2017-03", keyword=("waste",))
    found = list(discover([str(file)]))
    ingest(found, store, counting, Options(overrides=stated))
    (entry,) = store.entries()
    assert entry.document == "bottles"

    def facts() -> tuple[Any, ...]:
        (now,) = store.entries()
        known = now.metadata
        return known.title, known.author, known.issued, known.publisher, known.keyword

    expected = ("Bottles", ("Jane Roe",), "2017-03", "Press", ("waste",))
    assert facts() == expected
    assert ingest(found, store, counting, Options(overrides=stated)).unchanged == 1
    assert ingest(found, store, counting).unchanged == 1
    assert counting.asked == [1]

    write(file, file.read_text().replace("May", "June"))
    assert len(take(store, file).updated) == 1
    assert facts() == expected
    take(store, file, reread=True)
    assert facts() == expected

    report = take(store, file, overrides=Metadata(publisher="House"))  # one more thing is stated
    assert len(report.updated) == 1
    assert facts() == ("Bottles", ("Jane Roe",), "2017-03", "House", ("waste",))
    assert_sound(store)


def test_a_stated_title_is_the_context_that_is_encoded(store: Store, folder: Path) -> None:
    file = write(folder / "a.txt", BRIEF)
    take(store, file)
    question = HashingEncoder().encode_question("zebra")
    assert dense(store, question, 1)[0][2] == 0
    take(store, file, overrides=Metadata(title="Zebra zebra"))
    assert dense(store, question, 1)[0][2] > 0.3
    assert len(lexical(store, [Phrase(("zebra",))], 5)) == 1


@pytest.mark.parametrize("date", ["3/4/2017", "soon", "2017-13"])
def test_a_stated_date_that_is_none_is_an_error(ask: Ask, home: Path, date: str) -> None:
    write(home / "a.txt", BRIEF)
    code, out, err = ask("ingest", "--date", date, "a.txt")
    assert (code, out) == (2, "")
    assert err.startswith(f"kb: --date {date}: not a date")


# How it is read


def test_a_reader_can_be_chosen(store: Store, folder: Path) -> None:
    file = write(folder / "a.md", f"# Levy\n\n{BODY} *Really*.\n")
    take(store, file)
    report = take(store, file, reader="plain")
    assert len(report.updated) == 1
    (entry,) = store.entries()
    assert entry.sources[0].reader == f"plain {plain.VERSION}"
    assert "*Really*" in store.edition(Reference(entry.document)).document.text
    assert take(store, file, reader="plain").unchanged == 1
    assert_sound(store)


def test_records_are_read_as_records_whatever_reader_is_chosen(store: Store, folder: Path) -> None:
    take(store, write(folder / "r.jsonl", '{"title": "T", "text": "# x"}'), reader="markdown")
    (entry,) = store.entries()
    assert store.edition(Reference(entry.document)).document.text == "# x"


def test_a_page_of_furniture_alone_is_refused_with_advice(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = Reading((Block("Accept all", reason="cookie notice"),), Metadata(title="T"))
    monkeypatch.setattr(plain, "read", lambda data, name: reading)
    (refused,) = take(store, write(folder / "a.txt", "Accept all")).refused
    assert "Try --reader plain" in refused.reason


def test_a_source_that_cannot_be_loaded_is_refused_and_the_rest_taken_in(
    store: Store, folder: Path
) -> None:
    def load() -> bytes:
        raise Refused("permission denied")

    broken = Source("/there/broken.txt", "broken.txt", "text/plain", load)
    strange = Source("/there/a.doc", "a.doc", "application/msword", lambda: b"\xd0\xcf")
    (good,) = discover([str(write(folder / "good.txt", BRIEF))])
    report = ingest([broken, strange, good], store, HashingEncoder())
    assert report.refused == [
        Refusal("/there/broken.txt", "permission denied"),
        Refusal("/there/a.doc", "kb does not read application/msword"),
    ]
    assert documents(store) == {"levy-bottles-works": ["good.txt"]}


# Languages

GERMAN = (
    "Die Regierung hat die Abgabe auf Flaschen im Mai erhöht, und die Geschäfte haben sie an ihre "
    "Kunden weitergegeben. Niemand hat sich darüber beschwert, und die Mehrwegquote stieg."
)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (GERMAN, "it reads as German; the model english knows English"),
        (BRIEF * 3, None),
        ("Zu kurz.", None),
        (f"---\nlanguage: de-AT\n---\n{BODY}", "it reads as German"),
        (f"---\nlanguage: en-GB\n---\n{BODY}", None),
        (f"---\nlanguage: EN\n---\n{BODY}", None),
        (f"---\nlanguage: English\n---\n{BODY}", None),
    ],
)
def test_a_language_that_the_model_does_not_know_is_taken_in_with_a_note(
    store: Store, folder: Path, text: str, note: str | None
) -> None:
    report = ingest(discover([str(write(folder / "a.md", text))]), store, English())
    (added,) = report.added
    if note is None:
        assert added.notes == ()
    else:
        assert len(added.notes) == 1
        assert note in added.notes[0]
        assert "Search it by words that stand in it" in added.notes[0]
    assert store.size == 1


def test_a_model_that_knows_all_languages_says_nothing(store: Store, folder: Path) -> None:
    (added,) = take(store, write(folder / "a.txt", GERMAN)).added
    assert added.notes == ()
    assert store.entries()[0].metadata.language == "de"


# Removed text


@pytest.fixture
def noticed(store: Store, folder: Path) -> str:
    """The key of a document of which a cookie notice and two buttons were left out."""
    text = f"{BRIEF}\n{MORE}\n\n{NOTICE}\n\nAccept Cookies\n\nManage Cookies\n"
    (added,) = take(store, write(folder / "a.txt", text)).added
    assert added.removed == 3
    return added.document


def test_removed_text_can_be_taken_back_for_good(
    store: Store, folder: Path, noticed: str, counting: Counting
) -> None:
    before = store.edition(Reference(noticed))
    assert NOTICE not in before.document.text
    after = again.restore_text(store, counting, noticed, 1)
    assert store.edition(Reference(noticed)) == after
    assert after.document.text == f"{before.document.text}\n\n{NOTICE}"
    assert after.document.revision != before.document.revision
    assert [gone.text for gone in after.removed] == ["Accept Cookies", "Manage Cookies"]
    assert any(NOTICE in passage.text for passage in after.passages)
    assert counting.asked == [len(after.passages)]

    old = before.passages[0]
    assert store.passage(Reference(noticed, before.document.revision, 1)) == old
    for options in ({}, {"reread": True}):
        assert take(store, folder, **options).unchanged == 1
        assert store.edition(Reference(noticed)).document.text == after.document.text
    write(folder / "a.txt", (folder / "a.txt").read_text().replace("May", "June"))
    take(store, folder)
    assert NOTICE in store.edition(Reference(noticed)).document.text
    assert_sound(store)


def test_a_caption_that_stood_twice_can_be_taken_back(store: Store, folder: Path) -> None:
    write(folder / "a.txt", f"{BRIEF}\n{BODY}\n\n{MORE}\n")
    (added,) = take(store, folder).added
    assert added.removed == 1
    after = again.restore_text(store, HashingEncoder(), added.document, 1)
    assert after.document.text.count(BODY) == 2
    assert after.removed == ()


@pytest.mark.parametrize("number", [0, 4])
def test_a_removed_text_that_is_not_there_changes_nothing(
    store: Store, noticed: str, number: int
) -> None:
    before = store.edition(Reference(noticed))
    with pytest.raises(NotFound, match="3 removed texts"):
        again.restore_text(store, HashingEncoder(), noticed, number)
    assert store.edition(Reference(noticed)) == before
    assert store.document_state(noticed).restored == frozenset()


def test_keep_text_on_the_command_line(ask: Ask, home: Path) -> None:
    ask("init", "--model", "hashing")
    write(home / "a.txt", f"{BRIEF}\n{MORE}\n\n{NOTICE}\n\nAccept Cookies\n")
    ask("ingest", "a.txt")
    shown = json.loads(ask("show", "levy-bottles-works", "--removed", "--format", "json")[1])
    assert [gone["text"] for gone in shown["removed"]] == [NOTICE, "Accept Cookies"]
    code, out, _ = ask("keep-text", "levy-bottles-works", "1", "--json")
    assert code == 0
    kept = json.loads(ask("show", "levy-bottles-works", "--format", "json")[1])
    assert json.loads(out)["revision"] == kept["revision"]
    assert kept["text"].endswith(NOTICE)
    assert ask("search", "set your browser")[0] == 0
    code, _, err = ask("keep-text", "levy-bottles-works", "2")
    assert code == 2 or "Accept Cookies" in ask("show", "levy-bottles-works")[1]
    assert ask("keep-text", "no-such", "1")[0] == 2
    assert ask("verify")[0] == 0, err


# Encoded once


def test_of_a_changed_brief_only_what_changed_is_encoded(store: Store, folder: Path) -> None:
    text = long_text("ash", 5)
    write(folder / "a.txt", text)
    ingest(discover([str(folder)]), store, first := Counting())
    assert sum(first.asked) == 5
    changed = text.replace("On part 3 of it", "On part 3 of this")
    write(folder / "a.txt", changed)
    report = ingest(discover([str(folder)]), store, second := Counting())
    assert (len(report.updated), report.updated[0].passages) == (1, 5)
    assert second.asked == [1]
    assert_vectors_are_of_their_texts(store)
    title, *paragraphs = changed.split("\n\n")
    write(folder / "a.txt", "\n\n".join([title, *paragraphs[::-1]]))
    report = ingest(discover([str(folder)]), store, third := Counting())
    assert (len(report.updated), third.asked) == (1, []), "the same paragraphs in another order"
    assert_vectors_are_of_their_texts(store)


def test_passages_that_several_briefs_share_are_encoded_once(store: Store, folder: Path) -> None:
    text = "\n".join(long_text("terms", 3).split("\n\n")[1:])
    records = [{"_id": str(n), "title": "Terms", "text": text} for n in range(200)]
    write(folder / "a.jsonl", "\n".join(json.dumps(record) for record in records))
    report = ingest(discover([str(folder / "a.jsonl")]), store, counting := Counting())
    assert (len(report.added), store.size, counting.asked) == (200, 600, [3])
    assert_vectors_are_of_their_texts(store)


def assert_vectors_are_of_their_texts(store: Store) -> None:
    encoder = HashingEncoder()
    texts = [
        text
        for entry in store.entries()
        for text in texts_of(store.edition(Reference(entry.document)), encoder)
    ]
    known = store.encoded(texts)
    assert set(known) == set(texts)
    assert np.array_equal([known[text] for text in texts], encoder.encode_passages(texts))


# Stopped, and with another model


def test_what_was_finished_is_kept_when_a_person_stops_it(store: Store, folder: Path) -> None:
    for name in ("ash", "birch", "cedar"):
        write(folder / f"{name}.txt", long_text(name, 150))
    report = ingest(discover([str(folder)]), store, Counting(stop_before=5))
    assert report.interrupted
    assert [each.document for each in report.added] == ["long-brief-ash", "long-brief-birch"]
    assert sorted(documents(store)) == ["long-brief-ash", "long-brief-birch"]
    assert store.size == 300
    assert_sound(store)

    again = ingest(discover([str(folder)]), store, counting := Counting())
    assert not again.interrupted
    assert (len(again.added), again.unchanged) == (1, 2)
    assert sum(counting.asked) == 150, "what was kept was encoded again"
    assert store.size == 450
    assert_sound(store)


def test_a_file_that_its_reader_stumbles_over_is_refused_by_name(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingest.readers import plain

    read = plain.read

    def stumble(data: bytes, name: str) -> object:
        if name == "b.txt":
            raise IndexError("no such row")
        return read(data, name)

    monkeypatch.setattr(plain, "read", stumble)
    for name, text in (("a", BRIEF), ("b", OTHER), ("c", OTHER + "More.\n")):
        write(folder / f"{name}.txt", text)
    report = ingest(discover([str(folder)]), store, HashingEncoder())
    assert len(report.added) == 2
    (refusal,) = report.refused
    assert refusal.source.endswith("b.txt")
    assert "stumbled" in refusal.reason
    assert "IndexError" in refusal.reason


def test_stopping_says_how_to_go_on(ask: Ask, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(self: HashingEncoder, texts: Sequence[str]) -> Matrix:
        raise KeyboardInterrupt

    ask("init", "--model", "hashing")
    write(home / "a.txt", BRIEF)
    with monkeypatch.context() as patch:
        patch.setattr(HashingEncoder, "encode_passages", stop)
        code, _, err = ask("ingest", "a.txt")
    assert code == 130
    assert "run the same command again to go on" in err
    assert json.loads(ask("list", "--json")[1]) == {"documents": []}
    assert ask("ingest", "a.txt")[0] == 0


def test_another_model_is_refused_before_anything_is_read(
    ask: Ask, home: Path, monkeypatch: pytest.MonkeyPatch, readings: list[str]
) -> None:
    ask("init", "--model", "hashing")
    write(home / "a.txt", BRIEF)
    write(home / "b.txt", OTHER)
    ask("ingest", "a.txt")
    other = HashingEncoder(64)
    monkeypatch.setattr("ingest.pipeline.session.encoder_of", lambda manifest: other)
    code, out, err = ask("ingest", "b.txt")
    assert code == 2
    assert out == ""
    assert HashingEncoder().fingerprint in err
    assert other.fingerprint in err
    assert readings == ["a.txt"]
    assert len(json.loads(ask("list", "--json")[1])["documents"]) == 1


def test_the_model_is_checked_against_the_store(store: Store, folder: Path) -> None:
    check_model(store.manifest, HashingEncoder(64), store.location)  # nothing is in it yet
    take(store, write(folder / "a.txt", BRIEF))
    check_model(store.manifest, HashingEncoder(), store.location)
    with pytest.raises(ModelMismatch):
        check_model(store.manifest, HashingEncoder(64), store.location)


# The report


def test_the_report_as_json(ask: Ask, home: Path) -> None:
    ask("init", "--model", "hashing")
    write(home / "a.txt", f"{BRIEF}\n{MORE}\n\n{NOTICE}\n\nAccept Cookies\n")
    write(home / "b.txt", f"{OTHER}\a end")
    write(home / "empty.txt", "")
    code, out, _ = ask("ingest", "--json", "a.txt", "b.txt", "empty.txt")
    report = json.loads(out)
    assert code == 1
    assert isinstance(report.pop("took_ms"), int)
    assert report == {
        "added": [
            {
                "document": "levy-bottles-works",
                "source": str(home / "a.txt"),
                "title": "A levy on bottles works",
                "passages": 1,
                "removed": 2,
                "notes": [],
            },
            {
                "document": "levy-bottles-fails",
                "source": str(home / "b.txt"),
                "title": "A levy on bottles fails",
                "passages": 1,
                "removed": 0,
                "notes": ["1 control character became spaces"],
            },
        ],
        "updated": [],
        "unchanged": 0,
        "refused": [{"source": str(home / "empty.txt"), "reason": "an empty file"}],
        "attached": [],
        "left_alone": [],
        "vanished": [],
    }
    write(home / "b.txt", OTHER)
    report = json.loads(ask("ingest", "--json", "a.txt", "b.txt")[1])
    assert report["unchanged"] == 1
    assert [each["document"] for each in report["updated"]] == ["levy-bottles-fails"]


def test_the_report_for_a_person(ask: Ask, home: Path) -> None:
    ask("init", "--model", "hashing")
    write(home / "a.txt", f"{BRIEF}\n{MORE}\n\n{NOTICE}\n\nAccept Cookies\n")
    write(home / "empty.txt", "")
    code, out, err = ask("ingest", ".")
    assert code == 1
    assert out == (
        "added    levy-bottles-works  A levy on bottles works (1 passage, 2 texts left out)\n"
    )
    assert f"refused: {home / 'empty.txt'}: an empty file\n" in err
    assert "1 added, 0 updated, 0 unchanged, 1 refused: 1 passage in " in err


def test_many_refusals_for_one_reason_are_counted(ask: Ask, home: Path) -> None:
    ask("init", "--model", "hashing")
    for number in range(25):
        write(home / f"{number}.txt", "")
    code, _, err = ask("ingest", ".")
    assert code == 1
    assert err.count("txt: an empty file") == 20
    assert "refused: 5 more: an empty file (--json lists all)" in err
    assert len(json.loads(ask("ingest", "--json", ".")[1])["refused"]) == 25


def test_progress_adds_up(store: Store, folder: Path) -> None:
    def sources() -> Iterator[Source | Refusal]:
        for name in ("a", "b"):
            write(folder / f"{name}.txt", long_text(name, 200))
        write(folder / "copy.txt", long_text("a", 200))
        write(folder / "empty.txt", "")
        yield from discover([str(folder)])  # type: ignore[misc]

    told: list[tuple[int, int, int]] = []
    ingest(sources(), store, HashingEncoder(), progress=lambda *done: told.append(done))
    files, passages, tokens = map(sum, zip(*told, strict=True))
    assert (files, passages) == (4, 400)
    texts = [
        text
        for entry in store.entries()
        for text in texts_of(store.edition(Reference(entry.document)), HashingEncoder())
    ]
    assert tokens == sum(map(HashingEncoder().count, texts))
