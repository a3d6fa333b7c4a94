"""Where a stranger's list or redirect may lead, and what robots.txt allows."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_ingest_urls import RSS, Site, keys, report

from ingest.sources import web
from ingest.sources.network import Gate, PrivateAddress, is_by_itself_private, is_public
from ingest.sources.robots import MOST
from kb.errors import Refused

Ask = Callable[..., tuple[int, str, str]]

PRIVATE = """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12
    192.168.0.0/16 224.0.0.0/4 240.0.0.0/4 ::1/128 fc00::/7 fe80::/10 ff00::/8""".split()


@pytest.fixture
def site() -> Any:
    one = Site()
    yield one
    one.close()


@pytest.fixture
def base(home: Path, ask: Ask) -> Path:
    ask("init", "--model", "hashing")
    return home


# --- which addresses are public


@given(st.sampled_from(PRIVATE), st.integers(0, 2**128 - 1))
def test_what_is_not_of_the_internet_is_not_public(block: str, offset: int) -> None:
    network = ip_network(block)
    address = network[offset % network.num_addresses]
    assert not is_public(str(address))
    if isinstance(address, IPv4Address):
        number = int(address)
        for six in (0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80):
            assert not is_public(str(IPv6Address(six))), "it stands for one of IPv4"


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_what_is_of_the_internet_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    "localhost a.localhost 127.0.0.1 127.1 2130706433 0x7f.1 017700000001 ::1 10.1.2.3".split(),
)
def test_a_host_that_is_private_by_its_name(host: str) -> None:
    assert is_by_itself_private(host)


@given(st.integers(0, 2**32 - 1))
def test_a_number_is_the_address_that_it_spells(number: int) -> None:
    assert is_by_itself_private(str(number)) != is_public(str(ip_address(number)))


def test_a_name_may_not_turn_private_afterwards() -> None:
    gate = Gate()
    gate.name("feeds.example")
    assert gate._let_through("feeds.example", ["10.0.0.1"]) == ["10.0.0.1"], "it is an intranet's"
    assert gate._let_through("other.example", ["93.184.216.34", "10.0.0.1"]) == ["93.184.216.34"]
    gate.name("other.example")
    with pytest.raises(PrivateAddress):
        gate._let_through("other.example", ["127.0.0.1"])


# --- where lists and redirects lead


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::1]"])
def test_a_feed_does_not_lead_to_this_machine(base: Path, ask: Ask, site: Site, host: str) -> None:
    site.page("/a", "bottles")
    address = site.address.replace("127.0.0.1", host)
    (base / "feed.xml").write_text(RSS.format(address))
    told = report(ask, "feed.xml")
    assert told["added"] == []
    assert [one["source"] for one in told["refused"]] == [f"{address}/a", f"{address}/b"]
    for one in told["refused"]:
        assert "is on this computer or a private network" in one["reason"]
        assert f"kb ingest {address}" in one["reason"]
    assert site.asked == site.rules == []
    assert json.loads(ask("list", "--problems", "--json")[1])["refused"] == [], "not to be retried"


def test_a_redirect_does_not_lead_to_this_machine(base: Path, ask: Ask, site: Site) -> None:
    site.page("/a", "bottles")
    site.answers["/on"] = (302, {"Location": f"{site.address}/a"}, b"")
    named = site.address.replace("127.0.0.1", "localhost")
    (refused,) = report(ask, f"{named}/on")["refused"]
    assert refused["source"] == f"{named}/on"
    assert "127.0.0.1 is on this computer" in refused["reason"]
    assert [path for path, _ in site.asked] == ["/on"]
    site.page("/b", "cans")
    told = report(ask, f"{named}/on", f"{site.address}/b")
    assert sorted(keys(told)) == ["bottles", "cans"], "its host is named, if only afterwards"


@pytest.mark.parametrize(
    "location", ["http://[x/", "http://a:99999/", "http://%zz/", "//[", "data:,"]
)
def test_an_address_that_cannot_be_read_is_refused_and_the_next_taken(
    base: Path, ask: Ask, site: Site, location: str
) -> None:
    site.answers["/on"] = (302, {"Location": location}, b"")
    (base / "feed.xml").write_text(
        f"<rss><channel><item><link>{location}</link></item>"
        f"<item><link>{site.page('/a', 'bottles')}</link></item></channel></rss>"
    )
    (base / "list.txt").write_text(f"http://[y/\n{site.page('/b', 'cans')}\n")
    told = report(ask, "feed.xml", "list.txt", f"{site.address}/on")
    assert sorted(keys(told)) == ["bottles", "cans"]
    reasons = {one["source"]: one["reason"] for one in told["refused"]}
    assert {"http://[y/", f"{site.address}/on"} <= reasons.keys()
    assert all("no web address" in reason for reason in reasons.values())


def test_a_list_of_the_persons_own_may(base: Path, ask: Ask, site: Site) -> None:
    (base / "own.txt").write_text(site.page("/a", "bottles"))
    assert keys(report(ask, "own.txt")) == ["bottles"]
    (base / "in").mkdir()
    (base / "in" / "strange.rss").write_text(site.page("/b", "cans"))
    (refused,) = report(ask, "in")["refused"]
    assert "private network" in refused["reason"], "nobody named this list"
    assert keys(report(ask, "in/strange.rss")) == ["cans"]


# --- what programs may fetch


def test_robots_txt_is_honoured_for_what_lists_name(base: Path, ask: Ask, site: Site) -> None:
    site.page("/a", "bottles")
    site.page("/b", "cans")
    rules = b"User-agent: kb\nDisallow: /a\n"
    site.answers["/robots.txt"] = (200, {"Content-Type": "text/plain"}, rules)
    (base / "list.txt").write_text(f"{site.address}/a\n{site.address}/b\n")
    told = report(ask, "list.txt")
    assert keys(told) == ["cans"]
    (refused,) = told["refused"]
    assert "asks programs not to fetch this (robots.txt)" in refused["reason"]
    assert [path for path, _ in site.asked] == ["/b"]
    assert len(site.rules) == 1, "each server is asked once"
    assert keys(report(ask, f"{site.address}/a")) == ["bottles"], "who names it may have it"


@pytest.mark.parametrize(
    ("status", "allowed"), [(404, True), (403, True), (500, False), (503, False)]
)
def test_a_server_without_rules_allows_all_and_one_that_fails_nothing(
    base: Path, ask: Ask, site: Site, status: int, allowed: bool
) -> None:
    site.page("/a", "bottles")
    site.answers["/robots.txt"] = (status, {}, b"")
    (base / "list.txt").write_text(f"{site.address}/a\n")
    told = report(ask, "list.txt")
    assert bool(told["added"]) == allowed
    if not allowed:
        (refused,) = told["refused"]
        assert f"({status})" in refused["reason"]
        site.answers["/robots.txt"] = (404, {}, b"")
        assert keys(report(ask, "--retry")) == ["bottles"]


def test_rules_that_lead_astray_are_none(base: Path, ask: Ask, site: Site) -> None:
    (base / "list.txt").write_text(site.page("/a", "bottles"))
    elsewhere = site.address.replace("127.0.0.1", "localhost")
    for location in ("/robots.txt", "ftp://a/", "http://[x/", f"{elsewhere}/rules"):
        site.answers["/robots.txt"] = (302, {"Location": location}, b"")
        assert report(ask, "list.txt", "--reread")["refused"] == []
    assert "/rules" not in [path for path, _ in site.asked]


def test_no_more_of_the_rules_is_read_than_a_crawler_must(base: Path, ask: Ask, site: Site) -> None:
    (base / "list.txt").write_text(f"{site.page('/a', 'bottles')}\n{site.page('/b', 'cans')}\n")
    head = b"User-agent: *\nDisallow: /a\n"
    rules = head + b"#" * (MOST - len(head) - 1) + b"\nDisallow: /b\n"
    site.answers["/robots.txt"] = (200, {}, rules)
    assert keys(report(ask, "list.txt")) == ["cans"]


# --- limits of time


class Drip:
    """A server that sends its answer byte by byte, for ever; `after` those to its first requests.

    A connection stays open for the next request, as in HTTP/1.1.
    """

    def __init__(self, begin: bytes, after: int = 0) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._begin = begin
        self._after = after
        self.address = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                visitor, _ = self._server.accept()
                threading.Thread(target=self._drip, args=(visitor,), daemon=True).start()

    def _drip(self, visitor: socket.socket) -> None:
        with visitor, suppress(OSError):
            while visitor.recv(65536) and self._after:
                self._after -= 1
                visitor.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n#")
            visitor.sendall(self._begin)
            while True:
                visitor.sendall(b"a")
                time.sleep(0.02)

    def close(self) -> None:
        self._server.close()


@pytest.mark.parametrize("begin", ["", "HTTP/1.0 200 OK\r\nX: ", "HTTP/1.0 200 OK\r\n\r\n"])
@pytest.mark.parametrize("listed", [False, True])
def test_a_server_that_answers_byte_by_byte_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch, begin: str, listed: bool
) -> None:
    monkeypatch.setattr(web, "WHOLE", 0.5)
    with closing(Drip(begin.encode())) as server:
        fetcher = web.Fetcher(10**9)
        fetcher.name(server.address)
        began = time.monotonic()
        with pytest.raises(Refused, match=r"it did not come in 0\.5 s"):
            fetcher.fetch(f"{server.address}/page", listed=listed)
    assert time.monotonic() - began < 10


def test_nor_does_one_that_first_answers_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "WHOLE", 0.5)
    with closing(Drip(b"HTTP/1.1 200 OK\r\n\r\n", after=2)) as server:
        fetcher = web.Fetcher(10**9)
        fetcher.name(server.address)
        page = fetcher.fetch(f"{server.address}/page", listed=True)  # its rules, and itself
        assert page is not None
        assert page.data == b"#"
        with pytest.raises(Refused, match=r"it did not come in 0\.5 s"):
            fetcher.fetch(f"{server.address}/other", listed=True)


def test_nor_does_one_that_is_only_reached_late(monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(host: str, *more: Any) -> Any:
        time.sleep(1)
        return resolve(host, *more)

    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    monkeypatch.setattr(web, "WHOLE", 0.5)
    with closing(Drip(b"HTTP/1.1 200 OK\r\n\r\n")) as server:
        fetcher = web.Fetcher(10**9)
        fetcher.name(server.address)
        with pytest.raises(Refused, match=r"it did not come in 0\.5 s"):
            fetcher.fetch(f"{server.address}/page")
