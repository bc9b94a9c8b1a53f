"""The made-up language of tests."""

import pytest

from tests.plugins.made_up import made_up
from till.domain.i18n import N_, _, ngettext, speak, speaking, spoken

_SAMPLE = N_("offline since {time}, keep selling")


@pytest.mark.parametrize(
    ("english", "shown"),
    [
        ("Keep {name}: type “undo”.", "Ķééééṕ {name}: ťýṕṕṕé “undo”."),
        ("Pay", "Ṕááý"),
        ("{n} %", "{n} %"),
    ],
)
def test_is_half_as_long_again_and_keeps_placeholders_and_typed_words(english: str, shown: str) -> None:
    assert made_up(english) == shown


def test_is_spoken_once_a_test_asks_for_it(qps: str) -> None:
    assert _(_SAMPLE) == _SAMPLE
    with speaking(qps):
        assert spoken() == qps
        assert ngettext("{n} line", "{n} lines", 2) == "{n} " + made_up("lines")
    speak(qps)
    assert _(_SAMPLE) == made_up(_SAMPLE)
    assert _("Idly") == "Idly"
