from __future__ import annotations

from typing import TYPE_CHECKING

from till.ports import Light, LightState
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal

if TYPE_CHECKING:
    from pathlib import Path

STORE = "0197d6a0-0000-7000-8000-00000000aa00"


def test_the_light_of_the_first_screen_says_saved_only_of_what_is(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "till-1.sqlite", till=1, store_id=STORE)
    register = make_register(journal, WallClock(), LateOutbox(), till=1, store_id=STORE)
    assert register.light == Light(LightState.SAVED_HERE, 1)
    journal.acknowledge(journal.head)
    journal.close()
    journal = open_journal(tmp_path / "till-1.sqlite", till=1, store_id=STORE)
    assert make_register(journal, WallClock(), LateOutbox(), till=1, store_id=STORE).light == Light(LightState.SAVED)
    journal.close()
