"""A scan where no item can be keyed: its digits are undone, whatever they did, and the second Enter does nothing."""

from __future__ import annotations

from typing import Any

import pytest

from till.domain.catalogue.menu import Item, Menu
from till.domain.money.measures import Price4
from till.tui.shell.keymap import KeyPress
from till.tui.shell.scans import ScanGate

WATER, STAMP = "8901234500019", "AB-711"
MENU = Menu(items=(Item("water", "Water", "drinks", Price4(200_000), "A", barcodes=(WATER, STAMP)),))
SAID = "Water was scanned. Esc goes back to key it."


class Counting:
    """A scene that counts digits."""

    refuses_scans = True

    def __init__(self) -> None:
        self.state = 0

    def undo_scan(self, state: int) -> None:
        self.state = state


class Selling:
    """A scene that keys what is scanned."""

    state = 0


def pressed(*keys: str, scene: Any, gate: ScanGate | None = None) -> list[str]:
    """Press keys on a scene, and return why each was refused."""
    gate, said = gate or ScanGate(lambda: MENU), []
    for key in keys:
        char, paste = key if len(key) == 1 else "", key if len(key) > 1 and key.isdigit() else ""
        press = KeyPress(key, char, paste)
        said.append(gate.why_not(press, scene))
        if not said[-1] and (press.char or press.paste):
            scene.state += 1
        gate.acted(scene)
    return said


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
    assert pressed(*keys, scene=scene) == [*[""] * (len(keys) - 1), SAID]
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
    assert pressed(*WATER, "enter", "enter", "enter", scene=Counting())[-3:] == [SAID, SAID, ""]
    assert pressed(*WATER, "enter", "up", "enter", scene=Counting())[-2:] == ["", ""]


def test_a_scan_is_keyed_where_items_are() -> None:
    assert not any(pressed(*WATER, "enter", scene=Selling()))


def test_what_came_of_something_else_meanwhile_is_not_undone() -> None:
    gate, scene = ScanGate(lambda: MENU), Counting()
    assert not any(pressed(*WATER, scene=scene, gate=gate))
    scene.state = 99  # an answer
    assert pressed("enter", scene=scene, gate=gate) == [""]
    assert scene.state == 99


def test_a_secret_is_never_compared() -> None:
    gate, scene = ScanGate(lambda: MENU), Counting()
    scene.refuses_scans = False
    assert pressed(*STAMP, "enter", scene=scene, gate=gate) == [""] * 7
    assert not gate._typed


def test_digits_of_another_scene_do_not_count() -> None:
    gate = ScanGate(lambda: MENU)
    assert not any(pressed(*WATER[:6], scene=Counting(), gate=gate))
    assert not any(pressed(*WATER[6:], "enter", scene=Counting(), gate=gate))
