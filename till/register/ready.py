"""The news that a tab whose tickets were sent here is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import _
from till.domain.order.naming import tab_name
from till.domain.order.tickets import last_course
from till.domain.text import capitalize_first
from till.register.hearing import Hearer
from till.register.other_tills.news import OrderNews

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from till.register.ledger.ledger import Ledger
    from till.register.other_tills.news import News
    from till.register.reference import Reference
    from till.register.tabs.open_tabs import OpenTabs


class ReadyTabs(Hearer):
    """The news of this till's tickets from the kitchen.

    Args:
        ledger: the orders.
        reference: the names of courses.
        open_tabs: has the tabs that are ready.
        tell: tells the watcher.
    """

    def __init__(self, ledger: Ledger, reference: Reference, open_tabs: OpenTabs, tell: Callable[[News], None]) -> None:
        self._ledger = ledger
        self._reference = reference
        self._open_tabs = open_tabs
        self._tell = tell

    @override
    def reference_changed(self, names: Collection[str]) -> None:
        """Tell each tab that is ready now, with the course that was sent last."""
        for tab in self._open_tabs.now_ready() if "tabs" in names else ():
            if (order := self._ledger.readable(tab.session_id)) is not None:
                course, name = last_course(order), capitalize_first(tab_name(tab.name))
                sentence = _("{name} is ready.").format(name=name)
                if course is not None:
                    called = self._reference.menu.course_name(course)
                    sentence = _("{name}: {course} ready.").format(name=name, course=called)
                self._tell(OrderNews(order, sentence, here=True))
