"""`till admin tenders`: what the config of this machine names, and whether it answers."""

from __future__ import annotations

import asyncio
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any

import pytest

from tests.register.payments.scripted import Terminal
from tests.tenders.terminal.counter import Till as AtTerminal
from tests.terminal.process import POIID, running
from till.cli.demo_venue import hold_demo
from till.cli.environment import Surroundings
from till.domain.errors import StoreAwayError
from till.ports import TenderTraits
from till.wiring import tenders as wiring

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.cli.conftest import Shell
    from tests.terminal.process import TerminalProcess
    from till.ports import Clock

CONFIG = """
[tenders.CARD]
kind = "scripted"
label = "Card"
key = "c"
[tenders.CARD.settings]
says = "ready"

[tenders.MEAL]
label = "Meal voucher"
key = "v"
slip = "needed"
"""


class Healthy(Terminal):
    """A terminal that tells how it is."""

    says = ""

    async def health(self) -> str:
        if self.says == "away":
            raise StoreAwayError("The terminal at 192.168.1.20 does not answer.")
        if self.says == "broken":
            raise OSError(self.says)
        return self.says


def opened(settings: Mapping[str, Any], *, sale_id: str, clock: Clock) -> Terminal:
    del sale_id, clock
    traits = TenderTraits(name="CARD", label="Card", key="c")
    if settings["says"] == "nothing":
        return Terminal(traits=traits)
    healthy = Healthy(traits=traits)
    healthy.says = settings["says"]
    return healthy


@pytest.fixture
def named(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A config that names a plug-in and a voucher by hand."""
    config = shell.folder / "till.toml"
    config.write_text(CONFIG)
    monkeypatch.setenv("TILL_CONFIG", str(config))
    known = EntryPoint("scripted", f"{__name__}:opened", wiring.GROUP)

    def found(group: str, name: str | None = None) -> list[EntryPoint]:
        return [known] if group == wiring.GROUP and name in {None, "scripted"} else []

    monkeypatch.setattr(wiring, "entry_points", found)
    return shell


def say(shell: Shell, words: str) -> None:
    config = shell.folder / "till.toml"
    config.write_text(CONFIG.replace("ready", words))


def test_the_ways_to_pay_are_listed_as_they_are_offered(named: Shell) -> None:
    listed = named("admin", "tenders", "list", "--json").json["tenders"]
    assert [(one["tender"], one["kind"], one["slip"], one["drawer"]) for one in listed] == [
        ("CASH", "hand", "optional", True), ("CARD", "scripted", "optional", False), ("MEAL", "hand", "needed", False),
    ]  # fmt: skip
    listed = named("admin", "tenders", "list")
    assert "Meal voucher" in listed.out
    assert listed.err.startswith("Not offered, as [tenders] does not name them: ")


def test_without_a_config_card_is_by_hand_and_upi_where_it_is_used(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILL_DATA_DIR", str(shell.folder))
    listed = shell("admin", "tenders", "list", "--json").json["tenders"]
    assert [one["tender"] for one in listed] == ["CASH", "CARD", "VOUCHER", "ACCOUNT"]
    hold_demo(Surroundings.find())
    listed = shell("admin", "tenders", "list", "--json").json["tenders"]
    assert [one["tender"] for one in listed] == ["CASH", "CARD", "UPI", "VOUCHER", "ACCOUNT"]
    assert "the venue's server answers for it" in shell.ok("admin", "tenders", "test", "VOUCHER")


def test_a_terminal_that_answers_is_reported_as_working(named: Shell) -> None:
    assert named.ok("admin", "tenders", "test", "CARD") == "CARD: ready\n"
    assert named("admin", "tenders", "test", "CARD", "--json").json == {
        "tender": "CARD",
        "works": True,
        "said": "ready",
    }
    assert "a person says that it was paid" in named.ok("admin", "tenders", "test", "MEAL")
    say(named, "nothing")
    assert "it cannot report its health" in named.ok("admin", "tenders", "test", "CARD")


@pytest.mark.parametrize(
    ("says", "name", "sentence"),
    [
        ("away", "CARD", "The terminal at 192.168.1.20 does not answer."),
        ("broken", "CARD", "CARD does not answer (OSError). Look at its cable, its address and its certificate."),
        ("ready", "card", "There is no way to pay called card. There are: CASH, CARD, MEAL."),
    ],
)
def test_one_that_does_not_answer_is_one_line(named: Shell, says: str, name: str, sentence: str) -> None:
    say(named, says)
    assert named.refused("admin", "tenders", "test", name) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[tenders.MEAL]\nkey = "q"\n', "[tenders.MEAL]: the key q means a note or a tip. Take another letter."),
        ('[tenders.MEAL]\nslip = "maybe"\n', "line 2: tenders.MEAL.slip is one of optional, needed, not “maybe”."),
        ('[tenders.MEAL]\nlable = "x"\n', "line 2: there is no tenders.MEAL.lable. Did you mean tenders.MEAL.label?"),
        ("[tenders]\nMEAL = 5\n", "line 2: tenders.MEAL is a section of its own, not 5."),
    ],
)
def test_a_fault_in_the_config_names_its_line(named: Shell, text: str, sentence: str) -> None:
    (named.folder / "till.toml").write_text(text)
    assert named.refused("admin", "tenders", "list").endswith(sentence)


def test_no_way_to_pay_stands_in_the_environment(named: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILL_TENDERS__CARD", "hand")
    message = named.refused("admin", "tenders", "list")
    assert message == "TILL_TENDERS__CARD: ways to pay can only be set in the configuration file."


TERMINAL = """
[till]
id = 999
[tenders.CARD]
kind = "terminal"
label = "Card"
key = "c"
[tenders.CARD.settings]
address = "{terminal.address}"
poiid = "{poiid}"
certificate = "{terminal.certificate}"
key_file = "{terminal.phrase_file}"
key_identifier = "till-test"
"""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[TerminalProcess]:
    with running(tmp_path) as one:
        yield one


def test_totals_of_the_terminal_stand_beside_those_of_the_till(counter: Shell, terminal: TerminalProcess) -> None:
    """The terminal has a charge of 60.00 that a manager settled as not charged, and one from before the close."""
    config = counter.folder / "till.toml"
    before, named = config.read_text(), TERMINAL.format(terminal=terminal, poiid=POIID)

    def charge(*amounts: int) -> None:
        till = AtTerminal(terminal)
        for amount in amounts:
            assert asyncio.run(till.tender.charge(till.new(amount), print)).outcome == "approved"

    def say(*sentences: str) -> None:
        config.write_text(before)
        for sentence in sentences:
            assert counter("say", "--till", "999", sentence).code == 0, sentence
        config.write_text(before + named)

    say("1 dosa", "card", "close")
    charge(800)
    nothing = counter("admin", "tenders", "totals", "CARD", "--json").json
    assert (nothing["here"]["opened_at"], nothing["here"]["amount"], nothing["difference"]) == (None, "0.00", "8.00")
    say("1 idly", "card", "1 dal", "cash 5")
    charge(400, 6_000)
    found = counter("admin", "tenders", "totals", "CARD", "--json").json
    assert found["terminal"] == [{"currency": "EUR", "taken": "72.00", "refunded": "0.00"}]
    assert (found["here"]["till"], found["here"]["amount"], found["difference"]) == (999, "4.00", "68.00")
    shown = [line.split() for line in counter.ok("admin", "tenders", "totals", "CARD").splitlines()]
    assert [line[-1] for line in shown] == ["Total", "€72.00", "€4.00", "€68.00"]
    assert shown[1] == ["The", "terminal", "€72.00", "€0.00", "€72.00"]


def test_totals_of_a_way_to_pay_without_a_terminal_are_refused(named: Shell) -> None:
    sentence = "MEAL has no totals of its own. `till report x` shows the till's."
    assert named.refused("admin", "tenders", "totals", "MEAL") == sentence
    assert named.refused("admin", "tenders", "totals", "CARD").startswith("CARD has no totals of its own.")
    assert named.refused("admin", "tenders", "totals", "TEA").startswith("There is no way to pay called TEA.")
