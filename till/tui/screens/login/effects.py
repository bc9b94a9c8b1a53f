"""What the login screen asks for, and what comes of it: small frozen values."""

from __future__ import annotations

from msgspec import Struct


class FindPerson(Struct, frozen=True):
    """Look up who has a number."""

    number: int


class CheckPin(Struct, frozen=True):
    """Log a person in, or unlock their screen."""

    number: int
    pin: str


class LogOutLocked(Struct, frozen=True):
    """Log out whose screen is locked."""


class CloseTill(Struct, frozen=True):
    """Close the till."""


class OpenLoginHelp(Struct, frozen=True):
    """Show the help of the login screen."""


LoginEffect = FindPerson | CheckPin | LogOutLocked | CloseTill | OpenLoginHelp


class PersonFound(Struct, frozen=True):
    """Somebody has that number."""


class PersonRefused(Struct, frozen=True):
    """Nobody has that number, or may not come in."""

    sentence: str


class PinRefused(Struct, frozen=True):
    """The PIN was wrong; `locks` says that this number is locked now."""

    sentence: str
    locks: bool


class StaffChanged(Struct, frozen=True):
    """The staff are new."""


LoginHappening = PersonFound | PersonRefused | PinRefused | StaffChanged
