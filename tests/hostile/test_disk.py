"""A disk that fills, goes read-only or is damaged during selling: the till stops, and continues when it can."""

from __future__ import annotations

import os
import resource
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from till.journal.log import look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.terminal import Terminal
    from tests.plugins.terminals import Venue

STOPPED = "has stopped selling"
LINES = {"Idly": 2}
#: A page in the log, with its own head before it.
FRAME = 4096 + 24


@pytest.fixture
def small_disk(venue: Venue) -> Iterator[Path]:
    """Put the journals of the venue on a disk of two megabytes."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk under the journal")
    journals = venue.folder / "journals"
    kept = [(file.name, file.read_bytes()) for file in journals.iterdir()]
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", journals], check=False)
    if done.returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        for name, data in kept:
            (journals / name).write_bytes(data)
        yield journals
    finally:
        venue.close()
        subprocess.run(["umount", "-l", journals], check=True)


def fill(disk: Path) -> Path:
    """Fill a disk to the last byte."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:  # full: then by smaller pieces
                continue
    return filler


def takes_or_stops(lines: dict[str, int]) -> Callable[[Terminal], bool]:
    """True once these lines are on the order, or the till has stopped selling."""
    return lambda till: STOPPED in till.text or till.quantities() == lines


def test_a_full_disk_stops_selling_shows_nothing_unsaved_and_goes_on_with_room(venue: Venue, small_disk: Path) -> None:
    till = venue.open_at(1).type("2 idly\r").wait_for("Total ₹80.00").wait_for("● saved")
    filler = fill(small_disk)
    sold = 0
    while STOPPED not in till.text:  # the log of the journal may still have room for a few
        till.type("1 idly\r").wait_for(takes_or_stops({"Idly": 3 + sold}))
        sold += STOPPED not in till.text
        assert sold < 200
    shown = till.quantities()
    assert shown == {"Idly": 2 + sold}
    till.wait_for(lambda t: t.typed == "1 idly")
    till.press("f9").wait_for("Take cash").wait_for(STOPPED).press("enter", "escape").wait_for("F9 Pay")
    assert "Paid" not in till.text
    filler.unlink()
    till.press("ctrl+u").wait_for(lambda t: not t.typed)
    till.type("1 idly\r").wait_for(lambda t: t.quantities() == {"Idly": 3 + sold}).wait_for("● saved")
    till.kill9()
    again = venue.log_in(venue.open()).wait_for("Your order is here")
    assert again.quantities() == {"Idly": 3 + sold}


def test_a_journal_that_was_damaged_under_a_selling_till_is_set_aside_at_the_next_start(venue: Venue) -> None:
    till = venue.open_at(1).type("2 idly\r").wait_for("Total ₹80.00").wait_for("● saved")
    journal = venue.folder / "journals" / "till-1.sqlite"
    with journal.open("r+b") as file:
        file.seek(0)
        file.write(os.urandom(journal.stat().st_size))
    till.type("1 idly\r").wait_for(lambda t: STOPPED in t.text or "damaged" in t.text or t.quantities() == {"Idly": 3})
    shown = till.quantities()
    till.kill9()
    again = venue.open().wait_for("kept as")
    venue.log_in(again).wait_for(lambda t: t.quantities() in (LINES, shown))
    kept = again.quantities()["Idly"]
    again.wait_for("✖ needs attention")  # a manager adopts the new journal; until then it sells with the menu of today
    again.type("1 idly\r").wait_for(lambda t: t.quantities() == {"Idly": kept + 1})


def log_of(venue: Venue, till: int = 1) -> Path:
    """Return the write-ahead log of the till's journal, which SQLite writes first."""
    return venue.folder / "journals" / f"till-{till}.sqlite-wal"


@contextmanager
def no_room_beyond(pid: int, size: int) -> Iterator[None]:
    """Limit the size of a process's files: the write that crosses it is cut short, the next one fails."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        if Path(f"/proc/{pid}").exists():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def test_a_write_that_is_cut_short_is_no_sale_and_the_till_goes_on_when_there_is_room(venue: Venue) -> None:
    """A write ends after the header of a page's frame, or one byte before the end of the page."""
    till = venue.open_at(1)
    for sales, room in enumerate((24, 4119), 1):
        till.type("2 idly\r").wait_for("Total ₹80.00").wait_for("● saved")
        with no_room_beyond(till.pid, log_of(venue).stat().st_size + room):
            till.type("1 masala dosa\r").wait_for(STOPPED)
            assert till.quantities() == LINES
            till.press("f9").wait_for("Take cash 80.00").wait_for(STOPPED)
            till.press("enter", "escape").wait_for(lambda t: t.typed == "1 masala dosa")
            assert "Paid" not in till.text
        till.press("enter").wait_for(lambda t: t.quantities() == {"Idly": 2, "Masala Dosa": 1}).wait_for("● saved")
        till.kill9()
        till = venue.log_in(venue.open()).wait_for("Your order is here: 2 lines, ₹160.00.")
        till.press("f9").wait_for("Enter takes ₹160.00").press("enter").wait_for("Paid ₹160.00").wait_for("● saved")
        assert venue.rows("SELECT total_amount::text FROM cold.orders") == [("160.00",)] * sales


def test_a_till_that_dies_over_a_torn_write_has_all_that_was_painted(venue: Venue) -> None:
    till = venue.open_at(1).type("2 idly\r").wait_for("Total ₹80.00").wait_for("● saved")
    with no_room_beyond(till.pid, log_of(venue).stat().st_size + 1000):
        till.type("1 masala dosa\r").wait_for(STOPPED)
        till.kill9()
    again = venue.log_in(venue.open().wait_for("1 order was open: 1 line, ₹80.00."))
    again.wait_for(lambda t: t.quantities() == LINES)
    again.press("ctrl+u").type("1 tea\r").wait_for(lambda t: t.quantities() == {"Idly": 2, "Tea": 1}).wait_for(
        "● saved"
    )


def test_recover_lists_what_stands_on_a_full_disk(venue: Venue, small_disk: Path) -> None:
    venue.open_at(1).type("2 idly\r").wait_for("Total ₹80.00").wait_for("● saved").kill9()
    filler = fill(small_disk)
    for command in (("recover", "--list"), ("recover",)):
        listed = venue.run(*command)
        assert (listed.returncode, listed.stdout.count("80.00")) == (0, 1), listed.stderr
        assert listed.stderr.count("The disk is full") == (0 if "--list" in command else 1), "a list writes nothing"
    filler.unlink()
    listed = venue.run("recover", "--list")
    assert (listed.returncode, listed.stdout.count("80.00")) == (0, 1), listed.stderr
    assert "disk" not in listed.stderr


def test_a_disk_mounted_read_only_is_one_sentence_at_the_start_and_loses_nothing(
    venue: Venue, small_disk: Path
) -> None:
    till = venue.open_at(1).type("2 idly\r").wait_for("Total ₹80.00").wait_for("● saved")
    till.kill9()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    refused = venue.open()
    assert refused.wait_for_end() == 1
    shown = " ".join(row for row in refused.rows() if row)
    assert "cannot write to its disk" in shown
    assert "Traceback" not in shown
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    venue.log_in(venue.open().wait_for("1 order was open")).wait_for(lambda t: t.quantities() == LINES)


def test_files_of_a_till_are_readable_by_their_owner_alone(venue: Venue) -> None:
    for file in (venue.folder / "logs").glob("*"):
        file.unlink()
    before = os.umask(0o022)
    try:
        till = venue.open_at(1).type("2 idly\r").wait_for("● saved")
    finally:
        os.umask(before)
    log = venue.folder / "logs" / "till.log"
    while not log.exists():  # facts without an event are written within half a second
        till.type("1").wait_for(lambda t: t.typed == "1")
        till.press("ctrl+u").wait_for(lambda t: not t.typed)
    modes = {
        file: file.stat().st_mode & 0o777 for room in ("logs", "journals") for file in (venue.folder / room).iterdir()
    }
    assert log in modes
    assert set(modes.values()) == {0o600}, modes
    till.kill9()


def test_a_bit_that_the_disk_changed_in_the_last_sale_is_reported_on_the_login_screen(
    venue: Venue, subtests: pytest.Subtests
) -> None:
    """At the first till it lies beside the sale, at the second within it."""
    for number, hit in ((1, False), (2, True)):
        with subtests.test(hit=hit):
            till = venue.open_at(1, till=number).type("2 idly\r").wait_for("Total ₹80.00").wait_for("● saved")
            till.press("f9").wait_for("Enter takes ₹80.00").press("enter").wait_for("Paid ₹80.00").wait_for("● saved")
            till.kill9()
            flip_a_bit_of_the_last_sale(log_of(venue, number), hit=hit)
            again = venue.open(number).wait_for("cannot be read" if hit else "read from the damaged end")
            listed = venue.run("recover", "--list")
            assert ("is open and looks after its own journal" in listed.stderr, listed.returncode) == (True, 0)
            assert ("Its log is kept in" in listed.stderr) is hit
            if not hit:
                assert venue.log_in(again).wait_for("F9 Pay").quantities() == {}
            again.kill9()


def flip_a_bit_of_the_last_sale(path: Path, *, hit: bool) -> None:
    log = path.read_bytes()
    sale = log.index(b'"type":"order_placed"')
    ends = (look(log[:end]).kept for end in range(32 + FRAME, len(log) + 1, FRAME))
    end = next(end for end in ends if end > sale)
    data = bytearray(log[:end])  # a power cut took what the database had said since
    data[sale + 12 if hit else end - FRAME + 16] ^= 1
    path.write_bytes(data)
