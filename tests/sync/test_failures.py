"""The sentences of failures in another language: the server's own words stay English where the till has no sentence."""

from __future__ import annotations

import pytest

from tests.plugins.made_up import made_up
from till.domain.i18n import speaking
from till.sync.failures import of_sqlstate, refusal, rejected_sentence

_DETAIL = "That booking was cancelled at the desk."


@pytest.mark.parametrize(
    ("code", "of_question", "lead", "remedy"),
    [
        ("not_booked", True, _DETAIL, ""),
        ("not_booked", False, made_up("The server refused this till."), _DETAIL),
        (
            "protocol",
            False,
            made_up("The server does not understand this till."),
            made_up("Upgrade the older of the two."),
        ),
        (
            "wrong_store",
            True,
            made_up("The server belongs to another venue."),
            made_up("Check this till's configuration."),
        ),
    ],
)
def test_the_servers_detail_stays_english_where_the_till_has_no_sentence(
    qps: str, code: str, lead: str, remedy: str, *, of_question: bool
) -> None:
    with speaking(qps):
        sentence = refusal(code, _DETAIL, 1, of_question=of_question).sentence
    assert sentence.lead == lead
    assert sentence.remedy.startswith(remedy[:12])


def test_a_refused_role_and_a_refused_record_speak_the_language_of_the_screen(
    qps: str,
) -> None:
    with speaking(qps):
        role, record = of_sqlstate("42501", "permission denied").detail, rejected_sentence("22P02 bad", 1)
    assert role.startswith(made_up("The database refuses this till's role."))
    assert "22P02 bad" in record
    assert record.lead == made_up("1 record needs attention.")
