"""Selling without a database: the till keeps selling, and everything arrives once there is one."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from db.address import Address
from tests.e2e.terminal import TILL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.terminal import Terminal
    from tests.plugins.database import Database
    from tests.plugins.terminals import Venue

SALES = "SELECT total_amount::text, user_id FROM cold.orders ORDER BY order_id"


def sell_and_come_back(till: Terminal) -> None:
    """Make a sale, then log out and in with an open order, all without a database."""
    till.type("2 idly\r").wait_for("Total ₹80.00").press("f9").wait_for("Enter takes").type("100\r")
    till.wait_for("Paid ₹80.00. Change ₹20.00.").wait_for("▲ offline since ")
    till.type("1 masala dosa\r").wait_for("Total ₹80.00").press("f12").wait_for("The order is kept: 1 line, ₹80.00.")
    till.wait_for("type a number").type("1\r1111\r").wait_for("Your order is here: 1 line, ₹80.00.")


def test_a_database_that_was_never_there_is_not_missed_and_gets_all_when_it_comes(bare_venue: Venue) -> None:
    bare_venue.folder.mkdir()
    in_the_way = bare_venue.folder / "postgres"
    in_the_way.write_text("no folder can be made here")
    own = {"TILL_STAFF": "2"}
    reply = bare_venue.run("say", "2 idly", more=own)
    assert (reply.returncode, reply.stdout) == (0, "Added 2 × Idly. Total ₹80.00.\n")
    assert reply.stderr.count("\n") == 1
    till = bare_venue.open_at(1)
    sell_and_come_back(till)
    in_the_way.unlink()
    till.wait_for("● saved")
    till.press("f9").wait_for("Enter takes").press("enter").wait_for("Paid ₹80.00").wait_for("● saved")
    assert bare_venue.rows(SALES) == [("80.00", 1), ("80.00", 1)]
    assert bare_venue.rows("SELECT DISTINCT status FROM till.order_sessions") == [("completed",)]

    reply = bare_venue.run("say", "one more", "--json", more=own)
    answer = json.loads(reply.stdout)
    assert (answer["answer"], answer["done"]) == ("Added 1 × Idly. Total ₹120.00.", True)
    assert answer["saved"], "the database is up"


def test_a_till_by_url_sells_while_its_database_is_away(
    bare_venue: Venue, empty_database: Database, tmp_path: Path
) -> None:
    """The URL names the sockets' folder by a link: without the link nobody answers."""
    link = tmp_path / "door"
    link.symlink_to(empty_database.owner.host)
    config = tmp_path / "venue.toml"
    own = {"TILL_CONFIG": str(config)}
    config.write_text(
        f"""[venue]
name = "Corner"
currency = "INR"
[database]
url = "{through(link, empty_database.app)}"
owner_url = "{through(link, empty_database.owner)}"
"""
    )
    pin = tmp_path / "pin"
    pin.write_text("1111\n")
    menu = tmp_path / "menu.csv"
    menu.write_text("name,price,category\nIdly,40.00,Breakfast\nMasala Dosa,80.00,Breakfast\n")
    for command in (
        ("db", "upgrade"),
        ("admin", "users", "add", "1", "--name", "Asha", "--role", "cashier", "--pin-file", str(pin)),
        ("admin", "menu", "import", str(menu), "--yes"),
        ("admin", "tills", "add", "1", "--here"),
    ):
        done = bare_venue.run(*command, more=own)
        assert done.returncode == 0, (command, done.stderr)
    till = bare_venue.spawn([TILL], more=own).wait_for("Asha").wait_for("● saved")
    till.press("ctrl+q")
    assert till.wait_for_end() == 0

    link.unlink()
    till = bare_venue.log_in(bare_venue.spawn([TILL], more=own))
    sell_and_come_back(till)
    link.symlink_to(empty_database.owner.host)
    till.wait_for("● saved")
    with empty_database.connect() as session:
        assert session.execute(SALES).fetchall() == [("80.00", 1)]
        assert session.execute("SELECT status FROM till.order_sessions ORDER BY id").fetchall() == [
            ("completed",),
            ("active",),
        ]


def through(link: Path, address: Address) -> str:
    return Address(os.fspath(link), address.port, address.dbname, address.user, address.password).url
