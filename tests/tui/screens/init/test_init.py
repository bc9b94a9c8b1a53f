"""The form that makes a venue: its keys and its looks."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from textual import events

from tests.plugins.commands import make_guesses_cheap
from tests.tui.drawing.seeing import read
from tests.tui.drawing.test_snapshots import Picture
from tests.tui.playing import char_of, keys
from till.domain.catalogue.csv_table import CsvFault
from till.ports.founding import MenuFileItem, MenuRead, Question
from till.tui.drawing.palette import Depth, Paint
from till.tui.init_app import InitApp, make_init_keymap
from till.tui.screens.init.form import FormQuestion, InitFacts, InitState, QuestionStep
from till.tui.screens.init.scene import InitScene, follow_answer, go_to, offer_again, reduce, repeat_secret, start
from till.tui.shell.calls import call
from till.tui.shell.keymap import KeyPress
from till.wiring.founding import VenueFounding

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from till.tui.shell.calls import Call

BOTH = [(80, 24), (120, 36)]
NAME = Question("name", "--name", "Venue", "What is it called", "On receipts.")
MENU = Question("menu", "--menu", "Menu", "The menu", "A file.", optional=True)
PIN = Question("pin", "--pin-file", "PIN", "A PIN", "To sell.", secret=True)
READ = MenuRead((MenuFileItem("Tea", "1.00", "Hot"),), 1)
TABLE = "name,price,category\nEspresso,2.50,Coffee\nMélange,4.10,Coffee\nCroissant,3.20,Bakery\n"
ANSWERS = "Eck Café{enter}{enter}{enter}{enter}{enter}n{enter}{enter}{enter}{enter}{enter}"


def facts(*shown: str | None, menu: MenuRead | None = None) -> InitFacts:
    """Return the facts with answers for a name, a menu and a PIN."""
    all_shown = (*shown, None, None, None)
    asked = tuple(
        FormQuestion(question, answer, answer or "" if not question.secret else "")
        for question, answer in zip((NAME, MENU, PIN), all_shown, strict=False)
    )
    return InitFacts(make_init_keymap(), asked, menu)


def after(state: InitState, script: str, known: InitFacts) -> tuple[InitState, tuple[Call[InitScene, Any], ...]]:
    calls: tuple[Call[InitScene, Any], ...] = ()
    for key in keys(script):
        state, more = reduce(state, KeyPress(key, char_of(key)), known)
        calls += more
    return state, calls


def message_of(state: InitState) -> str:
    return state.message.text if state.message is not None else ""


def test_a_wrong_answer_stands_beside_its_question_and_is_typed_over() -> None:
    state, _calls = after(start(facts()), "Bar{enter}", facts())
    state = offer_again(state, "No such name.", facts())
    assert (state.place, state.wrong, message_of(state)) == (0, "Bar", "No such name.")
    state, _calls = after(state, "C", facts())
    assert (state.entry.text, state.wrong, message_of(state)) == ("C", "", "")


def test_a_menu_is_shown_before_it_is_taken() -> None:
    state, _calls = after(go_to(InitState(), 1, facts("Bar")), "m.csv{enter}", facts("Bar"))
    known = facts("Bar", "1 item", menu=READ)
    state = follow_answer(state, known)
    assert (state.place, state.step) == (1, QuestionStep.SHOWING)
    assert after(state, "{enter}", known)[0].place == 2
    assert after(state, "x", known)[0].step is QuestionStep.ASKING
    assert after(state, "{pagedown}{pagedown}", known)[0].first == 0
    later = follow_answer(go_to(InitState(), 1, facts("Bar")), facts("Bar", "later"))
    assert (later.place, later.step) == (2, QuestionStep.ASKING)


def test_faults_of_a_menu_are_scrolled_through() -> None:
    faults = tuple(CsvFault(line, "No price.") for line in range(2, 30))
    state = offer_again(go_to(InitState(), 1, facts("Bar")), "28 faults.", facts("Bar"), faults)
    assert after(state, "{pagedown}{pagedown}{pageup}", facts("Bar"))[0].first == 8
    assert after(state, "{pagedown}" * 9, facts("Bar"))[0].first == 27


def test_a_secret_is_typed_twice_and_nothing_of_it_stays() -> None:
    known = facts("Bar", "later")
    state, calls = after(start(known), "7777{enter}", known)
    assert calls == (call(InitScene.check, "pin", "7777"),)
    state = repeat_secret(state)
    assert (state.step, state.entry.text) == (QuestionStep.REPEATING, "")
    other, calls = after(state, "7778{enter}", known)
    assert (calls, other.step, other.keyed, other.entry.text) == ((), QuestionStep.ASKING, "", "")
    assert message_of(other) == "They do not match. Type it again."
    same, calls = after(state, "7777{enter}", known)
    assert calls == (call(InitScene.submit, "pin", "7777"),)
    assert follow_answer(same, facts("Bar", "later", "kept")) == InitState(place=3, step=QuestionStep.AGREEING)
    refused = offer_again(start(known), "A PIN is 4 to 12 digits.", known)
    assert (refused.entry.text, refused.wrong) == ("", "")
    assert after(state, "{escape}", known)[0].step is QuestionStep.ASKING


def test_a_secret_that_there_is_stays_at_enter_and_another_is_checked() -> None:
    known = facts("Bar", "later", "kept")
    at_pin = go_to(InitState(), 2, known)
    assert after(at_pin, "{enter}", known) == (InitState(place=3, step=QuestionStep.AGREEING), ())
    assert after(at_pin, "8888{enter}", known)[1] == (call(InitScene.check, "pin", "8888"),)


def test_every_answer_is_gone_back_to() -> None:
    known = facts("Bar", "later", "kept")
    end = start(known)
    assert after(end, "{up}", known)[0].place == 2
    back, _calls = after(end, "{escape}{escape}{escape}", known)
    assert (back.place, back.entry.text, back.entry.is_offered) == (0, "Bar", True)
    assert after(back, "{down}{down}{down}", known)[0].step is QuestionStep.AGREEING
    changed, calls = after(back, "Café{enter}", known)
    assert calls == (call(InitScene.submit, "name", "Café"),)
    assert follow_answer(changed, known).step is QuestionStep.AGREEING
    assert message_of(after(back, "{up}", known)[0]).startswith("This is the first question. Ctrl+Q leaves")


def test_esc_takes_back_what_is_typed_first() -> None:
    known = facts("Bar")
    state, _calls = after(start(known), "m.csv{escape}", known)
    assert (state.place, state.entry.text) == (1, "")
    assert after(state, "{escape}", known)[0].place == 0


def test_nothing_unanswered_is_gone_past_and_nothing_made_by_a_letter() -> None:
    state, calls = after(start(facts()), "{down}", facts())
    assert (state.place, calls) == (0, ())
    whole = facts("Bar", "later", "kept")
    state, calls = after(start(whole), "y1", whole)
    assert calls == ()
    assert message_of(state) == "Enter creates it. ↑ goes back to any answer."
    assert after(start(whole), "{enter}", whole)[1] == (call(InitScene.finish, make=True),)
    assert after(start(whole), "{f5}", whole)[1] == ()
    assert message_of(after(start(facts()), "{f1}", facts())[0]).startswith("Enter: next. ↑: back. Ctrl+Q leaves")


@pytest.mark.parametrize("key", ["{ctrl+q}", "{ctrl+c}"])
def test_form_is_left_from_every_question(key: str) -> None:
    assert after(start(facts()), key, facts())[1] == (call(InitScene.finish, make=False),)
    assert after(start(facts("a", "b", "c")), key, facts("a", "b", "c"))[1] == (call(InitScene.finish, make=False),)


# On the screen.


class Form:
    """The form on a screen, with the answers that the command takes."""

    def __init__(self, app: InitApp, founding: VenueFounding) -> None:
        self.app, self.founding = app, founding

    async def type(self, script: str) -> None:
        for key in keys(script):
            self.app.take_input([events.Key(key, char_of(key) or None)])
        await self.settle()

    async def settle(self) -> None:
        """Wait until all keys are handled and painted."""
        for _round in range(4):
            await self.app.at_rest()
            if self.app._exit:
                return
            painted = asyncio.Event()
            self.app.call_later(self.app.screen.call_after_refresh, painted.set)
            async with asyncio.timeout(5):
                await painted.wait()

    def text(self) -> str:
        return "\n".join(read(self.app))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine in Vienna, with two menus at home."""
    monkeypatch.setenv("LANG", "de_AT.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("TZ", "Europe/Vienna")
    monkeypatch.setenv("HOME", str(tmp_path))
    make_guesses_cheap(monkeypatch)
    (tmp_path / "menu.csv").write_text(TABLE)
    (tmp_path / "wrong.csv").write_text("name,price,category\nTea,two,Hot\n,1.00,Hot\n")


@asynccontextmanager
async def a_form(size: tuple[int, int], refused: str = "") -> AsyncIterator[Form]:
    def file(name: str) -> bytes:
        with open(name, "rb") as opened:  # noqa: PTH123 - as the command does
            return opened.read()

    founding = VenueFounding("0197d6a0-0000-7000-8000-000000000001", file)
    app = InitApp(founding, Paint("dark", Depth.TRUE), make_init_keymap(), refused)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Form(app, founding)


LONG = (
    "The database at db.example:5432 offers no TLS that can be trusted: root certificate file does not exist. Turn "
    "`ssl` on in that server, or correct its certificate or the file that proves it (`till help TLS`)."
)


@pytest.mark.parametrize("size", BOTH, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_long_refusal_is_shown_whole(size: tuple[int, int]) -> None:
    async with a_form(size, refused=LONG) as form:
        shown = " ".join(form.text().split())
        assert "…" not in shown
        for word in LONG.split():
            assert word in shown
        await form.type("{up}")
        assert "certificate" not in form.text()


TO_STAFF = f"{ANSWERS}~/menu.csv{{enter}}{{enter}}7{{enter}}Om{{enter}}"
STATES = {
    "init": "",
    "init-wrong": "Eck Café{enter}{enter}EURO{enter}",
    "init-menu": f"{ANSWERS}~/menu.csv{{enter}}",
    "init-pin": f"{TO_STAFF}7777",
    "init-whole": f"{TO_STAFF}7777{{enter}}7777{{enter}}seven sevens{{enter}}seven sevens{{enter}}{{enter}}",
}


@pytest.mark.parametrize("size", BOTH, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", STATES)
@pytest.mark.usefixtures("machine")
async def test_screen(name: str, size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    async with a_form(size) as form:
        await form.type(STATES[name])
        assert "7777" not in form.text()
        assert form.app.export_screenshot(title=name, simplify=True) == snapshot(extension_class=Picture)


@pytest.mark.parametrize("size", BOTH, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.usefixtures("machine")
async def test_a_menu_that_does_not_read_names_its_lines(size: tuple[int, int]) -> None:
    async with a_form(size) as form:
        await form.type(f"{ANSWERS}~/wrong.csv{{enter}}")
        assert "2 lines cannot be read" in form.text()
        assert "line 2" in form.text()
        assert "line 3" in form.text()
        await form.type("~/menu.csv{enter}")
        assert "3 items, 2 categories" in form.text()


@pytest.mark.parametrize("size", BOTH, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.usefixtures("machine")
async def test_a_menu_is_shown_with_what_its_taxes_come_to(size: tuple[int, int], tmp_path: Path) -> None:
    (tmp_path / "taxed.csv").write_text(TABLE.replace("category", "category,tax").replace("Bakery", "Bakery,USt 10"))
    async with a_form(size) as form:
        await form.type(f"{ANSWERS}~/taxed.csv{{enter}}")
        assert "The taxes of an item of 100,00:" in form.text()
        assert "USt 10 %: net 100,00 + USt 10,00 = 110,00" in form.text()
        assert "Croissant" in form.text()
        await form.type("{enter}{up}{up}{up}{up}{up}{up}y{enter}")
        assert form.app.scene.state.entry.text == "~/taxed.csv"
        await form.type("{enter}")
        assert "USt 10 %: net 90,91 + USt 9,09 = 100,00" in form.text()


@pytest.mark.usefixtures("machine")
async def test_the_tax_of_most_items_is_asked_for_with_an_example_of_the_country() -> None:
    async with a_form((80, 24)) as form:
        await form.type(f"{ANSWERS.removesuffix('{enter}')}")
        assert "Tax on most items (USt 20 …)? Enter for none." in form.text()
        await form.type("USt{enter}")
        assert "The tax “USt” is not a tax" in " ".join(form.text().split())
        await form.type("{ctrl+u}USt 20{enter}~/menu.csv{enter}")
        assert "USt 20 %: net 100,00 + USt 20,00 = 120,00" in form.text()
        await form.type("{enter}{up}{up}USt 10{enter}{enter}")
        assert "USt 10 %: net 100,00 + USt 10,00 = 110,00" in form.text()


@pytest.mark.parametrize(
    ("locale", "currency", "example"),
    [
        ("en_US", "INR", "CGST 2.5 + SGST 2.5"),
        ("de_DE", "EUR", "MwSt 19"),
        ("en", "GBP", "VAT 20"),
        ("en", "EUR", "VAT"),
    ],
)
def test_the_example_of_a_tax_is_of_the_country(locale: str, currency: str, example: str) -> None:
    founding = VenueFounding("0197d6a0-0000-7000-8000-000000000001", lambda _name: b"")
    founding.take("locale", locale)
    founding.take("currency", currency)
    assert example in next(one.asks for one in founding.questions if one.name == "tax")
    assert all(len(one.asks) <= 60 for one in founding.questions if one.name == "tax")


@pytest.mark.usefixtures("machine")
async def test_a_changed_currency_reads_the_menu_again_and_offers_its_file() -> None:
    """Nothing is asked twice: prices in another currency are read again, and their file is offered."""
    async with a_form((80, 24)) as form:
        await form.type(STATES["init-whole"])
        assert "Eck Café: EUR, Europe/Vienna" in form.text()
        await form.type("{up}" * 14 + "CHF{enter}")
        assert not form.founding.is_answered("menu")
        assert form.app.scene.state.entry.text == "~/menu.csv"
        await form.type("{enter}{enter}")
        form.app._take(KeyPress("enter"))
        assert form.app._exit
        assert form.app.scene.agreed
    founded = form.founding.founded()
    assert (founded.venue.currency, founded.venue.prices_include_tax, founded.person["number"]) == ("CHF", False, 7)
    assert founded.menu is not None
    assert len(founded.menu["items"]) == 3


@pytest.mark.usefixtures("machine")
async def test_text_typed_behind_a_wrong_answer_is_not_taken_for_another() -> None:
    async with a_form((80, 24)) as form:
        await form.type("Eck Café{enter}{enter}EURO{enter}Europe/Paris{enter}")
        assert form.app.scene.state.wrong == "EURO"
        assert "The currency is the three letters of a currency" in form.text()
        assert not form.founding.is_answered("timezone")


@pytest.mark.usefixtures("machine")
async def test_a_click_goes_back_to_an_answer_and_never_past_a_question() -> None:
    async with a_form((120, 36)) as form:
        await form.type("Eck Café{enter}{enter}")
        scene = form.app.scene
        scene.point(scene.screen.form, 0)
        assert scene.state.place == 0
        scene.point(scene.screen.form, 7)
        assert scene.state.place == 0
        scene.point(scene.screen.form, 2)
        assert scene.state.place == 2
        scene.point(scene.screen.form, len(scene.facts().asked))
        assert scene.state.place == 2, "nothing can be created yet"


@pytest.mark.usefixtures("machine")
async def test_leaving_makes_nothing() -> None:
    async with a_form((80, 24)) as form:
        await form.type(STATES["init-whole"])
        form.app._take(KeyPress("ctrl+q"))
        assert form.app._exit
        assert not form.app.scene.agreed


def test_a_refusal_at_the_end_is_shown_over_all_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    make_guesses_cheap(monkeypatch)
    founding = VenueFounding("0197a000-0000-4000-8000-000000000001", lambda _file: TABLE.encode())
    answers = {"name": "Eck", "currency": "EUR", "till": "1", "staff": "7", "staff_name": "Om", "pin": "4711"}
    for question in founding.questions:
        given = {"password": "seven sevens", "menu": "menu.csv", "prices_include_tax": "y"} | answers
        founding.take(question.name, given.get(question.name) or founding.offered(question.name))
    scene = InitApp(founding, Paint("dark", Depth.TRUE), make_init_keymap(), "No room on the disk.").scene
    assert (scene.state.step, message_of(scene.state)) == (QuestionStep.AGREEING, "No room on the disk.")
    founding.ask_menu_again()
    again = InitApp(founding, Paint("dark", Depth.TRUE), make_init_keymap(), "No such menu.").scene
    assert scene.facts().asked[again.state.place].question.name == "menu"
    assert (again.state.entry.text, message_of(again.state)) == ("menu.csv", "No such menu.")
