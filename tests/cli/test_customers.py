from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from till.cli.environment import Surroundings

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


def test_a_customer_is_added_listed_shown_and_forgotten(staffed: Shell) -> None:
    staffed.become(9)
    staffed.ok("admin", "customers", "add", "--name", "Mrs Rao", "--phone", "+91 98450 12345")
    staffed.ok("admin", "customers", "add", "--phone", "080 2345 678")
    nameless, rao = staffed("admin", "customers", "list", "--json").json["customers"]
    assert (nameless["name"], nameless["phone"]) == ("", "0802345678")
    assert (rao["name"], rao["phone"], rao["orders"], rao["added_by"], rao["erased_at"]) == (
        "Mrs Rao", "+919845012345", 0, 9, None,
    )  # fmt: skip
    listed = staffed("admin", "customers", "list")
    assert "Mrs Rao" in listed.out
    assert listed.err == "2 customers.\n"
    assert staffed("admin", "customers", "show", rao["customer"]).out == (
        "Mrs Rao, +919845012345\nNo paid orders yet.\n"
    )
    shown = staffed("admin", "customers", "show", rao["customer"], "--json").json["customer"]
    assert (shown["preferences"], shown["history"]) == ({}, [])
    erased = staffed("admin", "customers", "erase", rao["customer"])
    assert erased.out == "Erased, with the free text of 0 orders.\n"
    assert "Rao" not in staffed("admin", "customers", "list").out
    assert staffed("admin", "customers", "show", rao["customer"]).out.startswith("Erased on ")
    assert f"erased customer {rao['customer']}" in staffed.ok("admin", "audit", "show", "--what", "erased")
    assert f"added customer {rao['customer']}" in staffed.ok("admin", "audit", "show", "--what", "administered")
    assert staffed.ok("admin", "audit", "verify")


def test_a_wrong_value_is_refused_in_one_sentence(staffed: Shell) -> None:
    other = str(uuid.uuid4())
    assert staffed.refused("admin", "customers", "add") == "Give a name, a phone number, or both."
    assert "is not a phone number" in staffed.refused("admin", "customers", "add", "--phone", "call me")
    for wrong in ("\udcff", "Ra\no", "\x1b[2J", "R" * 300):
        assert "”" in staffed.refused("admin", "customers", "add", "--name", wrong)
        assert "”" in staffed.refused("admin", "customers", "add", "--phone", wrong)
    assert staffed.refused("admin", "customers", "add", "--name", "Ra\no") == (
        "“Ra o” holds a control character or a line break."
    )
    assert "is not valid UTF-8" in staffed.refused("admin", "sessions", "erase", "\udcff")
    for command in ("show", "erase"):
        assert staffed.refused("admin", "customers", command, other) == f"There is no customer {other}."
        assert staffed("admin", "customers", command, "seven").code == 2
    assert staffed.refused("admin", "sessions", "erase", other) == f"There is no order {other}."


def test_the_texts_of_one_order_are_erased(staffed: Shell, database: Database) -> None:
    session, store = str(uuid.uuid4()), Surroundings.find().venue.store_id
    with database.connect() as connection:
        connection.execute(
            "SELECT warm.server_event_v1(%s, NULL, 'order_noted', %s, '{}', '{\"note\": \"Mrs Rao\"}')",
            [store, session],
        )
        assert staffed("admin", "sessions", "erase", session).out == "1 text is erased.\n"
        assert staffed("admin", "sessions", "erase", session).out == "That order has no free text left.\n"
        assert connection.execute("SELECT count(*) FROM warm.event_texts").fetchall() == [(0,)]
