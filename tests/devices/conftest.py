from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.devices.printing import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture(autouse=True)
async def closed() -> AsyncIterator[None]:
    """Close the connections that wait for a late answer."""
    yield
    for client in Client.made:
        client.printer.close()
    Client.made.clear()
    await asyncio.sleep(0)
