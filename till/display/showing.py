"""The display of guests: what a till shows there, and the display in its own terminal."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

import msgspec

from till.display.socket import GuestSocket, follow_till
from till.domain.i18n import _, speaking
from till.wiring.terminal import make_paint, prepare_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from till.config import Config, Folders
    from till.display.app import GuestApp
    from till.domain.order.state import Order
    from till.domain.venue import Venue
    from till.register.register import Register
    from till.tui.shell.controller import Controller
    from till.tui.shell.idle import IdleClock
    from till.wiring.beside import BesideTill

#: Seconds from one look at the order to the next while a display follows.
_LOOK_S: Final = 0.1
_log: Final = logging.getLogger(__name__)


def socket_of(folders: Folders, till: int) -> Path:
    """Return the path of the socket by which the displays of guests follow a till."""
    return folders.root / f"display-{till}.sock"


async def show_guests(folders: Folders, till: int, controller: Controller, idle: IdleClock) -> None:
    """Show the order of a till on its displays until cancelled, in pauses between keys; without a display, wait."""
    served = GuestSocket(socket_of(folders, till))
    try:
        await served.open()
    except OSError as problem:
        _log.warning("no_guest_display", extra={"error": str(problem)})
        return
    pictures = GuestPictures(controller.register)
    try:
        while True:
            await served.is_followed.wait()
            await idle.calm()
            if (picture := pictures.changed(controller.guest_order)) is not None:
                served.show(picture)
            await asyncio.sleep(_LOOK_S)
    except Exception:  # noqa: BLE001 - a display must never end a till
        _log.exception("guest_display_ended")
    finally:
        served.close()


#: The work of this leaf beside a till.
beside_till: Final[BesideTill] = show_guests


class GuestPictures:
    """The pictures of a display, made when the order or the venue changes."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._made_for: tuple[Order | None, Venue] | None = None

    def changed(self, order: Order | None) -> bytes | None:
        """Return the picture of an order; None if it was the last one."""
        from till.display.screen import guest_view, is_seen  # noqa: PLC0415 - most tills have no display

        seen = order if is_seen(order, self._register.ledger.now()) else None
        if self._made_for is not None and self._made_for[0] is seen and self._made_for[1] is self._register.venue:
            return None
        self._made_for = seen, self._register.venue
        with speaking(self._register.venue.language_of(seen)):  # it is for the guest, whoever serves
            return msgspec.json.encode(guest_view(seen, self._register))


def open_guest_display(config: Config, folders: Folders, till: int, language: str) -> int:
    """Open the display of a till on this terminal; its own sentences are in a language. Return the exit code."""
    prepare_terminal()
    from till.display.app import GuestApp, make_guest_keymap  # noqa: PLC0415 - after `prepare_terminal`
    from till.display.screen import GuestPicture  # noqa: PLC0415 - after `prepare_terminal`

    with speaking(language):  # guests read it, whoever opened the display
        waits = _("Waiting for till {n}.").format(n=till)
        older = _("This display is older than till {n}: open it again.").format(n=till)
    pictures = msgspec.json.Decoder(GuestPicture)

    async def follow(app: GuestApp) -> None:
        def shown(picture: bytes | None) -> None:
            try:
                app.present(waits if picture is None else pictures.decode(picture))
            except msgspec.ValidationError:  # of another build of the till
                app.present(older)

        await follow_till(socket_of(folders, till), shown)

    app = GuestApp(make_paint(config), make_guest_keymap(config.keys), follow)
    asyncio.run(app.run_async(mouse=False))
    if app.trouble is not None:
        raise app.trouble
    return app.return_code or 0
