"""The messages of PostgreSQL's protocol in what went over a road: where each begins, so that cuts can fall there."""

from __future__ import annotations

from typing import Final

#: The type of a message and its length.
HEADER: Final = 5
#: Before a header, after its type, in its length, and after it.
_PLACES: Final = (0, 1, 3, HEADER)


def edges(heard: bytes) -> set[int]:
    """The places in and beside the header of each message, and the end.

    Args:
        heard: whole messages as they went one way, from the first byte of one on.
    """
    found, at = set[int](), 0
    while at < len(heard):
        found |= {at + place for place in _PLACES}
        at += 1 + int.from_bytes(heard[at + 1 : at + HEADER], "big")
    assert at == len(heard), "what was heard does not end with a message"
    return {place for place in (*found, at - 1, at) if 0 <= place <= at}
