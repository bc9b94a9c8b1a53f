"""The environment of every command: the config, the data folder and its venue."""

from __future__ import annotations

import os
import re
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.config import EMBEDDED, Config, Folders, HeldVenue, VenueKind, find_config, held_venue, place_of, read_config
from till.domain.advice import Advice
from till.domain.errors import ConfigError, TillError
from till.domain.i18n import _
from till.domain.patterns import late
from till.domain.structs import replace

if TYPE_CHECKING:
    from db.address import Address
    from db.embedded import EmbeddedServer
    from till.tui.shell.keymap import Keymap

#: The values of `database.tls` that libpq calls otherwise.
_SSLMODE: Final = {"unverified": "require", "off": "disable"}
#: Seconds from the name of a venue to the beginning of its database, and between two looks.
_FOLLOWS_S: Final = 5.0
_LOOKS_S: Final = 0.1
#: The folder of the demo's café, in the data folder of the other demo.
CAFE_FOLDER: Final = "cafe"
_QUOTED: Final = late(r'["\'].*["\']', re.DOTALL)


class Surroundings(Struct, frozen=True):
    """Config and data folder of this process.

    Attributes:
        config_file: the file that TILL_CONFIG names, or None.
    """

    config: Config
    config_file: Path | None
    folders: Folders

    @classmethod
    def find(cls) -> Surroundings:
        """Find config and data folder from the environment.

        Raises:
            ConfigError: the config cannot be used.
        """
        file = find_config(os.environ)
        return cls(read_config(file, os.environ), file, Folders.of(os.environ))

    def keymap(self) -> Keymap:
        """Return the keys of the screen, remapped as the config says."""
        from till.tui.screens.sell.commands import make_keymap
        from till.tui.shell.keymap import KeysError

        try:
            return make_keymap(self.config.keys)
        except KeysError as problem:
            place = place_of(self.config_file, os.environ, "keys", problem.command)
            raise ConfigError(f"{place}: {problem.sentence}") from problem

    def check_keys(self) -> None:
        """Refuse keys that cannot be used. The screen is loaded only if the config remaps any.

        Raises:
            ConfigError: as for `keymap`.
        """
        if self.config.keys:
            self.keymap()

    @property
    def database_gone(self) -> Advice:
        """A sentence if the folder holds a venue whose embedded database is gone; otherwise empty.

        It waits for another command that makes that database now.
        """
        held = held_venue(self.folders) if self.is_embedded and self.server.status().state == "not made" else None
        if held is None or self._is_made():
            return Advice()
        sentence = _("The database of {name} is gone.").format(name=held.name)
        return Advice(sentence, _("`till db upgrade` rebuilds it from its tills."))

    def _is_made(self) -> bool:
        """Wait while another command makes the embedded database. That of a venue named a moment ago follows soon."""
        while not (is_made := self.server.wait_until_made()):
            if time.time() - self.folders.venue_file.stat().st_mtime > _FOLLOWS_S:
                break
            time.sleep(_LOOKS_S)
        return is_made

    @property
    def venue(self) -> HeldVenue:
        """The venue of the data folder.

        Raises:
            ConfigError: the folder holds no venue.
        """
        venue = held_venue(self.folders)
        if venue is None:
            sentence = _(
                "The data folder {folder} holds no venue yet. `till demo` makes one to try, `till init` your own; "
                "TILL_DATA_DIR names another folder."
            )
            if self.config_file is not None:
                sentence = _(
                    "The data folder {folder} holds no venue yet. `till db upgrade` makes that of {config}, "
                    "or finds it; then `till admin tills add {till} --here`. `till enrol` does both, with a "
                    "code that a manager printed elsewhere."
                )
            cafe = self.folders.root / CAFE_FOLDER
            if held_venue(Folders(cafe)) is not None:
                sentence = _("{folder} holds no venue itself, but the café of the demo: set TILL_DATA_DIR={cafe}.")
            raise ConfigError(
                sentence.format(folder=self.folders.root, config=self.config_file, till=self.config.till.id, cafe=cafe)
            )
        return venue

    @property
    def is_embedded(self) -> bool:
        """True if the database is the embedded one. For a demo and a replay it always is."""
        venue = held_venue(self.folders)
        if venue is not None and venue.kind is not VenueKind.OWN:
            return True
        return self.config.database.url == EMBEDDED

    @property
    def server(self) -> EmbeddedServer:
        """The embedded server of the data folder; reading this does not start it."""
        from db.embedded import EmbeddedServer

        return EmbeddedServer(self.folders.root, keep_running=self.config.database.keep_running)

    @property
    def owner(self) -> Address:
        """The address at which the owner connects to a database that is not embedded."""
        return self._address("owner_") if self.config.database.owner_url else self._address("")

    @property
    def app(self) -> Address:
        """The address at which tills connect to a database that is not embedded."""
        return self._address("")

    def _refuse_open_files(self) -> None:
        """Refuse password files that other users may read, even that of a role that this command does not use."""
        from till.cli.secret_files import refuse_open_file

        for file in (self.config.database.password_file, self.config.database.owner_password_file):
            if file:
                try:
                    with suppress(OSError):  # a file that cannot be read is reported on use
                        refuse_open_file(Path(file).expanduser())
                except TillError as problem:
                    raise ConfigError(problem.sentence) from problem

    def _address(self, prefix: str) -> Address:
        database = self.config.database
        url, file = (
            (database.owner_url, database.owner_password_file) if prefix else (database.url, database.password_file)
        )
        address = _read_address(f"database.{prefix}url", url, _SSLMODE.get(database.tls, database.tls))
        self._refuse_open_files()
        if not file:
            return address
        if address.password is not None:
            raise ConfigError(
                _(
                    "database.{whose}url holds a password, and {whose}password_file names another. Keep one of the two."
                ).format(whose=prefix)
            )
        from till.cli.secret_files import read_secret_file

        try:
            return address.with_password(read_secret_file(Path(file).expanduser()))
        except TillError as problem:  # a config error: trying again would not help
            raise ConfigError(problem.sentence) from problem


def superuser_address(url: str, tls: str) -> Address:
    """Return the address of a URL that a superuser typed. If the server needs a password, ask for it."""
    from db.engine import connect
    from db.errors import RefusedLoginError
    from db.roles import OWNER

    address = _read_address("URL", url, _SSLMODE.get(tls, tls))
    if address.user == OWNER:
        address = replace(address, user="postgres")
    try:
        connect(address.on("postgres")).close()
    except RefusedLoginError as problem:
        if not sys.stdin.isatty():
            raise problem.by(_("the URL, PGPASSWORD or PGPASSFILE")) from problem
        from getpass import getpass

        address = address.with_password(getpass(_("Password of {user}: ").format(user=address.user)))
        try:
            connect(address.on("postgres")).close()
        except RefusedLoginError as second_problem:
            raise second_problem.by(_("the URL, or type it again")) from second_problem
    return address


def _read_address(key: str, url: str, tls: str) -> Address:
    from db.address import Address
    from db.errors import WeakTlsError

    try:
        return Address.from_url(url).with_tls(tls)
    except WeakTlsError as problem:
        raise ConfigError(Advice(*problem.parts)) from None
    except ValueError as problem:
        what = _QUOTED.sub("…", str(problem))  # the quoted text may be the password
        raise ConfigError(
            _(
                "{key} is not a URL that PostgreSQL can read ({what}). Write it like postgresql://user@host/venue."
            ).format(key=key, what=what)
        ) from None
