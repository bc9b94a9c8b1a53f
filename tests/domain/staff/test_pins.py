import pytest

from till.domain.errors import LoginError
from till.domain.staff.pins import check_pin, hash_pin


def test_a_pin_belongs_to_its_hash_alone() -> None:
    kept = hash_pin("111111")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert "111111" not in kept
    assert check_pin(kept, "111111")
    assert not check_pin(kept, "111112")


@pytest.mark.parametrize("kept", ["", "1111", "$argon2id$v=19$damaged", "$2b$12$other"])
def test_a_hash_that_does_not_read_belongs_to_no_pin(kept: str) -> None:
    assert not check_pin(kept, "1111")


@pytest.mark.parametrize("pin", ["", "111", "1" * 13, "11a1", "١١١١", " 1111", "11.1"])
def test_an_invalid_pin_is_refused(pin: str) -> None:
    with pytest.raises(LoginError, match="A PIN is 4 to 12 digits"):
        hash_pin(pin)
