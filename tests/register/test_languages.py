"""The language of a person, of a paper, of a station and of what an event keeps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.made_up import made_up
from tests.register.conftest import MENU, STAFF, VENUE
from tests.register.exchange import by_server
from tests.register.printing.test_jobs import begun, sold
from till.domain.i18n import ENGLISH, _, speak, spoken
from till.domain.kitchen.events import LinesSent
from till.domain.money.measures import Minor
from till.domain.order.events import LineVoided, OrderDiscarded, PreferenceSet
from till.domain.order.guest_words import preferences_of
from till.domain.order.preferences import LANGUAGE
from till.domain.refund import giving
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace
from till.ports import ChargeAnswer, Outcome
from till.ports.printer import DocumentRef
from till.register.papers import DocumentMaker
from till.register.payments.hearing import hear

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from till.domain.paper.document import Document
    from till.ports.printer import Job


def _settings(till: Till, **more: Any) -> None:
    """Change settings of the venue, as a manager does while the till is open."""
    till.journal.cache("settings", 9, VENUE | more)
    till.register.reference_changed(["settings"])


def _speaks(till: Till, *languages: str) -> None:
    """Give the people languages, by their place in the list."""
    people = [person | {"language": one} for person, one in zip(STAFF["staff"], languages, strict=False)]
    till.journal.cache("staff", 2, {"staff": [*people, *STAFF["staff"][len(people) :]]})


def _document(till: Till, job: Job) -> Document:
    return DocumentMaker(till.register).document(job, till.register.formats)


def _text(till: Till, job: Job) -> str:
    return "\n".join(f"{row.left} {row.right}" for row in _document(till, job).rows)


def test_the_screens_speak_to_whom_is_logged_in_and_else_to_the_venue(till: Till, qps: str) -> None:
    _speaks(till, qps, "")
    access = till.register.access
    for number, language in ((1, qps), (2, ENGLISH)):
        access.admit(access.find(number))
        assert (spoken(), _("Total") != "Total") == (language, language == qps)
        access.leave(None)
        assert spoken() == ENGLISH
    _settings(till, languages=[qps, "en"])
    assert spoken() == qps, "the login screen changes at once"
    access.admit(access.find(2))
    assert spoken() == qps, "who has none speaks the venue's"


@pytest.mark.parametrize("language", ["", None, "xx", "../x", "EN", "e" * 99])
def test_a_language_that_no_till_speaks_is_english(till: Till, language: Any) -> None:
    _speaks(till, language)
    access = till.register.access
    access.admit(access.find(1))
    assert spoken() == ENGLISH
    assert _("Total") == "Total"


def test_a_till_whose_server_has_no_languages_yet_speaks_english(till: Till) -> None:
    assert "languages" not in VENUE
    assert "language" not in STAFF["staff"][0]
    access = till.register.access
    access.admit(access.find(1))
    assert (spoken(), access.person and access.person.language) == (ENGLISH, "")


def test_a_paper_has_the_venues_language_whatever_the_screen_speaks(till: Till, qps: str) -> None:
    printing, order = begun(till), sold(till)
    job = printing.receipt(order.id)
    _speaks(till, qps)
    access = till.register.access
    access.admit(access.find(1))
    maker = DocumentMaker(till.register)
    assert "TOTAL  ₹ 40.00" in _text(till, job)
    assert spoken() == qps, "the screen goes on in its own"
    assert maker.title(job).startswith(made_up("Receipt {number}").partition(" ")[0])
    access.leave(None)
    _settings(till, languages=[qps])
    access.admit(access.find(2))
    assert f"{made_up('TOTAL')}  ₹ 40.00" in _text(till, job)
    assert _document(till, job).language == qps
    shift = till.register.drawer.shift()
    assert shift is not None
    assert made_up("Categories") in _text(till, printing.print(DocumentRef("x", shift.id)))


def test_a_guests_language_is_kept_through_copy_and_refund(till: Till, qps: str) -> None:
    _settings(till, languages=["en", qps])
    printing, order = begun(till), till.order(1)
    till.register.sales.set_preference(order.id, 1, LANGUAGE, qps)
    bill = printing.bill(order.id)
    texts = [_text(till, bill)]
    order = till.register.checkout.pay(order.id, "CASH", Minor(4_000))
    receipt = printing.receipt(order.id)
    assert order.placed is not None
    sale = till.register.refunds.sale(order.id, order.placed.data.receipt)
    share, manager = giving.pieces_back(sale, {1: 1}), till.register.access.find(9)
    approval = till.register.approvals.give(manager, PermissionRequest(Permission.REFUND, share.part.amount))
    refund = till.register.refunds.start(order.id, share, giving.ways_of(sale)[0], sale, approval, "cold")
    till.register.refunds.approve(refund.id)
    back = printing.print(DocumentRef("refund", refund.id))
    texts += [_text(till, job) for job in (receipt, replace(receipt, copy=2), back)]
    assert all("TOTAL" not in text for text in texts), texts
    assert made_up("NOT A RECEIPT") in texts[0]
    assert made_up("COPY {number}").format(number=2) in texts[2]
    assert [_document(till, job).language for job in (bill, receipt, back)] == [qps] * 3
    shift = till.register.drawer.shift()
    assert shift is not None
    assert _document(till, printing.print(DocumentRef("x", shift.id))).language == ENGLISH, "nobody's but the venue's"
    _settings(till, languages=["en"])
    assert _document(till, receipt).language == ENGLISH, "the venue no longer speaks it"


@pytest.mark.parametrize("value", ["", "xx", "es", "EN ", "../../en", "\x1b[2J", "e" * 250])
def test_a_language_that_the_venue_does_not_have_is_none(till: Till, qps: str, value: str) -> None:
    _settings(till, languages=["en", qps])
    printing, order = begun(till), till.order(1)
    till.register.sales.set_preference(order.id, 1, LANGUAGE, value)
    assert _document(till, printing.bill(order.id)).language == ENGLISH


def test_the_guests_language_is_no_wish_and_stands_on_no_ticket(till: Till, qps: str) -> None:
    _settings(till, languages=["en", qps], stations=[{"name": "Grill", "categories": ["all"], "printer": "Counter"}])
    printing = begun(till, when="always", stations={"Grill": "Counter"})
    order = till.order(1)
    till.register.sales.set_preference(order.id, 1, "allergy", "nuts")
    order = till.register.sales.set_preference(order.id, 1, LANGUAGE, qps)
    assert preferences_of(order) == ("Allergy: nuts",)
    till.register.kitchen.send(order.id)
    (ticket,) = (job for job in printing.jobs_of(order.id) if job.is_ticket)
    assert (_document(till, ticket).language, qps in _text(till, ticket)) == (ENGLISH, False)
    _settings(till, languages=["en"], ticket_languages={"Grill": qps, "Bar": "es"})
    assert _document(till, ticket).language == qps
    assert made_up("NEW") in _text(till, ticket)
    assert len(till.wrote(LinesSent)) == 1


def test_an_event_keeps_its_words_in_the_venues_language(till: Till, qps: str) -> None:
    _speaks(till, qps)
    access, register = till.register.access, till.register
    access.admit(access.find(1))
    order = till.order(1)
    till.add(order.id, 2)
    register.sales.undo(order.id)
    assert [one.reason for one in till.wrote(LineVoided)] == ["undone"]
    assert spoken() == qps
    till.clock.move(minutes=1)
    register.recovery.suspend_or_clear(register.ledger.order(order.id))
    _settings(till, languages=[qps])
    access.leave(None)
    access.admit(access.find(2))
    till.user = 2
    order = till.order(1)
    till.add(order.id, 2)
    register.sales.undo(order.id)
    assert [one.reason for one in till.wrote(LineVoided)] == ["undone", made_up("undone")]
    assert not till.wrote(OrderDiscarded)
    assert not till.wrote(PreferenceSet)


def test_a_tender_answers_in_the_venues_language_while_the_screen_speaks_another(qps: str) -> None:
    async def declined() -> ChargeAnswer:
        return ChargeAnswer(key="k", outcome=Outcome.DECLINED, words=_("The bank refused the card."))

    async def answers() -> list[str]:
        speak(qps)
        return [
            (await hear(declined(), "k", "CARD", 5, ENGLISH)).words,
            _("The bank refused the card."),
            (await hear(declined(), "k", "CARD", 5, qps)).words,
        ]

    theirs = made_up("The bank refused the card.")
    assert asyncio.run(answers()) == ["The bank refused the card.", theirs, theirs]


def test_words_of_the_law_are_never_translated(till: Till, qps: str) -> None:
    _settings(till, languages=[qps], hsn="996331", receipt_heading="TAX INVOICE", tax_number="GSTIN 29ABC")
    printing, order = begun(till), sold(till)
    text = _text(till, printing.receipt(order.id))
    for words in ("HSN 996331", "TAX INVOICE", "GSTIN 29ABC", "Taxable value", "GST 5", "Idly"):
        assert words in text, text
    assert "TOTAL" not in text
    assert MENU["taxes"]["A"][0]["name"] == "GST"


def test_a_clearing_is_kept_in_the_language_of_whose_order_it_was(till: Till, qps: str) -> None:
    _speaks(till, qps, "")
    session = till.order(1).id
    till.register.recovery.suspend(session)
    by_server(till.register, session, OrderDiscarded(reason="left", line_ids=()))
    assert spoken() == ENGLISH
    (sentence,) = till.register.clearing.noted(1).values()
    assert made_up("your order") in sentence
