"""`till say` at a venue of one's own: who says it, on whose order, and where it is written."""

from __future__ import annotations

import asyncio
import io
import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from till.cli.connections import prepare_database
from till.cli.environment import Surroundings
from till.cli.library import open_tracker
from till.domain.errors import JournalError
from till.sync.service import SyncService
from till.wiring import saying
from till.wiring.headless import open_register

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

ORDERS = "SELECT user_id, till_id, status, order_type FROM till.order_sessions ORDER BY id"


@pytest.fixture
def talk(staffed: Shell) -> Shell:
    """The venue with a menu and the till that runs sentences on this machine; user 1 types them."""
    file = staffed.folder / "menu.csv"
    file.write_text("name,price,category,plu,tax\nIdly,4.00,Food,1,VAT 10\nDosa,8.00,Food,2,VAT 10\nDal,5.00,Food,3,\n")
    staffed.ok("admin", "menu", "import", str(file))
    staffed.ok("admin", "tills", "add", "999", "--here")
    speak(staffed, 1, "1111")
    return staffed


def speak(shell: Shell, number: int, pin: str) -> None:
    """Name who says the next sentences."""
    file = shell.folder / "pin"
    file.touch(mode=0o600)
    file.write_text(f"{pin}\n")
    shell.patch.setenv("TILL_STAFF", str(number))
    shell.patch.setenv("TILL_PIN_FILE", str(file))


def test_no_tender_is_taken_that_the_till_would_ask_somebody_for(
    talk: Shell, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    config = talk.folder / "till.toml"
    before = Path(os.environ["TILL_CONFIG"]).read_text(encoding="utf-8") if "TILL_CONFIG" in os.environ else ""
    config.write_text(f'{before}\n[tenders.CARD]\nkind = "terminal"\nlabel = "Card"\nkey = "c"\n', encoding="utf-8")
    monkeypatch.setenv("TILL_CONFIG", str(config))
    talk.ok("say", "2 idly")
    assert "Card needs the screen of a till. Nothing was taken." in talk("say", "card").err
    assert "UPI is not accepted on this till." in talk("say", "upi").err
    assert [row[2] for row in rows(database, ORDERS)] == ["active"]
    talk.ok("say", "cash")


def test_words_print_and_drop_papers(talk: Shell) -> None:
    for words in ("receipt", "print", "print the receipt"):
        assert talk.refused("say", words) == "Nothing was sold here today."
    talk.ok("say", "2 idly")
    assert talk.refused("say", "bill") == "No printer here: `till admin printers add` adds one."
    talk.become(9)
    talk.ok("admin", "printers", "add", "Bar", "127.0.0.1:1")
    speak(talk, 1, "1111")
    output = talk("say", "bill")
    assert output.out.startswith("Bill: ")
    assert output.err.endswith("1 paper waits for its printer. The next sentence tries again.\n")
    talk.ok("say", "cash")
    assert talk.ok("say", "receipt").startswith("Receipt: ")
    assert talk.ok("say", "no receipt").startswith("2 papers are not printed.")


def test_a_sentence_sends_to_a_kitchen_that_has_screens_and_no_printer(talk: Shell) -> None:
    talk.become(9)
    talk.ok("admin", "stations", "add", "Grill", "--screen", "--category", "Food")
    speak(talk, 1, "1111")
    talk.ok("say", "2 idly")
    assert "2" in talk.ok("say", "send")


def test_an_order_whose_sale_the_till_lost_is_not_continued(talk: Shell) -> None:
    """The records of the sale are gone from its disk; the server has them."""
    journal = Surroundings.find().folders.journal(999)
    talk.ok("say", "2 idly")
    before = journal.read_bytes()
    talk.ok("say", "cash")
    journal.write_bytes(before)
    assert "Total €4.00." in talk.ok("say", "1 idly")


def rows(database: Database, query: str) -> list[Any]:
    with database.connect() as connection:
        return connection.execute(query).fetchall()


def test_an_order_goes_on_from_call_to_call_and_is_in_the_database_after_each(talk: Shell, database: Database) -> None:
    assert talk.ok("say", "2 idly") == "Added 2 × Idly. Total €8.00.\n"
    assert rows(database, ORDERS) == [(1, 999, "active", "take_away")]
    assert talk.ok("say", "one", "more") == "Added 1 × Idly. Total €12.00.\n"
    reply = talk("say", "-1 idly", "--json").json
    assert (reply["answer"], reply["done"], reply["saved"]) == ("Now 2 × Idly. Total €8.00.", True, True)
    assert {name: reply["order"][name] for name in ("user", "status", "total", "currency", "order_type", "lines")} == {
        "user": 1,
        "status": "active",
        "total": "8.00",
        "currency": "EUR",
        "order_type": "take_away",
        "lines": 1,
    }
    assert reply["order"]["items"] == [{"item": "Idly", "quantity": 2, "unit_price": "4.00", "amount": "8.00"}]
    assert talk.ok("say", "cash", "10") == "Paid €8.00. Change €2.00.\n"
    assert talk.ok("say", "dosa") == "Added 1 × Dosa. Total €8.00.\n"
    assert [row[2] for row in rows(database, ORDERS)] == ["completed", "active"]
    items = rows(database, "SELECT item_name, quantity::integer FROM cold.order_item")
    assert items == [("Idly", 2)]


def test_a_refusal_or_a_question_ends_with_1_and_one_line(talk: Shell) -> None:
    assert talk.refused("say", "pizza") == "“pizza” is not on the menu. Type “menu” for the list."
    asked = "D: 1 Idly 4.00" if talk("say", "d").err.startswith("till: D: 1 Idly") else "D: 1 Dal 5.00, 2 Dosa 8.00"
    assert talk.refused("say", "d") == asked
    assert talk.ok("say", "2") == "Added 1 × Dosa. Total €8.00.\n"
    result = talk("say", "100 dal", "--json")
    assert (result.code, result.err) == (1, "till: 100 × Dal, €500.00? Enter again keys it.\n")
    assert {name: json.loads(result.out)[name] for name in ("answer", "done")} == {
        "answer": "100 × Dal, €500.00? Enter again keys it.",
        "done": False,
    }
    assert talk.ok("say", "100 dal") == "Added 100 × Dal. Total €508.00.\n"


def test_an_unclear_entry_keys_nothing_and_says_why_in_a_line(talk: Shell, database: Database) -> None:
    for typed, why in (
        ("one more", "There are no lines yet. Type an item, then Enter."),
        ("🍛", "“🍛” is not on the menu. Type “menu” for the list."),
        ("d", "D: "),
        ("1 idly, " * 200, "That is too long for one entry. Nothing was keyed."),
        ("2 two idly", "2 or 2 × idly? One number is the quantity."),
        ("2 إيدلي", "“إيدلي” is not on the menu. Type “menu” for the list."),
        ("\u202eyldi", "“yldi” is not on the menu. Type “menu” for the list."),
        ("½ idly", "“½ idly” is not on the menu. Type “menu” for the list."),
    ):
        assert talk.refused("say", typed).startswith(why)
    assert rows(database, "SELECT count(*) FROM warm.session_events WHERE event_type = 'item_added'") == [(0,)]
    assert talk.ok("say", "idl") == "Added 1 × Idly. Total €4.00.\n"
    talk.become(9)
    talk.ok("admin", "menu", "edit", "Idly", "--name", "Rice Cake")
    speak(talk, 1, "1111")
    assert talk.ok("say", "one more") == "Added 1 × Rice Cake. Total €8.00.\n"


def test_without_a_sentence_it_is_wrong_usage(talk: Shell) -> None:
    assert talk("say").code == 2
    assert talk("say", "--json").code == 2
    assert talk("say", "idly", "--till", "none").code == 2


def test_say_needs_a_pin(talk: Shell, database: Database) -> None:
    speak(talk, 1, "2222")
    assert talk.refused("say", "idly") == "Wrong PIN for number 1. Try again."
    assert rows(database, "SELECT count(*) FROM warm.session_events WHERE event_type = 'login_refused'") == [(1,)]
    speak(talk, 4, "1111")
    assert talk.refused("say", "idly") == "Nobody here has that number."
    (talk.folder / "pin").chmod(0o644)
    assert "Others may read" in talk.refused("say", "idly")
    talk.patch.delenv("TILL_PIN_FILE")
    assert talk.refused("say", "idly") == "Your PIN is needed: name a file that holds it in TILL_PIN_FILE."
    talk.patch.delenv("TILL_STAFF")
    assert talk.refused("say", "idly").startswith("Set TILL_STAFF to your staff number")
    assert rows(database, ORDERS) == []


def test_new_person_a_new_pin_and_the_end_of_a_person_count_at_once(talk: Shell) -> None:
    def manage(*words: str, pin: str = "") -> None:
        talk.become(9)
        talk.ok("admin", "users", *words, stdin=f"{pin}\n" if pin else "")

    talk.ok("say", "idly")
    manage("add", "3", "--name", "Cora", pin="3333")
    speak(talk, 3, "3333")
    assert "Added 1 × Idly" in talk.ok("say", "idly")
    manage("set-pin", "3", pin="4444")
    speak(talk, 3, "4444")
    assert "Added 1 × Idly" in talk.ok("say", "one more")
    manage("set-pin", "3", pin="5555")
    speak(talk, 3, "4444")
    assert talk.refused("say", "idly") == "Wrong PIN for number 3. Try again."
    manage("disable", "3")
    speak(talk, 3, "5555")
    assert talk.refused("say", "idly") == "Nobody here has that number."


def test_five_wrong_pins_lock_the_number(talk: Shell) -> None:
    speak(talk, 1, "0000")
    refusals = [talk.refused("say", "idly") for _time in range(5)]
    assert refusals[-1].startswith("Wrong PIN five times: number 1 is locked until ")
    speak(talk, 1, "1111")
    assert talk.refused("say", "idly").startswith("Number 1 is locked until ")


def test_a_machine_without_a_till_reads_how_to_get_one(talk: Shell) -> None:
    refusal = talk.refused("say", "idly", "--till", "12")
    assert "Till 12 is not enrolled on this machine. " in refusal
    assert "`till admin tills add 12 --here`" in refusal
    assert not list(Surroundings.find().folders.root.rglob("till-12*")), "nothing would ever send that journal"


def test_an_order_that_is_open_at_another_till_is_left_there_and_one_that_was_logged_out_comes(
    talk: Shell, database: Database
) -> None:
    speak(talk, 7, "2222")
    talk.become(7)
    talk.ok("admin", "tills", "add", "3", "--here")
    speak(talk, 1, "1111")

    def refused_once_it_came() -> str:
        until = time.monotonic() + 10
        while not rows(database, ORDERS) and time.monotonic() < until:
            time.sleep(0.02)
        return talk.refused("say", "idly")

    async def key() -> str:
        async with open_tracker(user=1, till=3) as tracker:
            shown = await tracker.update_session_state("dosa")
            await tracker.add_to_cart(shown.last_menu[0].id)
            return await asyncio.to_thread(refused_once_it_came)

    assert asyncio.run(key()) == "Your order is open on Till 3. Log out there, then run it again."
    assert talk.ok("say", "idly") == "Added 1 × Idly. Total €12.00.\n"
    assert rows(database, ORDERS) == [(1, 999, "active", "take_away")]


def test_a_right_is_asked_of_who_speaks(talk: Shell, database: Database) -> None:
    assert "manager" in talk.refused("say", "86 idly")
    speak(talk, 9, "9999")
    assert talk.ok("say", "86 idly") == "Idly is sold out. “back Idly” sells it again.\n"
    assert rows(database, "SELECT count(*) FROM warm.session_events WHERE event_type = 'item_marked'") == [(1,)]
    assert talk.refused("say", "idly") == "Idly is sold out (86). Type “menu” for the list."
    assert talk.ok("say", "idly is back") == "Idly is sold again at every till.\n"


def test_sentences_at_once_take_turns(talk: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Surroundings.find()
    monkeypatch.setattr(saying, "_TURN_S", 0.2)

    async def hold() -> None:
        async with open_register(
            here.config, here.folders, here.venue, till=999, prepare=lambda tell: prepare_database(here, 999, tell)
        ):
            with pytest.raises(JournalError, match="Till 999 is open"):
                await saying.say_once(
                    here.config,
                    here.folders,
                    here.venue,
                    "idly",
                    till=999,
                    user=1,
                    pin="1111",
                    prepare=lambda tell: prepare_database(here, 999, tell),
                )

    asyncio.run(hold())
    assert talk.ok("say", "idly") == "Added 1 × Idly. Total €4.00.\n"


def test_a_vocabulary_with_a_clash_is_refused_before_any_sentence(talk: Shell, database: Database) -> None:
    file = talk.folder / "own.toml"
    file.write_text('language = "Own"\n[phrases]\nmenu = ["list"]\ncart = ["list"]\n')
    talk.patch.setenv("TILL_UI__VOCABULARY", str(file))
    refusal = talk.refused("say", "idly")
    assert refusal == "The vocabulary own.toml is ambiguous: “list” means menu and cart. Keep one."
    talk.patch.setenv("TILL_UI__VOCABULARY", "hi")
    assert talk.ok("say", "do", "idly", "dena") == "Added 2 × Idly. Total €8.00.\n"
    assert len(rows(database, ORDERS)) == 1


def test_without_the_database_it_is_kept_here_and_sent_with_the_next_sentence(talk: Shell, database: Database) -> None:
    talk.ok("say", "idly")
    url = database.app.url
    talk.patch.setenv("TILL_DATABASE__URL", "postgresql://till_app@127.0.0.1:1/nothing")
    began = time.monotonic()
    result = talk("say", "one more")
    assert time.monotonic() - began < 15, "nobody waits for a database that is away"
    assert (result.code, result.out) == (0, "Added 1 × Idly. Total €8.00.\n")
    assert result.err == "Offline: it is saved here, and sent with the next sentence.\n"
    talk.patch.setenv("TILL_DATABASE__URL", url)
    assert talk.ok("say", "one more") == "Added 1 × Idly. Total €12.00.\n"
    keyed = rows(database, "SELECT count(*) FROM warm.session_events WHERE event_type = 'item_added'")
    assert keyed == [(3,)]


def test_a_frozen_server_delays_no_answer_and_the_command_only_shortly(
    talk: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A payment that is announced late may be made twice."""
    monkeypatch.setattr(saying, "_ASK_S", 0.1)
    monkeypatch.setattr(saying, "_SERVER_S", 0.2)
    talk.ok("say", "idly")
    flush, shown = SyncService.flush, list[str]()

    def sent(sync: SyncService, seconds: float) -> Awaitable[bool]:
        assert isinstance(sys.stdout, io.StringIO)
        shown.append(sys.stdout.getvalue())
        return flush(sync, seconds)

    monkeypatch.setattr(SyncService, "flush", sent)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        talk.patch.setenv("TILL_DATABASE__URL", f"postgresql://till_app@127.0.0.1:{silent.getsockname()[1]}/nothing")
        began = time.monotonic()
        result = talk("say", "cash 10")
        assert time.monotonic() - began < 5, "one deadline for the whole command"
    assert (shown[0], result.code) == ("Paid €4.00. Change €6.00.\n", 0)
    assert result.err == "Offline: it is saved here, and sent with the next sentence.\n"


def test_cash_for_an_account_and_a_voucher_is_taken_in_words(talk: Shell, database: Database) -> None:
    speak(talk, 9, "9999")
    talk.become(9)
    talk.ok("admin", "customers", "add", "--name", "Mrs Rao")
    [guest] = (row["customer"] for row in talk("admin", "customers", "list", "--json").json["customers"])
    talk.ok("admin", "accounts", "open", guest, "5000")
    code = talk("admin", "vouchers", "issue", "40", "--unpaid").out.strip()
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO till.value_movements "
            "(movement_id, store_id, tender, holder_id, amount, state, till_id, moved_at) "
            "VALUES (gen_random_uuid(), %s, 'ACCOUNT', %s, 120.00, 'spent', 1, now())",
            [Surroundings.find().venue.store_id, guest],
        )
        connection.commit()
    assert talk.refused("say", "--till", "999", "pay off rao 121") == "Mrs Rao owes €120.00: take that at most."
    assert talk.ok("say", "--till", "999", "pay off rao 100") == "€100.00 from Mrs Rao. €20.00 is still owed.\n"
    assert talk.ok("say", "--till", "999", f"sell voucher {code}") == f"Voucher …{code[-4:]} is sold for €40.00.\n"
    assert (
        talk.refused("say", "--till", "999", f"sell voucher {code}") == "That voucher is paid already: it can be spent."
    )
    assert talk("admin", "vouchers", "list", "--json").json["vouchers"][0]["left"] == "40.00"
    assert "Mrs Rao owes €20.00" in talk.ok("admin", "accounts", "statement", guest)
    shown = talk("report", "sales", "--json").json
    assert (shown["account_cash"], shown["total"]) == ("0.00", "0.00")
