"""The list of the promotions, and their subjects and hours in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.acts.promotions import terms_text
from till.administration.listing import AdminList, DeskRow, ListRows, columns
from till.domain.catalogue.hours import hours_text, read_hours
from till.domain.i18n import N_, _
from till.domain.text import clean
from till.reports.report import ColumnKind
from till.reports.words import formats_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.administration.calls import AtServer
    from till.administration.listing import ListResult, Row
    from till.domain.money.formats import Formats


def slot_texts(one: Row, menu: Row, formats: Formats) -> Iterator[tuple[str, str]]:
    """Yield the slots of a combo, each with its pieces if several, and what fits it with its surcharge."""
    names = _names(menu)
    for slot in one.get("slots", ()):
        pieces, fits = slot.get("pieces", 1), []
        for fit in slot["of"]:
            id_ = fit.get("item") or fit["category"]
            name = clean(str(names.get(id_, id_)))
            name = name if "item" in fit else _("category {name}").format(name=name)
            extra = formats.currency.price4(str(fit.get("extra", "0")))
            fits.append(f"{name} {formats.added(extra)}" if extra else name)
        called = clean(str(slot["name"]))
        yield f"{pieces} × {called}" if pieces > 1 else called, ", ".join(fits)


def _names(menu: Row) -> dict[str, str]:
    return {raw["id"]: raw["name"] for key in ("items", "categories") for raw in menu.get(key, ())}


def subjects_text(one: Row, menu: Row) -> str:
    """Return the names of its items and categories."""
    names = _names(menu)
    fits = [fit.get("item") or fit["category"] for slot in one.get("slots", ()) for fit in slot["of"]]
    on = [*one.get("set", ()), *fits, *one.get("items", ()), *one.get("categories", ())]
    return ", ".join(clean(str(names.get(id_, id_))) for id_ in on) or _("everything")


def when_text(one: Row) -> str:
    """Return its hours and days, and what limits it besides."""
    parts = [_("off")] if one.get("off") else []
    parts += [_("by hand, no PIN")] if one.get("by_hand") else []
    parts += [hours_text(read_hours(row) for row in one["hours"])] if "hours" in one else []
    parts += [_("from {day}").format(day=one["starts"])] if "starts" in one else []
    parts += [_("until {day}").format(day=one["ends"])] if "ends" in one else []
    return ", ".join(parts) or _("always")


def _read(at: AtServer, _selects: Any) -> ListRows:
    return ListRows({"promotions": at.ask("promotions")}, at.ask("menu_export_v1") or {})


def _texts(found: ListResult, one: Row) -> Row:
    return {
        "what": terms_text(one, formats_of(found.venue)),
        "on": subjects_text(one, found.beside),
        "when": when_text(one),
    }


PROMOTIONS: Final = AdminList(
    "promotions",
    N_("Promotions"),
    N_("List the promotions, by name."),
    _read,
    (*columns(ColumnKind.TEXT, name=N_("Promotion"), what=N_("What"), on=N_("On"), when=N_("When")),),
    texts=_texts,
    desk=DeskRow(name="name", detail=("what", "on", "when")),
    by_owner=True,
)
