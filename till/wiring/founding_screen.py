"""The form of a new venue on this terminal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from till.wiring.terminal import make_paint, prepare_terminal

if TYPE_CHECKING:
    from till.config import Config
    from till.ports.founding import Founding


def ask_on_screen(config: Config, founding: Founding, refused: str = "") -> bool:
    """Ask the open questions. Return True to create the venue; `refused` is the reason of an earlier failure."""
    prepare_terminal()
    from till.tui.init_app import InitApp, make_init_keymap  # noqa: PLC0415 - after `prepare_terminal`

    app = InitApp(founding, make_paint(config), make_init_keymap(config.keys), refused)
    asyncio.run(app.run_async(mouse=config.ui.mouse))
    if app.trouble is not None:
        raise app.trouble
    return app.scene.agreed
