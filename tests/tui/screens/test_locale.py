"""A venue that writes a comma before the decimals, and its money behind."""

from pathlib import Path
from typing import Any

from tests.tui.playing import LOG_IN, a_till
from tests.tui.quiet import a_quiet_till
from till.cli.demo_venue import demo_reference


def german() -> dict[str, Any]:
    """Return the demo venue in euros."""
    reference = demo_reference()
    return {**reference, "settings": {**reference["settings"], "locale": "de", "currency": "EUR"}}


async def test_amounts_are_typed_and_shown_in_the_locale_of_the_venue(tmp_path: Path) -> None:
    async with a_till(tmp_path, (120, 36), reference=german(), typed=LOG_IN + "idly @ 2,50{enter}") as till:
        assert till.answer() == "Idly is 40,00. Key it, then type “price 2,50”."
        await till.type("{ctrl+u}2 sundry @ 2,50{enter}")
        assert till.answer() == "Added 2 × Sundry. Total 5,00\N{NO-BREAK SPACE}€."
        await till.type("view my cart{enter}")
        assert till.answer() == "2 × Sundry 5,00\N{NO-BREAK SPACE}€. Total 5,00\N{NO-BREAK SPACE}€."
        await till.type("{f9}2,50{enter}")
        assert till.answer() == "2,50\N{NO-BREAK SPACE}€ is still due."
        await till.type("{escape}")
        assert "2,50 € paid" in till.text()
        await till.type("{f9}6,20{enter}")
        assert till.answer() == "Paid 5,00\N{NO-BREAK SPACE}€. Change 3,70\N{NO-BREAK SPACE}€."


async def test_a_refusal_writes_amounts_as_every_answer_does(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, reference=german()) as till:
        await till.type(LOG_IN + "sundry 2,50{enter}{f9}2,00{enter}{escape}{f7}1{enter}{ctrl+x}")
        assert till.answer().startswith("2,00\N{NO-BREAK SPACE}€ was taken and no line is left.")
