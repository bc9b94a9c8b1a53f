"""The rows of the list of staff, as the database gives them."""

from __future__ import annotations

from typing import TypedDict


class StaffRow(TypedDict):
    """A person, without hashes. `locked_until` is None for a person who is not locked."""

    number: int
    name: str
    role: str
    language: str
    disabled: bool
    locked_until: str | None
    has_pin: bool
    has_password: bool
