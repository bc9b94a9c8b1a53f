"""Notices: what the server decided and a person at a till should know, until somebody has seen it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.types.json import Jsonb

from tests.sql.ringing import IDLY, Cart, heard, new_id
from tests.sql.test_refunds import Refund
from tests.sql.test_status import opened

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

A, B, C = (f"00000000-0000-7000-8000-00000000000{number}" for number in range(3))
NOTIFY = "SELECT till.notify(%s, %s, 1, 'refused', %s, %s, %s::jsonb, %s)"


def read_notices(venue: Venue, till: Till, has: int = 0) -> dict[str, Any]:
    """Poll as a till and return its notices; empty if there are none newer than `has`."""
    venue.owner.execute("UPDATE till.tills SET seen_at = NULL")
    answer = till.push(reference={"notices": has})
    assert answer["ok"], answer
    return dict(answer["reference"].get("notices", {}))


def notices(venue: Venue, till: Till) -> list[dict[str, Any]]:
    return list(read_notices(venue, till)["body"]["notices"])


def notify(venue: Venue, till: int, session: str | None, subject: str | None = None, by: int = 2) -> None:
    data = '{"act": "line_voided", "item": "Idly", "pieces": 1, "amount": "40.00", "none": null}'
    venue.value(NOTIFY, venue.store, till, session, subject or str(uuid.uuid4()), data, by)


def test_notice_reaches_its_till_alone_and_stays_until_seen(venue: Venue) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    notify(venue, 1, cart.session)
    heard = read_notices(venue, one)
    (notice,) = heard["body"]["notices"]
    assert heard["body"]["waiting"] == 1
    assert (notice["till"], notice["user"], notice["kind"], notice["session"]) == (1, 1, "refused", cart.session)
    order = notice["data"].pop("order")
    assert (order["session"], order["till"], order["status"]) == (cart.session, 1, "active")
    assert notice["data"] == {"act": "line_voided", "item": "Idly", "pieces": 1, "amount": "40.00"}
    assert read_notices(venue, one, heard["version"]) == {}, "nothing new"
    assert read_notices(venue, two)["body"] == {"waiting": 0, "notices": []}

    two.make("notice_seen", None, {"notice": notice["id"]})
    two.push()
    assert notices(venue, one), "another till has not seen it"
    one.make("notice_seen", None, {"notice": notice["id"]})
    one.push()
    assert read_notices(venue, one, heard["version"])["body"] == {"waiting": 0, "notices": []}
    assert venue.value("SELECT seen_by FROM till.notices") == 1


def test_notice_about_one_event_is_written_once(venue: Venue) -> None:
    one, cart = opened(venue)
    subject = str(uuid.uuid4())
    for _ in range(2):
        notify(venue, 1, cart.session, subject)
    assert len(notices(venue, one)) == 1


def test_notices_by_one_till_leave_room_for_those_by_another(venue: Venue) -> None:
    one, cart = opened(venue)
    for _ in range(25):
        notify(venue, 1, cart.session)
    assert read_notices(venue, one)["body"]["waiting"] == 20
    notify(venue, 1, cart.session, by=3)
    heard = read_notices(venue, one)["body"]
    assert (heard["waiting"], len(heard["notices"])) == (21, 20), "a page"
    one.make("notice_seen", None, {"notice": heard["notices"][0]["id"]})
    one.push()
    assert read_notices(venue, one)["body"]["waiting"] == 20


def test_notice_of_a_paid_order_names_its_receipt(venue: Venue) -> None:
    till, cart = venue.keyed(IDLY)
    placed = till.place(cart)
    till.shown(cart)
    notify(venue, 1, cart.session, new_id())
    (notice,) = notices(venue, till)
    order = notice["data"]["order"]
    assert (order["status"], order["receipt"], order["total"]) == ("completed", placed["receipt"], "40.00")


def rung_again(venue: Venue) -> tuple[Till, Till, Cart, Cart]:
    """A tab of till 1 that till 2 rings again; till 2 has not pushed it."""
    one, cart = opened(venue)
    one.save(cart, new_id(), "table 5", table_number=5)
    one.shown(cart, status="assigned_to_tab")
    two, copy = venue.till(2), Cart(user=2)
    two.open(copy, again={"session": cart.session, "at": "2026-03-03T05:01:00.000000Z"})
    two.add(copy, IDLY)
    return one, two, cart, copy


def test_tabs_are_listed_with_their_lines(venue: Venue) -> None:
    one, cart = opened(venue)
    one.save(cart, new_id(), "table 5", table_number=5)
    one.shown(cart, status="assigned_to_tab", items=[*cart.items(), {**cart.items()[0], "voided": True}])
    (tab,) = one.push(reference={"tabs": 0})["reference"]["tabs"]["body"]["tabs"]
    assert tab["items"] == [
        {name: item[name] for name in ("item_id", "item", "quantity", "unit_price", "amount", "modifiers")}
        for item in cart.items()
    ]


def test_order_that_was_rung_again_is_reported_to_both_tills(venue: Venue) -> None:
    one, two, cart, copy = rung_again(venue)
    two.shown(copy)
    (there,), (here,) = notices(venue, one), notices(venue, two)
    assert (there["kind"], there["user"], there["session"]) == ("rung_again", 1, copy.session)
    assert (here["kind"], here["user"], here["session"]) == ("rung_again", 2, cart.session)
    assert there["data"]["own"] == here["data"]["order"]
    assert (here["data"]["order"]["till"], here["data"]["order"]["tab"]) == (1, "table 5")
    assert (here["data"]["own"]["till"], here["data"]["own"]["total"], here["data"]["own"]["lines"]) == (2, "40.00", 1)
    assert here["data"]["copied_at"] == "2026-03-03T05:01:00.000000Z"


def test_till_that_lost_an_order_to_a_late_request_after_ringing_it_again_is_notified(venue: Venue) -> None:
    """The answer to the request was lost, so its till rang a copy; a frozen server grants the original all the same."""
    one, two, cart, copy = rung_again(venue)
    two.take(cart)
    two.shown(copy)
    (there,), (here,) = notices(venue, one), notices(venue, two)
    assert (there["kind"], there["session"], here["session"]) == ("rung_again", copy.session, cart.session)


def test_rung_again_and_paid_at_once_names_the_receipt_to_both(venue: Venue) -> None:
    one, two, cart, copy = rung_again(venue)
    placed = two.place(copy)
    two.shown(copy)
    one.place(cart)
    one.push()
    (there,) = notices(venue, one)
    assert (there["data"]["order"]["status"], there["data"]["order"]["receipt"]) == ("completed", placed["receipt"])
    assert notices(venue, two), "both are paid: that is told too"
    Refund(two, copy, placed, r1=1).start().answer("approved")
    assert two.push()["ok"]
    for till in (one, two):
        (row,) = notices(venue, till)
        back = {row["data"][name]["receipt"]: row["data"][name].get("refunded") for name in ("order", "own")}
        assert back[placed["receipt"]] == "40.00"


def test_discarding_one_of_the_two_answers_both_notices(venue: Venue) -> None:
    one, two, cart, copy = rung_again(venue)
    two.shown(copy)
    one.clear(cart, "rung again")
    venue.owner.execute("LISTEN till_store")
    one.push()
    assert f"{venue.store} notices" in heard(venue.owner), "both ask at once"
    assert (notices(venue, one), notices(venue, two)) == ([], [])


def test_order_that_was_discarded_before_the_copy_came_is_reported_to_nobody(venue: Venue) -> None:
    one, two, cart, copy = rung_again(venue)
    one.clear(cart, "left")
    one.push()
    two.shown(copy)
    assert (notices(venue, one), notices(venue, two)) == ([], [])


def test_notice_shows_the_present_status_of_its_orders(venue: Venue) -> None:
    one, two, _cart, copy = rung_again(venue)
    two.shown(copy)
    before = read_notices(venue, one)
    placed = two.place(copy)
    two.push()
    after = read_notices(venue, one, before["version"])
    (notice,) = after["body"]["notices"]
    assert notice["data"]["order"]["receipt"] == placed["receipt"]


def test_notice_shows_what_is_paid_on_an_open_order(venue: Venue) -> None:
    one, two, _cart, copy = rung_again(venue)
    two.shown(copy)
    before = read_notices(venue, one)
    assert "paid" not in before["body"]["notices"][0]["data"]["order"]
    payment = {"payment_id": new_id(), "tender": "CASH", "amount": "10.00"}
    two.make("payment_approved", copy.session, {**payment, "tendered": "10.00", "change": "0.00"})
    two.shown(copy)
    (notice,) = read_notices(venue, one, before["version"])["body"]["notices"]
    assert notice["data"]["order"]["paid"] == "10.00"


def saved(till: Till, name: str = "table 5", **shown: str) -> Cart:
    cart = Cart(user=till.number)
    till.open(cart)
    till.add(cart, IDLY)
    till.save(cart, new_id(), name)
    till.shown(cart, status="assigned_to_tab", **shown)
    return cart


def test_a_table_keeps_a_name_of_its_own_whatever_names_are_taken(venue: Venue) -> None:
    one, two = venue.till(), venue.till(2)
    venue.owner.execute(
        """INSERT INTO till.tabs (id, store_id, name, status, opened_at)
        SELECT gen_random_uuid(), %s, 'Table 5-' || n, 'open', now() FROM generate_series(2, 999) AS n""",
        [venue.store],
    )
    first, second = saved(one, "Table 5"), saved(two, "Table 5")
    names = dict(venue.rows("SELECT s.id, t.name FROM order_sessions AS s JOIN tabs AS t ON t.id = s.tab_id"))
    assert names == {first.session: "Table 5", second.session: f"Table 5-{second.session[-6:]}"}


def test_two_orders_on_one_tab_are_reported_to_both_tills_once(venue: Venue) -> None:
    one, two = venue.till(), venue.till(2)
    first, second = saved(one), saved(two, "Table 5")
    names = dict(venue.rows("SELECT s.id, t.name FROM order_sessions AS s JOIN tabs AS t ON t.id = s.tab_id"))
    assert names == {first.session: "table 5", second.session: "Table 5-2"}
    (there,), (here,) = notices(venue, one), notices(venue, two)
    assert (there["kind"], there["session"], there["data"]["which"]) == ("tab_twice", second.session, second.session)
    assert (here["kind"], here["session"], here["data"]["own"]["session"]) == (
        "tab_twice",
        first.session,
        second.session,
    )
    assert (there["data"]["by"], here["data"]["by"]) == (2, 1)
    two.resume(second)
    two.save(second, new_id(), "Table 5")
    two.push()
    assert len(notices(venue, two)) == 1
    two.resume(second)
    two.clear(second, "twice")
    two.push()
    assert (notices(venue, one), notices(venue, two)) == ([], [])


def test_two_orders_of_one_till_on_a_tab_are_its_own_affair(venue: Venue) -> None:
    one = venue.till()
    saved(one)
    saved(one)
    assert notices(venue, one) == []


@pytest.mark.parametrize(
    ("session", "conflict", "answered"),
    [
        (A, None, {"rung_again of A", "tab_twice of A", "tab_twice with A"}),
        (B, None, {"tab_twice with A", "rung_again of B"}),
        (A, C, {"paid_apart of C"}),
        (None, C, {"paid_apart of C"}),
        (None, None, set()),
    ],
)
def test_an_answer_settles_the_notices_of_its_order_or_of_its_conflict(
    venue: Venue, session: str | None, conflict: str | None, answered: set[str]
) -> None:
    insert = """INSERT INTO till.notices (id, store_id, till_id, kind, session_id, by_till, data)
        VALUES (gen_random_uuid(), %s, 1, %s, %s, 2, %s)"""
    made: tuple[tuple[str, str, dict[str, Any], str], ...] = (
        ("rung_again", A, {}, "rung_again of A"), ("tab_twice", A, {}, "tab_twice of A"),
        ("tab_twice", B, {"own": {"session": A}}, "tab_twice with A"), ("rung_again", B, {}, "rung_again of B"),
        ("refused", A, {"conflict": C}, "refused of A"), ("paid_apart", A, {"conflict": C}, "paid_apart of C"),
        ("paid_apart", A, {"conflict": B}, "paid_apart of B"),
    )  # fmt: skip
    for kind, of, data, name in made:
        venue.owner.execute(insert, [venue.store, kind, of, Jsonb(data | {"name": name})])
    venue.owner.execute("SELECT till.answer_notices(%s, %s, %s)", [venue.store, session, conflict])
    seen = venue.rows("SELECT data->>'name' FROM till.notices WHERE seen_at IS NOT NULL")
    assert {name for (name,) in seen} == answered
