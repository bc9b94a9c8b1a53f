"""Figures as a venue writes them: every option and argument for an amount, found by a walk through all commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.cli.conftest import speak_german
from tests.cli.test_grammar import LEAVES
from tests.sql.ringing import SETTINGS
from till.domain.errors import AmountError
from till.domain.venue import read_venue
from till.reports.words import read_amount

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

#: The words of a help about an amount, a share or a weight.
_WORDS: Final = ("money", "amount", "price", "percent", "weigh", "kilo", "float", "tax")
_MENU: Final = "plu;name;category;price;tax\n1;Idly;Breakfast;40,00;\n"
_WITHOUT_TAX: Final = "plu;name;category;price\n1;Idly;Breakfast;40,00\n"
#: The options whose help has such a word, and that take no figure.
_NO_FIGURE: Final = {
    *(("init", one) for one in ("--locale", "--tax-included", "--tax-number", "--menu", "--choices")),
    *(("admin promotions add", one) for one in ("--pieces", "--buy", "--get")),
    ("admin customers change", "--tax-number"),
    ("admin menu edit", "--from"),
    ("admin menu edit", "--type"),
    ("admin menu import", "--unit"),
    ("admin menu edit", "--remove-planned"),
    *(("admin codes set", one) for one in ("NAME", "KIND")),
}
#: Each option and argument with a figure: a command that types it with a comma, and what it answers.
_TYPED: Final[dict[tuple[str, str], tuple[tuple[str, ...], str]]] = {
    ("admin vouchers issue", "AMOUNT"): (("1.006,50",), "1.006,50"),
    ("admin accounts open", "AMOUNT"): (("GUEST", "6,50"), "6,50"),
    ("admin accounts limit", "AMOUNT"): (("GUEST", "1.006,50"), "1.006,50"),
    ("admin accounts pay-off", "AMOUNT"): (("GUEST", "6,50"), ""),
    ("admin menu edit", "--price"): (("Idly", "--price", "6,50"), "6,50"),
    ("admin menu edit", "--tax"): (("Idly", "--tax", "Pfand 0,25 each (included) + GST 5,5"), ""),
    ("admin menu import", "--tax"): (("-", "--tax", "Pfand 0,25 each (included) + GST 5,5", "--yes"), "94,55 + Pfand"),
    ("admin promotions add", "--percent"): (("A", "--item", "Idly", "--percent", "12,5"), "12,5 %"),
    ("admin promotions add", "--amount"): (("B", "--item", "Idly", "--amount", "6,50"), "6,50"),
    ("admin promotions add", "--price"): (("C", "--item", "Idly", "--price", "6,50"), "6,50"),
    ("train", "--cash"): ((), ""),
    ("init", "--tax"): ((), ""),
}


def named(command: Any) -> dict[str, str]:
    """Return the options and arguments of a command that take a value, with their helps."""
    return {
        next((one for one in param.opts if one.startswith("--")), param.metavar or ""): (param.help or "").casefold()
        for param in command.params
        if not getattr(param, "is_flag", False)
    }


def test_every_option_for_a_figure_is_typed_here() -> None:
    found = {
        (" ".join(path), name)
        for path, command in LEAVES
        if path[0] in {"admin", "train", "init", "recover"}
        for name, about in named(command).items()
        if name in {"AMOUNT", "PRICE"} or any(word in about for word in _WORDS)
    }
    assert found - _NO_FIGURE == {*_TYPED}


@pytest.mark.parametrize("one", [one for one in _TYPED if one[0] not in {"train", "init"}], ids=" ".join)
def test_a_figure_is_typed_with_the_marks_of_the_venue(
    one: tuple[str, str], staffed: Shell, database: Database
) -> None:
    speak_german(database)
    staffed.become(9)
    typed, answer = _TYPED[one]
    if "GUEST" in typed:
        staffed.ok("admin", "customers", "add", "--name", "Rao")
        (guest,) = (row["customer"] for row in staffed("admin", "customers", "list", "--json").json["customers"])
        if one[0] != "admin accounts open":
            staffed.ok("admin", "accounts", "open", guest, "5.000")
        typed = tuple(guest if word == "GUEST" else word for word in typed)
    else:
        staffed.ok("admin", "menu", "import", "-", "--yes", stdin=_MENU)
    if one[0] == "admin accounts pay-off":
        assert "more than" in staffed.refused(*one[0].split(), *typed), "it read the figure"
        return
    done = staffed(*one[0].split(), *typed, stdin=_WITHOUT_TAX if "-" in typed else "")
    assert done.code == 0, done.err
    assert answer in done.out + done.err


@pytest.mark.parametrize(("locale", "typed"), [("de", "1.006,50"), ("en_IN", "1,006.50"), ("fr", "1006,5")])
def test_the_float_of_a_training_is_read_as_the_venue_writes_it(locale: str, typed: str) -> None:
    venue = read_venue({**SETTINGS, "locale": locale})
    assert str(read_amount(venue, typed)) == "1006.50"
    with pytest.raises(AmountError):
        read_amount(venue, "1.2.3")
