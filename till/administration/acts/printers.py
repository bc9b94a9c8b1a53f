"""Acts on the receipt printers of the venue, which are one of its settings. Each takes effect at every till at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from typing_extensions import override

from till.administration.acts.act import TypedAct
from till.administration.calls import AdministrationError
from till.config import check_value
from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.settings import PrinterSetting
from till.domain.structs import replace
from till.domain.text import clean
from till.ports.desk import Prepared
from till.ports.printer import CODE_PAGES
from till.ports.shell import ShellField

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from till.administration.calls import AtServer

_NAME: Final = ShellField("NAME", N_("Its name."))
_DPI: Final = ShellField("N", N_("Its dots per inch: 203 or 180."), "--dpi", least=100, most=360)
_CODES: Final = ShellField("HOW", N_("own if it draws QR codes itself, drawn if it gets them as dots."), "--codes")
_TCP: Final = "tcp://"
_SCHEME: Final = "://"
_HIGHEST_PORT: Final = 65_535
#: The end of a sentence at the desk about a printer.
_DUTIES: Final = (
    r"(?: columns (?P<columns>[0-9]+))?(?: receipts (?P<tills>[0-9][0-9 ,]*?))?(?: drawer (?P<drawer>[0-9]+))?"
)


class AddressError(TillError):
    """An address that no printer can have."""

    code = "printer_address"
    default = N_("A printer's address is like 192.168.1.50, or /dev/usb/lp0.")


class NoPrinterError(TillError):
    """A printer that does not exist."""

    code = "printer"
    default = N_("There is no such printer. `till admin printers list` lists them.")


def read_address(typed: str) -> str:
    """Return the address of a printer; `tcp://` and the port 9100 may be left out."""
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
    return list(at.venue().settings.printers)


def find_printer(printers: Sequence[PrinterSetting], name: str) -> PrinterSetting:
    """Find a printer by its name, ignoring case."""
    wanted = " ".join(name.split()).casefold()
    for one in printers:
        if one.name.casefold() == wanted:
            return one
    if not printers:
        raise NoPrinterError
    sentence = _("There is no printer {name}. The printers: {names}.")
    raise NoPrinterError(sentence.format(name=clean(name), names=", ".join(clean(one.name) for one in printers)))


def keep_printers(at: AtServer, printers: Iterable[PrinterSetting]) -> None:
    """Write the printers of the venue. One at another address is another machine, which may not draw."""
    kept, here = list(printers), at.venue().settings
    known = {(one.name, one.address) for one in here.printers}
    drawing = [one.name for one in kept if one.name in here.drawing and (one.name, one.address) in known]
    changed = {"drawing": drawing} if drawing != [*here.drawing] else {}
    at.act("store_settings_v1", {"printers": msgspec.to_builtins(kept), **changed})


def keep_drawing(at: AtServer, name: str, *, draws: bool) -> None:
    """Write whether a printer draws letters that its code page lacks."""
    before = at.venue().settings.drawing
    drawing = [*(one for one in before if one != name), *([name] if draws else [])]
    if draws is not (name in before):
        at.act("store_settings_v1", {"drawing": drawing})


def duty_words(printer: PrinterSetting) -> str:
    """Return the duties of a printer, as in `prints for till 1, 2; opens the drawer of till 1`."""
    tills = ", ".join(map(str, printer.receipts))
    parts = [_("prints for till {tills}").format(tills=tills)] if tills else []
    parts += [_("opens the drawer of till {n}").format(n=printer.drawer)] if printer.drawer else []
    return "; ".join(parts) or _("prints for no till")


def _facts(printer: PrinterSetting) -> tuple[tuple[str, str], ...]:
    return (
        (_("Address"), printer.address),
        (_("Columns"), str(printer.columns)),
        (_("Prints for"), ", ".join(map(str, printer.receipts)) or _("no till")),
        (_("Drawer of"), str(printer.drawer) if printer.drawer else _("no till")),
    )


def _numbers(typed: str) -> list[int] | None:
    return [int(one) for one in typed.replace(",", " ").split()] or None


def _check_code_page(name: str) -> None:
    if name not in CODE_PAGES:
        sentence = _("There is no code page {name}. There are: {names}.")
        raise AdministrationError(sentence.format(name=clean(name), names=", ".join(CODE_PAGES)))


def _known_tills(at: AtServer) -> set[int]:
    from till.reports.tills import read_tills

    return {row["till"] for row in read_tills(at.ask) if not row["revoked"]}


def _selling_tills(at: AtServer) -> set[int]:
    """Return the tills that feed stations: all but the screens of the kitchen."""
    from till.reports.tills import read_tills

    return {row["till"] for row in read_tills(at.ask) if not row["revoked"] and row["stations"] is None}


def check_feeding(at: AtServer, printer: PrinterSetting) -> None:
    """Refuse a device file for a station that several tills feed.

    Raises:
        AdministrationError: one till alone reaches the printer.
    """
    if printer.is_local and len(_selling_tills(at)) > 1:
        sentence = _(
            "{name} is a device file, which one till reaches, and every till prints for a station. "
            "Take a printer on the network: `till admin printers add`."
        )
        raise AdministrationError(sentence.format(name=printer.name))


def check_alone(at: AtServer, till: int) -> None:
    """Refuse a further till where a station prints on a device file.

    Raises:
        AdministrationError: the new till cannot reach the printer of a station.
    """
    venue = at.venue()
    local = {one.name for one in venue.settings.printers if one.is_local}
    fed = next((one for one in venue.settings.stations if one.printer in local), None)
    if fed is not None and _selling_tills(at) - {till}:
        sentence = _(
            "Station {station} prints on {printer}, a device file, which only one till reaches. Give it a printer on "
            "the network first: `till admin printers change {printer} --address 192.168.1.50`."
        )
        raise AdministrationError(sentence.format(station=fed.name, printer=fed.printer))


def _check_tills(printer: PrinterSetting, others: Iterable[PrinterSetting], known: set[int]) -> None:
    """Check that the tills of a printer exist, and that no other printer serves them."""
    drawers = (printer.drawer,) if printer.drawer else ()
    for till in (*printer.receipts, *drawers):
        if till not in known:
            raise AdministrationError(_("There is no till {n}. `till admin tills list` lists them.").format(n=till))
    for one in others:
        for tills, taken, sentence in (
            (printer.receipts, one.receipts, _("{name} prints for till {n} already.")),
            (drawers, (one.drawer,), _("{name} opens the drawer of till {n} already.")),
        ):
            for till in tills:
                if till in taken:
                    raise AdministrationError(sentence.format(name=one.name, n=till))


class AddPrinter(TypedAct, frozen=True):
    """Add a receipt printer. It prints for the named tills; for none named, for all that have no printer yet."""

    shell = N_(
        "printers add Bar 192.168.1.50. till admin printers add Bar tcp://192.168.1.50:9100 --columns 48 --receipts 1 "
        "--receipts 2 --drawer 1. till admin printers add Counter /dev/usb/lp0 --receipts 1. Then: till admin printers "
        "test Bar"
    )
    words = (rf"add printer (?P<name>.+?) (?P<address>(?:tcp://|/)\S+|\S*[.:]\S+){_DUTIES}",)
    helped = (
        ("printers · add printer Bar 192.168.1.50 receipts 1 2", N_("The receipt printers")),
        ("remove printer Bar", N_("A printer that is gone")),
    )

    name: Annotated[str, _NAME]
    address: Annotated[str, ShellField("ADDRESS", N_("192.168.1.50, tcp://host:9100, or a device file of one till."))]
    columns: Annotated[
        int, ShellField("N", N_("Characters in a line: 32, 42 or 48."), "--columns", least=32, most=64)
    ] = 42
    receipts: Annotated[
        list[int] | None, ShellField("TILL", N_("A till whose receipts it prints; may be repeated."), "--receipts")
    ] = None
    drawer: Annotated[
        int | None,
        ShellField(
            "TILL", N_("The till whose drawer is wired to it; the first of --receipts; 0 for none."), "--drawer"
        ),
    ] = None
    code_page: Annotated[str, ShellField("NAME", N_("Its code page: cp858, cp437, cp1252 …"), "--code-page")] = "cp858"
    no_cutter: Annotated[bool, ShellField("", N_("It does not cut the paper."), "--no-cutter")] = False
    kitchen: Annotated[
        bool, ShellField("", N_("It prints for the kitchen: no receipts, and no drawer."), "--kitchen")
    ] = False
    dpi: Annotated[int, _DPI] = 203
    codes: Annotated[str, _CODES] = "own"
    tills: str = ""

    @override
    def checked(self) -> Self:
        name = " ".join(clean(self.name).split())
        address = read_address(self.address)
        typed = {"columns": self.columns, "dpi": self.dpi, "codes": self.codes}
        check_value("venue", "printers", [{"name": name, "address": address, **typed}], _("A printer"))
        _check_code_page(self.code_page)
        return replace(self, name=name, address=address, receipts=self.receipts or _numbers(self.tills), tills="")

    @override
    def look_up(self, at: AtServer) -> Prepared:
        act = self.checked()
        added = act.added(at)
        return Prepared(act, _("Printer {name}").format(name=added.name), _facts(added))

    @override
    def do(self, at: AtServer) -> str:
        added = self.added(at)
        keep_printers(at, [*read_printers(at), added])
        return _("Added {name}: {what}.").format(name=added.name, what=duty_words(added))

    @override
    def hints(self, at: AtServer) -> Iterable[str]:
        yield _("`till admin printers test {name}` prints a page and finds what it can do.").format(name=self.name)

    def added(self, at: AtServer) -> PrinterSetting:
        """Return the new printer."""
        printers, known = read_printers(at), _known_tills(at)
        if any(one.name.casefold() == self.name.casefold() for one in printers):
            sentence = _("There is a printer {name} already. `till admin printers change` changes it.")
            raise AdministrationError(sentence.format(name=self.name))
        served = {till for one in printers for till in one.receipts}
        kicked = {one.drawer for one in printers}
        receipts = tuple(self.receipts or () if self.kitchen else self.receipts or sorted(known - served))
        drawer = self.drawer if self.drawer is not None else next((one for one in receipts if one not in kicked), 0)
        added = PrinterSetting(
            name=self.name,
            address=self.address,
            columns=self.columns,
            code_page=self.code_page,
            cutter=not self.no_cutter,
            receipts=receipts,
            drawer=drawer,
            dpi=self.dpi,
            codes="drawn" if self.codes == "drawn" else "own",
        )
        _check_tills(added, printers, known)
        return added


class ChangePrinter(TypedAct, frozen=True):
    """Change a receipt printer. What is not named stays; the tills of --receipts take the place of those before."""

    shell = N_("printers change Bar --receipts 1 --receipts 2. till admin printers change Bar --address 192.168.1.51")
    words = (rf"change printer (?P<name>.+?)(?: address (?P<address>\S+))?{_DUTIES}",)
    helped = (("change printer Bar receipts 1 2", N_("A printer for another till")),)

    name: Annotated[str, _NAME]
    address: Annotated[str | None, ShellField("ADDRESS", N_("Its new address."), "--address")] = None
    columns: Annotated[
        int | None, ShellField("N", N_("Characters in a line: 32, 42 or 48."), "--columns", least=32, most=64)
    ] = None
    receipts: Annotated[
        list[int] | None,
        ShellField("TILL", N_("All the tills whose receipts it prints; repeat for each."), "--receipts"),
    ] = None
    drawer: Annotated[
        int | None, ShellField("TILL", N_("The till whose drawer is wired to it; 0 for none."), "--drawer")
    ] = None
    code_page: Annotated[str | None, ShellField("NAME", N_("Its code page: cp858, cp437, cp1252 …"), "--code-page")] = (
        None
    )
    dpi: Annotated[int | None, _DPI] = None
    codes: Annotated[str | None, _CODES] = None
    tills: str = ""

    @override
    def checked(self) -> Self:
        receipts = self.receipts or _numbers(self.tills)
        if not self._named() and receipts is None:
            raise AdministrationError(_("Name what changes: receipts 1 2, drawer 1, columns 48, or address."))
        if self.code_page is not None:
            _check_code_page(self.code_page)
        address = None if self.address is None else read_address(self.address)
        return replace(self, address=address, receipts=receipts, tills="")

    @override
    def look_up(self, at: AtServer) -> Prepared:
        act = self.checked()
        found, changed = act.changed(at)
        facts = ((_("Now"), duty_words(found)), *_facts(changed))
        return Prepared(act, _("Change printer {name}").format(name=found.name), facts)

    @override
    def do(self, at: AtServer) -> str:
        found, changed = self.changed(at)
        keep_printers(at, [changed if one.name == found.name else one for one in read_printers(at)])
        return _("Changed {name}: {what}.").format(name=changed.name, what=duty_words(changed))

    @override
    def hints(self, at: AtServer) -> Iterable[str]:
        if self.address or self.columns or self.code_page or self.dpi or self.codes:
            yield _("`till admin printers test {name}` prints a page and finds what it can do.").format(name=self.name)

    def _named(self) -> dict[str, Any]:
        """Return the named values, but for the tills of receipts."""
        names = ("address", "columns", "drawer", "code_page", "dpi", "codes")
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    def changed(self, at: AtServer) -> tuple[PrinterSetting, PrinterSetting]:
        """Return the printer as it is, and as it will be."""
        printers = read_printers(at)
        found = find_printer(printers, self.name)
        named = self._named() | ({"receipts": tuple(self.receipts)} if self.receipts else {})
        changed = replace(found, **named)
        if changed.address != found.address:  # another machine, which may answer
            changed = replace(changed, asks_status=True, answers_ids=True)
        check_value("venue", "printers", [msgspec.to_builtins(changed)], _("A printer"))
        _check_tills(changed, [one for one in printers if one is not found], _known_tills(at))
        if any(one.printer == found.name for one in at.venue().settings.stations):
            check_feeding(at, changed)
        return found, changed


class RemovePrinter(TypedAct, frozen=True):
    """Remove a receipt printer. What waits for it goes to the printer that its till has then."""

    shell = "printers remove Bar"
    words = (r"remove printer (?P<name>.+)",)

    name: Annotated[str, _NAME]

    @override
    def look_up(self, at: AtServer) -> Prepared:
        found = find_printer(read_printers(at), self.name)
        facts = ((_("Address"), found.address), (_("Now"), duty_words(found)))
        return Prepared(replace(self, name=found.name), _("Remove printer {name}").format(name=found.name), facts)

    @override
    def do(self, at: AtServer) -> str:
        printers = read_printers(at)
        found = find_printer(printers, self.name)
        if station := next((one.name for one in at.venue().settings.stations if one.printer == found.name), ""):
            sentence = _("{name} prints for station {station}: remove the station first.")
            raise AdministrationError(sentence.format(name=found.name, station=station))
        keep_printers(at, [one for one in printers if one is not found])
        return _("Removed printer {name}.").format(name=found.name)
