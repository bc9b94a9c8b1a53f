"""Paper at the sell screen: Ctrl+R and words print, and the state of each paper and its printer is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.playing import LOG_IN, a_reference
from tests.tui.quiet import a_quiet_till
from till.domain.structs import replace
from till.ports.printer import WITHOUT_CASH, JobState, PrinterProfile, Printers, PrinterTrouble
from till.register.other_tills.news import PaperChanged

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.playing import Till
    from till.register.printing.jobs import PrintJobs

COUNTER = PrinterProfile(name="Counter", address="tcp://10.0.0.9:9100")
SOLD = LOG_IN + "2 idly{enter}cash 100{enter}"


class Waker:
    """A runner that prints nothing."""

    def wake(self) -> None:
        pass

    def kick(self, seq: int) -> None:
        pass


def begun(till: Till) -> PrintJobs:
    """Let a till have a printer."""
    printing = till.register.printing
    printing.printers = lambda: Printers({"Counter": COUNTER}, papers="Counter", drawer="Counter")
    printing.begin(Waker())
    return printing


def heard(till: Till, trouble: PrinterTrouble | None) -> None:
    till.register.printing.heard("Counter", trouble)
    till.register.watcher.on_news(PaperChanged())


async def test_ctrl_r_prints_the_last_receipt_and_its_state_is_shown(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        printing = begun(till)
        await till.type(SOLD)
        assert "printing" not in till.text()
        assert "Ctrl+R\nPrint" in till.text()
        await till.type("{ctrl+r}")
        assert till.answer() == "Receipt: ○ printing."
        (job,) = printing.queued()["Counter"]
        assert (job.paper, job.copy, job.asked) == ("receipt", 0, True)
        heard(till, PrinterTrouble.NO_PAPER)
        assert "▲ waits for paper" in till.text()
        assert till.answer() == "Receipt: ▲ waits for paper. Put in a new roll."
        assert "printer: no paper" in till.text()
        heard(till, None)
        assert "printer:" not in till.text()
        printing.take_up(job)
        printing.put_down(job, JobState.PRINTED)
        heard(till, None)
        assert till.answer() == "Receipt: ✓ printed."
        await till.type("{ctrl+r}")
        assert till.answer() == "Copy 1: ○ printing."
        assert "✓ printed" in till.text()
        assert "○ printing" in till.text()


async def test_answer_line_tells_what_a_printer_needs_until_the_paper_is_dropped(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        begun(till)
        await till.type(SOLD + "receipt{enter}2 idly{enter}{ctrl+x}1{enter}")
        heard(till, PrinterTrouble.NO_PAPER)
        till.selling().message = None
        till.app.controller.paint()
        assert "Put in a new roll. It prints then; “no receipt” drops it." in till.text()
        await till.type("no receipt{enter}")
        assert till.answer() == "1 paper is not printed."
        assert "printer:" not in till.text()
        await till.type("no receipt{enter}")
        assert till.answer() == "No paper waits."


async def test_an_order_on_the_screen_has_its_bill_printed(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        printing = begun(till)
        await till.type(LOG_IN + "bill{enter}")
        assert not printing.queued(), "there is no order"
        await till.type("2 idly{enter}{ctrl+r}")
        assert till.answer() == "Bill: ○ printing."
        (job,) = printing.queued()["Counter"]
        assert (job.paper, job.of) == ("bill", till.order.id)
        printing.take_up(job)
        printing.put_down(job, JobState.PRINTED)
        await till.type("bill{enter}")
        assert [one.paper for one in printing.queued()["Counter"]] == ["bill"]
        assert till.order.is_open


async def test_papers_that_waited_long_ask_once_before_they_print(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        printing = begun(till)
        await till.type(SOLD + "{ctrl+r}")
        printing.ask_first(printing.queued()["Counter"])
        till.selling().message = None
        heard(till, None)
        assert "1 paper waits" in till.text()
        asked = "A receipt waited. Ctrl+R prints it, “no receipt” drops it."
        assert till.answer() == asked, "it is a message, as any other would hide it"
        assert "▲ still wanted?" in till.text()
        till.selling().message = None
        heard(till, None)
        assert till.answer() != asked, "it is asked once"
        await till.type("{ctrl+r}")
        assert till.answer() == "Receipt: ○ printing."
        assert len(printing.queued()["Counter"]) == 1
        assert "paper waits" not in till.text()


@pytest.mark.parametrize("typed", ["{ctrl+r}", "bill{enter}"])
async def test_a_till_without_a_printer_names_the_command_that_adds_one(tmp_path: Path, typed: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}" + typed) as till:
        assert till.answer() == "No printer here: `till admin printers add` adds one."
        await till.type("cash 100{enter}receipt{enter}")
        assert till.answer() == "The last receipt.", "the word shows it, as there is no paper"
        assert "Ctrl+R" not in till.text()


def queued(till: Till) -> list[tuple[str, str]]:
    return [(one.paper, one.part) for one in till.register.printing.queued().get("Counter", ())]


async def test_x_z_counts_and_movements_are_printed(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        begun(till)
        drawer = till.register.drawer
        await till.type(LOG_IN + "float 100{enter}2 idly{enter}cash 100{enter}paid out 20 milk{enter}")
        assert till.answer() == "Paid out ₹20.00: milk. Ctrl+R prints it."
        await till.type("{ctrl+r}")
        shift = drawer.status().last
        assert shift is not None
        assert queued(till) == [("movement", shift.movements[-1].id)]
        await till.type("no receipt{enter}x{enter}{enter}")
        assert till.answer() == "X: ○ printing."
        assert queued(till) == [("x", WITHOUT_CASH)]
        await till.type("no receipt{enter}close{enter}{enter}{ctrl+r}")
        assert till.answer() == "Z: ○ printing."
        assert queued(till) == [("z", WITHOUT_CASH)]
        await till.type("{enter}{tab}150{enter}{enter}{enter}")
        shift = drawer.status().last
        assert shift is not None
        assert queued(till) == [("z", WITHOUT_CASH), ("count", shift.counts[-1].id)]
        await till.type("no receipt{enter}x{enter}{enter}")
        assert queued(till) == [("z", "")], "its cash is counted"
        assert shift.closed is not None
        for words in ("z 1", f"print z {shift.closed.number}"):
            await till.type("no receipt{enter}tea{enter}cash{enter}no receipt{enter}" + words + "{enter}{enter}")
            assert till.answer() == "Z: ○ printing."
            assert queued(till) == [("z", "")]
            assert till.register.printing.queued()["Counter"][0].of == shift.id


async def test_a_paper_that_a_kill_left_in_doubt_is_named_at_the_first_login(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        begun(till)
        await till.type(LOG_IN + "2 idly{enter}")
        till.app.controller.doubt = "Receipt 1-000001, 10:31: is it on paper?"
        await till.type("{f12}" + LOG_IN)
        await till.settle()
        assert "Receipt 1-000001, 10:31: is it on paper?" in till.text()
        await till.type("{f12}" + LOG_IN)
        await till.settle()
        assert "is it on paper" not in till.text()


async def test_past_sales_print_copies_and_the_receipt_of_a_refund(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        printing = begun(till)
        await till.type(SOLD + "{ctrl+r}")
        (job,) = printing.queued()["Counter"]
        printing.take_up(job)
        printing.put_down(job, JobState.PRINTED)
        await till.type("{f10}{enter}p")
        assert till.answer() == "A copy of the receipt. ↑ ↓ scroll. Esc: back."
        await till.type("{enter}")
        assert till.answer() == "Copy 1: ○ printing."
        await till.type("{escape}*{enter}1{enter}9{enter}9999{enter}")
        await till.settle()
        assert "Print the refund" in till.text()
        await till.type("{ctrl+r}")
        assert till.answer() == "Refund receipt: ○ printing."
        assert [one.paper for one in printing.queued()["Counter"]] == ["receipt", "refund"]
        assert "Print the refund" not in till.text()
        on_paper(printing)
        await till.type("{ctrl+r}")
        assert "Refund 1X0001-R000001" in till.text()
        assert "Receipt 1X0001-000001" in till.text()
        await till.type("1")
        assert till.answer() == "Copy 1: ○ printing.", "the receipt of a refund is printed again"
        assert [one.paper for one in printing.queued()["Counter"]] == ["refund"]
        await till.type("{escape}{escape}{f10}1x0001-r000001{enter}{ctrl+r}2")
        assert [one.paper for one in printing.queued()["Counter"]] == ["refund", "receipt"]


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"training": True}, "A training prints nothing."),
        ({"receipts": "never"}, "Receipts are not printed here. It is a setting."),
    ],
    ids=["training", "never"],
)
async def test_no_receipt_is_printed_in_a_training_or_where_the_venue_prints_none(
    tmp_path: Path, setting: dict[str, Any], sentence: str
) -> None:
    reference = a_reference()
    reference["settings"] |= setting
    async with a_quiet_till(tmp_path, reference=reference) as till:
        if "receipts" in setting:
            begun(till).printers = lambda: Printers({"Counter": COUNTER}, papers="Counter", when="never")
        await till.type(SOLD)
        assert "Ctrl+R" not in till.text()
        await till.type("{ctrl+r}")
        assert till.answer() == sentence


async def test_a_paper_printed_again_is_not_called_unprinted(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        printing = begun(till)
        await till.type(SOLD + "{ctrl+r}")
        (job,) = printing.queued()["Counter"]
        printing.take_up(job)
        printing.put_down(job, JobState.UNKNOWN)
        heard(till, None)
        assert "▲ not known" in till.text()
        await till.type("{ctrl+r}")
        assert till.answer() == "Receipt, again: ○ printing."
        assert "not printed" not in till.text()


def on_paper(printing: PrintJobs) -> None:
    """Let the printer print all that waits."""
    for job in printing.queued().get("Counter", ()):
        printing.take_up(job)
        printing.put_down(job, JobState.PRINTED)


@pytest.mark.parametrize(
    ("typed", "paper"),
    [
        ("cash 100{enter}", "receipt"),
        ("paid out 20 milk{enter}", "movement"),
        ("paid out 20 milk{enter}{f11}u{enter}1{enter}", "movement"),
        ("count drawer{enter}{tab}50{enter}{enter}{escape}", "count"),
        ("cash 100{enter}{f10}{enter}*{enter}1{enter}9{enter}9999{enter}{escape}{escape}", "refund"),
        ("cash 100{enter}close{enter}{enter}{escape}", "z"),
        ("1 idly{enter}", "bill"),
        ("{f9}10{enter}{enter}{escape}", "part"),
        ("cash 100{enter}{f10}{enter}*{enter}1{enter}9{enter}9999{enter}{escape}{escape}{ctrl+n}", "receipt"),
    ],
    ids=["sale", "movement", "undone", "count", "refund", "close", "order", "part", "looked up"],
)
async def test_ctrl_r_prints_the_paper_of_what_was_done_last(tmp_path: Path, typed: str, paper: str) -> None:
    async with a_quiet_till(tmp_path) as till:
        printing = begun(till)
        await till.type(LOG_IN + "1 idly{enter}cash 100{enter}{ctrl+r}")
        on_paper(printing)
        await till.type("2 idly{enter}" + typed)
        await till.settle()
        await till.type("{ctrl+r}")
        assert [one[0] for one in queued(till)] == [paper]


async def test_ctrl_r_lists_what_waits_below_what_was_done_last_and_a_digit_prints_one(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        printing = begun(till)
        await till.type(SOLD + "{ctrl+r}paid out 20 milk{enter}")
        printing.ask_first(printing.queued()["Counter"])
        await till.type("{ctrl+r}")
        assert "Which paper?" in till.text()
        assert "Paid out" in till.text()
        assert "▲ still wanted?" in till.text()
        await till.type("2")
        assert till.answer() == "Receipt: ○ printing."
        assert [one[0] for one in queued(till)] == ["receipt"]
        on_paper(printing)
        await till.type("{ctrl+r}")
        assert till.answer() == "Slip of a movement: ○ printing.", "nothing else waits"
        heard(till, PrinterTrouble.NO_PAPER)
        await till.type("1 idly{enter}{ctrl+r}{enter}")
        assert [one[0] for one in queued(till)] == ["movement", "bill"], "Enter prints what was done last"


async def test_ctrl_r_prints_late_tickets_also_where_no_receipts_are_printed(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        printing = begun(till)
        await till.type(LOG_IN + "2 idly{enter}cash 100{enter}{ctrl+r}")
        (receipt,) = printing.queued()["Counter"]
        ticket = replace(receipt, paper="ticket", number=receipt.number + 1, asked=False, printer="Grill")
        till.register.journal.keep_jobs([replace(receipt, state=JobState.DROPPED), ticket])
        printing.printers = lambda: Printers({"Grill": replace(COUNTER, name="Grill")}, papers="", drawer="")
        printing.begin(Waker())
        printing.ask_first([ticket])
        await till.type("{ctrl+r}")
        assert "1 late ticket" in till.text()
        assert "Receipt 1" not in till.text(), "no printer takes it"
        await till.type("1")
        assert [(job.paper, job.asked) for job in printing.waiting()] == [("ticket", True)]


async def test_another_person_does_not_print_the_count_of_the_one_before(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        begun(till)
        await till.type(LOG_IN + "count drawer{enter}{tab}50{enter}{enter}{escape}{f12}9{enter}9999{enter}")
        await till.type("{ctrl+r}")
        assert queued(till) == []
