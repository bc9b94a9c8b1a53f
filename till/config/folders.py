"""The data folder of a till, and the one venue that it holds."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import ConfigError
from till.domain.i18n import _
from till.domain.ids import is_uuid

if TYPE_CHECKING:
    from collections.abc import Mapping

_OURS_ALONE: Final = 0o700


class VenueKind(StrEnum):
    """The origin of a data folder's venue."""

    DEMO = "demo"
    REPLAY = "replay"
    OWN = "own"


class HeldVenue(Struct, frozen=True):
    """The venue in a data folder: its store in the database, its name, and the currency of its amounts."""

    kind: VenueKind
    store_id: str
    name: str
    currency: str

    @property
    def is_for_trial(self) -> bool:
        """True if nothing in it is worth a backup."""
        return self.kind is not VenueKind.OWN


class Folders(Struct, frozen=True):
    """The paths within one data folder, except for the embedded database. Nothing is made until `make` is called.

    Attributes:
        root: the data folder itself; absolute.
    """

    root: Path

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Folders:
        """Return the folder that TILL_DATA_DIR names, or the platform's own."""
        named = environment.get("TILL_DATA_DIR")
        if named:
            return cls(Path(named).expanduser().absolute())
        import platformdirs  # noqa: PLC0415 - only when nothing was named

        return cls(platformdirs.user_data_path("till", appauthor=False))

    @property
    def log(self) -> Path:
        """The log file, unless the configuration names another."""
        return self.root / "logs" / "till.log"

    @property
    def config(self) -> Path:
        """The configuration, unless TILL_CONFIG names another."""
        return self.root / "config.toml"

    @property
    def venue_file(self) -> Path:
        return self.root / "venue.json"

    @property
    def backups(self) -> Path | None:
        """The folder of the last backup that this machine took; None if it took none."""
        try:
            return Path(self._backups.read_text(encoding="utf-8").strip())
        except OSError:
            return None

    def note_backups(self, folder: Path) -> None:
        """Note the folder of a backup, for `till doctor`."""
        self._backups.unlink(missing_ok=True)
        write_once(self._backups, f"{folder}\n")

    @property
    def _backups(self) -> Path:
        return self.root / "backups"

    @property
    def login(self) -> Path:
        """The file that names the person who last logged in for an act at the embedded database."""
        return self.root / "login.json"

    def journal(self, till: int, purpose: str = "") -> Path:
        """Return the journal of a till. A `purpose` (such as a replay) has a journal of its own beside it."""
        return self.root / "journals" / f"till-{till}{'-' if purpose else ''}{purpose}.sqlite"

    def secret(self, till: int) -> Path:
        """Return the file with the secret that a till was enrolled with."""
        return self.root / "secrets" / f"till-{till}"

    def make(self) -> None:
        """Make the folders, readable by their owner only.

        Raises:
            ConfigError: the data folder cannot be made or written.
        """
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
        """Return the tills that were enrolled from this folder."""
        names = (path.name.removeprefix("till-") for path in self.secret(1).parent.glob("till-*"))
        return sorted(int(name) for name in names if name.isascii() and name.isdigit())

    def read_secret(self, till: int) -> str | None:
        """Return the secret of a till.

        None if it was never enrolled from this folder, or the file holds no secret.
        """
        return _read_secret(self.secret(till))

    def keep_secret(self, till: int, secret: str) -> str:
        """Keep the secret of a till in a file of mode 0600. An existing secret wins and is returned."""
        place = self.secret(till)
        if place.exists() and _read_secret(place) is None:  # a damaged secret is useless
            place.unlink()
        return write_once(place, secret).strip()

    def _next_secret(self, till: int) -> Path:
        return self.secret(till).with_name(f"till-{till}.next")

    def next_secret(self, till: int) -> str | None:
        """Return the next secret of a till; None for none.

        If a renewal was interrupted, the database may have it already.
        """
        return _read_secret(self._next_secret(till))

    def keep_next_secret(self, till: int, secret: str) -> None:
        """Keep a secret beside the present one, until the database knows it."""
        place = self._next_secret(till)
        place.unlink(missing_ok=True)
        write_once(place, secret)

    def drop_next_secret(self, till: int) -> None:
        """Drop the next secret, which the database did not take."""
        self._next_secret(till).unlink(missing_ok=True)

    def keep_database_password(self, password: str) -> Path:
        """Keep the password of the database's role in a file of mode 0600, replacing any. Return its path."""
        place = self.root / "secrets" / "database"
        place.unlink(missing_ok=True)
        write_once(place, f"{password}\n")
        return place

    def take_next_secret(self, till: int) -> None:
        """Make the next secret the till's own, since the database knows it."""
        self._next_secret(till).replace(self.secret(till))


def held_venue(folders: Folders) -> HeldVenue | None:
    """Return the venue in the data folder; None if there is none.

    Raises:
        ConfigError: the folder names a venue that cannot be read.
    """
    try:
        raw = json.loads(folders.venue_file.read_text(encoding="utf-8"))
        venue = HeldVenue(VenueKind(raw["kind"]), raw["store_id"], raw["name"], raw["currency"])
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise ConfigError(
            _("{file} cannot be read: {why}. TILL_DATA_DIR names another folder.").format(
                file=folders.venue_file, why=problem.strerror
            )
        ) from problem
    except (ValueError, KeyError, TypeError) as problem:
        raise ConfigError(_damaged(folders)) from problem
    if not is_uuid(venue.store_id):
        raise ConfigError(_damaged(folders))
    return venue


def hold_venue(folders: Folders, venue: HeldVenue) -> HeldVenue:
    """Set the venue of an empty data folder. Return the one that it holds, which an earlier call may have set."""
    folders.make()
    body = {"kind": venue.kind, "store_id": venue.store_id, "name": venue.name, "currency": venue.currency}
    write_once(folders.venue_file, json.dumps(body, ensure_ascii=False) + "\n")
    return held_venue(folders) or venue


def _damaged(folders: Folders) -> str:
    return _("{file} does not name a venue. Put back the copy of your backup, or use another data folder.").format(
        file=folders.venue_file
    )


def _read_secret(place: Path) -> str | None:
    try:
        return place.read_text(encoding="ascii").strip() or None
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def write_once(path: Path, text: str) -> str:
    """Write a file of mode 0600 completely or not at all, and only if there is none. Return its content.

    Raises:
        OSError: it cannot be written.
    """
    if not path.exists():
        import tempfile  # noqa: PLC0415 - only the first start writes

        path.parent.mkdir(mode=_OURS_ALONE, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another till of this folder was first: its content counts
            os.link(draft, path)
        Path(draft).unlink()
    return path.read_text(encoding="utf-8")
