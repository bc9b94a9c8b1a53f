"""Acts on the stations of the kitchen, which are a setting of the venue. Each takes effect at every till at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
from typing_extensions import override

from till.administration.acts.act import TypedAct
from till.administration.acts.printers import check_feeding, find_printer
from till.administration.calls import AdministrationError
from till.config import check_value
from till.domain.catalogue.menu_edit import find_category, find_item
from till.domain.errors import MenuError, TillError
from till.domain.i18n import N_, _
from till.domain.kitchen.stations import Station
from till.domain.structs import replace
from till.domain.text import clean
from till.ports.desk import Prepared
from till.ports.shell import FieldError, ShellField

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from till.administration.calls import AtServer
    from till.administration.listing import Row

_NAME: Final = ShellField("NAME", N_("Its name."))


class NoStationError(TillError):
    """A station that does not exist."""

    code = "station"
    default = N_("There is no such station. `till admin stations list` lists them.")


def read_stations(at: AtServer) -> list[Station]:
    """Return the stations of the venue."""
    return list(at.venue().settings.stations)


def find_station(stations: Sequence[Station], name: str) -> Station:
    """Find a station by its name, ignoring case."""
    wanted = " ".join(name.split()).casefold()
    for one in stations:
        if one.name.casefold() == wanted:
            return one
    raise NoStationError


def makes_text(station: Station, menu: Row) -> str:
    """Return the names of what a station makes, by the menu in the format of its export."""
    names = {raw["id"]: raw["name"] for key in ("items", "categories") for raw in menu.get(key, ())}
    made = [clean(str(names.get(one, one))) for one in (*station.categories, *station.items)]
    return ", ".join(made) or _("nothing: it is the pass")


def cooked_text(when: str) -> str:
    """Return the words for the time at which the orders of a program go to the kitchen."""
    words = {"submitted": _("once submitted"), "paid": _("once paid")}
    return words.get(when, _("once a till opens them"))


def _menu(at: AtServer) -> Row:
    return at.ask("menu_export_v1") or {}


def _keep(at: AtServer, stations: Iterable[Station]) -> None:
    at.act("store_settings_v1", {"stations": msgspec.to_builtins(list(stations))})


def _facts(station: Station, menu: Row) -> tuple[tuple[str, str], ...]:
    held = _("named on its first ticket") if station.later else _("not named")
    where = filter(None, (station.printer, _("screen") if station.screen else ""))
    makes = (_("Makes"), makes_text(station, menu)), (_("Tickets"), ", ".join(where) or _("nowhere"))
    return (*makes, (_("Held courses"), held))


class AddStation(TypedAct, frozen=True):
    """Add a station of the kitchen. Its tickets say what it has to make of the categories and items named here.

    A station that makes nothing is the pass: it gets the tickets of every other station too, and done there is ready.
    """

    shell = (
        "stations add Grill --category Breakfast --printer Kitchen. "
        'till admin stations add Bar --category Drinks --item "Filter Coffee" --printer Bar --screen. '
        "till admin stations add Pass --screen"
    )
    words = (
        (
            r"add station (?P<name>.+?)(?: makes (?P<makes>.+?))?(?: printer (?P<printer>.+?))?(?P<shows> screen)?"
            r"(?P<tells> with later)?"
        ),
    )
    helped = (
        ("stations · add station Grill makes Breakfast, Soup printer Kitchen", N_("What the kitchen makes, and where")),
        ("add station Grill makes Breakfast screen · add station Pass screen", N_("On a screen; the pass")),
        ("remove station Grill", N_("A station that is gone")),
    )

    name: Annotated[str, _NAME]
    category: Annotated[
        list[str] | None, ShellField("NAME", N_("A category that it makes; may be repeated."), "--category")
    ] = None
    item: Annotated[
        list[str] | None,
        ShellField("ITEM", N_("An item that it makes, whatever its category; may be repeated."), "--item"),
    ] = None
    printer: Annotated[str, ShellField("NAME", N_("The printer of its tickets."), "--printer")] = ""
    later: Annotated[
        bool, ShellField("", N_("Its first ticket of an order names the courses that are held."), "--later")
    ] = False
    screen: Annotated[bool, ShellField("", N_("Show its tickets on a screen: `till kitchen`."), "--screen")] = False
    makes: str = ""
    shows: str = ""
    tells: str = ""

    @override
    def checked(self) -> Self:
        name = " ".join(clean(self.name).split())
        check_value("venue", "stations", [{"name": name}], _("A station"))
        return replace(self, name=name)

    @override
    def look_up(self, at: AtServer) -> Prepared:
        act = self.checked()
        added = act.added(at)
        return Prepared(act, _("Station {name}").format(name=added.name), _facts(added, _menu(at)))

    @override
    def hints(self, at: AtServer) -> Iterable[str]:
        yield _("Tables that are open now send what they hold, once, at their next key.")

    @override
    def do(self, at: AtServer) -> str:
        added = self.added(at)
        _keep(at, [*read_stations(at), added])
        sentence = _("Added station {name}. It makes {what}.")
        return sentence.format(name=added.name, what=makes_text(added, _menu(at)))

    def added(self, at: AtServer) -> Station:
        """Return the new station."""
        stations, menu = read_stations(at), _menu(at)
        if any(one.name.casefold() == self.name.casefold() for one in stations):
            raise AdministrationError(_("There is a station {name} already.").format(name=self.name))
        categories = [find_category(menu, one)["id"] for one in self.category or ()]
        items = [find_item(menu, one)["id"] for one in self.item or ()]
        for typed in re.split(r"\s*,\s*", self.makes.strip()) if self.makes else ():
            try:
                categories.append(find_category(menu, typed)["id"])
            except MenuError:
                items.append(find_item(menu, typed)["id"])
        screen = self.screen or bool(self.shows)
        if not categories and not items and not screen and not self.printer:
            raise AdministrationError(
                _("Name what it makes: --category Drinks, or --item Soup. The pass needs --printer or --screen.")
            )
        for one in stations:
            for made in (*categories, *items):
                if made in {*one.categories, *one.items}:
                    what = makes_text(replace(one, categories=(made,), items=()), menu)
                    raise AdministrationError(_("{name} makes {what} already.").format(name=one.name, what=what))
        printer = ""
        if self.printer:
            found = find_printer(at.venue().settings.printers, self.printer)
            check_feeding(at, found)
            printer = found.name
        later = self.later or bool(self.tells)
        made = {"categories": tuple(categories), "items": tuple(items)}
        return Station(name=self.name, printer=printer, screen=screen, later=later, **made)


class SetProgram(TypedAct, frozen=True):
    """Choose when the orders of a program go to the kitchen: once submitted, once a till opens them, or once paid."""

    shell = "programs set chat --cooked submitted"
    words = (r"cook (?P<program>[a-z][a-z0-9_]*) (?:when|once) (?P<when>submitted|opened|paid)",)
    helped = (("cook chat when submitted", N_("Or opened, or paid: when its orders are cooked")),)

    program: Annotated[str, ShellField("NAME", N_("Its name."))]
    when: Annotated[str, ShellField("WHEN", N_("submitted, opened or paid."), "--cooked")]

    @override
    def checked(self) -> Self:
        if self.when not in {"submitted", "opened", "paid"}:
            raise FieldError(_("say submitted, opened or paid"))
        return self

    @override
    def look_up(self, at: AtServer) -> Prepared:
        self._find(at)
        title = _("The orders of {program}").format(program=self.program)
        return Prepared(self.checked(), title, ((_("Cooked"), cooked_text(self.when)),))

    @override
    def do(self, at: AtServer) -> str:
        self._find(at)
        at.act("store_settings_v1", {"cooked": {**at.venue().settings.cooked, self.program: self.when}})
        sentence = _("Orders of {program} are cooked {when}.")
        return sentence.format(program=self.program, when=cooked_text(self.when))

    def _find(self, at: AtServer) -> None:
        if self.program not in at.ask("kitchen_waits_v1")["programs"]:
            raise AdministrationError(
                _("There is no program {name}. `till admin programs list` lists them.").format(name=self.program)
            )


class RemoveStation(TypedAct, frozen=True):
    """Remove a station of the kitchen. It gets no more tickets."""

    shell = "stations remove Grill"
    words = (r"remove station (?P<name>.+)",)

    name: Annotated[str, _NAME]

    @override
    def look_up(self, at: AtServer) -> Prepared:
        found = find_station(read_stations(at), self.name)
        title = _("Remove station {name}").format(name=found.name)
        return Prepared(replace(self, name=found.name), title, _facts(found, _menu(at)))

    @override
    def do(self, at: AtServer) -> str:
        settings = at.venue().settings
        found = find_station(settings.stations, self.name)
        languages = {name: one for name, one in settings.ticket_languages.items() if name != found.name}
        if languages != settings.ticket_languages:  # a later station of its name has the venue's
            at.act("store_settings_v1", {"ticket_languages": languages})
        _keep(at, [one for one in settings.stations if one is not found])
        return _("Removed station {name}.").format(name=found.name)
