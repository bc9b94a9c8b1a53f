from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import IDLY, Till
from till.cli.administration import Administration
from till.cli.asking import AnswerReader
from till.cli.environment import Surroundings
from till.cli.venues import secret_hash
from till.config import Folders
from till.config.phones import Phones
from till.serve.certificates import Authority

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


def test_this_machine_is_enrolled_and_the_database_keeps_a_hash_alone(staffed: Shell, database: Database) -> None:
    staffed.become(9)
    assert (
        staffed.ok("admin", "tills", "add", "3", "--here", "--name", "Terrace")
        == "Till 3 is enrolled on this machine. `till --till 3` opens it.\n"
    )
    (row,) = staffed("admin", "tills", "list", "--json").json["tills"]
    assert (row["till"], row["name"], row["revoked"], row["seen_at"]) == (3, "Terrace", False, None)
    secret = Surroundings.find().folders.read_secret(3)
    assert secret is not None
    with database.connect() as connection:
        kept = connection.execute("SELECT secret_hash FROM till.tills").fetchall()
    assert kept == [(secret_hash(secret),)]
    assert "Terrace" in staffed.ok("admin", "tills", "list")


def test_the_number_of_another_machine_is_not_taken_by_a_slip(staffed: Shell) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    staffed.ok("admin", "tills", "add", "1", "--here")
    folders = Surroundings.find().folders
    before = folders.secret(1).read_text()
    folders.secret(1).unlink()
    assert "enrolled on another machine" in staffed.refused("admin", "tills", "add", "1", "--here")
    staffed.ok("admin", "tills", "add", "1", "--here", "--replace")
    assert folders.secret(1).read_text() != before


@pytest.mark.parametrize("sold_here", [False, True])
@pytest.mark.parametrize("act", [("--replace",), ()], ids=["replaced", "stolen"])
def test_a_new_machine_needs_no_second_act(staffed: Shell, sold_here: bool, act: tuple[str, ...]) -> None:
    """If a journal of that number is there already, a person must say which one to use."""
    staffed.ok("admin", "tills", "add", "1", "--here")
    journal = "0197a000-0000-4000-8000-000000000001"
    staffed.ok("admin", "tills", "adopt", "1", "--journal", journal)
    folders = Surroundings.find().folders
    folders.secret(1).unlink()
    if sold_here:
        folders.journal(1).write_bytes(b"")
    if not act:
        staffed.ok("admin", "tills", "revoke", "1")
    staffed.ok("admin", "tills", "add", "1", "--here", *act)
    assert staffed("admin", "tills", "list", "--json").json["tills"][0]["journal"] == (journal if sold_here else None)


@pytest.mark.parametrize("act", [("--replace",), ()], ids=["replaced", "stolen"])
def test_interrupted_enrolment_of_a_new_machine_is_completed_by_the_same_command(
    staffed: Shell, act: tuple[str, ...]
) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    journal = "0197a000-0000-4000-8000-000000000001"
    staffed.ok("admin", "tills", "adopt", "1", "--journal", journal)
    folders = Surroundings.find().folders
    folders.secret(1).unlink()
    if not act:
        staffed.ok("admin", "tills", "revoke", "1")
    with staffed.patch.context() as patch:
        patch.setattr(Administration, "act", broken_off_at("till_enrol_v2", Administration.act))
        with pytest.raises(BrokenOffError):
            staffed("admin", "tills", "add", "1", "--here", *act)
    assert folders.next_secret(1) is not None
    assert staffed("admin", "tills", "list", "--json").json["tills"][0]["journal"] == journal, "the old one sells on"
    staffed.ok("admin", "tills", "add", "1", "--here", *act)
    (row,) = staffed("admin", "tills", "list", "--json").json["tills"]
    assert (row["journal"], row["revoked"]) == (None, False)


class BrokenOffError(BaseException):
    """An interruption that no handler of exceptions catches, like a kill."""


def broken_off_at(what: str, act: Callable[..., Any]) -> Callable[..., Any]:
    def broken(admin: Administration, function: str, *values: Any) -> Any:
        if function == what:
            raise BrokenOffError
        return act(admin, function, *values)

    return broken


def test_another_journal_takes_the_place_of_the_one_that_a_till_had(staffed: Shell, database: Database) -> None:
    staffed.ok("admin", "tills", "add", "2", "--here")
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO warm.journal_head (journal_id, store_id, till_id)"
            " SELECT gen_random_uuid(), store_id, 2 FROM till.stores"
        )
        connection.execute(
            "UPDATE till.tills SET live_journal = (SELECT journal_id FROM warm.journal_head WHERE till_id = 2),"
            " other_asked_at = null"
        )
    assert "Nothing waits to be adopted as till 2." in staffed.refused("admin", "tills", "adopt", "2")
    with database.connect() as connection:
        connection.execute("UPDATE till.tills SET other_asked_at = now()")
    assert "Till 2 continues with a new journal" in staffed.ok("admin", "tills", "adopt", "2")
    (row,) = staffed("admin", "tills", "list", "--json").json["tills"]
    assert row["journal"] is None
    with database.connect() as connection:
        retired = "SELECT retired_at IS NOT NULL FROM warm.journal_head WHERE till_id = 2"
        assert connection.execute(retired).fetchall() == [(True,)]
    assert staffed.refused("admin", "tills", "adopt", "3") == "There is no till 3."


def test_a_till_is_shut_out_until_it_is_enrolled_again(staffed: Shell) -> None:
    staffed.ok("admin", "tills", "add", "2", "--here")
    staffed.ok("admin", "users", "disable", "1")
    result = staffed("admin", "tills", "revoke", "2")
    assert result.out == "Till 2 is revoked. If stolen, change the PINs on it.\n"
    assert "hashes of 2 PINs" in result.err
    assert "changes those of 7, 9" in result.err, "who works here no more has none that serves"
    assert "it had the owner's password: `till db set-password`" in result.err
    assert "the password of till_app, and keys of card terminals" in result.err
    assert staffed("admin", "tills", "list", "--json").json["tills"][0]["revoked"] is True
    assert "no till 2 to revoke" in staffed.refused("admin", "tills", "revoke", "2")
    staffed.ok("admin", "tills", "add", "2", "--here")
    assert staffed("admin", "tills", "list", "--json").json["tills"][0]["revoked"] is False


def test_one_journal_alone_takes_the_place_of_a_tills_old_one(staffed: Shell) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    journal = "0197a000-0000-4000-8000-000000000001"
    staffed.ok("admin", "tills", "adopt", "1", "--journal", journal)
    assert staffed("admin", "tills", "list", "--json").json["tills"][0]["journal"] == journal
    assert "already selling" in staffed.refused("admin", "tills", "adopt", "1", "--journal", journal)
    assert staffed("admin", "tills", "adopt", "1", "--journal", "mine").code == 2


def test_a_renewed_secret_is_kept_here_and_the_old_one_is_dead(staffed: Shell, database: Database) -> None:
    staffed.become(9)
    staffed.ok("admin", "tills", "add", "2", "--here", "--name", "Terrace")
    folders = Surroundings.find().folders
    before = folders.read_secret(2)
    assert "has a new secret" in staffed.ok("admin", "tills", "renew", "2")
    after = folders.read_secret(2)
    assert after is not None
    assert after != before
    assert folders.secret(2).stat().st_mode & 0o777 == 0o600
    assert folders.next_secret(2) is None
    with database.connect() as connection:
        kept = connection.execute("SELECT name, secret_hash FROM till.tills").fetchall()
    assert kept == [("Terrace", secret_hash(after))]


@pytest.mark.parametrize("known", [False, True], ids=["before the database knew", "after"])
def test_renewing_that_was_broken_off_is_done_by_saying_it_again(
    staffed: Shell, database: Database, known: bool
) -> None:
    staffed.ok("admin", "tills", "add", "2", "--here")
    folders = Surroundings.find().folders
    with staffed.patch.context() as patch:
        if known:
            patch.setattr(Folders, "take_next_secret", broken_off)
        else:
            patch.setattr(Administration, "act", broken_off_at("till_enrol_v2", Administration.act))
        with pytest.raises(BrokenOffError):
            staffed("admin", "tills", "renew", "2")
    staffed.ok("admin", "tills", "renew", "2")
    with database.connect() as connection:
        kept = connection.execute("SELECT secret_hash FROM till.tills").fetchall()
    assert kept == [(secret_hash(folders.read_secret(2) or ""),)]


def broken_off(*_arguments: Any) -> None:
    raise BrokenOffError


def test_a_revoked_till_is_not_renewed(staffed: Shell) -> None:
    assert staffed.refused("admin", "tills", "renew", "2") == "There is no till 2."
    staffed.ok("admin", "tills", "add", "2", "--here")
    staffed.ok("admin", "tills", "revoke", "2")
    assert "was revoked" in staffed.refused("admin", "tills", "renew", "2")


def test_a_till_is_called_otherwise(staffed: Shell) -> None:
    staffed.become(9)
    staffed.ok("admin", "tills", "add", "1", "--here")
    assert staffed.ok("admin", "tills", "rename", "1", "--name", "Terrace") == "Till 1 is called Terrace from now on.\n"
    assert staffed("admin", "tills", "list", "--json").json["tills"][0]["name"] == "Terrace"
    assert staffed.refused("admin", "tills", "rename", "7", "--name", "X") == "There is no till 7."
    assert "name" in staffed.refused("admin", "tills", "rename", "1", "--name", " ")
    assert "renamed till 1" in staffed.ok("admin", "audit", "show")


def test_open_orders_of_a_till_are_discarded_once_somebody_agrees(
    staffed: Shell, owner_session: psycopg.Connection[Any]
) -> None:
    staffed.become(9)
    staffed.ok("admin", "tills", "add", "2", "--here")
    here = Surroundings.find()
    stolen = Till(owner_session, here.venue.store_id, 2, here.folders.read_secret(2) or "")
    cart = stolen.keyed(IDLY)
    assert stolen.shown(cart, tab_id=None)["ok"]
    close = ("admin", "tills", "close-orders", "2", "--reason", "stolen")
    refused = staffed.refused(*close, "--older", "60")
    assert refused == f"Till 2 has no order to discard. 1 changed since: {cart.session[:8]}."
    with staffed.patch.context() as patch:
        patch.setattr(AnswerReader, "agrees", lambda *_question: False)
        no = staffed(*close)
        assert (no.code, no.err.splitlines()[-1]) == (1, "till: Nothing was changed.")
    done = staffed(*close)
    assert "Orders: 1, ₹40.00\n" in done.err
    assert done.out == "Discarded: 1 order of till 2, ₹40.00.\n"
    assert "stolen" in staffed.ok("admin", "audit", "show", "--what", "cleared")


def test_a_refused_enrolment_leaves_no_secret(staffed: Shell, database: Database) -> None:
    def secrets() -> list[str]:
        return sorted(path.name for path in Surroundings.find().folders.secret(1).parent.glob("*"))

    staffed.patch.setenv("TILL_SERVE__URL", "https://till.example:8443")
    before = secrets()
    assert "No station has a screen" in staffed.refused("admin", "tills", "add", "90", "--kitchen", "--here", "Grill")
    staffed.become(1)
    staffed.refused("admin", "tills", "add", "5", "--phone")
    assert secrets() == before
    staffed.become(9)
    staffed.ok("admin", "tills", "add", "2", "--here")
    with database.connect() as owner:
        owner.execute(
            "INSERT INTO till.shifts (store_id, shift_id, till_id, opened)"
            " SELECT store_id, gen_random_uuid(), 2, gen_random_uuid() FROM till.stores"
        )
    before = secrets()
    kept = Surroundings.find().folders.read_secret(2)
    refused = staffed.refused("admin", "tills", "add", "2", "--phone")
    assert "till admin tills add 2 --replace" in refused, "a lost machine closes no shift"
    assert (secrets(), Surroundings.find().folders.read_secret(2)) == (before, kept)


def link_in(shell: Shell, *words: str) -> str:
    """Return the token of the link that a command prints."""
    base, _mark, token = shell.ok("admin", "tills", *words).strip().partition("/#")
    assert base == "https://till.example:8443"
    return token


def test_a_phone_gets_a_till_here_and_a_lost_one_is_out_by_a_new_link(staffed: Shell) -> None:
    staffed.become(9)
    staffed.patch.setenv("TILL_SERVE__CERTIFICATE", "/own.pem")
    assert "serve.url is not set" in staffed.refused("admin", "tills", "add", "5", "--phone")
    staffed.patch.delenv("TILL_SERVE__CERTIFICATE")
    assert Surroundings.find().folders.read_secret(5) is None, "nothing was made"
    staffed.patch.setenv("TILL_SERVE__URL", "https://till.example:8443")
    phones = Phones(Surroundings.find().folders)
    cookie = phones.redeem(link_in(staffed, "add", "5", "--phone", "--name", "Sunil")) or ""
    assert phones.till_of(cookie) == 5
    listed = staffed("admin", "tills", "list", "--json").json["tills"]
    assert [(row["till"], row["name"], row["phone"]) for row in listed] == [(5, "Sunil", True)]
    assert "a phone" in staffed.ok("admin", "tills", "list")
    secret = Surroundings.find().folders.read_secret(5)
    found = phones.redeem(link_in(staffed, "phone", "5")) or ""
    assert (phones.till_of(cookie), phones.till_of(found)) == (None, 5)
    assert Surroundings.find().folders.read_secret(5) == secret, "its journal and its orders go on"


def test_a_machine_without_an_address_in_its_config_takes_its_own(staffed: Shell) -> None:
    staffed.become(9)
    staffed.patch.setattr("socket.gethostbyaddr", lambda _address: ("Till.lan", [], []))
    made = staffed("admin", "tills", "add", "5", "--phone")
    assert made.out.startswith("https://till.lan:8443/#5-")
    assert "https://till.lan:8443 is this machine's own name" in made.err
    staffed.patch.setattr("socket.gethostbyaddr", lambda _address: ("till", [], []))
    by_number = staffed("admin", "tills", "phone", "5").out
    assert not by_number.startswith("https://till:8443"), "no phone finds a name without that of a network"
    Authority(Surroundings.find().folders.root / "serve", ("kept.lan",)).renew()
    assert staffed("admin", "tills", "phone", "5").out.startswith("https://kept.lan:8443/#5-")
    assert "No phone reaches 127.0.0.1: till serve --listen 0.0.0.0" in staffed.refused("serve")


def test_a_link_is_made_for_a_till_of_this_machine_alone(staffed: Shell) -> None:
    staffed.patch.setenv("TILL_SERVE__URL", "https://till.example:8443")
    refused = staffed.refused("admin", "tills", "phone", "5")
    assert "not enrolled on this machine" in refused
    assert "`till enrol` here" in refused
    staffed.ok("admin", "tills", "add", "5", "--here")
    phones = Phones(Surroundings.find().folders)
    assert phones.till_of(phones.redeem(link_in(staffed, "phone", "5")) or "") == 5, "however it was enrolled"
    Surroundings.find().folders.secret(5).unlink()
    assert "enrolled on another machine" in staffed.refused("admin", "tills", "add", "5", "--phone")
    assert "a phone is no screen" in staffed("admin", "tills", "add", "5", "--phone", "--kitchen").err


def test_the_senders_number_sells_nothing(counter: Shell) -> None:
    counter.patch.setenv("TILL_FISCAL__TILL", "999")
    assert "Number 999 sends the venue's invoice records and sells nothing." in counter.refused("say", "2 idly")
    counter.patch.delenv("TILL_FISCAL__TILL")
    assert "till 999 may still sell" in counter.refused("admin", "settings", "set", "fiscal_sender", "999")


def test_a_new_journal_of_the_sender_s_number_sells_nothing(counter: Shell) -> None:
    counter.ok("admin", "settings", "set", "fiscal_sender", "95")
    shown = counter.ok("admin", "tills", "add", "95", "--here")
    assert "Number 95 sends the venue's invoice records and takes no money: `till fiscal send`." in shown
    assert "sells nothing" in counter.refused("say", "--till", "95", "2 idly")
