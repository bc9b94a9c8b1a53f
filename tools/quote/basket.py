"""The basket of `python -m tools.quote`: read it, price it, and return the result."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.domain.money.basket import BasketItem, PricedBasket, Rules, ServiceCharge, price_basket
from till.domain.money.discount import Off
from till.domain.money.measures import NOTHING, Millionths, Minor, Price4, Thousandths
from till.domain.money.rounding import Direction
from till.domain.money.settling import CASH, Misfit, PaidRounding, PaidWrongError, PaymentAmount, Settlement, settle
from till.domain.money.tax import Tax, levy
from tools.quote.fields import FieldObject, QuotedField, QuoteError, load, shown_name
from tools.quote.promotions import MOST as _MOST_PROMOTIONS
from tools.quote.promotions import QuotedPromotion, read_promotion

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_BASKET: Final = (
    "currency",
    "prices_include_tax",
    "tax_rounding",
    "tax_rounding_direction",
    "tax_rounding_of",
    "taxes",
    "lines",
    "promotions",
    "discounts",
    "service_charge",
    "rounding",
    "payments",
)
_TAX: Final = ("name", "rate", "per_piece", "included", "affects_later", "affected_by_earlier")
_LINE: Final = ("item", "quantity", "measure", "unit_price", "tax", "discount", "deposit")
_OFF: Final = ("percent", "amount")
_CHARGE: Final = ("percent", "tax")
_ROUNDING: Final = ("step", "direction", "nothing_up_to", "of", "never")
_PAYMENT: Final = ("tender", "amount", "tip")
#: The word that stands for the amount due.
_EXACT: Final = "exact"
#: The largest quantity in whole units.
_MOST_PIECES: Final = 9_999_999
_ALL: Final = 100
_HIGHEST_RATE: Final = 1_000
# Limits above any real sale or law, so that no file takes minutes to price.
_MOST_LINES: Final = 100_000
_MOST_GROUPS: Final = 200
_MOST_TAXES: Final = 20
_MOST_DISCOUNTS: Final = 50
_MOST_PAYMENTS: Final = 1_000
_MOST_TENDERS: Final = 100
#: The most groups that an error message lists.
_NAMED: Final = 4


class _By(Enum):
    LINE = "line"
    ORDER = "order"


class _Of(Enum):
    EACH = "each"
    SUM = "sum_of_rates"


class _Paid(Enum):
    CASH = "cash"
    BILL = "bill"


@dataclass(frozen=True, slots=True)
class Quote:
    """A priced basket.

    Attributes:
        names: the name of each line, without the service charge.
        priced: net, taxes and gross of each line; a service charge is the last line.
        settlement: the rounding, the change and the tips.
    """

    currency: Currency
    names: tuple[str, ...]
    priced: PricedBasket
    settlement: Settlement

    @property
    def to_pay(self) -> Minor:
        """The amount to pay."""
        return Minor(self.priced.total + self.settlement.rounding)

    def body(self) -> dict[str, Any]:
        """Return the quote as JSON values. Amounts are text."""
        text = self.currency.text
        return {
            "lines": [
                {"net": text(line.net), "tax": text(line.tax), "gross": text(line.gross)} for line in self.priced.lines
            ],
            "taxes": [
                {
                    "name": one.name,
                    "rate": one.tax.percent if one.tax.per_piece is None else None,
                    "net": text(one.net),
                    "tax": text(one.amount),
                }
                for one in self.priced.sums
            ],
            "net": text(self.priced.net),
            "tax": text(self.priced.tax),
            "total": text(self.priced.total),
            "rounding": text(self.settlement.rounding),
            "to_pay": text(self.to_pay),
        }


def quote(raw: bytes, is_currency: Callable[[str], bool] = lambda _code: True) -> Quote:
    """Price the basket of a file.

    Args:
        raw: the content of the file, JSON in UTF-8.
        is_currency: returns True if a currency code exists.

    Raises:
        QuoteError: the file is not a valid basket; the sentence names the field.
    """
    table = load(raw)
    table.check(_BASKET)
    currency = _currency(table, is_currency)
    groups = _groups(table, currency)
    sold = table.need("lines", _("Write a list of the lines sold.")).items(_MOST_LINES)
    offers = [read_promotion(field, currency) for field in table.items("promotions", _MOST_PROMOTIONS)]
    lines = [_line(field, currency, groups, offers) for field in sold]
    discounts = [_off(field, currency) for field in table.items("discounts", _MOST_DISCOUNTS)]
    charge = _charge(table, groups)
    rules = _rules(table)
    rounding = _rounding(table, currency)
    payments = [_payment(field, currency) for field in table.items("payments", _MOST_PAYMENTS)]
    priced = price_basket([item for _name, item in lines], discounts, rules, charge, currency)
    try:
        settlement = settle(priced.total, rounding, payments)
    except PaidWrongError as problem:
        raise _misfit(problem, payments[problem.place], currency) from None
    return Quote(currency, tuple(name for name, _item in lines), priced, settlement)


def _currency(table: FieldObject, is_currency: Callable[[str], bool]) -> Currency:
    remedy = _("Write the three capital letters of a currency, such as EUR.")
    field = table.need("currency", remedy)
    code = field.text()
    if len(code) != len("EUR") or not (code.isascii() and code.isupper() and code.isalpha()) or not is_currency(code):
        field.refuse(remedy)
    return Currency(code)


def _groups(table: FieldObject, currency: Currency) -> dict[str, tuple[Tax, ...]]:
    """Return the tax groups by name."""
    field = table.get("taxes")
    known = table.get("prices_include_tax") is not None
    groups = field.groups(_MOST_GROUPS) if field is not None else []
    return {name: tuple(_tax(one, currency, known=known) for one in group.items(_MOST_TAXES)) for name, group in groups}


def _tax(field: QuotedField, currency: Currency, *, known: bool) -> Tax:
    table = field.table(_TAX)
    name = table.need("name", _("Write the name of the tax.")).text()
    rate, piece = table.one_of("rate", "per_piece")
    included = table.get("included")
    if included is None and not known:
        table.need("included", _("Write true or false, here or for all in prices_include_tax."))
    return Tax(
        name,
        Millionths(0 if rate is None else _percent(rate, "20", _HIGHEST_RATE)),
        None if piece is None else levy(Price4(piece.decimal(4, _like(currency))), currency),
        None if included is None else included.flag(),
        table.flag("affects_later", default=False),
        table.flag("affected_by_earlier", default=True),
    )


def _percent(field: QuotedField, like: str, most: int = _ALL) -> Millionths:
    return Millionths(field.decimal(4, like, most=most))


def _line(
    field: QuotedField, currency: Currency, groups: Mapping[str, tuple[Tax, ...]], promotions: Sequence[QuotedPromotion]
) -> tuple[str, BasketItem]:
    table = field.table(_LINE)
    named, counted, weighed = table.get("item"), table.get("quantity"), table.get("measure")
    cost = table.need("unit_price", _("Write the price of one, such as {like}.").format(like=_like(currency)))
    quantity = 1 if counted is None else _pieces(counted)
    measure = None if weighed is None else Thousandths(_not_negative(weighed, 3, "0.350", most=_MOST_PIECES))
    discount = table.get("discount")
    price4 = Price4(_not_negative(cost, 4, _like(currency)))
    name = _name_of(named)
    item = BasketItem(
        currency.amount_of(price4, quantity, measure),
        quantity,
        _group(table, groups),
        None if discount is None else _off(discount, currency),
        name,
        price4,
        measure is not None,
        tuple(one.offer_on(name) for one in promotions if one.is_on(name)),
        deposit=table.flag("deposit", default=False),
    )
    return name, item


def _name_of(named: QuotedField | None) -> str:
    """Return the name of a line: a text or an article number; empty if there is none."""
    if named is None:
        return ""
    return named.value if type(named.value) is str else named.article()


def _pieces(field: QuotedField) -> int:
    """Return a number of pieces; negative for a return."""
    return field.decimal(0, _("2, and the weight as its measure"), least=-_MOST_PIECES, most=_MOST_PIECES)


def _not_negative(field: QuotedField, places: int, like: str, most: int | None = None) -> int:
    """Return a price or a measure. They are never negative; a return has a negative quantity."""
    amount = field.decimal(places, like, least=None, most=most)
    if amount < 0:
        field.refuse(_("It cannot be less than 0: a return has its minus in quantity."))
    return amount


def _group(table: FieldObject, groups: Mapping[str, tuple[Tax, ...]]) -> tuple[Tax, ...]:
    """Return the taxes of the group that an object names; empty if it names none."""
    field = table.get("tax")
    if field is None:
        return ()
    name = field.text()
    if name not in groups:
        some = [shown_name(one) for one in islice(groups, _NAMED)]
        names = ", ".join([*some, "…"] if len(groups) > _NAMED else some)
        field.refuse(_("There are: {names}.").format(names=names) if groups else _("There are none in taxes."))
    return groups[name]


def _off(field: QuotedField, currency: Currency) -> Off:
    percent, amount = field.table(_OFF).one_of("percent", "amount")
    return Off(
        None if percent is None else _percent(percent, "12.5"),
        None if amount is None else _amount(amount, currency),
    )


def _charge(table: FieldObject, groups: Mapping[str, tuple[Tax, ...]]) -> ServiceCharge | None:
    field = table.get("service_charge")
    if field is None:
        return None
    own = field.table(_CHARGE)
    rate = _percent(own.need("percent", _("Write it such as 12.5.")), "12.5")
    return ServiceCharge(rate, _group(own, groups), except_deposits=True)


def _rules(table: FieldObject) -> Rules:
    by, direction, of = table.get("tax_rounding"), table.get("tax_rounding_direction"), table.get("tax_rounding_of")
    return Rules(
        included=table.flag("prices_include_tax", default=False),
        by_order=by is not None and by.choice(_By) is _By.ORDER,
        direction=Direction.HALF_UP if direction is None else direction.choice(Direction, but=[Direction.HALF_DOWN]),
        of_sum=of is not None and of.choice(_Of) is _Of.SUM,
    )


def _rounding(table: FieldObject, currency: Currency) -> PaidRounding | None:
    field = table.get("rounding")
    if field is None:
        return None
    own = field.table(_ROUNDING)
    step = own.need("step", _("Write the smallest amount that is paid, such as 0.05."))
    size = _amount(step, currency)
    if not size:
        step.refuse(_("Write the smallest amount that is paid, or leave rounding out."))
    direction, floor, of = own.get("direction"), own.get("nothing_up_to"), own.get("of")
    bill = of is not None and of.choice(_Paid) is _Paid.BILL
    never = own.items("never", _MOST_TENDERS)
    tenders = [one.text().casefold() for one in never]
    if not bill and CASH in tenders:
        never[tenders.index(CASH)].refuse(_("Only cash is rounded here: leave it out, or leave rounding out."))
    return PaidRounding(
        size,
        Direction.HALF_UP if direction is None else direction.choice(Direction, but=[Direction.UP]),
        NOTHING if floor is None else _amount(floor, currency),
        bill,
        frozenset(tenders),
    )


def _payment(field: QuotedField, currency: Currency) -> PaymentAmount:
    table = field.table(_PAYMENT)
    tender = table.need("tender", _("Write how it is paid, such as cash.")).text()
    amount = table.need("amount", _("Write an amount, or exact for all that is due."))
    tip = table.get("tip")
    exact = amount.value == _EXACT
    return PaymentAmount(
        tender,
        None if exact else Minor(amount.decimal(currency.exponent, _or_exact(currency), least=None)),
        NOTHING if tip is None else _amount(tip, currency),
    )


def _amount(field: QuotedField, currency: Currency) -> Minor:
    """Return an amount that is not negative."""
    return Minor(field.decimal(currency.exponent, _like(currency)))


def _or_exact(currency: Currency) -> str:
    return _("{like}, or exact for all that is due").format(like=_like(currency))


def _like(currency: Currency) -> str:
    """Return an example amount in the currency."""
    return currency.text(Minor(1250 * currency.scale // 100))


def _misfit(problem: PaidWrongError, payment: PaymentAmount, currency: Currency) -> QuoteError:
    """Return the error for a payment that does not fit."""
    sentences = {
        Misfit.NOTHING_DUE: _("{field} is {given}, and nothing more is due. Leave the payment out."),
        Misfit.TOO_MUCH: _(
            "{field} is {given}, and {due} is due: only cash gives change. Write exact, or put the rest in tip."
        ),
        Misfit.OTHER_WAY: _(
            "{field} is {given}, which does not count towards the {due} due. Write exact for all of it."
        ),
        Misfit.TIP_TOO_LARGE: _("{field} is {given}, more than its payment. The amount includes the tip."),
    }
    is_tip = problem.misfit is Misfit.TIP_TOO_LARGE
    given = payment.tip if is_tip else payment.amount or NOTHING
    sentence = sentences[problem.misfit]
    if problem.misfit is Misfit.TOO_MUCH and given < 0:
        sentence = _("{field} is {given}, and {due} is due: only that is refunded. Write exact.")
    return QuoteError(
        sentence.format(
            field=f"payments[{problem.place}].{'tip' if is_tip else 'amount'}",
            given=currency.text(given),
            due=currency.text(problem.due),
        )
    )
