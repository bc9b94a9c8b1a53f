"""`till admin vouchers` and `till admin accounts`, against the real database."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from till.cli.environment import Surroundings
from till.domain.payment.codes import read_code

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


def test_a_voucher_is_issued_listed_shown_and_voided(staffed: Shell) -> None:
    staffed.become(9)
    issued = staffed("admin", "vouchers", "issue", "500", "--by", "card", "--expires", "2999-12-31")
    code = read_code(issued.out.strip())
    assert issued.err == "Worth €500.00. The code is shown only once: write it on the voucher.\n"
    plain = staffed("admin", "vouchers", "issue", "1,250.50", "--json").json
    assert (plain["amount"], plain["expires"]) == ("1250.50", None)
    newest, first = staffed("admin", "vouchers", "list", "--json").json["vouchers"]
    assert (newest["left"], first["hint"], first["expires"]) == ("1250.50", code[-4:], "2999-12-31")
    listed = staffed("admin", "vouchers", "list")
    assert code not in listed.out.replace("-", "")
    assert listed.err == "2 vouchers.\n"
    shown = staffed("admin", "vouchers", "show", first["hint"].lower())
    assert shown.out.startswith(f"…{code[-4:]}: €500.00 of €500.00 left.\nValid until 2999-12-31.\n")
    assert staffed("admin", "vouchers", "show", first["voucher"], "--json").json["voucher"]["movements"] == []
    assert staffed.ok("vouchers", "remove", first["hint"]) == f"…{code[-4:]} is void; €500.00 was left on it.\n"
    assert "already void" in staffed.refused("admin", "vouchers", "remove", first["hint"])
    output = staffed.ok("admin", "audit", "show", "--what", "administered")
    assert f"issued voucher {first['voucher']}" in output
    assert code not in output
    assert staffed.ok("admin", "audit", "verify")


def test_an_account_is_opened_and_paid_off(staffed: Shell, database: Database) -> None:
    staffed.become(9)
    staffed.ok("admin", "customers", "add", "--name", "Mrs Rao")
    [guest] = (row["customer"] for row in staffed("admin", "customers", "list", "--json").json["customers"])
    assert staffed.ok("admin", "accounts", "open", guest, "5000") == "Up to €5,000.00 may be owed.\n"
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO till.value_movements "
            "(movement_id, store_id, tender, holder_id, amount, state, till_id, moved_at) "
            "VALUES (gen_random_uuid(), %s, 'ACCOUNT', %s, 120.00, 'spent', 1, now())",
            [Surroundings.find().venue.store_id, guest],
        )
        connection.commit()
    assert "more than is owed" in staffed.refused("admin", "accounts", "pay-off", guest, "121")
    assert staffed.ok("admin", "accounts", "pay-off", guest, "50", "--by", "card") == (
        "Recorded. €70.00 is still owed.\n"
    )
    assert "Nothing was sold." in staffed.ok("report", "sales"), "only cash is in a drawer"
    staffed.ok("admin", "accounts", "pay-off", guest, "10", "--by", "cash")
    for report in ("sales", "day"):
        shown = staffed("report", report, "--json").json
        assert (shown["account_cash"], shown["total"], shown["taken"]) == ("10.00", "0.00", "0.00")
        assert re.search(r"^Cash on accounts +10\.00$", staffed.ok("report", report), re.MULTILINE)
    output = staffed.ok("admin", "accounts", "statement", guest)
    assert "paid off, card" in output
    assert output.endswith("Mrs Rao owes €60.00; the limit is €5,000.00.\n")
    whole = staffed("admin", "accounts", "statement", guest, "--json").json["account"]
    assert [(row["what"], row["amount"]) for row in whole["movements"]] == [
        *(("spent", "120.00"), ("paid_off", "-50.00"), ("paid_off", "-10.00"))
    ]
    end = whole["movements"][1]["pay_off"][-8:]
    assert staffed.ok("admin", "accounts", "correct", guest, end) == "The pay-off is reversed: €110.00 is owed.\n"
    assert "is reversed already" in staffed.refused("admin", "accounts", "correct", guest, end)
    output = staffed.ok("admin", "accounts", "statement", guest)
    assert f"paid off, card ({end})" in output
    assert re.search(rf"pay-off {end} reversed +−50\.00$", output, re.MULTILINE)
    listed = staffed.ok("admin", "accounts", "pay-offs")
    assert re.search(rf"Mrs Rao +50\.00 +CARD +server +reversed +{end}$", listed, re.MULTILINE)
    assert "reversed a pay-off of the house account" in staffed.ok("admin", "audit", "show", "--what", "administered")
    staffed.ok("admin", "accounts", "pay-off", guest, "50")
    staffed.ok("admin", "accounts", "limit", guest, "60")
    assert staffed.ok("admin", "accounts", "close", guest) == "The account is closed.\n"
    [row] = staffed("admin", "accounts", "list", "--json").json["accounts"]
    assert (row["owed"], row["limit"], bool(row["closed_at"])) == ("60.00", "60.00", True)
    assert "closed" in staffed.ok("admin", "accounts", "list")


def test_a_part_of_a_credit_that_is_given_back_says_how_much_is_left(staffed: Shell, database: Database) -> None:
    staffed.become(9)
    staffed.ok("admin", "customers", "add", "--name", "Mrs Rao")
    [guest] = (row["customer"] for row in staffed("admin", "customers", "list", "--json").json["customers"])
    staffed.ok("admin", "accounts", "open", guest, "5000")
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO till.value_movements "
            "(movement_id, store_id, tender, holder_id, amount, state, till_id, moved_at) "
            "VALUES (gen_random_uuid(), %s, 'ACCOUNT', %s, -120.00, 'refunded', 1, now())",
            [Surroundings.find().venue.store_id, guest],
        )
        connection.commit()
    output = staffed.ok("admin", "accounts", "pay-off", guest, "50")
    assert output == "Recorded. €70.00 of the guest's credit is left.\n"
    reply = staffed.ok("admin", "accounts", "statement", guest)
    assert reply.endswith("Mrs Rao has a credit of €70.00; the limit is €5,000.00.\n")
    assert staffed.ok("admin", "accounts", "pay-off", guest, "70") == "Recorded. €0.00 is still owed.\n"


def test_account_of_an_erased_guest_is_listed_only_while_something_is_owed(staffed: Shell, database: Database) -> None:
    staffed.become(9)
    staffed.ok("admin", "customers", "add", "--name", "Mrs Rao")
    [guest] = (row["customer"] for row in staffed("admin", "customers", "list", "--json").json["customers"])
    staffed.ok("admin", "accounts", "open", guest, "5000")
    staffed.ok("admin", "customers", "erase", guest)
    assert staffed("admin", "accounts", "list", "--json").json == {"accounts": []}
    assert "An erased guest owes €0.00; the limit" in staffed.ok("admin", "accounts", "statement", guest)
    with database.connect() as connection:  # as by a till that was away
        connection.execute(
            "INSERT INTO till.value_movements "
            "(movement_id, store_id, tender, holder_id, amount, state, till_id, moved_at) "
            "VALUES (gen_random_uuid(), %s, 'ACCOUNT', %s, 120.00, 'spent', 1, now())",
            [Surroundings.find().venue.store_id, guest],
        )
        connection.commit()
    assert re.search(r"erased +120\.00", staffed.ok("admin", "accounts", "list"))


def test_a_wrong_value_is_refused_in_one_sentence(staffed: Shell) -> None:
    other = str(uuid.uuid4())
    for wrong in ("x", "5.001", "1..2"):
        assert staffed.refused("admin", "vouchers", "issue", wrong)
        assert staffed.refused("admin", "accounts", "open", other, wrong)
    assert "worth more than nothing" in staffed.refused("admin", "vouchers", "issue", "0")
    assert "is not a date" in staffed.refused("admin", "vouchers", "issue", "5", "--expires", "soon\x1b[2J")
    assert "The day is over" in staffed.refused("admin", "vouchers", "issue", "5", "--expires", "2020-01-01")
    assert staffed.refused("admin", "vouchers", "show", "\udcff") == "There is no voucher \ufffd."
    assert staffed.refused("admin", "vouchers", "remove", "WXYZ") == "There is no voucher WXYZ."
    assert staffed.refused("admin", "accounts", "open", other, "5") == f"There is no customer {other}."
    for asked in (["limit", other, "5"], ["open", other, "-5"]):
        assert staffed("admin", "accounts", *asked).code in {1, 2}
    for asked in (["statement", other], ["close", other], ["pay-off", other, "5"]):
        assert staffed.refused("admin", "accounts", *asked).endswith(" customer has no house account.")


def test_a_voucher_issued_unpaid_waits_for_a_till(staffed: Shell) -> None:
    staffed.become(9)
    issued = staffed("admin", "vouchers", "issue", "40", "--unpaid")
    code = read_code(issued.out.strip())
    assert issued.err == "Worth €40.00 once a till sells it. The code is shown only once: write it on the voucher.\n"
    [row] = staffed("admin", "vouchers", "list", "--json").json["vouchers"]
    assert (row["left"], row["unpaid"]) == ("0.00", True)
    assert "unpaid" in staffed.ok("admin", "vouchers", "list")
    shown = staffed.ok("admin", "vouchers", "show", code[-4:])
    assert shown.startswith(f"…{code[-4:]}: €0.00 of €40.00 left.\nNot paid yet: “sell voucher” at a till takes")
    assert "being paid" not in shown
    assert staffed("admin", "vouchers", "issue", "5", "--json").json["unpaid"] is False
    assert "booked as a gift" in staffed("admin", "vouchers", "issue", "5").err
    assert "booked as a gift" not in staffed("admin", "vouchers", "issue", "5", "--by", "card").err
    assert "Name the tender" in staffed.refused("admin", "vouchers", "issue", "5", "--by", "voucher")
    assert staffed.ok("vouchers", "remove", code[-4:]) == f"…{code[-4:]} is void; €0.00 was left on it.\n"
