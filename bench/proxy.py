"""A slow connection to a server. It is a separate process, so that it takes no time from the measured ones.

`python -m bench.proxy SOCKET MILLISECONDS` listens on a free port of 127.0.0.1, prints it, and forwards data to the
socket file and back. A round trip takes that many milliseconds longer, for any amount of data.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter, delay: float) -> None:
    loop = asyncio.get_running_loop()
    while piece := await source.read(1 << 16):
        if delay:
            loop.call_later(delay, target.write, piece)
        else:
            target.write(piece)
    loop.call_later(delay, target.close)


async def _serve(path: str, delay: float) -> None:
    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(path)
        ways = (_carry(reader, far_writer, delay), _carry(far_reader, writer, delay))
        await asyncio.gather(*ways, return_exceptions=True)  # a killed till resets the connection

    listener = await asyncio.start_server(meet, "127.0.0.1", 0)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await listener.serve_forever()


class Proxy:
    """The proxy's process."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self.port = port

    def freeze(self) -> None:
        """Stop the proxy by SIGSTOP: connections stay open, and nothing is answered."""
        self._process.send_signal(signal.SIGSTOP)


@contextmanager
def slow_link(socket_folder: str, port: int, milliseconds: float) -> Iterator[Proxy]:
    """Run a proxy in front of a server that listens on a socket file."""
    path = f"{socket_folder}/.s.PGSQL.{port}"
    command = [sys.executable, "-m", "bench.proxy", path, str(milliseconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - requested above
            yield Proxy(process, int(process.stdout.readline()))
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], float(sys.argv[2]) / 2000))
