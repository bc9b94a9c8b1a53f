"""Effects that the login screen asks for, and the events that report their outcome: small frozen values."""

from __future__ import annotations

from msgspec import Struct


class FindPerson(Struct, frozen=True):
    """Look up the user with a number."""

    number: int


class CheckPin(Struct, frozen=True):
    """Log a user in, or unlock their screen."""

    number: int
    pin: str


class LogOutLocked(Struct, frozen=True):
    """Log out the user whose screen is locked."""


class CloseTill(Struct, frozen=True):
    """Close the till."""


class OpenLoginHelp(Struct, frozen=True):
    """Show the help of the login screen."""


LoginEffect = FindPerson | CheckPin | LogOutLocked | CloseTill | OpenLoginHelp


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


LoginHappening = PersonFound | PersonRefused | PinRefused | StaffChanged
