"""What a venue offers: on which items, when, and its terms; some of it is picked by hand, as a discount."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from till.domain.catalogue.hours import Hours, next_start, read_hours
from till.domain.money.measures import Millionths
from till.domain.money.promotion import Offer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, time

    from till.domain.money.amount import Currency


class Promotion(Struct, frozen=True):
    """An offer of the venue. Moments are those of its clock.

    Attributes:
        items: ids of the items that it is on, beside those of `categories`; all, where both are empty.
        hours: when; none for always.
        starts: the first day, if there is one; `ends` the last.
        by_hand: whether somebody picks it as a discount, in place of being met by what is keyed.
        off: whether it holds at no time.
    """

    offer: Offer
    items: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    hours: tuple[Hours, ...] = ()
    starts: date | None = None
    ends: date | None = None
    by_hand: bool = False
    off: bool = False

    @property
    def name(self) -> str:
        """What it is called."""
        return self.offer.name

    def is_on(self, item: str, category: str) -> bool:
        """Whether an item of a category meets it."""
        if not self.items and not self.categories:
            return True
        return item in self.items or category in self.categories

    def holds(self, moment: datetime) -> bool:
        """Whether it is offered at a moment; hours over midnight are of the day on which they began."""
        days = [hours.began(moment) for hours in self.hours] if self.hours else [moment.date()]
        return not self.off and any(day is not None and self._is_in(day) for day in days)

    def opens(self, moment: datetime) -> time | None:
        """When it is offered later on the same day; None where it is not."""
        return next_start(self.hours, moment) if not self.off and self._is_in(moment.date()) else None

    def _is_in(self, day: date) -> bool:
        return (self.starts is None or self.starts <= day) and (self.ends is None or day <= self.ends)


def read_promotions(body: Iterable[Mapping[str, Any]], currency: Currency) -> tuple[Promotion, ...]:
    """Read the promotions that the database hands out (docs/protocol.md).

    Raises:
        AmountError, KeyError, TypeError, ValueError, AttributeError: one of them has not the shape of a promotion.
    """
    return tuple(read_promotion(raw, currency) for raw in body)


def read_promotion(raw: Mapping[str, Any], currency: Currency) -> Promotion:
    """Read one of them; it raises as `read_promotions` does."""
    percent, amount, price, together = (raw.get(name) for name in ("percent", "amount", "price", "set"))
    offer = Offer(
        str(raw["name"]),
        None if percent is None else Millionths(currency.price4(str(percent))),
        None if amount is None else currency.minor(str(amount)),
        None if price is None else currency.price4(str(price)),
        int(raw.get("buy", 0)),
        int(raw.get("get", 0)),
        int(raw.get("pieces", 0)),
        tuple(str(item) for item in together or ()),
    )
    return Promotion(
        offer,
        frozenset(str(item) for item in (*raw.get("items", ()), *offer.items)),
        frozenset(str(category) for category in raw.get("categories", ())),
        tuple(read_hours(row) for row in raw.get("hours", ())),
        date.fromisoformat(raw["starts"]) if raw.get("starts") else None,
        date.fromisoformat(raw["ends"]) if raw.get("ends") else None,
        bool(raw.get("by_hand")),
        bool(raw.get("off")),
    )
