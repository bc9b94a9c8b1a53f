"""The service charge in a venue's settings."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from till.domain.events.fields import Share, Word
from till.domain.events.registry import Shape


class ChargeSetting(Shape, frozen=True, omit_defaults=True, kw_only=True):
    """A service charge: `percent` of the lines, with the taxes of a tax group of the menu.

    `order_types` are the order types to charge; empty for all.
    """

    percent: Share
    tax: Word = ""
    order_types: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()
