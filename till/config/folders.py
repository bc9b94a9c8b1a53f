"""The data folder of a till, and its venue."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.advice import Advice
from till.domain.errors import ConfigError
from till.domain.i18n import _
from till.domain.ids import is_uuid

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_OURS_ALONE: Final = 0o700
#: The last line of a list of journals. Without it the list is not whole.
_END: Final = "end"


class VenueKind(StrEnum):
    """The kind of venue in a data folder."""

    DEMO = "demo"
    REPLAY = "replay"
    OWN = "own"


class HeldVenue(Struct, frozen=True):
    """The venue of a data folder: its store id in the database, its name and its currency."""

    kind: VenueKind
    store_id: str
    name: str
    currency: str

    @property
    def is_for_trial(self) -> bool:
        """True for a demo or a replay, which needs no backup."""
        return self.kind is not VenueKind.OWN


class Folders(Struct, frozen=True):
    """The paths in a data folder, without those of the embedded database. `make` creates the folders.

    Attributes:
        root: the absolute path of the data folder.
    """

    root: Path

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Folders:
        """Return the data folder in TILL_DATA_DIR, or else the default one of the platform."""
        named = environment.get("TILL_DATA_DIR")
        if named:
            return cls(Path(named).expanduser().absolute())
        import platformdirs  # noqa: PLC0415 - only without TILL_DATA_DIR

        return cls(platformdirs.user_data_path("till", appauthor=False))

    @property
    def log(self) -> Path:
        """The default path of the log."""
        return self.root / "logs" / "till.log"

    @property
    def config(self) -> Path:
        """The default path of the configuration."""
        return self.root / "config.toml"

    @property
    def venue_file(self) -> Path:
        return self.root / "venue.json"

    @property
    def backups(self) -> Path | None:
        """The folder of this machine's last backup; None if there is none."""
        try:
            return Path(self._backups.read_text(encoding="utf-8").strip())
        except OSError:
            return None

    def note_backups(self, folder: Path) -> None:
        """Record the folder of a backup, for `till doctor`."""
        self._backups.unlink(missing_ok=True)
        write_once(self._backups, f"{folder}\n")

    @property
    def _backups(self) -> Path:
        return self.root / "backups"

    @property
    def login(self) -> Path:
        """The file with the last person who logged in for an act at the embedded database."""
        return self.root / "login.json"

    def journal(self, till: int, purpose: str = "") -> Path:
        """Return the path of a till's journal. Each `purpose`, such as a replay, has a separate journal."""
        return self.root / "journals" / f"till-{till}{'-' if purpose else ''}{purpose}.sqlite"

    def secret(self, till: int) -> Path:
        """Return the path of the file with a till's secret."""
        return self.root / "secrets" / f"till-{till}"

    def make(self) -> None:
        """Create the folders, readable by their owner only."""
        try:
            for folder in (self.root, self.root / "journals", self.root / "secrets", self.root / "logs"):
                folder.mkdir(mode=_OURS_ALONE, parents=True, exist_ok=True)
        except OSError as problem:
            raise ConfigError(
                _("The data folder {folder} cannot be made: {why}. Name another in TILL_DATA_DIR.").format(
                    folder=self.root, why=problem.strerror
                )
            ) from problem

    def enrolled(self) -> list[int]:
        """Return the numbers of the tills enrolled in this folder."""
        names = (path.name.removeprefix("till-") for path in self.secret(1).parent.glob("till-*"))
        return sorted(int(name) for name in names if name.isascii() and name.isdigit())

    def read_secret(self, till: int) -> str | None:
        """Return the secret of a till; None if the till is not enrolled here, or its file is empty or damaged."""
        return _read_secret(self.secret(till))

    def keep_secret(self, till: int, secret: str) -> str:
        """Write the secret of a till to a file of mode 0600. An existing secret is kept and returned instead."""
        place = self.secret(till)
        if place.exists() and _read_secret(place) is None:  # a damaged secret is useless
            place.unlink()
        return write_once(place, secret).strip()

    def _next_secret(self, till: int) -> Path:
        return self.secret(till).with_name(f"till-{till}.next")

    def next_secret(self, till: int) -> str | None:
        """Return the next secret of a till; None if there is none.

        After an interrupted renewal, the database may already have the next secret.
        """
        return _read_secret(self._next_secret(till))

    def keep_next_secret(self, till: int, secret: str) -> None:
        """Write the next secret of a till, beside the current one, until the database has it."""
        place = self._next_secret(till)
        place.unlink(missing_ok=True)
        write_once(place, secret)

    def drop_next_secret(self, till: int) -> None:
        """Delete the next secret of a till, because the database did not accept it."""
        self._next_secret(till).unlink(missing_ok=True)

    def _journals(self, till: int) -> Path:
        return self.secret(till).with_name(f"till-{till}.journals")

    def own_journals(self, till: int) -> frozenset[str] | None:
        """Return the ids of the journals that belong to a till's enrolment here; None if any does.

        They are the one that the enrolment named, and those that this machine began since. A file that is not whole
        names none: a till whose own journal it left out would start again, without its open orders.
        """
        try:
            *journals, end = self._journals(till).read_text(encoding="ascii").splitlines()
        except (FileNotFoundError, ValueError):
            return None
        return frozenset(journals) if end == _END else None

    def name_journals(self, till: int, journals: Collection[str]) -> None:
        """Write the ids of the journals that belong to a till's enrolment, durably."""
        place = self._journals(till)
        place.unlink(missing_ok=True)  # without it, any journal belongs to the till
        write_once(place, "".join(f"{one}\n" for one in (*sorted(journals), _END)))
        folder = os.open(place.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def name_journal(self, till: int, journal: str) -> str:
        """Add a journal that this machine begins for a till, if its enrolment named any. Return the id."""
        if (known := self.own_journals(till)) is not None:
            self.name_journals(till, known | {journal})
        return journal

    def _kitchen(self, till: int) -> Path:
        return self.secret(till).with_name(f"till-{till}.kitchen")

    def is_kitchen(self, till: int) -> bool:
        """True if a number is enrolled here as a screen of the kitchen."""
        return self._kitchen(till).exists()

    def _sender(self, till: int) -> Path:
        return self.secret(till).with_name(f"till-{till}.sender")

    def is_sender(self, till: int) -> bool:
        """True if a number is enrolled here as the sender of invoice records."""
        return self._sender(till).exists()

    def note_sender(self, till: int, *, is_sender: bool) -> None:
        """Record whether a number sends invoice records: a new journal knows no setting yet."""
        if is_sender:
            write_once(self._sender(till), "")
        else:
            self._sender(till).unlink(missing_ok=True)

    def note_kitchen(self, till: int, *, is_kitchen: bool) -> None:
        """Record whether a number is a screen of the kitchen, as its enrolment says."""
        if is_kitchen:
            write_once(self._kitchen(till), "")
        else:
            self._kitchen(till).unlink(missing_ok=True)

    def keep_database_password(self, password: str) -> Path:
        """Write the password of the database role to a file of mode 0600, replacing an older one. Return its path."""
        place = self.root / "secrets" / "database"
        place.unlink(missing_ok=True)
        write_once(place, f"{password}\n")
        return place

    def drop_database_password(self) -> None:
        """Delete the password of the database role, because nothing was enrolled with it."""
        (self.root / "secrets" / "database").unlink(missing_ok=True)

    def take_next_secret(self, till: int) -> None:
        """Make the next secret the current one, because the database has it."""
        self._next_secret(till).replace(self.secret(till))


def held_venue(folders: Folders) -> HeldVenue | None:
    """Return the venue of the data folder; None if there is none."""
    try:
        raw = json.loads(folders.venue_file.read_text(encoding="utf-8"))
        venue = HeldVenue(VenueKind(raw["kind"]), raw["store_id"], raw["name"], raw["currency"])
    except FileNotFoundError:
        return None
    except OSError as problem:
        sentence = _("{file} cannot be read: {why}.").format(file=folders.venue_file, why=problem.strerror)
        raise ConfigError(Advice(sentence, _("TILL_DATA_DIR names another folder."))) from problem
    except (ValueError, KeyError, TypeError) as problem:
        raise ConfigError(_damaged(folders)) from problem
    if not is_uuid(venue.store_id):
        raise ConfigError(_damaged(folders))
    return venue


def hold_venue(folders: Folders, venue: HeldVenue) -> HeldVenue:
    """Set the venue of a data folder, unless it has one already. Return the venue of the folder."""
    folders.make()
    body = {"kind": venue.kind, "store_id": venue.store_id, "name": venue.name, "currency": venue.currency}
    write_once(folders.venue_file, json.dumps(body, ensure_ascii=False) + "\n")
    return held_venue(folders) or venue


def _damaged(folders: Folders) -> Advice:
    sentence = _("{file} does not name a venue.").format(file=folders.venue_file)
    return Advice(sentence, _("Put back the copy of your backup, or use another data folder."))


def _read_secret(place: Path) -> str | None:
    try:
        return place.read_text(encoding="ascii").strip() or None
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def write_once(path: Path, text: str) -> str:
    """Write a file of mode 0600 atomically, unless it exists. Return its content.

    Raises:
        OSError: the file cannot be written.
    """
    if not path.exists():
        import tempfile  # noqa: PLC0415 - only needed at the first start

        path.parent.mkdir(mode=_OURS_ALONE, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another till of this folder wrote it first
            os.link(draft, path)
        Path(draft).unlink()
    return path.read_text(encoding="utf-8")
