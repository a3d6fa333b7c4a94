"""Title, authors and date: what the file states where it can be believed, else the text. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from pathlib import PurePath

from ingest.readers.common.characters import letters
from ingest.readers.common.people import is_person, people
from kb.text.dates import MONTH, parse_date

_RUBBISH = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel)|slide \d|untitled|layout \d|\(?unnamed|no title)\b"
    r"|(?:document|doc|presentation|file|scan) ?\d*$"
    r"|.*\.(?:docx?|pdf|ind[db]|qx[pd]|pptx?|xlsx?|tex|dvi|rtf|odt|wpd|p65|pmd|cdr|ai|html?|eps|fm)$",
    re.I,
)
_NO_AUTHOR = re.compile(
    r"admin(?:istrator)?|user|owner|default|unknown|none|author|guest|.*\b(?:word|acrobat|adobe|indesign"
    r"|quark\w*|latex|tex|libreoffice|openoffice|pdf\w*|microsoft|windows|office|scanner|canon|xerox"
    r"|ghostscript|distiller|pages|quartz)\b.*",
    re.I,
)
_NO_NAME = re.compile(
    r"\b(?:summary|plan|report|briefs?|briefing|policy|papers?|introduction|contents|edition|series|working"
    r"|department|ministry|office|agency|institute|university|council|committee|commission|centre|center"
    r"|united|states|nations|bank|europe\w*|america\w*|kingdom|new|north|south|east|west|page|version)\b",
    re.I,
)
_LOWER = re.compile(r"\b[a-zà-þ]\w{3,}")
_IN_ENGLISH = {
    name: english
    for english, names in (
        ("January", "januar jänner janvier enero gennaio januari janeiro"),
        ("February", "februar février febrero febbraio februari fevereiro"),
        ("March", "märz mars marzo maart março"),
        ("April", "avril abril aprile"),
        ("May", "mai mayo maggio mei maio"),
        ("June", "juni juin junio giugno junho"),
        ("July", "juli juillet julio luglio julho"),
        ("August", "août agosto augustus"),
        ("September", "septembre septiembre settembre setembro"),
        ("October", "oktober octobre octubre ottobre outubro"),
        ("November", "novembre noviembre novembro"),
        ("December", "dezember décembre diciembre dicembre dezembro"),
    )
    for name in names.split()
}
_FOREIGN = re.compile(rf"\b(?:{'|'.join(_IN_ENGLISH)})\b", re.I)
_DATE = re.compile(
    rf"(?<![\w-])(?:\d{{4}}-\d{{2}}(?:-\d{{2}})?|(?:\d{{1,2}}(?:st|nd|rd|th|\.)?\s+)?(?:{MONTH})\.?,?\s+\d{{4}}"
    rf"|(?:{MONTH})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}})(?![\w-])",
    re.I,
)
_BY = re.compile(r"(?:written |prepared |authored )?by:?\s+(?=[A-ZÀ-Þ])|authors?:\s+", re.I)
_MADE = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?")
_SELDOM = 2  # times in the first pages: a name stands under the title and perhaps in a note
_SHORT = 14  # words: a longer paragraph may name any date


def title_stated(facts: Mapping[str, str], name: str) -> str | None:
    """The title that the file states; None where a program made it up."""
    title = " ".join(facts.get("Title", "").split())
    stem = PurePath(name).stem
    if len(title) < 4 or len(title.split()) < 2 or _RUBBISH.match(title):
        return None
    if letters(title) == letters(stem) or "_" in title or "/" in title or "\\" in title:
        return None
    return title


def authors_of(
    facts: Mapping[str, str],
    lines: Sequence[str],
    headings: Sequence[str],
    text: str,
    trusted: bool,
) -> tuple[str, ...]:
    """The authors, from a line of names under the title, or as the file states them.

    What the file states counts where the text says it too, or, of persons, where the title that
    it states can be believed (`trusted`). `lines` and `headings` are the short ones on the first
    page, `text` is what the first pages say.
    """
    stated = _stated_authors(facts)
    common = set(_LOWER.findall(text))
    each = [*lines, *headings]
    for at, line in enumerate(each):
        by = _BY.match(line)
        names = _names(line[by.end() if by else 0 :])
        if not names:
            continue
        ordinary = common & {word.casefold() for word in line.split()}
        alone = line in lines and not stated and not ordinary and text.count(line) <= _SELDOM
        if by or set(stated) & set(names) or alone:
            return _with_those_below(names, each[at + 1 :], stated, common)
    page = letters(text)
    if all(letters(name) in page for name in stated):
        return stated
    return stated if trusted and all(map(is_person, stated)) else ()


def _names(line: str) -> tuple[str, ...]:
    """The persons that a line names; none where it says anything else."""
    cells = line.split(" | ")  # authors side by side are the cells of a row
    names = tuple(name for cell in cells for name in people(cell.strip(" .,;*†‡")))
    persons = all(is_person(name) and not _NO_NAME.search(name) for name in names)
    return names if persons else ()


def _with_those_below(
    names: tuple[str, ...], below: Sequence[str], stated: Sequence[str], common: Set[str]
) -> tuple[str, ...]:
    """The names of a line and those of the next, where each author stands in a line."""
    for line in below:
        more = _names(line)
        ordinary = not set(more) <= set(stated) and common & set(line.casefold().split())
        if not more or ordinary or set(more) <= set(names):
            break
        names += more
    return names


def _stated_authors(facts: Mapping[str, str]) -> tuple[str, ...]:
    """The authors that the file states, none that is a program or a sort of user."""
    stated = facts.get("Author", "")
    programs = (facts.get("Creator", ""), facts.get("Producer", ""))
    if not stated or _NO_AUTHOR.fullmatch(stated) or stated in programs:
        return ()
    return tuple(dict.fromkeys(people(stated)))


def date_of(facts: Mapping[str, str], first: Sequence[str], trusted: bool) -> str | None:
    """The date in a short line of the first page; else when a file that is `trusted` was made."""
    for line in first:
        if len(line.split()) <= _SHORT:
            for match in _DATE.finditer(_in_english(line)):
                if date := parse_date(match[0].replace(".", "")):
                    return date
    made = _MADE.match(facts.get("CreationDate", "")) if trusted else None
    return parse_date("-".join(part for part in made.groups() if part)) if made else None


def _in_english(line: str) -> str:
    """The line with the names of months in English."""
    return _FOREIGN.sub(lambda name: _IN_ENGLISH[name[0].casefold()], line)
