"""Checks of the config, the data folder and the log."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from till.cli.health.finding import unknown, well, wrong
from till.cli.secret_files import is_open_to_others
from till.config import HAND, SERVER, find_config, held_venue
from till.domain.errors import ConfigError, TillError
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.cli.environment import Surroundings
    from till.cli.health.finding import Finding
    from till.config import Folders

#: Room for a day's journal, a week's log and the growth of the database.
_FREE_MB: Final = 500


def config_parts(here: Surroundings | None, problem: ConfigError | None) -> Iterator[Finding]:
    """Check the config.

    Args:
        here: None if the config cannot be read.
        problem: the error, if the config cannot be read.
    """
    from till.wiring.tenders import left_out, left_out_words

    part = _("config")
    if here is None:
        yield wrong(part, problem.sentence if problem else "", _("Correct that line."))
        return
    try:
        here.check_keys()
    except ConfigError as keys_error:
        yield wrong(part, keys_error.sentence, _("Correct that line."))
        return
    if fault := next(_tender_faults(here), ""):
        yield wrong(part, fault, _("Correct that line, then close the till and open it again."))
        return
    venue = held_venue(here.folders)
    if missing := left_out(here.config, venue.currency if venue is not None else ""):
        yield well(part, left_out_words(missing))
    file = here.config_file
    if file is None:
        yield well(part, _("There is no file; TILL_CONFIG names one. Defaults and the environment count."))
    elif _holds_password(here) and is_open_to_others(file):
        sentence = _("{file} holds a password, and others may read it.").format(file=file)
        yield wrong(part, sentence, _("chmod 600 {file}, or keep it in database.password_file.").format(file=file))
    else:
        yield well(part, _("{file} is valid.").format(file=file))


def _tender_faults(here: Surroundings) -> Iterator[str]:
    """Yield why a way to pay of the config is not offered; its terminal is not asked."""
    from till.wiring.parts import WallClock
    from till.wiring.tenders import at_server, open_tender

    for name, tender in here.config.tenders.items():
        try:
            if tender.kind == SERVER:
                at_server(name, tender)
            elif tender.kind != HAND:
                opened = open_tender(name, tender, till=here.config.till.id, clock=WallClock())
                if opened.traits.is_test:
                    yield _("[tenders.{name}]: its key is of the test mode, so no money is taken.").format(name=name)
        except TillError as problem:
            yield problem.sentence


def _holds_password(here: Surroundings) -> bool:
    from db.address import Address

    file = find_config(os.environ)
    if file is None:
        return False
    text = file.read_text(encoding="utf-8", errors="replace")
    for url in (here.config.database.url, here.config.database.owner_url):
        try:
            if "://" in url and url in text and Address.from_url(url).password is not None:
                return True
        except ValueError:
            continue  # the check of the database reports its faults
    return False


def folder_parts(folders: Folders) -> Iterator[Finding]:
    """Check that the data folder is writable, has free space, is private to its owner, and holds a venue."""
    part = _("data folder")
    if not folders.root.exists():
        yield unknown(part, _("{folder} is not there yet; the first till makes it.").format(folder=folders.root))
        return
    yield _writable(part, folders)
    yield _room(folders)
    yield _secrets(folders)
    yield _venue(folders)


def _writable(part: str, folders: Folders) -> Finding:
    try:
        with tempfile.NamedTemporaryFile(dir=folders.root, prefix=".doctor-") as draft:
            draft.write(b"till")
            draft.flush()
            os.fsync(draft.fileno())
    except OSError as problem:
        sentence = _("{folder} cannot be written: {why}.").format(folder=folders.root, why=problem.strerror)
        return wrong(
            part,
            sentence,
            _("Give it to the user that runs the till, or free its disk; until then a till cannot sell."),
        )
    return well(part, _("{folder} can be written.").format(folder=folders.root))


def _room(folders: Folders) -> Finding:
    """Check the space for the data and for the journals, which may be on a disk of their own."""
    places = [place for place in (folders.root, folders.journal(1).parent) if place.exists()]
    free, place = min((shutil.disk_usage(place).free // 1_000_000, place) for place in places)
    part = _("disk")
    if free < _FREE_MB:
        sentence = _("{free} MB are free in {folder}.").format(free=free, folder=place)
        return wrong(part, sentence, _("Free some space: a till whose disk is full stops selling."))
    return well(part, _("{free} MB are free.").format(free=free))


def free_space(disk: str) -> int:
    """Return the free bytes beside a folder of `database.disk`.

    Raises:
        ConfigError: this machine has no such folder.
    """
    try:
        return shutil.disk_usage(disk).free
    except OSError as problem:
        sentence = _("database.disk names {folder}, which is no folder of this machine ({reason}).")
        raise ConfigError(sentence.format(folder=disk, reason=problem.strerror)) from problem


def _secrets(folders: Folders) -> Finding:
    """Check that other users cannot read the secrets: with a secret they could push as its till."""
    part = _("secrets")
    secret_files = [path for till in folders.enrolled() if (path := folders.secret(till)).exists()]
    loose = [str(path) for path in (folders.root / "secrets", *secret_files) if is_open_to_others(path)]
    if not loose:
        return well(part, _("Only their owner can read the files with secrets."))
    foreign = [path for path in loose if Path(path).stat().st_uid != os.geteuid()]
    sentence = _("Others may read {files}.").format(files=", ".join(loose))
    remedy = "chmod go= " + " ".join(loose)
    if foreign:
        remedy = _("They belong to somebody else. As that user: {command}").format(command=remedy)
    return wrong(part, sentence, _("{command}; then `till admin tills renew` for each till.").format(command=remedy))


def _venue(folders: Folders) -> Finding:
    part, venue = _("venue"), held_venue(folders)
    if venue is None:
        return unknown(part, _("The folder holds none yet. `till init` makes one, `till demo` one to try."))
    return well(part, _("{name}, in {currency}.").format(name=venue.name, currency=venue.currency))


def log_parts(file: Path) -> Iterator[Finding]:
    """Check that the log can be written, and that not every user can read it."""
    part = _("log")
    if not file.exists():
        writable = os.access(file.parent, os.W_OK) or not file.parent.exists()
        sentence = _("{file} is not there yet.").format(file=file)
        yield (
            well(part, sentence) if writable else wrong(part, sentence, _("Make its folder writable, or set log.file."))
        )
    elif not os.access(file, os.W_OK):
        sentence = _("{file} cannot be written.").format(file=file)
        yield wrong(part, sentence, _("Give it to the user that runs the till, or set log.file."))
    else:
        size, mode = file.stat().st_size, stat.S_IMODE(file.stat().st_mode)
        sentence = _("{file}, {size} KB.").format(file=file, size=size // 1000)
        yield (
            well(part, sentence)
            if not mode & stat.S_IRWXO
            else wrong(part, _("Everybody may read {file}.").format(file=file), f"chmod o= {file}")
        )
