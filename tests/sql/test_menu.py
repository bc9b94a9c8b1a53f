"""The menu at the server: what cannot be forged, two who change it at once, and what a front end is charged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import psycopg
import pytest
from psycopg import Error
from psycopg.types.json import Jsonb

from tests.sql.ringing import DOSA, IDLY, MENU

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Venue

SOON = "2099-12-01T12:30:00Z"


def edit(venue: Venue, changes: Any, item: str | None = IDLY, based: int | None = None) -> Any:
    query = "SELECT till.menu_edit_v1(%s, 9, %s, %s, %s)"
    return venue.value(query, venue.store, item, None if changes is None else Jsonb(changes), based)


def version(venue: Venue) -> int:
    return int(venue.value("SELECT version FROM settings WHERE name = 'menu'"))


FORGED_EDITS: Final[tuple[Any, ...]] = (
    None, {}, [], 1, "price", {"id": "x"}, {"sold_out": True}, {"price": 45}, {"price": "-1"}, {"price": "NaN"},
    {"price": "1e3"}, {"price": "10000001"}, {"price": "1.23456"}, {"price": ["1"]}, {"price": "1\n"},
    {"name": None}, {"name": ""}, {"name": "  "}, {"name": "a" * 81}, {"name": "a\nb"}, {"name": "a\u009bb"},
    {"name": 5}, {"name": "masala DOSA"}, {"plu": 0}, {"plu": 100_000}, {"plu": "3"}, {"plu": 1.5}, {"plu": 2},
    {"category": "c2"}, {"category": None}, {"category": ["c1"]}, {"tax": "B"}, {"tax": None}, {"tax": 1},
    {"taxes": []}, {"taxes": {"A": []}}, {"taxes": {"B": 1}}, {"taxes": {"B": [{"name": "GST"}]}},
    {"taxes": {"B": [{"name": "GST", "rate": 5}]}}, {"taxes": {"B": [{"name": "", "rate": "5"}]}},
    {"taxes": {"B": [{"name": "GST", "rate": "5", "per_piece": "1"}]}},
    *({"taxes": {"B": [{"name": "GST", "rate": "5", key: wrong}]}} for key, wrong in (
        ("included", "true"), ("affects_later", False), ("affected_by_earlier", True), ("of", "all"),
    )),
    {"taxes": {"B": [{"name": "Deposit", "per_piece": "-1"}]}},
    {"taxes": {"": []}}, {"prices": None}, {"prices": {}}, {"prices": [1]}, {"prices": [{}]},
    {"prices": [{"from": SOON}]}, {"prices": [{"from": SOON, "price": "1", "till": 2}]},
    {"prices": [{"from": "2020-01-01T00:00:00Z", "price": "1"}]},
    {"prices": [{"from": "2099-12-01 18:00", "price": "1"}]}, {"prices": [{"from": None, "price": "1"}]},
    {"prices": [{"from": "2099-02-30T00:00:00Z", "price": "1"}]},
    {"prices": [{"from": SOON, "price": 1}]},
    {"prices": [{"from": SOON, "price": "1"}, {"from": "2099-12-01T12:30:00.0Z", "price": "2"}]},
)  # fmt: skip


def test_a_forged_edit_is_refused_and_changes_nothing(venue: Venue, subtests: pytest.Subtests) -> None:
    before = version(venue)
    for changes in FORGED_EDITS:
        with subtests.test(changes=changes):
            with pytest.raises(Error, match="The item cannot be changed") as refused:
                edit(venue, changes)
            assert refused.value.sqlstate == "TL006"
            assert version(venue) == before
            assert venue.value("SELECT count(*) FROM session_events WHERE event_type = 'menu_edited'") == 0


def test_a_missing_item_is_not_edited(venue: Venue) -> None:
    for item in ("nothing", None, ""):
        with pytest.raises(Error, match="There is no item") as refused:
            edit(venue, {"price": "1"}, item)
        assert refused.value.sqlstate == "TL004"
    with pytest.raises(Error, match="There is no such store"):
        venue.value("SELECT till.menu_edit_v1(gen_random_uuid(), 9, %s, '{}')", IDLY)


def test_an_edit_stands_in_rows_in_the_body_and_in_the_chain(venue: Venue) -> None:
    taxes = {
        "B": [
            {"name": "Deposit", "per_piece": "0.25", "included": False, "affects_later": True},
            {"name": "VAT", "rate": "20", "affected_by_earlier": False},
        ]
    }
    plan = [{"from": SOON, "price": None}]
    reached = edit(venue, {"price": None, "plu": None, "tax": "B", "taxes": taxes, "prices": plan})
    assert venue.rows("SELECT plu, price, tax FROM menu_item WHERE menu_item_id = %s", IDLY) == [(None, None, "B")]
    assert venue.rows("SELECT menu_item_id, valid_from = %s, price FROM menu_item_price", SOON) == [(IDLY, True, None)]
    body = venue.till().push(reference={"menu": 0})["reference"]["menu"]["body"]
    assert (body["version"], body["taxes"]["B"], body["items"][0]["prices"]) == (reached, taxes["B"], plan)
    assert venue.value("SELECT event_data->'changes' FROM session_events WHERE event_type = 'menu_edited'") == {
        "price": "open", "plu": "", "tax": "B", "taxes": taxes, "prices": [{"from": SOON, "price": "open"}],
    }  # fmt: skip
    edit(venue, {"prices": []})
    assert venue.rows("SELECT * FROM menu_item_price") == []


def test_a_front_end_is_charged_the_price_of_the_moment(venue: Venue) -> None:
    edit(venue, {"prices": [{"from": SOON, "price": "45.00"}]})
    price = "SELECT cold.price_at(%s, %s, timestamptz '" + SOON + "' - interval '1 microsecond' * %s)::text"
    assert [venue.value(price, venue.store, IDLY, before) for before in (1, 0)] == ["40.00", "45.00"]
    venue.owner.execute("UPDATE cold.menu_item_price SET valid_from = now() - interval '1 s'")  # time goes by
    venue.owner.execute(
        "INSERT INTO session_cart (session_id, item_id, item_name, quantity, price)"
        " VALUES ('chat 1', %s, NULL, 2, NULL)",
        [IDLY],
    )
    venue.owner.execute("SELECT create_order_from_session('chat 1', 'take_away', 'cash')")
    assert venue.rows("SELECT unit_price::text FROM order_item") == [("45.00",)]


def test_a_planned_price_that_has_begun_is_the_price_when_the_menu_changes_next(venue: Venue) -> None:
    edit(venue, {"prices": [{"from": SOON, "price": "45.00"}]})
    venue.owner.execute(
        "UPDATE settings SET body = jsonb_set(body, '{items,0,prices,0,from}', '\"2026-01-01T00:00:00Z\"')"
        " WHERE name = 'menu'"
    )
    edit(venue, {"price": "81.00"}, DOSA)
    body = venue.value("SELECT body->'items' FROM settings WHERE name = 'menu'")
    assert [(item["price"], "prices" in item) for item in body] == [("45.00", False), ("81.00", False)]


def test_second_concurrent_menu_change_is_refused(venue: Venue, database: Database) -> None:
    seen = version(venue)
    with psycopg.connect(database.owner.url) as other:
        other.execute("SELECT till.menu_edit_v1(%s, 7, %s, %s, %s)", [venue.store, IDLY, Jsonb({"price": "41"}), seen])
        with psycopg.connect(database.owner.url, autocommit=True) as second:
            second.execute("SET lock_timeout = '100ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):  # it waits for the first
                second.execute(
                    'SELECT till.menu_edit_v1(%s, 9, %s, \'{"price": "42"}\', %s)', [venue.store, IDLY, seen]
                )
            other.commit()
            with pytest.raises(Error, match=f"menu {seen + 1} was saved by number 7, and you saw menu {seen}"):
                second.execute(
                    'SELECT till.menu_edit_v1(%s, 9, %s, \'{"price": "42"}\', %s)', [venue.store, IDLY, seen]
                )
            second.execute("SELECT till.menu_sold_out_v1(%s, 9, %s, true)", [venue.store, IDLY])
            for name, *values in (("menu_import_v1", Jsonb({})), ("menu_bring_back_v1", seen)):
                with pytest.raises(Error, match="The menu has changed since then") as refused:
                    second.execute(f"SELECT till.{name}(%s, 9, %s, %s)", [venue.store, *values, seen + 1])
                assert refused.value.sqlstate == "TL005"
    assert venue.rows("SELECT price::text, sold_out FROM menu_item WHERE menu_item_id = %s", IDLY) == [("41", True)]


def test_a_version_comes_back_as_it_was_but_for_what_is_sold_out_now(venue: Venue) -> None:
    first = version(venue)
    edit(venue, {"price": "99.00"})
    sold_out = venue.value("SELECT till.menu_sold_out_v1(%s, 9, %s, true)", venue.store, DOSA)
    reached = venue.value("SELECT till.menu_bring_back_v1(%s, 9, %s, %s)", venue.store, first, sold_out)
    was, now = (venue.value("SELECT till.menu_of_v1(%s, %s)", venue.store, one) for one in (first, reached))
    assert [item | {"sold_out": False} for item in now["items"]] == was["items"]
    assert [item["sold_out"] for item in now["items"]] == [False, True]
    assert venue.value("SELECT till.menu_of_v1(%s, %s)->'items'->0->>'price'", venue.store, sold_out) == "99.00"
    assert venue.rows("SELECT act, of_version FROM till.menus WHERE version = %s", reached) == [("brought_back", first)]
    with pytest.raises(Error, match="There is no menu 99"):
        venue.value("SELECT till.menu_bring_back_v1(%s, 9, 99)", venue.store)


def schedule(venue: Venue, subject: Any, daypart: str | None, hours: Any) -> int:
    query = "SELECT till.menu_schedule_v1(%s, 9, %s, %s, %s)"
    return int(venue.value(query, venue.store, Jsonb(subject), daypart, None if hours is None else Jsonb(hours)))


MORNING = {"from": "07:00", "to": "11:00"}


FORGED_SCHEDULES: Final[tuple[Any, ...]] = (
    ({}, None, None), ({}, None, [MORNING]), ({"item_id": IDLY}, None, [MORNING]), ([], "Late", [MORNING]),
    ({"item_id": IDLY, "category_id": "c1"}, "Late", [MORNING]), ({"till": 1}, "Late", [MORNING]),
    ({"item_id": IDLY}, "", [MORNING]), ({"item_id": IDLY}, "a\nb", [MORNING]),
    ({"item_id": IDLY}, "a" * 81, [MORNING]), ({"item_id": IDLY}, "Late", [MORNING | {"name": "x"}]),
    ({"item_id": IDLY}, "Late", None), ({"item_id": IDLY}, "Late", []), ({"item_id": IDLY}, "Late", {}),
    ({"item_id": IDLY}, "Late", [MORNING] * 2), ({"item_id": IDLY}, "Late", [MORNING | {"to": "25:00"}]),
    ({"item_id": IDLY}, "Late", [MORNING | {"to": None}]), ({"item_id": IDLY}, "Late", [MORNING | {"from": 7}]),
    ({"item_id": IDLY}, "Late", [MORNING | {"days": []}]), ({"item_id": IDLY}, "Late", [MORNING | {"days": [0]}]),
    ({"item_id": IDLY}, "Late", [MORNING | {"days": [1, 1]}]), ({"item_id": IDLY}, "Late", [MORNING | {"days": 1}]),
    ({"item_id": IDLY}, "Late", [MORNING | {"days": [1.5]}]),
    ({"item_id": IDLY}, "Late", [MORNING | {"days": [1, 2]}, MORNING | {"days": [2, 3]}]), ({}, "Late", [MORNING]),
)  # fmt: skip


def test_a_forged_schedule_is_refused_and_changes_nothing(venue: Venue, subtests: pytest.Subtests) -> None:
    before = version(venue)
    for subject, daypart, hours in FORGED_SCHEDULES:
        with subtests.test(subject=subject, daypart=daypart, hours=hours):
            with pytest.raises(Error, match="The schedule cannot be changed") as refused:
                schedule(venue, subject, daypart, hours)
            assert refused.value.sqlstate == "TL006"
            assert version(venue) == before
            with pytest.raises(Error, match="There is no item or category"):
                schedule(venue, {"item_id": "nothing"}, "Late", [MORNING])


ROWS = "SELECT daypart, weekday, available_from::text, available_to::text FROM menu_item_availability_schedule"


def test_a_schedule_stands_in_rows_in_the_body_and_in_the_chain(venue: Venue) -> None:
    late = [{"from": "22:00", "to": "02:00", "days": [5, 6]}]
    schedule(venue, {"item_id": DOSA}, "Late", late)
    own = f"{ROWS} WHERE menu_item_id = %s ORDER BY weekday"
    assert venue.rows(own, DOSA) == [("Late", 5, "22:00:00", "02:00:00"), ("Late", 6, "22:00:00", "02:00:00")]
    assert [row[1] for row in venue.rows(own, IDLY)] == [1, 2, 3, 4, 5, 6, 7]  # that of its category
    body = venue.till().push(reference={"menu": 0})["reference"]["menu"]["body"]
    assert [part["name"] for part in body["dayparts"]] == ["Late", "Breakfast"]
    schedule(venue, {}, "Breakfast", [MORNING])
    assert {row[2:] for row in venue.rows(own, IDLY)} == {("07:00:00", "11:00:00")}
    schedule(venue, {"category_id": "c1"}, None, None)
    schedule(venue, {"item_id": DOSA}, None, None)
    assert venue.rows(ROWS) == []
    assert venue.value("SELECT body->'dayparts' FROM settings WHERE name = 'menu'") == []
    data = venue.rows("SELECT event_data FROM session_events WHERE event_type = 'menu_scheduled' ORDER BY seq")
    assert [{**one, "version": 0} for (one,) in data] == [
        {
            "version": 0,
            "item_id": DOSA,
            "daypart": "Late",
            "hours": [{"starts": "22:00", "ends": "02:00", "days": [5, 6]}],
        },
        {"version": 0, "daypart": "Breakfast", "hours": [{"starts": "07:00", "ends": "11:00"}]},
        {"version": 0, "category_id": "c1"},
        {"version": 0, "item_id": DOSA},
    ]


def test_choices_stand_in_rows_and_in_the_body(venue: Venue) -> None:
    menu = venue.value("SELECT till.menu_export_v1(%s)", venue.store)
    menu["modifiers"] = [
        {"id": "g1", "name": "Spice", "least": 1, "most": 1, "options": [
            {"name": "mild", "price": "0.00", "default": False}, {"name": "hot", "price": "-5.50", "default": True}]},
    ]  # fmt: skip
    menu["items"][0] |= {"modifiers": ["g1"], "age": 18}
    imported = "SELECT till.menu_import_v1(%s, 9, %s)"
    venue.value(imported, venue.store, Jsonb(menu))
    assert venue.rows("SELECT name, least, most FROM menu_modifier_group") == [("Spice", 1, 1)]
    assert venue.rows("SELECT name, price::text, is_default FROM menu_modifier ORDER BY position") == [
        ("mild", "0.00", False),
        ("hot", "-5.50", True),
    ]
    assert venue.rows("SELECT count(*) FROM menu_item_modifier_group") == [(1,)]
    assert venue.value("SELECT age FROM menu_item WHERE menu_item_id = %s", menu["items"][0]["id"]) == 18
    assert venue.value("SELECT till.menu_export_v1(%s)", venue.store)["modifiers"] == menu["modifiers"]
    for fault in ({"modifiers": ["g2"]}, {"age": 0}):
        wrong = {**menu, "items": [menu["items"][0] | fault]}
        with pytest.raises(Error):
            venue.value(imported, venue.store, Jsonb(wrong))
    del menu["modifiers"], menu["items"][0]["modifiers"], menu["items"][0]["age"]
    venue.value(imported, venue.store, Jsonb(menu))
    assert venue.rows("SELECT * FROM menu_modifier") == []


def test_the_menu_keeps_the_tax_of_the_charge_for_service(venue: Venue) -> None:
    charge = {"service_charge": {"percent": "10", "tax": "A"}}
    venue.value("SELECT till.store_settings_v1(%s, 9, %s)", venue.store, Jsonb(charge))
    without = {**MENU, "taxes": {"B": []}, "items": [{**item, "tax": "B"} for item in MENU["items"]]}
    first = venue.value("SELECT till.menu_import_v1(%s, 9, %s)", venue.store, Jsonb(without))
    assert venue.value("SELECT till.menu_export_v1(%s)", venue.store)["taxes"] == {"B": [], "A": MENU["taxes"]["A"]}
    venue.value("SELECT till.store_settings_v1(%s, 9, %s)", venue.store, Jsonb({"service_charge": None}))
    venue.value("SELECT till.menu_import_v1(%s, 9, %s)", venue.store, Jsonb(without))
    assert venue.value("SELECT till.menu_export_v1(%s)", venue.store)["taxes"] == {"B": []}
    with pytest.raises(Error, match="no tax A for the service charge; import a menu with it, then set this"):
        venue.value("SELECT till.store_settings_v1(%s, 9, %s)", venue.store, Jsonb(charge))
    venue.value("SELECT till.menu_bring_back_v1(%s, 9, %s)", venue.store, first)
    venue.value("SELECT till.store_settings_v1(%s, 9, %s)", venue.store, Jsonb(charge))


def marked(venue: Venue) -> list[bool]:
    body = venue.value("SELECT till.menu_export_v1(%s)", venue.store)
    return [bool(item["sold_out"]) for item in body["items"]]


def test_an_item_marked_sold_out_at_a_till_is_so_for_all_and_in_the_history(venue: Venue) -> None:
    till, before = venue.till(), version(venue)
    till.make("item_marked", None, {"item_id": IDLY, "sold_out": True, "approved_by": 9})
    till.make("item_marked", None, {"item_id": "no such item", "sold_out": True})
    assert till.push()["quarantined"] == []
    assert (marked(venue)[0], version(venue)) == (True, before + 1)
    assert venue.rows("SELECT sold_out FROM menu_item WHERE menu_item_id = %s", IDLY) == [(True,)]
    assert venue.rows("SELECT act, user_id FROM till.menus WHERE item_id = %s", IDLY) == [("sold_out", 9)]
    till.make("item_marked", None, {"item_id": IDLY, "sold_out": False})
    till.push()
    assert marked(venue)[0] is False


def test_latest_sold_out_mark_wins(venue: Venue) -> None:
    one, two = venue.till(), venue.till(2)
    first, second = (f"019e0000-000{at}-7000-8000-000000000001" for at in (1, 2))
    two.make("item_marked", None, {"item_id": IDLY, "sold_out": True}, event_id=first)
    one.make("item_marked", None, {"item_id": IDLY, "sold_out": False}, event_id=second)
    one.push()
    two.push()
    assert marked(venue)[0] is False
    venue.value("SELECT till.menu_sold_out_v1(%s, 9, %s, true)", venue.store, IDLY)
    assert marked(venue)[0] is True
