"""The views of the login screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.tui.drawing.viewmodels import (
        ChoicesView,
        FieldsView,
        FigureView,
        HeadView,
        KeysView,
        NoticeView,
        StatusView,
    )


class LoginViews(Struct, frozen=True):
    """The view of each widget."""

    status: StatusView
    head: HeadView
    staff: ChoicesView
    date: HeadView
    clock: FigureView
    fields: FieldsView
    band: NoticeView
    keys: KeysView
