"""Ids: UUIDv7 with a hybrid clock. Ids always increase within a journal and within an order.

The 48 bits of milliseconds and the next 12 bits form a 60-bit tick of 1/4096 ms. The tick of a new id is the current
time, or one tick after the last id that it must follow, whichever is later.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from till.domain.patterns import late

if TYPE_CHECKING:
    from collections.abc import Callable

#: Ticks in a millisecond.
TICKS: Final = 4096
#: The limit for following an id that is ahead of the local clock: a day, in ticks.
AHEAD: Final = 24 * 60 * 60 * 1000 * TICKS
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UUID: Final = late(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z", re.ASCII)


def is_uuid(text: object) -> bool:
    """True if the value is the canonical text of a UUID in lower case."""
    return isinstance(text, str) and bool(_UUID.match(text))


def tick_at(moment: datetime) -> int:
    """Return the tick of a time, which must have a time zone."""
    return (moment - _EPOCH) // timedelta(microseconds=1) * TICKS // 1000


def tick_of(text: str) -> int:
    """Return the tick of an id; 0 if the id is not a UUIDv7."""
    bits = uuid.UUID(text).int
    if (bits >> 76) & 0xF != 7:  # noqa: PLR2004 - the version of RFC 9562
        return 0
    return (bits >> 80) << 12 | (bits >> 64) & 0xFFF


def moment_of(text: str) -> datetime:
    """Return the time of an id, to the millisecond."""
    return _EPOCH + timedelta(milliseconds=tick_of(text) // TICKS)


def id_at(tick: int, tail: int) -> str:
    """Return the UUIDv7 of a tick and 62 random bits."""
    bits = (tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | tail & (1 << 62) - 1
    return str(uuid.UUID(int=bits))


class IdClock:
    """A generator of ids that sort in the order of creation, whatever the wall clock does.

    Args:
        chance: returns a number of random bits (`secrets.randbits`; a seeded generator in simulations).
        last: the newest id of the journal, which new ids must follow.
    """

    def __init__(self, chance: Callable[[int], int], last: str | None = None) -> None:
        self._chance = chance
        self._tick = tick_of(last) if last else 0

    def next(self, now: datetime, after: str | None = None) -> str:
        """Return the next id: not before `now`, after all earlier ids, and after `after` (the newest id of the order).

        An id more than a day ahead of `now` is not followed: ids of tills with a correct clock would sort before the
        new id.
        """
        if after is not None:
            self.follow(after, now)
        self._tick = max(tick_at(now), self._tick + 1)
        return id_at(self._tick, self._chance(62))

    def follow(self, last: str, now: datetime) -> None:
        """Make all later ids follow this one, unless it is more than a day ahead."""
        if (tick := tick_of(last)) <= tick_at(now) + AHEAD:
            self._tick = max(self._tick, tick)


def proven_id(secret: str) -> str:
    """Return the id of the time of a secret id that ends with a digest of it: whoever names the secret made the id."""
    return id_at(tick_of(secret), int(hashlib.sha256(secret.encode()).hexdigest()[-15:], 16))


def derived_id(base: str, name: str) -> str:
    """Return the UUIDv5 of an id and a name, which is equal on every till."""
    return str(uuid.uuid5(uuid.UUID(base), name))
