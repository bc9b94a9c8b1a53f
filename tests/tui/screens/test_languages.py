"""The screens in the language of who is logged in, and what is written meanwhile in the venue's."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.made_up import made_up
from tests.register.payments.scripted import Terminal
from tests.tui.languages import in_sight, lost
from tests.tui.playing import LOG_IN, FakeStore, a_reference, a_till, elsewhere, row_of
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.pay.test_awaited import heard
from tests.tui.screens.test_screens import SCENES
from till.domain import i18n
from till.domain.i18n import ENGLISH, LANGUAGES, spoken
from till.domain.order.events import DiscountApplied, LineVoided
from till.domain.payment.events import PaymentDeclined
from till.ports.printer import DocumentRef
from till.register.papers import DocumentMaker
from till.register.payments.tenders import BY_HAND, Tenders
from till.tui.drawing.palette import Depth, Paint

if TYPE_CHECKING:
    from pathlib import Path

LOG_OUT = "{f12}"


def venue(*languages: str, **people: str) -> dict[str, Any]:
    """Return the demo venue, whose first person, or others by `n2`, have languages."""
    reference = a_reference()
    reference["settings"]["languages"] = languages or [ENGLISH]
    for person in reference["staff"]["staff"]:
        person["language"] = people.get(f"n{person['number']}", "")
    return reference


async def test_a_login_draws_the_screen_anew_in_the_language_of_the_person(tmp_path: Path, qps: str) -> None:
    async with a_till(tmp_path, (80, 24), reference=venue(n1=qps)) as till:
        assert "Staff" in till.text()
        await till.type(LOG_IN)
        assert made_up("No lines yet.") in till.text()
        assert "No lines yet." not in till.text()
        await till.type("2 idly{enter}")
        assert till.answer().startswith(made_up("Added"))
        await till.type("{ctrl+u}1{enter}" + LOG_OUT)
        assert spoken() == ENGLISH
        assert "Staff" in till.text()
        assert made_up("Staff") not in till.text()
        await till.type("2{enter}2222{enter}")
        assert "No lines yet." in till.text()
        assert made_up("No lines yet.") not in till.text()


async def test_a_language_whose_table_is_missing_is_english_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(i18n._LOADED, "es", raising=False)
    monkeypatch.setitem(sys.modules, "till.languages.es", None)
    async with a_till(tmp_path, (80, 24), reference=venue(n1="es"), typed=LOG_IN) as till:
        assert "Español is missing here: `make setup` makes it." in till.text()
        assert "No lines yet." in till.text()
        await till.type("2 idly{enter}")
        assert till.answer().startswith("Added")
    del i18n._LOADED["es"]


async def test_the_login_screen_speaks_the_venues_language(tmp_path: Path, qps: str) -> None:
    async with a_till(tmp_path, (80, 24), reference=venue(qps, n1="en")) as till:
        assert made_up("Staff") in till.text()
        await till.type(LOG_IN)
        assert "No lines yet." in till.text()
        await till.type(LOG_OUT)
        assert made_up("Staff") in till.text()


@pytest.mark.parametrize(("of_venue", "of_person"), [(ENGLISH, "qps"), ("qps", "en")])
async def test_a_reason_is_shown_to_the_reader_and_written_for_the_venue(
    tmp_path: Path, qps: str, of_venue: str, of_person: str
) -> None:
    def in_language(language: str, words: str) -> str:
        return made_up(words) if language == qps else words

    async with a_quiet_till(tmp_path, reference=venue(of_venue, n1=of_person)) as till:
        await till.type(LOG_IN + "2 idly{enter}2 filter coffee{enter}{f7}")
        assert in_language(of_person, "keyed twice") in till.text()
        await till.type("1{enter}10% off{enter}")
        assert in_language(of_person, "waited long") in till.text()
        await till.type("2{enter}")
        order = till.selling().order
        assert order is not None
        events = [event.data for event in till.register.journal.events_of(order.id)]
        assert [one.reason for one in events if isinstance(one, LineVoided)] == [in_language(of_venue, "keyed twice")]
        assert [one.reason for one in events if isinstance(one, DiscountApplied)] == [
            in_language(of_venue, "waited long")
        ]


async def test_a_paper_in_one_language_is_made_while_the_screen_paints_in_another(tmp_path: Path, qps: str) -> None:
    async with a_till(tmp_path, (80, 24), reference=venue(n1=qps)) as till:
        await till.type(LOG_IN + "2 idly{enter}cash 100{enter}")
        sold = till.app.controller.sold
        assert sold is not None
        maker, painted = DocumentMaker(till.register), []
        name, before = maker._name_of, till.text()

        def paints(user: int) -> str:
            """Paint, as a timer does, in the middle of the document."""
            till.app.call_later(till.app.controller.paint)
            painted.append(user)
            return name(user)

        maker._name_of = paints
        printing = till.register.printing
        job = printing.new(DocumentRef("receipt", sold.id), asked=True, printer="Counter")
        document = maker.document(job, till.register.formats)
        await till.settle()
        assert painted
        assert document.language == ENGLISH
        assert any(row.left.startswith("TOTAL") for row in document.rows)
        assert till.text() == before
        assert made_up("Change") in before


async def test_ctrl_f_on_pay_asks_for_the_papers_in_the_venues_next_language(tmp_path: Path) -> None:
    async with a_till(tmp_path, (120, 36), reference=venue("en", "es", "hi")) as till:
        await till.type(LOG_IN + "2 idly{enter}{f9}")
        assert "Paper: English" in till.text()
        kept = []
        for name in ("Español", "हिन्दी", "English", "Español"):
            await till.type("{ctrl+f}")
            assert till.answer() == f"The papers of this order: {name}."
            assert f"Paper: {name}" in till.text()
            assert till.shown is not None
            kept.append(till.shown.preferences.get("language", ""))
        assert kept == ["es", "hi", "", "es"]
        await till.type("{f1}")
        assert "Language of the paper" in till.text()
        await till.type("{escape}{enter}")
        order = till.app.controller.sold
        assert order is not None
        assert (order.status, order.preferences) == ("completed", {"language": "es"})
        job = till.register.printing.new(DocumentRef("receipt", order.id), asked=True, printer="Counter")
        assert DocumentMaker(till.register).document(job, till.register.formats).language == "es"


async def test_a_language_that_the_setting_names_twice_is_one_of_the_key(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=venue("en", "es", "en", "es", "hi")) as till:
        await till.type(LOG_IN + "2 idly{enter}{f9}")
        for name in ("Español", "हिन्दी", "English"):
            await till.type("{ctrl+f}")
            assert till.answer() == f"The papers of this order: {name}."
    async with a_quiet_till(tmp_path / "one", reference=venue("es", "es")) as till:
        await till.type(LOG_IN + "2 idly{enter}{f9}{f1}")
        assert "Language of the paper" not in till.text()


async def test_why_a_payment_was_not_asked_for_is_kept_in_the_venues_language(tmp_path: Path, qps: str) -> None:
    """Another till took the order over before the terminal was asked."""
    async with a_drawn_till(tmp_path, (80, 24), reference=venue(n1=qps)) as till:

        async def pushed(_seconds: float) -> bool:
            till.register.taken(session, "Till 2", "Asha", till.clock.now())
            return True

        till.register.asker.begin(Tenders(BY_HAND, [Terminal()]), pushed)
        await till.type(LOG_IN + "2 idly{enter}{f9}")
        assert till.shown is not None
        session = till.shown.id
        await till.type("c{enter}")
        await heard(till)
        till.register.asker.end()
        events = [event.data for event in till.register.journal.events_of(session)]
        assert [one.reason for one in events if isinstance(one, PaymentDeclined)] == ["another till has the order"]


async def test_a_venue_of_one_language_has_no_key_for_it(tmp_path: Path) -> None:
    async with a_till(tmp_path, (120, 36), typed=LOG_IN + "2 idly{enter}{f9}{ctrl+f}") as till:
        assert till.answer() == "Press Esc first, then Ctrl+F."
        assert till.shown is not None
        assert not till.shown.preferences
        await till.type("{f1}")
        assert "Language of the paper" not in till.text()


async def test_a_language_that_the_venue_lost_is_none_and_the_key_begins_anew(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=venue("en", "es"), typed=LOG_IN + "2 idly{enter}{f9}") as till:
        order = till.shown
        assert order is not None
        till.register.sales.set_preference(order.id, 1, "language", "hi; drop")
        assert "Paper: English" in till.text()
        await till.type("{ctrl+f}")
        assert till.register.ledger.order(order.id).preferences == {"language": "es"}
        await till.type("{escape}")
        assert "Language" not in till.text()


async def test_a_refusal_and_the_name_of_a_table_are_in_the_readers_language(tmp_path: Path, qps: str) -> None:
    async with a_till(tmp_path, (80, 24), reference=venue(n1=qps), typed=LOG_IN + "{f9}") as till:
        assert till.answer().endswith(made_up("There are no lines yet. Type an item, then Enter."))
        await till.type("2 idly{enter}{f8}5{enter}{f8}move 6")
        assert made_up("table") + " 5" in till.text()


@pytest.mark.parametrize(("language", "bill_out"), [("en", "bill out"), ("es", "a cobrar"), ("hi", "बिल दिया")])
async def test_a_bill_that_is_out_is_said_in_a_narrow_plan(tmp_path: Path, language: str, bill_out: str) -> None:
    order, _events = elsewhere(tmp_path, ("Idly", 2))
    row = row_of(order, till=None, bill_out=True, tab_id=order.id, tab_name="table 12", table_number="12")
    async with a_till(tmp_path, (80, 24), store=FakeStore(tabs=[row]), reference=venue(n1=language)) as till:
        await till.type(LOG_IN + "{f8}")
        assert bill_out in till.text()


async def test_a_table_that_lines_came_too_late_for_is_in_the_readers_language(tmp_path: Path) -> None:
    order, _events = elsewhere(tmp_path, ("Idly", 2))
    late = row_of(order, till=None, status="pending_logout", holder=0, late_for="table 5")
    sold = row_of(order, status="quarantined", session_id="0197d6a0-0000-7000-8000-00000000ac05", paid=3_000)
    store = FakeStore(sessions=[late, sold])
    async with a_till(tmp_path, (80, 24), store=store, reference=venue(n1="es"), typed=LOG_IN + "{f5}") as till:
        assert "▲ tarde para mesa 5" in till.text()
        assert "▲ espera al encargado" in till.text()


async def test_a_table_at_a_minute_is_in_the_readers_language_with_who_has_it(tmp_path: Path, qps: str) -> None:
    async with a_till(tmp_path, (80, 24), store=FakeStore(), reference=venue(n1=qps)) as till:
        await till.type(LOG_IN + "2 idly{enter}tab 5{enter}{f8}5")
        till.register.tabs.hand_over(till.register.open_tabs.local()[0], 2)
        await till.type("{escape}at 10:31{enter}")
        assert f"{made_up('table').capitalize()} 5: 80.00" in till.text()
        assert "Ravi, Till 1" in till.text()


async def test_a_board_speaks_the_language_of_its_tickets(tmp_path: Path, qps: str) -> None:
    reference = venue()
    reference["settings"]["ticket_languages"] = {"Grill": qps}
    async with a_till(tmp_path, (80, 24), reference=reference) as till:
        access = till.register.access
        for stations, language in (((), ENGLISH), (("Grill",), qps), (("Grill", "Bar"), ENGLISH)):
            access.stations = stations
            access.speak()
            assert spoken() == language


@pytest.mark.parametrize(("size", "touch"), [((80, 24), False), ((44, 24), True)], ids=["80x24", "phone"])
@pytest.mark.parametrize("name", SCENES)
async def test_no_language_cuts_what_english_shows(
    name: str, size: tuple[int, int], touch: bool, tmp_path: Path
) -> None:
    """A whole play in each language, so that answers and titles are made in it too."""
    found = {}
    for language in LANGUAGES:
        paint, folder = Paint("dark", Depth.TRUE, touch=touch), tmp_path / language
        async with a_drawn_till(folder, size, reference=venue(language), store=FakeStore(), paint=paint) as till:
            await till.type(SCENES[name])
            found[language] = in_sight(till)
    assert lost(found) == []
