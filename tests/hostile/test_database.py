"""Unusable database URLs: a command prints one sentence; a till shows the light and the sentence."""

from __future__ import annotations

import socket
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from tests.e2e.terminal import TILL
from tests.hostile.old_server import old_server
from tests.hostile.saying import one_line
from tests.plugins.commands import make_guesses_cheap, run_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from db.address import Address
    from tests.e2e.terminal import Terminal
    from tests.plugins.database import Database
    from tests.plugins.terminals import Venue

SECRET = "hunter2"


@dataclass(frozen=True)
class Fault:
    """A fault of a URL.

    Attributes:
        message: the message of a command.
        light: the text of a till's light.
        shown: the till's answer line, on a screen as wide as the path of a socket; empty if no person is needed.
    """

    address: Address
    message: tuple[str, ...]
    light: str
    shown: str = ""


@pytest.fixture
def faults(database: Database) -> Iterator[dict[str, Fault]]:
    app = database.app
    with socket.socket() as taken, database.connect() as session, old_server() as old:
        taken.bind(("127.0.0.1", 0))  # bound and never listening: nobody can answer there
        nowhere = replace(app, host="127.0.0.1", port=taken.getsockname()[1], password=SECRET)
        role = f"guest_{app.dbname}"
        session.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{SECRET}'")
        barred = f"barred_{app.dbname}"
        session.execute(f"CREATE ROLE {barred} NOLOGIN PASSWORD '{SECRET}'")
        try:
            yield {
                "nobody listens": Fault(nowhere, ("cannot be reached", "database.url"), "▲ offline since"),
                "no such host": Fault(
                    replace(nowhere, host="no-such-host.invalid"),
                    ("no-such-host.invalid", "cannot be reached", "database.url"),
                    "▲ offline since",
                ),
                "no such folder": Fault(
                    replace(nowhere, host="/nowhere"), ("cannot be reached", "database.url"), "▲ offline since"
                ),
                "no such database": Fault(
                    replace(app, dbname="nowhere"),
                    ("There is no database nowhere", "`till db prepare`"),
                    "✖ needs attention",
                    "There is no database nowhere",
                ),
                "wrong password": Fault(
                    replace(app, password=SECRET),
                    ("does not let till_app in", "password authentication failed", "Correct the user or the password"),
                    "✖ needs attention",
                    "does not let till_app in",
                ),
                "no rights": Fault(
                    replace(app, user=role, password=SECRET),
                    (role, "lacks a right", f"GRANT till_app TO {role};"),
                    "✖ needs attention",
                    "The database refuses this till's role.",
                ),
                "no login": Fault(
                    replace(app, user=barred, password=SECRET),
                    (f"refuses the role {barred}", f'ALTER ROLE "{barred}" LOGIN;'),
                    "✖ needs attention",
                    f"The database refuses the role {barred}.",
                ),
                "too old": Fault(
                    replace(nowhere, port=old),
                    ("PostgreSQL 12.22", "needs 15 or newer", "Upgrade that server"),
                    "✖ needs attention",
                    "is PostgreSQL 12.22",
                ),
                "no TLS": Fault(
                    replace(nowhere, port=old, extra=(("sslmode", "require"),)),
                    ("offers no TLS that can be trusted", "Turn `ssl` on in that server", "database.tls"),
                    "✖ needs attention",
                    "offers no TLS",
                ),
            }
        finally:
            session.execute(f"DROP ROLE {role}, {barred}")


def test_a_command_says_what_is_wrong_and_what_to_do(faults: dict[str, Fault]) -> None:
    for name, fault in faults.items():
        for command in ("status", "upgrade") if name in {"wrong password", "no rights", "too old"} else ("status",):
            message = one_line(run_here(["db", command], more={"TILL_DATABASE__URL": fault.address.url}))
            expected = fault.message if (name, command) != ("no rights", "upgrade") else (fault.address.user,)
            assert [part for part in expected if part not in message] == [], (name, message)
            assert SECRET not in message, name


@pytest.mark.parametrize(
    ("url", "part"),
    [
        (f"postgresql://till_app:{SECRET}@[::1/venue", "looking for matching"),
        (f"postgresql://till_app:{SECRET}@host:port/venue", "one port"),
        (f"postgresql://till_app:{SECRET}@one:5432,two:5432/venue", "cannot be reached"),
        (f"postgresql://till_app:{SECRET}%zz@host/venue", "percent"),
        (f"postgresql://till_app:{SECRET}@host/venue?pasword={SECRET}", "query parameter"),
        (f"postgresql://till_app:{SECRET}@127.0.0.1:999999/venue", "one port"),
    ],
)
def test_a_url_that_does_not_read_shows_no_password(url: str, part: str) -> None:
    message = one_line(run_here(["db", "status"], more={"TILL_DATABASE__URL": url}))
    assert "database.url" in message
    assert part in message
    assert SECRET not in message


def keyed(idlies: int) -> Callable[[Terminal], bool]:
    """True once this many idlies are on the order."""
    return lambda till: till.quantities() == {"Idly": idlies}


def test_a_till_sells_on_and_its_light_says_what_is_wrong(
    bare_venue: Venue,
    database: Database,
    faults: dict[str, Fault],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = set_up(bare_venue, database, tmp_path, monkeypatch)
    names = ("nobody listens", "no such database", "wrong password", "no rights", "no login", "too old")
    tried = {name: faults[name] for name in names}
    for number, (name, fault) in enumerate(tried.items(), 1):
        till = bare_venue.spawn([TILL], size=(300, 36), more={**own, "TILL_DATABASE__URL": fault.address.url})
        bare_venue.log_in(till)
        till.type("1 idly\r").wait_for(keyed(number)).wait_for(fault.light)
        till.press("escape").wait_for(fault.shown)
        assert SECRET not in till.text, name
        till.press("f12").wait_for("type a number").press("ctrl+q")
        assert till.wait_for_end() == 0, name
    till = bare_venue.spawn([TILL], more=own)
    bare_venue.log_in(till).wait_for("● saved")
    with database.connect() as session:
        rows = session.execute("SELECT quantity FROM hot.session_cart WHERE is_active").fetchall()
    assert rows == [(len(tried),)]
    log = (bare_venue.folder / "logs" / "till.log").read_text()
    assert SECRET not in log
    assert "Traceback" not in log


def test_a_till_that_is_not_enrolled_says_so_and_sells(
    bare_venue: Venue,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    own = set_up(bare_venue, database, tmp_path, monkeypatch)
    secrets = list((bare_venue.folder / "secrets").iterdir())
    for number, left in enumerate((b"", b"\xff\x00\xd8 no text", None), 1):
        for secret in secrets:
            secret.unlink() if left is None else secret.write_bytes(left)
        with subtests.test(left=left):
            till = bare_venue.log_in(bare_venue.spawn([TILL], more=own)).type("1 idly\r").wait_for(keyed(number))
            till.wait_for("✖ needs attention").press("escape").wait_for("Till 1 is not enrolled on this machine.")
            till.press("f12").wait_for("type a number").press("ctrl+q").wait_for_end()


def test_a_secret_is_renewed_under_a_till_that_sells(venue: Venue) -> None:
    till = venue.open_at(1).type("2 idly\r").wait_for("● saved")
    before = venue.rows("SELECT secret_hash FROM till.tills WHERE id = 1")
    done = venue.run("admin", "tills", "renew", "1")
    assert (done.returncode, done.stdout) == (0, "Till 1 has a new secret. The old one no longer works.\n")
    assert venue.rows("SELECT secret_hash FROM till.tills WHERE id = 1") != before
    till.type("1 idly\r").wait_for("Total ₹120.00").wait_for("● saved")
    assert venue.rows("SELECT total::text FROM order_sessions WHERE status = 'active'") == [("120.00",)]
    assert "needs attention" not in till.text


def set_up(venue: Venue, database: Database, folder: Path, patch: pytest.MonkeyPatch) -> dict[str, str]:
    """Make a venue by URL, with a till that has reached its database."""
    config, pin, menu = folder / "venue.toml", folder / "pin", folder / "menu.csv"
    config.write_text(
        f'[venue]\nname = "Corner"\n[database]\nurl = "{database.app.url}"\nowner_url = "{database.owner.url}"\n'
    )
    pin.write_text("1111\n")
    menu.write_text("name,price,category\nIdly,40.00,Breakfast\n")
    own = {"TILL_CONFIG": str(config)}
    make_guesses_cheap(patch)
    for command in (
        ("admin", "users", "add", "1", "--name", "Asha", "--role", "cashier", "--pin-file", str(pin)),
        ("admin", "menu", "import", str(menu), "--yes"),
        ("admin", "tills", "add", "1", "--here"),
    ):
        done = run_here(command, more=own)
        assert done.returncode == 0, (command, done.stderr)
    till = venue.spawn([TILL], more=own).wait_for("Asha").wait_for("● saved").press("ctrl+q")
    assert till.wait_for_end() == 0
    return own
