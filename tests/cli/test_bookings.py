from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.conftest import Shell

RAO = ("--covers", "4", "--name", "Mrs Rao", "--phone", "98450 12345")


def test_a_table_is_booked_listed_called_off_and_missed(staffed: Shell) -> None:
    staffed.become(9)
    assert staffed("admin", "tables", "set", "7", "--seats", "4", "--area", "garden").out == "Table 7 seats 4.\n"
    assert staffed("admin", "tables", "list", "--json").json == {
        "tables": [{"table": 7, "seats": 4, "area": "garden"}]
    }  # fmt: skip
    assert "garden" in staffed("admin", "tables", "list").out
    out = staffed("admin", "bookings", "add", "--at", "23:59", "--table", "7", *RAO).out
    assert re.fullmatch(r"Booked for Mrs Rao at \d{4}-\d\d-\d\d 23:59: [0-9a-f-]{36}\n", out)
    (row,) = staffed("admin", "bookings", "list", "--json").json["bookings"]
    assert (row["name"], row["phone"], row["covers"], row["table"], row["status"], row["booked_by"]) == (
        "Mrs Rao", "9845012345", 4, 7, "booked", 9,
    )  # fmt: skip
    assert row["at"].endswith("Z")
    shown = staffed("admin", "bookings", "list")
    assert "Mrs Rao" in shown.out
    assert shown.err == "4 guests expected.\n"
    assert "is already booked at that time: Mrs Rao" in staffed.refused(
        "admin", "bookings", "add", "--at", "23:30", "--table", "7", "--covers", "2", "--name", "Mr Iyer"
    )
    staffed.ok("admin", "bookings", "cancel", row["booking"])
    assert "cancelled" in staffed("admin", "bookings", "list").out
    staffed.ok("admin", "bookings", "add", "--at", "23:59", *RAO)
    missed = staffed("admin", "bookings", "list", "--json").json["bookings"][-1]["booking"]
    waits = next(
        one["booking"]
        for one in staffed("admin", "bookings", "list", "--json").json["bookings"]
        if one["status"] == "booked"
    )
    staffed.ok("admin", "bookings", "no-show", waits)
    assert "no-show" in staffed("admin", "bookings", "list").out
    staffed.ok("admin", "bookings", "erase", waits)
    staffed.ok("admin", "bookings", "erase", row["booking"] if missed == waits else missed)
    assert "Rao" not in staffed("admin", "bookings", "list").out
    assert staffed("admin", "tables", "remove", "7").out == "Table 7 removed.\n"
    assert staffed.refused("admin", "tables", "remove", "7") == "There is no table 7."
    assert staffed("admin", "bookings", "list", "--day", "2020-01-01", "--json").json == {"bookings": []}


def test_a_wrong_value_is_refused_in_one_sentence(staffed: Shell) -> None:
    other = str(uuid.uuid4())
    for when in ("soon", "25:00", "2026-13-01 19:30", "", "2099-01-01 19:30 x"):
        assert staffed("admin", "bookings", "add", "--at", when, *RAO).code == 2, when
    assert "a time to come" in staffed.refused("admin", "bookings", "add", "--at", "2020-01-01 19:30", *RAO)
    assert "within two years" in staffed.refused("admin", "bookings", "add", "--at", "9999-12-31 19:30", *RAO)
    assert "`till admin tables set 9 --seats N` adds it" in staffed.refused(
        "admin", "bookings", "add", "--at", "23:59", "--table", "9", *RAO
    )
    assert "”" in staffed.refused("admin", "bookings", "add", "--at", "23:59", "--covers", "2", "--name", "\udcff")
    assert "”" in staffed.refused("admin", "tables", "set", "7", "--seats", "4", "--area", "\udcff")
    for command in ("cancel", "no-show", "erase"):
        assert staffed.refused("admin", "bookings", command, other) == f"There is no booking {other}."
    assert staffed("admin", "bookings", "list", "--day", "nonsense").code == 2
