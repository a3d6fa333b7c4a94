"""What a page states about itself: title, authors, date, publisher, address, tags.

From meta elements (Open Graph, Dublin Core, Highwire's citation_*), JSON-LD (schema.org) and marked
bylines; never from prose, which may name any date and anybody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from ingest.readers.common.characters import letters, without_controls
from ingest.readers.common.people import is_person, people
from ingest.readers.common.xml import Element
from kb.text.dates import parse_date

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


class PageMetadata:
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
        return letters(text) in map(letters, (self.publisher() or "", host, host.split(".")[0]))

    def authors(self) -> tuple[str, ...]:
        """The people or bodies who wrote it, in their order."""
        makers = _names(self._json.get("author")) or _names(self._json.get("creator"))
        for names in (self._stated(_CREATOR), makers, self._stated(_AUTHOR)):
            if written := [name for name in names if not _ADDRESS.match(name)]:
                return _unique(person for name in written for person in people(name))
        bylines = self._bylines()
        named = (person for text in bylines for person in people(text) if is_person(person))
        return _unique(named)

    def published(self) -> str | None:
        """The date of publication that the page states, never one from its prose."""
        stated = [*self._stated(_PUBLISHED), *_names(self._json.get("datePublished"))]
        stated += self._stated("date")
        for element in self._root.xpath('//*[@itemprop="datePublished"] | //time[@pubdate]'):
            stated.append(_tidy(element.get("datetime") or "".join(element.itertext())))
        for text in stated:
            numbers = _NUMBERS.match(text)
            date = parse_date("-".join(numbers.groups()) if numbers else text)
            if date and date > "1400":  # an empty field is often printed as the year 1
                return date
        return None

    def publisher(self) -> str | None:
        """The site or body that published it."""
        stated = [*self._stated("og:site_name"), *_names(self._json.get("publisher"))]
        stated += self._stated(_PUBLISHER)
        names = (re.split(r"\s+[|–—]\s+", name)[0] for name in stated)  # "Site | Its motto"
        return next((name for name in names if not _ADDRESS.match(name)), None)

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
