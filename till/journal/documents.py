"""Reference data in the journal. Each document is sealed, so that no damaged price is used."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from till.domain.advice import Advice
from till.domain.events.envelope import NO_HASH
from till.domain.i18n import N_, _

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

#: The display names of documents; other documents are fetched again without a notice.
_LABELS: Final = {"menu": N_("menu"), "staff": N_("staff"), "settings": N_("settings"), "tabs": N_("open orders")}
#: The query for the cached documents, as bytes, because damaged content may not be text.
ROWS: Final = "SELECT version, CAST(body AS BLOB), CAST(name AS BLOB), rowid FROM cache"


def seal_document(name: str, version: int, text: str) -> str:
    """Return the stored form of a document: its seal and its text."""
    return _seal(name, version, text.encode()).decode() + text


def _seal(name: str, version: int, text: bytes) -> bytes:
    return sha256(b"%s %d %s" % (name.encode(), version, text)).hexdigest().encode()


def name_of(raw: object) -> str:
    """Return the name in a row, even if it is damaged."""
    return raw.decode(errors="replace") if isinstance(raw, bytes) else ""


def text_of(name: str, version: object, kept: object) -> str | None:
    """Return the text of a document; None if it is damaged."""
    if not isinstance(version, int) or not isinstance(kept, bytes):
        return None
    seal, text = kept[: len(NO_HASH)], kept[len(NO_HASH) :]
    return text.decode() if seal == _seal(name, version, text) else None


def read(name: str, version: object, kept: object) -> Mapping[str, Any] | None:
    """Return a document; None if it is damaged."""
    text = text_of(name, version, kept)
    return None if text is None else json.loads(text)


def remove_damaged(connection: sqlite3.Connection) -> str:
    """Remove damaged documents from the cache, so that they are fetched again. Return a notice."""
    damaged = {
        row: name_of(name)
        for version, kept, name, row in connection.execute(ROWS).fetchall()
        if text_of(name_of(name), version, kept) is None
    }
    connection.executemany("DELETE FROM cache WHERE rowid = ?", [(row,) for row in damaged])
    labels = [_(_LABELS[name]) for name in damaged.values() if name in _LABELS]
    if not labels:
        return ""
    sentence = _("This till's own copy is damaged and not used: {names}.").format(names=", ".join(labels))
    return Advice(sentence, _("It is loaded again from the database."))
