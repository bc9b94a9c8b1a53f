"""Makes a fixture of today: a small venue that traded, as it is on its machines.

    make fixture

It is made from the last commit, which `facts.json` names, and replaces a fixture of the same day and revision. A
release makes its own with its wheel, and gives its version as the name.
"""

from __future__ import annotations

import asyncio
import json
import lzma
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import randbits, token_urlsafe
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from db import migrate, roles
from db.backups import taking
from db.embedded import EmbeddedServer
from db.embedded.binaries import bundled_binaries
from db.engine import connect
from db.schema import OWN
from tests.sql.ringing import sum_up
from till import __version__
from till.administration.calls import call
from till.cli.demo_venue import demo_menu, demo_passwords, demo_reference, demo_settings, demo_staff
from till.cli.report_output import to_json
from till.cli.venues import enrol, make_venue
from till.config import Folders, HeldVenue, VenueKind, hold_venue
from till.domain.ids import IdClock
from till.domain.money.measures import Millionths, Minor, Thousandths
from till.domain.order.choices import modifier_of
from till.domain.order.discounting import Given
from till.domain.order.selling import ItemEntry
from till.domain.payment.codes import digest_of, hint_of
from till.domain.refund import giving
from till.domain.staff.rights import Permission, PermissionRequest
from till.journal import JournalFile
from till.journal.schema import REVISIONS
from till.register.payments.tenders import AT_SERVER, Tenders
from till.reports.declared import SALES
from till.sync.service import SyncService
from till.sync.settings import ConnectionFacts, Identity, Settings
from till.tenders.server import ServerTender
from till.wiring.parts import LateOutbox, WallClock, make_register, seed_cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import psycopg

    from db.address import Address
    from till.domain.order.state import Order
    from till.domain.refund.state import Refund
    from till.domain.staff.rights import Approval
    from till.register.register import Register
    from till.register.tabs.open_tabs import OpenTab

ROOT: Final = Path(__file__).parents[2]
STORE: Final = "0197d6a0-0000-7000-8000-00000000f1c5"
HOST: Final = "the machine of the fixture"
SECRET: Final = "the secret of till {till}"
CASHIER: Final = 1
MANAGER: Final = 9
VOUCHER: Final = "7K4M9QX2"
GUEST: Final = "Asha Rao"
_QUICK: Final = Settings(debounce_ms=1, max_wait_ms=1, deadline_s=30)
_PATIENCE: Final = 30.0


@dataclass
class Till:
    """One till, and what its staff does at it.

    Attributes:
        names: the orders that a test must find again, by a name for each.
    """

    register: Register
    journal: JournalFile
    sync: SyncService
    outbox: LateOutbox
    user: int
    names: dict[str, str] = field(default_factory=dict)

    def key(self, session: str | None, name: str, quantity: int = 1, **more: Any) -> str:
        """Key an item, at any time of day; the order."""
        item = next(one for one in self.register.menu.items if one.name == name)
        chosen = tuple(modifier_of(group, group.options[0]) for group in self.register.menu.groups_of(item))
        entry = ItemEntry(item, quantity, modifiers=chosen, **more)
        return self.register.sales.add(session, self.user, entry, at_any_time=True).id

    def order(self, *names: str) -> str:
        """Open an order with these items."""
        session: str | None = None
        for name in names:
            session = self.key(session, name)
        return session or ""

    def lines(self, session: str) -> list[str]:
        """The lines of an order, by row."""
        return [row.first.id for row in self.register.ledger.order(session).priced.rows]

    def tab(self, session: str) -> OpenTab:
        """An order that this till saved, as it is listed."""
        return next(tab for tab in self.register.open_tabs.local() if tab.session_id == session)

    async def send(self) -> None:
        """Push all events."""
        if not await self.sync.flush(_PATIENCE):
            raise RuntimeError(f"The database took nothing: {self.sync.trouble}")

    async def charged(self, session: str, tender: str, place: str, amount: int | None = None) -> None:
        """Pay by a tender that the server answers for."""
        self.register.charges.ask(session, tender, None if amount is None else Minor(amount), place=place)
        for _turn in range(200):
            await asyncio.sleep(0.05)
            if not self.register.ledger.order(session).pending_payment:
                return
        raise RuntimeError(f"The server gave no answer on {tender}.")

    def approved(self, act: Callable[[Approval | None], Any], asked: Any) -> Any:
        """Do something that a manager approves in place."""
        person = self.register.access.find(MANAGER)
        return act(self.register.approvals.give(person, asked) if asked is not None else None)

    def refund(self, session: str, pieces: Mapping[int, int] | None = None) -> Refund:
        """Refund pieces of a sale, or all of it, as it was paid."""
        register = self.register
        order = register.ledger.order(session)
        sale = register.refunds.sale(session, order.placed.data.receipt if order.placed else "")
        share = giving.pieces_back(sale, pieces or giving.all_pieces(sale))
        way = giving.ways_of(sale)[0]
        share = giving.in_coins(sale, share, way)
        begun: Refund = self.approved(
            lambda approval: register.refunds.start(session, share, way, sale, approval, "it was cold"),
            PermissionRequest(Permission.REFUND, share.part.amount),
        )
        return begun

    @property
    def orders(self) -> dict[str, Order]:
        """The named orders."""
        return {name: self.register.ledger.order(session) for name, session in self.names.items()}


def sell(till: Till) -> None:
    """Sell in every way that one till can by itself."""
    checkout, sales, names = till.register.checkout, till.register.sales, till.names
    names["cash"] = till.order("Idly", "Masala Dosa", "Filter Coffee")
    checkout.pay(names["cash"], "CASH", Minor(50_000))
    names["tipped"] = till.order("Meals", "Mirchi Bajji")
    checkout.pay_exact(names["tipped"], "CARD", tip=Minor(2_000))
    names["split"] = till.order("Meals", "Meals", "Tea")
    checkout.pay(names["split"], "UPI", Minor(10_000))
    checkout.pay_exact(names["split"], "CASH")
    names["by items"] = till.order("Plain Dosa", "Tea")
    checkout.pay_exact(names["by items"], "CASH", pieces={till.lines(names["by items"])[0]: 1})
    checkout.pay_exact(names["by items"], "CARD")
    names["reduced"] = till.key(till.order("Rava Dosa", "Upma"), "Sundry Halwa", measure=Thousandths(350))
    sales.take_off(names["reduced"], till.lines(names["reduced"])[0], Given(rate=Millionths(50_000), reason="regular"))
    sales.note_line(names["reduced"], till.lines(names["reduced"])[1], "no onion")
    sales.note(names["reduced"], "birthday")
    sales.seat(names["reduced"], till.lines(names["reduced"])[0], seat=2, course=1)
    checkout.pay_exact(names["reduced"])
    checkout.give_feedback(names["reduced"], 5, "lovely")
    names["voided"] = till.order("Idly", "Pongal", "Tea")
    sales.void(names["voided"], till.lines(names["voided"])[0], "keyed twice")
    sales.undo(names["voided"])
    sales.void(names["voided"], till.lines(names["voided"])[1], "dropped")
    checkout.pay_exact(names["voided"])
    names["deposit"] = till.key(till.order("Water 1 l"), "Bottle deposit", -1)
    checkout.pay_exact(names["deposit"])
    names["cleared"] = till.order("Badam Milk")
    till.register.recovery.discard(names["cleared"], "the guests left")
    names["given back"] = till.order("Curd Rice")
    paid = checkout.pay(names["given back"], "CASH", Minor(2_000))
    till.approved(
        lambda approval: checkout.give_back(names["given back"], next(iter(paid.payments)), approval),
        checkout.needs_manager(names["given back"], next(iter(paid.payments)), by_hand=True),
    )


def leave_open(till: Till) -> None:
    """Leave orders of each status."""
    names, register = till.names, till.register
    for name, table in (("table", "7"), ("merged", "8"), ("moved", "Rao")):
        names[name] = till.order("Idly", "Set Dosa", "Tea")
        register.tabs.save(names[name], table)
    names["parked"] = till.order("Poori Sagu")
    register.recovery.suspend(names["parked"])
    names["open"] = till.order("Idly", "Holige")


def refund(till: Till) -> None:
    """Refund a sale in parts and another whole, leave one without an answer, and correct a tender."""
    refunds = till.register.refunds
    for session, pieces in ((till.names["split"], {2: 1}), (till.names["tipped"], None)):
        refunds.approve(till.refund(session, pieces).id)
    till.refund(till.names["cash"], {1: 1})
    order = till.orders["voided"]
    till.approved(
        lambda approval: till.register.corrections.correct_tender(
            order.id, next(iter(order.payments)), "UPI", approval
        ),
        till.register.approvals.lacking(
            lambda: till.register.corrections.correct_tender(order.id, next(iter(order.payments)), "UPI", None)
        ),
    )


async def between(one: Till, two: Till) -> None:
    """Split, merge and move through the server; take over an order of the other till."""
    names = one.names
    names["part"] = one.register.ledger.new_id()
    one.register.tabs.recall(names["table"], one.user)
    await one.register.between.part(one.sync, names["table"], {one.lines(names["table"])[1]: 1}, names["part"])
    one.register.tabs.save(names["table"], "7")
    one.register.checkout.pay_exact(names["part"])
    await one.register.between.merge(one.sync, one.tab(names["table"]), one.tab(names["merged"]))
    await one.send()
    await two.register.grants.obtain(two.sync, names["parked"], two.user)
    two.register.recovery.resume(names["parked"])
    two.names["taken over"] = two.key(names.pop("parked"), "Tea")
    two.register.checkout.pay_exact(two.names["taken over"], "UPI")
    await two.send()


async def pay_at_server(till: Till, act: Callable[..., Any]) -> None:
    """Pay by voucher and by house account, and pay some of the account off."""
    customer = act("customer_add_v1", GUEST, "+91 98450 12345")
    act("account_set_v1", customer, 1_000, False)
    act("voucher_issue_v1", digest_of(VOUCHER), hint_of(VOUCHER), 500, None)
    till.names["voucher"] = till.order("Meals")
    await till.charged(till.names["voucher"], "VOUCHER", (await till.sync.voucher(digest_of(VOUCHER))).ask)
    till.names["account"] = till.order("Meals", "Payasam")
    till.register.sales.attach_customer(till.names["account"], till.user, customer, GUEST)
    await till.charged(till.names["account"], "ACCOUNT", customer)
    act("account_pay_off_v1", customer, 100, "CASH")
    gone = act("customer_add_v1", "Ravi Kumar", "+91 98450 54321")
    act("customer_erase_v1", gone)


def administer(act: Callable[..., Any]) -> None:
    """Change what a manager changes."""
    act("promotion_set_v1", "3 for 2", {"buy": 2, "get": 1, "items": [item_named("Gulab Jamun")["id"]]})
    act("table_set_v1", 30, 2, "Terrace")
    act("booking_add_v1", datetime.now(UTC) + timedelta(hours=3), 90, 4, 7, GUEST, "+91 98450 12345")
    act("user_add_v1", 5, "Lata", "cashier", None)
    act("user_rename_v1", 5, "Latha")
    act("menu_sold_out_v1", item_named("Jalebi")["id"], False)
    act("store_settings_v1", {"name": "Udupi Corner, Jayanagar"})


def item_named(name: str) -> Mapping[str, Any]:
    """An item of the menu."""
    found: Mapping[str, Any] = next(item for item in menu()["items"] if item["name"] == name)
    return found


def menu() -> dict[str, Any]:
    """The menu of the demo, and an item that is weighed."""
    body = demo_menu()
    like = next(item for item in body["items"] if item["name"] == "Badam Halwa")
    halwa = {**like, "id": "0197d6a0-0000-7000-8000-000000000099", "name": "Sundry Halwa", "plu": 99}
    halwa |= {"price": "600.00", "unit": "kg", "aliases": [], "position": 99}
    return {**body, "items": [*body["items"], halwa]}


def chat(session: psycopg.Connection[Any], owner: Address) -> None:
    """Order as a program does, by plain statements: one order for the counter, and one cart."""
    role = call(session, "program_add_v1", STORE, MANAGER, "chat", False)
    password = token_urlsafe(32)
    roles.enable_program(session, role, password, roles.PROGRAM)
    idly = item_named("Idly")["id"]
    with connect(replace(owner, user=role, password=password)) as program:
        for cart in ("chat 1", "chat 2"):
            program.execute("SELECT log_event(%s, 'menu_viewed', '{\"query\": \"\"}')", [cart])
            program.execute(
                """INSERT INTO session_cart (session_id, item_id, item_name, quantity, price)
                VALUES (%s, %s, 'Idly', 2, 40)""",
                [cart, idly],
            )
        program.execute("SELECT create_order_from_session('chat 1', 'take_away', 'cash')")


def archive(session: psycopg.Connection[Any]) -> None:
    """Move what there is to the cold end of the log, and ended orders to the archive, as upkeep does after days."""
    session.execute("SELECT cold.move_to_audit(%s, now(), 1000)", [STORE])
    ended = "ARRAY(SELECT cold.archivable(%s, now(), false, 1000))"
    session.execute(f"SELECT cold.archive_sessions(now(), {ended})", [STORE])


def away(till: Till) -> None:
    """Add what only this till knows: lines and a void on the open order, a sale, a refund and a new order."""
    till.outbox.to = None
    till.register.sales.void(till.key(till.names["open"], "Tea", 4), till.lines(till.names["open"])[0], "keyed twice")
    till.names["sold away"] = till.order("Idly", "Idly", "Masala Dosa")
    till.register.checkout.pay(till.names["sold away"], "CASH", Minor(50_000))
    till.names["begun away"] = till.order("Set Dosa")


async def trade(
    journals: list[JournalFile], session: psycopg.Connection[Any], owner: Address, app: Address
) -> list[Till]:
    """Trade at two tills, the last of it without the server."""

    def act(function: str, *values: Any) -> Any:
        return call(session, function, STORE, MANAGER, *values)

    tills = []
    for number, (journal, user) in enumerate(zip(journals, (CASHIER, MANAGER), strict=True), 1):
        outbox = LateOutbox()
        register = make_register(journal, WallClock(), outbox, till=number, store_id=STORE)
        facts = ConnectionFacts(app.conninfo, SECRET.format(till=number))
        sync = SyncService(
            journal, register, register.ledger.snapshot, _QUICK, lambda facts=facts: facts,  # type: ignore[misc] # bound
            identity=Identity(STORE, number, OWN.revision, HOST), clock=WallClock(),
        )  # fmt: skip
        register.access.admit(register.access.find(user))
        sync.start()
        outbox.to = sync
        register.asker.begin(Tenders(asked=[ServerTender(one, sync) for one in AT_SERVER]), sync.flush)
        tills.append(Till(register, journal, sync, outbox, user))
    one, two = tills
    await one.send()
    administer(act)
    chat(session, owner)
    sell(one)
    await one.send()
    refund(one)
    await one.send()
    leave_open(one)
    await one.send()
    await between(one, two)
    archive(session)
    await pay_at_server(one, act)
    for till in tills:
        await till.send()
        till.register.asker.end()
        await till.sync.stop()
    away(one)
    return tills


@contextmanager
def _as_this_machine() -> Iterator[None]:
    """Keep the name of the machine that makes it out of the fixture."""
    with ExitStack() as stack:
        stack.enter_context(patch("till.wiring.parts.host_name", lambda: HOST))
        yield


def _open(path: Path, till: int) -> JournalFile:
    return JournalFile.open(
        path, till=till, store_id=STORE, new_id=lambda: IdClock(randbits).next(WallClock().now()), host=HOST
    )


def _dump(owner: Address) -> bytes:
    command = [
        str(bundled_binaries().program("pg_dump")),
        "--dbname",
        owner.conninfo,
        "--no-comments",
        "--restrict-key",
        "till",
    ]
    return subprocess.run(command, capture_output=True, check=True, env={**os.environ, "LC_ALL": "C"}).stdout


def _export(owner: Address, app: Address, folder: Path) -> bytes:
    """Export the log as `till admin audit export` does."""
    folder.mkdir()
    hold_venue(Folders(folder), HeldVenue(VenueKind.OWN, STORE, "Udupi Corner", "INR"))
    place = {"TILL_DATA_DIR": str(folder), "TILL_DATABASE__URL": app.url, "TILL_DATABASE__OWNER_URL": owner.url}
    code = "from till.cli.main import run; run()"
    command = [sys.executable, "-P", "-c", code, "admin", "audit", "export", "-", "--texts", "--as-owner"]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, env={**os.environ, **place}, cwd=ROOT).stdout


def make(server: EmbeddedServer, folder: Path, own: Path, commit: str) -> Path:
    """Make the fixture in a folder of its own; the folder."""
    name = "till_fixture"
    with connect(server.owner("postgres")) as session:
        session.execute(f"CREATE DATABASE {name}")
    owner, app = server.owner(name), server.app(name)
    migrate.upgrade(owner)
    journals: list[JournalFile] = []
    with connect(owner) as session:
        make_venue(session, STORE, demo_settings(), staff=demo_staff(), passwords=demo_passwords(), menu=menu())
        for till in (1, 2):
            enrol(session, STORE, till, SECRET.format(till=till))
            journals.append(_open(folder / f"till-{till}.sqlite", till))
            seed_cache(journals[-1], {**demo_reference(), "menu": menu()})
        tills = asyncio.run(trade(journals, session, owner, app))
        day = tills[0].register.venue.business_date(datetime.now(UTC))
        sales = to_json(sum_up(session, STORE, SALES, day))
        logs = "SELECT (SELECT count(*) FROM warm.session_events), (SELECT count(*) FROM cold.order_audit)"
        counts = session.execute(logs).fetchone()
    facts = {
        "commit": commit, "version": __version__, "revision": OWN.revision, "functions": OWN.number,
        "journal": len(REVISIONS), "store": STORE, "host": HOST, "voucher": VOUCHER, "sales": sales, "events": counts,
        "tills": [
            {
                "till": till, "secret": SECRET.format(till=till), "journal": one.journal.journal_id,
                "head": one.journal.head.seq, "acked": one.journal.acked.seq,
                "orders": {
                    name: [order.id, str(order.status), order.terms.currency.text(order.total),
                           order.placed.data.receipt if order.placed else ""]
                    for name, order in one.orders.items()
                },
            }
            for till, one in enumerate(tills, 1)
        ],
    }  # fmt: skip
    for journal in journals:
        journal.close()
    taking.take(owner, folder / "backup.dump")
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    files = {path.name: path.read_bytes() for path in folder.glob("till-?.sqlite")}
    files |= {"backup.dump": (folder / "backup.dump").read_bytes(), "venue.sql": _dump(owner)}
    files |= {"export.jsonl": _export(owner, app, folder / "export")}
    for file, content in files.items():
        (own / f"{file}.xz").write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))
    (own / "facts.json").write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return own


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()


def main() -> None:
    """Make it in a folder of its own."""
    target, *release = sys.argv[1:]
    if not release and _git("status", "--porcelain", "till", "db", "migrations"):
        sys.exit("Commit the program first: the fixture names the commit that made it.")
    own, commit = release[0] if release else f"{datetime.now(UTC):%Y-%m-%d}-{OWN.revision}", _git("rev-parse", "HEAD")
    folder = Path(tempfile.mkdtemp(prefix="till-fixture-"))
    folder.chmod(0o711)
    server = EmbeddedServer(folder / "data", system_dir=folder / "system")
    try:
        with server.acquire("the fixture"), _as_this_machine():
            print(make(server, folder, Path(target).absolute() / own, commit))  # noqa: T201 - a script
    finally:
        server.stop(even_if_used=True)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
