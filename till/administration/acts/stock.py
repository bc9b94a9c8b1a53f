"""Acts on what is on the shelf: counts, deliveries, waste, and their undoing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from typing_extensions import override

from till.administration.acts.act import AdminAction, TypedAct
from till.administration.stock import find_kept
from till.domain.i18n import N_, _
from till.domain.structs import replace
from till.domain.text import clean
from till.ports.desk import Prepared
from till.ports.shell import FieldError, ShellField

if TYPE_CHECKING:
    from typing import Self

    from till.administration.calls import AtServer
    from till.administration.listing import Row


def _find(at: AtServer, typed: str) -> Row:
    return find_kept(at.ask("stock_v1", None), typed, at.ask("menu_export_v1") or {})


class KeepStock(AdminAction, frozen=True):
    """Set the list of what is kept on the shelf."""

    call = "stock_items_v1"
    done = N_("The list of what is on the shelf is set.")

    items: list[Row]

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        return ({"items": self.items},)


class _StockAct(TypedAct, frozen=True):
    """An act on what is kept, by its name."""

    item: Annotated[str, ShellField("ITEM", N_("What it is, as `till admin stock list` names it."))]
    amount: Annotated[int, ShellField("COUNT", N_("How much, in pieces, g or ml."), least=0, most=10**9)]

    @override
    def checked(self) -> Self:
        if not str(self.amount).isdigit() or int(self.amount) > 10**9:
            raise FieldError(_("name a whole amount"))
        return replace(self, amount=int(self.amount))

    @property
    def title(self) -> str:
        """The heading of what is about to be done."""
        raise NotImplementedError

    def record(self, item: str) -> tuple[str, Row]:
        """Return the type of the event and its data."""
        raise NotImplementedError

    @override
    def look_up(self, at: AtServer) -> Prepared:
        act = self.checked()
        found = _find(at, self.item)
        now = _("never counted") if found["amount"] is None else str(found["amount"])
        facts = ((_("Item"), clean(found["name"])), (_("Amount"), str(act.amount)), (_("On the shelf"), now))
        return Prepared(act, act.title, facts)

    @override
    def do(self, at: AtServer) -> str:
        found = _find(at, self.item)
        kind, data = self.record(found["item_id"])
        at.act("stock_do_v1", kind, {"acts": [data]})
        now = _find(at, found["item_id"])["amount"]
        if now is None:
            return _("{name}: kept. It has no figure until it is counted.").format(name=clean(found["name"]))
        return _("{name}: {n} on the shelf.").format(name=clean(found["name"]), n=now)


class CountStock(_StockAct, frozen=True):
    """Count what is on the shelf now."""

    shell = "stock count Cola 31"
    words = (r"(?:stock|count stock) (?P<item>.+?) (?P<amount>\d+)",)
    helped = (("stock · stock Cola 31", N_("What is on the shelf; a count of now")),)

    @property
    @override
    def title(self) -> str:
        return _("Counted")

    @override
    def record(self, item: str) -> tuple[str, Row]:
        return "stock_counted", {"item_id": item, "amount": self.amount}


class DeliverStock(_StockAct, frozen=True):
    """Add what was delivered now."""

    shell = "stock deliver Cola 24"
    words = (r"delivered (?P<amount>\d+) (?P<item>.+)",)
    helped = (("delivered 24 Cola · wasted 3 Croissant burnt", N_("What came, and what was thrown away")),)

    @property
    @override
    def title(self) -> str:
        return _("Delivered")

    @override
    def record(self, item: str) -> tuple[str, Row]:
        return "stock_moved", {"item_id": item, "amount": self.amount, "kind": "delivered"}


class WasteStock(_StockAct, frozen=True):
    """Take off what was thrown away, with the reason."""

    shell = "stock waste Croissant 3 burnt"
    words = (r"wasted (?P<amount>\d+) (?P<item>.+?) (?P<why>\w+)",)

    why: Annotated[str, ShellField("WHY", N_("The reason, in a word."))]

    @property
    @override
    def title(self) -> str:
        return _("Wasted")

    @override
    def record(self, item: str) -> tuple[str, Row]:
        why = " ".join(clean(self.why).split())[:80]
        return "stock_moved", {"item_id": item, "amount": self.amount, "kind": "wasted", "why": why}


class UndoStock(AdminAction, frozen=True):
    """Undo an act on the shelf that was wrong. After a count behind it nothing changes."""

    shell = "stock undo 01931f3e-0000-7000-8000-000000000001"
    call = "stock_do_v1"
    done = N_("Undone.")

    event: Annotated[str, ShellField("EVENT", N_("Its id in `till admin stock history`."), is_id=True)]

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        return "stock_undone", {"acts": [{"event": self.event}]}
