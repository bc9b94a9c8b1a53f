"""Subjects that ask about an order's events: each type is in a subject's set, or here with the reason why it is not.

A new type fails the four tests until each has its answer: in the set, from which SQL is generated, or below. What is
`beside` changes no snapshot, and is asked by name. Further lists stand in SQL by hand; their number only falls.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from till.domain.events.registry import OrderEvent, name_of
from till.domain.order.counted import COUNTED
from till.domain.shift.books import SUMMED
from till.domain.streams import REGISTRY
from till.reports.billed import LOWERING
from till.reports.losses import LISTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from till.domain.events.registry import EventData

SQL: Final = Path(__file__).parents[1] / "db/sql"
TYPES: Final = {name_of(kind): kind for kind in REGISTRY if issubclass(kind, OrderEvent)}
#: Lists of three and more of an order's types that are written by hand in `db/sql`.
BY_HAND: Final = 29

NOT_COUNTED: Final = {
    "words, and what a line is beside its pieces": """
        menu_viewed modifiers_set line_seated line_rated line_type_set line_noted order_noted order_type_set
        preference_set age_checked price_overridden discount_applied amounts_fixed""",
    "of the kitchen: what is taken off says whether it was sent": "lines_sent course_fired",
    "the lines stay what they are, in another order": "lines_moved lines_copied lines_withdrawn",
    "of the whole order, whose lines stay": """
        order_opened order_parked order_submitted order_numbered order_granted tab_assigned session_swept
        record_set_aside""",
    "money": """
        checkout_started payment_started payment_approved payment_declined payment_unknown payment_authorised
        payment_return_started payment_return_declined payment_return_unknown payment_voided""",
}
NOT_LOWERING: Final = {
    "words, seats and checks": "menu_viewed line_seated line_noted order_noted preference_set age_checked",
    "taxes and prices that count once a type is set": "line_rated",
    "of the kitchen": "lines_sent course_fired",
    "the pieces and their amounts stay": "line_cut amounts_fixed lines_copied",
    "by the server, or for a record that no till can read": "refused record_set_aside",
    "of the whole order, which costs the same": """
        order_opened order_parked order_submitted order_numbered order_resumed order_granted tab_assigned
        session_swept""",
    "the sale itself, whose total is compared": "order_placed",
    "money: the order costs the same": """
        checkout_started payment_started payment_approved payment_declined payment_unknown payment_authorised
        payment_return_started payment_return_declined payment_return_unknown payment_voided""",
}
NOT_LISTED: Final = {
    "words, seats and checks": "menu_viewed line_seated line_noted order_noted preference_set age_checked",
    "of the kitchen: what was cooked and not paid is found by tickets": "lines_sent course_fired",
    "the pieces and their amounts stay": "line_cut amounts_fixed lines_copied",
    "by the server, or for a record that no till can read": "refused record_set_aside",
    "of the whole order, which costs the same": """
        order_parked order_submitted order_numbered order_resumed order_granted tab_assigned session_swept""",
    "the sale itself: comps and discounts are found by their amounts in it": "order_placed",
    "money without an answer, or that its order gives back": """
        checkout_started payment_started payment_unknown payment_authorised payment_return_started
        payment_return_unknown payment_voided""",
}
NOT_SUMMED: Final = {
    "words, seats and checks": "menu_viewed line_seated line_noted order_noted preference_set age_checked",
    "the sale has their amounts": """
        item_added modifiers_set line_rated line_type_set discount_applied amounts_fixed order_type_set
        line_cut lines_moved lines_copied lines_withdrawn""",
    "of the kitchen": "lines_sent course_fired",
    "of the whole order": """
        order_opened order_parked order_submitted order_numbered order_granted tab_assigned session_swept""",
    "a Z has what its till wrote, whether it counts or not": "refused record_set_aside",
    "no money moved": """
        checkout_started payment_started payment_declined payment_unknown payment_authorised
        payment_return_started payment_return_declined payment_return_unknown""",
}


def unanswered(asked: Iterable[type[EventData]], no: Mapping[str, str]) -> list[str]:
    """Return the types of an order's snapshot without one answer, and the answers about no such type."""
    answers = [*(name_of(kind) for kind in asked if kind in TYPES.values() and not kind.beside)]
    answers += [name for names in no.values() for name in names.split()]
    wanted = {name for name, kind in TYPES.items() if not kind.beside}
    return sorted(wanted ^ {name for name in answers if answers.count(name) == 1})


def test_each_type_changes_the_pieces_left_or_not() -> None:
    assert unanswered(COUNTED, NOT_COUNTED) == []


def test_each_type_lowers_a_billed_order_or_not() -> None:
    assert unanswered(LOWERING, NOT_LOWERING) == []


def test_each_type_is_in_the_report_of_losses_or_not() -> None:
    assert unanswered(LISTED, NOT_LISTED) == []


def test_each_type_is_in_the_sums_of_a_shift_or_not() -> None:
    assert unanswered({kind for kinds in SUMMED.values() for kind in kinds}, NOT_SUMMED) == []


def test_no_further_list_of_types_is_written_by_hand_in_sql() -> None:
    names = "|".join(sorted(TYPES, key=len, reverse=True))
    found = re.compile(rf"(?<!\w)(?:{names})(?:'*,\s*'*(?:{names})\b){{2,}}")
    lists = {
        path.relative_to(SQL).as_posix(): found.findall(path.read_text(encoding="utf-8"))
        for path in sorted(SQL.rglob("*.sql"))
        if path.parent.name != "05_types"
    }
    count = sum(map(len, lists.values()))
    where = {path: lists[path] for path in lists if lists[path]}
    assert count <= BY_HAND, (
        f"{count} lists: keep the types beside their subject, as till/domain/order/counted.py; {where}"
    )
