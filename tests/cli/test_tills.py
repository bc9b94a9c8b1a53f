from __future__ import annotations

from typing import TYPE_CHECKING

from till.cli.surroundings import Surroundings
from till.cli.venues import secret_hash

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


def test_this_machine_is_enrolled_and_the_database_keeps_a_hash_alone(staffed: Shell, database: Database) -> None:
    staffed.become(9, "9999")
    assert staffed.ok("admin", "tills", "add", "3", "--name", "Terrace") == "Till 3 is enrolled on this machine.\n"
    (row,) = staffed("admin", "tills", "list", "--json").json["tills"]
    assert (row["till"], row["name"], row["revoked"], row["seen_at"]) == (3, "Terrace", False, None)
    secret = Surroundings.find().folders.read_secret(3)
    assert secret is not None
    with database.connect() as connection:
        kept = connection.execute("SELECT secret_hash FROM till.tills").fetchall()
    assert kept == [(secret_hash(secret),)]
    assert "Terrace" in staffed.ok("admin", "tills", "list")


def test_the_number_of_another_machine_is_not_taken_by_a_slip(staffed: Shell) -> None:
    staffed.ok("admin", "tills", "add", "1")
    staffed.ok("admin", "tills", "add", "1")
    folders = Surroundings.find().folders
    before = folders.secret(1).read_text()
    folders.secret(1).unlink()
    assert "enrolled on another machine" in staffed.refused("admin", "tills", "add", "1")
    staffed.ok("admin", "tills", "add", "1", "--replace")
    assert folders.secret(1).read_text() != before
