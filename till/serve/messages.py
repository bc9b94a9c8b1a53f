"""The messages between a page and the server. Output of a till is binary, everything else is JSON."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct, json

#: The largest message from a page, in bytes.
LARGEST: Final = 4096
_Id = Annotated[str, Meta(max_length=40)]
_Cells = Annotated[int, Meta(ge=2, le=500)]


class PageMessage(Struct, frozen=True, forbid_unknown_fields=True):
    """A message from a page; the first one of a socket has `load`.

    Attributes:
        load: the id of this load of the page.
        run: the id of the run of the till that the page shows; empty if it shows none.
        columns: the size of the page's terminal; 0 if it is unchanged.
        start: True to start a till that has ended again.
        number: the number of the keys, counted from 1 within a load.
        keys: the keys, as a terminal sends them.
    """

    load: _Id = ""
    run: _Id = ""
    columns: _Cells | None = None
    rows: _Cells | None = None
    start: bool = False
    number: Annotated[int, Meta(ge=1)] | None = None
    keys: str = ""


class ServerMessage(Struct, frozen=True, omit_defaults=True):
    """A message to a page. Without any field it only says that the connection stands.

    Attributes:
        run: the id of the run that the page shows from now on.
        version: the version of the program; a page of another one loads again.
        taken: the number of the last keys that this run took from this load of the page.
        ended: the till has ended.
        words: the last words of a till that ended, such as why it did not start.
    """

    run: str | None = None
    version: str | None = None
    taken: int | None = None
    ended: bool = False
    words: str = ""


decode: Final = json.Decoder(PageMessage).decode
encode: Final = json.Encoder().encode
