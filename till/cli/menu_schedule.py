"""The hours of items and categories: dayparts. Each change is an act at the server."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from till.administration.acts.menu import ScheduleMenu
from till.cli.administration import management
from till.cli.environment import Surroundings
from till.cli.output import print_json, print_table, say
from till.domain.catalogue.hours import Hours, hours_row, hours_text, parse_clock, parse_days
from till.domain.catalogue.menu import hours_by_daypart
from till.domain.catalogue.menu_cells import CellError, key_of, read_name
from till.domain.catalogue.menu_edit import find_category, find_item
from till.domain.errors import MenuError
from till.domain.i18n import N_, _
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class _Subject:
    """The subject of a schedule: an item, a category or a daypart.

    Attributes:
        data: the id of the item or category, for the server; empty for a daypart.
        daypart: the current daypart; None for none.
    """

    data: dict[str, str]
    name: str
    daypart: str | None


def schedule(
    item: Annotated[
        str | None,
        typer.Argument(metavar="[ITEM]", help=N_("Its number, name or id; without one, list all hours.")),
    ] = None,
    *,
    category: Annotated[
        str | None, typer.Option("--category", metavar="NAME", help=N_("A whole category instead of an item."))
    ] = None,
    daypart: Annotated[
        str | None,
        typer.Option(
            "--daypart",
            metavar="NAME",
            help=N_("The name of a daypart; without an item or category, change its hours."),
        ),
    ] = None,
    days: Annotated[
        str, typer.Option("--days", metavar="DAYS", help=N_("mon-fri, or sat,sun; by default every day."))
    ] = "",
    starts: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help=N_("07:00, in the venue's time."))
    ] = None,
    ends: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help=N_("11:30; 02:00 means the next day."))
    ] = None,
    also: Annotated[bool, typer.Option("--also", help=N_("Add these hours to the present ones."))] = False,
    remove: Annotated[bool, typer.Option("--remove", help=N_("Sell it at any time again."))] = False,
    if_version: Annotated[
        int | None,
        typer.Option("--if-version", metavar="N", help=N_("Refuse unless the menu is still at this version.")),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=N_("List as one JSON object."))] = False,
) -> None:
    """Set when an item or a category is sold, at every till at once; or list the hours."""
    new_hours = _read_hours(days, starts, ends)
    _check_usage(item, category, daypart, new_hours, also=also, remove=remove)
    with management(Surroundings.find()) as admin:
        body = admin.ask("menu_export_v1") or {}
        dayparts = hours_by_daypart({"dayparts": (), **body})
        if item is None and category is None and daypart is None:
            _print(body, dayparts, as_json=as_json)
            return
        subject = _find(body, item, category, daypart, dayparts)
        name, hours = (None, None) if remove else _new_daypart(subject, daypart, new_hours, dayparts, also=also)
        if subject.daypart == name and (hours is None or set(dayparts.get(name or "", ())) == set(hours)):
            say(_("Nothing changes."))
            return
        rows = None if hours is None else [hours_row(one) for one in hours]
        based = body["version"] if if_version is None else if_version
        sold = _("at all times") if name is None else hours_text(hours or dayparts[name])
        say(ScheduleMenu(subject.data, name, rows, based, clean(subject.name), sold).do(admin))


def _read_hours(days: str, starts: str | None, ends: str | None) -> Hours | None:
    if starts is None and ends is None:
        if days:
            raise typer.BadParameter(_("--days needs --from and --to"))
        return None
    if starts is None or ends is None:
        raise typer.BadParameter(_("hours need a beginning and an end: pass --from and --to"))
    return Hours(parse_clock(starts), parse_clock(ends), parse_days(days))


def _check_usage(
    item: str | None, category: str | None, daypart: str | None, new_hours: Hours | None, *, also: bool, remove: bool
) -> None:
    if item is not None and category is not None:
        raise typer.BadParameter(_("pass an item or a category, not both"))
    subject = item is not None or category is not None
    if remove and (not subject or new_hours is not None or daypart is not None or also):
        raise typer.BadParameter(_("--remove takes only an item or --category"))
    if new_hours is None and (also or (daypart is not None and not subject)):
        raise typer.BadParameter(_("pass the hours: --from and --to"))
    if new_hours is not None and not subject and daypart is None:
        raise typer.BadParameter(_("pass an item, --category or --daypart"))
    if subject and not remove and new_hours is None and daypart is None:
        raise typer.BadParameter(_("pass its hours: --from and --to, --daypart or --remove"))


def _find(
    body: Mapping[str, Any], item: str | None, category: str | None, daypart: str | None, dayparts: Mapping[str, Any]
) -> _Subject:
    if item is not None:
        found = find_item(body, item)
        return _Subject({"item_id": found["id"]}, found["name"], found.get("daypart"))
    if category is not None:
        found = find_category(body, category)
        return _Subject({"category_id": found["id"]}, found["name"], found.get("daypart"))
    name = _known_name(daypart or "", dayparts)
    return _Subject({}, name, name)


def _known_name(typed: str, dayparts: Mapping[str, Any]) -> str:
    """Return the name of a daypart as the menu writes it."""
    by_key = {key_of(name): name for name in dayparts}
    if key_of(typed) in by_key:
        return by_key[key_of(typed)]
    near = difflib.get_close_matches(key_of(typed), by_key, n=1, cutoff=0.5)
    sentence = _("There is no daypart “{name}” on the menu.").format(name=clean(typed)[:40])
    if near:
        sentence += " " + _("Did you mean {names}?").format(names=clean(by_key[near[0]]))
    raise MenuError(sentence)


def _new_daypart(
    subject: _Subject,
    daypart: str | None,
    new_hours: Hours | None,
    dayparts: Mapping[str, tuple[Hours, ...]],
    *,
    also: bool,
) -> tuple[str, tuple[Hours, ...] | None]:
    """Return the new daypart of a subject and its new hours; None if the hours do not change."""
    if new_hours is None:
        return _known_name(daypart or "", dayparts), None
    before = dayparts.get(subject.daypart or "", ()) if also else ()
    hours = tuple(sorted({*before, new_hours}, key=lambda one: (one.days, one.starts)))
    if daypart is None:
        name = hours_text(hours)
    elif not subject.data:
        return subject.name, hours
    else:
        try:
            name = read_name(daypart)
        except CellError as problem:
            raise MenuError(f"--daypart {problem.sentence}.") from problem
        name = next((one for one in dayparts if key_of(one) == key_of(name)), name)
    if set(dayparts.get(name, hours)) != set(hours):
        sentence = _(
            "{daypart} is {hours} for every item that has it. Run `till admin menu schedule --daypart` to "
            "change it for all, or give these hours another name."
        )
        raise MenuError(sentence.format(daypart=clean(name), hours=hours_text(dayparts[name])))
    return name, hours


def _print(body: Mapping[str, Any], dayparts: Mapping[str, tuple[Hours, ...]], *, as_json: bool) -> None:
    """Print each daypart with its hours, and with its items and categories."""
    rows = [
        {
            "daypart": name,
            "hours": [hours_row(one) for one in hours],
            "categories": [one["name"] for one in body.get("categories", ()) if one.get("daypart") == name],
            "items": [one["name"] for one in body.get("items", ()) if one.get("daypart") == name],
        }
        for name, hours in dayparts.items()
    ]
    if as_json:
        print_json({"version": body.get("version"), "dayparts": rows})
        return
    table = (
        [name, hours_text(hours), ", ".join(row["categories"]), ", ".join(row["items"])]
        for (name, hours), row in zip(dayparts.items(), rows, strict=True)
    )
    print_table([_("Daypart"), _("Hours"), _("Categories"), _("Items")], table)
