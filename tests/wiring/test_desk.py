"""The desk over a real database: its lists, its acts, and its sentences when the database does not answer."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

import pytest
from psycopg.types.json import Jsonb

from tests.cli.conftest import PASSWORDS, kept_password
from tests.plugins.commands import make_guesses_cheap
from tests.simulation.server import PIN_HASH
from tests.sql.ringing import IDLY, MENU, SETTINGS, Till, new_id, refund, sell_lines_of_another, start_till
from tests.sync.proxy import Proxy
from tests.tui.screens.desk.watching import EVENING, VENUE, a_desk
from till.administration.acts.balances import CorrectPayOff
from till.administration.acts.menu import AddMenuItem, BringBackMenu, ChangeItem, SellOut
from till.administration.acts.orders import CloseOrders, Discard, GiveTo, Suspend
from till.administration.acts.people import AddPerson, SetPassword, SetPin, Unlock
from till.administration.acts.tills import AddTill, RenewTill, ReplaceTill, Revoke
from till.administration.acts.venue_settings import SetSetting
from till.administration.acts.waiting import BookSale, SettleConflict, SettleRecord, SettleTill
from till.administration.calls import AdministrationError, call
from till.administration.enrolments import read_enrolment
from till.domain.catalogue.menu import read_menu
from till.domain.errors import LoginError, MenuError, RightsError, StoreAwayError, TillError
from till.domain.events.envelope import sha256
from till.domain.ids import id_at, moment_of, proven_id, tick_at
from till.domain.order.state import Status
from till.domain.payment.codes import digest_of
from till.domain.staff.person import Role
from till.ports.desk import ConnectionQuality, Enrolment, MatterKind
from till.reports.alerts import Growth, alerts_of
from till.reports.words import formats_of
from till.tui.screens.desk.words import FillItem, ShowList, ShowReport, understand
from till.wiring import desk as wiring
from till.wiring.desk import DeskService

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    import psycopg

    from db.address import Address
    from tests.plugins.database import Database
    from tests.plugins.kept import Kept
    from tests.tui.screens.desk.watching import FakeDesk

ITEMS = [{"item_id": "i1", "item": "Idly", "quantity": 2, "unit_price": "40.00"}]


class Shop:
    """A store with two cashiers and a manager, and another connection to it."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.store = str(uuid.uuid4())
        connection.execute("SELECT till.store_create_v1(%s, %s)", [self.store, Jsonb(SETTINGS)])
        for number, name, role in ((1, "Asha", "cashier"), (2, "Ravi", "cashier"), (9, "Meena", "manager")):
            self.call("user_add_v1", None, number, name, role, PIN_HASH)
        for number in (1, 9):
            self.call("user_set_password_v1", None, number, *kept_password(number))
        self.call("till_enrol_v1", None, 1, None, "a" * 64)

    def call(self, function: str, *values: Any) -> Any:
        return call(self.connection, function, self.store, *values)

    def save(self, session: str | None = None, user: int = 1, quantity: int = 2) -> str:
        items = [{**ITEMS[0], "quantity": quantity}]
        query = "SELECT till.order_session_save_v1(%s, %s, %s, %s, 'take_away')->>'session'"
        row = self.connection.execute(query, [self.store, user, session or new_id(), Jsonb(items)]).fetchone()
        assert row is not None
        return str(row[0])

    def find_conflict(self) -> str:
        conflict = str(uuid.uuid4())
        data = {
            "conflict_id": conflict,
            "kind": "sold_twice",
            "subject": new_id(),
            "amount": "185.00",
            "currency": "INR",
        }
        session = new_id()
        query = "SELECT warm.server_event_v1(%s, NULL, 'conflict_found', %s, %s)"
        self.connection.execute(query, [self.store, session, Jsonb(data)])
        self.connection.execute("UPDATE till.order_sessions SET status = 'completed' WHERE id = %s", [session])
        return conflict

    def keep_record(self) -> int:
        query = "INSERT INTO warm.quarantine (store_id, till_id, reason) VALUES (%s, 1, 'an item \x1b[2J') RETURNING id"
        row = self.connection.execute(query, [self.store]).fetchone()
        assert row is not None
        return int(row[0])

    def keep_sale(self) -> int:
        """A sale that waits as a record."""
        self.call("till_enrol_v1", None, 2, None, sha256("secret 2"))
        sell_lines_of_another(Till(self.connection, self.store, 2, "secret 2"))
        row = self.connection.execute("SELECT max(id) FROM warm.quarantine").fetchone()
        assert row is not None
        return int(row[0])

    def login(self, user: int, heard_s: int, quality: str | None = "GOOD", till: int | None = 1) -> str:
        """A person logged in at a till, whose heartbeat is some seconds old."""
        session = new_id()
        metadata = Jsonb({"connection_quality": quality} if quality else {})
        query = "SELECT session.session_create_v1(%s, %s, %s, %s, %s)"
        self.connection.execute(query, [self.store, user, till, session, metadata])
        self.connection.execute(
            "UPDATE session.active_sessions SET last_active = now() - make_interval(secs => %s) WHERE session_id = %s",
            [heard_s, session],
        )
        return session

    def end(self, session: str) -> None:
        """End a login."""
        query = "UPDATE session.active_sessions SET ended_at = now(), status = 'INACTIVE' WHERE session_id = %s"
        self.connection.execute(query, [session])

    @asynccontextmanager
    async def desk(
        self,
        place: Address,
        actor: int | None = None,
        free: Callable[[], int | None] = lambda: None,
        *,
        is_demo: bool = False,
    ) -> AsyncIterator[DeskService]:
        person = "Meena" if actor else ""
        service = DeskService(lambda: place, self.store, actor=actor, person=person, free=free, is_demo=is_demo)
        try:
            yield service
        finally:
            await service.close()


@pytest.fixture
def shop(kept: Kept, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    make_guesses_cheap(monkeypatch)
    kept_password.cache_clear()
    with kept.session(database.owner) as connection:
        yield Shop(connection)
    kept_password.cache_clear()


async def test_desk_shows_open_orders_matters_and_absent_tills(shop: Shop, database: Database) -> None:
    first, second = shop.save(), shop.save(user=2, quantity=1)
    conflict, record = shop.find_conflict(), shop.keep_record()
    shop.connection.execute("UPDATE till.users SET locked_until = now() + interval '4 minutes' WHERE id = 2")
    shop.connection.execute("UPDATE till.tills SET seen_at = now() - interval '1 minute'")
    shop.login(1, 60)
    async with shop.desk(database.owner) as desk:
        picture = await desk.look()
        lines = await desk.lines(first)
    assert [(one.id, one.person, one.total, one.status) for one in picture.orders] == [
        (first, "Asha", "80.00", Status.ACTIVE),
        (second, "Ravi", "40.00", Status.ACTIVE),
    ]
    assert [(line.item, line.quantity, line.amount) for line in lines] == [("Idly", 2, "80.00")]
    assert [(one.kind, one.id, one.amount) for one in picture.matters] == [
        (MatterKind.CONFLICT, conflict, "185.00"),
        (MatterKind.RECORD, str(record), None),
        (MatterKind.LOCKED, "2", None),
    ]
    (till,) = picture.tills
    assert (till.name, till.person, till.here, till.away) == ("Till 1", "Asha", False, True)
    assert (picture.venue.settings.name, picture.sales, picture.total) == ("Udupi Corner", 0, 0)


async def test_the_sales_of_the_day_are_those_of_the_report_less_refunds(shop: Shop, database: Database) -> None:
    session = shop.save()
    shop.call("order_session_complete_v1", 1, session)
    async with shop.desk(database.owner) as desk:
        picture = await desk.look()
        assert (picture.sales, picture.total, picture.tax, picture.orders) == (1, 8000, 0, ())
        day = picture.venue.business_date(picture.now)
        refund(shop.connection, shop.store, picture.now, day, "-47.50", "-2.50", "-0.40")
        picture = await desk.look()
    assert (picture.sales, picture.total, picture.tax) == (1, 3000, -250)
    assert [one.sold for one in picture.tills] == [-5000]  # the till refunded a sale of a program
    assert [hour.amount for hour in picture.hours] == [8000]


@pytest.mark.parametrize("way", ["another order", "more pieces", "parked", "completed"])
async def test_a_write_of_another_program_is_seen_at_the_next_look(shop: Shop, database: Database, way: str) -> None:
    session = shop.save()
    async with shop.desk(database.owner) as desk:
        before = await desk.look()
        await desk.lines(session)
        if way == "another order":
            shop.save(user=2)
        elif way == "more pieces":
            shop.save(session, quantity=5)
        elif way == "parked":
            version = before.orders[0].version
            shop.call("order_session_update_v1", None, session, version, {"status": "pending_logout"})
        else:
            shop.call("order_session_complete_v1", 1, session)
        after = await desk.look()
        (line,) = await desk.lines(session)
    rows = [(one.id == session, one.total, one.status) for one in after.orders]
    assert (
        rows
        == {
            "another order": [(True, "80.00", Status.ACTIVE), (False, "80.00", Status.ACTIVE)],
            "more pieces": [(True, "200.00", Status.ACTIVE)],
            "parked": [(True, "80.00", Status.PENDING_LOGOUT)],
            "completed": [],
        }[way]
    )
    assert line.quantity == (5 if way == "more pieces" else 2)


async def test_a_record_that_comes_to_count_later_is_seen_though_nobody_listens(shop: Shop, database: Database) -> None:
    session, record = shop.save(), shop.keep_record()
    async with shop.desk(database.owner) as desk:
        await desk.look()
        shop.connection.execute("UPDATE till.order_sessions SET total = 120 WHERE id = %s", [session])
        assert (await desk.look()).orders[0].total == "80.00"
        shop.call("quarantine_resolve_v1", None, record, "looked at")
        assert (await desk.look()).orders[0].total == "120"


async def test_a_database_that_was_set_back_is_read_anew(shop: Shop, database: Database) -> None:
    session = shop.save()
    async with shop.desk(database.owner) as desk:
        await desk.look()
        shop.connection.execute("UPDATE till.order_sessions SET total = 120 WHERE id = %s", [session])
        shop.connection.execute("UPDATE warm.journal_head SET seq = seq - 1")
        assert (await desk.look()).orders[0].total == "120"


async def test_looking_again_costs_nothing_where_nothing_changed(shop: Shop, database: Database) -> None:
    shop.save()
    async with shop.desk(database.owner) as desk:
        for _time in range(3):
            await desk.look()
        picture = await desk.look()
        assert (desk.sessions.misses, desk.sessions.hits) == (1, 4)
        assert picture.house.remembered == 80.0


async def test_a_notification_of_the_database_is_heard(shop: Shop, database: Database) -> None:
    session = shop.save()
    async with shop.desk(database.owner) as desk:
        await desk.look()
        heard = asyncio.Event()
        following = asyncio.create_task(desk.follow(heard.set))
        try:
            async with asyncio.timeout(20):
                await heard.wait()  # it listens now
                heard.clear()
                await desk.look()
                version = (await desk.look()).orders[0].version
                shop.call("order_session_update_v1", None, session, version, {"status": "pending_logout"})
                await heard.wait()
        finally:
            following.cancel()
        assert desk.sessions.hits
        misses = desk.sessions.misses
        desk.sessions.all_open()
        assert desk.sessions.misses == misses + 1


async def test_an_act_of_the_desk_is_seen_at_once(shop: Shop, database: Database) -> None:
    session, other = shop.save(), shop.save(user=2)
    conflict, record = shop.find_conflict(), shop.keep_record()
    shop.connection.execute("UPDATE till.users SET locked_until = now() + interval '4 minutes' WHERE id = 2")
    async with shop.desk(database.owner) as desk:
        picture = await desk.look()
        version = picture.orders[0].version
        await desk.act(Suspend(session, version), "")
        assert (await desk.look()).orders[0].status is Status.PENDING_LOGOUT
        with pytest.raises(AdministrationError, match="has moved on"):
            await desk.act(GiveTo(session, version, 2), "")
        await desk.act(GiveTo(session, (await desk.look()).orders[0].version, 2), "")
        assert (await desk.look()).orders[0].person == "Ravi"
        seen = next(one.version for one in picture.orders if one.id == other)
        shop.save(other, user=2, quantity=9)
        with pytest.raises(AdministrationError, match="Esc, and look again"):
            await desk.act(Discard(other, seen, "left"), "")
        seen = next(one.version for one in (await desk.look()).orders if one.id == other)
        await desk.act(Discard(other, seen, "left"), "")
        await desk.act(SettleConflict(conflict, "given back"), "")
        await desk.act(SettleRecord(record, "looked at"), "")
        await desk.act(Unlock(2), "")
        await desk.act(Revoke(1), "")
        picture = await desk.look()
    assert ([one.id for one in picture.orders], picture.matters) == ([session], ())
    assert picture.tills[0].revoked


async def test_a_sale_that_waits_is_booked_and_no_other_record_is(shop: Shop, database: Database) -> None:
    record, sale = shop.keep_record(), shop.keep_sale()
    async with shop.desk(database.owner, actor=9) as desk:
        picture = await desk.look()
        assert [(one.id, one.is_sale) for one in picture.matters] == [(str(record), False), (str(sale), True)]
        for number, password, why in ((sale, "", "Wrong number or password"), (record, PASSWORDS[9], "is not a sale")):
            with pytest.raises(TillError, match=why):
                await desk.act(BookSale(number), password)
        await desk.act(BookSale(sale), PASSWORDS[9])
        assert [one.id for one in (await desk.look()).matters] == [str(record)]
    booked = shop.connection.execute("SELECT count(*) FROM cold.sales WHERE store_id = %s", [shop.store]).fetchone()
    assert booked == (1,)


async def test_each_act_takes_the_password_of_who_sits_there(shop: Shop, database: Database) -> None:
    conflict = shop.find_conflict()
    async with shop.desk(database.owner, actor=9) as desk:
        assert desk.asks_password
        for wrong in ("", "88888888"):
            with pytest.raises(LoginError, match="Wrong number or password"):
                await desk.act(SettleConflict(conflict, "x"), wrong)
        await desk.act(SettleConflict(conflict, "given back"), PASSWORDS[9])
        with pytest.raises(LoginError):
            await desk.act(Unlock(2), "")
        assert PASSWORDS[9] not in repr(vars(desk))
    settled = shop.connection.execute("SELECT resolved_by, how FROM till.conflicts").fetchone()
    assert settled == (9, "given back")


async def test_the_demo_asks_for_no_password_and_names_who_acts(shop: Shop, database: Database) -> None:
    conflict = shop.find_conflict()
    async with shop.desk(database.owner, actor=9, is_demo=True) as desk:
        assert (desk.person, desk.asks_password) == ("Meena", False)
        await desk.act(SettleConflict(conflict, "given back"), "")
    settled = shop.connection.execute("SELECT resolved_by, how FROM till.conflicts").fetchone()
    assert settled == (9, "given back")


async def type_act(desk: DeskService, words: str, password: str = "") -> str:
    """Type an act at the desk: prepare it, and do it."""
    meant = understand(words)
    assert not isinstance(meant, ShowList | ShowReport | FillItem)
    prepared = await desk.prepare(meant)
    done = await desk.act(prepared.act, password)
    assert isinstance(done, str)
    return done


async def test_an_item_is_added_to_the_menu(shop: Shop, database: Database) -> None:
    shop.call("menu_import_v1", None, MENU, None)
    async with shop.desk(database.owner) as desk:
        prepared = await desk.prepare(AddMenuItem("61", "Rose Lassi", "breakfast", "45"))
        shown = {"Number": "61", "Name": "Rose Lassi", "Category": "Breakfast", "Price": "45.00", "Tax": "A"}
        assert (prepared.title, dict(prepared.facts)) == ("A new item", shown)
        added = await desk.act(prepared.act, "")
        assert added == "Rose Lassi is on the menu of every till, 45.00. Menu 3."
        *_others, row = await desk.rows("menu", "")
        assert (row.key, row.name, row.right) == ("61", "Rose Lassi", "45.00")
        assert len(read_menu(shop.call("menu_export_v1"), VENUE.terms.currency).items) == 3
        with pytest.raises(AdministrationError, match="has changed since then"):
            await desk.act(AddMenuItem("", "Lassi", "breakfast", "45", version=2), "")
        for wrong, why in (
            (AddMenuItem("61", "Lassi", "Breakfast", "45"), "Number 61 is Rose Lassi."),
            (AddMenuItem("", "rose lassi", "Breakfast", "45"), "Rose Lassi is already on the menu."),
            (AddMenuItem("", "Lassi", "Drinks", "45"), "There is no category “Drinks” on the menu."),
            (AddMenuItem("", "Lassi", "Breakfast", ""), "The price is missing"),
            (AddMenuItem("x", "Lassi", "Breakfast", "45"), "The number “x” is not a number"),
            (AddMenuItem("", "", "Breakfast", "45"), "The name is missing."),
        ):
            with pytest.raises(MenuError) as refused:
                await desk.prepare(wrong)
            assert refused.value.sentence.startswith(why)


async def test_the_desk_counts_an_item_and_marks_a_choice(shop: Shop, database: Database) -> None:
    milk = {
        "id": "milk",
        "name": "Milk",
        "least": 0,
        "most": 1,
        "options": [{"name": "Oat milk", "price": "0.00", "default": False}],
    }
    shop.call("menu_import_v1", None, {**MENU, "modifiers": [milk]}, None)
    async with shop.desk(database.owner) as desk:
        assert await type_act(desk, "86 idly 12 keep") == "12 × Idly can be sold. “back Idly” ends it."
        prepared = await desk.prepare(SellOut("idl 7"))
        assert (prepared.title, dict(prepared.facts)["Now"]) == ("7 × Idly can be sold", "12 left")
        assert await type_act(desk, "86 idl 7") == "7 × Idly can be sold. “back Idly” ends it."
        assert await type_act(desk, "back idly") == "Idly is sold again at every till."
        with pytest.raises(MenuError, match="already on sale"):
            await type_act(desk, "back idly")
        assert await type_act(desk, "86 oat") == "Oat milk is sold out at every till."
        with pytest.raises(MenuError, match="already sold out"):
            await type_act(desk, "86 oat milk")
        assert await type_act(desk, "back oat milk") == "Oat milk is sold again at every till."
        for wrong in ("86 idly 0", "86 idly 10000"):
            with pytest.raises(MenuError, match="from 1 to"):
                await type_act(desk, wrong)
        with pytest.raises(MenuError, match="There is no"):
            await type_act(desk, "86 cake 12")


async def test_the_menu_is_changed_in_words(shop: Shop, database: Database) -> None:
    shop.call("menu_import_v1", None, MENU, None)
    async with shop.desk(database.owner) as desk:
        prepared = await desk.prepare(ChangeItem("idly", price="45"))
        assert (prepared.title, prepared.facts) == ("The price of Idly", (("Now", "40.00"), ("Then", "45.00")))
        assert "price" in await type_act(desk, "price idly 45.00")
        assert "planned" in await type_act(desk, "price 1 50 from 2099-12-01 18:00")
        assert await type_act(desk, "86 idly") == "Idly is sold out at every till."
        with pytest.raises(MenuError, match="already sold out"):
            await desk.prepare(SellOut("idly"))
        row, _other = await desk.rows("menu", "")
        assert (row.key, row.name, row.right) == ("1", "Idly", "45.00")
        assert row.detail == "Breakfast, sold out (86), 50.00 from 2099-12-01 18:00"
        assert await type_act(desk, "back idly") == "Idly is sold again at every till."
        await type_act(desk, "rename idly to Rice cake")
        assert [row.name for row in await desk.rows("menu", "")] == ["Rice cake", "Masala Dosa"]
        *_later, first = await desk.rows("menu history", "")
        assert len(_later) == 5
        assert f"equals menu {first.key}" in await type_act(desk, f"bring back menu {first.key}")
        assert [row.name for row in await desk.rows("menu", "")] == ["Idly", "Masala Dosa"]
        prepared = await desk.prepare(ChangeItem("idly", plu="none"))
        assert (prepared.title, prepared.facts) == ("The number of Idly", (("Now", "1"), ("Then", "none")))
        assert "number none, was 1" in await type_act(desk, "number idly to none")
        assert "number 17" in await type_act(desk, "number idly to 17")
        assert "tax GST 12, was" in await type_act(desk, "tax idly to GST 12")
        prepared = await desk.prepare(ChangeItem("17", category="breakfast"))
        assert prepared.facts == (("Now", "Breakfast"), ("Then", "Breakfast"))
        assert await type_act(desk, "category 17 to breakfast") == "Nothing changes."
        await type_act(desk, "number 17 to 1")
        for words in ("category 1 to Nowhere", "tax 1 to nonsense", "number 1 to 0", "number 99 to 3", "number 1 to 2"):
            with pytest.raises(TillError):
                await type_act(desk, words)
        for words in ("86 vada", "price 1 -5", "price 1 9 from 2020-01-01 10:00", "bring back menu 77"):
            with pytest.raises(TillError):
                await type_act(desk, words)
        assert await type_act(desk, "86 dos") == "Masala Dosa is sold out at every till."
        assert await type_act(desk, "back masala d") == "Masala Dosa is sold again at every till."
        stale = await desk.prepare(ChangeItem("1", price="60"))
        await type_act(desk, "price 1 61")
        with pytest.raises(AdministrationError):
            await desk.act(stale.act, "")


async def test_the_desk_asks_before_an_item_differs_by_type_where_a_till_cannot_read_it(
    shop: Shop, database: Database
) -> None:
    shop.call("menu_import_v1", None, MENU, None)
    start_till(shop.connection, shop.store, 2, "0.1.0")
    asked = ("Too old", "Till 2 (0.1.0): at the usual price and tax until updated")
    async with shop.desk(database.owner) as desk:
        prepared = await desk.prepare(ChangeItem("idly", price="35", order_type="take_away"))
        assert prepared.facts[-1] == asked
        assert "35.00" in await type_act(desk, "price idly as take_away 35")
        prepared = await desk.prepare(ChangeItem("idly", price="36", order_type="take_away"))
        assert asked not in prepared.facts
        await type_act(desk, "price idly as take_away none")
        newest, *_others = await desk.rows("menu history", "")
        prepared = await desk.prepare(BringBackMenu(int(newest.key) - 1))
        assert prepared.facts[-1] == asked


async def test_people_are_changed_in_words_as_their_rank_allows(shop: Shop, database: Database) -> None:
    own = PASSWORDS[9]
    async with shop.desk(database.owner, actor=9) as desk:
        added = await desk.prepare(AddPerson(3, " Kiran ", Role.CASHIER))
        assert added.act == AddPerson(3, "Kiran", Role.CASHIER)
        assert await desk.act(AddPerson(3, "Kiran", Role.CASHIER, "4711"), own) == "Added 3 Kiran, cashier."
        assert await type_act(desk, "rename user 3 Kiran B.", own) == "Number 3 is called Kiran B. from now on."
        assert await type_act(desk, "language 3 hi", own) == "Number 3 reads हिन्दी from the next login on."
        assert [one.name for one in await desk.rows("settings languages", "")] == ["English", "Español", "हिन्दी"]
        assert await type_act(desk, "disable 3", own) == "Number 3 is disabled."
        assert [row.detail for row in await desk.rows("users", "") if row.key == "3"] == ["cashier, disabled"]
        assert await type_act(desk, "enable 3", own) == "Number 3 may log in again."
        assert await type_act(desk, "unlock 3", own) == "Number 3 is unlocked."
        assert (await desk.prepare(SetPin(3))).title == "A new PIN for 3 Kiran B."
        assert await desk.act(SetPin(3, "1234"), own) == "Number 3 has a new PIN."
        with pytest.raises(AdministrationError, match="4 to 12 digits"):
            await desk.act(SetPin(3, "12"), own)
        with pytest.raises(AdministrationError, match="8 characters"):
            await desk.act(SetPassword(3, "short"), own)
        assert await desk.act(SetPassword(3, "long enough 3"), own) == "Number 3 has a new password."
        for words in ("role 3 manager", "role 3 admin", "add 4 Om admin"):
            with pytest.raises(RightsError, match="needs an admin"):
                await type_act(desk, words, own)
        shop.call("user_add_v1", None, 7, "Om", "admin", PIN_HASH)
        for words in ("disable 7", "pin 7", "disable 8", "add 3 Again"):
            with pytest.raises(TillError):
                await type_act(desk, words, own)
        with pytest.raises(LoginError):
            await type_act(desk, "disable 3", "88888888")


async def test_tills_and_settings_are_changed_in_words(shop: Shop, database: Database) -> None:
    async with shop.desk(database.owner) as desk:
        assert await type_act(desk, "rename till 1 Bar") == "Till 1 is called Bar from now on."
        assert "new journal" in await type_act(desk, "adopt till 1")
        await type_act(desk, "lock till 1")
        (row,) = await desk.rows("tills", "")
        assert (row.key, row.name, row.detail, row.right) == ("1", "Bar", "revoked", "never seen")
        assert await type_act(desk, "set tax_number 29ABC") == "tax_number is 29ABC, was 29ABCDE1234F1Z5."
        assert await type_act(desk, "set tax_number 29ABC") == "Nothing changes."
        assert ("tax_number", "29ABC") in [(row.name, row.detail) for row in await desk.rows("settings", "")]
        assert "tax_number: 29ABC" in (await desk.rows("settings history", ""))[0].detail
        stale = await desk.prepare(SetSetting("tax_number", "29X"))
        await type_act(desk, "set tax_number 29Y")
        with pytest.raises(AdministrationError, match="Esc, and look again"):
            await desk.act(stale.act, "")
        for words in ("lock till 7", "set nothing 1", "set business_day_ends 26:00"):
            with pytest.raises(TillError):
                await type_act(desk, words)


async def test_an_enrolment_is_made_by_the_password_and_given_once(shop: Shop, database: Database) -> None:
    async with shop.desk(database.owner, 9) as desk:
        prepared = await desk.prepare(AddTill(2, "Bar"))
        assert prepared.title == "Enrol a machine as till 2"
        with pytest.raises(LoginError):
            await desk.act(prepared.act, "wrong one")
        made = await desk.act(prepared.act, PASSWORDS[9])
        assert isinstance(made, Enrolment)
        till, code = read_enrolment(made.text)
        assert (till, made.till) == (2, 2)
        assert code not in repr(made)
        kept = shop.connection.execute("SELECT digest, name, made_by, kind FROM till.enrolments").fetchall()
        assert kept == [(digest_of(code), "Bar", 9, "add")]
        assert (await desk.prepare(ReplaceTill(1))).title == "Give till 1 another machine"
        assert (await desk.prepare(RenewTill(1))).title == "Give till 1 another secret"
        for act in (AddTill(1), RenewTill(7), ReplaceTill(7)):
            with pytest.raises(AdministrationError, match=r"[Tt]ype"):
                await desk.prepare(act)
        with pytest.raises(AdministrationError, match="1 to 999"):
            await desk.act(AddTill(1000), PASSWORDS[9])


#: Each word that opens a list of guests or of the server, and what a person then reads.
LISTS: Final = {
    "notices": ("Notices 1", "The void of 1 × Idly came too late", "till 1"),
    "customers": ("Customers 1", "Mrs Rao 9845012345, orders: 0"),
    "vouchers": ("Vouchers, newest first 1", "…WXYZ of 250.00, until 2999-12-31 250.00"),
    "accounts": ("House accounts 1", "Mrs Rao up to 500.00 0.00"),
    "promotions": ("Promotions 1", "Happy hour 20 % off, everything, always"),
    "bookings": ("Bookings 1", "Mrs Rao, for 4, table 7 9845012345"),
    "tables": ("Tables 1", "7 seats 4 garden"),
    "programs": ("Programs 0", "There is nothing."),
}


@pytest.mark.parametrize("word", LISTS)
async def test_a_list_of_the_venue_is_read_at_the_desk(shop: Shop, database: Database, word: str) -> None:
    guest = shop.call("customer_add_v1", 9, "Mrs Rao", "98450 12345")
    shop.call("account_set_v1", 9, guest, 500, False)
    shop.call("voucher_issue_v1", 9, sha256("a code"), "WXYZ", 250, date(2999, 12, 31))
    shop.call("promotion_set_v1", 9, "Happy hour", {"percent": "20"})
    shop.call("table_set_v1", 9, 7, 4, "garden")
    shop.call("booking_add_v1", 9, datetime.now(UTC) + timedelta(hours=1), 60, 4, 7, "Mrs Rao", "98450 12345")
    void = Jsonb({"act": "line_voided", "item": "Idly", "pieces": 1, "amount": "40.00"})
    notice = "SELECT till.notify(%s, 1, 1, 'refused', NULL, %s, %s, 2)"
    shop.connection.execute(notice, [shop.store, uuid.uuid4(), void])
    async with shop.desk(database.owner) as service, a_desk(desk=cast("FakeDesk", service)) as desk:
        await desk.type(f"{word}{{enter}}")
        while desk.app.is_held:
            await desk.pilot.pause()
        await desk.settle()
        shown = " ".join(desk.text().split())
        assert [words for words in LISTS[word] if words not in shown] == [], shown
        await desk.type("{escape}")
        assert desk.scene.state.shown is None


async def test_the_orders_of_a_person_are_asked_for_once(shop: Shop, database: Database) -> None:
    shop.save()
    shop.save(user=2)
    async with shop.desk(database.owner) as desk:
        await desk.look()
        (row,) = await desk.rows("orders", "1")
        hits = desk.sessions.hits
        assert (row.detail, row.right) == ("active, 1 line", "80.00")
        assert await desk.rows("orders", "1") == (row,)
        assert desk.sessions.hits == hits + 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [("yesterday", "Nothing stood on table 7 then."), ("someday", "“someday” is not a date.")],
)
async def test_a_table_at_a_minute_is_asked_for_in_words(
    shop: Shop, database: Database, words: str, expected: str
) -> None:
    async with shop.desk(database.owner) as service, a_desk(desk=cast("FakeDesk", service)) as desk:
        await desk.type(f"table 7 at 21:15 {words}{{enter}}")
        while desk.app.is_held:
            await desk.pilot.pause()
        await desk.settle()
        assert expected in " ".join(desk.text().split())


async def test_a_person_who_is_no_manager_does_nothing(shop: Shop, database: Database) -> None:
    conflict = shop.find_conflict()
    async with shop.desk(database.owner, actor=1) as desk:
        with pytest.raises(RightsError):
            await desk.act(SettleConflict(conflict, "x"), PASSWORDS[1])
    assert shop.connection.execute("SELECT resolved_at FROM till.conflicts").fetchone() == (None,)


async def test_a_manager_who_was_disabled_meanwhile_does_nothing(shop: Shop, database: Database) -> None:
    shop.call("user_add_v1", None, 7, "Om", "admin", PIN_HASH)
    conflict = shop.find_conflict()
    async with shop.desk(database.owner, actor=9) as desk:
        await desk.look()
        shop.call("user_disable_v1", None, 9)
        with pytest.raises(LoginError):
            await desk.act(SettleConflict(conflict, "x"), PASSWORDS[9])


async def test_the_network_goes_and_comes_back(shop: Shop, database: Database) -> None:
    session = shop.save()
    async with Proxy.before(database.owner) as proxy, shop.desk(proxy.address) as desk:
        assert len((await desk.look()).orders) == 1
        proxy.shut()
        for _time in range(2):
            with pytest.raises(StoreAwayError):
                await desk.look()
        shop.save(session, quantity=7)
        proxy.reopen()
        assert (await desk.look()).orders[0].total == "280.00"


async def test_a_road_that_carries_nothing_is_given_up_in_time(
    shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Proxy.before(database.owner) as proxy, shop.desk(proxy.address) as desk:
        await desk.look()
        proxy.freeze()
        with monkeypatch.context() as impatient:
            impatient.setattr(wiring, "_DEADLINE_S", 0.3)
            async with asyncio.timeout(10):
                with pytest.raises(StoreAwayError):
                    await desk.look()
        proxy.thaw()
        proxy.drop()
        assert (await desk.look()).orders == ()


async def test_a_database_of_another_version_is_explained_in_words(shop: Shop, database: Database) -> None:
    shop.connection.execute("DROP FUNCTION till.schema_v1()")
    async with shop.desk(database.owner) as desk:
        with pytest.raises(StoreAwayError, match="till db upgrade"):
            await desk.look()


async def test_a_till_is_away_where_somebody_sells_and_it_is_not_heard(
    shop: Shop, database: Database, subtests: pytest.Subtests
) -> None:
    async with shop.desk(database.owner) as desk:
        for change, logged_in, stands in (
            ("seen_at = NULL", False, (False, False, False)),
            ("seen_at = now()", False, (True, False, False)),
            ("seen_at = now() - interval '1 hour'", False, (False, False, False)),
            ("seen_at = now() - interval '1 hour'", True, (False, True, False)),
            ("seen_at = now()", True, (True, False, False)),
            ("seen_at = now(), revoked_at = now()", False, (False, False, True)),
        ):
            with subtests.test(change, logged_in=logged_in):
                session = shop.login(2, 3600) if logged_in else ""
                shop.connection.execute(f"UPDATE till.tills SET {change}".encode())  # noqa: S608 - the test's own words
                (till,) = (await desk.look()).tills
                assert (till.here, till.away, till.revoked) == stands
                shop.end(session)


async def test_a_login_stands_as_the_server_says(shop: Shop, database: Database, subtests: pytest.Subtests) -> None:
    rows: tuple[tuple[int, str | None, tuple[bool, ConnectionQuality | None]], ...] = (
        (1, "GOOD", (True, ConnectionQuality.GOOD)),
        (1, "DEGRADED", (True, ConnectionQuality.SLOW)),
        (1, "POOR", (True, ConnectionQuality.VERY_SLOW)),
        (1, None, (True, None)),
        (60, "GOOD", (False, ConnectionQuality.LOST)),
        (3600, None, (False, ConnectionQuality.LOST)),
    )
    async with shop.desk(database.owner) as desk:
        for heard_s, quality, stands in rows:
            with subtests.test(heard_s=heard_s, quality=quality):
                session = shop.login(2, heard_s, quality)
                picture = await desk.look()
                (login,) = picture.logins
                assert (login.user, login.person, login.till) == ("2", "Ravi", 1)
                assert (login.is_heard, login.connection) == stands
                assert picture.tills[0].login == login
                shop.end(session)


async def test_a_login_that_ended_or_expired_is_none_and_that_of_a_program_is(shop: Shop, database: Database) -> None:
    ended, expired = shop.login(1, 1), shop.login(2, 1)
    shop.end(ended)
    shop.connection.execute(
        "UPDATE session.active_sessions SET expires_at = now() - interval '1 s' WHERE session_id = %s", [expired]
    )
    shop.connection.execute(
        "INSERT INTO session.active_sessions (session_id, user_id, status, expires_at)"
        " VALUES ('web', 'guest\x1b[2J', 'ACTIVE', now() + interval '1 hour')"
    )
    async with shop.desk(database.owner) as desk:
        picture = await desk.look()
    assert [(one.user, one.person, one.till) for one in picture.logins] == [("guest\x1b[2J", "", None)]
    assert picture.tills[0].login is None


async def test_newest_login_of_a_till_is_shown(shop: Shop, database: Database) -> None:
    old = shop.login(1, 1)
    shop.connection.execute(
        "UPDATE session.active_sessions SET created_at = now() - interval '1 h' WHERE session_id = %s", [old]
    )
    shop.login(2, 1)
    async with shop.desk(database.owner) as desk:
        picture = await desk.look()
    assert picture.tills[0].person == "Ravi"
    assert len(picture.logins) == 2


async def test_desk_is_calm_while_all_is_well(shop: Shop, database: Database) -> None:
    shop.login(2, 1)
    shop.connection.execute("UPDATE till.tills SET seen_at = now()")
    async with shop.desk(database.owner, free=lambda: 80_000_000_000) as desk:
        picture = await desk.look()
    assert picture.alerts == ()
    assert picture.house.size > 1_000_000


async def test_a_till_that_is_silent_or_lags_is_reported(
    shop: Shop, database: Database, subtests: pytest.Subtests
) -> None:
    rows: tuple[tuple[str, int | None, str | None, str | None], ...] = (
        ("now() - interval '6 minutes'", 360, "GOOD", "It keeps selling on its own disk."),
        ("now() - interval '2 minutes'", 120, "GOOD", None),
        ("now() - interval '6 days'", None, None, None),
        ("now() - interval '8 days'", None, None, "If it is gone for good, revoke it:"),
        ("NULL", None, None, None),
        ("now()", 1, "DEGRADED", None),
        ("now()", 1, "POOR", "It keeps selling and saves later."),
    )
    async with shop.desk(database.owner) as desk:
        for seen, heard_s, quality, found in rows:
            with subtests.test(seen, heard_s=heard_s, quality=quality):
                change = f"UPDATE till.tills SET revoked_at = NULL, seen_at = {seen}"  # noqa: S608 - the test's own words
                shop.connection.execute(change.encode())
                session = "" if heard_s is None else shop.login(2, heard_s, quality)
                picture = await desk.look()
                assert [one.till for one in picture.alerts] == ([1] if found else [])
                assert all(one.remedy.startswith(found or "") for one in picture.alerts)
                shop.call("till_revoke_v1", None, 1)
                assert (await desk.look()).alerts == ()
                shop.end(session)


async def test_a_shift_left_open_past_its_business_day_is_reported_until_it_is_closed(
    shop: Shop, database: Database
) -> None:
    shop.call("till_enrol_v1", None, 2, None, sha256("secret 2"))
    till, before = Till(shop.connection, shop.store, 2, "secret 2"), datetime.now(UTC) - timedelta(days=2)
    for at in (datetime.now(UTC), before):
        till.now = at
        secret = new_id()
        till.shift = proven_id(secret)
        opening = {"business_date": str(at.date()), "currency": "INR", "kept": ["CASH"], "secret": secret}
        opened = id_at(tick_at(at), 7)
        till.make("shift_opened", till.shift, opening, event_id=opened)
        till.push()
        async with shop.desk(database.owner) as desk:
            picture = await desk.look()
        found = [(one.till, one.sentence) for one in picture.alerts if "shift" in one.sentence]
        since = formats_of(picture.venue).moment(picture.venue.local(moment_of(opened)))
        assert found == ([(2, f"Till 2: its shift is open since {since}")] if at is before else [])
    shop.connection.execute("UPDATE till.shifts SET closed = opened")
    async with shop.desk(database.owner) as desk:
        assert [one for one in (await desk.look()).alerts if "shift" in one.sentence] == []


async def test_a_week_without_a_backup_is_reported(shop: Shop, database: Database) -> None:
    shop.connection.execute("UPDATE till.stores SET created_at = now() - interval '9 days'")
    async with shop.desk(database.owner) as desk:
        (alert,) = (await desk.look()).alerts
    assert alert.sentence == "No backup for 9 days"


async def test_a_disk_that_is_nearly_full_is_reported(
    shop: Shop, database: Database, subtests: pytest.Subtests
) -> None:
    shop.save()
    left: list[int | None] = []
    async with shop.desk(database.owner, free=lambda: left[-1]) as desk:
        for age, free, found in (
            ("8 days", 1_000_000_000, "The server's disk is nearly full: 1.0 GB left"),
            ("8 days", 3_000_000_000, None),
            ("1 hour", 3_000_000_000, None),
            ("8 days", None, None),
        ):
            with subtests.test(age=age, free=free):
                left.append(free)
                shop.connection.execute("UPDATE warm.journal_head SET opened_at = now() - %s::interval", [age])
                assert [one.sentence for one in (await desk.look()).alerts] == ([found] if found else [])


def test_a_disk_that_will_be_full_soon_is_reported() -> None:
    def sentences(growth: Growth, free: int) -> list[str]:
        return [one.sentence for one in alerts_of(VENUE, EVENING, (), growth, free)]

    assert sentences(Growth(10**10, 10**9), 5 * 10**9) == ["The server's disk will be full in 5 days"]
    assert sentences(Growth(10**10, 10**9), 14 * 10**9) == []
    assert sentences(Growth(10**10, None), 5 * 10**9) == []
    assert sentences(Growth(10**10, 0), 5 * 10**9) == []


async def test_a_till_s_day_is_read_by_date_or_word(shop: Shop, database: Database) -> None:
    async with shop.desk(database.owner) as desk:
        picture = await desk.look()
        today = picture.venue.business_date(picture.now)
        for word in ("today", " Today ", today.isoformat()):
            day = await desk.day(1, word)
            assert (day.till, day.day, day.events, day.venue.settings.name) == (1, today, (), "Udupi Corner")
        assert (await desk.day(1, "yesterday")).day == today - timedelta(days=1)
        for word in ("", "soon", "2026-02-30", "9999-12-31", "0001-01-01"):
            with pytest.raises(TillError) as refused:
                await desk.day(1, word)
            assert "day" in refused.value.sentence or "calendar" in refused.value.sentence
        assert len((await desk.look()).tills) == 1


async def test_acts_at_the_server_are_a_day_too(shop: Shop, database: Database) -> None:
    session = shop.save()
    async with shop.desk(database.owner) as desk:
        day = await desk.day(0, "today")
    types = {event.type for event in day.events if event.session == session}
    assert types == {"order_opened", "order_type_set", "item_added"}
    assert {"user_added", "till_enrolled"} <= {event.type for event in day.events if event.session is None}
    assert day.names[9] == "Meena"


async def test_a_day_is_not_read_without_a_database(shop: Shop, database: Database) -> None:
    async with Proxy.before(database.owner) as proxy, shop.desk(proxy.address) as desk:
        await desk.look()
        proxy.shut()
        with pytest.raises(StoreAwayError):
            await desk.day(1, "today")
        proxy.reopen()
        assert (await desk.day(1, "today")).events == ()


async def test_second_settlement_of_a_conflict_is_refused(shop: Shop, database: Database) -> None:
    conflict = shop.find_conflict()
    async with shop.desk(database.owner) as here, shop.desk(database.owner) as there:
        acts = [desk.act(SettleConflict(conflict, "given back"), "") for desk in (here, there)]
        done = await asyncio.gather(*acts, return_exceptions=True)
        assert (await there.look()).matters == ()
    refused = [one for one in done if one != "Settled. It is in the log."]
    assert [type(one) for one in refused] == [AdministrationError]
    assert "already settled" in str(refused[0])


async def test_closing_breaks_off_what_is_under_way(shop: Shop, database: Database) -> None:
    async with Proxy.before(database.owner) as proxy, shop.desk(proxy.address) as desk:
        await desk.look()
        proxy.freeze()
        looking = asyncio.create_task(desk.look())
        await asyncio.sleep(0)
        looking.cancel()
        async with asyncio.timeout(5):
            await desk.close()
        assert desk._database is None
        desk.close = _nothing  # type: ignore[method-assign]


async def _nothing() -> None:
    """Do nothing: the screen is already closed."""


async def test_all_that_waits_of_a_till_is_settled_in_words(shop: Shop, database: Database) -> None:
    query = """
        INSERT INTO warm.quarantine (store_id, till_id, event_type, reason, sqlstate)
        SELECT store_id, 2, 'x', 'It reads as nothing, ' || n, 'TL010'
        FROM till.stores, generate_series(1, 45) AS n"""
    shop.connection.execute(query)
    async with shop.desk(database.owner) as desk:
        picture = await desk.look()
        assert len(picture.matters) == 20
        assert [(alert.till, alert.sentence) for alert in picture.alerts if "more" in alert.sentence] == [
            (2, "25 more from Till 2 wait")
        ]
        with pytest.raises(TillError, match="Till 1 has nothing waiting"):
            await desk.prepare(SettleTill("made up", 1))
        prepared = await desk.prepare(SettleTill("made up", 2))
        assert prepared.facts == (("Conflicts", "0"), ("Records", "45"), ("How", "made up"))
        assert await desk.act(prepared.act, "") == "Settled: 0 conflicts and 45 records of till 2."
        picture = await desk.look()
        assert (picture.matters, [one for one in picture.alerts if "more" in one.sentence]) == ((), [])


async def test_a_pay_off_is_reversed_in_words(shop: Shop, database: Database) -> None:
    guest = shop.call("customer_add_v1", 9, "Mrs Rao", "")
    shop.call("account_set_v1", 9, guest, 500, False)
    insert = """INSERT INTO till.value_movements
        (movement_id, store_id, tender, holder_id, amount, state, till_id, moved_at)
        VALUES (gen_random_uuid(), %s, 'ACCOUNT', %s, 80, 'spent', 1, now())"""
    shop.connection.execute(insert, [shop.store, guest])
    for amount in (50, 10):
        shop.call("account_pay_off_v1", 9, guest, amount, "CARD")
    async with shop.desk(database.owner, 9) as desk:
        meant = understand("pay-offs")
        assert isinstance(meant, ShowList)
        _newer, row = await desk.rows(meant.book, "")
        assert (row.name, row.right) == ("Mrs Rao", "50.00")
        act = understand(f"correct pay-off {row.detail[-8:]}")
        assert isinstance(act, CorrectPayOff)
        prepared = await desk.prepare(act)
        assert prepared.title == "Reverse a pay-off"
        assert prepared.facts[:2] == (("Guest", "Mrs Rao"), ("Amount", "₹50.00"))
        assert await desk.act(prepared.act, PASSWORDS[9]) == "The pay-off is reversed: ₹70.00 is owed."
        with pytest.raises(TillError, match="reversed already"):
            await desk.act(prepared.act, PASSWORDS[9])
        for end, why in (("0" * 11, "There is no such pay-off"), ("", "Several")):
            with pytest.raises(TillError, match=why):
                await desk.prepare(CorrectPayOff("", end))


async def test_open_orders_of_a_till_are_discarded_in_words(shop: Shop, database: Database) -> None:
    shop.call("till_enrol_v1", None, 2, None, sha256("secret 2"))
    stolen = Till(shop.connection, shop.store, 2, "secret 2")
    for number in range(7):
        cart = stolen.keyed(IDLY)
        assert stolen.shown(cart)["ok"]
        stolen.save(cart, str(uuid.uuid4()), f"Tab \x1b{number}")
        if number == 6:
            payment = {"payment_id": new_id(), "tender": "CASH", "amount": "1.00", "tendered": "1.00", "change": "0.00"}
            stolen.make("order_resumed", cart.session, {"user": 1})
            stolen.make("payment_approved", cart.session, payment)
    assert stolen.push()["ok"]
    stays = "1 with money: Tab 6."
    async with shop.desk(database.owner, 9) as desk:
        with pytest.raises(TillError, match="Till 1 has no order to discard"):
            await desk.prepare(CloseOrders(1, "stolen"))
        prepared = await desk.prepare(CloseOrders(2, "stolen"))
        assert prepared.facts == (
            ("Orders", "6, ₹240.00"),
            ("Named", "Tab 0, Tab 1, Tab 2 and 3 more"),
            ("Stay", stays),
            ("Reason", "stolen"),
        )
        with pytest.raises(LoginError):
            await desk.act(prepared.act, "wrong")
        assert len((await desk.look()).orders) == 7
        done = await desk.act(prepared.act, PASSWORDS[9])
        assert done == f"Discarded: 6 orders of till 2, ₹240.00. {stays}"
        assert [order.tab for order in (await desk.look()).orders] == ["Tab 6"]
        with pytest.raises(TillError, match=f"Till 2 has no order to discard. {stays}"):
            await desk.prepare(CloseOrders(2, "stolen"))
