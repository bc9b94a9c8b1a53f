"""The tenders of a till: the ones that it offers, their words, and the ones that another place gives back."""

from __future__ import annotations

import pytest

from tests.plugins.made_up import made_up
from tests.register.payments.scripted import TERMINAL, Terminal
from till.domain.errors import PaymentError
from till.domain.i18n import ENGLISH, speaking
from till.domain.payment.names import VOUCHER
from till.domain.structs import replace
from till.ports import TenderTraits
from till.register.payments.tenders import AT_SERVER, BY_HAND, CARD, IN_CASH, UPI, Tenders, typed_ways

MEAL = TenderTraits(name="MEAL", label="Meal voucher", key="m", by_hand=True, opens_drawer=True)
QR = replace(TERMINAL, name="QR", label="Code", key="q")
#: The server's vouchers, once the server is reached.
KEPT = replace(AT_SERVER[0], label="Prepaid")


def tenders(*asked: TenderTraits, cash_at: int | None = None) -> Tenders:
    return Tenders((*BY_HAND, MEAL), [Terminal(traits=one) for one in asked], cash_at=cash_at)


@pytest.mark.parametrize(
    ("asked", "cash_at", "offered"),
    [
        ([], None, ["CARD", "UPI", "MEAL"]),
        ([], 2, ["CARD", "UPI"]),
        ([QR, KEPT], None, ["CARD", "UPI", "MEAL", "QR", "VOUCHER"]),
        ([replace(QR, opens_drawer=True)], 2, ["CARD", "UPI"]),
    ],
)
def test_a_till_offers_what_it_is_set_up_for_and_has_a_drawer_for(
    asked: list[TenderTraits], cash_at: int | None, offered: list[str]
) -> None:
    assert [one.name for one in tenders(*asked, cash_at=cash_at).offered] == offered


def test_a_provider_takes_the_place_of_a_tender_by_hand() -> None:
    known = tenders(TERMINAL)
    assert [one.by_hand for one in known.offered if one.name == CARD] == [False]
    assert known.traits_of(CARD) is TERMINAL
    assert sorted(known.hands) == ["CASH", "MEAL", "UPI"]
    assert [tender.traits for tender in known.asked] == [TERMINAL]
    assert known.traits_of("SHELL") == TenderTraits(name="SHELL", label="SHELL", key="", by_hand=True)


@pytest.mark.parametrize(
    ("typed", "name", "offered"),
    [
        ("card", "CARD", "CARD"),
        ("CARD", "CARD", "CARD"),
        ("meal voucher", "MEAL", "MEAL"),
        ("Meal", "MEAL", "MEAL"),
        ("code", "QR", "QR"),
        ("qr", "QR", "QR"),
        # known, but not chosen on the pay screen
        ("cash", "CASH", None),
        ("voucher", "VOUCHER", None),
        ("house account", "ACCOUNT", None),
        ("shell", None, None),
        ("", None, None),
    ],
)
def test_a_tender_is_found_by_its_label_or_its_name(typed: str, name: str | None, offered: str | None) -> None:
    known = tenders(QR)
    assert known.named(typed) == offered
    if name is not None:
        assert known.called(typed) == name
        return
    with pytest.raises(PaymentError) as refused:
        known.called(typed)
    assert refused.value.sentence == f"There is no way to pay “{typed}”. Type card, cash, meal voucher, UPI."


@pytest.mark.parametrize(
    ("letter", "name"), [("c", "CARD"), ("q", "QR"), ("m", None), ("v", None), ("h", None), ("x", None)]
)
def test_a_letter_of_the_pay_screen_is_of_an_offered_tender(letter: str, name: str | None) -> None:
    found = tenders(QR, cash_at=2).by_key(letter)
    assert (found and found.name) == name


@pytest.mark.parametrize(
    ("name", "cash_at", "refusal"),
    [
        ("CASH", None, ""),
        ("CARD", None, ""),
        ("MEAL", None, ""),
        ("CARD", 2, ""),
        ("CASH", 2, "This till has no drawer. Till 2 takes cash."),
        ("MEAL", 2, "This till has no drawer. Till 2 takes meal voucher."),
        ("QR", None, "Code needs the screen of a till. Nothing was taken."),
        ("VOUCHER", None, "Voucher is not accepted on this till."),
        ("SHELL", None, "SHELL is not accepted on this till."),
    ],
)
def test_a_tender_is_taken_without_a_screen_if_a_person_can_take_it_here(
    name: str, cash_at: int | None, refusal: str
) -> None:
    known = tenders(QR, cash_at=cash_at)
    if not refusal:
        assert known.taken_here(name) is known.traits_of(name)
        assert (known.why_no_drawer(name), known.has_drawer) == ("", cash_at is None)
        return
    with pytest.raises(PaymentError) as refused:
        known.taken_here(name)
    assert refused.value.sentence == refusal


@pytest.mark.parametrize(
    ("traits", "is_returned"),
    [
        (QR, True),
        (replace(QR, can_refund=False), False),
        (replace(QR, needs_server=True), False),  # the server gives it back by the event alone
        (None, False),
    ],
)
def test_a_provider_gives_back_what_it_can(traits: TenderTraits | None, *, is_returned: bool) -> None:
    known = tenders(*([] if traits is None else [traits]))
    assert (known.asked_of("QR") is not None) == (traits is not None)
    returned = known.returned_by("QR")
    assert (returned is not None) == is_returned
    assert returned is (known.asked_of("QR") if is_returned else None)


def test_cash_gives_change_out_of_the_drawer_and_the_server_is_asked_for_its_own() -> None:
    assert (IN_CASH.by_hand, IN_CASH.gives_change, IN_CASH.opens_drawer) == (True, True, True)
    assert all(one.by_hand and not one.gives_change and not one.opens_drawer for one in BY_HAND)
    assert [(one.needs_server, one.by_hand, one.named_by) for one in AT_SERVER] == [
        (True, False, "code"),
        (True, False, "customer"),
    ]
    known = tenders(KEPT)
    assert known.label_of(VOUCHER) == "Prepaid"


def test_only_the_usual_tenders_are_typed_with_an_amount() -> None:
    assert typed_ways(tenders(QR, KEPT).offered) == ("card", "UPI")
    assert typed_ways([MEAL, replace(BY_HAND[1], label="Phone")]) == (UPI,)


@pytest.mark.parametrize("is_made_in", ["qps", ENGLISH])
def test_a_name_is_in_the_language_that_it_is_read_in(qps: str, is_made_in: str) -> None:
    with speaking(is_made_in):
        own = TenderTraits(name="MEAL", label="Meal ticket", key="m")
        made = tenders(replace(TERMINAL, label="Card", is_test=True), own)
        assert made.offered
    for language, card, voucher in (
        (ENGLISH, "Card (test)", "Voucher"),
        (qps, f"{made_up('Card')} {made_up('(test)')}", made_up("Voucher")),
        (ENGLISH, "Card (test)", "Voucher"),
    ):
        with speaking(language):
            labels = {one.name: one.label for one in made.offered}
            assert (labels[CARD], labels["MEAL"]) == (card, "Meal ticket")
            assert (made.label_of(CARD), made.label_of(VOUCHER)) == (card, voucher)
            assert made.called(card) == made.called("card") == CARD
