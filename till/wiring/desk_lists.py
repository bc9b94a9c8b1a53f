"""The lists of the desk's command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from till.administration.acts.menu import menu_now
from till.administration.calls import AdministrationError
from till.administration.menu_texts import planned_text, price_text, what_changed
from till.administration.settings import KEYS, change_text, setting_of, setting_text
from till.domain.events.envelope import read_time
from till.domain.i18n import _
from till.domain.text import clean
from till.domain.venue import read_venue
from till.ports.desk import Book, ListRow
from till.reports.menus import read_menus
from till.reports.settings import read_settings_changes
from till.reports.staff import read_staff, status_words
from till.reports.tills import read_tills
from till.reports.words import formats_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.administration.calls import AtServer
    from till.domain.venue import Venue

#: The most versions or changes in a list.
_BACK = 50


def read_rows(at: AtServer, selects: Any, book: Book) -> tuple[ListRow, ...]:
    """Return the rows of a list that is not about one person."""
    match book:
        case Book.USERS:
            return tuple(
                ListRow(
                    str(one["number"]), clean(one["name"]), ", ".join(filter(None, (one["role"], status_words(one))))
                )
                for one in read_staff(selects, at.store_id)
            )
        case Book.TILLS:
            return _tills(at)
        case Book.MENU:
            return _menu(at)
        case Book.SETTINGS:
            body = at.ask("venue")
            point = formats_of(read_venue(body)).point
            return tuple(ListRow("", key, clean(setting_text(key, setting_of(body, key), point))) for key in KEYS)
        case Book.MENU_HISTORY:
            return _versions(at)
        case Book.SETTINGS_HISTORY:
            return _changes(at)
        case Book.ORDERS:
            raise AdministrationError(_("Type a staff number: orders 3."))


def _tills(at: AtServer) -> tuple[ListRow, ...]:
    venue = at.venue()
    return tuple(
        ListRow(
            str(row["till"]),
            clean(row["name"]),
            _("revoked") if row["revoked"] else "",
            _("seen {time}").format(time=_time(row["seen_at"], venue)) if row["seen_at"] else _("never seen"),
        )
        for row in read_tills(at.ask)
    )


def _menu(at: AtServer) -> tuple[ListRow, ...]:
    venue, body = at.venue(), menu_now(at)
    categories = {one["id"]: one for one in body.get("categories", ())}
    items = sorted(
        body.get("items", ()),
        key=lambda item: (categories[item["category"]]["position"], item["position"], item["plu"] or 0),
    )

    def describe_item(item: Mapping[str, Any]) -> str:
        parts = [str(categories[item["category"]]["name"]), _("sold out (86)") if item["sold_out"] else ""]
        return clean(", ".join(filter(None, (*parts, planned_text(item.get("prices", ()), venue)))))

    return tuple(
        ListRow(str(item["plu"] or ""), clean(item["name"]), describe_item(item), price_text(item["price"], venue))
        for item in items
    )


def _versions(at: AtServer) -> tuple[ListRow, ...]:
    venue, body = at.venue(), at.ask("menu_export_v1") or {}
    return tuple(
        ListRow(
            str(row["version"]),
            _time(row["at"], venue),
            clean(what_changed(dict(row), body, venue)),
            _by(row["user"]),
        )
        for row in read_menus(at.ask, _BACK)
    )


def _changes(at: AtServer) -> tuple[ListRow, ...]:
    venue = at.venue()
    return tuple(
        ListRow(
            "",
            _time(row["at"], venue),
            change_text(row, formats_of(venue).point),
            _by(row["user"]),
        )
        for row in read_settings_changes(at.ask, _BACK)
    )


def _by(user: int | None) -> str:
    return _("the owner") if user is None else _("number {n}").format(n=user)


def _time(moment: str, venue: Venue) -> str:
    return f"{venue.local(read_time(moment)):%Y-%m-%d %H:%M}"
