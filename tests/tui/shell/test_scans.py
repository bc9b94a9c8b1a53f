"""A scan where no item can be keyed: its digits are undone, whatever they did, and the second Enter does nothing."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.playing import LOG_IN, a_reference
from tests.tui.quiet import a_quiet_till
from till.domain.catalogue.menu import Item, Menu
from till.domain.money.measures import Price4
from till.register.quick_entry.lookup import Lookup
from till.tui.shell.gates import ScanGate
from till.tui.shell.keymap import KeyPress

if TYPE_CHECKING:
    from pathlib import Path

WATER, STAMP = "8901234500019", "AB-711"
MENU = Menu(items=(Item("water", "Water", "drinks", Price4(200_000), "A", barcodes=(WATER, STAMP), plu=123),))
ANSWER = "Water was scanned. Esc goes back to key it."
LABEL = "2100123015009"
LOOKUP = Lookup(MENU, labels="21IIIIIWW.WWWC")


class Counting:
    """A scene that counts digits."""

    refuses_scans = True
    masked = False

    def __init__(self) -> None:
        self.state = 0

    def undo_scan(self, state: int) -> None:
        self.state = state


class Selling:
    """A scene that keys what is scanned."""

    state = 0


def pressed(*keys: str, scene: Any, gate: ScanGate | None = None) -> list[str]:
    """Press keys on a scene, and return why each was refused."""
    gate, answers = gate or ScanGate(lambda: LOOKUP), []
    for key in keys:
        char, paste = key if len(key) == 1 else "", key if len(key) > 1 and key.isdigit() else ""
        press = KeyPress(key, char, paste)
        answers.append(gate.why_not(press, scene))
        if not answers[-1] and (press.char or press.paste):
            scene.state += 1
        gate.acted(scene)
    return answers


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        ([*WATER, "enter"], 0),
        ([WATER, "enter"], 0),
        (["3", "5", *WATER, "ctrl+j"], 2),
        ([*STAMP, "enter"], 0),
    ],
)
def test_a_scan_is_refused_and_leaves_what_was_typed_before(keys: list[str], left: int) -> None:
    scene = Counting()
    assert pressed(*keys, scene=scene) == [*[""] * (len(keys) - 1), ANSWER]
    assert scene.state == left


@pytest.mark.parametrize(
    "keys",
    [
        [*WATER, "up", "enter"],
        [*WATER[:6], "up", *WATER[6:], "enter"],
        [*WATER[:-1], "enter"],
        ["5", *STAMP, "enter"],  # too short for a code behind other digits
        ["enter"],
    ],
)
def test_other_keys_are_no_scan(keys: list[str]) -> None:
    assert not any(pressed(*keys, scene=Counting()))


def test_the_second_enter_of_a_scanner_is_refused_and_the_third_is_not() -> None:
    assert pressed(*WATER, "enter", "enter", "enter", scene=Counting())[-3:] == [ANSWER, ANSWER, ""]
    assert pressed(*WATER, "enter", "up", "enter", scene=Counting())[-2:] == ["", ""]


def test_a_scan_is_keyed_where_items_are() -> None:
    assert not any(pressed(*WATER, "enter", scene=Selling()))


def test_a_label_is_a_scan_where_no_item_is_keyed() -> None:
    scene = Counting()
    assert pressed(*LABEL, "enter", scene=scene)[-1] == ANSWER
    assert pressed("5", *LABEL[:-1], "6", "enter", scene=scene)[-1].startswith("That label was misread")
    assert scene.state == 1
    assert not any(pressed(*LABEL, "enter", scene=Selling()))


def test_another_change_meanwhile_is_not_undone() -> None:
    gate, scene = ScanGate(lambda: LOOKUP), Counting()
    assert not any(pressed(*WATER, scene=scene, gate=gate))
    scene.state = 99  # an answer
    assert pressed("enter", scene=scene, gate=gate) == [ANSWER]
    assert scene.state == 99


def test_a_secret_is_never_compared() -> None:
    gate, scene = ScanGate(lambda: LOOKUP), Counting()
    scene.masked = True
    assert pressed(*STAMP, "enter", scene=scene, gate=gate) == [""] * 7
    assert not gate._typed
    assert gate._after == (None, None)


def test_a_scan_that_opened_another_scene_is_refused_there() -> None:
    gate, first, then = ScanGate(lambda: LOOKUP), Counting(), Counting()
    then.state = 7
    assert not any(pressed(*WATER[:6], scene=first, gate=gate))
    assert pressed(*WATER[6:], "enter", scene=then, gate=gate)[-1] == ANSWER
    assert (first.state, then.state) == (6, 7)


def test_an_enter_between_ends_a_code() -> None:
    gate, scene = ScanGate(lambda: LOOKUP), Counting()
    assert not any(pressed(*WATER[:6], "enter", *WATER[6:], "enter", scene=scene, gate=gate))


def test_keys_that_came_while_nothing_was_refused_count_too() -> None:
    gate, scene = ScanGate(lambda: LOOKUP), Counting()
    scene.refuses_scans = False
    assert not any(pressed(*WATER[:9], scene=scene, gate=gate))
    scene.refuses_scans, scene.state = True, 50  # the terminal answered
    assert pressed(*WATER[9:], "enter", scene=scene, gate=gate)[-1] == ANSWER
    assert scene.state == 50


def coded(*codes: str) -> Any:
    """Return the demo venue's data, with other codes on the water."""
    reference = copy.deepcopy(a_reference())
    [water] = [item for item in reference["menu"]["items"] if WATER in item.get("barcodes", ())]
    water["barcodes"] = list(codes)
    return reference


@pytest.mark.parametrize("asked", ["200{enter}{f7}", "99999{enter}"])
async def test_a_refused_scan_leaves_no_question_open(tmp_path: Path, asked: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}2 dosa{enter}1{enter}{f9}" + asked) as till:
        await till.type(WATER + "{enter}{enter}")
        assert till.answer() == "Water 1 l was scanned. Esc goes back to key it."
        pay: Any = till.app.controller.top
        assert (pay.state.unconfirmed, pay.state.giving_back) == (None, None)


async def test_a_scan_at_a_sheet_that_asked_by_itself_is_the_next_entry(tmp_path: Path) -> None:
    code = "1212345678904"
    async with a_quiet_till(tmp_path, reference=coded(code)) as till:
        await till.type(LOG_IN + "mysore masala dosa{enter}" + code + "{enter}")
        assert till.lines() == {"Mysore Masala Dosa": 1, "Water 1 l": 1}


async def test_a_refused_scan_chooses_nothing_for_a_line(tmp_path: Path) -> None:
    code = "110123456789"
    async with a_quiet_till(tmp_path, reference=coded(code)) as till:
        await till.type(LOG_IN + "masala dosa{enter}{f2}" + code + "{enter}{enter}")
        assert till.answer() == "Water 1 l was scanned. Esc goes back to key it."
        await till.type("{enter}")
        assert till.order.total == 8_000


async def test_a_code_that_begins_with_the_letter_of_a_key_gives_no_pieces(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=coded("S1234567")) as till:
        await till.type(LOG_IN + "5 idly{enter}{f9}S1234567{enter}")
        assert till.answer() == "Water 1 l was scanned. Esc goes back to key it."
        split: Any = till.app.controller.top
        assert split.state.gifts == ()


async def test_a_pin_is_not_kept(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed="1{enter}111") as till:
        assert till.app.controller._scans._after == (None, None)
        await till.type("1{enter}tea{enter}{f7}{f2}x{enter}tea{enter}{f3}p50{enter}1{enter}9{enter}99")
        assert "99" not in str(till.app.controller._scans._after)
        assert not till.app.controller._scans._typed
