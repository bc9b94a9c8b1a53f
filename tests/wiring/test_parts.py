from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.staff.events import LoggedIn, LoggedOut
from till.domain.staff.person import Person, Role
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


def test_a_till_that_starts_logs_out_whom_a_crash_left_logged_in(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "till-1.sqlite", till=1, store_id=STORE)
    register = make_register(journal, WallClock(), LateOutbox(), till=1, store_id=STORE)
    register.access.admit(Person(1, "Vamsi", Role.CASHIER, ""))
    journal.close()  # nobody logged out
    for _start in range(2):
        journal = open_journal(tmp_path / "till-1.sqlite", till=1, store_id=STORE)
        register = make_register(journal, WallClock(), LateOutbox(), till=1, store_id=STORE)
        journal.close()
    journal = open_journal(tmp_path / "till-1.sqlite", till=1, store_id=STORE)
    login, logout = [event for event in journal.unsent(9) if event.stream_kind == "login"]
    journal.close()
    assert (login.data, logout.data, logout.user) == (LoggedIn(user=1), LoggedOut(user=1), 1)
    assert logout.stream_id == login.stream_id
