"""Readers of an account, and the payments that a provider lists, in `till admin tenders`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.readers import sumup
from tests.readers.stripe import KEY, in_thread, threaded
from tests.register.payments.scripted import Terminal
from till.cli import tenders as cli
from till.domain.money.measures import Minor
from till.ports import ListedMoney, TenderTraits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Shell

STRIPE = """
[tenders.CARD]
kind = "stripe"
label = "Card"
key = "c"
[tenders.CARD.settings]
key_file = "{key}"
reader = "tmr_bar"
address = "http://127.0.0.1:{port}/v1"
"""


@pytest.fixture
def reader(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A config that names a reader at Stripe, in the test mode."""
    key, config = shell.folder / "stripe", shell.folder / "till.toml"
    key.write_text(KEY)
    key.chmod(0o600)
    with in_thread() as stripe:
        config.write_text(STRIPE.format(key=key, port=stripe.port))
        monkeypatch.setenv("TILL_CONFIG", str(config))
        yield shell


def test_the_readers_of_an_account_are_listed_with_their_ids(reader: Shell) -> None:
    listed = reader("admin", "tenders", "readers", "CARD", "--json").json["readers"]
    assert listed == [{"id": "tmr_bar", "name": "Bar", "state": "online"}]
    assert "tmr_bar" in reader.ok("admin", "tenders", "readers", "CARD")
    assert reader.refused("admin", "tenders", "pair", "CARD", "4WLFDSBF", "--name", "Bar").startswith("Register the")
    assert reader.refused("admin", "tenders", "readers", "CASH") == "CASH has no card readers of an account."


def test_the_test_mode_is_named_by_the_test_and_the_doctor(reader: Shell) -> None:
    assert reader.ok("admin", "tenders", "test", "CARD") == "CARD: TEST MODE: Bar is online.\n"
    parts = json.loads(reader("doctor", "--json").out)["parts"]
    sentence = "[tenders.CARD]: its key is of the test mode, so no money is taken."
    assert [one["said"] for one in parts if one["part"] == "config"] == [sentence]


SUMUP = """
[till]
id = 999
[tenders.CARD]
kind = "sumup"
label = "Card"
key = "c"
[tenders.CARD.settings]
key_file = "{key}"
affiliate_file = "{affiliate}"
app_id = "{app}"
merchant = "{merchant}"
reader = "{reader}"
address = "http://127.0.0.1:{port}"
"""


def test_a_solo_is_paired_and_its_list_is_compared_with_what_the_till_took(counter: Shell) -> None:
    """A payment by hand, since a Solo needs a screen, and one that somebody took at SumUp beside it."""
    key, affiliate = counter.folder / "sumup", counter.folder / "affiliate"
    for file, secret in ((key, sumup.KEY), (affiliate, sumup.AFFILIATE)):
        file.touch(mode=0o600)
        file.write_text(secret)
    for sentence in ("1 dosa", "card"):
        assert counter("say", "--till", "999", sentence).code == 0, sentence
    named = {"app": sumup.APP, "merchant": sumup.MERCHANT, "reader": sumup.READER}
    config = counter.folder / "till.toml"
    with threaded(lambda: sumup.running(lambda: datetime.now(UTC))) as service:
        settings = SUMUP.format(key=key, affiliate=affiliate, port=service.port, **named)
        config.write_text(config.read_text() + settings)
        assert "rdr_BBBB" in counter.ok("admin", "tenders", "pair", "CARD", "ABCDEFGH1", "--name", "Hall")
        assert counter.ok("admin", "tenders", "test", "CARD") == "CARD: Bar, paired, ONLINE IDLE, EUR\n"
        service.pay("12.50")
        found = counter("admin", "tenders", "totals", "CARD", "--json").json
    assert [(one["reference"], one["what"], one["there"], one["here"]) for one in found["differences"]] == [
        ("", "not_there", "0.00", "8.00"), ("TAAA000001", "not_here", "12.50", "0.00"),
    ]  # fmt: skip
    assert found["difference"] == "4.50"


class Listed(Terminal):
    """A reader whose provider lists one payment, and asks for the time of the close."""

    async def listed(self, since: datetime) -> tuple[ListedMoney, ...]:
        at = datetime.now(UTC)
        assert timedelta() < at - since < timedelta(minutes=30)
        return (
            ListedMoney(reference="T1", amount=Minor(400), currency="EUR", at=at),
            ListedMoney(reference="T0", amount=Minor(900), currency="EUR", at=since - timedelta(seconds=1)),
        )


def test_a_provider_s_list_since_the_close_is_compared_for_all_tills(
    counter: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = counter.folder / "till.toml"
    before = config.read_text()
    for sentence in ("1 dosa", "card", "close", "1 idly", "card"):
        assert counter("say", "--till", "999", sentence).code == 0, sentence
    config.write_text(f'{before}\n[till]\nid = 999\n[tenders.CARD]\nkind = "scripted"\n')
    monkeypatch.setattr(cli, "_open", lambda *_asked: Listed(traits=TenderTraits(name="CARD", label="Card", key="c")))
    found = counter("admin", "tenders", "totals", "CARD", "--json").json
    assert [(one["reference"], one["what"], one["there"], one["here"]) for one in found["differences"]] == [
        ("", "not_there", "0.00", "4.00"), ("T1", "not_here", "4.00", "0.00"),
    ]  # fmt: skip
    assert "not at the tills" in counter.ok("admin", "tenders", "totals", "CARD")
