"""OpenDocument (.odt) and RTF, through the program pandoc where it is installed."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import tempfile
import zipfile
from dataclasses import replace
from threading import Timer

from ingest.boilerplate.marking import mark
from ingest.drafts import Reading
from ingest.readers.common.archives import MEGABYTE, Archive
from ingest.readers.common.decoding import magic
from ingest.readers.common.properties import properties_of, real_authors, real_title
from ingest.readers.common.titles import title_from_name, with_title
from ingest.readers.pandoc.rtf import for_any_pandoc
from ingest.readers.pandoc.tree import Tree, stated
from kb.errors import Refused
from kb.metadata import Metadata

NAME = "pandoc"
VERSION = "1"

SECONDS = 60.0
MOST_OUTPUT = 32 * MEGABYTE  # a book of 1,000 pages gives 20; as Python objects it is tenfold
_CONTENT = "content.xml"
_HEADS = re.compile(rb"</?[\w.-]+:table-header-rows\b[^<>]*>")
_LIMITS = ("--sandbox", "+RTS", "-M1g", "-RTS")  # no file or address is opened; memory
_INSTALL = (
    "{} files are read through pandoc, which is not installed here. Install it "
    "(https://pandoc.org/installing.html) and ingest the file again, or save it as .docx"
)


def read(data: bytes, name: str) -> Reading:
    """The text of an OpenDocument or RTF file; Refused without pandoc, or when it finds none."""
    form = _form(data)
    if form == "odt":
        archive = _checked(data)
        properties, data = properties_of(archive), _with_whole_tables(archive, data)
    else:
        properties, data = Metadata(), for_any_pandoc(data)
    output = _run(_command(form), data)
    try:
        tree = json.loads(output)
        blocks = tuple(Tree().blocks(tree["blocks"]))
        titles = filter(None, map(real_title, stated(tree["meta"], "title")))
        said = (name.strip() for each in stated(tree["meta"], "author") for name in each.split(";"))
        authors = properties.author or real_authors(list(said))
    except (RecursionError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise Refused(f"pandoc wrote what kb does not understand ({error})") from error
    if not blocks:
        raise Refused("no text in it")
    first = next((block.text for block in blocks if block.kind == "heading"), None)
    title = properties.title or next(titles, first)
    shown = list(with_title(blocks, title, kinds=("heading", "paragraph")))
    return Reading(
        blocks=mark(shown, among=lambda block: block.kind != "footnote"),
        metadata=replace(properties, title=title or title_from_name(name) or None, author=authors),
    )


def _form(data: bytes) -> str:
    """What pandoc calls the format of these bytes."""
    if data.startswith(b"PK"):
        return "odt"
    if data.lstrip()[:5] == b"{\\rtf":
        return "rtf"
    raise Refused(f"neither OpenDocument nor RTF but {magic(data) or 'something else'}")


def _checked(data: bytes) -> Archive:
    """The archive of an OpenDocument text; Refused when it is none, is locked, or does harm."""
    archive = Archive(data, "an OpenDocument text (.odt)")
    manifest = archive.optional_xml("META-INF/manifest.xml")
    if manifest is not None and next(manifest.iter("{*}encryption-data"), None) is not None:
        raise Refused("protected by a password. Save it without one and ingest that")
    archive.xml(_CONTENT)
    archive.optional_xml("styles.xml")
    return archive


def _with_whole_tables(archive: Archive, data: bytes) -> bytes:
    """The document, the head of each table an ordinary row: pandoc 2.17 leaves it out."""
    content = archive.read(_CONTENT)
    whole = _HEADS.sub(b"", content)
    if whole == content:
        return data
    rewritten = io.BytesIO()
    with zipfile.ZipFile(rewritten, "w", zipfile.ZIP_DEFLATED) as target:
        for name in ("mimetype", "styles.xml", "meta.xml"):
            if name in archive:
                target.writestr(name, archive.read(name))
        target.writestr(_CONTENT, whole)
    return rewritten.getvalue()


def _command(form: str) -> list[str]:
    program = shutil.which("pandoc")
    if program is None:
        raise Refused(_INSTALL.format(f".{form}"))
    return [program, "--from", form, "--to", "json", *_LIMITS]


def _run(command: list[str], data: bytes) -> bytes:
    """What the program writes, within bounds of time and size; no shell comes between."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as complaints:
        source.write(data)
        source.seek(0)
        try:
            process = subprocess.Popen(
                command, stdin=source, stdout=subprocess.PIPE, stderr=complaints
            )
        except OSError as error:
            raise Refused(f"pandoc does not start ({error.strerror})") from error
        late: list[bool] = []

        def stop() -> None:
            late.append(True)
            process.kill()

        timer = Timer(SECONDS, stop)
        timer.start()
        with process:
            try:
                assert process.stdout is not None
                output = process.stdout.read(MOST_OUTPUT + 1)
                if len(output) > MOST_OUTPUT:
                    process.kill()
                process.stdout.close()
                code = process.wait()
            finally:
                timer.cancel()
                process.kill()
        if late:
            raise Refused(f"pandoc took longer than {SECONDS:.0f} seconds over it")
        if len(output) > MOST_OUTPUT:
            raise Refused("more text in it than any book has")
        if code:
            complaints.seek(0)
            raise Refused(_complaint(complaints.read(2_000).decode("utf-8", "replace")))
        return output


def _complaint(said: str) -> str:
    first = next((line.strip() for line in said.splitlines() if line.strip()), "no reason given")
    if "--sandbox" in said:
        return "the pandoc on this computer is too old; install 2.15 or newer"
    return f"pandoc could not read it ({first[:200]})"
