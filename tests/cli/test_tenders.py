"""`till admin tenders`: what the config of this machine names, and whether it answers."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any

import pytest

from tests.register.payments.scripted import Terminal
from till.domain.errors import StoreAwayError
from till.ports import TenderTraits
from till.wiring import tenders as wiring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.cli.conftest import Shell
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
    output = named.ok("admin", "tenders", "list")
    assert "Meal voucher" in output


def test_without_a_config_card_and_upi_are_by_hand(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILL_DATA_DIR", str(shell.folder))
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
