"""The typed form of the law by which a venue's tills stamp invoices."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import msgspec

from till.administration.calls import AdministrationError, call
from till.domain.i18n import _
from till.domain.settings import FiscalSetting
from till.ports.fiscal import find_scheme, schemes_here

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg


def law_typed(typed: str, since: str, before: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the setting of `es-verifactu nif=B12345674 name="Bar Sol"`; None for an empty text.

    What is left out stays as it was before, if that was the same law.

    Raises:
        AdministrationError: there is no such law, or the text is not a law with its settings.
        ConfigError: the law refuses its settings.
    """
    try:
        name, *parts = shlex.split(typed) or [""]
    except ValueError:
        raise AdministrationError(_('A quotation mark is missing: name="Bar Sol".')) from None
    if not name:
        return None
    scheme = find_scheme(name)
    if scheme is None:
        there = ", ".join(schemes_here())
        raise AdministrationError(_("There is no law {name}. There are: {there}.").format(name=name[:40], there=there))
    if wrong := next((part for part in parts if "=" not in part), None):
        raise AdministrationError(_("{word} is not a setting. Type nif=B12345674.").format(word=wrong[:40]))
    kept = before if before is not None and before["scheme"] == name else None
    settings: dict[str, str] = {**(kept["settings"] if kept else {}), **dict(part.split("=", 1) for part in parts)}
    settings = {key: value for key, value in settings.items() if value}
    since = since or (str(kept["from"]) if kept else "")
    if not since:
        raise AdministrationError(_("From which day? --from 2027-01-01"))
    scheme.check(settings)
    body = {"scheme": name, "from": since, "settings": settings, "proof": scheme.proof(settings)}
    try:
        law = msgspec.convert(msgspec.to_builtins(body), FiscalSetting)
    except msgspec.ValidationError:
        raise AdministrationError(_("--from is a day, such as 2027-01-01.")) from None
    return dict(msgspec.to_builtins(law))


def law_data(fiscal: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the setting with the form of a law's records; nothing if this program does not know the law."""
    scheme = find_scheme(fiscal["scheme"]) if fiscal is not None else None
    if fiscal is None or scheme is None:
        return {}
    return {"fiscal_law": msgspec.to_builtins(scheme.law(fiscal["settings"]))}


def write_laws(connection: psycopg.Connection[Any]) -> None:
    """Write the forms of this program for each venue of a database that has a law."""
    for store in call(connection, "stores_v1"):
        if data := law_data(call(connection, "venue", store["store"]).get("fiscal")):
            call(connection, "store_settings_v1", store["store"], None, data)
