"""Login, lock and logout, and keys that come faster than a PIN can be checked."""

import asyncio
import re
from pathlib import Path
from typing import Final

import pytest
from textual.events import Paste
from typing_extensions import override

from tests.tui.playing import LOG_IN, FakeStore, PinCheck, Till, a_reference, a_till, elsewhere, idle, row_of
from tests.tui.quiet import a_drawn_till, a_quiet_till
from till.domain.advice import Advice
from till.domain.money.measures import Minor
from till.domain.order.state import Status
from till.ports import Light, LightState, RemoteSession
from till.sync.failures import refusal
from till.tui.drawing.layout import RIGHT, is_wide
from till.tui.screens.login.scene import LoginScene
from till.tui.screens.sell.scene import SellScene
from till.tui.screens.sell.state import ShowingReceipt


async def test_a_number_and_a_pin_open_the_till(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path) as till:
        rows = till.rows()
        assert rows[2] == "   Staff  type a number, or choose"
        assert rows[4] == "     1   Asha         cashier"
        assert rows[20] == "    Type your number, then Enter."
        assert rows[23].endswith("Enter Next")
        await till.type("1")
        assert "Number   1" in till.text()
        await till.type("{enter}11")
        assert "●  ●" in till.text()
        assert "11" not in till.rows()[15]
        await till.type("11{enter}")
        assert till.rows()[0].startswith("  Udupi Corner   Till 1   Asha")
        assert "No lines yet." in till.text()


async def test_staff_are_chosen_with_arrows_too(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed="{down}{down}{enter}2222{enter}") as till:
        assert till.register.access.person is not None
        assert till.register.access.person.number == 2


async def test_another_person_is_chosen_while_a_pin_is_typed(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed="1{enter}22{down}2222{enter}") as till:
        assert till.register.access.person is not None
        assert till.register.access.person.number == 2


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("7{enter}", "Nobody here has that number."),
        ("{enter}", "Type your number first, then Enter."),
        ("x", "Numbers and PINs are digits."),
        ("1{enter}{enter}", "Type your PIN, then Enter."),
        ("1{enter}0000{enter}", "Wrong PIN for number 1. Try again."),
    ],
)
async def test_a_wrong_entry_is_refused_with_a_sentence(tmp_path: Path, keys: str, text: str) -> None:
    async with a_quiet_till(tmp_path, typed=keys) as till:
        assert text in till.text()
        assert isinstance(till.scene, LoginScene)


async def test_a_refusal_of_a_number_goes_when_the_staff_list_has_it(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        staff = a_reference()["staff"]
        till.register.journal.cache("staff", 1, {"staff": staff["staff"][1:]})
        await till.type("1{enter}")
        assert "Nobody here has that number." in till.text()
        till.register.reference_changed(["menu"])
        await till.settle()
        assert "Nobody here has that number." in till.text()
        till.register.journal.cache("staff", 2, staff)
        till.register.reference_changed(["staff"])
        await till.settle()
        assert "Nobody here has that number." not in till.text()


async def test_five_wrong_pins_lock_the_number_and_only_that(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed="1{enter}" + "0000{enter}" * 5) as till:
        assert "Wrong PIN five times: number 1 is locked until 10:36." in till.text()
        assert "✖ locked until 10:36" in till.rows()[4]
        await till.type("1{enter}")
        assert "Number 1 is locked until 10:36." in till.text()
        await till.type("2{enter}2222{enter}")
        assert isinstance(till.scene, SellScene)


async def test_esc_goes_back_to_the_number(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed="1{enter}11{escape}") as till:
        assert till.login().state.asks_pin  # a PIN that is typed again stays hidden
        assert till.login().state.pin.text == ""
        await till.type("1111{escape}{escape}")
        assert not till.login().state.asks_pin
        assert (till.login().state.number.text, till.login().state.pin.text) == ("", "")
        await till.type("17{ctrl+u}2{enter}22{ctrl+u}2222{enter}")
        assert till.register.access.person is not None
        assert till.register.access.person.number == 2


async def test_a_whole_sale_typed_ahead_while_the_pin_is_checked(tmp_path: Path) -> None:
    check = PinCheck()
    check.gate.clear()
    async with a_till(tmp_path, check=check) as till:
        till.burst(LOG_IN + "2 idly{enter}1 masala dosa{enter}one more{enter}{f9}500{enter}tea")
        await till.pilot.pause()
        assert "◐ One moment." in till.text()
        assert isinstance(till.scene, LoginScene)
        assert till.login().state.pin.text == ""
        check.gate.set()
        await till.settle()
        pane = till.selling().state.pane
        assert isinstance(pane, ShowingReceipt)
        sold = pane.sold
        assert sold.total == 24000
        assert {row.first.name: row.quantity for row in sold.priced.rows} == {"Idly": 2, "Masala Dosa": 2}
        assert till.typed() == "tea"
        assert "Paid ₹240.00. Change ₹260.00." in till.text()


async def test_keys_behind_a_wrong_pin_stay_on_the_login_screen(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        till.burst("1{enter}0000{enter}1111{enter}2")
        await till.settle()
        assert isinstance(till.scene, SellScene)
        assert till.typed() == "2"


async def test_the_screen_locks_and_opens_where_it_was(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "2 idly{enter}1 mas") as till:
        await idle(till)
        assert "Locked after a while without a key. Nothing is lost." in till.text()
        assert "Idly" not in till.text()
        await till.type("1111{enter}")
        assert till.lines() == {"Idly": 2}
        assert till.typed() == "1 mas"


async def test_a_right_pin_at_a_locked_screen_forgets_the_wrong_ones(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN) as till:
        for _round in range(2):
            await idle(till)
            await till.type("9{enter}" * 4 + "1111{enter}")
            till.selling()


async def test_a_locked_screen_is_opened_by_its_own_pin_alone(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        await idle(till)
        await till.type("9999{enter}")
        assert "Wrong PIN for number 1." in till.text()
        await till.type("{escape}")
        assert "Asha is logged out. The order is kept: 1 line, ₹80.00." in till.text()


async def test_a_sheet_that_was_open_is_closed_by_the_lock(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f1}") as till:
        await idle(till)
        assert not till.app.controller.sheets
        await till.type("1111{enter}")
        assert till.lines() == {"Idly": 2}


async def test_logging_out_keeps_the_order_for_its_user(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f12}") as till:
        assert "● Asha is logged out. The order is kept: 1 line, ₹80.00." in till.text()
        assert "1 line, ₹80.00 open" in till.rows()[4]
        await till.type("2{enter}2222{enter}")
        assert till.lines() == {}
        await till.type("{f12}" + LOG_IN)
        assert till.answer() == "Your order is here: 1 line, ₹80.00."


async def test_an_order_that_comes_back_says_what_of_it_is_paid(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f9}40{enter}{escape}{f12}" + LOG_IN) as till:
        assert till.answer() == "Your order is here: 1 line, ₹80.00. ₹40.00 of it is paid."


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_logging_out_says_what_is_due_of_an_order_paid_in_part(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=LOG_IN + "2 idly{enter}{f9}c30{enter}{escape}{f12}") as till:
        assert "The order is kept: 1 line, ₹50.00 due, ₹30.00 paid." in till.text()


async def test_logging_out_without_lines_says_nothing_of_an_order(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "{f12}") as till:
        assert "Type your number, then Enter." in till.text()
        assert "kept" not in till.text()


async def test_typed_text_outlives_the_till_for_who_typed_it(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "2 idly{enter}1 mas")
    async with a_quiet_till(tmp_path, typed=LOG_IN) as till:
        assert till.lines() == {"Idly": 2}
        assert till.typed() == "1 mas"
    async with a_quiet_till(tmp_path, typed="2{enter}2222{enter}") as till:
        assert till.typed() == ""


async def test_a_refused_entry_makes_room_after_another_screen_and_another_start(tmp_path: Path) -> None:
    """A code that is scanned next is not appended to a number that was not found."""
    async with a_quiet_till(tmp_path, typed=LOG_IN + "999{enter}{f10}{escape}") as till:
        assert till.typed() == "999"
        await till.type("1")
        assert till.typed() == "1"
        await till.type("{backspace}999{enter}")
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 id") as till:
        assert till.typed() == "2 id"


async def test_a_login_waits_for_no_database_that_is_away(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, store=FakeStore(away=True)) as till:
        till.register.light_changed(Light(LightState.OFFLINE))
        await till.type(LOG_IN)
        assert isinstance(till.scene, SellScene)
        assert "▲ offline, keep selling" in till.rows()[0]


async def test_the_till_closes_from_the_login_screen_alone(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, typed=LOG_IN + "{ctrl+q}") as till:
        assert till.answer() == "Log out first (F12); the login screen closes the till."
        await till.type("{f12}{ctrl+q}")
        assert till.app._exit


@pytest.mark.parametrize(
    ("setting", "asks"), [({}, True), ({"cashier_may": "close_till"}, False), ({"cashier_may": "all"}, False)]
)
async def test_closing_the_till_of_a_venue_takes_a_manager_unless_a_cashier_may(
    tmp_path: Path, setting: dict[str, str], *, asks: bool
) -> None:
    reference = a_reference()
    reference["settings"] |= {"demo": False, "cashier_may": "", **setting}
    async with a_quiet_till(tmp_path, reference=reference, typed="{ctrl+q}") as till:
        assert bool(till.app._exit) is not asks
        if not asks:
            return
        await till.type("1{enter}")
        assert "needs a manager" in till.text()
        await till.type("{escape}{ctrl+q}9{enter}0000{enter}")
        assert not till.app._exit
        await till.type("9999{enter}")
        assert till.app._exit


async def test_closing_the_till_needs_nobody_where_no_manager_is_known(tmp_path: Path) -> None:
    reference = a_reference()
    reference["settings"] |= {"demo": False}
    reference["staff"]["staff"] = [one for one in reference["staff"]["staff"] if one["role"] == "cashier"]
    async with a_quiet_till(tmp_path, reference=reference, typed="{ctrl+q}") as till:
        assert till.app._exit


@pytest.mark.parametrize("keys", ["", "{f9}", "{f8}", "{f2}"])
async def test_a_person_who_is_disabled_is_logged_out_and_the_order_is_kept(tmp_path: Path, keys: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}" + keys) as till:
        staff = a_reference()["staff"]["staff"]
        till.register.journal.cache("staff", 1, {"staff": [{**staff[0], "disabled": True}, *staff[1:]]})
        till.register.reference_changed(["staff"])
        assert "Asha was disabled and logged out." in till.text()
        assert till.register.access.person is None
        (order,) = till.register.ledger.open_orders()
        assert order.status is Status.PENDING_LOGOUT
        await till.type("1{enter}")
        assert "Nobody here has that number." in till.text()


async def test_an_empty_list_of_staff_logs_nobody_out(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        till.register.journal.cache("staff", 1, {"staff": []})
        till.register.reference_changed(["staff"])
        assert isinstance(till.scene, SellScene)


async def test_keys_typed_behind_the_one_that_closes_the_till_log_nobody_in(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed="{ctrl+q}" + LOG_IN) as till:
        assert till.app._exit
        assert till.register.access.person is None


@pytest.mark.parametrize("pasted", ["cash", "1\x1b[31m", "²", "٣", "9" * 40])
async def test_a_paste_that_is_no_number_is_refused(tmp_path: Path, pasted: str) -> None:
    async with a_quiet_till(tmp_path) as till:
        for keys in ("", "1{enter}"):
            await till.type(keys)
            till.app.take_input([Paste(pasted)])
            await till.type("{enter}")
            assert isinstance(till.scene, LoginScene)
        await till.type("1111{enter}")
        assert isinstance(till.scene, SellScene)


async def test_a_number_typed_after_the_arrows_takes_the_place_of_the_chosen_one(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed="{down}2{enter}2222{enter}") as till:
        assert isinstance(till.scene, SellScene)


_REASONS: Final = [
    "wrong_secret",
    "wrong_store",
    "till_revoked",
    "journal_retired",
    "journal_not_live",
    "chain_diverged",
]
_SIZES: Final = [(80, 24), (99, 30), (100, 30), (110, 30), (120, 40), (160, 50)]


@pytest.mark.parametrize("size", _SIZES)
async def test_an_alert_is_read_to_its_end(tmp_path: Path, size: tuple[int, int]) -> None:
    """At the login, which has two whole rows; an answer's two rows have the rest of a long one in `till doctor`."""
    sentences = [refusal(code, "", 12).sentence for code in (*_REASONS, "protocol")]
    async with a_drawn_till(tmp_path, size) as till:
        for sentence in sentences:
            till.register.light_changed(Light(LightState.SAVED))
            till.register.light_changed(Light(LightState.ATTENTION, detail=sentence))
            await till.settle()
            assert sentence in " ".join(till.text().split())
            brief = f"{sentence.partition('. ')[0]}. Run `till doctor`."
            await till.type(LOG_IN)
            for keys in ("", "{escape}"):
                await till.type(keys)
                shown = " ".join(" ".join(row[RIGHT if is_wide(size[0]) else 0 :] for row in till.rows()[-6:]).split())
                assert sentence in shown or brief in shown
            await till.type("{f12}")


async def test_the_login_screen_names_what_is_open_on_other_tills(tmp_path: Path) -> None:
    one, _events = elsewhere(tmp_path, ("Idly", 2))
    two, _events = elsewhere(tmp_path, ("Tea", 1), user=2)
    store = FakeStore(sessions=[row_of(one, till=None), row_of(two)])
    async with a_drawn_till(tmp_path, store=store) as till:
        await looks(till)
        assert "1 line, ₹80.00 open" in till.rows()[4]
        assert till.rows()[6].rstrip().endswith("on Till 2")
        till.register.light_changed(Light(LightState.OFFLINE))
        till.app._tick()
        await till.settle()
        assert "on Till 2" not in till.text()
        assert till.rows()[2] == "   Staff  type a number, or choose; the other tills are out of sight"
        await till.type(LOG_IN)
        assert isinstance(till.scene, SellScene)


@pytest.mark.parametrize(
    ("away", "where"),
    [
        (False, "It opens at the next login, on any till."),
        (True, "It opens at the next login here, elsewhere once online."),
    ],
)
async def test_a_logout_promises_the_order_where_it_can_be_opened(tmp_path: Path, where: str, *, away: bool) -> None:
    async with a_drawn_till(tmp_path, store=FakeStore(), typed=LOG_IN + "2 idly{enter}") as till:
        if away:
            till.register.light_changed(Light(LightState.OFFLINE))
        await till.type("{f12}")
        assert where in till.text()


async def test_the_login_screen_names_what_is_due_of_an_order_paid_in_part(tmp_path: Path) -> None:
    two, _events = elsewhere(tmp_path, ("Tea", 3), user=2)
    store = FakeStore(sessions=[row_of(two, till=None, paid=Minor(2_000))])
    async with a_drawn_till(tmp_path, store=store) as till:
        await looks(till)
        assert till.rows()[6].rstrip().endswith("1 line, ₹40.00 due, ₹20.00 paid")
        await till.type(LOG_IN + "2 idly{enter}{f9}50c{enter}{escape}{f12}")
        await looks(till)
        assert till.rows()[4].rstrip().endswith("1 line, ₹30.00 due, ₹50.00 paid")


async def test_a_login_screen_without_an_answer_shows_what_is_known_here(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, store=FakeStore(away=True), typed=LOG_IN + "2 idly{enter}{f12}") as till:
        await looks(till)
        assert "1 line, ₹80.00 open" in till.rows()[4]


async def looks(till: Till) -> None:
    """Let the database answer, after which the till reads the state of the other tills."""
    till.register.server_answered()
    await asyncio.wait(list(till.app._works))
    await till.settle()


async def test_a_logout_shows_what_is_open_on_other_tills_without_another_answer(tmp_path: Path) -> None:
    store = FakeStore()
    async with a_drawn_till(tmp_path, store=store, typed=LOG_IN) as till:
        two, _events = elsewhere(tmp_path, ("Tea", 1), user=2)
        store.sessions = [row_of(two)]
        await till.type("{f12}")
        assert till.rows()[6].rstrip().endswith("on Till 2")


async def test_a_hint_that_comes_while_the_login_screen_asks_is_asked_for_again(tmp_path: Path) -> None:
    two, _events = elsewhere(tmp_path, ("Tea", 1), user=2)
    store = SlowStore()
    async with a_drawn_till(tmp_path, store=store) as till:
        till.register.server_answered()
        await asyncio.sleep(0)  # it asks, and the answer is on its way
        store.sessions = [row_of(two)]
        till.register.server_answered()
        await asyncio.sleep(0)
        store.comes.set()
        await till.settle()
        assert till.rows()[6].rstrip().endswith("on Till 2")


class SlowStore(FakeStore):
    """A store whose answers are made at once, and come when they may."""

    def __init__(self) -> None:
        super().__init__()
        self.comes = asyncio.Event()

    @override
    async def open_orders(self) -> list[RemoteSession]:
        made = list(self.sessions)
        await self.comes.wait()
        return made


@pytest.mark.parametrize(
    "notice",
    [
        Advice(
            "The journal of this till was an older copy.",
            "It is kept as till-1.older-20261120T175914.sqlite; 5 are here.",
        ),
        Advice("12 records are missing.", "An order here may be paid already: check the last receipts."),
        Advice("The log of the journal is gone.", "An order here may be paid already: check the last receipts."),
    ],
)
async def test_a_fault_of_the_journal_is_reported_over_both_rows_of_a_small_screen(tmp_path: Path, notice: str) -> None:
    async with a_drawn_till(tmp_path, notice=notice) as till:
        shown = " ".join(row.strip(" ▲") for row in till.rows()[20:22])
        assert shown == notice


async def test_a_pin_typed_for_a_number_is_not_to_be_read(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path) as till:
        written = till.register.journal.head
        await till.type("7341")
        assert "73" not in till.text()
        await till.type("{enter}")
        assert "Nobody here has that number." in till.text()
        assert "73" not in till.text()
        assert till.register.journal.head == written
        await till.type("9{enter}")
        assert "Type your PIN, then Enter." in till.text()


async def test_a_week_without_a_backup_is_reported_before_anybody_logs_in(tmp_path: Path) -> None:
    reference = dict(a_reference())
    reference["settings"] = {**reference["settings"], "demo": False, "backed_up_at": "2020-01-01T00:00:00.000000Z"}
    async with a_drawn_till(tmp_path, reference=reference) as till:
        shown = " ".join(row.strip(" ▲") for row in till.rows()[20:22])
        assert re.search(r"No backup for \d+ days\. Tell a manager: `till db backup`\.", shown)
        await till.type("1{enter}1111{enter}")
        assert "No backup" not in till.text()


async def test_a_key_that_waits_for_the_pin_paints_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = PinCheck()
    async with a_quiet_till(tmp_path, check=check) as till:
        check.gate.clear()
        till.burst(LOG_IN)
        painted: list[None] = []
        with monkeypatch.context() as patch:
            patch.setattr(till.login(), "paint", lambda: painted.append(None))
            till.burst("2 idly{enter}")
        check.gate.set()
        await till.settle()
        assert (painted, till.lines()) == ([], {"Idly": 2})
