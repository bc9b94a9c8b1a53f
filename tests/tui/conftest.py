import pytest


@pytest.fixture(autouse=True)
def a_terminal_of_no_opinion(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the shell around the tests says of colour must not reach the screens in them."""
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_FILTERS"):
        monkeypatch.delenv(name, raising=False)
