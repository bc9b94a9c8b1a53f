"""Requests of the desk in words, over its connection: the rows of a list, what an act is about, and the act itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration import acts, menu, settings, staff
from till.administration.calls import AdministrationError
from till.administration.enrolments import make_enrolment
from till.administration.menu_told import formats_of, part_text, planned_text, price_text, what_changed
from till.administration.settings import KEYS, setting_of, setting_text
from till.domain.catalogue.menu_cells import CellError, read_name, read_plu
from till.domain.catalogue.menu_changes import compare_menus
from till.domain.catalogue.menu_edit import find_category, find_item, menu_at
from till.domain.errors import LoginError, MenuError
from till.domain.events.envelope import read_time
from till.domain.i18n import _
from till.domain.staff.person import Role
from till.domain.structs import replace
from till.domain.text import clean
from till.ports.desk import (
    AddPerson,
    AdoptTill,
    Book,
    BringBackMenu,
    EditItem,
    Enrolling,
    EnrolTill,
    ItemPart,
    LetIn,
    ListRow,
    Prepared,
    RenameItem,
    RenamePerson,
    RenameTill,
    Revoke,
    SellOut,
    SetPassword,
    SetPin,
    SetPrice,
    SetRole,
    SetSetting,
    SettleTill,
    Unlock,
)
from till.reports.conflicts import read_conflicts
from till.reports.menus import read_menus
from till.reports.settings import read_settings_changes
from till.reports.staff import read_staff, standing
from till.reports.tills import read_tills

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.administration.calls import AtServer
    from till.domain.venue import Venue
    from till.ports.desk import Enrolment, SaidAct
    from till.reports.tills import TillRow

#: The most versions or changes in a list.
_BACK = 50


# Lists.


def read_rows(at: AtServer, selects: Any, book: Book) -> tuple[ListRow, ...]:
    """Return the rows of a list that is not about one person."""
    match book:
        case Book.USERS:
            return tuple(
                ListRow(str(one["number"]), clean(one["name"]), ", ".join(filter(None, (one["role"], standing(one)))))
                for one in read_staff(selects, at.store_id)
            )
        case Book.TILLS:
            return _tills(at, selects)
        case Book.MENU:
            return _menu(at)
        case Book.SETTINGS:
            body = at.ask("venue")
            return tuple(ListRow("", key, clean(setting_text(setting_of(body, key)))) for key in KEYS)
        case Book.MENU_HISTORY:
            return _versions(at, selects)
        case Book.SETTINGS_HISTORY:
            return _changes(at, selects)
        case Book.ORDERS:
            raise AdministrationError(_("Type whose: orders 3."))


def _tills(at: AtServer, selects: Any) -> tuple[ListRow, ...]:
    venue = at.venue()
    return tuple(
        ListRow(
            str(row["till"]),
            clean(row["name"]),
            _("revoked") if row["revoked"] else "",
            _("seen {time}").format(time=_time(row["seen_at"], venue)) if row["seen_at"] else _("never seen"),
        )
        for row in read_tills(selects, at.store_id)
    )


def _menu(at: AtServer) -> tuple[ListRow, ...]:
    venue, body = at.venue(), _known(at)
    categories = {one["id"]: one for one in body.get("categories", ())}
    items = sorted(
        body.get("items", ()),
        key=lambda item: (categories[item["category"]]["position"], item["position"], item["plu"] or 0),
    )

    def told(item: Mapping[str, Any]) -> str:
        parts = [str(categories[item["category"]]["name"]), _("sold out (86)") if item["sold_out"] else ""]
        return clean(", ".join(filter(None, (*parts, planned_text(item.get("prices", ()), venue)))))

    return tuple(
        ListRow(str(item["plu"] or ""), clean(item["name"]), told(item), price_text(item["price"], venue))
        for item in items
    )


def _versions(at: AtServer, selects: Any) -> tuple[ListRow, ...]:
    venue, body = at.venue(), at.ask("menu_export_v1") or {}
    return tuple(
        ListRow(
            str(row["version"]),
            _time(row["at"], venue),
            clean(what_changed(dict(row), body, venue)),
            _by(row["user"]),
        )
        for row in read_menus(selects, at.store_id, _BACK)
    )


def _changes(at: AtServer, selects: Any) -> tuple[ListRow, ...]:
    venue = at.venue()
    return tuple(
        ListRow(
            "",
            _time(row["at"], venue),
            clean(
                _("{key} {now}, was {was}").format(
                    key=row["key"], now=setting_text(row["now"]), was=setting_text(row["was"])
                )
            ),
            _by(row["user"]),
        )
        for row in read_settings_changes(selects, at.store_id, _BACK)
    )


def _by(user: int | None) -> str:
    return _("the owner") if user is None else _("number {n}").format(n=user)


def _time(moment: str, venue: Venue) -> str:
    return f"{venue.local(read_time(moment)):%Y-%m-%d %H:%M}"


# Preparing acts.


def prepare(at: AtServer, selects: Any, act: SaidAct) -> Prepared:
    """Look an act up without changing anything.

    Raises:
        TillError: nothing has that name, or it cannot be done.
    """
    match act:
        case SellOut() | SetPrice() | RenameItem() | EditItem():
            return _prepare_item(at, act)
        case BringBackMenu():
            return _prepare_menu(at, act)
        case SetSetting():
            return _prepare_setting(at, act)
        case RenameTill() | AdoptTill() | Revoke() | EnrolTill() | SettleTill():
            return _prepare_till(at, selects, act)
        case AddPerson():
            name = staff.read_staff_name(act.name)
            if any(one["number"] == act.number for one in read_staff(selects, at.store_id)):
                raise AdministrationError(_("Number {n} is already in use, for good.").format(n=act.number))
            facts = ((_("Number"), str(act.number)), (_("Name"), name), (_("Role"), str(act.role)))
            return Prepared(replace(act, name=name), _("Somebody new"), facts)
        case _:
            return _prepare_person(at, selects, act)


def _prepare_settling(selects: Any, store_id: str, act: SettleTill) -> Prepared:
    waiting = read_conflicts(selects, store_id, limit=1)["waiting"]
    found = next((one for one in waiting if one["till"] == act.till), None)
    if found is None:
        raise AdministrationError(_("Till {n} has nothing waiting.").format(n=act.till))
    facts = (
        (_("Conflicts"), str(found["conflicts"])),
        (_("Records"), str(found["records"])),
        (_("How"), clean(act.how)),
    )
    return Prepared(act, _("Settle all of till {n}").format(n=act.till), facts)


def _prepare_item(at: AtServer, act: SellOut | SetPrice | RenameItem | EditItem) -> Prepared:
    known, venue, now = _known(at), at.venue(), at.now()
    item = find_item(known, act.item)
    name, price = clean(item["name"]), price_text(item["price"], venue)
    match act:
        case SellOut(sold_out=sold_out):
            if said := menu.already(item, sold_out=sold_out):
                raise MenuError(said)
            title = _("Sell out {item} (86)") if sold_out else _("Sell {item} again")
            is_now = _("sold out") if item["sold_out"] else _("sold")
            facts = ((_("Now"), is_now), (_("Price"), price))
            return Prepared(replace(act, item=item["id"]), title.format(item=name), facts)
        case SetPrice():
            asked = menu.read_price(_("The price"), act.price, formats_of(venue))
            changes = menu.priced(item, asked, act.starts, venue, now)
            then = planned_text(changes["prices"], venue) if "prices" in changes else price_text(asked, venue)
            title = _("The price of {item}").format(item=name)
            ready: SaidAct = replace(act, item=item["id"], version=known["version"])
            return Prepared(ready, title, ((_("Now"), price), (_("Then"), then)))
        case RenameItem():
            called = _item_name(act.name)
            title = _("The name of {item}").format(item=name)
            ready = replace(act, item=item["id"], name=called, version=known["version"])
            return Prepared(ready, title, ((_("Now"), name), (_("Then"), called)))
        case EditItem():
            changes = _edited(known, act, venue)
            title = _TITLES[act.part].format(item=name)
            ready = replace(act, item=item["id"], version=known["version"])
            was, then = (part_text(_KEYS[act.part], one[_KEYS[act.part]], known, venue) for one in (item, changes))
            return Prepared(ready, title, ((_("Now"), clean(was) or _("none")), (_("Then"), clean(then) or _("none"))))


_KEYS: Final = {ItemPart.CATEGORY: "category", ItemPart.TAX: "tax", ItemPart.NUMBER: "plu"}
_TITLES: Final = {
    ItemPart.CATEGORY: _("The category of {item}"),
    ItemPart.TAX: _("The tax of {item}"),
    ItemPart.NUMBER: _("The number of {item}"),
}


def _edited(known: Mapping[str, Any], act: EditItem, venue: Venue) -> dict[str, Any]:
    """Return the changed fields of an item's part, by their names in the menu.

    Raises:
        MenuError: there is no such category or tax, or it is no number.
    """
    match act.part:
        case ItemPart.CATEGORY:
            return {"category": find_category(known, act.value)["id"]}
        case ItemPart.TAX:
            return menu.taxed(known, act.value, formats_of(venue), _("The tax"))
        case ItemPart.NUMBER:
            typed = "" if act.value.strip().casefold() == "none" else act.value
            return {"plu": menu.read_part(_("The number"), read_plu, typed)}


def _item_name(text: str) -> str:
    try:
        return read_name(text)
    except CellError as problem:
        raise MenuError(_("The name {what}.").format(what=problem.sentence)) from problem


def _prepare_menu(at: AtServer, act: BringBackMenu) -> Prepared:
    known, body, now = at.ask("menu_export_v1") or {}, at.ask("menu_of_v1", act.version), at.now()
    if body is None:
        raise MenuError(_("There is no menu {n}. Type: menu history.").format(n=act.version))
    found = compare_menus(menu_at(known, now), menu_at(body, now))
    facts = (
        (_("New"), str(len(found.new))),
        (_("Changed"), str(len(found.changed))),
        (_("Gone"), ", ".join([str(len(found.gone)), *(clean(item["name"]) for item in found.gone[:3])])),
    )
    ready = replace(act, known=known.get("version", 0))
    return Prepared(ready, _("Sell from menu {n} again").format(n=act.version), facts)


def _prepare_setting(at: AtServer, act: SetSetting) -> Prepared:
    planned = settings.plan(at, act.key, act.value)
    facts = ((_("Now"), clean(planned.was) or _("empty")), (_("Then"), planned.now))
    told = (_("Orders"), _("open ones keep their own terms"))
    return Prepared(replace(act, was=planned.was), act.key, (*facts, told))


def _prepare_till(
    at: AtServer, selects: Any, act: RenameTill | AdoptTill | Revoke | EnrolTill | SettleTill
) -> Prepared:
    if isinstance(act, SettleTill):  # including the server, and a till that is shut out
        return _prepare_settling(selects, at.store_id, act)
    row = next((one for one in read_tills(selects, at.store_id) if one["till"] == act.till), None)
    if isinstance(act, EnrolTill):
        return _prepare_enrolment(at, row, act)
    if row is None:
        raise AdministrationError(_("There is no till {n}.").format(n=act.till))
    seen = _time(row["seen_at"], at.venue()) if row["seen_at"] else _("never")
    facts: tuple[tuple[str, str], ...] = ((_("Name"), clean(row["name"])), (_("Seen"), seen))
    match act:
        case RenameTill():
            name = staff.read_staff_name(act.name)
            title = _("The name of till {n}").format(n=act.till)
            return Prepared(replace(act, name=name), title, (*facts, (_("Then"), name)))
        case AdoptTill():
            told = _("a new disk or machine continues with its number")
            return Prepared(act, _("Adopt a new journal of till {n}").format(n=act.till), (*facts, (_("Then"), told)))
        case Revoke():
            told = _("it keeps selling, on its own disk, and sends nothing")
            return Prepared(act, _("Shut till {n} out").format(n=act.till), (*facts, (_("Then"), told)))


def _prepare_enrolment(at: AtServer, row: TillRow | None, act: EnrolTill) -> Prepared:
    sells = row is not None and not row["revoked"]
    if act.kind is Enrolling.ADD and sells:
        raise AdministrationError(
            _("Till {n} is already enrolled. For another machine type: replace till {n}.").format(n=act.till)
        )
    if act.kind is not Enrolling.ADD and row is None:
        raise AdministrationError(_("There is no till {n}. Type: add till {n}.").format(n=act.till))
    name = staff.read_staff_name(act.name) if act.name else ""
    called = name or (clean(row["name"]) if row is not None else _("Till {n}").format(n=act.till))
    seen = _time(row["seen_at"], at.venue()) if row is not None and row["seen_at"] else _("never")
    facts = ((_("Name"), called), (_("Seen"), seen), (_("Then"), _THEN[act.kind]))
    return Prepared(replace(act, name=name), _ENROLS[act.kind].format(n=act.till), facts)


_ENROLS: Final = {
    Enrolling.ADD: _("Enrol a machine as till {n}"),
    Enrolling.REPLACE: _("Give till {n} another machine"),
    Enrolling.RENEW: _("Give till {n} another secret"),
}
#: The result of each kind of enrolment, once the machine has used it.
_THEN: Final = {
    Enrolling.ADD: _("a code is shown once, for its machine"),
    Enrolling.REPLACE: _("a code is shown once; the old machine is out"),
    Enrolling.RENEW: _("a code is shown once; the old secret stops working"),
}


def _prepare_person(
    at: AtServer, selects: Any, act: LetIn | RenamePerson | SetRole | SetPin | SetPassword | Unlock
) -> Prepared:
    row = next((one for one in read_staff(selects, at.store_id) if one["number"] == act.number), None)
    if row is None:
        raise AdministrationError(_("There is no staff number {n}. Type: users.").format(n=act.number))
    who = f"{act.number} {clean(row['name'])}"
    if not isinstance(act, Unlock):
        staff.check_rank(at, act.number)
    known = ((_("Name"), clean(row["name"])), (_("Role"), row["role"]), (_("Status"), standing(row)))
    if isinstance(act, RenamePerson):
        name = staff.read_staff_name(act.name)
        return Prepared(replace(act, name=name), _("The name of {who}").format(who=who), (*known, (_("Then"), name)))
    then = ((_("Then"), str(act.role)),) if isinstance(act, SetRole) else ()
    return Prepared(act, _title_of(act).format(who=who), (*known, *then))


def _title_of(act: LetIn | SetRole | SetPin | SetPassword | Unlock) -> str:
    match act:
        case LetIn(allowed=allowed):
            return _("Let {who} log in again") if allowed else _("Stop {who} logging in")
        case SetRole():
            return _("The role of {who}")
        case SetPin():
            return _("A new PIN for {who}")
        case SetPassword():
            return _("A new password for {who}")
        case Unlock():
            return _("Unlock {who}")


# The act.


def needs(act: Any) -> Role:
    """Return the role that an act needs."""
    return staff.needed(act.role) if isinstance(act, AddPerson | SetRole) else Role.MANAGER


def do(at: AtServer, act: SaidAct) -> str | Enrolment:
    """Do an act and return what was done; for an enrolment the code, which cannot be shown again.

    Raises:
        TillError: it was refused, and nothing was changed.
    """
    match act:
        case SellOut() | SetPrice() | RenameItem() | EditItem() | BringBackMenu():
            return _act_on_menu(at, act)
        case SetSetting():
            return settings.set_to(at, act.key, act.value, seen=act.was)
        case RenameTill() | AdoptTill() | Revoke():
            return _act_on_till(at, act)
        case SettleTill():
            return _settle(at, act)
        case EnrolTill():
            return make_enrolment(at, act.till, act.kind, act.name or None)
        case _:
            return _act_on_person(at, act)


def _settle(at: AtServer, act: SettleTill) -> str:
    settled = acts.settle_till(at, act.till, act.how)
    if settled["left"]:
        return _("Settled, except {n} to settle one by one.").format(n=settled["left"])
    return _("Settled. It is in the log.")


def _act_on_till(at: AtServer, act: RenameTill | AdoptTill | Revoke) -> str:
    match act:
        case RenameTill():
            acts.rename_till(at, act.till, act.name)
            return _("Till {n} is called {name} from now on.").format(n=act.till, name=act.name)
        case AdoptTill():
            acts.adopt(at, act.till)
            return _("Till {n} continues with a new journal at its next try.").format(n=act.till)
        case Revoke():
            acts.revoke(at, act.till)
            return _("Till revoked. If it was stolen, change the PINs on it.")


def _act_on_menu(at: AtServer, act: SellOut | SetPrice | RenameItem | EditItem | BringBackMenu) -> str:
    if isinstance(act, BringBackMenu):
        made = at.act("menu_bring_back_v1", act.version, act.known or None)
        return _("Menu {n} equals menu {old}: every till sells from it.").format(n=made, old=act.version)
    if isinstance(act, SellOut):
        return menu.set_sold_out(at, act.item, sold_out=act.sold_out)
    return _change_item(at, act)


def _change_item(at: AtServer, act: SetPrice | RenameItem | EditItem) -> str:
    known, venue = _known(at), at.venue()
    item = find_item(known, act.item)
    if isinstance(act, RenameItem):
        return menu.change(at, known, item, {"name": act.name}, act.version)
    if isinstance(act, EditItem):
        return menu.change(at, known, item, _edited(known, act, venue), act.version)
    asked = menu.read_price(_("The price"), act.price, formats_of(venue))
    return menu.change(at, known, item, menu.priced(item, asked, act.starts, venue, at.now()), act.version)


def _act_on_person(
    at: AtServer, act: AddPerson | LetIn | RenamePerson | SetRole | SetPin | SetPassword | Unlock
) -> str:
    number = act.number
    match act:
        case AddPerson():
            staff.add(at, number, act.name, act.role, _hash(act.pin))
            return _("Added {number} {name}, {role}.").format(number=number, name=act.name, role=act.role)
        case RenamePerson():
            staff.rename(at, number, act.name)
            return _("Number {number} is called {name} from now on.").format(number=number, name=act.name)
        case SetRole():
            staff.set_role(at, number, act.role)
            return _("Number {number} now has the role {role}.").format(number=number, role=act.role)
        case _:
            return _let_in(at, act).format(number=number)


def _let_in(at: AtServer, act: LetIn | SetPin | SetPassword | Unlock) -> str:
    match act:
        case LetIn():
            staff.let_in(at, act.number, allowed=act.allowed)
            return _("Number {number} may log in again.") if act.allowed else _("Number {number} is disabled.")
        case SetPin():
            staff.set_pin(at, act.number, _hash(act.pin))
            return _("Number {number} has a new PIN.")
        case SetPassword():
            _set_password(at, act)
            return _("Number {number} has a new password.")
        case Unlock():
            acts.unlock(at, act.number)
            return _("Number {number} is unlocked.")


def _set_password(at: AtServer, act: SetPassword) -> None:
    """Set a password. An unsuitable one must not look like a wrong password of the person at the desk."""
    try:
        staff.set_password(at, act.number, act.password)
    except LoginError as problem:
        raise AdministrationError(problem.sentence) from problem


def _hash(pin: str) -> str:
    """Return the hash of a PIN. Its refusal must not look like one of the password.

    Raises:
        AdministrationError: it is not 4 to 12 digits.
    """
    from till.domain.staff.pins import hash_pin  # noqa: PLC0415 - with argon2

    try:
        return hash_pin(pin)
    except LoginError as problem:
        raise AdministrationError(problem.sentence) from problem


def _known(at: AtServer) -> dict[str, Any]:
    return menu_at(at.ask("menu_export_v1") or {}, at.now())
