"""The metadata of a journal: its identity, and values by name."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import asdict

from till.domain.events.envelope import NO_HASH, canonical, sha256
from till.journal.errors import Failures, JournalDamagedError
from till.ports import Head

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: The reason to replace a readable journal: the database has a different chain.
PARTED: Final = "parted"
#: The head before the first event.
NO_HEAD = Head(0, NO_HASH)


class JournalIdentity(Struct, frozen=True):
    """The owner of a journal. It is written with the file and never changed."""

    journal_id: str
    till: int
    store_id: str
    host: str

    def sealed(self) -> str:
        """Return the identity as text after its digest, so that a flipped bit cannot make it another till's."""
        text = canonical(asdict(self))
        return sha256(text) + text


class Previous(Struct, frozen=True):
    """The previous journal, for `journal_opened`: its id, and its last readable head."""

    journal_id: str
    head: Head


class Missing(Struct, frozen=True):
    """The numbers of a chain that a journal should have and that are not readable on this disk.

    Attributes:
        journal_id: the journal of the chain.
        ranges: the first and the last number of each gap; empty if nobody knows the numbers.
    """

    journal_id: str
    ranges: tuple[tuple[int, int], ...]

    @property
    def count(self) -> int:
        """The number of records; 0 if nobody knows it."""
        return sum(last - first + 1 for first, last in self.ranges)

    def text(self) -> str:
        """Return this as a value."""
        return " ".join([self.journal_id, *(f"{first}-{last}" for first, last in self.ranges)])


def missing_of(meta: Mapping[str, str]) -> Missing | None:
    """Return the missing numbers of the previous journal; None if there are none."""
    journal_id, *ranges = meta.get("missing", "").split() or [""]
    pairs = (one.split("-") for one in ranges)
    return Missing(journal_id, tuple((int(first), int(last)) for first, last in pairs)) if journal_id else None


def broke_off_of(meta: Mapping[str, str]) -> datetime | None:
    """Return the time of an unclean end whose notice no screen had yet; None if there is none to read."""
    try:
        return datetime.fromisoformat(meta.get("broke_off", ""))
    except ValueError:
        return None


def read_meta(connection: sqlite3.Connection) -> dict[str, str]:
    """Return all names and values."""
    return dict(connection.execute("SELECT name, value FROM meta").fetchall())


def put(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Keep a value."""
    connection.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value)
    )


def identity_of(meta: Mapping[str, str]) -> JournalIdentity:
    """Return the identity of a journal.

    Raises:
        JournalDamagedError: the identity is missing or damaged.
    """
    sealed = meta.get("identity", "")
    text = sealed[len(NO_HASH) :]
    if sha256(text) != sealed[: len(NO_HASH)]:
        raise JournalDamagedError
    try:
        return JournalIdentity(**json.loads(text))
    except (ValueError, TypeError) as problem:
        raise JournalDamagedError from problem


def identity_at(path: Path) -> JournalIdentity | None:
    """Return the identity of the journal at `path` without opening it; None if it cannot be read.

    It is in the file itself, not in the log: it is written before the file gets its name.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as connection:
            return identity_of(read_meta(connection))
    except (*Failures, JournalDamagedError):
        return None


def head_text(head: Head) -> str:
    """Return a head as a value."""
    return f"{head.seq} {head.hash}"


def read_head(text: str | None) -> Head:
    """Read a head written by `head_text`; `NO_HEAD` if it is missing or unreadable."""
    seq, _space, known = (text or "").partition(" ")
    return Head(int(seq), known) if seq.isdecimal() and len(known) == len(NO_HASH) else NO_HEAD


def previous_of(meta: Mapping[str, str]) -> Previous | None:
    """Return the previous journal; None if unknown."""
    journal_id, _space, head = meta.get("previous", "").partition(" ")
    return Previous(journal_id, read_head(head)) if journal_id else None
