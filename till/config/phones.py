"""The phones of a serving machine: of each, the digests of its link and its cookie, in a file beside the till's secret.

A file holds no word that opens a till, and the network is not needed to check one. The file is read each time, so a
running server learns at once of a link that a command made.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING, Final

import msgspec

from till.config.folders import write_once
from till.domain.i18n import ENGLISH
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from till.config.folders import Folders

_VALID: Final = timedelta(hours=1)
#: The value of a link or a cookie: the number of the till, and 256 random bits.
_VALUE: Final = re.compile(r"(?P<till>[1-9][0-9]{0,2})-[\w-]{43}", re.ASCII)


class _Phone(msgspec.Struct, frozen=True, omit_defaults=True):
    """A phone's digests; an empty one opens nothing. `venue` is the name that its page shows, `language` its code."""

    link: str = ""
    valid_until: datetime = datetime.min.replace(tzinfo=UTC)
    cookie: str = ""
    venue: str = ""
    language: str = ENGLISH


class Phones:
    """The ways in of the phones whose tills run on this machine.

    Args:
        folders: the data folder with the secrets of the tills.
        now: the time, in UTC.
    """

    def __init__(self, folders: Folders, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._folders = folders
        self._now = now

    def new_link(self, till: int, venue: str = "", language: str = "") -> str:
        """Return the token of a new link, valid for an hour. The older link and the cookie of the till end.

        Args:
            till: its number.
            venue: the name of the venue; empty to keep the known one.
            language: its language; empty likewise.
        """
        token = _value(till)
        with self._changing(till):
            known, until = self._read(till), self._now() + _VALID
            kept = {"venue": venue or known.venue, "language": language or known.language}
            self._write(till, _Phone(link=_digest(token), valid_until=until, **kept))
        return token

    def redeem(self, token: str) -> str | None:
        """Return a new cookie for the token of a link, and end the older one; None if the token is not valid.

        A link opens for the whole of its hour: the icon that an iPhone installs has cookies of its own.
        """
        if (till := _till_in(token)) is None:
            return None
        with self._changing(till):
            phone = self._read(till)
            if not compare_digest(phone.link, _digest(token)) or self._now() >= phone.valid_until:
                return None
            cookie = _value(till)
            self._write(till, replace(phone, cookie=mark_of(cookie)))
        return cookie

    def till_of(self, cookie: str) -> int | None:
        """Return the till that a cookie opens; None if it opens none, or its till has no secret here any more."""
        till = _till_in(cookie)
        return till if till is not None and compare_digest(self.mark(till), mark_of(cookie)) else None

    def mark(self, till: int) -> str:
        """Return a mark that changes with the cookie of a till; empty if no cookie opens it."""
        return self._read(till).cookie if self._folders.secret(till).exists() else ""

    def venue(self, till: int) -> str:
        """Return the name of the venue; empty if it is not known."""
        return self._read(till).venue

    def language(self, till: int | None) -> str:
        """Return the language of the venue, as it was when a till's link was made; None stands for the newest link."""
        if till is not None:
            return self._read(till).language
        files = self._folders.secret(1).parent.glob("till-*.phone")
        return max(map(_phone_in, files), key=lambda phone: phone.valid_until, default=_Phone()).language

    def is_phone(self, till: int) -> bool:
        """Return True if a link was ever made for a till here."""
        return self._file(till).exists()

    def forget(self, till: int) -> None:
        """Remove a phone. Neither a link nor a cookie opens its till."""
        with self._changing(till):
            self._file(till).unlink(missing_ok=True)

    def _file(self, till: int) -> Path:
        return self._folders.secret(till).with_name(f"till-{till}.phone")

    def _read(self, till: int) -> _Phone:
        return _phone_in(self._file(till))

    def _write(self, till: int, phone: _Phone) -> None:
        draft = self._file(till).with_suffix(".draft")
        draft.unlink(missing_ok=True)
        write_once(draft, msgspec.json.encode(phone).decode())
        draft.replace(self._file(till))

    @contextmanager
    def _changing(self, till: int) -> Iterator[None]:
        """Keep other processes from changing a phone meanwhile."""
        folder = self._file(till).parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _phone_in(file: Path) -> _Phone:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Phone)
    except (FileNotFoundError, msgspec.DecodeError):  # a damaged file opens nothing: `tills phone` writes another
        return _Phone()


def mark_of(cookie: str) -> str:
    """Return the mark that a till has while a cookie opens it."""
    return _digest(cookie)


def link_of(url: str, token: str) -> str:
    """Return the link for a token.

    The token is behind the #, which no browser sends: neither a proxy's log nor a preview of the link has it.
    """
    return f"{url.rstrip('/')}/#{token}"


def _value(till: int) -> str:
    return f"{till}-{secrets.token_urlsafe()}"


def _till_in(value: str) -> int | None:
    found = _VALUE.fullmatch(value)
    return int(found["till"]) if found else None


def _digest(value: str) -> str:
    return sha256(value.encode()).hexdigest()
