import pytest

from till.tui.drawing.big_digits import LOW, TALL, TOWERING, big_digits


def drawn(text: str, width: int = 200, height: int = TALL) -> list[str]:
    return list(big_digits(text, width, height).rows)


def test_the_tall_cut_is_that_of_the_look() -> None:
    assert drawn("859.50") == [
        "▄████▄  ██████  ▄████▄    ██████  ▄████▄",
        "██  ██  ██      ██  ██    ██      ██  ██",
        "██████  █████▄  ▀█████    █████▄  ██  ██",
        "██  ██      ██      ██        ██  ██  ██",
        "▀████▀  ▀████▀  ▀████▀ ██ ▀████▀  ▀████▀",
    ]
    assert drawn("−27.60") == [
        "      ▄████▄  ██████    ▄████▄  ▄████▄",
        "          ██      ██    ██      ██  ██",
        "████  ▄████▀      ██    █████▄  ██  ██",
        "      ██          ██    ██  ██  ██  ██",
        "      ██████      ██ ██ ▀████▀  ▀████▀",
    ]


def test_the_low_cut_is_that_of_the_look() -> None:
    assert drawn("14:03", height=LOW) == [
        "▄▄██    ██  ██ ▄▄ ▄█▀▀█▄  ▄█▀▀█▄",
        "  ██    ██▄▄██    ██  ██     ▀█▄",
        "▄▄██▄▄      ██ ▀▀ ▀█▄▄█▀  ▀█▄▄█▀",
    ]
    assert drawn("240.00", height=LOW) == [
        "▄█▀▀█▄  ██  ██  ▄█▀▀█▄    ▄█▀▀█▄  ▄█▀▀█▄",
        "  ▄▄█▀  ██▄▄██  ██  ██    ██  ██  ██  ██",
        "▄██▄▄▄      ██  ▀█▄▄█▀ ▄▄ ▀█▄▄█▀  ▀█▄▄█▀",
    ]


def test_the_narrow_cut_parts_groups_by_a_column() -> None:
    assert drawn("12,345.67", 44) == [
        " █  ███  ███ █ █ ███   ███ ███",
        "██    █    █ █ █ █     █     █",
        " █  ███  ███ ███ ███   ███   █",
        " █  █      █   █   █   █ █   █",
        "███ ███  ███   █ ███ █ ███   █",
    ]


def test_the_widest_cut_that_fits_is_taken() -> None:
    assert big_digits("470.00", 40).width == 40
    assert 20 < big_digits("470.00", 39).width < 30
    assert big_digits("470.00", 40, LOW).width == 40
    assert 20 < big_digits("470.00", 39, LOW).width < 30
    assert not big_digits("470.00", 10, LOW).large
    text = big_digits("470.00", 10)
    assert (text.rows, text.width, text.large) == (("470.00",), 6, False)


@pytest.mark.parametrize("digit", "0123456789")
@pytest.mark.parametrize(("width", "height", "wide"), [(6, TALL, 6), (3, TALL, 3), (6, LOW, 6), (3, LOW, 3)])
def test_every_digit_fills_its_box_and_is_its_own(digit: str, width: int, height: int, wide: int) -> None:
    shape = big_digits(digit, width, height)
    assert (shape.width, len(shape.rows)) == (wide, height)
    assert {len(row) for row in shape.rows} == {wide}
    assert set("".join(shape.rows)) <= set("█▀▄ ")
    assert [other for other in "0123456789" if big_digits(other, width, height).rows == shape.rows] == [digit]


@pytest.mark.parametrize(
    ("written", "like"),
    [("1 240,50", "1\u202f240,50"), ("1\u2019240.50", "1'240.50"), ("-5", "−5")],
)
def test_signs_that_mean_the_same_look_the_same(written: str, like: str) -> None:
    assert drawn(written) == drawn(like)


def test_a_decimal_comma_is_not_drawn_as_a_point() -> None:
    assert drawn("12,50") != drawn("12.50")
    assert drawn("1.240,50") != drawn("1,240.50")


def test_an_amount_that_no_cut_has_is_text() -> None:
    assert not big_digits("₹12", 200).large
    assert big_digits("", 10).rows == ("",)


def test_the_towering_cut_has_longer_strokes_and_the_same_bars() -> None:
    assert drawn("1,859.40", height=TOWERING) == [
        " ▄██      ▄████▄  ██████  ▄████▄    ██  ██  ▄████▄",
        "▀▀██      ██  ██  ██      ██  ██    ██  ██  ██  ██",
        "  ██      ██  ██  ██      ██  ██    ██  ██  ██  ██",
        "  ██      ██████  █████▄  ▀█████    ██████  ██  ██",
        "  ██      ██  ██      ██      ██        ██  ██  ██",
        "  ██   ▄▄ ██  ██      ██      ██        ██  ██  ██",
        "██████ ▄▀ ▀████▀  ▀████▀  ▀████▀ ██     ██  ▀████▀",
    ]
    assert len(drawn("12,34,567.00", 52, TOWERING)) == 7
    assert drawn("1:00", height=TOWERING)[1][7:9] == "██"


@pytest.mark.parametrize("height", [LOW, TALL, TOWERING])
def test_a_figure_of_lakhs_keeps_the_wide_cut_as_long_as_it_fits(height: int) -> None:
    assert big_digits("1,00,000.00", 68, height).width == 68
    apart = big_digits("1,00,000.00", 67, height)
    assert apart.width == 66
    assert apart.rows[-1][6:9] == "   "
    assert big_digits("1,00,000.00", 65, height).width < 50
