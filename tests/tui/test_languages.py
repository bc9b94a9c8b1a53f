"""The counter's pictures in a made-up language: no word is English but data, and no sentence is cut."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.plugins.made_up import made_up
from tests.tui.drawing.seeing import read
from tests.tui.playing import a_reference
from tests.tui.quiet import a_drawn_till
from till.cli.demo_venue import demo_reference
from till.domain.i18n import ENGLISH
from till.ports import Light, LightState
from till.register.board import KitchenScreen
from till.register.register import kept_light
from till.sync.failures import Failure, FailureKind, away_sentence
from till.tui.drawing.palette import Depth, Paint
from till.tui.kitchen_app import KitchenApp
from till.tui.screens.sell.commands import make_keymap
from till.tui.shell.side_app import make_side_keymap
from till.tui.start import make_app
from tools import screenshots
from tools.screenshots import FixedClock, Shot, press, typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from till.domain.kitchen.board import TicketBoard
    from till.register.register import Register

_SIZES = ((120, 36), (80, 24), (40, 22))
#: A training and the order at a minute, which is a report, are in English.
_SHOTS = {
    (shot.keys, shot.prints): shot
    for shot in reversed(screenshots.SHOTS)
    if not shot.trains and shot.name != "table-at"
}
#: Keys, what is typed in their place, and what the law wants in its own words.
_NAMES = "split Enter Esc Tab Bksp Backspace PgDn PgUp Ctrl Shift Del Delete Insert Home End Taxable value GST INR"
_WORD = re.compile("[A-Za-z]{2,}")
_ACCENTED = re.compile("[^\x00-\x7f\u2000-\u2bff×÷·−₹]")


def _names(found: object) -> Iterator[str]:
    """Yield the names in a reference: of items, people, places, taxes."""
    if isinstance(found, dict):
        yield from (found[key] for key in ("name", "area") if key in found)
        for each in found.values():
            yield from _names(each)
    elif isinstance(found, list | tuple):
        for each in found:
            yield from _names(each)


def english_in(rows: list[str], shot: Shot) -> list[str]:
    """Return the words on a screen that are neither data, keys, nor to be typed as they are."""
    keyed = "".join(key if len(key) == 1 else " " for key in shot.keys)
    known = " ".join((*_names(demo_reference()), _NAMES, keyed)).casefold().split()
    shown = re.sub("“[^”]*”", " ", " ".join(rows))
    return [word for word in _WORD.findall(shown) if word.casefold() not in known]


def cut_in(rows: list[str]) -> list[str]:
    """Return the parts of rows that are cut: a blank before the sign says that more entries follow."""
    parts = [part for row in rows for part in re.split(r"\s{2,}|│", row)]
    return [part for part in parts if re.search(r"\S…", part) and _ACCENTED.search(part.replace("…", ""))]


@contextmanager
def a_register_in(
    shot: Shot,
    folder: Path,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    people: Mapping[str, str],
    venue: str,
) -> Iterator[Register]:
    """Yield the register of a picture, in a language of the venue and others of its people."""
    reference = demo_reference()
    staff = [{**person, "language": people.get(person["name"], "")} for person in reference["staff"]["staff"]]
    settings = {**reference["settings"], "languages": [venue]}
    found = {**reference, "settings": settings, "staff": {**reference["staff"], "staff": staff}}
    monkeypatch.setattr(screenshots, "demo_reference", lambda: found)
    with screenshots.a_register(shot, folder, clock) as register:
        yield register


async def _pictured(
    shot: Shot,
    size: tuple[int, int],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    people: Mapping[str, str],
    venue: str = ENGLISH,
) -> list[str]:
    """Return the rows of a picture in the language of the venue, and once they log in of its people."""
    clock = FixedClock()
    with a_register_in(shot, folder, clock, monkeypatch, people, venue) as register:
        app = make_app(register, Paint("dark", Depth.TRUE, touch=size[0] < 60), make_keymap())
        async with app.run_test(size=size) as pilot:
            await press(app, pilot, shot, clock)
            return read(app)


@pytest.mark.parametrize("size", _SIZES, ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("shot", _SHOTS.values(), ids=lambda shot: shot.name)
async def test_every_word_is_translated_and_no_sentence_is_cut(
    shot: Shot, size: tuple[int, int], qps: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = await _pictured(shot, size, tmp_path, monkeypatch, {}, venue=qps)
    assert english_in(rows, shot) == []
    assert cut_in(rows) == []


@pytest.mark.parametrize("size", _SIZES[:2], ids="{0[0]}x{0[1]}".format)
async def test_the_board_of_the_kitchen_is_translated(
    size: tuple[int, int], qps: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shot, *_others) = screenshots.KITCHENS
    with a_register_in(shot, tmp_path, FixedClock(), monkeypatch, {}, qps) as register:
        board = screenshots.a_board(register.ledger.now())

        async def ask(_stations: tuple[str, ...], _number: str | None) -> TicketBoard:
            return board

        kitchen = KitchenScreen(register.ledger, register.reference, (), ask)
        await kitchen.look()
        app = KitchenApp(register, kitchen, Paint("dark", Depth.TRUE), make_side_keymap())
        async with app.run_test(size=size) as pilot:
            await pilot.press(*shot.keys)
            await pilot.pause()
            await pilot.pause()
            rows = read(app)
    tickets = " ".join(f"{one.who} {one.place} {' '.join(line.note for line in one.lines)}" for one in board.tickets)
    assert english_in(rows, replace(shot, keys=(*tickets, *" Kitchen"))) == []
    assert cut_in(rows) == []


#: The screens that a cashier who speaks English saw before: help, menu, tables, drawer, past sales, commands, Pay.
_BEFORE = (
    *screenshots.LOGIN, "f1", "escape", *typed("2 idly"), "f4", "escape", "f8", "escape", "f11", "escape", "f10",
    "escape", "ctrl+p", "escape", "f9", "5", "0", "0", "enter", "f12",
)  # fmt: skip
_AFTER = ("void", "menu-80x24", "tables", "pay", "sales", "drawer", "help")


@pytest.mark.parametrize("name", _AFTER)
async def test_a_login_changes_every_word(name: str, qps: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shot,) = (shot for shot in _SHOTS.values() if shot.name == name)
    as_ravi = ("2", *screenshots.LOGIN[1:], *shot.keys[len(screenshots.LOGIN) :])
    shot = replace(shot, keys=(*_BEFORE, *as_ravi))
    rows = await _pictured(shot, (120, 36), tmp_path, monkeypatch, {"Ravi": qps})
    assert "Ravi" in rows[0]
    assert english_in(rows, shot) == []


@pytest.mark.parametrize("state", [LightState.OFFLINE, LightState.ATTENTION])
async def test_a_login_changes_the_reason_of_the_light(state: LightState, qps: str, tmp_path: Path) -> None:
    reference = a_reference()
    next(one for one in reference["staff"]["staff"] if one["number"] == 2)["language"] = qps
    words = "The server's answer cannot be read."
    async with a_drawn_till(tmp_path, (120, 36), reference=reference) as till:
        till.register.light_changed(Light(state, detail=away_sentence(Failure(FailureKind.DAMAGED))))
        for user, shown in (("1", words), ("2", made_up(words)), ("1", words)):
            await till.type(f"{user}{{enter}}{user * 4}{{enter}}")
            assert shown in till.text()
            assert (words in till.text()) == (shown == words)
            await till.type("{f12}")
        till.register.keep_light()
        assert words.removesuffix(".") in kept_light(till.register.journal)
