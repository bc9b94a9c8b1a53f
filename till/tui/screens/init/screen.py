"""The widgets of the form and their layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.tui.drawing.layout import areas
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import ChoicesView, HeadView, RowsView
from till.tui.drawing.widgets.choices import ChoiceList, Columns
from till.tui.drawing.widgets.entry import answer_room
from till.tui.drawing.widgets.head import Heading
from till.tui.drawing.widgets.report import Rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.geometry import Region
    from textual.widget import Widget

    from till.tui.drawing.layout import Areas
    from till.tui.screens.init.state import InitViews

_COLUMNS: Final = Columns(key=1, name=1, detail=18)


class InitScreen(TillScreen):
    """The questions with their answers on the left, help on the current question on the right.

    With a single pane, the preview of a menu or a long message takes the place of the questions.
    """

    def __init__(self) -> None:
        super().__init__()
        self.form = ChoiceList(ChoicesView(), _COLUMNS)
        self.about_head = Heading(HeadView())
        self.about = Rows(RowsView())
        self._is_about = False

    @override
    def widgets(self) -> ComposeResult:
        """Yield the common widgets, the form, and the help on a question."""
        yield from super().widgets()
        yield from (self.form, self.about_head, self.about)

    @property
    def about_width(self) -> int:
        """The width in cells for sentences about a question."""
        found = areas(*self.app.size)
        if found is None:
            return 1
        return found.right.width if found.right is not None else found.body.width

    @property
    def message_room(self) -> int:
        """The width in cells for a message at the foot."""
        return answer_room(*self.app.size)

    def show(self, views: InitViews) -> None:
        """Update the widgets from the views."""
        self.show_all(views)
        if views.is_about != self._is_about:
            self._is_about = views.is_about
            if self.is_mounted:  # a message at the start comes before the widgets
                self.lay_now()

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place the form left and the question right; on a narrow screen one of them."""
        about_head, about = found.right_head, found.right
        head: Region | None = found.head
        form: Region | None = found.left
        if found.right is None and self._is_about:
            about_head, about, head, form = found.head, found.left, None, None
        return {
            **super().lay(found),
            self.head: head,
            self.form: form,
            self.about_head: about_head,
            self.about: about,
        }
