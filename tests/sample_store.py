"""A small knowledge base that holds something of everything, packed: a fixture for later formats.

`python tests/sample_store.py FOLDER` makes it with whatever kb Python finds, through its commands
alone, and so in the format of that kb. `fixtures/stores/README.md` says when that is done.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from pdf_writer import Sheet, Text, pdf

DATABASE = "kb.sqlite3"
BRIEFS = Path(gettempdir()) / "briefs"  # where they stand goes into the store
PORT = 8017  # the address does, too

HARBOUR = """---
title: Who pays for the harbour wall
authors: [Ada Brandt, Émile Okoro]
date: 2021-04
publisher: Coast Forum
tags: [ports, storms]
---

# What was built

The wall at Lunden was raised by two metres after the flood of 2013. It cost forty million crowns,
and the town paid half of them out of the fees that ships leave behind.

## Who gains

Warehouses behind the wall are worth a third more than before. Their owners paid nothing towards
it, because the law knows no levy on a gain that the public has made.

# What to do

A levy of one per cent on the land that is kept dry would pay for the upkeep of the wall.
"""
HARBOUR_LATER = HARBOUR.replace("forty million", "forty-four million")

TRAINS = """Night trains need a timetable, not a subsidy

Three night trains a week left the capital in 2019, and eleven do so today. No line that was
subsidised is among them.

What they lacked was a path through the freight corridors between one and four in the morning.
Regulators should reserve two paths a night before the yearly timetable is drawn.

Share on Facebook

Subscribe to our newsletter
"""
RESTORED, LEFT_OUT = "Share on Facebook", "Subscribe to our newsletter"

SCHOOL = """Meals were served to every child in two towns, and to none in a third.

Attendance rose by four days a year where meals were served. It did not change in the third town,
where a café sold them.
"""
STATED: dict[str, Any] = {
    "title": "Meals and attendance",
    "author": ("Noor Haddad", "Lin Weiss"),
    "date": "2019-11-05",
    "publisher": "School Board",
    "url": "https://example.org/meals",
    "tag": ("schools", "food"),
}

LIBRARY = """Libraries that open on Sunday

Six branches opened on Sundays for a year, with one librarian each and a porter at the door.

Visits rose by a fifth over the whole week, so that Sunday took none of them from Saturday.
"""

RECORDS = """\
{"_id": "w-1", "title": "Wells and meters", "text": "A meter on every well halves what is drawn.\\n\
\\nFarmers accepted it where the readings were public.", "authors": ["Jo Amsel", "Kai Brandt"], \
"published": "2020", "tags": ["water"], "url": "https://example.org/wells"}
{"_id": "w-2", "title": "Bus lanes", "text": "A bus lane without cameras is a lane for taxis."}
"""

PAGES = (
    ("Ferries to the outer islands", "A ferry that sails twice a day keeps a school open."),
    ("What a crossing costs", "Each crossing costs nine crowns more than its fare brings in."),
)

FETCHED = """<!DOCTYPE html><html lang="en"><head><title>Trees along the tramway</title></head>
<body><article><h1>Trees along the tramway</h1>
<p>Two hundred limes were planted along the tramway, and a hundred and ninety still stand.</p>
<p>They lower the heat at the stops by three degrees, which no roof over a stop has ever done.</p>
</article></body></html>
"""
ETAG = '"limes-200"'
REFUSED = "blank.txt"


def in_a_process(*arguments: str) -> tuple[int, str]:
    """Exit code and messages of a command of the kb that Python finds."""
    command = [sys.executable, "-c", "from kb.cli import main; main()", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def make(folder: Path, run: Callable[..., tuple[int, str]] = in_a_process) -> int:
    """Fill a new store in `folder` by commands that `run` runs; its format number."""

    def kb(*arguments: object, code: int = 0) -> None:
        found, said = run("--kb", str(folder), *map(str, arguments))
        if found != code:
            raise RuntimeError(f"{arguments}: exit code {found}, not {code}\n{said}")

    shutil.rmtree(BRIEFS, ignore_errors=True)
    BRIEFS.mkdir()
    kb("init", folder, "--model", "hashing")
    format = format_of(folder)
    _write("harbour.md", HARBOUR)
    _write("trains.txt", TRAINS)
    (BRIEFS / "school.txt").write_bytes(SCHOOL.encode("cp1252"))  # which is worth a note
    _write("library.txt", LIBRARY)
    _write("records.jsonl", RECORDS)
    for name in ("harbour.md", "trains.txt", "library.txt", "records.jsonl"):
        kb("ingest", BRIEFS / name)
    kb("verify", "--repair")  # the indexes know what came before, and what will go
    said = [
        argument
        for option, values in STATED.items()
        for value in ((values,) if isinstance(values, str) else values)
        for argument in (f"--{option}", value)
    ]
    kb("ingest", BRIEFS / "school.txt", *said)
    _write("harbour.md", HARBOUR_LATER)
    _write("harbour-copy.md", HARBOUR_LATER)
    kb("ingest", BRIEFS / "harbour.md")
    kb("ingest", BRIEFS / "harbour-copy.md")
    kb("keep-text", _key(folder, "trains.txt"), "1")
    kb("remove", _key(folder, "library.txt"))
    if format >= 4:
        (BRIEFS / "ferries.pdf").write_bytes(_printed())
        kb("ingest", BRIEFS / "ferries.pdf")
    if format >= 5:
        _write(REFUSED, "\n")
        kb("ingest", BRIEFS / REFUSED, code=1)
    if format >= 6:
        server = HTTPServer(("127.0.0.1", PORT), _Page)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        kb("ingest", f"http://127.0.0.1:{server.server_port}/limes.html")
        server.shutdown()
        server.server_close()
    shutil.rmtree(BRIEFS)
    return format


def pack(folder: Path, archive: Path) -> None:
    """A store's files as an archive, in the order of their names."""
    with tarfile.open(archive, "w:xz", preset=9) as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".lock":
                packed.add(path, path.relative_to(folder).as_posix(), filter=_anonymous)


def unpack(archive: Path, folder: Path) -> None:
    """Put a packed store into a new folder."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")


def format_of(folder: Path) -> int:
    """The format number of a store."""
    with sqlite3.connect(folder / DATABASE) as db:
        format: int = db.execute("PRAGMA user_version").fetchone()[0]
    db.close()
    return format


class _Page(BaseHTTPRequestHandler):
    """One page, which names its version."""

    def do_GET(self) -> None:
        found = self.path == "/limes.html"
        body = FETCHED.encode() if found else b""
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", ETAG)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _printed() -> bytes:
    """Two pages; the first bears "iv", the second "1"."""
    sheets = [
        Sheet([Text(72, 700, head, 16, "F2"), Text(72, 660, text, 11)]) for head, text in PAGES
    ]
    return pdf(sheets, labels="0 << /S /r /St 4 >> 1 << /S /D >>", facts={"Author": "Ines Vogt"})


def _write(name: str, text: str) -> None:
    (BRIEFS / name).write_text(text, encoding="utf-8")


def _key(folder: Path, name: str) -> str:
    """The key of the document from one of the briefs."""
    db = sqlite3.connect(folder / DATABASE)
    found = db.execute(
        """SELECT document FROM provenance JOIN revisions ON id = revision_id
           WHERE uri LIKE '%/' || ? AND current""",
        (name,),
    ).fetchone()
    db.close()
    return str(found[0])


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    target = Path(sys.argv[1])
    made = make(target)
    archive = target.with_name(f"format-{made}.tar.xz")
    pack(target, archive)
    print(f"{archive}: {archive.stat().st_size} bytes")  # noqa: T201
