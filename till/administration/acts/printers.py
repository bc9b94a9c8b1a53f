"""Acts on the receipt printers of the venue, which are one of its settings. Each takes effect at every till at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from typing_extensions import override

from till.administration.acts.act import Typed, TypedAct
from till.administration.calls import AdministrationError
from till.config import check_value
from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.settings import PrinterSetting
from till.domain.structs import replace
from till.domain.text import clean
from till.ports.desk import Prepared
from till.ports.printer import CODE_PAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from till.administration.calls import AtServer

_NAME: Final = Typed("NAME", _("Its name."))
_TCP: Final = "tcp://"
_SCHEME: Final = "://"
_HIGHEST_PORT: Final = 65_535


class AddressError(TillError):
    """An address that no printer can have."""

    code = "printer_address"
    default = _("A printer's address is like 192.168.1.50, or /dev/usb/lp0.")


class NoPrinterError(TillError):
    """A printer that does not exist."""

    code = "printer"
    default = _("There is no such printer. `till admin printers list` lists them.")


def read_address(typed: str) -> str:
    """Return the address of a printer; `tcp://` and the port 9100 may be left out.

    Raises:
        AddressError: no printer can have this address.
    """
    address = typed.strip()
    if _SCHEME not in address and not address.startswith("/"):
        address = _TCP + address
    try:
        msgspec.convert({"name": "x", "address": address}, PrinterSetting)
    except msgspec.ValidationError:
        raise AddressError from None
    _host, _colon, port = address.rpartition(":")
    if port.isdigit() and int(port) > _HIGHEST_PORT:
        raise AddressError
    return address


def read_printers(at: AtServer) -> list[PrinterSetting]:
    """Return the printers of the venue."""
    return list(at.venue().printers)


def find_printer(printers: Sequence[PrinterSetting], name: str) -> PrinterSetting:
    """Find a printer by its name, ignoring case.

    Raises:
        NoPrinterError: there is none.
    """
    wanted = " ".join(name.split()).casefold()
    for one in printers:
        if one.name.casefold() == wanted:
            return one
    raise NoPrinterError


def keep_printers(at: AtServer, printers: Iterable[PrinterSetting]) -> None:
    """Write the printers of the venue.

    Raises:
        TillError: the server refused them.
    """
    at.act("store_settings_v1", {"printers": msgspec.to_builtins(list(printers))})


def duty_words(printer: PrinterSetting) -> str:
    """Return the duties of a printer, as in `prints for till 1, 2; opens the drawer of till 1`."""
    tills = ", ".join(map(str, printer.receipts))
    parts = [_("prints for till {tills}").format(tills=tills)] if tills else []
    parts += [_("opens the drawer of till {n}").format(n=printer.drawer)] if printer.drawer else []
    return "; ".join(parts) or _("prints for no till yet")


class AddPrinter(TypedAct, frozen=True):
    """Add a receipt printer. It prints for the named tills; for none named, for all that have no printer yet."""

    shell = _(
        "printers add Bar 192.168.1.50. till admin printers add Bar tcp://192.168.1.50:9100 --columns 48 --receipts 1 "
        "--receipts 2 --drawer 1. till admin printers add Counter /dev/usb/lp0 --receipts 1. Then: till admin printers "
        "test Bar"
    )
    words = (
        (
            r"add printer (?P<name>.+?) (?P<address>(?:tcp://|/)\S+|\S*[.:]\S+)(?: columns (?P<columns>[0-9]+))?"
            r"(?: receipts (?P<tills>[0-9][0-9 ,]*?))?(?: drawer (?P<drawer>[0-9]+))?"
        ),
    )
    helped = (
        ("printers · add printer Bar 192.168.1.50 receipts 1 2", _("The receipt printers")),
        ("remove printer Bar", _("A printer that is gone")),
    )

    name: Annotated[str, _NAME]
    address: Annotated[str, Typed("ADDRESS", _("192.168.1.50, tcp://host:9100, or a device file of one till."))]
    columns: Annotated[int, Typed("N", _("Characters in a line: 32, 42 or 48."), "--columns", least=32, most=64)] = 42
    receipts: Annotated[
        list[int] | None, Typed("TILL", _("A till whose receipts it prints; may be repeated."), "--receipts")
    ] = None
    drawer: Annotated[
        int | None,
        Typed("TILL", _("The till whose drawer is wired to it; the first of --receipts; 0 for none."), "--drawer"),
    ] = None
    code_page: Annotated[str, Typed("NAME", _("Its code page: cp858, cp437, cp1252 …"), "--code-page")] = "cp858"
    no_cutter: Annotated[bool, Typed("", _("It does not cut the paper."), "--no-cutter")] = False
    tills: str = ""

    @override
    def checked(self) -> Self:
        name = " ".join(clean(self.name).split())
        address = read_address(self.address)
        check_value("venue", "printers", [{"name": name, "address": address, "columns": self.columns}], _("A printer"))
        if self.code_page not in CODE_PAGES:
            sentence = _("There is no code page {name}. There are: {names}.")
            raise AdministrationError(sentence.format(name=clean(self.code_page), names=", ".join(CODE_PAGES)))
        typed = [int(one) for one in self.tills.replace(",", " ").split()]
        return replace(self, name=name, address=address, receipts=self.receipts or typed or None, tills="")

    @override
    def look_up(self, at: AtServer, selects: Any) -> Prepared:
        act = self.checked()
        added = act.added(at)
        facts = (
            (_("Address"), added.address),
            (_("Columns"), str(added.columns)),
            (_("Prints for"), ", ".join(map(str, added.receipts)) or _("no till")),
            (_("Drawer of"), str(added.drawer) if added.drawer else _("no till")),
        )
        return Prepared(act, _("Printer {name}").format(name=added.name), facts)

    @override
    def do(self, at: AtServer) -> str:
        added = self.added(at)
        keep_printers(at, [*read_printers(at), added])
        return _("Added {name}: {what}.").format(name=added.name, what=duty_words(added))

    @override
    def hints(self, at: AtServer) -> Iterable[str]:
        yield _("`till admin printers test {name}` prints a page and finds what it can do.").format(name=self.name)

    def added(self, at: AtServer) -> PrinterSetting:
        """Return the new printer.

        Raises:
            AdministrationError: the name is taken, a till does not exist, or another printer serves it.
        """
        from till.reports.tills import read_tills

        printers, known = read_printers(at), {row["till"] for row in read_tills(at.ask) if not row["revoked"]}
        if any(one.name.casefold() == self.name.casefold() for one in printers):
            sentence = _("There is a printer {name} already. `till admin printers remove` takes it away.")
            raise AdministrationError(sentence.format(name=self.name))
        served = {till: one.name for one in printers for till in one.receipts}
        kicked = {one.drawer: one.name for one in printers if one.drawer}
        receipts = tuple(self.receipts) if self.receipts else tuple(sorted(known - served.keys()))
        drawer = self.drawer if self.drawer is not None else next((one for one in receipts if one not in kicked), 0)
        for till in (*receipts, *([drawer] if drawer else [])):
            if till not in known:
                raise AdministrationError(_("There is no till {n}. `till admin tills list` lists them.").format(n=till))
        for tills, taken, sentence in (
            (receipts, served, _("{name} prints for till {n} already.")),
            ((drawer,), kicked, _("{name} opens the drawer of till {n} already.")),
        ):
            for till in tills:
                if till in taken:
                    raise AdministrationError(sentence.format(name=taken[till], n=till))
        return PrinterSetting(
            name=self.name,
            address=self.address,
            columns=self.columns,
            code_page=self.code_page,
            cutter=not self.no_cutter,
            receipts=receipts,
            drawer=drawer,
        )


class RemovePrinter(TypedAct, frozen=True):
    """Remove a receipt printer. What waits for it goes to the printer that its till has then."""

    shell = "printers remove Bar"
    words = (r"remove printer (?P<name>.+)",)

    name: Annotated[str, _NAME]

    @override
    def look_up(self, at: AtServer, selects: Any) -> Prepared:
        found = find_printer(read_printers(at), self.name)
        facts = ((_("Address"), found.address), (_("Now"), duty_words(found)))
        return Prepared(replace(self, name=found.name), _("Remove printer {name}").format(name=found.name), facts)

    @override
    def do(self, at: AtServer) -> str:
        printers = read_printers(at)
        found = find_printer(printers, self.name)
        keep_printers(at, [one for one in printers if one is not found])
        return _("Removed printer {name}.").format(name=found.name)
