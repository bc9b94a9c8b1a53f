"""Five wrong PINs: at the screen, over a restart, and from the command line; also invalid files of PINs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.plugins.secrets import leaked
from till.cli.authority import read_new_pin
from till.domain.errors import TillError
from till.domain.staff.pins import hash_pin

if TYPE_CHECKING:
    from pathlib import Path

    from tests.plugins.terminals import Venue


def test_five_wrong_pins_lock_the_number_and_no_restart_forgets_it(venue: Venue) -> None:
    till = venue.open_connected().type("1\r")
    for _count in range(4):
        till.wait_for("F1 Help").type("0000\r").wait_for("Wrong PIN for number 1.")
        till.type("0").wait_for(lambda t: "not the one" not in t.text).press("ctrl+u")
    till.type("0000\r").wait_for("locked until").wait_for("● saved")
    till.type("1\r").wait_for("locked until")
    till.press("escape").type("2\r2222\r").wait_for("No lines yet").press("f12").wait_for("type a number")
    till.kill9()

    again = venue.open().wait_for("locked until").type("1\r").wait_for("Number 1 is locked")
    assert "No lines yet" not in again.text
    other = venue.open_connected(till=2).wait_for("locked until")
    assert "1   Asha" in other.text
    assert venue.run("admin", "users", "unlock", "1").returncode == 0
    other.wait_for(lambda t: "locked until" not in t.text)
    venue.log_in(other).press("f12").wait_for("type a number").press("ctrl+q")
    assert other.wait_for_end() == 0  # all that it had to say is in the log
    assert leaked(("1111", "0000"), (venue.folder / "logs" / "till.log").read_text()) == []


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=40) | st.text(max_size=12).map(str.encode) | st.just(b"1" * 5000))
def test_a_file_of_a_pin_is_a_pin_or_refused_in_a_sentence(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "pin"
    file.write_bytes(data)
    pin = read_new_pin(str(file))
    assert "\n" not in pin
    if pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 12:
        return  # hashing takes long, and the register's own tests do it
    message = ""
    try:
        hash_pin(pin)
    except TillError as problem:
        message = problem.sentence
    assert message
    assert len(pin) < 3 or pin not in message
