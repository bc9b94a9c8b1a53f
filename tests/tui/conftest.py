import pytest


@pytest.fixture(autouse=True)
def a_terminal_of_no_opinion(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the shell's settings of colour, so that they do not reach the screens in tests."""
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_FILTERS"):
        monkeypatch.delenv(name, raising=False)
