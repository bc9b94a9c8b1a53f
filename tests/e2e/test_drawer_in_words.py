"""`till say --till 2`: a day of the drawer in words, a process for each, while the screen of till 2 is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue

CASHIER, MANAGER = "1", "9"
#: The sentences of the day, up to its X, with their answers.
DAY: Final = (
    ("float 100", "Cash ₹100.00: the float."),
    ("2 idly", "Added 2 × Idly. Total ₹80.00."),
    ("cash 100", "Paid ₹80.00. Change ₹20.00."),
    ("masala dosa", "Added 1 × Masala Dosa. Total ₹80.00."),
    ("card", "Paid ₹80.00."),
    ("paid out 20 milk", "Paid out ₹20.00: milk."),
    ("no sale", "Open the drawer with its key. It is in the record."),
    ("drop 50", "To the safe ₹50.00."),
)
#: Rows of the X that a manager reads. A cashier reads none of them before the count.
OF_CASH: Final = (("Cash", "80.00"), ("Float", "100.00"), ("To the safe", "−50.00"), ("Closing", "110.00"))


def _say(venue: Venue, sentence: str, person: str = CASHIER, *, code: int = 0) -> str:
    done = venue.run("say", "--till", "2", sentence, more={"TILL_STAFF": person})
    assert done.returncode == code, f"{sentence}: {done.stdout}{done.stderr}"
    return (done.stderr if code else done.stdout).strip()


def _rows(text: str) -> set[tuple[str, str]]:
    found = (line.rpartition(" ") for line in text.splitlines())
    return {(label.strip(), figure) for label, _blank, figure in found}


def test_a_day_of_the_drawer_in_words_while_the_screen_of_the_till_is_closed(venue: Venue) -> None:
    venue.url()  # the server stays up
    for sentence, answer in DAY:
        assert _say(venue, sentence) == answer
    shown = _rows(_say(venue, "x", MANAGER))
    assert shown >= {*OF_CASH, ("Sales", "2"), ("Total", "160.00"), ("Opened without a sale", "1")}
    blind = _say(venue, "x")
    assert "○ after the count" in blind
    assert not _rows(blind) & set(OF_CASH)
    assert _say(venue, "close").startswith("Z 2-Z000001: 2 sales, ₹160.00.")
    assert _say(venue, "close", code=1) == "till: No shift is open. The next sale opens one."
    short = "Cash ₹109.50: ▼ ₹0.50 short. ₹100.00 stays."
    assert _say(venue, "count 109.50 take 9.50 to safe") == short
    assert "manager" in _say(venue, "count 100", code=1), "a second count by the same person"
    paid = "Paid ₹80.00, exact. It opened the next shift."
    assert [_say(venue, one) for one in ("2 idly", "cash 80")][1] == paid
    assert _rows(_say(venue, "x", MANAGER)) >= {("Opening", "100.00"), ("Closing", "180.00")}

    (z,) = venue.ask("report", "z", "--till", "2")["zs"]
    assert (z["number"], z["closed_from"], z["no_sales"]) == ("2-Z000001", "till", 1)
    (cash,) = z["drawer"]
    assert (cash["opening"], cash["closing"]) == ("0.00", "110.00")
    assert [(one["difference"], one["taken"], one["to"]) for one in z["counts"]][-1] == ("-0.50", "9.50", "safe")
