"""The till's own screens as they are drawn today; look at a difference before taking it (`--snapshot-update`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.drawing.test_snapshots import Picture
from tests.tui.playing import LOG_IN, FakeStore, Till, a_till, elsewhere, row_of
from tests.tui.screens.admin.test_conflicts import TWICE
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

ORDER = LOG_IN + "2 idly{enter}1 masala dosa{enter}2 filter coffee{enter}rava dosa{enter}3 kesari bath{enter}26{enter}"
SHIFT = LOG_IN + "float 2000{enter}2 idly{enter}{f9}{enter}paid out 410 milk{enter}"
SCENES = {
    "login": "1{enter}111",
    "sell": ORDER + "{up}{up}2 dosa",
    "pay": ORDER + "{f9}q",
    "split": ORDER + "{f9}s12{down}23",
    "split_many": ORDER + "split 5{enter}{left}{left}12{down}0{down}{down}45",
    "split_even": ORDER + "split{enter}{right}{right}3",
    "split_items": ORDER + "{f9}si13-{enter}c{enter}25-",
    "receipt": ORDER + "{f9}500{enter}",
    "menu": ORDER + "{f4}{right}{down}",
    "choices": ORDER + "mysore masala dosa{enter}132122{down}well done",
    "discount": ORDER + "{up}{up}{f3}p15{enter}2",
    "approval": ORDER + "{up}{up}{f3}p15{enter}2{enter}9{enter}999",
    "void": ORDER + "{up}{f7}",
    "voided": ORDER + "{up}{f7}1{enter}",
    "tabs": LOG_IN + "tea{enter}tab 7{enter}2 tea{enter}tab Asha{enter}{f8}",
    "help": LOG_IN + "{f1}",
    "commands": LOG_IN + "{ctrl+p}vo",
    "choosing": LOG_IN + "dosa{enter}",
    "drawer": SHIFT + "{f11}1{enter}650 gas",
    "count": SHIFT + "close{enter}{enter}{enter}{enter}3{enter}6{enter}{enter}2",
    "z": SHIFT + "close{enter}{enter}",
    "sales": ORDER + "{f9}500{enter}2 tea{enter}{f9}C{enter}{f10}",
    "sale": ORDER + "{f9}500{enter}2 tea{enter}{f9}C{enter}{f10}{enter}+3",
}
BOTH = [(80, 24), (120, 36)]
#: Scenes whose wide picture has the panes and widgets of another: they are drawn at one size.
ONCE = {"split_many", "split_even", "split_items", "void", "voided", "choosing", "help", "commands"}


@pytest.mark.parametrize("name", SCENES)
async def test_screen(name: str, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    async with a_till(tmp_path, store=FakeStore(), typed=SCENES[name]) as till:
        await _pictures(till, name, snapshot, BOTH[:1] if name in ONCE else BOTH)


async def test_takeover(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    order, _events = elsewhere(tmp_path, ("Idly", 2), ("Tea", 1))
    async with a_till(tmp_path, store=FakeStore(sessions=[row_of(order)]), typed=LOG_IN) as till:
        await _pictures(till, "takeover", snapshot)


async def test_conflicts(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    store = FakeStore()
    async with a_till(tmp_path, store=store, typed=LOG_IN + "2 idly{enter}{f9}{enter}{f12}") as till:
        (session,) = (mark.session_id for mark in till.register.journal.followed_sessions())
        store.conflicts = [
            replace(TWICE, session_id=session),
            replace(TWICE, conflict_id=session, kind="number_twice", till=0),
        ]
        await till.type("9{enter}9999{enter}{ctrl+o}")
        await _pictures(till, "conflicts", snapshot)


async def _pictures(
    till: Till, title: str, snapshot: SnapshotAssertion, sizes: Sequence[tuple[int, int]] = BOTH
) -> None:
    """Compare the screen at these sizes."""
    for width, height in sizes:
        await till.resize(width, height)
        drawn = till.app.export_screenshot(title=title, simplify=True)
        assert drawn == snapshot(name=f"{width}x{height}", extension_class=Picture)
