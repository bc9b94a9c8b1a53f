"""`make failover`: kills the leader of two PostgreSQL servers under Patroni while two tills sell.

Each act is cut at two moments: while its statement works, and while its commit waits for the standby. Nothing that a
screen showed as done is lost or there twice. Then the standby goes first, which shows what is not promised.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from db import migrate
from db.engine import connect
from db.preparing import prepare
from tests.e2e.terminal import SAVED, TILL
from tests.failover.pair import PATIENCE, PROGRAMS, Pair, until
from tests.faults.proxies import TILLS, make_demo
from tests.faults.test_two_tills_days import NOTHING
from tests.plugins.servers import FIFTEEN
from tests.plugins.terminals import Venue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.terminal import Terminal

#: A statement of till 1 that cannot end.
_WAITS: Final = """SELECT 1 FROM pg_stat_activity
    WHERE application_name = 'till 1' AND (wait_event_type = 'Lock' OR wait_event = 'SyncRep')"""
#: Seconds in which a standby that is not up to date does not take over.
ALONE_S: Final = 45.0
_SALES: Final = "SELECT till_id, count(*)::int, sum(total_amount)::text FROM cold.orders GROUP BY 1 ORDER BY 1"
_REFUNDS: Final = "SELECT count(*)::int FROM cold.refunds"
_ZS: Final = "SELECT count(*)::int FROM warm.session_events WHERE event_type = 'shift_closed'"


class Trial:
    """The demo's venue on two servers, with a manager at till 1 and a cashier at till 2.

    Attributes:
        sales, refunds, zs: the numbers of those that a screen showed as done.
    """

    def __init__(self, pair: Pair, stack: ExitStack) -> None:
        self.pair = pair
        self.sales, self.refunds, self.zs = dict.fromkeys(TILLS, 0), 0, 0
        at_once = pair.super.on("venue")
        prepare(at_once, app_password="app", owner_password="owner")
        owner = replace(at_once, user="till_owner", password="owner")
        migrate.upgrade(owner)
        self.venue = Venue(pair.folder / "tills")
        stack.callback(self.venue.close)
        with connect(owner) as session:
            config = make_demo(self.venue.folder, session)
        app = replace(owner, user="till_app", password="app")
        self.more = {"TILL_CONFIG": str(config), "TILL_DATABASE__URL": app.url, "TILL_DATABASE__OWNER_URL": owner.url}
        self.one, self.two = (self._open(till, staff) for till, staff in ((1, 9), (2, 2)))

    def _open(self, till: int, staff: int) -> Terminal:
        opened = self.venue.spawn([TILL], more=self.more | {"TILL_TILL__ID": str(till)})
        return self.venue.log_in(opened.wait_for("Meena").wait_for(SAVED), staff).wait_for(SAVED)

    def push(self, till: int = 1) -> None:
        """Sell at a till."""
        terminal = self.one if till == 1 else self.two
        terminal.type("2 idly\r").wait_for("Total ₹80.00").type("cash\r").wait_for("Paid ₹80.00, exact.")
        self.sales[till] += 1

    def close(self) -> None:
        self.zs += 1
        self.one.type("close\r\r").wait_for(f"Z 1-Z{self.zs:06d}")

    def refund(self) -> None:
        """Begin a refund of the last sale; it asks the server first."""
        self.one.type("1\r")

    def refund_again(self) -> None:
        """Refund again if the till says that nothing was refunded, and close the sheet."""
        if "nothing refunded" in self.one.text:
            self.one.type("\r").wait_for(lambda till: "-R0" in till.text or "cold or wrong" in till.text)
            if "-R0" not in self.one.text:
                self.one.type("1\r").wait_for("-R0")
        assert "-R0" in self.one.text, self.one.picture()
        self.refunds += 1
        self.one.press("escape", "escape").wait_for("No lines yet.")

    def ready(self, act: str) -> None:
        """Sell something, and have everything saved; a refund has its sheet open."""
        for till in TILLS:
            self.push(till)
        self.settled()
        if act == "refund":
            receipt = f"1-{self.sales[1]:06d}"
            self.one.type(f"refund {receipt}\r").wait_for("2 × Idly").type("*").wait_for("Enter refunds ₹80.00")
            self.one.type("\r").wait_for("cold or wrong")

    def settled(self) -> None:
        """Wait until both tills say “saved”."""
        for terminal in (self.one, self.two):
            terminal.wait_for(SAVED, PATIENCE)

    def check(self) -> None:
        """Compare the screens with the server."""
        rows = self.pair.rows
        sales = [(till, count, f"{80 * count}.00") for till, count in self.sales.items()]
        assert rows(_SALES, "venue") == sales
        assert rows(_REFUNDS, "venue") == [(self.refunds,)]
        assert rows(_ZS, "venue") == [(self.zs,)]
        for query in NOTHING[1:-1]:  # its first is of names, its last of orders, that these tills do not have
            assert rows(query, "venue") == [], query
        done = self.venue.run("admin", "audit", "verify", more=self.more)
        assert done.returncode == 0, done.stdout + done.stderr


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextmanager
def while_it_works(trial: Trial) -> Iterator[None]:
    """Hold what each push of till 1 locks, so that its statement is at work until the kill."""
    session = connect(trial.pair.super.on("venue"), autocommit=False)
    session.execute("SELECT FROM warm.journal_head WHERE till_id = 1 FOR UPDATE")
    yield
    session.close()  # its server is dead


@contextmanager
def while_its_commit_waits(trial: Trial) -> Iterator[None]:
    """Stop the standby from receiving: a commit is on the leader's disk, and nobody hears of it."""
    (receiver,) = (pid for pid, title in trial.pair.other.processes().items() if "walreceiver" in title)
    os.kill(receiver, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(receiver, signal.SIGCONT)


def cut(trial: Trial, act: str, moment: str) -> None:
    """Kill the leader in the middle of an act."""
    trial.ready(act)
    with (while_it_works if moment == "its statement works" else while_its_commit_waits)(trial):
        getattr(trial, act)()
        until("the act on the server", lambda: trial.pair.rows(_WAITS))
        killed, began = trial.pair.leader, time.monotonic()
        killed.kill()
    trial.push(2)
    trial.settled()
    took = time.monotonic() - began
    if act == "refund":
        trial.refund_again()
        trial.settled()
    trial.check()
    killed.start()
    trial.pair.until_followed()
    follows = time.monotonic() - began
    say(f"{act} while {moment}: “saved” again after {took:.1f} s, two servers again after {follows:.1f} s")


def without_standby(trial: Trial) -> None:
    """Lose the standby and then the leader, and force the standby to take over: what only the leader had is gone."""
    pair = trial.pair
    leader, standby = pair.leader, pair.other
    trial.ready("push")
    standby.kill()
    began = time.monotonic()
    for till in TILLS:
        trial.push(till)
    trial.settled()
    say(f"standby gone: “saved” again after {time.monotonic() - began:.1f} s, on the leader alone")
    until("a leader without a standby", lambda: pair.rows("SHOW synchronous_standby_names") == [("",)])
    trial.ready("push")
    renamed = trial.venue.run("admin", "users", "rename", "1", "--name", "Newname", "--as-owner", more=trial.more)
    assert renamed.returncode == 0, renamed.stderr
    leader.kill()
    standby.start()
    trial.push(2)
    began = time.monotonic()
    while time.monotonic() < began + ALONE_S:
        for terminal in (trial.one, trial.two):
            terminal.read_for(0.5)
    assert not standby.stands("primary")
    say(f"leader gone too, standby back: {ALONE_S:.0f} s later it has not taken over, and till 2 is {trial.two.light}")
    say(pair.control("failover", "till", "--candidate", standby.name, "--force"))
    until("the forced leader", lambda: standby.stands("primary"))
    say(f"forced: sales on the server {pair.rows(_SALES, 'venue')}, shown {trial.sales}")
    trial.settled()
    names = pair.rows("SELECT count(*)::int FROM till.users WHERE name = 'Newname'", "venue")[0][0]
    say(f"then the tills sent again: {pair.rows(_SALES, 'venue')}; {names} of 1 rename by a manager")
    trial.check()


def main() -> int:
    """Play all of it."""
    if None in PROGRAMS.values() or not FIFTEEN.is_dir():
        say("It needs PostgreSQL 15, Patroni and etcd (Debian: postgresql, patroni, etcd-server).")
        return 1
    folder = Path(tempfile.mkdtemp(prefix="till-failover-"))
    folder.chmod(0o711)
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
    with ExitStack() as stack:
        pair = Pair(folder)
        stack.callback(pair.stop)
        pair.start()
        trial = Trial(pair, stack)
        acts = sys.argv[1:] or ["push", "close", "refund", "alone"]
        for act in acts:
            if act == "alone":
                without_standby(trial)
                continue
            for moment in ("its statement works", "its commit waits"):
                cut(trial, act, moment)
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
