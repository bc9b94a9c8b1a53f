"""Decisions about courses: those that the kitchen gets later, once they are fired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import LineError
from till.domain.i18n import _
from till.domain.order.deciding import check_open, event_of
from till.domain.order.events import CourseFired, CoursesHeld
from till.domain.order.tickets import as_known, held_pieces, station_of

if TYPE_CHECKING:
    from till.domain.events.envelope import Draft
    from till.domain.kitchen.stations import Kitchen
    from till.domain.order.line import Line
    from till.domain.order.state import Order


def next_course(order: Order, kitchen: Kitchen | None = None) -> int | None:
    """Return the first course that is held; without stations, the first with a line that is not fired yet."""
    if kitchen is not None and kitchen.stations:
        return min((order.lines[one].course or 0 for one in held_pieces(order, kitchen)), default=None)
    lines = order.lines.values()  # runs at every key: the course is tested first, because few lines have one
    return min((one.course for one in lines if one.course and one.fired_at is None and one.quantity), default=None)


def hold_courses(order: Order, kitchen: Kitchen, *, held: bool) -> list[Draft]:
    """Hold the courses of an order from the second on, or no longer. Held by a person, the first one waits too."""
    check_open(order)
    if not kitchen.stations:
        raise LineError(_("No kitchen here: `till admin stations add` adds one."))
    if held == order.holds or (order.holds is None and not held and not kitchen.holds):
        raise LineError(_("Courses are held already.") if held else _("No course is held."))
    return [event_of(order, CoursesHeld(held=held))]


def fire_course(order: Order, course: int | None, kitchen: Kitchen | None = None) -> list[Draft]:
    """Fire the lines of a course that are not fired yet; None for the next course.

    Where stations exist, they get these lines now.
    """
    check_open(order)
    if kitchen is not None and kitchen.stations:
        return [event_of(order, CourseFired(line_id=line.id)) for line in _unsent(order, course, kitchen)]
    in_course = [
        line for line in order.lines.values() if line.course and course in (line.course, None) and line.quantity
    ]
    if not in_course and course is None:
        raise LineError(_("No line has a course. Mark one and type “course 1”."))
    if not in_course:
        raise LineError(_("No line is in course {n}.").format(n=course))
    wanted = next_course(order) if course is None else course
    waiting = [line for line in in_course if line.course == wanted and line.fired_at is None]
    if not waiting and course is None:
        raise LineError(_("Every course is already fired."))
    if not waiting:
        raise LineError(_("Course {n} is already fired.").format(n=course))
    return [event_of(order, CourseFired(line_id=line.id)) for line in waiting]


def first_course(order: Order, kitchen: Kitchen) -> list[Draft]:
    """Fire the lowest course that was keyed on a table, if no course was sent or fired there and nobody holds them.

    An event, not a rule of `held_pieces`: by that, the void of the soup would fire the steaks.
    """
    lines = order.lines.values()
    if order.holds is not None or any(line.course and (line.sends or line.fired_at) for line in lines):
        return []
    made = [
        line
        for line in lines
        if line.course and line.quantity > 0 and line.id not in order.came_from
        if station_of(line, kitchen) in kitchen.names
    ]
    lowest, held = min((line.course or 0 for line in made), default=0), held_pieces(order, kitchen)
    return [event_of(order, CourseFired(line_id=line.id)) for line in made if line.course == lowest and line.id in held]


def _unsent(order: Order, course: int | None, kitchen: Kitchen) -> list[Line]:
    """Return the lines of a course that its stations do not have yet."""
    wanted = next_course(order, kitchen) if course is None else course
    if wanted is None:
        raise LineError(_("No course is held. “send” sends what is new."))
    lines = [line for line in order.lines.values() if line.course == wanted and line.quantity > 0]
    if not lines:
        raise LineError(_("No line is in course {n}.").format(n=wanted))
    made = [line for line in lines if station_of(line, kitchen) in kitchen.names]
    if not made:
        raise LineError(_("No station makes course {n}: tell the kitchen.").format(n=wanted))
    unsent = [line for line in made if line.quantity > as_known(line, kitchen).pieces_sent]
    if not unsent:
        raise LineError(_("The kitchen has course {n} already.").format(n=wanted))
    return unsent
