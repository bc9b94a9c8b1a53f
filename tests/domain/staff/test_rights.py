"""Rights of a role: its acts without approval, and how much of a price it may take off."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from till.config import read_value
from till.domain.errors import ConfigError, TillError
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.settings import VenueSettings, rights_of
from till.domain.staff.person import Role
from till.domain.staff.rights import ACTS_IN_WORDS, COUNTER, Permission, PermissionRequest, Rights

RUPEES = Currency("INR")


def rights(**body: Any) -> Rights:
    return rights_of(msgspec.convert(body, VenueSettings), RUPEES)


def off(amount: int, of: int) -> PermissionRequest:
    return PermissionRequest(Permission.DISCOUNT, Minor(amount), Minor(of))


def test_default_rights_let_a_cashier_discount_a_tenth() -> None:
    usual = rights()
    assert usual == Rights()
    assert usual.allow(Role.CASHIER, off(1_000, 10_000))
    assert not usual.allow(Role.CASHIER, off(1_001, 10_000))
    assert usual.allow(Role.CASHIER, off(834, 8_335))  # that is what ten per cent of it come to
    assert not usual.allow(Role.CASHIER, off(835, 8_335))
    assert {act for act in Permission if usual.allow(Role.CASHIER, PermissionRequest(act))} == {
        Permission.DISCOUNT,
        *COUNTER,
    }
    assert all(usual.allow(role, PermissionRequest(act)) for role in (Role.MANAGER, Role.ADMIN) for act in Permission)
    assert usual.allow(Role.MANAGER, off(10_000, 10_000))


@pytest.mark.parametrize(
    ("percent", "amount", "asked", "allowed"),
    [
        ("10", "0", off(0, 0), True),
        ("0", "0", off(1, 100), False),
        ("0", "5.00", off(500, 500), True),  # the greater of the two counts
        ("0", "5.00", off(501, 100_000), False),
        ("50", "5.00", off(50_000, 100_000), True),
        ("10", "5.00", off(50, 500)._replace(grows=True), True),
        ("10", "5.00", off(51, 500)._replace(grows=True), False),  # it applies to later lines too
        ("33.3333", "0", off(33_333, 100_000), True),
        ("33.3333", "0", off(33_334, 100_000), False),
        ("10", "0", off(-1_000, -10_000), True),  # of what is given back
        ("10", "0", off(-1_001, -10_000), False),
    ],
)
def test_a_discount_is_held_against_the_limits_of_the_role(
    percent: str, amount: str, asked: PermissionRequest, *, allowed: bool
) -> None:
    own = rights(cashier_discount_percent=percent, cashier_discount_amount=amount)
    assert own.allow(Role.CASHIER, asked) is allowed


@pytest.mark.parametrize(
    ("most", "amount", "allowed"), [("", -999_999, True), ("50.00", -5_000, True), ("50", 5_001, False)]
)
def test_a_cashier_moves_cash_up_to_the_limit_of_the_venue(most: str, amount: int, *, allowed: bool) -> None:
    asked = PermissionRequest(Permission.MOVE_CASH, Minor(amount))
    assert rights(cashier_cash=most).allow(Role.CASHIER, asked) is allowed
    assert rights(cashier_cash=most).allow(Role.MANAGER, asked)
    assert not rights(cashier_cash=most, cashier_may="").allow(Role.CASHIER, asked)


@pytest.mark.parametrize(("most", "pieces", "allowed"), [("", 999_999, True), ("24", 24, True), ("24", 25, False)])
def test_a_cashier_moves_things_on_the_shelf_up_to_the_limit_of_the_venue(
    most: str, pieces: int, *, allowed: bool
) -> None:
    asked = PermissionRequest(Permission.STOCK, pieces=pieces)
    assert rights(cashier_stock=most, cashier_may="stock").allow(Role.CASHIER, asked) is allowed
    assert rights(cashier_stock=most).allow(Role.MANAGER, asked)
    assert not rights(cashier_stock=most).allow(Role.CASHIER, asked)


def test_the_settings_name_what_a_role_may_do() -> None:
    own = rights(cashier_may="comp, price refund", manager_may="comp", manager_discount_percent="20")
    assert {act for act in Permission if own.allow(Role.CASHIER, PermissionRequest(act, Minor(9), Minor(10)))} == {
        Permission.COMP,
        Permission.PRICE,
        Permission.REFUND,
    }
    assert own.allow(Role.MANAGER, off(2_000, 10_000))
    assert not own.allow(Role.MANAGER, off(2_001, 10_000))
    assert own.allow(Role.ADMIN, off(2_001, 10_000))
    assert rights(cashier_may="all").allow(Role.CASHIER, off(10_000, 10_000))
    assert rights(staff_meal_percent="30").meal == 300_000


@pytest.mark.parametrize(
    "body",
    [
        {"cashier_may": "everything"}, {"manager_may": "comp all"}, {"cashier_may": "Comp"},
        {"cashier_discount_percent": "101"}, {"cashier_discount_percent": "-1"}, {"cashier_discount_percent": "ten"},
        {"cashier_discount_percent": ""}, {"staff_meal_percent": "1e2"}, {"staff_meal_percent": "100.0001"},
        {"cashier_discount_amount": "five"}, {"cashier_discount_amount": "1.005"}, {"manager_discount_amount": ""},
        {"cashier_cash": "none"}, {"cashier_cash": "1.005"},
    ],
)  # fmt: skip
def test_a_setting_that_makes_no_sense_is_refused(body: dict[str, str]) -> None:
    with pytest.raises((TillError, msgspec.ValidationError)):
        rights(**body)


def test_wrong_act_is_answered_with_the_right_ones() -> None:
    with pytest.raises(ConfigError, match=r"cashier_may is some of void_sent, .*; or all; or"):
        read_value("venue", "cashier_may", "everything")


def test_every_act_has_its_words() -> None:
    assert set(ACTS_IN_WORDS) == set(Permission)
