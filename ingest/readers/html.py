"""HTML: the article of a page, with its title, authors and date; the rest kept apart.

trafilatura decides what the article is; the words come from our own walk over the page, so that
nothing visible is lost: it is in the text, or left out with the reason.
"""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from html import unescape
from itertools import accumulate
from typing import Any
from urllib.parse import urlsplit

from ingest.decoding import decode, without_controls
from ingest.drafts import Block, Reading
from ingest.readers import title_from_name
from ingest.readers.page import HIDDEN, Element, Found, blocks, parse
from kb.dates import parse_date
from kb.errors import Refused

NAME = "html"
VERSION = "1"

_OUTSIDE = "outside the article"
_CHARSET = re.compile(
    rb"<(?:meta\b[^>]*?\bcharset|\?xml\b[^>]*?\bencoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.I
)
_NOT_WORD = re.compile(r"[\W_]+")
_LIST_MARK = re.compile(r"(?:-|\d+\.) ")
_ANCHOR = 24  # letters; a run of so many is found by itself, a shorter one beside its neighbours
_NEAR = 2000  # letters
_PROSE = 60  # letters; shorter blocks say little about the box they stand in
_SILENCE = logging.NullHandler()

# names of meta elements, as patterns
_TITLE = r"citation_title|dc(terms)?\.title|og:title|headline|twitter:title"
_CREATOR = r"citation_author|dc(terms)?\.creator"
_AUTHOR = r"author|article:author|parsely-author|sailthru\.author"
_PUBLISHED = (
    r"(article|og):published_time|citation_(publication_|online_)?date|dc(terms)?\.date(\.issued)?"
    r"|dc(terms)?\.(issued|created)|date_?published|pub_?date|publi(sh|cation)[_-]date"
    r"|parsely-pub-date|sailthru\.date"
)
_PUBLISHER = r"citation_publisher|dc(terms)?\.publisher|publisher"
_TAGS = ("article:tag", "citation_keywords", "parsely-tags", r"dc(terms)?\.subject", "keywords")

_ARTICLE = re.compile(r"Article|Report|Posting|Publication|Guidance|Thesis|Chapter|Book")
_SITE_BREAK = re.compile(r"\s+[|–—·»:-]+\s+|\s*\|\s*")
_NUMBERS = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})\b")
_ADDRESS = re.compile(r"https?:|www\.|@|admin$", re.I)
_BYLINE = re.compile(r"^\s*(?:written |posted |published )?by:?\s+", re.I)
_BETWEEN_PEOPLE = re.compile(r"\s*,\s+(?:and\s+)?|\s+(?:and|&|und|et|y)\s+")
_TURNED = re.compile(r"[^\W\d_][\w'’-]*, [^\W\d_][\w'’.-]*(?: \w\.?)?")  # "Lee, Ann B."
_PARTICLE = re.compile(r"al|bin|d[aeiou]|del|della|de[nr]|el|l[ae]|te[nr]|v[ao]n|y|zu")


def read(data: bytes, name: str) -> Reading:
    """The article in a page; Refused when the page holds no text."""
    from ingest.boilerplate import mark

    decoded = decode(data, _declared(data))
    root = parse(decoded.text)
    found = [] if root is None else blocks(root)
    if not found:
        raise Refused(
            "no text found: the page holds no words of its own; perhaps a script draws them. "
            "Open it in a browser, save what it shows (as a complete page, or printed to a PDF) "
            "and ingest that."
        )
    notes = list(decoded.notes)
    kept = _article(root, found)
    if kept is None:
        notes.append("the article does not stand out from its page: all paragraphs were kept")
        kept = _all_paragraphs(found)
    meta = _Metadata(root)
    heading = _title_heading(found, kept, meta)
    titles = meta.titles() if heading is None else [found[heading].block.text]
    return Reading(
        blocks=mark(_judged(found, kept, heading)),
        title=titles[0] if titles else title_from_name(name),
        authors=meta.authors(),
        published=meta.published(),
        publisher=meta.publisher(),
        language=meta.language(),
        url=meta.url(),
        tags=meta.tags(),
        notes=tuple(notes),
    )


def _declared(data: bytes) -> str | None:
    """The encoding that the page names; none that could not have spelt the name itself."""
    declared = _CHARSET.search(data[:4096])
    if declared is None:
        return None
    name = declared[1].decode("ascii")
    try:
        return name if "<meta".encode(name) == b"<meta" else None
    except (LookupError, UnicodeError):
        return None


# --- which blocks are the article


def _article(root: Element, found: Sequence[Found]) -> list[bool] | None:
    """For each block whether it belongs to the article; None when too little is recognised."""
    texts = [_letters(each) for each in found]
    body = _extracted(root)
    shares = [0.0] * len(found) if body is None else _covered(body, texts)
    kept = [
        share >= 0.5 and each.place != HIDDEN for share, each in zip(shares, found, strict=True)
    ]
    kept = _with_their_like(found, texts, kept)
    inside = sum(len(text) for text, keep in zip(texts, kept, strict=True) if keep)
    prose = sum(
        len(text)
        for text, each in zip(texts, found, strict=True)
        if each.place is None and each.linked < 0.5 and not each.block.is_heading
    )
    return kept if inside > 0 and inside >= prose / 5 else None


def _extracted(root: Element) -> Element | None:
    """The tree of what trafilatura takes for the article."""
    import trafilatura

    # its complaints go to the log that the caller set up, or nowhere
    logging.getLogger("trafilatura").addHandler(_SILENCE)
    try:
        document = trafilatura.bare_extraction(root, include_comments=False)
    except Exception:  # a page that breaks it still has paragraphs; the reading says so in a note
        return None
    return None if document is None else document.body


def _letters(found: Found) -> str:
    text = found.block.text
    if found.block.kind == "item":
        text = _LIST_MARK.sub("", text, count=1)
    return _normal(text)


def _normal(text: str) -> str:
    return _NOT_WORD.sub("", text).casefold()


def _covered(body: Element, texts: Sequence[str]) -> list[float]:
    """For each of our texts the share of its letters that stands in the extracted tree too."""
    page = "".join(texts)
    covered = bytearray(len(page))
    runs = list(_runs(body, page))
    limits, limit = [], len(page)
    for _, at in reversed(runs):
        limits.append(limit)
        limit = at if at >= 0 else limit
    end = 0
    for (text, at), limit in zip(runs, reversed(limits), strict=True):
        if at < 0:
            near = limit if limit >= end else end + _NEAR
            at = page.find(text, end, near) if end else page.rfind(text, 0, near)
        if at >= 0:
            end = at + len(text)
            covered[at:end] = b"\1" * len(text)
    starts = accumulate((len(text) for text in texts), initial=0)
    return [
        covered.count(1, start, start + len(text)) / len(text) if text else 0.0
        for text, start in zip(texts, starts, strict=False)
    ]


def _runs(body: Element, page: str) -> Iterator[tuple[str, int]]:
    """The extracted tree as runs of letters, each with its place in the page.

    -1 stands for a run too short to be placed by itself. Elements are taken whole where the page
    has them whole, and in pieces where something was cut out of them.
    """
    cursor = 0
    waiting: list[Element | str] = [body]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            text, inside = _normal(part), []
        else:
            waiting.append(part.tail or "")
            text, inside = _normal("".join(part.itertext())), [part.text or "", *part]
        if len(text) < _ANCHOR:
            if text:
                yield text, -1
            continue
        at = page.find(text, cursor)
        if at < 0:
            at = page.find(text)  # trafilatura appends what it finds late
        if at >= 0:
            cursor = at + len(text)
            yield text, at
        else:
            waiting += reversed(inside)


def _with_their_like(
    found: Sequence[Found], texts: Sequence[str], kept: Sequence[bool]
) -> list[bool]:
    """Prose after the article's start is kept where a fair part of its like is.

    trafilatura takes the first of several containers; the later ones are marked up the same way.
    """
    prose = [
        len(text) >= _PROSE and not each.block.is_heading and each.place != HIDDEN
        for text, each in zip(texts, found, strict=True)
    ]
    total: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    for each, text, is_prose, keep in zip(found, texts, prose, kept, strict=True):
        if is_prose:
            total[each.box] += len(text)
            inside[each.box] += len(text) * keep
    begun = False
    result = []
    for each, is_prose, keep in zip(found, prose, kept, strict=True):
        begun = begun or keep
        like = inside[each.box] > 0 and inside[each.box] >= total[each.box] / 4
        unnamed = each.place is None and each.linked < 0.4
        result.append(keep or (begun and is_prose and unnamed and like))
    return result


def _all_paragraphs(found: Sequence[Found]) -> list[bool]:
    """What stands in no named box; else what is visible; else everything."""
    places = {each.place for each in found}
    if None in places:
        return [each.place is None for each in found]
    return [each.place != HIDDEN or places == {HIDDEN} for each in found]


def _judged(found: Sequence[Found], kept: Sequence[bool], heading: int | None) -> list[Block]:
    """The blocks in their order, each one that is left out with its reason."""
    bare_links = [
        each.block.kind == "paragraph" and each.linked >= 0.8 and len(each.block.text) < 200
        for each in found
    ]
    inside = [keep and not bare for keep, bare in zip(kept, bare_links, strict=True)]
    inside = _with_their_headings(found, inside)
    title = None if heading is None else _normal(found[heading].block.text)
    judged = []
    for number, each in enumerate(found):
        block = each.block
        if number == heading:
            judged.append(replace(block, kind="title"))
        elif not inside[number]:
            reason = "link to another page" if kept[number] and bare_links[number] else each.place
            judged.append(replace(block, reason=reason or _OUTSIDE))
        elif _normal(block.text) == title:
            judged.append(replace(block, reason="repeats the title"))
        else:
            judged.append(block)
    return judged


def _with_their_headings(found: Sequence[Found], kept: Sequence[bool]) -> list[bool]:
    """A heading is kept when a kept block stands in its section.

    One that trafilatura left out must stand straight above that block, or its own headings.
    """
    result = list(kept)
    section = 0  # the highest heading since the kept block below
    straight = False
    for number in range(len(found) - 1, -1, -1):
        block = found[number].block
        if block.is_heading:
            leads = block.level < section
            straight_above = straight and found[number].place is None
            result[number] = leads and (kept[number] or straight_above)
            section = min(section, block.level)
        elif kept[number]:
            section, straight = 7, True
        else:
            straight = False
    return result


# --- title, authors, date


def _title_heading(found: Sequence[Found], kept: Sequence[bool], meta: _Metadata) -> int | None:
    """The number of the heading that is the article's title."""
    start = next(
        (n for n, keep in enumerate(kept) if keep and not found[n].block.is_heading), len(found)
    )
    headings = [
        number
        for number, each in enumerate(found)
        if each.block.is_heading and each.place != HIDDEN
        if each.place is None or each.block.level == 1
    ]
    titles = meta.titles()
    named = [n for n in headings if any(_alike(found[n].block.text, title) for title in titles)]
    if not named:
        named = [
            n
            for n in headings
            if found[n].block.level == 1 and n < start and not meta.is_site(found[n].block.text)
        ]
        if len(named) != 1:
            return None
    top = min(found[n].block.level for n in named)
    named = [n for n in named if found[n].block.level == top]
    return max((n for n in named if n < start), default=named[0])


def _alike(heading: str, title: str) -> bool:
    """Whether two wordings are of one title: one holds the other, or they share most words."""
    short, long = sorted((_normal(heading), _normal(title)), key=len)
    if short in long and len(short) * 2 >= len(long):
        return True
    words, others = set(heading.casefold().split()), set(title.casefold().split())
    return len(words & others) * 2 >= len(words | others)


class _Metadata:
    """What a page states about itself in meta elements, JSON-LD and marked bylines."""

    def __init__(self, root: Element) -> None:
        self._root = root
        self._json = _json_article(root)
        self._meta: list[tuple[str, str]] = []
        for element in root.iter("meta"):
            content = _tidy(element.get("content"))
            keys = (element.get(attribute) for attribute in ("property", "name", "itemprop"))
            for key in filter(None, keys):
                key = re.sub(r"^(dc(?:terms)?):", r"\1.", key.strip().lower())
                self._meta += [(key, content)] if content else []

    def titles(self) -> list[str]:
        """The wordings of the title, without the site's name, the most careful one first."""
        stated = [*self._stated(_TITLE), *_names(self._json.get("headline"))]
        stated += [_tidy("".join(each.itertext())) for each in self._root.iter("title")][:1]
        return [title for each in stated if (title := self._without_site(each))]

    def is_site(self, text: str) -> bool:
        """Whether this is the name of the site."""
        host = (urlsplit(self.url() or "").hostname or "").removeprefix("www.")
        return _normal(text) in map(_normal, (self.publisher() or "", host, host.split(".")[0]))

    def authors(self) -> tuple[str, ...]:
        """The people or bodies who wrote it, in their order."""
        makers = _names(self._json.get("author")) or _names(self._json.get("creator"))
        for names in (self._stated(_CREATOR), makers, self._stated(_AUTHOR)):
            if written := [name for name in names if not _ADDRESS.match(name)]:
                return _unique(person for name in written for person in _people(name))
        bylines = self._bylines()
        people = (person for text in bylines for person in _people(text) if _is_person(person))
        return _unique(people)

    def published(self) -> str | None:
        """The date of publication that the page states, never one from its prose."""
        stated = [*self._stated(_PUBLISHED), *_names(self._json.get("datePublished"))]
        stated += self._stated("date")
        for element in self._root.xpath('//*[@itemprop="datePublished"] | //time[@pubdate]'):
            stated.append(_tidy(element.get("datetime") or "".join(element.itertext())))
        for text in stated:
            numbers = _NUMBERS.match(text)
            if date := parse_date("-".join(numbers.groups()) if numbers else text):
                return date
        return None

    def publisher(self) -> str | None:
        """The site or body that published it."""
        stated = [*self._stated("og:site_name"), *_names(self._json.get("publisher"))]
        stated += self._stated(_PUBLISHER)
        return next((name for name in stated if not _ADDRESS.match(name)), None)

    def url(self) -> str | None:
        """The address that the page gives itself."""
        canonical = self._root.xpath('//link[@rel="canonical"]/@href')
        return next(filter(_is_url, [*map(_tidy, canonical), *self._stated("og:url")]), None)

    def language(self) -> str | None:
        """The language as two letters."""
        stated = [self._root.get("lang") or "", self._root.get("xml:lang") or ""]
        stated += self._root.xpath('//meta[@http-equiv="content-language"]/@content')
        stated += self._stated(r"dc(terms)?\.language|og:locale")
        codes = (re.match(r"([a-z]{2})(?![a-z])", text.strip().lower()) for text in stated)
        return next((code[1] for code in codes if code), None)

    def tags(self) -> tuple[str, ...]:
        """The keywords of the first kind that the page has."""
        for key in _TAGS:
            if stated := self._stated(key):
                whole = key == "article:tag"
                parts = (part for text in stated for part in re.split("[;,]", text))
                return _unique(map(_tidy, stated if whole else parts))
        return ()

    def _stated(self, keys: str) -> list[str]:
        return [content for key, content in self._meta if re.fullmatch(keys, key)]

    def _bylines(self) -> list[str]:
        marked = self._root.xpath('//*[@rel="author" or @itemprop="author"]')
        called = self._root.xpath('//*[contains(@class, "byline")]')
        for elements in (marked, called[:1]):
            texts = [_tidy(" ".join(element.itertext())) for element in elements]
            if texts := [text for text in texts if 0 < len(text) <= 80]:
                return texts
        return []

    def _without_site(self, title: str) -> str:
        breaks = list(_SITE_BREAK.finditer(title))
        if not breaks:
            return title
        first, last = breaks[0], breaks[-1]
        after = title[last.end() :]
        if self.is_site(after) or ("|" in last[0] and len(after.split()) <= 4):
            return title[: last.start()]
        return title[first.end() :] if self.is_site(title[: first.start()]) else title


def _json_article(root: Element) -> dict[str, Any]:
    """The JSON-LD node that describes the article."""
    nodes: list[dict[str, Any]] = []
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        try:
            waiting: list[Any] = [json.loads(script.text or "", strict=False)]
        except (ValueError, RecursionError):
            continue  # a broken statement is none
        while waiting:
            node = waiting.pop()
            if isinstance(node, list):
                waiting += reversed(node)
            elif isinstance(node, dict):
                nodes.append(node)
                waiting += (node.get("@graph"), node.get("mainEntity"))
    articles = [node for node in nodes if _ARTICLE.search(str(node.get("@type")))]
    stating = [node for node in nodes if "headline" in node or "datePublished" in node]
    return next(iter([*articles, *stating]), {})


def _names(value: Any) -> list[str]:
    """The names in a JSON-LD value: a text, a thing with a name, or several of them."""
    values = value if isinstance(value, list) else [value]
    named = (each.get("name") if isinstance(each, dict) else each for each in values)
    return [name for each in named if isinstance(each, str) and (name := _tidy(unescape(each)))]


def _people(text: str) -> Iterator[str]:
    """The authors that one line names: "A; B", "Ann Lee, Bo Ek and Cy Orr", "Lee, Ann".

    Commas and "and" part people only, not the Department of Energy, Science and Transport.
    """
    for part in _BYLINE.sub("", text).split(";"):
        part = part.strip()
        people = _BETWEEN_PEOPLE.split(part)
        if len(people) > 1 and all(map(_is_person, people)):
            yield from people
        elif _TURNED.fullmatch(part):
            yield " ".join(reversed(part.split(", ")))
        else:
            yield part


def _is_person(text: str) -> bool:
    words = text.split()
    if not 2 <= len(words) <= 5 or any(char.isdigit() for char in text):
        return False
    capital = [word[0].isupper() for word in words]
    particles = (high or _PARTICLE.fullmatch(w) for high, w in zip(capital, words, strict=True))
    return capital[0] and capital[-1] and all(particles)


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple({text.casefold(): text for text in texts if text}.values())


def _tidy(text: str | None) -> str:
    return " ".join(without_controls(text or "")[0].split())


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
