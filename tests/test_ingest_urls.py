"""Web addresses: fetched within limits, asked again only for what changed, lists and feeds."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources import web as fetching
from ingest.sources.feeds import MOST, links_in
from ingest.sources.web import Fetcher
from kb.errors import Refused

Ask = Callable[..., tuple[int, str, str]]
PAGE = """<html><head><title>{0}</title></head><body><article><h1>{0}</h1>
<p>The levy on {0} is paid by whoever sells them, and not by whoever buys them in the end.</p>
<p>It was raised twice since it began, each time after a review of what it had brought in.</p>
</article></body></html>"""
Answer = tuple[int, dict[str, str], bytes]


class Site:
    """A server on this machine: answers by path, and what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[dict[str, str]], Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.rules: list[tuple[str, dict[str, str]]] = []  # how often robots.txt was asked for
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                (site.rules if self.path == "/robots.txt" else site.asked).append(
                    (self.path, headers)
                )
                answer = site.answers.get(self.path, (404, {}, b""))
                status, more, body = answer(headers) if callable(answer) else answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def page(self, path: str, name: str, **headers: str) -> str:
        """Let a brief stand at a path; its address."""
        html = {"Content-Type": "text/html; charset=utf-8"}
        self.answers[path] = (200, {**html, **headers}, PAGE.format(name).encode())
        return self.address + path

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    one = Site()
    yield one
    one.close()


@pytest.fixture
def base(home: Path, ask: Ask) -> Path:
    ask("init", "--model", "hashing")
    return home


def report(ask: Ask, *arguments: str) -> Any:
    return json.loads(ask("ingest", *arguments, "--json")[1])


def keys(found: Any) -> list[str]:
    return [one["document"] for one in found["added"]]


def test_a_page_is_taken_in_and_cited_by_where_it_stands(base: Path, ask: Ask, site: Site) -> None:
    url = site.page("/end", "bottles")
    site.answers["/start"] = (302, {"Location": "/end"}, b"")
    found = report(ask, f"{site.address}/start#part")
    assert keys(found) == ["bottles"]
    shown = json.loads(ask("show", "bottles", "--format", "json")[1])
    assert shown["sources"][0]["uri"] == f"{site.address}/start"
    hit = json.loads(ask("search", "who pays the levy", "--format", "json")[1])["hits"][0]
    assert url in hit["citation"]


RUSSIAN = "Сбор за бутылки платит тот, кто их продаёт, а не тот, кто их покупает в конце концов."
BUT_NAMED = '<meta charset="koi8-r">'


@pytest.mark.parametrize(
    ("media_type", "before", "encoding"),
    [
        ("text/html; charset=windows-1251", "", "cp1251"),
        ('text/html;Charset = "Windows-1251"', BUT_NAMED, "cp1251"),  # the server goes first
        ("text/html; charset=windows-1251", BUT_NAMED, "utf-8-sig"),  # but for a byte order mark
        ("text/html; charset=none-such", BUT_NAMED, "koi8-r"),  # nonsense counts for nothing
        ("text/html; charset=unicode_escape", BUT_NAMED, "koi8-r"),
        ("text/html; charset=", BUT_NAMED, "koi8-r"),
        ("text/html", BUT_NAMED, "koi8-r"),
        ("text/plain; charset=windows-1251", "", "cp1251"),
        ("text/markdown; charset=koi8-r", "", "koi8-r"),
    ],
)
def test_the_charset_that_the_server_names_goes_before_that_of_the_page(
    base: Path, ask: Ask, site: Site, media_type: str, before: str, encoding: str
) -> None:
    """As browsers have it; also when the kept bytes are read again for another reason."""
    text = f"{RUSSIAN}\n\n{RUSSIAN[::-1]}"
    if "html" in media_type:
        text = f"<html><head>{before}</head><body><p>{RUSSIAN}</p><p>{RUSSIAN[::-1]}</p></body>"
    site.answers["/sbor"] = (200, {"Content-Type": media_type}, text.encode(encoding))
    (key,) = keys(report(ask, f"{site.address}/sbor"))
    first = json.loads(ask("show", key, "--format", "json")[1])
    assert RUSSIAN in first["text"]
    assert ask("set", key, "--title", "Bottles")[0] == 0
    assert report(ask, f"{site.address}/sbor", "--reread")["added"] == []
    again = json.loads(ask("show", key, "--format", "json")[1])
    assert (again["text"], again["revision"]) == (first["text"], first["revision"])
    assert again["title"] == "Bottles"


def test_what_did_not_change_is_not_sent_again(base: Path, ask: Ask, site: Site) -> None:
    body = PAGE.format("cans").encode()

    def answer(headers: dict[str, str]) -> Answer:
        tag = {"ETag": '"1"', "Last-Modified": "Mon, 02 Jun 2025 10:00:00 GMT"}
        if headers.get("if-none-match") == '"1"':
            return 304, tag, b""
        return 200, {**tag, "Content-Type": "text/html"}, body

    site.answers["/"] = answer
    url = f"{site.address}/"
    assert keys(report(ask, url)) == ["cans"]
    assert report(ask, url)["unchanged"] == 1
    assert site.asked[-1][1]["if-modified-since"] == "Mon, 02 Jun 2025 10:00:00 GMT"
    assert report(ask, url, "--reread")["unchanged"] == 1
    assert "if-none-match" not in site.asked[-1][1]
    ask("remove", "cans")
    assert keys(report(ask, url)) == ["cans"], "what was taken out comes back"


def test_a_changed_page_is_a_new_revision(base: Path, ask: Ask, site: Site) -> None:
    url = site.page("/a", "bags", ETag='"1"')
    report(ask, url)
    answer = site.answers["/a"]
    assert not callable(answer)
    status, headers, body = answer
    site.answers["/a"] = (status, {**headers, "ETag": '"2"'}, body.replace(b"twice", b"thrice"))
    assert [one["document"] for one in report(ask, url)["updated"]] == ["bags"]
    site.answers["/a"] = (304, {}, b"")
    assert report(ask, url)["unchanged"] == 1
    assert site.asked[-1][1]["if-none-match"] == '"2"'


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((404, {}, b""), "no such page"),
        ((403, {}, b""), "save the page"),
        ((503, {}, b""), "Try again later"),
        ((418, {}, b""), "(418)"),
        ((200, {"Content-Type": "text/html"}, b""), "an empty page"),
        ((302, {"Location": "/page"}, b""), "sent on more than 5 times"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "no web address"),
        ((302, {}, b""), "sent on, but not where to"),
        ((200, {"Content-Type": "image/png"}, b"\x89PNG\r\n\x1a\n\x00\x00"), "not read image/png"),
        ((200, {"Content-Length": "50"}, b"short"), "broke off"),
        ((200, {"Content-Encoding": "gzip"}, b"no gzip"), "broke off"),
    ],
)
def test_what_cannot_be_had_is_refused_and_tried_again(
    base: Path, ask: Ask, site: Site, answer: Answer, said: str
) -> None:
    other = site.page("/other", "bottles")
    site.answers["/page"] = answer
    code, out, _ = ask("ingest", f"{site.address}/page", other, "--json")
    found = json.loads(out)
    assert code == 1
    assert keys(found) == ["bottles"]
    (refused,) = found["refused"]
    assert refused["source"] == f"{site.address}/page"
    assert said in refused["reason"]
    assert "\n" not in refused["reason"]
    site.page("/page", "cans")
    assert keys(report(ask, "--retry")) == ["cans"]
    assert json.loads(ask("list", "--problems", "--json")[1])["refused"] == []


def named(site: Site, max_size: int) -> Fetcher:
    """What fetches from a site that the person named."""
    fetcher = Fetcher(max_size)
    fetcher.name(site.address)
    return fetcher


def test_limits_of_size_hold_for_what_is_unpacked(site: Site) -> None:
    site.answers["/big"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(10_000_000)))
    with pytest.raises(Refused, match="--max-size"):
        named(site, 1_000_000).fetch(f"{site.address}/big")


def test_limits_of_time_hold(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "READ", 0.2)
    stop = threading.Event()

    def slow(_: dict[str, str]) -> Answer:
        stop.wait(5)
        return 200, {}, b"late"

    site.answers["/slow"] = slow
    with pytest.raises(Refused, match="does not answer in time"):
        named(site, 1_000).fetch(f"{site.address}/slow")
    stop.set()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:9/", "127.0.0.1 cannot be reached."),
        ("http://nowhere.invalid/", "there is no server nowhere.invalid, or no network."),
        ("http:///", ""),
    ],
)
def test_an_address_that_leads_nowhere(base: Path, ask: Ask, url: str, reason: str) -> None:
    code, out, err = ask("ingest", url)
    assert (code, out) == (1, "")
    assert err.splitlines()[0].startswith(f"refused: {url}: {reason}")


RSS = """<?xml version="1.0"?><rss version="2.0"><channel><link>{0}/</link>
<item><link>{0}/a</link></item><item><guid isPermaLink="true">{0}/b</guid></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><link href="{0}/self" rel="self"/>
<entry><link rel="edit" href="/edit"/><link href="{0}/a"/></entry>
<entry><link rel="alternate" href="{0}/b"/></entry></feed>"""
MAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{0}/a</loc></url>
<url><loc> {0}/b </loc></url></urlset>"""
LIST = "# what to read\n{0}/a\n\n{0}/b\n"


@pytest.mark.parametrize(
    ("name", "form"), [("f.xml", RSS), ("f.atom", ATOM), ("map.xml", MAP), ("list.txt", LIST)]
)
def test_lists_of_addresses(base: Path, ask: Ask, site: Site, name: str, form: str) -> None:
    site.page("/a", "bottles")
    site.page("/b", "cans")
    (base / name).write_text(form.format(site.address))
    own = site.page("/own", "jars")  # a feed may lead to this machine where a person does, too
    assert keys(report(ask, own, name)) == ["jars", "bottles", "cans"]
    before = len(site.asked)
    assert report(ask, own, name)["unchanged"] == 3
    assert (len(site.asked) == before + 1) == (name in ("f.xml", "f.atom")), (
        "a feed names what is new"
    )
    body = form.format(site.address).encode()
    site.answers["/list"] = (200, {"Content-Type": "text/plain"}, body)
    assert report(ask, f"{site.address}/list")["unchanged"] == 2


def test_a_sitemap_of_sitemaps_ends(base: Path, ask: Ask, site: Site) -> None:
    index = f"<sitemapindex><sitemap><loc>{site.address}/s</loc></sitemap></sitemapindex>"
    site.answers["/s"] = (200, {"Content-Type": "application/xml"}, index.encode())
    code, _, err = ask("ingest", f"{site.address}/s")
    assert code == 1
    assert len(site.asked) == 3
    assert "refused" in err


urls = st.builds("http://example.org/{}".format, st.text("abc/?=&", max_size=9))


@given(st.lists(urls, max_size=MOST + 9))
def test_a_list_names_each_address_once_in_order(named: list[str]) -> None:
    found = links_in("\n".join(named).encode())
    each = list(dict.fromkeys(named))
    if not named:
        assert found is None
        return
    assert found is not None
    assert list(found.urls) == each[:MOST]
    assert found.left_out == max(0, len(each) - MOST)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"A brief\n\nhttp://example.org/ is named in it.\n",
        b"<html><body>http://example.org/</body></html>",
        b"<?xml version='1.0'?><report/>",
        b"<rss",
        b'<!DOCTYPE x [<!ENTITY a "b">]><html><feed/></html>',
    ],
)
def test_what_is_no_list(data: bytes) -> None:
    found = links_in(data)
    assert found is None or found.urls == ()
