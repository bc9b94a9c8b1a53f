"""The socket of the displays of guests: nobody else reads it, and no display slows the till."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from till.display.socket import GuestSocket, follow_till

if TYPE_CHECKING:
    from pathlib import Path

PICTURE = b"x" * 100_000


async def test_displays_see_each_new_picture_and_wait_while_there_is_no_till(tmp_path: Path) -> None:
    path = tmp_path / ("deep" * 20) / ("deeper" * 20) / "display-1.sock"  # longer than the path of a socket may be
    path.parent.mkdir(parents=True)
    seen: asyncio.Queue[bytes | None] = asyncio.Queue()
    following = asyncio.create_task(follow_till(path, seen.put_nowait))
    assert await seen.get() is None
    for word in (b"one", b"two"):  # a till that closed is followed again
        till = GuestSocket(path)
        await till.open()
        assert path.stat().st_mode & 0o777 == 0o600
        till.show(word)
        while (found := await seen.get()) is None:
            pass
        assert found == word + b"\n"
        till.show(b"more")
        assert await seen.get() == b"more\n"
        till.close()
        assert await seen.get() is None
        assert not path.exists()
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following


async def test_a_socket_that_a_killed_till_left_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "display-1.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    till = GuestSocket(path)
    await till.open()
    reader, writer = await asyncio.open_unix_connection(path)
    await till.is_followed.wait()
    till.show(b"here")
    assert await reader.readline() == b"here\n"
    writer.close()
    till.close()


async def test_a_display_that_hangs_costs_nothing_and_sees_the_newest_picture_in_the_end(tmp_path: Path) -> None:
    till = GuestSocket(tmp_path / "display-1.sock")
    await till.open()
    with socket.socket(socket.AF_UNIX) as hanging:
        hanging.connect(str(tmp_path / "display-1.sock"))
        await till.is_followed.wait()
        for _picture in range(1_000):
            till.show(PICTURE)
        till.show(b"newest")
        (follower,) = till._followers
        assert follower.transport.get_write_buffer_size() <= len(PICTURE) + 1
        reader, writer = await asyncio.open_unix_connection(sock=hanging.dup(), limit=1 << 20)
        pictures = 1
        while await reader.readline() != b"newest\n":
            pictures += 1
        assert pictures < 10
        writer.close()
    till.close()


async def test_a_display_that_speaks_or_is_one_too_many_is_hung_up_on(tmp_path: Path) -> None:
    path = tmp_path / "display-1.sock"
    till = GuestSocket(path)
    await till.open()
    reader, writer = await asyncio.open_unix_connection(path)
    await till.is_followed.wait()
    writer.write(b"2 idly\n")
    assert await reader.read() == b""
    assert not till.is_followed.is_set()
    many = [await asyncio.open_unix_connection(path) for _one in range(9)]
    assert await many[-1][0].read() == b""
    assert till.is_followed.is_set()
    for _reader, one in (*many, (reader, writer)):
        one.close()
    till.close()
