"""Units do not mix: each line of MIX_UPS is an error, and an unused ignore fails the lint."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.domain.making import IDLY, INR, uid
from till.domain.events.registry import EventData
from till.domain.money.amount import Currency, spread
from till.domain.money.coins import notes_and_coins
from till.domain.money.formats import Formats, LocaleFormats
from till.domain.money.measures import Millionths, Minor, Price4, Thousandths, sum_of
from till.domain.money.settling import PaidRounding
from till.domain.money.tax import Tax, tax_line
from till.domain.order.events import ItemAdded
from till.domain.order.line import Discount, Line, Modifier
from till.domain.order.paying import Tendered
from till.domain.order.selling import ItemEntry

RUPEES, FORMATS = Currency("INR"), Formats(Currency("INR"), LocaleFormats("en_IN", 3, 2, ",", ".", "¤#", "%d/%m/%Y"))
AMOUNT, PRICE, RATE, MEASURE = Minor(100), Price4(10_000), Millionths(50_000), Thousandths(335)
ADDED: dict[str, Any] = {
    "line_id": uid("a"),
    "item_id": "rice",
    "item_name": "Rice",
    "quantity": 1,
    "price": "20.10",
    "taxes": (),
}

MIX_UPS: tuple[Callable[[], object], ...] = (
    lambda: RUPEES.text(100),  # type: ignore[arg-type]
    lambda: RUPEES.text(AMOUNT - AMOUNT),  # type: ignore[arg-type]
    lambda: RUPEES.text(PRICE),  # type: ignore[arg-type]
    lambda: RUPEES.price_text(AMOUNT),  # type: ignore[arg-type]
    lambda: RUPEES.price_text(RATE),  # type: ignore[arg-type]
    lambda: RUPEES.amount_of(RUPEES.minor("40")),  # type: ignore[arg-type]
    lambda: RUPEES.text(RUPEES.price4("40")),  # type: ignore[arg-type]
    lambda: FORMATS.money(PRICE),  # type: ignore[arg-type]
    lambda: FORMATS.amount(PRICE),  # type: ignore[arg-type]
    lambda: FORMATS.price(AMOUNT),  # type: ignore[arg-type]
    lambda: spread(PRICE, (1, 2)),  # type: ignore[arg-type]
    lambda: notes_and_coins(RUPEES, PRICE),  # type: ignore[arg-type]
    lambda: tax_line(PRICE, (), included=True),  # type: ignore[arg-type]
    lambda: Tax("GST", PRICE),  # type: ignore[arg-type]
    lambda: Modifier("ghee", AMOUNT),  # type: ignore[arg-type]
    lambda: PaidRounding(PRICE),  # type: ignore[arg-type]
    lambda: Discount("d", None, PRICE, None),  # type: ignore[arg-type]
    lambda: Discount("d", None, None, PRICE),  # type: ignore[arg-type]
    lambda: Line("a", INR, price4=AMOUNT),  # type: ignore[arg-type]
    lambda: Line("a", INR, measure=PRICE),  # type: ignore[arg-type]
    lambda: ItemEntry(IDLY, price4=AMOUNT),  # type: ignore[arg-type]
    lambda: Tendered("CASH", PRICE),  # type: ignore[arg-type]
    lambda: ItemAdded(measure=AMOUNT, **ADDED),  # type: ignore[arg-type]
    lambda: RUPEES.text(sum_of((MEASURE, MEASURE))),  # type: ignore[arg-type]
    lambda: sum_of((AMOUNT, PRICE)),  # type: ignore[type-var]
)


@pytest.mark.parametrize("mix_up", MIX_UPS)
def test_a_mix_up_is_wrong_in_its_unit_alone(mix_up: Callable[[], object]) -> None:
    mix_up()


def test_a_unit_is_a_plain_int_as_the_program_runs() -> None:
    assert {type(unit) for unit in (AMOUNT, PRICE, RATE, MEASURE, sum_of((AMOUNT, AMOUNT)))} == {int}
    assert (sum_of((AMOUNT, AMOUNT)), sum_of([PRICE]), sum_of(())) == (200, 10_000, 0)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (ItemAdded(measure=MEASURE, **ADDED), b'"measure":335'),
    ],
)
def test_a_record_holds_a_unit_as_a_number_within_its_bounds(data: EventData, text: bytes) -> None:
    body = msgspec.json.encode(data)
    assert text in body
    assert msgspec.json.decode(body, type=type(data)) == data
    for wrong in (b":-1", b":1.5", b":1000000001", b':"1"'):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(body.replace(text, text.partition(b":")[0] + wrong), type=type(data))
