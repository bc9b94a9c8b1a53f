"""The lists of the settings and of their changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, author_words, columns
from till.administration.settings import KEYS, change_text, setting_of, setting_text
from till.domain.i18n import N_
from till.reports.report import Column, ColumnKind
from till.reports.words import formats_of

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.administration.listing import ListResult, Row

_HINT: Final = N_("set business_day_ends 03:30")


def _read(at: AtServer, _selects: Any) -> ListRows:
    body = at.ask("venue")
    return ListRows({"settings": [{"key": key, "value": setting_of(body, key)} for key in KEYS]})


def _texts(found: ListResult, setting: Row) -> Row:
    return {"text": setting_text(setting["key"], setting["value"], formats_of(found.venue).point)}


SETTINGS: Final = AdminList(
    "settings",
    N_("Settings"),
    N_("List the current settings."),
    _read,
    (Column("key", ColumnKind.TEXT, N_("Setting")), Column("value", ColumnKind.TEXT, N_("Value"), of="text")),
    texts=_texts,
    desk=DeskRow(name="key", detail=("value",)),
    hint=_HINT,
)


def _read_changes(at: AtServer, _selects: Any, *, key: str | None = None, limit: int = 50) -> ListRows:
    from till.reports.settings import read_settings_changes

    return ListRows({"changes": read_settings_changes(at.ask, limit, key)})


def _change_texts(found: ListResult, change: Any) -> Row:
    point = formats_of(found.venue).point
    return {
        "was_text": setting_text(change["key"], change["was"], point),
        "now_text": setting_text(change["key"], change["now"], point),
        "change": change_text(change, point),
        "by": author_words(change["user"]),
    }


SETTINGS_HISTORY: Final = AdminList(
    "settings history",
    N_("Settings, newest change first"),
    N_("List changes of settings, newest first: who changed what, and when."),
    _read_changes,
    (
        Column("at", ColumnKind.TIME, N_("When")),
        *columns(ColumnKind.TEXT, user=N_("By"), key=N_("Setting")),
        Column("was", ColumnKind.TEXT, N_("Was"), of="was_text"),
        Column("now", ColumnKind.TEXT, N_("Now"), of="now_text"),
    ),
    rows="changes",
    texts=_change_texts,
    desk=DeskRow(name="at", detail=("change",), right="by"),
    hint=_HINT,
)
