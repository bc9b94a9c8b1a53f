"""The server that every part of the till listens with."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
from typing import TYPE_CHECKING

from tornado.web import Application

import till.http_server
from till.http_server import LimitedServer

if TYPE_CHECKING:
    import pytest


async def test_a_server_without_a_file_left_rests_and_says_so_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(till.http_server, "_REST_S", 0.01)
    server = LimitedServer(Application(), patience=10, most=9).open("127.0.0.1", 0)
    client = socket.socket()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    calls = 0

    def listen() -> None:
        nonlocal calls
        calls += 1
        own()

    own = server._listen
    monkeypatch.setattr(server, "_listen", listen)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        client.connect(server.sockets[0].getsockname())
        with caplog.at_level(logging.ERROR):
            while calls < 3:  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert [one.message for one in caplog.records] == ["connection_refused"]
    reader, writer = await asyncio.open_connection(sock=client)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    async with asyncio.timeout(10):
        assert b"404" in await reader.read()
    writer.close()
    server.stop()
    server.stop()
