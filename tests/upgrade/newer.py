"""A newer program, for the time of a test: it knows types and versions that this one does not."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final
from unittest import mock

import msgspec

from db import schema
from till.domain.events.fields import Count, Share, Word
from till.domain.events.registry import OrderEvent, name_of
from till.domain.order import events as happened
from till.domain.order import evolve, evolve_lines
from till.domain.order.state import Preference
from till.domain.streams import REGISTRY
from till.domain.structs import replace
from tools import generate
from tools.generating.types_sql import types_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData
    from till.domain.order.state import Order


#: A revision after today's, whatever that is.
ADDED: Final = "0099"
_REVISION: Final = """
from alembic import op
revision = "{number}"
down_revision = "{below}"
def upgrade():
    op.execute("CREATE TABLE till.songs (name text PRIMARY KEY)")
    op.execute("ALTER TABLE till.tabs ADD song text REFERENCES till.songs (name)")
    for log in ("warm.session_events", "cold.order_audit"):  # each event of one moves to the other
        op.execute(f"ALTER TABLE {{log}} ADD sung boolean NOT NULL DEFAULT false")
"""


class PromotionGiven(OrderEvent, frozen=True):
    """A percentage off the order, of a type that older programs do not know."""

    percent: Share


class TableSungTo(OrderEvent, frozen=True):
    """Somebody sang."""

    harmless: ClassVar[bool] = True

    song: Word


class ItemAdded(happened.ItemAdded, frozen=True, kw_only=True):
    """A line was keyed, since version 2 with the course that it belongs to."""

    v: ClassVar[int] = 2
    upcasters: ClassVar[dict[int, Any]] = {1: lambda data: {**data, "course": 0}}

    course: Count


class LineVoided(happened.LineVoided, frozen=True, kw_only=True):
    """A line was taken off, since version 2 with whether it was made already."""

    v: ClassVar[int] = 2
    upcasters: ClassVar[dict[int, Any]] = {1: lambda data: {**data, "made": False}}

    made: bool


class OrderOpened(happened.OrderOpened, frozen=True, kw_only=True):
    """An order began, since version 2 with who greeted the guests."""

    v: ClassVar[int] = 2
    upcasters: ClassVar[dict[int, Any]] = {1: lambda data: {**data, "greeted_by": "nobody"}}

    greeted_by: Word


def _promotion_given(order: Order, event: Event, data: PromotionGiven) -> Order:
    return evolve_lines.discount_applied(order, event, happened.DiscountApplied(percent=data.percent))


def _table_sung_to(order: Order, event: Event, data: TableSungTo) -> Order:
    song = Preference("song", data.song, event.by_till)
    return replace(order, preferences_set={**order.preferences_set, event.id: song})


@dataclass(frozen=True)
class Program:
    """A program with types of an order that this one lacks, or with others in their place, and their steps."""

    steps: Mapping[type[EventData], Callable[[Order, Event, Any], Order]]

    @contextmanager
    def runs(self) -> Iterator[None]:
        """For as long as this lasts, all that reads, folds or generates does it as this program."""
        kinds = {name_of(kind): kind for kind in self.steps}
        decoders = {name: msgspec.json.Decoder(kind) for name, kind in kinds.items()}
        with (
            mock.patch.dict(REGISTRY._kinds, kinds),
            mock.patch.dict(REGISTRY._decoders, decoders),
            mock.patch.dict(evolve.STEPS, {**self.steps, **evolve.STEPS}, clear=True),
        ):
            yield

    def schema(self, folder: Path) -> schema.Program:
        """Return the program's SQL for the database: an added revision, and its own types as `make generate` does."""
        functions, migrations, today = folder / "sql", folder / "migrations", schema.Program()
        shutil.copytree(today.functions, functions)
        shutil.copytree(today.migrations, migrations)
        revision = _REVISION.format(number=ADDED, below=today.revision)
        (migrations / f"versions/{ADDED}_songs.py").write_text(revision, encoding="utf-8")
        (functions / "number.txt").write_text(f"{today.number + 1} checksum\n", encoding="ascii")
        with self.runs():
            (functions / generate.SQL.relative_to(today.functions)).write_text(types_sql(), encoding="utf-8")
        return schema.Program(migrations, functions)


#: The program of today.
OLDER: Final = Program({})
#: The one after it.
NEWER: Final = Program(
    {
        PromotionGiven: _promotion_given,
        TableSungTo: _table_sung_to,
        ItemAdded: evolve_lines.item_added,
        LineVoided: evolve_lines.line_voided,
        OrderOpened: evolve.STEPS[happened.OrderOpened],
    }
)
