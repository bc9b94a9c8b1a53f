"""The reference data of a till: settings, menu, staff, money formats, and the sentences that use them."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.catalogue.menu import Menu, read_menu
from till.domain.kitchen.stations import Kitchen
from till.domain.money.formats import Formats, marks_of
from till.domain.staff.person import read_staff
from till.domain.venue import NOWHERE, Venue, read_venue
from till.ports import LightState
from till.register.answers import Answers
from till.register.hearing import Hearer
from till.register.left import LEFT, Left
from till.register.quick_entry.lookup import Lookup

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import date, datetime

    from till.domain.order.terms import Terms
    from till.domain.staff.person import Person
    from till.ports import Journal, Light
    from till.register.quick_entry.vocabulary import Vocabulary

#: The properties made from each document of the journal's cache.
_MADE_OF: Final = {
    "settings": ("venue", "_stored_menu", "_sold_from", "formats", "answers"),
    "menu": ("_stored_menu", "_sold_from"),
    LEFT: ("left",),
}


class _Sold:
    """A menu with the lookup of its items, and the stations that make them."""

    def __init__(self, menu: Menu, vocabulary: Vocabulary | str, venue: Venue) -> None:
        self.menu = menu
        settings = venue.settings
        self.kitchen = Kitchen(settings.stations, menu, settings.hold_courses, settings.kitchen_preferences)
        self._vocabulary, self._labels = vocabulary, venue.settings.labels
        self._combos = tuple(one for one in venue.promotions if one.slots and not one.off)

    @cached_property
    def lookup(self) -> Lookup:
        return Lookup(self.menu, self._vocabulary, self._labels, self._combos)


class Reference(Hearer):
    """The reference data of a till, read from the journal's cache on first use.

    Args:
        journal: stores the data.
        now: returns the best known time; planned prices and taxes begin by it.
        vocabulary: the words of the entry line, or the name of those that ship, which are loaded on first use.
        business_date: returns the business date of a moment in a replay; None for the venue's rule.
    """

    def __init__(
        self,
        journal: Journal,
        now: Callable[[], datetime],
        vocabulary: Vocabulary | str = "en",
        business_date: Callable[[datetime], date] | None = None,
    ) -> None:
        self._journal = journal
        self._vocabulary = vocabulary
        self._now = now
        self._business_date = business_date
        self._unread_counts: set[str] = set()

    @property
    def terms(self) -> Terms:
        """The terms of an order that is opened now."""
        return self.venue.terms_with(self.menu)

    def forget(self, names: Iterable[str]) -> None:
        """Forget changed documents; the next use reads them again."""
        for name in names:
            for part in _MADE_OF.get(name, ()):
                self.__dict__.pop(part, None)

    @override
    def reference_changed(self, names: Collection[str]) -> None:
        """Read it again. Open lines keep their prices."""
        self.forget(names)

    @override
    def light_changed(self, light: Light) -> None:
        self.left.is_about = light.state is LightState.OFFLINE

    def mark(self, item_id: str, *, sold_out: bool) -> None:
        """Mark an item as sold out, or back on sale, until the database sends the changed menu."""
        cached = self._journal.cached("menu")
        if cached is None:
            return
        version, body = cached
        items = [{**item, "sold_out": sold_out} if item["id"] == item_id else item for item in body["items"]]
        self._journal.cache("menu", version, {**body, "items": items})
        self.forget(["menu"])

    @cached_property
    def venue(self) -> Venue:
        cached = self._journal.cached("settings")
        return read_venue(cached[1]) if cached else NOWHERE

    @property
    def menu(self) -> Menu:
        """The menu with current prices and taxes, and what is left; the same object until it changes."""
        sold, left = self._sold_now(), self.left.words()
        if sold.menu.left is not left and sold.menu.left != left:
            sold.menu = sold.menu.with_left(left)
        return sold.menu

    @cached_property
    def left(self) -> Left:
        """The pieces left of counted items."""
        return Left(self._journal, self.business_date, lambda: self.today, self._unread_counts)

    @property
    def lookup(self) -> Lookup:
        return self._sold_now().lookup

    @cached_property
    def _stored_menu(self) -> Menu:
        cached = self._journal.cached("menu")
        return read_menu(cached[1], self.venue.terms.currency) if cached else Menu()

    @cached_property
    def _sold_from(self) -> dict[int, _Sold]:
        """The current menu, by the number of planned changes that have begun."""
        return {}

    def _sold_now(self) -> _Sold:
        changes = self._stored_menu.changes
        moment = self._now() if changes else None
        begun = bisect_right(changes, moment) if moment is not None else 0
        sold = self._sold_from.get(begun)
        if sold is None:
            self._sold_from.clear()  # an earlier menu is no longer needed, and can be made again
            menu = self._stored_menu if moment is None else self._stored_menu.at(moment)
            sold = self._sold_from[begun] = _Sold(menu, self._vocabulary, self.venue)
        return sold

    @property
    def kitchen(self) -> Kitchen:
        """The stations of the venue, with the present menu."""
        return self._sold_now().kitchen

    @cached_property
    def formats(self) -> Formats:
        return Formats(self.venue.terms.currency, marks_of(self.venue.settings.locale))

    @cached_property
    def answers(self) -> Answers:
        return Answers(self.formats, self.venue.terms.rounding)

    def business_date(self, moment: datetime) -> date:
        """Return the business date of a moment."""
        return (self._business_date or self.venue.business_date)(moment)

    @property
    def today(self) -> date:
        """The business date of the present moment."""
        return self.business_date(self._now())

    @property
    def staff(self) -> tuple[Person, ...]:
        """All staff who may log in, by number."""
        cached = self._journal.cached("staff")
        return tuple(p for p in read_staff(cached[1]) if not p.disabled) if cached else ()

    def name_of(self, user: int) -> str:
        """Return the name of a staff number; empty for an unknown one."""
        return next((person.name for person in self.staff if person.number == user), "")

    def language_of(self, user: int) -> str:
        """Return the language of a person's screens: their own, or else the venue's."""
        return next((one.language for one in self.staff if one.number == user), "") or self.venue.language

    def who(self, till: int | None, user: int) -> str:
        """Return `Till 2, Asha`: a till and a person, by name."""
        return ", ".join(part for part in (self.venue.till_name(till), self.name_of(user)) if part)
