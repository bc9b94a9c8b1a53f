"""`till say`: the conversation of docs/adaptations.md from a shell, a process for each turn, beside the tills."""

from __future__ import annotations

import re
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tests.e2e.turns import DOSA, IDLIES, KEYED, ONE, PAID, TWO, VIEWED, Turn, check

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue

#: Each turn: the sentence, its answer, and the rows after it.
TURNS = (
    ("add 2 idly", "Added 2 × Idly. Total ₹80.00.", Turn([VIEWED, IDLIES], "ordering", "Idly", {"Idly": (2, 40)})),
    (
        "also add 1 masala dosa",
        "Added 1 × Masala Dosa. Total ₹160.00.",
        Turn([VIEWED, IDLIES, DOSA], "ordering", "Masala Dosa", ONE),
    ),
    (
        "view my cart",
        "2 × Idly ₹80.00, 1 × Masala Dosa ₹80.00. Total ₹160.00.",
        Turn([VIEWED, IDLIES, DOSA], "ordering", "Masala Dosa", ONE),
    ),
    ("add one more", "Added 1 × Masala Dosa. Total ₹240.00.", Turn(KEYED, "ordering", "Masala Dosa", TWO)),
    (
        "checkout please",
        "To pay: ₹240.00. Type “cash”, “cash 500” or “card”.",
        Turn(
            KEYED,
            "checkout",
            "Masala Dosa",
            TWO,
            ("take_away", None, False, True),
            (None, Decimal(240), "created"),
        ),
    ),
    ("I'll pay cash", "Paid ₹240.00, exact.", PAID),
)

WIDE: Final = (120, 36)
#: Each takes a twentieth of a sentence or more, and a plain one needs none of them.
_HEAVY: Final = {
    "textual": "the screen",
    "till.tui": "the same",
    "rich": "tables of the shell",
    "typer": "a sentence needs no parser of arguments",
    "click": "the same",
    "sqlalchemy": "tables are made by the first till alone",
    "alembic": "the same",
    "babel": "the marks of the locale stand in a table",
    "structlog": "nobody reads a log before there is one",
    "argon2": "wanted when a PIN is",
    "rapidfuzz": "wanted when no name fits",
    "till.reports": "another command",
    "till.training": "the same",
    "till.tenders": "cash asks nobody",
    "till.administration.acts": "the acts of a manager",
}
#: Says a sentence, then names all that is loaded, and behind `@` the dataclasses of ours.
_LOADED: Final = """
import sys
from till.cli.main import main
main(["say", "2 idly"])
own = [module for name, module in sys.modules.items() if name.partition(".")[0] in {"till", "db"}]
found = [one for module in own for one in vars(module).values() if isinstance(one, type)]
made = {f"@{one.__name__}" for one in found if "__dataclass_fields__" in vars(one)}
print(*sys.modules, *made)
"""


def _plainly(venue: Venue, words: str) -> str:
    """Run the words of a test in a process that has loaded nothing before, and return its output."""
    done = subprocess.run(
        [sys.executable, "-c", words], env=venue.environment(), capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def test_a_sentence_loads_only_what_it_needs(venue: Venue) -> None:
    venue.url()  # the server is up, as while a till of the machine is open
    answer = _plainly(venue, _LOADED)
    assert answer.startswith("Added 2 × Idly. Total ₹80.00.\n")
    loaded = set(answer.split())
    assert "till.wiring.saying" in loaded
    assert sorted(_HEAVY.keys() & loaded) == []
    # A dataclass takes half a millisecond to make, a Struct a thirtieth of that. One field of these does not compare,
    # one is not shown.
    assert {one for one in loaded if one.startswith("@")} == {"@SessionMark", "@Address"}


def test_each_turn_of_the_conversation_leaves_the_rows_that_the_documents_list(venue: Venue) -> None:
    venue.url()  # the server stays up, to be looked at
    shown = venue.run("say", "show me the menu")
    assert "1 Idly 40.00\n2 Masala Dosa 80.00\n" in shown.stdout
    check(venue, Turn([VIEWED], "browsing"))
    for sentence, answer, turn in TURNS:
        command = venue.run("say", sentence)
        assert (command.returncode, command.stdout, command.stderr) == (0, f"{answer}\n", "")
        check(venue, turn)
    assert venue.rows("SELECT tender, amount FROM order_payment") == [("CASH", Decimal(240))]
    assert venue.rows("SELECT DISTINCT till_id FROM session_events WHERE event_type = 'item_added'") == [(999,)]


def test_the_first_sentence_makes_the_venue_screens_go_on_with_its_order_and_hear_of_others(bare_venue: Venue) -> None:
    command = bare_venue.run("say", "2 idly")
    assert (command.returncode, command.stdout) == (0, "Added 2 × Idly. Total ₹80.00.\n")
    till = bare_venue.open_at(2, size=WIDE)
    till.type("tea\r").wait_for("Total ₹20.00").wait_for("● saved")
    asked = bare_venue.run("say", "one more", more={"TILL_STAFF": "2"})
    assert (asked.returncode, asked.stdout) == (1, "")
    assert asked.stderr == "till: Your order is open on Till 1. Log out there, then run it again.\n"
    till.press("f12").wait_for("type a number").wait_for("● saved")
    gone_on = bare_venue.ask("say", "one more")
    assert gone_on["answer"] == "Added 1 × Idly. Total ₹120.00."
    assert bare_venue.run("say", "one more", more={"TILL_STAFF": "2"}).stdout == "Added 1 × Tea. Total ₹40.00.\n"

    tills = [till, bare_venue.open_at(9, till=2, size=WIDE).wait_for("● saved")]
    bare_venue.log_in(till, 9).wait_for("● saved")
    manager = {"TILL_STAFF": "9"}
    assert bare_venue.run("say", "86 filter coffee", more=manager).stdout.startswith("Filter Coffee is sold out.")
    for one in tills:
        one.wait_for(lambda t: re.search(r"Filter Coff.* 86 sold out", t.text))
        one.type("filter coffee\r").wait_for("Filter Coffee is sold out (86).").press("escape")
    assert bare_venue.run("say", "filter coffee is back", more=manager).returncode == 0
    for one in tills:
        one.wait_for(lambda t: re.search(r"Filter Coffee +30\.00", t.text))
        one.type("filter coffee\r").wait_for("Added 1 × Filter Coffee.")
