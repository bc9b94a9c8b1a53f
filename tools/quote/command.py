"""`python -m tools.quote`: price a basket without an order, by the rules of orders."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Final

import typer
from babel import Locale

from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import print_json, print_table, read_file, say
from till.cli.running import make_app
from till.domain.i18n import _
from tools.quote import NAME
from tools.quote.basket import quote as price
from tools.quote.fields import LARGEST_FILE

if TYPE_CHECKING:
    from tools.quote.basket import Quote

_EXAMPLE: Final = (
    '{"currency": "GBP", "prices_include_tax": true, "taxes": {"A": [{"name": "VAT", "rate": "20"}]}, '
    '"lines": [{"item": "Tea", "quantity": 2, "unit_price": "2.50", "tax": "A"}]}'
)

app = make_app()


@app.command(
    epilog=_(
        "Example: python -m tools.quote basket.json --json. A basket: {basket}. All fields: docs/quote.md."
    ).format(command=NAME, basket=_EXAMPLE)
)
def quote(
    file: Annotated[str, typer.Argument(metavar="FILE", help=_("A basket as JSON; - is standard input."))],
    *,
    as_json: AsJson = False,
) -> None:
    """Price a basket: net, tax and gross of each line and in total, and the amount to pay. Nothing is saved."""
    quoted = price(read_file(file, LARGEST_FILE + 1), _is_currency)
    if as_json:
        print_json(quoted.body())
        return
    _print(quoted)


@cache
def _is_currency(code: str) -> bool:

    return code in Locale("en").currencies


def _print(quoted: Quote) -> None:
    text, priced, settlement = quoted.currency.text, quoted.priced, quoted.settlement
    names = (*quoted.names, _("Service charge"))
    print_table(
        [_("Item"), _("Net"), _("Tax"), _("Gross")],
        [
            [name, text(line.net), text(line.tax), text(line.gross)]
            for name, line in zip(names, priced.lines, strict=False)
        ],
        right=(1, 2, 3),
    )
    say("")
    sums = [
        *(
            (f"{one.name} {_rate(one.tax.percent) if one.tax.per_piece is None else _('a piece')}", one.amount)
            for one in priced.sums
        ),
        (_("Net"), priced.net),
        (_("Tax"), priced.tax),
        (_("Total"), priced.total),
        (_("Rounding"), settlement.rounding),
        (_("To pay"), quoted.to_pay),
    ]
    extras = [(_("Tips"), settlement.tips), (_("Change"), settlement.change)]
    print_table(
        ["", quoted.currency.code],
        [[name, text(amount)] for name, amount in (*sums, *((name, amount) for name, amount in extras if amount))],
        right=(1,),
    )


def _rate(percent: str) -> str:
    return f"{percent} %"
