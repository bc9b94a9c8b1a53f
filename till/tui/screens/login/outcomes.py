"""The events that report the outcome of a call of the login screen: small frozen values."""

from __future__ import annotations

from msgspec import Struct


class PersonFound(Struct, frozen=True):
    """The number belongs to a user."""


class PersonRefused(Struct, frozen=True):
    """The number belongs to nobody, or to a user who may not log in."""

    sentence: str


class PinRefused(Struct, frozen=True):
    """The PIN was wrong; `locks` is true if the number is locked now."""

    sentence: str
    locks: bool


class StaffChanged(Struct, frozen=True):
    """The list of staff changed."""


LoginOutcome = PersonFound | PersonRefused | PinRefused | StaffChanged
