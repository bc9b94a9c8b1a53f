"""The folder that a till keeps its things in, and the one venue that it holds."""

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
    """Where the venue of a data folder came from."""

    DEMO = "demo"
    REPLAY = "replay"
    OWN = "own"


class HeldVenue(Struct, frozen=True):
    """The venue that a data folder holds: its store in the database, its name, and the currency of its amounts."""

    kind: VenueKind
    store_id: str
    name: str
    currency: str

    @property
    def is_for_trial(self) -> bool:
        """Whether nothing in it is worth a backup."""
        return self.kind is not VenueKind.OWN


class Folders(Struct, frozen=True):
    """Where things are within one data folder, beside the embedded database. Nothing is made until `make` is called.

    Attributes:
        root: the data folder itself; absolute.
    """

    root: Path

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Folders:
        """The folder that TILL_DATA_DIR names, or the platform's own."""
        named = environment.get("TILL_DATA_DIR")
        if named:
            return cls(Path(named).expanduser().absolute())
        import platformdirs  # noqa: PLC0415 - only when nothing was named

        return cls(platformdirs.user_data_path("till", appauthor=False))

    @property
    def log(self) -> Path:
        """The log file that is written unless the config names another."""
        return self.root / "logs" / "till.log"

    @property
    def config(self) -> Path:
        """The config that is read where TILL_CONFIG names none."""
        return self.root / "config.toml"

    @property
    def venue_file(self) -> Path:
        return self.root / "venue.json"

    def journal(self, till: int, purpose: str = "") -> Path:
        """The journal of a till. A `purpose` (a replay, say) has a journal of its own beside it."""
        return self.root / "journals" / f"till-{till}{'-' if purpose else ''}{purpose}.sqlite"

    def secret(self, till: int) -> Path:
        """The file with the secret that a till was enrolled with."""
        return self.root / "secrets" / f"till-{till}"

    def make(self) -> None:
        """Make the folders, readable by their owner alone.

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
        """The tills that were enrolled from this folder."""
        names = (path.name.removeprefix("till-") for path in self.secret(1).parent.glob("till-*"))
        return sorted(int(name) for name in names if name.isascii() and name.isdigit())

    def read_secret(self, till: int) -> str | None:
        """The secret of a till, or None when it was never enrolled from this folder, or what is there is no secret."""
        return _read_secret(self.secret(till))

    def keep_secret(self, till: int, secret: str) -> str:
        """Keep the secret of a till in a file of mode 0600; the one that was there first wins and is returned."""
        place = self.secret(till)
        if place.exists() and _read_secret(place) is None:  # what a disk made of it opens nothing
            place.unlink()
        return write_once(place, secret).strip()

    def _next_secret(self, till: int) -> Path:
        return self.secret(till).with_name(f"till-{till}.next")

    def next_secret(self, till: int) -> str | None:
        """The secret that a till is to have next, and has already where renewing it was broken off; None for none."""
        return _read_secret(self._next_secret(till))

    def keep_next_secret(self, till: int, secret: str) -> None:
        """Keep a secret beside the one of now, until the database knows it."""
        place = self._next_secret(till)
        place.unlink(missing_ok=True)
        write_once(place, secret)

    def drop_next_secret(self, till: int) -> None:
        """The database did not take the next secret: the one of now stays."""
        self._next_secret(till).unlink(missing_ok=True)

    def keep_database_password(self, password: str) -> Path:
        """Keep the password of the database's role in a file of mode 0600, in place of one before; the file."""
        place = self.root / "secrets" / "database"
        place.unlink(missing_ok=True)
        write_once(place, f"{password}\n")
        return place

    def take_next_secret(self, till: int) -> None:
        """The database knows the next secret: it is the till's from now on."""
        self._next_secret(till).replace(self.secret(till))


def held_venue(folders: Folders) -> HeldVenue | None:
    """The venue that the data folder holds, or None when it holds none.

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
    """Name the venue of an empty data folder. Returns the one that it holds, which an earlier call may have named."""
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
    """Write a file of mode 0600 whole or not at all, and only if there is none; what the file then says.

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
        with suppress(FileExistsError):  # another till of this folder was first: what it wrote counts
            os.link(draft, path)
        Path(draft).unlink()
    return path.read_text(encoding="utf-8")
