"""`till fiscal send` as a process: killed at random, started twice, and what it stamps itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from psycopg.types.json import Jsonb

from tests.fiscal.certificates import DAY, Signer, demanding
from tests.fiscal.server import Authority, opened
from tests.sql.test_stamps import sell
from till.config import Folders, HeldVenue, VenueKind, hold_venue
from till.domain.events.envelope import canonical, sha256
from till.domain.fiscal import FiscalStamp, Installation, IssuedInvoice
from till.domain.order.events import PlacedTax
from till.fiscal.es_verifactu.scheme import SCHEME

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Till, Venue

TILL = str(Path(sys.executable).parent / "till")
LAW = {"nif": "B12345674", "name": "Bar Ñ & Co, S.L.", "producer_nif": "89890001K", "producer_name": "Producer",
       "program": "till", "system": "TL", "prefix": "B/"}  # fmt: skip


@dataclass
class Here:
    """A machine of the venue with the sender's till, and the stamps of the other till."""

    venue: Venue
    till: Till
    environment: dict[str, str]
    stamps: list[FiscalStamp]

    def sale(self) -> dict[str, Any]:
        _cart, order = sell(self.till)
        return order

    def stamped(self) -> None:
        """Push a sale with its stamp."""
        order = self.sale()
        issued = IssuedInvoice(
            what="sale", of=order["order_id"], number=order["receipt"], at=self.till.now, currency="INR",
            net=order["net"], tax=order["tax"], total=order["total"],
            taxes=msgspec.convert(order["taxes"], tuple[PlacedTax, ...]),
        )  # fmt: skip
        before = self.stamps[-1] if self.stamps else None
        one = SCHEME.stamp(issued, LAW, Installation(self.till.journal, 1, "0.1.1"), before)
        data = {"chain": self.till.journal, "scheme": SCHEME.name, "kind": one.kind, "of": issued.of,
                "number": one.number, "fields": dict(one.fields), "hash": one.hash}  # fmt: skip
        data |= {"previous": one.previous} if one.previous else {}
        texts = {"names": canonical(dict(one.names))} if one.names else None
        self.till.make("fiscal_stamped", None, data, texts=texts)
        assert self.till.push()["ok"]
        self.stamps.append(one)

    async def send(self, authority: Authority, address: str = "", answer_s: str = "0.5") -> asyncio.subprocess.Process:
        service = {"TILL_FISCAL__SERVICE": address or authority.url, "TILL_FISCAL__ANSWER_S": answer_s}
        environment = self.environment | service
        return await asyncio.create_subprocess_exec(
            TILL, "fiscal", "send", env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = self.venue.ask("fiscal_status_v1")
        return found


@pytest.fixture
def here(venue: Venue, database: Database, tmp_path: Path) -> Here:
    proof = msgspec.to_builtins(SCHEME.proof(LAW))
    law = {"scheme": SCHEME.name, "from": "2026-01-01", "settings": LAW, "proof": proof}
    venue.owner.execute(
        "UPDATE till.settings SET body = body || %s WHERE store_id = %s AND name = 'settings'",
        [Jsonb({"fiscal": law, "fiscal_sender": 95}), venue.store],
    )
    data = Jsonb({"fiscal_law": msgspec.to_builtins(SCHEME.law(LAW))})
    venue.owner.execute("SELECT till.store_settings_v1(%s, 9, %s)", [venue.store, data])
    venue.owner.execute("SELECT till.till_enrol_v2(%s, 9, 95, NULL, %s, NULL)", [venue.store, sha256("secret 95")])
    folders = Folders(tmp_path / "data")
    folders.make()
    folders.keep_secret(95, "secret 95")
    hold_venue(folders, HeldVenue(VenueKind.OWN, venue.store, "Bar", "INR"))
    app = database.app
    url = f"postgresql://{app.user}:{app.password}@/{app.dbname}?host={app.host}&port={app.port}"
    environment = {
        **os.environ,
        "TILL_DATA_DIR": str(folders.root),
        "TILL_DATABASE__URL": url,
        "TILL_FISCAL__TILL": "95",
    }
    return Here(venue, venue.till(), environment, [])


async def ended(process: asyncio.subprocess.Process, how: signal.Signals) -> tuple[str, str]:
    if process.returncode is None:
        process.send_signal(how)
    out, err = await process.communicate()
    return out.decode(), err.decode()


async def until(here: Here, authority: Authority, count: int) -> None:
    """Wait until the authority took a number of records and the database has all answers."""
    for _look in range(120):
        status = here.status()
        if len(authority.taken) >= count and not status["waiting"] and not status["work"]:
            return
        authority.arrived.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(authority.arrived.wait(), 0.5)
    raise AssertionError(f"{len(authority.taken)} taken, {here.status()}")


async def test_a_sender_that_is_killed_goes_on_where_it_was(here: Here) -> None:
    chance = random.Random(7)  # noqa: S311 - a game of chance
    authority = Authority(chance=chance)
    async with opened(authority):
        for _round in range(6):
            here.stamped()
            here.stamped()
            process = await here.send(authority)
            assert process.stdout is not None
            await process.stdout.readline()
            await asyncio.sleep(chance.random())  # the moment of the kill
            await ended(process, signal.SIGKILL)
        left = here.sale()  # no till stamps it
        here.till.push()
        process = await here.send(authority)
        await until(here, authority, 13)
        out, _err = await ended(process, signal.SIGTERM)
    assert out.startswith("Sending to http://127.0.0.1:")
    assert process.returncode == 0
    by_till = [one.hash for one in authority.taken if one.installation == here.till.journal]
    assert by_till == [one.hash for one in here.stamps]
    (own,) = (one for one in authority.taken if one.installation != here.till.journal)
    assert (own.number, own.previous) == (f"B/{left['receipt']}", "")
    assert here.status()["troubles"] == []


async def test_a_refused_record_is_mended_in_the_chain_of_the_sender(here: Here) -> None:
    here.stamped()
    number = here.stamps[0].number
    authority = Authority(refused={number: "Valor o tipo incorrecto."})
    async with opened(authority):
        process = await here.send(authority)
        await until(here, authority, 0)
        here.venue.owner.execute("SELECT till.fiscal_mend_v1(%s, 9, %s, false)", [here.venue.store, number])
        await ended(process, signal.SIGTERM)
        process = await here.send(authority)
        await until(here, authority, 1)
        await ended(process, signal.SIGTERM)
    (mend,) = authority.taken
    assert (mend.number, mend.is_mend, mend.rejected_before) == (number, True, "X")
    assert here.status()["troubles"] == []


async def test_a_second_sender_is_refused(here: Here, tmp_path: Path) -> None:
    async with opened(Authority()) as authority:
        first = await here.send(authority)
        assert first.stdout is not None
        await first.stdout.readline()
        second = await here.send(authority)
        _out, error = await ended(second, signal.SIGCONT)
        assert (second.returncode, "A sender runs on this machine already." in error) == (1, True), error
        folders = Folders(tmp_path / "other")
        folders.make()
        folders.keep_secret(95, "secret 95")
        hold_venue(folders, HeldVenue(VenueKind.OWN, here.venue.store, "Bar", "INR"))
        here.environment["TILL_DATA_DIR"] = str(folders.root)
        third = await here.send(authority)
        _out, error = await ended(third, signal.SIGCONT)
        assert third.returncode == 1
        assert "another journal" in error, error
        await ended(first, signal.SIGTERM)


async def test_an_ended_certificate_is_told_and_a_new_one_sends(here: Here, tmp_path: Path) -> None:
    here.stamped()
    signer, authority = Signer(tmp_path, "signer"), Authority()
    here.environment["SSL_CERT_FILE"] = str(signer.file)
    with demanding(authority, signer.context()) as address:
        here.environment["TILL_FISCAL__CERTIFICATE"] = str(signer.sign("ended", -DAY))
        process = await here.send(authority, address, "20")
        assert process.stderr is not None
        assert b"The certificate for the tax authority ended" in await process.stderr.readline()
        looks = iter(range(120))
        while not (trouble := here.status()["trouble"]) and next(looks, None) is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(authority.arrived.wait(), 0.25)
        await ended(process, signal.SIGTERM)
        assert trouble == "No answer (it refuses the certificate of this machine: certificate expired)."
        here.environment["TILL_FISCAL__CERTIFICATE"] = str(signer.sign("venue"))
        here.venue.owner.execute("UPDATE till.fiscal_senders SET sent_at = sent_at - interval '1 hour'")
        process = await here.send(authority, address, "20")
        await until(here, authority, 1)
        await ended(process, signal.SIGTERM)
    status = here.status()
    assert (status["trouble"], status["accepted"]) == ("", 1)
