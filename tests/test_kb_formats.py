"""Stores of every format since the first, made by the code of their time, are brought up to date.

What was in one is read out of its tables with SQL, and has to come out of today's contract. See
`fixtures/stores/README.md` for how they were made, `sample_store` for what is in them.
"""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sample_store
from asking import dense, frequencies, holding, lexical
from editions import brief
from sqlite_utils import Database

from kb.catalogue import DocumentState
from kb.encoders.context import texts_of
from kb.encoders.hashing import HashingEncoder
from kb.errors import KBError, StoreError
from kb.index.clauses import Clause, Near, Phrase
from kb.keys import Reference, sha256_of
from kb.local.catalogue import schema
from kb.local.connection import FORMAT
from kb.metadata import Metadata
from kb.records import Fetch, Passage, Provenance, Refusal, Removed, Span
from kb.store import Store, open_store

Ask = Callable[..., tuple[int, str, str]]

STORES = Path(__file__).parent / "fixtures" / "stores"
ARCHIVES = sorted(STORES.glob("format-*.tar.xz"))
OLDER = [archive for archive in ARCHIVES if f"format-{FORMAT}" not in archive.name]
FIRST = 2  # no kb ever wrote format 1
ENCODER = HashingEncoder()
QUESTIONS = (
    "who pays for the harbour wall",
    "night trains in the timetable",
    "meals at school, and who serves them",
    "a meter on every well",
    "trees, ferries and buses",
)
CLAUSES: tuple[Clause, ...] = (
    Phrase(("harbour", "wall")),
    Phrase(("what", "was", "built")),
    Near(("night", "trains")),
    *map(Phrase, zip("paid school meter the towns café facebook buses".split(), strict=True)),
)

of_each = pytest.mark.parametrize("archive", ARCHIVES, ids=lambda archive: archive.name[:-7])
of_each_older = pytest.mark.parametrize("archive", OLDER, ids=lambda archive: archive.name[:-7])


def number(archive: Path) -> int:
    """The format that an archive's name states."""
    found = re.match(r"format-(\d+)", archive.name)
    assert found
    return int(found[1])


def steps() -> list[str]:
    """The names of all migrations, in order."""
    nothing = Database(memory=True)
    names = [migration.name for migration in schema.migrations.pending(nothing)]
    nothing.close()
    return names


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a store, but the lock and what SQLite keeps beside an open database."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm", ".lock"))
    }


class Tables:
    """What an old store holds, in the records of today."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.names = {row[0] for row in self.rows("SELECT name FROM sqlite_master")}

    def rows(self, sql: str, *values: object) -> list[Any]:
        """Rows by name of column."""
        self._db.row_factory = sqlite3.Row
        return self._db.execute(sql, values).fetchall()

    def meta(self, name: str) -> str | None:
        """A line of the store's own description."""
        found = self.rows("SELECT value FROM meta WHERE name = ?", name)
        return found[0][0] if found else None

    def sources(self, id: int) -> tuple[Provenance, ...]:
        """Where a revision came from."""
        found = self.rows("SELECT * FROM provenance WHERE revision_id = ? ORDER BY uri", id)
        return tuple(
            Provenance(row["uri"], row["sha256"], row["media_type"], row["reader"], row["read_at"])
            for row in found
        )

    def passages(self, revision: sqlite3.Row) -> tuple[Passage, ...]:
        """What a revision was cut into."""
        found = self.rows(
            "SELECT * FROM passages WHERE revision_id = ? ORDER BY ordinal", revision["id"]
        )
        return tuple(
            Passage(
                document=revision["document"],
                revision=revision["revision"],
                ordinal=row["ordinal"],
                paragraph=row["paragraph"],
                span=Span(row["start"], row["end"]),
                text=row["text"],
                heading=tuple(json.loads(row["heading"])),
                pages=(row["page"], row["page_end"]) if row["page"] else None,
                page_labels=(row["page_label"], row["page_label_end"])
                if row["page_label"]
                else None,
            )
            for row in found
        )

    def removed(self, id: int) -> tuple[Removed, ...]:
        """What was left out of a revision."""
        found = self.rows("SELECT * FROM removed WHERE revision_id = ? ORDER BY n", id)
        return tuple(Removed(row["text"], row["reason"], row["after"]) for row in found)

    def overrides(self, key: str) -> Metadata:
        """What was stated of a document."""
        said = {
            row["field"]: json.loads(row["value"])
            for row in self.rows("SELECT * FROM stated WHERE document = ?", key)
        }
        return metadata_of(said)

    def restored(self, key: str) -> frozenset[str]:
        """What was taken back into a document."""
        found = self.rows("SELECT digest FROM taken_back WHERE document = ?", key)
        return frozenset(row["digest"] for row in found)

    def refusals(self) -> list[Refusal]:
        """What did not come in."""
        if "unread" not in self.names:
            return []
        return [
            Refusal(row["source"], row["reason"], row["tried_at"])
            for row in self.rows("SELECT * FROM unread")
        ]

    def fetches(self) -> dict[str, Fetch]:
        """How pages came."""
        if "fetches" not in self.names:
            return {}
        return {
            row["uri"]: Fetch(row["url"], row["etag"], row["modified"])
            for row in self.rows("SELECT * FROM fetches")
        }


def metadata_of(said: dict[str, Any]) -> Metadata:
    """Metadata under the names that formats 2 to 6 have for them."""
    return Metadata(
        title=said.get("title"),
        author=tuple(said.get("authors") or ()),
        issued=said.get("published"),
        publisher=said.get("publisher"),
        language=said.get("language"),
        url=said.get("url"),
        keyword=tuple(said.get("tags") or ()),
    )


@pytest.fixture
def folder(archive: Path, tmp_path: Path) -> Path:
    """The store in an archive."""
    folder = tmp_path / "kb"
    sample_store.unpack(archive, folder)
    return folder


@pytest.fixture
def tables(archive: Path, tmp_path: Path) -> Iterator[Tables]:
    """What was in it, in a copy that stays as it is."""
    sample_store.unpack(archive, tmp_path / "untouched")
    with closing(sqlite3.connect(tmp_path / "untouched" / sample_store.DATABASE)) as db:
        yield Tables(db)


def assert_kept(tables: Tables, store: Store) -> None:
    """All that the tables hold comes out of the store."""
    manifest = store.manifest
    assert manifest.format == FORMAT
    assert manifest.model == tables.meta("model") == "hashing"
    assert manifest.precision == (tables.meta("precision") or "int8")
    assert manifest.fingerprint == tables.meta("fingerprint") == ENCODER.fingerprint
    assert manifest.dimension == 256
    revisions = tables.rows("SELECT * FROM revisions ORDER BY document, added_at")
    for row in revisions:
        edition = store.edition(Reference(row["document"], row["revision"]))
        several = {name: json.loads(row[name]) for name in ("authors", "tags")}
        assert edition.document.metadata == metadata_of(dict(row) | several)
        assert edition.document.text == row["text"]
        assert edition.document.external_id == row["external_id"]
        assert edition.document.sources == tables.sources(row["id"])
        assert edition.passages == tables.passages(row)
        assert edition.removed == tables.removed(row["id"])
        assert edition.notes == tuple(json.loads(row["notes"] if "notes" in row.keys() else "[]"))  # noqa: SIM118  # the keys of a Row are not its members
        for passage in edition.passages:
            assert store.passage(Reference(row["document"], row["revision"], passage.ordinal)) == (
                passage
            ), "a pinned reference shows the same for ever"
        for source in edition.document.sources:
            assert sha256_of(store.original(source.sha256)) == source.sha256
    today = {row["document"]: row for row in revisions if row["current"]}
    for key in {row["document"] for row in revisions}:
        assert store.document_state(key) == DocumentState(
            key,
            tables.sources(today[key]["id"]) if key in today else (),
            tables.overrides(key),
            tables.restored(key),
        )
    assert {entry.document: (entry.revision, entry.ingested_at) for entry in store.entries()} == {
        key: (row["revision"], row["added_at"]) for key, row in today.items()
    }
    assert store.refusals() == tables.refusals()
    assert store.fetches() == tables.fetches()


def assert_as_if_new(store: Store, folder: Path) -> None:
    """The store finds what one finds that the same documents were put into just now."""
    with open_store(folder, create=True, model="hashing") as anew:
        for entry in store.entries():
            edition = store.edition(Reference(entry.document))
            originals = {
                source.sha256: store.original(source.sha256) for source in edition.document.sources
            }
            vectors = ENCODER.encode_passages(texts_of(edition, ENCODER))
            anew.add(edition, vectors, originals, ENCODER)
    with open_store(folder) as anew:
        assert store.size == anew.size
        for question in QUESTIONS:
            vector = ENCODER.encode_question(question)
            for limit in (2, 99):
                assert dense(store, vector, limit) == dense(anew, vector, limit)
        for limit in (2, 99):
            assert lexical(store, CLAUSES, limit) == lexical(anew, CLAUSES, limit)
        words = {word for clause in CLAUSES for word in clause.words}
        assert frequencies(store, words) == frequencies(anew, words)
        for phrase in (clause for clause in CLAUSES if isinstance(clause, Phrase)):
            assert holding(store, [phrase]) == holding(anew, [phrase])


def assert_goes_on(folder: Path, archive: Path) -> None:
    """Documents come and go as in a store of today, and what was encoded is not encoded again."""
    edition = brief("moles", "Moles were never counted.")
    texts = texts_of(edition, ENCODER)
    with open_store(folder, write=True) as store:
        store.add(edition, ENCODER.encode_passages(texts), {}, ENCODER)
        store.remove("bus-lanes")
        store.note_fetch("https://example.org/", Fetch("https://example.org/", "e"))
        store.refuse("moles.pdf", "no text in it")
        assert set(store.encoded(texts)) == set(texts)
        harbour = texts_of(store.edition(Reference("pays-harbour-wall")), ENCODER)
        # format 2 did not note which text each vector stands for
        assert set(store.encoded(harbour)) == (set(harbour) if number(archive) > 2 else set())
    with open_store(folder) as store:
        keys = [entry.document for entry in store.entries()]
        assert "moles" in keys
        assert "bus-lanes" not in keys
        assert lexical(store, [Phrase(("moles",))], 9)
        assert not lexical(store, [Phrase(("taxis",))], 9)
        assert [one.source for one in store.refusals()][-1] == "moles.pdf"
        # the originals of that brief were not given
        assert [fault.where for fault in store.faults()] == [edition.document.source]


def assert_up_to_date(tables: Tables, folder: Path, archive: Path) -> None:
    """A store that was brought up to date lacks nothing."""
    with open_store(folder) as store:
        assert not list(store.faults())
        assert_kept(tables, store)
        assert_as_if_new(store, folder.parent / "anew")
    assert_goes_on(folder, archive)


@of_each
def test_what_was_in_is_out_and_found(archive: Path, folder: Path, tables: Tables) -> None:
    open_store(folder, write=True).close()
    assert_up_to_date(tables, folder, archive)


@pytest.mark.parametrize(
    ("archive", "step"),
    [(archive, step) for archive in OLDER for step in steps()[number(archive) :]],
    ids=lambda value: value.name[:-7] if isinstance(value, Path) else value,
)
def test_no_step_can_be_left_out(archive: Path, step: str, folder: Path, tables: Tables) -> None:
    """The test above sees each step: of a store to which it seems done, it fails."""
    with closing(sqlite3.connect(folder / sample_store.DATABASE)) as db, db:
        db.execute(
            "INSERT INTO _sqlite_migrations(migration_set, name, applied_at) VALUES ('kb', ?, '')",
            (step,),
        )
    with pytest.raises((AssertionError, KBError, sqlite3.Error)):
        open_store(folder, write=True).close()
        assert_up_to_date(tables, folder, archive)


@of_each_older
@pytest.mark.parametrize("command", ["list", "search wall", "show bus-lanes", "stats", "verify"])
def test_reading_says_what_brings_a_store_up_to_date(
    archive: Path, folder: Path, ask: Ask, command: str
) -> None:
    before = contents(folder)
    with pytest.raises(StoreError, match=f"older format {number(archive)}; this kb uses {FORMAT}"):
        open_store(folder)
    code, out, err = ask("--kb", folder, *command.split())
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert contents(folder) == before
    said = err.rpartition("with: kb ")[2]
    assert ask(*shlex.split(said))[0] == 0
    assert ask("--kb", folder, *command.split())[0] == 0


def assert_sample(tables: Tables, folder: Path, format: int) -> None:
    """What the fixtures are for, looked at by name, so that none of them is empty."""
    with open_store(folder, write=True) as store:
        by_file = {
            Path(source.uri).name: entry for entry in store.entries() for source in entry.sources
        }
        harbour = by_file["harbour.md"]
        assert by_file["harbour-copy.md"] == harbour
        assert harbour.metadata.author == ("Ada Brandt", "Émile Okoro")
        assert harbour.metadata.keyword == ("ports", "storms")
        assert store.passage(Reference(harbour.document, None, 2)).heading == (
            "What was built",
            "Who gains",
        )
        (older,) = {
            row["revision"]
            for row in tables.rows("SELECT * FROM revisions")
            if row["document"] == harbour.document and not row["current"]
        }
        assert "forty million" in store.edition(Reference(harbour.document, older)).document.text
        assert "forty-four" in store.edition(Reference(harbour.document)).document.text

        trains = store.edition(Reference(by_file["trains.txt"].document))
        assert sample_store.RESTORED in trains.document.text
        assert [gone.text for gone in trains.removed] == [sample_store.LEFT_OUT]

        meals = by_file["school.txt"]
        stated = store.document_state(meals.document).overrides
        assert stated == Metadata(
            title=sample_store.STATED["title"],
            author=sample_store.STATED["author"],
            issued=sample_store.STATED["date"],
            publisher=sample_store.STATED["publisher"],
            url=sample_store.STATED["url"],
            keyword=sample_store.STATED["tag"],
        )
        assert stated.over(meals.metadata) == meals.metadata
        assert by_file["records.jsonl#w-1"].external_id == "w-1"
        assert "library.txt" not in by_file
        known = {row["document"] for row in tables.rows("SELECT document FROM revisions")}
        assert known - {entry.document for entry in store.entries()} == {"libraries-open-sunday"}

        if format >= 4:
            ferries = store.edition(Reference(by_file["ferries.pdf"].document))
            assert [one.pages for one in ferries.passages] == [(1, 1), (2, 2)]
            assert [one.page_labels for one in ferries.passages] == [("iv", "iv"), ("1", "1")]
        if format >= 5:
            assert [Path(one.source).name for one in store.refusals()] == [sample_store.REFUSED]
            assert meals.notes == ("read as Windows-1252",)
        if format >= 6:
            (fetch,) = store.fetches().values()
            assert fetch.etag == sample_store.ETAG


@of_each
def test_the_sample_is_in_it(archive: Path, folder: Path, tables: Tables) -> None:
    assert_sample(tables, folder, number(archive))


def test_a_sample_of_today_can_be_made(
    tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample_store, "BRIEFS", tmp_path / "briefs")
    monkeypatch.setattr(sample_store, "PORT", 0)

    def run(*arguments: str) -> tuple[int, str]:
        code, _, said = ask(*arguments)
        return code, said

    made, archive, again = tmp_path / "made", tmp_path / "packed.tar.xz", tmp_path / "again"
    assert sample_store.make(made, run) == FORMAT
    sample_store.pack(made, archive)
    sample_store.unpack(archive, again)
    assert contents(again) == contents(made)
    with closing(sqlite3.connect(made / sample_store.DATABASE)) as db:
        assert_sample(Tables(db), again, FORMAT)


def lacking(format: int) -> list[int]:
    """The formats before this one of which no store is kept."""
    return sorted(set(range(FIRST, format)) - {number(archive) for archive in ARCHIVES})


def test_a_store_of_every_format_is_kept() -> None:
    assert lacking(99)[-1] == 98
    assert not lacking(FORMAT), (
        "No store of these formats is in tests/fixtures/stores; its README says how one is made."
    )


@of_each
def test_an_archive_is_small_and_of_the_format_that_it_names(archive: Path, folder: Path) -> None:
    assert sample_store.format_of(folder) == number(archive)
    assert archive.stat().st_size < 50_000


def test_the_format_is_the_number_of_migrations() -> None:
    assert len(steps()) == FORMAT


@pytest.mark.parametrize("archive", [STORES / "format-6.tar.xz"], ids=["format-6"])
def test_a_kb_that_knows_no_formats_of_labels_opens_no_store_that_has_them(
    folder: Path, tables: Tables
) -> None:
    """It would stumble over the number: in stores up to format 6 there is none."""
    words = tables.meta("words")
    assert words is not None
    assert "format" not in json.loads(words)
    open_store(folder, write=True).close()
    label = json.loads((folder / "index" / "passages.json").read_bytes())
    assert label["format"] == 1
    assert sample_store.format_of(folder) > 6
