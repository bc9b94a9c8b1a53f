"""The ways to pay of a config: by hand, by a plug-in, and what is wrong with them."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any

import pytest

from tests.register.payments.scripted import Terminal
from tests.tui.playing import FakeStore
from till.config import Config, TenderConfig, TillConfig
from till.domain.errors import ConfigError, PaymentError
from till.ports import TenderTraits
from till.wiring import tenders as wiring
from till.wiring.parts import WallClock
from till.wiring.tenders import check_tenders, configured, left_out, make_tenders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.ports import Clock
    from till.register.payments.tenders import Tenders


def scripted(settings: Mapping[str, Any], *, sale_id: str, clock: Clock) -> Terminal:
    """A plug-in as the config names it."""
    del clock
    traits = TenderTraits(name=settings["name"], label=settings.get("label", ""), key=settings.get("key", ""))
    return Terminal(traits=traits, place=f"{sale_id} {settings['address']}")


def broken(settings: Mapping[str, Any], *, sale_id: str, clock: Clock) -> Terminal:
    raise RuntimeError(settings, sale_id, clock)


@pytest.fixture(autouse=True)
def plug_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    known = [
        EntryPoint("scripted", f"{__name__}:scripted", wiring.GROUP),
        EntryPoint("broken", f"{__name__}:broken", wiring.GROUP),
        EntryPoint("gone", "till.tenders.nowhere:open", wiring.GROUP),
    ]

    def found(group: str, name: str | None = None) -> list[EntryPoint]:
        return [one for one in known if one.group == group and name in {None, one.name}]

    monkeypatch.setattr(wiring, "entry_points", found)


def make(**named: TenderConfig) -> tuple[Tenders, list[str]]:
    return make_tenders(named, till=2, clock=WallClock(), store=FakeStore())


@pytest.mark.parametrize("currency", ["EUR", ""])
def test_upi_by_hand_is_offered_where_the_currency_is_the_rupee_or_it_is_configured(currency: str) -> None:
    offered, _wrong = make_tenders({}, till=2, clock=WallClock(), store=FakeStore(), currency=currency)
    assert [one.name for one in offered.offered] == ["CARD", "VOUCHER", "ACCOUNT"]
    with pytest.raises(PaymentError, match="UPI is not accepted on this till"):
        offered.taken_here("UPI")
    configured, _wrong = make_tenders(
        {"UPI": TenderConfig(key="u")}, till=2, clock=WallClock(), store=FakeStore(), currency=currency
    )
    assert [one.name for one in configured.offered] == ["UPI"]


def test_without_a_config_there_are_card_and_upi_by_hand_and_what_the_server_keeps() -> None:
    offered, wrong = make_tenders({}, till=2, clock=WallClock(), store=FakeStore(), currency="INR")
    assert ([(one.name, one.key, one.by_hand) for one in offered.offered], wrong) == (
        [("CARD", "c", True), ("UPI", "u", True), ("VOUCHER", "v", False), ("ACCOUNT", "h", False)], [],
    )  # fmt: skip
    assert offered.label_of("CASH") == "Cash"
    assert offered.label_of("OLD") == "OLD"
    assert (offered.in_words("CARD"), offered.in_words("UPI")) == ("card", "UPI")


def test_a_way_by_hand_is_as_the_config_says() -> None:
    offered, wrong = make(MEAL=TenderConfig(label="Meal voucher", key="v", slip="needed", change=True, drawer=True))
    [meal] = offered.offered
    assert (wrong, offered.by_key("v"), offered.by_key("c")) == ([], meal, None)
    assert (meal.needs_reference, meal.gives_change, meal.opens_drawer) == (True, True, True)


def test_usual_ways_to_pay_that_are_not_named_are_left_out_unless_asked_for() -> None:
    named = {"CARD": TenderConfig(kind="scripted", key="v")}
    assert left_out(Config(), "EUR") == ()
    assert left_out(Config(tenders=named), "INR") == ("UPI", "VOUCHER", "ACCOUNT")
    both = Config(tenders=named, till=TillConfig(other_tenders=True))
    found = configured(both, "EUR")
    assert [(name, one.kind, one.key) for name, one in found.items()] == [
        *(("CARD", "scripted", "v"), ("VOUCHER", "server", ""), ("ACCOUNT", "server", "h")),
    ]
    assert left_out(both, "EUR") == ()


def test_tenders_are_offered_in_the_order_of_the_config() -> None:
    named = {"VOUCHER": TenderConfig(kind="server"), "UPI": TenderConfig(), "CARD": TenderConfig(key="c")}
    assert [one.name for one in make(**named)[0].offered] == list(named)


def test_a_tender_with_change_opens_the_drawer_by_default() -> None:
    offered, _wrong = make(MEAL=TenderConfig(key="m", change=True))
    assert [one.opens_drawer for one in offered.offered] == [True]


def test_a_plug_in_is_given_its_settings_and_the_name_of_the_till() -> None:
    card = TenderConfig(kind="scripted", label="Card", key="c", settings={"address": "https://there"})
    offered, wrong = make(CARD=card, UPI=TenderConfig(key="u"))
    assert (wrong, {one.name for one in offered.offered}) == ([], {"CARD", "UPI"})
    tender = offered.asked_of("CARD")
    assert tender is not None
    assert tender.name_charge("x").place == "till-2 https://there"


@pytest.mark.parametrize(
    ("tender", "sentence"),
    [
        (
            TenderConfig(kind="none_such"),
            "[tenders.CARD]: there is no kind none_such. There are: hand, server, broken, gone, scripted.",
        ),
        (
            TenderConfig(kind="broken"),
            "[tenders.CARD]: the plug-in broken does not start (RuntimeError); it is in the log.",
        ),
        (
            TenderConfig(kind="gone"),
            "[tenders.CARD]: the plug-in gone does not start (ModuleNotFoundError); it is in the log.",
        ),
        (
            TenderConfig(kind="scripted"),
            "[tenders.CARD]: the plug-in scripted does not start (KeyError); it is in the log.",
        ),
    ],
)
def test_a_plug_in_that_does_not_start_is_reported_and_the_others_are_offered(
    tender: TenderConfig, sentence: str
) -> None:
    offered, wrong = make(CARD=tender, UPI=TenderConfig(key="u"))
    assert wrong == [sentence]
    assert [one.name for one in offered.offered] == ["UPI"]


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        (
            {"card": TenderConfig()},
            "[tenders.card]: a way to pay is named by capital letters and digits, such as MEAL.",
        ),
        ({"CASH": TenderConfig()}, "[tenders.CASH]: cash is always there. Leave this section out."),
        ({"CARD": TenderConfig(key="q")}, "[tenders.CARD]: the key q means a note or a tip. Take another letter."),
        (
            {"CARD": TenderConfig(key="c"), "CHEQUE": TenderConfig(key="c")},
            "[tenders.CHEQUE]: the key c marks CARD too. Take another letter.",
        ),
    ],
)
def test_ways_to_pay_that_nobody_could_tell_apart_are_refused(named: dict[str, TenderConfig], sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        check_tenders(named)
    assert refused.value.sentence == sentence
