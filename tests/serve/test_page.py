"""The page, its way in, and the files that it is made of."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPResponse

import till.serve.server
from tests.plugins.made_up import made_up
from tests.serve.conftest import PATIENCE
from till.domain.i18n import translations
from till.serve.server import COOKIE, Attempts
from till.serve.till_process import till_environment

if TYPE_CHECKING:
    from tests.serve.conftest import Venue

TERMINAL = Path(till.serve.server.__file__).parent / "terminal"
PAGE = TERMINAL.parent / "page"


async def fetch(venue: Venue, path: str, cookie: str = "", **more: Any) -> HTTPResponse:
    headers = {"Cookie": f"{COOKIE}={cookie}", **more.pop("headers", {})}
    return await AsyncHTTPClient().fetch(venue.url + path, headers=headers, raise_error=False, **more)


async def test_a_link_lets_a_browser_in_and_only_from_the_page_itself(venue: Venue) -> None:
    token = venue.phones.new_link(5)
    assert b"No till is open" in (await fetch(venue, "/")).body
    for origin in ({}, {"Origin": "https://evil.example"}):
        assert (await fetch(venue, "/way-in", method="POST", body=token, headers=origin)).code == 403
    answer = await fetch(venue, "/way-in", method="POST", body=token, headers={"Origin": venue.url})
    assert answer.code == 204
    given = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "Secure", "SameSite=Strict", "Path=/"} <= {*given.split("; ")}
    assert "Domain" not in given
    cookie = given.partition("=")[2].partition(";")[0].strip('"')
    page = (await fetch(venue, "/", cookie)).body.decode()
    assert "<title>Till 5</title>" in page
    assert not re.search(r"\[[A-Z]+\]", page)
    assert (await fetch(venue, "/way-in", cookie)).code == 204


async def test_the_page_of_a_till_that_starts_names_the_venue(venue: Venue) -> None:
    cookie = venue.phones.redeem(venue.phones.new_link(5, "<b>Joe & Co</b>")) or ""
    assert b"&lt;b&gt;Joe &amp; Co&lt;/b&gt;<br>Till 5" in (await fetch(venue, "/", cookie)).body
    again = venue.phones.redeem(venue.phones.new_link(5)) or ""
    assert b"Joe &amp; Co" in (await fetch(venue, "/", again)).body


async def test_the_page_speaks_the_language_of_its_venue(venue: Venue) -> None:
    words = "No connection: no key is taken."

    script = (PAGE / "till.js").read_text()
    script += (PAGE / "way_in.js").read_text()
    asked = {*re.findall(r'inWords\("([^"]+)"\)', script), *re.findall(r'"(Try again|Start again)"', script)}

    async def page(*named: str) -> tuple[str, str]:
        cookie = venue.phones.redeem(venue.phones.new_link(5, *named)) or ""
        text = (await fetch(venue, "/", cookie)).body.decode()
        given = json.loads(unescape(text.partition('data-words="')[2].partition('"')[0]))
        assert {*given} == asked
        return text.partition('<html lang="')[2].partition('"')[0], given[words]

    assert await page() == ("en", words)
    assert await page("Joe", "es") == ("es", translations("es").sentences.get(words, words))
    assert (await page())[0] == "es", "a later link keeps it"
    assert await page("Joe", '"><script>') == ("&quot;&gt;&lt;script&gt;", words), "of a file that somebody wrote"


async def test_a_browser_without_a_way_in_reads_the_language_of_the_newest_link(venue: Venue, qps: str) -> None:
    script = (PAGE / "way_in.js").read_text()
    asked = {*re.findall(r'inWords\("([^"]+)"\)', script)}
    assert asked

    async def page(cookie: str = "") -> str:
        return (await fetch(venue, "/", cookie)).body.decode()

    assert '<html lang="en">' in await page()
    venue.phones.new_link(6, "Joe", "es")
    venue.phones.new_link(5, "Joe", qps)
    for cookie in ("", "6-" + "A" * 43):
        text = await page(cookie)
        assert f'<html lang="{qps}">' in text
        shown = re.sub(r"<code>.*?</code>|<[^>]*>", " ", text)
        assert re.findall(r"[A-Za-z]{2,}", shown) == ["ca", "crt"]
        assert made_up("Link") in text
        given = json.loads(unescape(text.partition('data-words="')[2].partition('"')[0]))
        assert asked <= {*given}
    headers = {"Origin": venue.url}
    refused = await fetch(venue, "/way-in", method="POST", body="5-" + "A" * 43, headers=headers)
    assert refused.body.decode() == made_up("This link is over an hour old, or a newer one was made. Ask for another.")


async def test_a_link_or_a_cookie_that_is_none_is_refused(venue: Venue) -> None:
    headers = {"Origin": venue.url}
    for token in ("", "5-" + "A" * 43, "x" * 4000):
        answer = await fetch(venue, "/way-in", method="POST", body=token, headers=headers)
        assert (answer.code, answer.headers.get("Set-Cookie")) == (403, None)
    assert (await fetch(venue, "/way-in", "5-" + "A" * 43)).code == 403
    assert b"No till is open" in (await fetch(venue, "/", "5-" + "A" * 43)).body


@pytest.mark.parametrize("path", ["/", "/page/till.js", "/terminal/xterm.js", "/page/till.webmanifest", "/nowhere"])
async def test_each_answer_has_the_policy(venue: Venue, path: str) -> None:
    answer = await fetch(venue, path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in answer.headers
    assert answer.code == (404 if path == "/nowhere" else 200)


@pytest.mark.parametrize("path", ["/page/../server.py", "/page/%2e%2e/server.py", "/terminal/SHA256SUMS", "/page/"])
async def test_no_other_file_is_served(venue: Venue, path: str) -> None:
    assert (await fetch(venue, path)).code in {403, 404}


async def test_a_load_of_the_page_has_a_nonce_of_its_own(venue: Venue) -> None:
    cookie = venue.cookie()
    first, second = [(await fetch(venue, "/", cookie)) for _ in range(2)]
    nonce = re.search(r"'nonce-([\w-]+)'", first.headers["Content-Security-Policy"])
    assert nonce is not None
    assert f'nonce="{nonce[1]}"'.encode() in first.body
    assert nonce[1].encode() not in second.body
    assert first.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/page/till.js", "/nowhere", "/till"])
async def test_an_answer_that_says_so_closes_its_connection(venue: Venue, path: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", venue.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    async with asyncio.timeout(PATIENCE / 5):
        answer = await reader.read()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    writer.close()


async def test_wrong_attempts_behind_a_proxy_wait_by_the_address_that_it_added(venue: Venue) -> None:
    venue.served.has_proxy = True
    for own in ("1.1.1.1", "2.2.2.2"):
        await fetch(venue, "/way-in", headers={"X-Real-Ip": own, "X-Forwarded-For": f"{own}, 10.0.0.9"})
    assert [*venue.served.attempts._due] == ["10.0.0.9"]
    venue.served.has_proxy = False
    await fetch(venue, "/way-in", headers={"X-Real-Ip": "1.1.1.1", "X-Forwarded-For": "1.1.1.1"})
    assert "1.1.1.1" not in venue.served.attempts._due


def test_wrong_attempts_wait_for_each_other_by_address() -> None:
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    delays = [attempts.delay("10.0.0.9") for _ in range(40)]
    assert delays[:3] == [0.5, 1.0, 1.5]
    assert delays[-1] == 8.0
    assert attempts.delay("10.0.0.8") == 0.5
    now[0] = 11.0
    assert attempts.delay("10.0.0.9") == 0.5
    assert len(attempts._due) == 1


def test_the_terminal_is_the_one_that_was_published() -> None:
    lines = (TERMINAL / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = {one.name for one in TERMINAL.iterdir()} - {"SHA256SUMS"}
    assert {*sums} == files == {"LICENSE", "VERSION", "xterm.css", "xterm.js"}
    for name, digest in sums.items():
        assert hashlib.sha256((TERMINAL / name).read_bytes()).hexdigest() == digest


def test_the_page_names_nothing_elsewhere() -> None:
    for file in PAGE.iterdir():
        if file.suffix != ".png":
            text = file.read_text(encoding="utf-8")
            assert not re.findall(r"https?://(?!…)|(?:src|href)=\"(?!/)", text), file.name


def test_a_till_gets_no_secret_of_the_server() -> None:
    given = {
        "PATH": "/bin",
        "LC_ALL": "C",
        "COLUMNS": "3",
        "TILL_DATA_DIR": "/d",
        "TILL_DATABASE__TLS": "off",
        "TILL_STAFF": "9",
        "TILL_PASSWORD_FILE": "/p",
        "TILL_GATEWAY_SECRET": "x",
        "AWS_SECRET": "x",
    }
    assert till_environment(given, 15) == {
        "LANG": "C.UTF-8",
        "PATH": "/bin",
        "LC_ALL": "C",
        "TILL_DATA_DIR": "/d",
        "TILL_DATABASE__TLS": "off",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "TILL_SESSION__IDLE_MINUTES": "15",
        "TILL_UI__TOUCH": "true",
    }
