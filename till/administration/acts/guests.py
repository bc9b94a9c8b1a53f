"""Acts on customers, bookings and tables."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any, Final

from typing_extensions import override

from till.administration.acts.act import OwnerAct
from till.domain.catalogue.menu_cells import CellError, read_name
from till.domain.errors import TillError
from till.domain.i18n import N_, _, ngettext
from till.domain.settings import VenueSettings
from till.domain.text import clean
from till.ports.shell import FieldError, ShellField

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.domain.venue import Venue

_PHONE: Final = ShellField("NUMBER", N_("Digits, with or without a leading +."), "--phone")
_TABLE: Final = ShellField("TABLE", N_("The number of a table."), least=0, most=9999)


class GuestNameError(TillError):
    """A customer's name that cannot be used."""

    code = "name"
    default = N_("That name cannot be used.")


def _read_text(text: str) -> str:
    """Read a name, an area or a phone number: empty, or text without control characters."""
    try:
        return read_name(text) if text.strip() else ""
    except CellError as problem:
        fault = problem.sentence
        sentence = fault if fault.startswith("“") else _("“{text}” {what}").format(text=clean(text)[:40], what=fault)
        raise GuestNameError(f"{sentence}.") from problem


def kept_in_words(at: AtServer, customer: str | None = None, session: str | None = None) -> str:
    """Return the sentence on invoices whose buyer stays after an erasure; empty if there is none."""
    if not (kept := at.ask("invoices_kept_v1", customer, session)):
        return ""
    years = at.ask("venue").get("invoice_years", VenueSettings().invoice_years)
    return ngettext(
        "The buyer on {n} invoice stays: the law keeps it for {years} years.",
        "The buyers on {n} invoices stay: the law keeps them for {years} years.",
        kept,
    ).format(n=kept, years=years)


class AddCustomer(OwnerAct, frozen=True):
    """Add a customer with a name, a phone number, or both. Tills find them at once."""

    shell = 'customers add --name "Mrs Rao" --phone "+91 98450 12345"'
    reads = (("name", _read_text), ("phone", _read_text))
    call = "customer_add_v1"

    name: Annotated[str, ShellField("NAME", N_("Their name."), "--name")] = ""
    phone: Annotated[str, _PHONE] = ""

    @override
    def sentence(self, at: AtServer, answer: Any) -> str:
        return _("Added {name}: {id}").format(name=self.name or self.phone, id=answer)


class BillCustomer(OwnerAct, frozen=True):
    """Set the tax number and the address of a customer. A till then names them on the invoice of their orders."""

    shell = 'customers change ID --tax-number 29ABCDE1234F1Z5 --address "4 Church Street"'
    reads = (("tax_number", _read_text), ("address", _read_text))
    call = "customer_bill_v1"

    customer: Annotated[str, ShellField("ID", N_("A customer's id, from `till admin customers list`."), is_id=True)]
    tax_number: Annotated[
        str, ShellField("NUMBER", N_("Their NIF, GSTIN or VAT number; empty for none."), "--tax-number")
    ] = ""
    address: Annotated[str, ShellField("TEXT", N_("Their address."), "--address")] = ""

    @override
    def sentence(self, at: AtServer, answer: Any) -> str:
        if not self.tax_number:
            return _("No invoice names them by itself.")
        return _("Invoices to them name {number}.").format(number=self.tax_number)


class EraseCustomer(OwnerAct, frozen=True):
    """Erase a customer for good: name, number, preferences, and the free text of their orders.

    The orders stay, without a customer, and every chain still verifies. An offline till erases its copy when it
    is back online.
    """

    shell = "customers erase ID"
    call = "customer_erase_v1"

    customer: Annotated[str, ShellField("ID", N_("A customer's id, from `till admin customers list`."), is_id=True)]

    @override
    def sentence(self, at: AtServer, answer: Any) -> str:
        sentence = ngettext(
            "Erased, with the free text of {n} order.",
            "Erased, with the free text of {n} orders.",
            answer,
        )
        return f"{sentence.format(n=answer)} {kept_in_words(at, self.customer)}".rstrip()


class AddBooking(OwnerAct, frozen=True):
    """Book a table, or only seats, with a name, a phone number, or both.

    If the number is a known customer's, the booking is linked to that customer.

    Attributes:
        at: a time of the venue's clock, with its date or for today.
    """

    shell = 'bookings add --at "2026-03-03 19:30" --covers 4 --table 7 --name "Mrs Rao"'
    reads = (("name", _read_text), ("phone", _read_text))
    call = "booking_add_v1"

    at: Annotated[str, ShellField("TIME", N_("A date and time, or a time today: 19:30."), "--at")]
    covers: Annotated[int, ShellField("N", N_("The number of guests."), "--covers", least=1, most=999)]
    name: Annotated[str, ShellField("NAME", N_("The guest's name."), "--name")] = ""
    phone: Annotated[str, _PHONE] = ""
    table: Annotated[int | None, ShellField("N", N_("The number of a table."), "--table", least=0, most=9999)] = None
    minutes: Annotated[int, ShellField("N", N_("Minutes that they stay."), "--minutes", least=1, most=1440)] = 120

    @override
    def do(self, at: AtServer) -> str:
        venue = at.venue()
        moment = self._read_time(venue, venue.local(at.now()).date())
        booking = at.act(self.call, moment, self.minutes, self.covers, self.table, self.name, self.phone)
        when = f"{venue.local(moment):%Y-%m-%d %H:%M}"
        return _("Booked for {name} at {when}: {id}").format(name=self.name or self.phone, when=when, id=booking)

    def _read_time(self, venue: Venue, today: date) -> datetime:
        words = self.at.split()
        try:
            day = date.fromisoformat(words[0]) if len(words) > 1 else today
            clock_time = words[-1] if len(words) in {1, 2} else ""
            return datetime.combine(day, time.fromisoformat(clock_time).replace(tzinfo=None), tzinfo=venue.zone)
        except (ValueError, IndexError):
            sentence = _("Write a time as 19:30, or with its date as “2026-03-03 19:30”.")
            raise FieldError(sentence, "--at") from None


class BookingAct(OwnerAct, frozen=True):
    """An act on a booking."""

    booking: Annotated[str, ShellField("ID", N_("A booking's id, from `till admin bookings list`."), is_id=True)]


class CancelBooking(BookingAct, frozen=True):
    """Cancel a booking. Its table is free again."""

    shell = "bookings cancel ID"
    call = "booking_cancel_v1"
    done = N_("The booking is cancelled.")


class MissBooking(BookingAct, frozen=True):
    """Mark a booking as a no-show. If the guests come after all, the till can still seat them."""

    shell = "bookings no-show ID"
    call = "booking_no_show_v1"
    done = N_("The booking is a no-show.")


class EraseBooking(BookingAct, frozen=True):
    """Erase a booking's name and phone number, and the free text of its order, for good."""

    shell = "bookings erase ID"
    call = "booking_erase_v1"
    done = N_("Erased.")


class SetTable(OwnerAct, frozen=True):
    """Set up a table: its seats and its area."""

    shell = "tables set 7 --seats 4 --area garden"
    reads = (("area", _read_text),)
    call = "table_set_v1"
    done = N_("Table {table} seats {seats}.")

    table: Annotated[int, _TABLE]
    seats: Annotated[int, ShellField("N", N_("Its seats."), "--seats", least=1, most=999)]
    area: Annotated[str, ShellField("TEXT", N_("Its area."), "--area")] = ""


class RemoveTable(OwnerAct, frozen=True):
    """Remove a table: it can no longer be booked, and leaves the plan of every till."""

    shell = "tables remove 7"
    call = "table_set_v1"
    done = N_("Table {table} removed.")

    table: Annotated[int, _TABLE]

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        return self.table, 0, ""
