"""A key that only typed or added a line is painted by its own facts: they are those that would be found again."""

from __future__ import annotations

from contextlib import contextmanager
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.playing import FakeStore, a_till
from till.domain.advice import Advice
from till.ports import Light, LightState
from till.ports.training import DrillFigures, DrillShown, GuestShown
from till.tui.screens.sell import scene as sell_scene
from till.tui.screens.sell.presenter import SellPresenter
from till.tui.screens.sell.scene import SellScene

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.tui.playing import Till
    from till.tui.drawing.screen import Views
    from till.tui.drawing.viewmodels import StatusView
    from till.tui.screens.sell.state import SellFacts, SellState

#: Keys of the sell screen, most of them lines. What opens another screen comes back by what follows.
SCRIPTS = [
    "{enter}".join(script.split("⏎"))
    for script in (
        *("2 idly⏎", "masala dosa⏎", "1 id", "{tab}⏎", "coffee⏎", "3 filter coffee⏎", "2 idly, 1 coffee⏎", "-1 idly⏎")
        * 2,
        *("{up}", "{down}", "+⏎", "{escape}", "{backspace}", "{ctrl+u}", "zzz⏎", "⏎", "{pageup}", "{ctrl+z}"),
        *("{f7}{escape}", "{f7}⏎spilt⏎", "{f4}{down}⏎{escape}", "{f2}{escape}", "{f1}{escape}", "{f8}{escape}{escape}"),
        *("{f9}{escape}", "cash⏎", "receipt⏎", "note hot⏎", "table 4⏎", "to go⏎", "10% off⏎{escape}"),
        *("count idly 40⏎", "count idly 1⏎⏎", "out masala dosa⏎", "{f12}1⏎1111⏎", "lock⏎1111⏎"),
    )
]


def other_light(till: Till, chance: Random) -> None:
    words = Advice("The disk is nearly full.") if chance.random() < 1 / 2 else Advice()
    till.register.light_changed(Light(chance.choice(list(LightState)), chance.randrange(3), detail=words, notice=words))


def newer(name: str) -> Any:
    def come(till: Till, _chance: Random) -> None:
        version, body = till.journal.cached(name) or (0, {})
        till.journal.cache(name, version + 1, body)
        till.register.reference_changed([name])

    return come


def taken(till: Till, _chance: Random) -> None:
    if till.shown is not None:
        till.register.taken(till.shown.id, "Till 2", "Ravi", till.clock.now())


def in_drill(till: Till, _chance: Random) -> None:
    """Begin a drill, or end it: the guest at the counter changes with what was added."""
    controller = till.app.controller

    def look() -> DrillShown:
        words = "" if till.shown is None else str(till.shown.total)
        guest = GuestShown("Grey coat", (words,), 34)
        return DrillShown(name="Rush", left_s=492, patience_s=120, at_counter=guest, waiting=(), so_far=DrillFigures())

    controller.training = None if controller.training else SimpleNamespace(look=look)
    controller.paint()


def later(till: Till, chance: Random) -> None:
    till.clock.pass_by(seconds=chance.choice([1, 20, 61]))


#: Events between two keys.
HAPPENS = (other_light, other_light, newer("menu"), newer("settings"), taken, in_drill, in_drill, *[later] * 4)


@contextmanager
def checked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """Have each painting of the sell screen find its facts and its status once more; note whether they were kept."""
    painting: list[SellScene] = []
    kept: list[bool] = []
    views, paint, facts_painted = SellPresenter.views, SellScene.paint, SellScene._facts_painted

    def painted(scene: SellScene) -> None:
        painting.append(scene)
        paint(scene)
        painting.pop()

    def noted(scene: SellScene) -> tuple[SellFacts, bool]:
        found = facts_painted(scene)
        kept.append(found[1])
        return found

    def compared(presenter: SellPresenter, state: SellState, facts: SellFacts, status: StatusView) -> Views:
        assert facts == painting[-1]._facts()
        assert status == painting[-1].controller.status()
        return views(presenter, state, facts, status)

    with monkeypatch.context() as patch:
        patch.setattr(SellScene, "paint", painted)
        patch.setattr(SellScene, "_facts_painted", noted)
        patch.setattr(SellPresenter, "views", compared)
        yield kept


async def play(folder: Path, seed: int) -> None:
    """Play a hundred scripts, with what happens between them."""
    chance = Random(seed)  # noqa: S311 - to be played again
    async with a_till(folder, size=(120, 36), store=FakeStore(), typed="1{enter}1111{enter}") as till:
        for _script in range(100):
            if chance.random() < 1 / 4:
                chance.choice(HAPPENS)(till, chance)
            await till.type(chance.choice(SCRIPTS))
            if till.app.trouble is not None:
                raise till.app.trouble
            if not isinstance(till.scene, SellScene):
                till.app.controller.training = None
                await till.type("{escape}{escape}{escape}1{enter}1111{enter}")


async def play_each(folder: Path, seeds: Iterable[int]) -> None:
    for seed in seeds:
        await play(folder / str(seed), seed)


@pytest.mark.parametrize("seed", range(4))
async def test_facts_and_status_of_a_key_are_those_that_its_painting_would_find(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    with checked(monkeypatch) as kept:
        await play(tmp_path, seed)
    assert sum(kept) > 50


class _Everything(frozenset[Any]):
    """A set of all acts."""

    def issuperset(self, _others: object) -> bool:
        return True


@pytest.mark.parametrize(
    ("name", "fault"), [("_LINE_ACTS", _Everything()), ("_time_shown", lambda _menu, _now: (0, None))]
)
async def test_the_property_finds_a_planted_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, fault: object
) -> None:
    monkeypatch.setattr(sell_scene, name, fault)
    with checked(monkeypatch), pytest.raises(AssertionError):
        await play_each(tmp_path, range(6))
