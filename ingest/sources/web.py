"""Web addresses become bytes: within limits of time, size and redirects, and politely."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from ingest.readers import SUFFIXES, charset_of, with_charset
from ingest.sources.discovered import Forbidden, Source, too_large
from ingest.sources.files import JSONL, checked, sniffed
from ingest.sources.network import Gate, Late, PrivateAddress, host_of, is_by_itself_private
from ingest.sources.robots import MOST as MOST_RULES
from ingest.sources.robots import Robots
from kb import __version__
from kb.errors import Refused
from kb.records import Fetch

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

CONNECT, READ, WHOLE = 10.0, 30.0, 120.0  # seconds: to connect, for the next bytes, for all
REDIRECTS = 5
PAUSE = 1.0  # seconds between two requests to one server, unless it is this machine
PIECE = 64 * 1024
_MOVED = frozenset({301, 302, 303, 307, 308})
_REASONS = {
    401: "the server wants a login. Open it in a browser, save the page, and ingest that file",
    403: "the server refuses it. Open it in a browser, save the page, and ingest that file",
    404: "the server has no such page. Check the address",
    410: "the server took this page away",
    429: "the server asks for fewer requests. Try again later with kb ingest --retry",
    503: "the server is busy. Try again later with kb ingest --retry",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What a server gave: the bytes, their media type and charset, what is kept of the fetch."""

    data: bytes
    media_type: str
    fetch: Fetch
    charset: str | None = None


class Fetcher:
    """Fetches, one after the other; it remembers when it last asked which server.

    What a list or a redirect names is not fetched from this machine or a private network, unless
    the person named the host too; and what a list names, only as its server's robots.txt allows.
    """

    def __init__(self, max_size: int) -> None:
        self._max_size = max_size
        self._asked: dict[str, float] = {}
        self._gate = Gate()
        self._robots = Robots(self._rules_at)

    def name(self, url: str) -> None:
        """Note that the person named this address."""
        self._gate.name(host_of(url))

    def fetch(self, url: str, known: Fetch | None = None, *, listed: bool = False) -> Page | None:
        """The page at an address; None when it did not change since `known` was fetched.

        `listed`: a list names it. Refused when it cannot be had, or not within the limits;
        Forbidden when it is not to be had.
        """
        with self._answer(url, known, listed=listed) as (address, response):
            if response.status == 304 and known is not None:
                return None
            if response.status != 200:
                raise Refused(_why(response.status))
            said = response.headers.get("Content-Type", "")
            return Page(
                b"".join(self._pieces(response)),
                said.partition(";")[0].strip().lower(),
                Fetch(
                    address,
                    response.headers.get("ETag"),
                    response.headers.get("Last-Modified"),
                ),
                charset_of(said),
            )

    @contextmanager
    def _answer(
        self, url: str, known: Fetch | None = None, *, listed: bool = False
    ) -> Iterator[tuple[str, BaseHTTPResponse]]:
        """Where an address led in the end, and what the server there says.

        The connection is not used again: its time runs from when it is opened.
        """
        from urllib3.exceptions import HTTPError

        address = url
        try:
            for _ in range(REDIRECTS + 1):
                if not host_of(address):
                    raise Refused(f"{address} is no web address that can be read. Check it")
                if listed:
                    self._robots.check(address)
                with self._gate.limited(WHOLE), closing(self._ask(address, known)) as response:
                    if response.status not in _MOVED:
                        yield address, response
                        return
                    address = _moved(address, response.headers.get("Location"))
        except Late as error:
            raise Refused(
                f"it did not come in {WHOLE:g} s. Try again with kb ingest --retry"
            ) from error
        except PrivateAddress as error:
            raise Forbidden(
                f"{host_of(address)} is on this computer or a private network, where a list or a "
                f"redirect may not lead. If you mean it, name it: kb ingest {address}"
            ) from error
        except HTTPError as error:
            raise Refused(_unreachable(address, error)) from error
        raise _Astray(f"it was sent on more than {REDIRECTS} times")

    def _rules_at(self, url: str) -> tuple[int, bytes]:
        """The status and the beginning of a server's robots.txt; 404 where it leads nowhere."""
        rules = b""
        try:
            with self._answer(url) as (_, response):
                for piece in response.stream(PIECE, decode_content=True):
                    rules += piece
                    if len(rules) >= MOST_RULES:
                        break
                return response.status, rules[:MOST_RULES]
        except (Forbidden, _Astray):
            return 404, b""

    @cached_property
    def _pools(self) -> PoolManager:
        return self._gate.pools(CONNECT, READ)

    def _ask(self, address: str, known: Fetch | None) -> BaseHTTPResponse:
        host = host_of(address)
        if not is_by_itself_private(host):
            time.sleep(max(0.0, self._asked.get(host, 0.0) + PAUSE - time.monotonic()))
        self._pools.clear()
        headers = {"User-Agent": f"kb/{__version__}", "Accept-Encoding": "gzip, deflate"}
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        if known is not None and known.modified:
            headers["If-Modified-Since"] = known.modified
        try:
            response: BaseHTTPResponse = self._pools.request(
                "GET", address, headers=headers, redirect=False, preload_content=False
            )
        finally:
            self._asked[host] = time.monotonic()
        return response

    def _pieces(self, response: BaseHTTPResponse) -> Iterator[bytes]:
        size = 0
        for piece in response.stream(PIECE, decode_content=True):
            size += len(piece)
            if size > self._max_size:
                raise Refused(too_large(size, self._max_size))
            yield piece
        if not size:
            raise Refused("an empty page")


class _Astray(Refused):
    """Redirects that do not lead to a page."""


def _moved(address: str, location: str | None) -> str:
    if not location:
        raise _Astray("it was sent on, but not where to")
    try:
        moved = urljoin(address, location)
        is_web = urlsplit(moved).scheme in ("http", "https")
    except ValueError:
        moved, is_web = location, False
    if not is_web:
        raise _Astray(f"it was sent on to {moved}, which is no web address")
    return moved


def _why(status: int) -> str:
    return f"{_REASONS.get(status, 'the server does not give it')} ({status})"


def _unreachable(address: str, error: Exception) -> str:
    import urllib3

    host = host_of(address)
    timed_out = isinstance(error, urllib3.exceptions.TimeoutError)
    # a NewConnectionError is a TimeoutError by inheritance
    if timed_out and not isinstance(error, urllib3.exceptions.NewConnectionError):
        return "the server does not answer in time. Try again later with kb ingest --retry"
    if isinstance(error, urllib3.exceptions.NameResolutionError):
        return f"there is no server {host}, or no network. Check the address"
    if isinstance(error, urllib3.exceptions.SSLError):
        return f"the certificate of {host} is not trusted"
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return f"{host} cannot be reached. Check the address and the network"
    return f"{host} broke off ({type(error).__name__}). Try again with kb ingest --retry"


def source_of(uri: str, page: Page) -> Source:
    """A page as a source: its type as the server says, else by its name or by how it begins."""
    path = PurePosixPath(unquote(urlsplit(page.fetch.url).path))
    said = {"application/xhtml+xml": "text/html", "text/x-markdown": "text/markdown"}
    media_type = said.get(page.media_type, page.media_type)
    if media_type not in SUFFIXES.values():
        by_name = SUFFIXES.get(path.suffix.lower())
        if by_name and by_name != JSONL:
            media_type = by_name
        elif media_type in ("", "application/octet-stream") or media_type.startswith("text/"):
            media_type = sniffed(page.data)
    elif media_type == JSONL:
        media_type = "text/plain"
    name = path.name or urlsplit(page.fetch.url).hostname or ""
    whole = with_charset(media_type, page.charset)
    return Source(uri, name, whole, lambda: checked(page.data, media_type))
