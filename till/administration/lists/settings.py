"""The lists of the settings, of their changes, and of the languages that they choose among."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, author_words, columns
from till.administration.settings import KEYS, change_text, setting_of, setting_text
from till.domain.i18n import LANGUAGES, N_, _, language_name, translations
from till.domain.text import clean
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


def _read_languages(at: AtServer, _selects: Any) -> ListRows:
    settings, people = at.venue().settings, at.ask("people_v1")
    named = {one.get("language", "") for one in people}.union(settings.languages, settings.ticket_languages.values())
    return ListRows(
        {
            "languages": [
                {
                    "language": code,
                    "name": language_name(code),
                    "lacks": translations(code).lacks if code in LANGUAGES else None,
                    "venue": code in settings.languages,
                    "users": [one["number"] for one in people if one.get("language") == code],
                    "stations": [name for name, one in settings.ticket_languages.items() if one == code],
                }
                for code in dict.fromkeys((*LANGUAGES, *sorted(named - {""})))
            ]
        }
    )


def _language_texts(found: ListResult, row: Row) -> Row:
    first = found.venue.language == row["language"]
    return {
        "of_venue": _("its first") if first else _("for guests") if row["venue"] else "",
        "lacking": _("not spoken here") if row["lacks"] is None else str(row["lacks"]),
        "of_users": ", ".join(map(str, row["users"])),
        "of_stations": clean(", ".join(row["stations"])),
    }


SETTINGS_LANGUAGES: Final = AdminList(
    "settings languages",
    N_("Languages"),
    N_("List the languages of a till: how many of the counter's sentences each lacks, and who uses it."),
    _read_languages,
    (
        *columns(ColumnKind.TEXT, language=N_("Code"), name=N_("Language")),
        Column("lacks", ColumnKind.TEXT, N_("Lacks"), of="lacking"),
        Column("venue", ColumnKind.TEXT, N_("Venue"), of="of_venue"),
        Column("users", ColumnKind.TEXT, N_("Users"), of="of_users"),
        Column("stations", ColumnKind.TEXT, N_("Tickets"), of="of_stations"),
    ),
    rows="languages",
    texts=_language_texts,
    desk=DeskRow(name="name", detail=("venue", "users", "stations"), right="lacks"),
    hint=N_('set languages ["en", "es"] · language 3 es'),
)
