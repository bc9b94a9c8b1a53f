"""Words typed at the desk, and the acts that they mean, without a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.screens.desk.test_reduce import ASKED, OWNER, acting, message_of, pressed
from tests.tui.screens.desk.watching import EVENING
from till.administration.acts.balances import CorrectPayOff
from till.administration.acts.every import ACTS
from till.administration.acts.menu import AddMenuItem, BringBackMenu, ChangeItem, SellAgain, SellOut
from till.administration.acts.orders import CloseOrders
from till.administration.acts.people import (
    AddPerson,
    Disable,
    Enable,
    RenamePerson,
    SetLanguage,
    SetPassword,
    SetPin,
    SetRole,
    Unlock,
)
from till.administration.acts.printers import ChangePrinter
from till.administration.acts.tills import (
    AddTill,
    AdoptTill,
    RenameTill,
    RenewTill,
    ReplaceTill,
    Revoke,
    StopMoney,
    TakeMoney,
)
from till.administration.acts.venue_settings import SetSetting
from till.administration.acts.waiting import SettleTill
from till.domain.staff.person import Role
from till.ports.desk import Enrolment, ListRow, Prepared
from till.tui.screens.desk.acts import DeskActs
from till.tui.screens.desk.reduce import reduce
from till.tui.screens.desk.state import (
    DeskActDone,
    DeskActReady,
    DeskActRefused,
    DeskStage,
    DeskState,
    Enrolled,
    RowsRead,
)
from till.tui.screens.desk.words import EXAMPLES, ShowList, WordsError, understand
from till.tui.shell.calls import call

if TYPE_CHECKING:
    from till.ports.desk import DescribedAct
    from till.tui.screens.desk.state import DeskFacts


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("86 vada", SellOut("vada")),
        ("86 2", SellOut("2")),
        ("Table 7 at 21:15  yesterday", ShowList("table", "7 at 21:15 yesterday")),
        (" Back  medu vada ", SellAgain("medu vada")),
        ("price 2 85.00 from 22:00", ChangeItem("2", price="85.00", starts="22:00")),
        ("price masala dosa 85", ChangeItem("masala dosa", price="85")),
        ("price tea open from 2026-12-01 18:00", ChangeItem("tea", price="open", starts="2026-12-01 18:00")),
        ("rename 2 to Masala tea", ChangeItem("2", "Masala tea")),
        ("rename item tea to Chai", ChangeItem("tea", "Chai")),
        ("bring back menu 3", BringBackMenu(3)),
        ("category 2 to Hot drinks", ChangeItem("2", category="Hot drinks")),
        ("tax of masala dosa to GST 5", ChangeItem("masala dosa", tax="GST 5")),
        ("Number vada to none", ChangeItem("vada", plu="none")),
        ("add till 2", AddTill(2)),
        ("add till 02 Terrace bar", AddTill(2, "Terrace bar")),
        ("replace till 2", ReplaceTill(2)),
        ("renew till 2", RenewTill(2)),
        ("revoke till 2", Revoke(2)),
        ("lock till 2", Revoke(2)),
        ("adopt till 02", AdoptTill(2)),
        ("settle till 3 made up", SettleTill("made up", 3)),
        ("Settle all of till 03 it was stolen", SettleTill("it was stolen", 3)),
        ("settle server looked at", SettleTill("looked at")),
        ("correct pay-off 4f2a91c3", CorrectPayOff("", "4f2a91c3")),
        ("Reverse payoff …4F2A91C3", CorrectPayOff("", "4F2A91C3")),
        ("close orders of till 3 stolen", CloseOrders(3, "stolen")),
        ("Close orders of till 03 older than 60 min left over", CloseOrders(3, "left over", 60)),
        ("change printer Bar receipts 1, 2", ChangePrinter("Bar", tills="1, 2")),
        (
            "change printer Back bar address /dev/usb/lp0 columns 48 drawer 0",
            ChangePrinter("Back bar", "/dev/usb/lp0", 48, drawer=0),
        ),
        ("rename till 2 Bar", RenameTill(2, "Bar")),
        ("no money till 5", StopMoney(5)),
        ("money till 5", TakeMoney(5)),
        ("rename till 2 to Bar", RenameTill(2, "Bar")),
        ("add 3 Asha K.", AddPerson(3, "Asha K.", Role.CASHIER)),
        ("add user 3 Asha Manager", AddPerson(3, "Asha", Role.MANAGER)),
        ("rename user 3 Asha K.", RenamePerson(3, "Asha K.")),
        ("language 3 es", SetLanguage(3, "es")),
        ("language of user 3", SetLanguage(3)),
        ("disable 3", Disable(3)),
        ("enable user 3", Enable(3)),
        ("unlock 3", Unlock(3)),
        ("role 3 admin", SetRole(3, Role.ADMIN)),
        ("pin 3", SetPin(3)),
        ("password of 9", SetPassword(9)),
        ("set cash_rounding 0.05", SetSetting("cash_rounding", "0.05")),
        ("set tax_number", SetSetting("tax_number", "")),
        ("menu", ShowList("menu")),
        ("Menu History", ShowList("menu history")),
        ("orders of 03", ShowList("orders", "3")),
    ],
)
def test_words_mean_an_act_or_a_list(words: str, meant: DescribedAct | ShowList) -> None:
    assert understand(words) == meant


@pytest.mark.parametrize(
    "words", ["hello", "86", "price 2", "lock till", "lock till two", "pin 0", "role 3 boss", "disable"]
)
def test_other_words_are_refused_with_an_example(words: str) -> None:
    with pytest.raises(WordsError, match="86 vada"):
        understand(words)


def test_examples_of_the_help_are_understood() -> None:
    for examples, _what in EXAMPLES:
        for example in examples.split(" · "):
            understand(example)


def test_every_act_that_can_be_typed_is_in_the_help() -> None:
    shown = {type(understand(example)) for examples, _what in EXAMPLES for example in examples.split(" · ")}
    assert {act for act in ACTS if act.words} <= shown


@given(st.text(max_size=60))
def test_any_words_are_understood_or_refused(text: str) -> None:
    try:
        understand(text)
    except WordsError:
        return


def test_a_number_marks_and_words_that_begin_as_one_are_words() -> None:
    state, asked = pressed("86")
    assert message_of(state) == "There is no 86 in this list."
    state, asked = pressed(" vada{enter}", state=state)
    assert asked == [call(DeskActs.prepare, SellOut("vada"))]
    assert pressed("2")[0].entry.text == "2"
    assert pressed("2{down}")[0].entry.text == ""
    assert pressed("x{escape}")[0].entry.text == ""
    assert pressed("a ?")[0].entry.text == "a ?"


def test_words_that_mean_nothing_stay_to_be_mended() -> None:
    state, asked = pressed("86 vaddaa{enter}")
    state, _calls = reduce(state, DeskActRefused("There is no vaddaa on the menu."), OWNER)
    assert (state.step, state.entry.text, state.entry.is_offered) == (DeskStage.LOOKING, "86 vaddaa", True)
    state, asked = pressed("sing{enter}")
    assert (asked, state.entry.text) == ([], "sing")


def test_a_new_item_is_asked_for_field_by_field() -> None:
    state, asked = pressed("add item{enter}61{enter}Lasi{enter}")
    assert (state.step, state.filled, asked) == (DeskStage.FILLING, ("61", "Lasi"), [])
    state, _asked = pressed("{escape}", state=state)
    assert (state.filled, state.entry.text, state.entry.is_offered) == (("61",), "Lasi", True)
    state, asked = pressed("Lassi{enter}Drinks{enter}45{enter}{enter}", state=state)
    assert asked == [call(DeskActs.prepare, AddMenuItem("61", "Lassi", "Drinks", "45", ""))]
    state, _calls = reduce(state, DeskActRefused("There is no category “Drinks” on the menu."), OWNER)
    assert (state.step, len(state.filled)) == (DeskStage.FILLING, 4)
    state, _asked = pressed("{escape}{escape}", state=state)
    assert (state.entry.text, state.entry.is_offered) == ("Drinks", True)
    assert pressed("{escape}{escape}{escape}", state=state)[0].step is DeskStage.LOOKING


def ready(act: DescribedAct, facts: DeskFacts = OWNER, state: DeskState | None = None) -> DeskState:
    return reduce(state or DeskState(), DeskActReady(Prepared(act, "What it is", ())), facts)[0]


def test_a_typed_act_is_shown_before_it_is_done() -> None:
    act = SellOut("i3")
    state = ready(act)
    assert (state.step, pressed("x", state=state)[1]) == (DeskStage.AGREEING, [])
    state, asked = pressed("{enter}", state=state)
    assert asked == [acting(act)]
    state, calls = reduce(state, DeskActDone("Medu Vada is sold out at every till."), OWNER)
    assert (state.step, message_of(state), calls) == (DeskStage.LOOKING, "Medu Vada is sold out at every till.", ())
    assert pressed("{enter}secret{enter}", ASKED, ready(act))[1] == [acting(act, "secret")]
    assert pressed("{escape}", state=ready(act))[0] == DeskState()


def test_an_enrolment_is_shown_once_and_no_key_too_many_puts_it_away() -> None:
    made = Enrolment(2, "2-K7QM-4T9X-ABCD-EFG2", EVENING)
    act = AddTill(2)
    state, asked = pressed("{enter}secret{enter}", ASKED, ready(act, ASKED))
    assert asked == [acting(act, "secret")]
    shown, calls = reduce(state, Enrolled(made), ASKED)
    assert (shown.step, shown.subject, calls) == (DeskStage.SHOWING, made, ())
    assert made.text not in repr(shown)
    for keys in ("{enter}", "{enter}{enter}", "3", "x{enter}"):
        still, asked = pressed(keys, ASKED, shown)
        assert (still.step, asked, message_of(still)) == (
            DeskStage.SHOWING, [], "It is shown only now: write it down, then Esc."
        )  # fmt: skip
    after, _asked = pressed("{escape}", ASKED, shown)
    assert (after.step, after.subject) == (DeskStage.LOOKING, None)


@pytest.mark.parametrize(
    ("act", "done"),
    [
        (SetPin(3), SetPin(3, "4711")),
        (SetPassword(3), SetPassword(3, "4711")),
        (AddPerson(3, "Asha", Role.CASHIER), AddPerson(3, "Asha", Role.CASHIER, "4711")),
    ],
)
def test_a_secret_is_typed_twice_and_seen_nowhere(act: DescribedAct, done: DescribedAct) -> None:
    state, asked = pressed("{enter}4711{enter}", ASKED, ready(act))
    assert (state.step, asked, state.entry.text) == (DeskStage.REPEATING, [], "")
    wrong, asked = pressed("4712{enter}", ASKED, state)
    assert (wrong.step, wrong.keyed, asked) == (DeskStage.KEYING, "", [])
    assert message_of(wrong) == "They do not match. Type it again."
    state, asked = pressed("4711{enter}mine{enter}", ASKED, state)
    assert asked == [acting(done, "mine")]
    assert "4711" not in repr(done)
    assert reduce(state, DeskActRefused("No.", secret=True), ASKED)[0].step is DeskStage.PROVING
    refused, _calls = reduce(state, DeskActRefused("A PIN is 4 to 12 digits."), ASKED)
    assert (refused.step, refused.keyed, refused.entry.text) == (DeskStage.AGREEING, "", "")
    assert reduce(state, DeskActDone("Done."), ASKED)[0].keyed == ""
    assert pressed("{escape}", ASKED, state)[0].keyed == ""


def test_a_list_stands_until_esc_and_is_read_again_after_an_act() -> None:
    state, asked = pressed("users{enter}")
    assert asked == [call(DeskActs.read_rows, "users", "")]
    rows = (ListRow("1", "Asha", "cashier"), ListRow("2", "Ravi", "cashier"))
    state, _calls = reduce(state, RowsRead("users", "", rows), OWNER)
    assert (state.step, state.entry.text, state.choice) == (DeskStage.READING, "", 0)
    state, asked = pressed("{down}{down}disable 2{enter}", state=state)
    assert (state.choice, asked) == (1, [call(DeskActs.prepare, Disable(2))])
    assert pressed("{escape}", state=ready(Disable(2), state=state))[0].step is DeskStage.READING
    state, asked = pressed("{enter}", state=ready(Disable(2), state=state))
    state, calls = reduce(state, DeskActDone("Number 2 is disabled."), OWNER)
    assert (state.step, calls) == (DeskStage.READING, (call(DeskActs.read_rows, "users", ""),))
    state, _calls = reduce(state, RowsRead("users", "", rows[:1]), OWNER)
    assert (message_of(state), state.choice) == ("Number 2 is disabled.", 0)
    assert pressed("{escape}", state=state)[0].step is DeskStage.LOOKING
    assert pressed("{enter}", state=state)[0].step is DeskStage.READING
