"""The meaning of an intent for the present order, shared by the sell screen and `till say`. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from till.domain.catalogue.modifiers import CHOICE
from till.domain.errors import AskedBackError, LineError, QuantityError, TillError
from till.domain.i18n import N_, _
from till.domain.money.amount import MEASURE_SCALE
from till.domain.money.measures import NOTHING, Price4
from till.domain.order.deciding import check_not_empty
from till.domain.order.line import Line
from till.domain.order.pricing import price_order
from till.domain.order.quantities import MOST, check_quantity, has_price_label
from till.domain.order.selling import ItemEntry, check_for_sale, check_returned
from till.domain.structs import replace
from till.domain.text import clean
from till.domain.till.events import ChoiceMarked, ItemCounted, ItemMarked
from till.register.quick_entry.intents import AddAll, AddItem, Choose, OneMore, TakeOff, Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from till.domain.catalogue.menu import Item, Menu
    from till.domain.catalogue.modifiers import Option
    from till.domain.money.formats import Formats
    from till.domain.money.measures import Minor, Thousandths
    from till.domain.order.line import Row
    from till.domain.order.state import Order
    from till.domain.order.terms import Terms
    from till.domain.staff.rights import PermissionRequest
    from till.register.quick_entry.intents import SoldOut
    from till.register.quick_entry.lookup import Lookup
    from till.register.quick_entry.slots import Intent

_LIKELY: Final = 20
"""The most pieces without a question. A PLU or an amount typed as a quantity is mostly larger; to sell more, press
Enter again."""
_MANY: Final = 99
"""The most kilograms without a question, and the most pieces that a guest returns: empties come in crates."""
_DEAR: Final = 20
"""The till asks before an entry worth more than this many pieces of the dearest item."""

NO_LINES: Final = N_("There are no lines yet. Type an item, then Enter.")
_WHICH: Final = N_("Which {name}: {names}? Type the whole name.")
#: The most characters of the typed text that a question repeats, cut at a word.
_LONGEST: Final = 20
#: The most rows of the order, or names of items, that an answer lists.
_MOST_SHOWN: Final = 4


Mark = ChoiceMarked | ItemCounted | ItemMarked


class OrderFacts(Protocol):
    """The order of a sentence, if any, and the till's menu; `now` is on the venue's clock.

    `terms` are those of an order that is opened now, `allows` is true if the user may do an act, and `price_of` returns
    the unit price of an item with the promotions of the moment, None for an open price.
    """

    @property
    def order(self) -> Order | None: ...

    @property
    def menu(self) -> Menu: ...

    @property
    def lookup(self) -> Lookup: ...

    @property
    def formats(self) -> Formats: ...

    @property
    def now(self) -> datetime: ...

    @property
    def terms(self) -> Terms: ...

    @property
    def allows(self) -> Callable[[PermissionRequest], bool]: ...

    @property
    def price_of(self) -> Callable[[Item], Price4 | None]: ...


def doubt(intent: Intent | None, at: OrderFacts, marked: Row | None) -> str | None:
    """Return the question about an intent that is probably a mistake: the same entry again confirms it.

    `marked` is the row for a note.
    """
    if isinstance(intent, AddAll) and intent.near:
        near = ", ".join(f"{one.quantity} {clean(one.item.name)}" for one in intent.near)
        return _("Near it: {items}. Enter again keys all.").format(items=near)
    for entry in _keyed(intent, at):
        if (question := asks_back(at, entry)) is not None:
            return question
    if marked is None:
        return None
    on = clean(marked.first.name)
    if isinstance(intent, TakeOff) and intent.wish and not _rows_meant(at, intent):
        if _option(intent.wish, at, marked) is not None:
            return None
        sentence = _("No line “{name}”. Enter again notes “{words}” on {line}.")
        return sentence.format(name=intent.name, words=intent.wish, line=on)
    return _doubt_of_wish(intent, at, marked) if isinstance(intent, Wish) else None


def _option(words: str, at: OrderFacts, row: Row) -> Option | None:
    """Return the option of a row's item with this name; None if there is none."""
    item = at.menu.by_id.get(row.first.item_id)
    groups = at.menu.groups_of(item) if item is not None else ()
    named = words.casefold()
    return next((one for group in groups for one in group.options if one.name.casefold() == named), None)


def _doubt_of_wish(intent: Wish, at: OrderFacts, marked: Row) -> str | None:
    """Return the question about a note that names a priced option of the marked row, or an item."""
    for named in (intent.words, intent.named):
        if (option := _option(named, at, marked)) is not None and option.price4:
            question = _("“{named}” is a priced choice: F2. Enter again notes it.")
            return question.format(named=named)
    if intent.item is not None:
        question = _("{item} is an item. Enter again notes “{words}” on {line}.")
        return question.format(item=clean(intent.item.name), words=intent.words, line=clean(marked.first.name))
    return None


def _keyed(intent: Intent | None, at: OrderFacts) -> Sequence[AddItem | Choose]:
    """Return the entries of an intent."""
    match intent:
        case AddItem() | Choose():
            return (intent,)
        case AddAll(items=items):
            return items
        case OneMore(quantity=quantity):
            mentioned = last_mentioned(at)
            return (AddItem(mentioned, quantity),) if mentioned is not None else ()
        case _:
            return ()


def check_entry(entry: AddItem, at: OrderFacts) -> None:
    """Refuse an entry that the order would refuse, so that nothing is asked back in vain."""
    item, order = entry.item, at.order
    check_quantity(item, entry.quantity)
    check_for_sale(at.menu, item, at.now)
    if entry.quantity > 0:
        return
    line = Line(
        id="",
        terms=at.terms if order is None else order.terms,
        item_id=item.id,
        keyed=entry.quantity,
        price4=(item.price4 if entry.price4 is None else entry.price4) or Price4(0),
        measure=entry.measure,
        taxes=at.menu.taxes_of(item),
        modifiers=entry.modifiers,
        deposit=item.returnable,
    )
    known, given, kind = ((), (), "") if order is None else (order.lines.values(), order.given, order.order_type)
    check_returned(price_order((*known, line), given, line.terms, kind).returned, at.formats, at.allows)


def asks_back(at: OrderFacts, entry: AddItem | Choose) -> str | None:
    """Return the question about an entry with a large quantity, a large amount or two numbers; otherwise None.

    Raises:
        TillError: the entry would be refused once it is confirmed (`check_entry`).
    """
    question = _question(at, entry)
    if question is not None and isinstance(entry, AddItem):
        check_entry(entry, at)
    return question


def _question(at: OrderFacts, entry: AddItem | Choose) -> str | None:
    price4 = entry.price4
    if isinstance(entry, AddItem):
        if entry.labelled:
            return None
        name, unit, price4 = entry.item.name, entry.item.unit, entry.item.price4 if price4 is None else price4
    else:
        name, unit = entry.query, entry.items[0].unit
    amount = None if price4 is None else at.formats.currency.amount_of(price4, entry.quantity, entry.measure)
    if isinstance(entry, AddItem) and entry.turned and entry.quantity <= _MANY:
        sentence = _("{quantity} × {name}? Enter again keys it. Or type {turned}.")
        return sentence.format(quantity=entry.quantity, name=clean(name), turned=entry.turned)
    return _unlikely(at, name, entry.quantity, amount, (entry.measure, unit))


def asks_back_line(at: OrderFacts, line: Line, quantity: int) -> str | None:
    """Return the question about a large quantity or amount of a line; otherwise None.

    Raises:
        QuantityError: it is more than a line can have.
    """
    if abs(quantity) > MOST:
        raise QuantityError
    return _unlikely(at, line.name, quantity, line.amount_of(quantity), (line.measure, line.unit))


def _unlikely(
    at: OrderFacts, name: str, quantity: int, amount: Minor | None, weight: tuple[Thousandths | None, str]
) -> str | None:
    formats, (measure, unit) = at.formats, weight
    most = formats.currency.amount_of(at.menu.dearest4, _DEAR)
    is_dear = amount is not None and 0 < most < abs(amount)
    if -_MANY <= quantity <= _LIKELY and (measure or 0) <= _MANY * MEASURE_SCALE and not is_dear:
        return None
    question = _("{quantity} × {name}? Enter again keys it.")
    if amount is not None:
        question = _("{quantity} × {name}, {amount}? Enter again keys it.")
    return question.format(
        quantity=formats.quantity(quantity, measure, unit), name=clean(name), amount=formats.money(amount or NOTHING)
    )


def entry_of(intent: AddItem) -> ItemEntry:
    """Return the entry for a typed item."""
    return ItemEntry(
        intent.item,
        intent.quantity,
        intent.price4,
        intent.modifiers,
        intent.seat,
        intent.course,
        intent.measure,
        labelled=intent.labelled,
        own_type=intent.order_type,
    )


def last_mentioned(at: OrderFacts) -> Item | None:
    """Return the last item of this order, if it is still on the menu."""
    mentioned = at.order.last_item if at.order is not None else None
    return at.menu.by_id.get(mentioned[0]) if mentioned else None


def more_of_it(intent: OneMore, at: OrderFacts) -> AddItem:
    """Return the entry for more pieces of the last item, at an open price that was typed, or the price of a label."""
    order, item = order_of(at), last_mentioned(at)
    if item is None:
        raise LineError(_("One more of what? Type its name."))
    line = order.last_line
    if line is None or line.item_id != item.id:
        return AddItem(item, intent.quantity)
    if has_price_label(line, item, at.lookup.labels):
        return AddItem(item, intent.quantity, line.first_price4, labelled=True)
    return AddItem(item, intent.quantity, line.price4 if item.price4 is None else None)


def order_of(at: OrderFacts) -> Order:
    """Return the order."""
    if at.order is None:
        raise LineError(_(NO_LINES))
    return at.order


def _rows_meant(at: OrderFacts, intent: TakeOff) -> list[Row]:
    rows = at.order.priced.rows if at.order is not None else ()
    return [row for row in rows if row.first.item_id in intent.item_ids]


def taken_off(intent: TakeOff, at: OrderFacts) -> tuple[Row, int] | Wish:
    """Return the row to reduce and its remaining quantity; the note if no line matches.

    Raises:
        AskedBackError: several lines match.
        LineError: no line matches, or it has fewer pieces.
    """
    order_of(at)
    rows = _rows_meant(at, intent)
    if not rows and intent.wish:
        return Wish(intent.wish)
    if not rows:
        raise LineError(_("No line of this order is called {name}.").format(name=intent.name))
    if len(rows) > 1:
        names = {clean(row.first.name): None for row in rows}
        if len(names) > 1:
            raise AskedBackError(_(_WHICH).format(name=intent.name, names=", ".join(names)))
        words = _("{name} is on several lines: ↑ ↓ choose one, then F7.")
        raise AskedBackError(words.format(name=intent.name.capitalize()))
    row = rows[0]
    if intent.quantity is None:
        return row, 0
    if intent.quantity > abs(row.quantity):
        words = _("Only {quantity} × {name} to take off. F7 voids the line.")
        raise LineError(words.format(quantity=row.quantity, name=clean(row.first.name)))
    return row, row.quantity - intent.quantity if row.quantity > 0 else row.quantity + intent.quantity


def mark_meant(intent: SoldOut, menu: Menu) -> tuple[str, Mark]:
    """Return the name of what is to be marked as sold out, back on sale, or counted, and its record.

    A count ends as a mark does.
    """
    if intent.choice:
        _check_new(intent, intent.choice, is_marked=CHOICE + intent.choice in menu.left)
        return clean(intent.choice), ChoiceMarked(choice=intent.choice, sold_out=intent.sold_out)
    if intent.left is not None:
        items = [item for item in intent.items if not item.unit]
        if not items:
            sentence = _("{name} is weighed: only pieces are counted.")
            raise QuantityError(sentence.format(name=clean(intent.items[0].name)))
    else:
        back = () if intent.sold_out else menu.left
        items = [item for item in intent.items if item.sold_out != intent.sold_out or item.id in back]
        _check_new(intent, intent.items[0].name, is_marked=intent.sold_out is not bool(items))
    if len(items) > 1:
        names = ", ".join(clean(item.name) for item in items[:_MOST_SHOWN])
        raise AskedBackError(_(_WHICH).format(name=intent.name, names=names))
    name, item_id = clean(items[0].name), items[0].id
    if intent.left is not None:
        return name, ItemCounted(item_id=item_id, left=intent.left, keep=intent.keep)
    return name, ItemMarked(item_id=item_id, sold_out=intent.sold_out)


def _check_new(intent: SoldOut, name: str, *, is_marked: bool) -> None:
    if is_marked is intent.sold_out:
        sentence = _("{name} is already sold out.") if intent.sold_out else _("{name} is already on sale.")
        raise TillError(sentence.format(name=clean(name)))


def cart(at: OrderFacts) -> str:
    """Return the lines of the order: `2 × Idly ₹80.00, 1 × Masala Dosa ₹80.00.`"""
    order = order_of(at)
    check_not_empty(order)
    rows = order.priced.rows
    lines = (f"{row.quantity} × {clean(row.first.name)} {at.formats.money(row.amount)}" for row in rows[:_MOST_SHOWN])
    return _("{words}.").format(words=f"{', '.join(lines)}{'…' if len(rows) > _MOST_SHOWN else ''}")


def of_sold(intent: Intent, at: OrderFacts) -> Intent:
    """Return a choice with the items on sale now first; other intents unchanged."""
    if not isinstance(intent, Choose):
        return intent
    unsold = [item for item in intent.items if at.menu.not_now(item, at.now)]
    if len(unsold) in {0, len(intent.items)}:
        return intent
    sold = [item for item in intent.items if item not in unsold]
    return replace(intent, items=(*sold, *unsold), unsold=len(unsold))


def which(intent: Choose, at: OrderFacts) -> tuple[str, str]:
    """Return the subject of a choice and its items: `Dosa`, `1 Masala Dosa 80.00, 2 …`.

    Items that are not offered follow without a number: `…; Neer Dosa from 15:30`.
    """
    query = clean(intent.query)
    if len(query) > _LONGEST:
        query = f"{query[:_LONGEST].rpartition(' ')[0] or query[: _LONGEST - 1]}…"
    if any(at.lookup.begins(intent.query, item) for item in intent.items):
        query = query.capitalize()
    else:
        query = _("No “{name}”; near it").format(name=query)
    names = [f"{clean(item.name)} {_worth(item, at)}".rstrip() for item in intent.items[:9]]
    count = len(intent.offered)
    offered = ", ".join(f"{place} {name}" for place, name in enumerate(names[:count], 1))
    return query, "; ".join(filter(None, [offered, ", ".join(names[count:])]))


def _worth(item: Item, at: OrderFacts) -> str:
    """Return the price of an item, or the reason why it is not on sale now."""
    return at.menu.not_now(item, at.now) or price_text(item, at)


def price_text(item: Item, at: OrderFacts) -> str:
    """Return the price of an item with the promotions of the moment; empty for an open price."""
    price4 = at.price_of(item)
    price = "" if price4 is None else at.formats.price(price4, item.unit)
    return ", ".join(filter(None, (price, at.menu.left.get(item.id))))
