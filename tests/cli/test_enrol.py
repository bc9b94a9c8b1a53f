"""A machine becomes a till by an enrolment that a manager printed on another."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.administration.enrolments import EnrolmentError, read_enrolment
from till.cli.environment import Surroundings
from till.cli.venues import secret_hash
from till.config import Folders, HeldVenue, VenueKind, hold_venue
from till.domain.payment.codes import make_code, shown_code

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

WRITTEN = re.compile(r"2-(?:[2-9A-HJ-NP-Z]{4}-){3}[2-9A-HJ-NP-Z]{4}\n")


def elsewhere(staffed: Shell, name: str = "other") -> Path:
    """Switch to a machine that has only the database's address."""
    folder = staffed.folder / name
    staffed.patch.delenv("TILL_CONFIG", raising=False)
    staffed.patch.setenv("TILL_DATA_DIR", str(folder))
    return folder


def secrets_of(database: Database) -> list[str]:
    with database.connect() as connection:
        return [row[0] for row in connection.execute("SELECT secret_hash FROM till.tills ORDER BY id").fetchall()]


def test_a_machine_becomes_a_till_by_what_a_manager_printed(staffed: Shell, database: Database) -> None:
    staffed.become(9)
    made = staffed("admin", "tills", "add", "2", "--name", "Terrace")
    assert WRITTEN.fullmatch(made.out)
    assert "once, until " in made.err
    assert staffed("admin", "tills", "list", "--json").json == {"tills": []}, "nothing changes until it is taken"
    shown = staffed.ok("admin", "audit", "show")
    assert "made an enrolment code for till 2" in shown
    assert made.out.strip() not in shown
    folder = elsewhere(staffed)
    for name in ("TILL_STAFF", "TILL_PASSWORD_FILE", "TILL_DATABASE__OWNER_URL"):
        staffed.patch.delenv(name)

    result = staffed("enrol", stdin=made.out.lower())

    assert (result.code, result.out) == (0, "This machine is till 2 of Café, Terrace.\n"), result.err
    written = tomllib.loads((folder / "config.toml").read_text())
    assert (written["till"]["id"], written["database"]) == (2, {"url": database.app.url})
    assert "venue" not in written
    here = Surroundings.find()
    assert here.venue.name == "Café"
    secret = here.folders.read_secret(2)
    assert secret is not None
    assert here.folders.next_secret(2) is None
    assert here.folders.secret(2).stat().st_mode & 0o777 == 0o600
    assert secrets_of(database) == [secret_hash(secret)]

    doctor = {part["part"]: part for part in staffed("doctor", "--json").json["parts"]}
    assert (doctor["till 2"]["verdict"], doctor["owner"]["verdict"]) == ("ok", "unknown")

    elsewhere(staffed, "a third")
    again = "The enrolment code is mistyped, was used or has expired. A manager makes another: till admin tills add."
    assert staffed.refused("enrol", stdin=made.out) == again
    assert Surroundings.find().folders.next_secret(2) is None


def test_an_answer_that_was_lost_is_asked_for_again(staffed: Shell, database: Database) -> None:
    made = staffed.ok("admin", "tills", "add", "2")
    elsewhere(staffed)
    with staffed.patch.context() as patch:
        patch.setattr(Folders, "take_next_secret", broken_off)
        with pytest.raises(BrokenOffError):
            staffed("enrol", stdin=made)
    staffed.ok("enrol", stdin=made)
    assert secrets_of(database) == [secret_hash(Surroundings.find().folders.read_secret(2) or "")]


def test_a_second_till_of_a_machine_leaves_the_config_to_the_first(staffed: Shell) -> None:
    codes = [staffed.ok("admin", "tills", "add", number) for number in ("2", "998")]
    elsewhere(staffed)
    found = [staffed("enrol", stdin=code).err.splitlines()[-1] for code in codes]
    opens = ("`till` opens it.", "`till --till 998` opens it.")
    assert found == [f"`till doctor` checks all that it needs, {one}" for one in opens]
    twice = staffed("enrol", "--url", "postgresql://till_app@db.example/venue")
    assert (twice.code, "are read from [database] in" in twice.err) == (2, True), twice.err


class BrokenOffError(BaseException):
    """An interruption that no handler of exceptions catches, like a kill."""


def broken_off(*_arguments: Any) -> None:
    raise BrokenOffError


def test_another_machine_takes_a_number_over_and_its_secret_is_renewed_from_afar(
    staffed: Shell, database: Database
) -> None:
    staffed.ok("admin", "tills", "add", "2", "--here")
    first = Surroundings.find().folders.read_secret(2)
    refusal = "Till 2 is already enrolled. Choose another number, or replace its machine."
    assert staffed.refused("admin", "tills", "add", "2") == refusal
    made = staffed.ok("admin", "tills", "add", "2", "--replace")
    at_office = staffed.folder / "at the office"
    staffed.patch.setenv("TILL_DATA_DIR", str(at_office))
    staffed.ok("enrol", stdin=made)
    second = Surroundings.find().folders.read_secret(2)
    assert second != first

    elsewhere(staffed, "the desk")
    hold_venue(Surroundings.find().folders, HeldVenue(VenueKind.OWN, *store(database)))
    renewal = staffed.ok("admin", "tills", "renew", "2")
    assert WRITTEN.fullmatch(renewal)
    refused = staffed.refused("enrol", stdin=renewal)
    assert refused.startswith("The code renews the machine that is already that till.")
    staffed.patch.setenv("TILL_DATA_DIR", str(at_office))
    staffed.ok("enrol", stdin=renewal)
    third = Surroundings.find().folders.read_secret(2)
    assert third not in {first, second}
    assert secrets_of(database) == [secret_hash(third or "")]


def store(database: Database) -> tuple[str, str, str]:
    with database.connect() as connection:
        row = connection.execute("SELECT store_id::text, name, currency FROM till.stores").fetchone()
    assert row is not None
    return row[0], row[1], row[2]


def test_an_invalid_enrolment_is_refused_before_a_database_is_asked(staffed: Shell, tmp_path: Path) -> None:
    staffed.patch.setenv("TILL_DATABASE__URL", "postgresql://till_app@127.0.0.1:1/nowhere")
    assert "No enrolment given" in staffed.refused("enrol")
    assert "looks like 2-K7QM-4T9X-ABCD-EFG2" in staffed.refused("enrol", stdin="hello\n")
    file = tmp_path / "code"
    file.write_text("2-K7QM-4T9X-ABCD-EFG3\n")
    assert "does not match. Check it" in staffed.refused("enrol", "--file", str(file))
    assert staffed("enrol", "--url", "postgresql://x@y/z").code == 2, "the config says where it is"
    elsewhere(staffed)
    staffed.patch.delenv("TILL_DATABASE__URL")
    assert staffed("enrol", stdin="2-K7QM-4T9X-ABCD-EFG2\n").code == 2
    assert "one machine only" in staffed.refused("enrol", "--url", "embedded")
    assert not (staffed.folder / "other" / "config.toml").exists()


def test_a_wrong_password_of_the_database_is_named_by_its_file(staffed: Shell, database: Database) -> None:
    code = staffed.ok("admin", "tills", "add", "2")
    elsewhere(staffed)
    staffed.patch.delenv("TILL_DATABASE__URL")
    file = staffed.folder / "app.pw"
    file.touch(mode=0o600)
    file.write_text("wrong\n")
    url = replace(database.app, password=None).url
    message = staffed.refused("enrol", "--url", url, "--password-file", str(file), stdin=code)
    assert f"the password in {file}" in message
    assert "database.url" not in message


def test_enrolment_takes_nothing_of_another_venue(staffed: Shell, database: Database) -> None:
    made = staffed.ok("admin", "tills", "add", "2")
    elsewhere(staffed)
    hold_venue(
        Surroundings.find().folders,
        HeldVenue(VenueKind.OWN, "0197a000-0000-4000-8000-000000000001", "Bar", "EUR"),
    )
    assert staffed.refused("enrol", stdin=made) == "The enrolment code is for another venue than the data folder."
    assert secrets_of(database) == []


@given(st.integers(1, 999), st.lists(st.integers(0, 31), min_size=15, max_size=15), st.sampled_from("- –"))
def test_an_enrolment_reads_however_it_was_typed(till: int, numbers: list[int], between: str) -> None:
    left = iter(numbers)
    code = make_code(lambda _below: next(left))
    for text in (f"{till}-{shown_code(code)}", f" 0{till} {shown_code(code).lower()}\r\n", f"{till}{between}{code}"):
        assert read_enrolment(text) == (till, code)


@pytest.mark.parametrize(
    "text",
    ["2", "", "0-K7QM", "K7QM-4T9X-ABCD-EFG2", "1000-K7QM-4T9X-ABCD-EFG2", "\u0662-K7QM-4T9X-ABCD-EFG2", "2-a\x00b"],
)
def test_an_invalid_enrolment_is_refused(text: str) -> None:
    with pytest.raises(EnrolmentError):
        read_enrolment(text)
