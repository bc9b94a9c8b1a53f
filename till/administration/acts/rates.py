"""The act on tax groups that begin on a day (ADR 0087)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from till.administration.acts.act import TypedAct
from till.administration.first_types import refuse_first_types, sells_wrongly
from till.administration.menu_texts import rates_text
from till.administration.menu_typed import menu_now, read_tax
from till.domain.catalogue.menu_edit import menu_at
from till.domain.catalogue.menu_rates import RateAsked, find_targets, plan_rate, planned_rates, rates_lost
from till.domain.errors import MenuError
from till.domain.events.envelope import read_time
from till.domain.i18n import N_, _, ngettext
from till.domain.order.naming import order_type_name
from till.domain.structs import replace
from till.domain.text import clean
from till.domain.wall_clock import read_wall_time, utc_text
from till.ports.desk import Prepared
from till.reports.tills import read_tills, without_types
from till.reports.words import formats_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.administration.calls import AtServer
    from till.domain.catalogue.menu_rates import RateTargets
    from till.domain.venue import Venue

#: The time after which a till that was not heard is not online.
_ONLINE: Final = timedelta(minutes=1)
#: The most items that a sentence names.
_MOST_NAMES: Final = 20
_FAR: Final = datetime.max.replace(tzinfo=UTC)


class PlanTax(TypedAct, frozen=True):
    """Plan a tax group for items, a category or all that bears another group, from a day on, by the venue's clock.

    Attributes:
        tax: the group; “none” to cancel what is planned to begin then.
        order_type: the order type; None for all.
        anyway: True to plan it though a till that is in use cannot read what differs by order type.
        version: the version of the menu that was shown; None if none was shown.
    """

    words = (
        r"tax (?:of )?(?P<item>.+?) as (?P<order_type>\S+) to (?P<tax>.+) from (?P<starts>.+)",
        r"tax (?:of )?(?P<item>.+?) to (?P<tax>.+) from (?P<starts>.+)",
    )
    helped = (("tax of VAT 19 to VAT 16 from 2027-01-01", N_("A tax that begins on a day")),)

    item: str
    tax: str
    starts: str
    order_type: str | None = None
    anyway: bool = False
    version: int | None = None

    @override
    def look_up(self, at: AtServer) -> Prepared:
        menu, venue = menu_now(at), at.venue()
        planned = self._planned(at, menu, venue)
        facts: tuple[tuple[str, str], ...] = (
            (_("Then"), planned.text(venue)),
            (_("Items"), planned.items_text(menu)),
        )
        if planned.targets.charge:
            facts += ((_("Charge"), _("the service charge too")),)
        if older := sells_wrongly(at, menu, planned.menu):
            facts += ((_("Too old"), _("{tills}: at the usual price and tax until updated").format(tills=older)),)
        ready = replace(self, item=planned.targets.typed, version=menu["version"], anyway=bool(older))
        return Prepared(ready, _("The tax of {item}").format(item=planned.name), facts)

    @override
    def do(self, at: AtServer) -> str:
        menu, venue = menu_now(at), at.venue()
        planned = self._planned(at, menu, venue)
        if not planned.changes["items"] and "charge" not in planned.changes:
            return _("Nothing changes.")
        if not self.anyway:
            refuse_first_types(at, menu, planned.menu)
        based = menu["version"] if self.version is None else self.version
        version = at.act("menu_rate_v1", planned.changes, based)
        sentence = _("{item}: {what}. Menu {version}.")
        done = sentence.format(item=planned.name, what=planned.text(venue), version=version)
        return f"{done} {unheard_text(at, venue)}".rstrip()

    def _planned(self, at: AtServer, menu: Mapping[str, Any], venue: Venue) -> _Planned:
        now = at.now()
        begins = read_wall_time(self.starts, venue.zone, now)
        if begins <= now:
            sentence = _("{time} is over: a planned tax begins later.")
            raise MenuError(sentence.format(time=f"{venue.local(begins):%Y-%m-%d %H:%M}"))
        is_none = self.tax.strip().casefold() == "none"
        taxed: dict[str, Any] = {"tax": ""} if is_none else read_tax(menu, self.tax, formats_of(venue))
        order_type = (self.order_type or "").casefold().replace(" ", "_")
        asked = RateAsked(utc_text(begins), taxed.pop("tax"), order_type)
        charge = venue.settings.service_charge
        charged = charge.tax if charge is not None else None
        targets = find_targets(menu, self.item, asked, charged)
        changes: dict[str, Any] = {"items": planned_rates(menu, targets, asked), **taxed}
        rates = list(menu.get("charge_rates", ()))
        if targets.charge and (of_charge := plan_rate(rates, asked, charged)) != rates:
            changes["charge"] = of_charge
        return _Planned(targets, asked, changes, menu)


class _Planned:
    """A plan of an act: the items, the group with its time, and the changes for the database."""

    def __init__(
        self, targets: RateTargets, asked: RateAsked, changes: dict[str, Any], menu: Mapping[str, Any]
    ) -> None:
        self.targets, self.asked, self.changes = targets, asked, changes
        own: Mapping[str, Any] = changes["items"]
        items = [{**one, "rates": own[one["id"]]} if one["id"] in own else one for one in menu["items"]]
        self.menu = menu_at({**menu, "items": items}, _FAR)

    @property
    def name(self) -> str:
        """The name of the items, or their number."""
        n = len(self.targets.ids)
        return self.targets.name or ngettext("{n} item", "{n} items", n).format(n=n)

    def text(self, venue: Venue) -> str:
        """Return `VAT 7 from 2027-01-01 00:00`, of the order type if there is one."""
        rate = {"from": self.asked.starts, "tax": self.asked.tax or _("as usual")}
        text = rates_text([rate], venue)
        if not self.asked.order_type:
            return text
        return f"{order_type_name(self.asked.order_type)}: {text}"

    def items_text(self, menu: Mapping[str, Any]) -> str:
        """Return the number of items with the first names."""
        names = {item["id"]: clean(item["name"]) for item in menu["items"]}
        shown = [names[one] for one in self.targets.ids[:3]]
        return ", ".join([str(len(self.targets.ids)), *shown, *(["…"] if len(self.targets.ids) > len(shown) else [])])


def lost_texts(at: AtServer, was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Name the items that have a tax back by a new menu though a plan ended it, and the plans that it drops.

    Args:
        at: the database.
        was: the menu, with the taxes of the present.
        now: the new menu, likewise.
    """
    back: dict[str, list[str]] = {}
    dropped: dict[str, list[str]] = {}
    for one in rates_lost(was, now, at.ask("menu_ended_v1")):
        if one.starts is None:
            back.setdefault(one.tax, []).append(one.name)
        else:
            text = rates_text([{"from": one.starts.isoformat(), "tax": one.tax}], at.venue())
            dropped.setdefault(text, []).append(one.name)
    return [
        *(
            _("{tax} is back, which a plan ended: {items}").format(tax=tax, items=_few(own))
            for tax, own in back.items()
        ),
        *(_("No longer planned: {tax}: {items}").format(tax=tax, items=_few(own)) for tax, own in dropped.items()),
    ]


def _few(names: list[str]) -> str:
    """Return the first names, and the number of all if there are more."""
    own = list(dict.fromkeys(names))
    return ", ".join(own[:_MOST_NAMES]) + (f" … ({len(own)})" if len(own) > _MOST_NAMES else "")


def unheard_text(at: AtServer, venue: Venue) -> str:
    """Name the tills that do not hear a plan now, and those whose program does not begin it by itself; empty for none.

    A till that is not online until then charges the taxes that it knows.
    """
    now = at.now()
    away = [
        _("{till} (seen {time})").format(
            till=clean(row["name"]), time=f"{venue.local(read_time(row['seen_at'])):%Y-%m-%d %H:%M}"
        )
        for row in read_tills(at.ask)
        if not row["revoked"]
        and row["stations"] is None
        and row["seen_at"] is not None
        and now - read_time(row["seen_at"]) > _ONLINE
    ]
    too_old = ", ".join(without_types(at.ask, now).values())
    sentences = [
        _("Not heard yet by {tills}: it counts there once the till is online.").format(tills=", ".join(away)),
        _("{tills} begins it only if it is online then: update it before.").format(tills=too_old),
    ]
    return " ".join(one for one, tills in zip(sentences, (away, too_old), strict=True) if tills)
