"""Where a stranger's list or redirect may lead, and what robots.txt allows."""

from __future__ import annotations

import json
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_ingest_urls import RSS, Site, keys, report

from ingest.sources.network import Gate, PrivateAddress, is_by_itself_private, is_public

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
    assert keys(report(ask, f"{named}/on", f"{site.address}/a")) == ["bottles"], "once it is named"


def test_a_list_of_the_persons_own_may(base: Path, ask: Ask, site: Site) -> None:
    (base / "own.txt").write_text(site.page("/a", "bottles"))
    assert keys(report(ask, "own.txt")) == ["bottles"]


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
