"""What a venue charges for service, as its settings say it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from till.domain.events.fields import Share, Word
from till.domain.events.registry import Shape


class ChargeSetting(Shape, frozen=True, omit_defaults=True, kw_only=True):
    """What is charged for service: `percent` of the lines, with the taxes of a group of the menu.

    `order_types` are the only ones that it is charged on; none for all.
    """

    percent: Share
    tax: Word = ""
    order_types: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()
