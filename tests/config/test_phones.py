from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from till.config import Folders
from till.config.phones import Phones, link_of

if TYPE_CHECKING:
    from pathlib import Path

BEGIN = datetime(2026, 5, 1, 18, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    found = Folders(tmp_path)
    found.make()
    for till in (5, 50):
        found.keep_secret(till, "s3cret")
    return found


@pytest.fixture
def phones(folders: Folders, clock: Clock) -> Phones:
    return Phones(folders, clock)


def test_the_newest_browser_that_opens_the_link_is_the_phones(phones: Phones) -> None:
    link = phones.new_link(5)
    first = phones.redeem(link)
    mark = phones.mark(5)
    second = phones.redeem(link)
    assert first is not None
    assert second is not None
    assert phones.till_of(second) == 5
    assert phones.till_of(first) is None
    assert mark != phones.mark(5) != ""


@pytest.mark.parametrize(("after", "opens"), [(timedelta(minutes=59), True), (timedelta(hours=1), False)])
def test_a_link_opens_for_an_hour_and_its_cookie_for_longer(
    phones: Phones, clock: Clock, after: timedelta, *, opens: bool
) -> None:
    link = phones.new_link(5)
    cookie = phones.redeem(link)
    assert cookie is not None
    clock.now += after
    assert phones.till_of(cookie) == 5
    assert (phones.redeem(link) is not None) is opens


def test_a_new_link_ends_the_older_link_and_the_cookie(phones: Phones) -> None:
    old = phones.new_link(5)
    cookie = phones.redeem(old)
    assert cookie is not None
    new = phones.new_link(5)
    assert phones.till_of(cookie) is None
    assert phones.mark(5) == ""
    assert phones.redeem(old) is None
    assert phones.redeem(new) is not None


def test_a_forgotten_phone_has_no_way_in(phones: Phones) -> None:
    link = phones.new_link(5)
    cookie = phones.redeem(link)
    assert cookie is not None
    assert phones.is_phone(5)
    phones.forget(5)
    phones.forget(5)
    assert not phones.is_phone(5)
    assert phones.till_of(cookie) is None
    assert phones.redeem(link) is None


def test_a_till_without_its_secret_has_no_way_in(phones: Phones, folders: Folders) -> None:
    cookie = phones.redeem(phones.new_link(5))
    assert cookie is not None
    assert phones.mark(5)
    folders.secret(5).unlink()
    assert phones.mark(5) == ""
    assert phones.till_of(cookie) is None


@pytest.mark.parametrize("value", ["", "5-", "5-" + "A" * 43, "50", "0-x", "../5-" + "A" * 43, "5-" + "é" * 43])
def test_value_that_was_not_given_opens_nothing(phones: Phones, value: str) -> None:
    assert phones.till_of(value) is None
    assert phones.redeem(value) is None
    phones.redeem(phones.new_link(5))
    assert phones.till_of(value) is None
    assert phones.redeem(value) is None


def test_the_value_of_one_phone_opens_no_other(phones: Phones) -> None:
    link, other = phones.new_link(5), phones.new_link(50)
    cookie = phones.redeem(link)
    assert cookie is not None
    assert phones.redeem("50" + link[1:]) is None
    assert phones.till_of("50" + cookie[1:]) is None
    assert phones.till_of(other) is None
    assert phones.redeem(cookie) is None


def test_a_file_is_its_owners_alone_and_holds_no_way_in(phones: Phones, folders: Folders) -> None:
    link = phones.new_link(5)
    cookie = phones.redeem(link)
    assert cookie is not None
    file = folders.secret(5).with_name("till-5.phone")
    assert file.stat().st_mode & 0o077 == 0
    text = file.read_text(encoding="utf-8")
    assert link[2:] not in text
    assert cookie[2:] not in text
    assert folders.enrolled() == [5, 50]


def test_a_damaged_file_opens_nothing_until_a_new_link_is_made(phones: Phones, folders: Folders) -> None:
    link = phones.new_link(5)
    folders.secret(5).with_name("till-5.phone").write_bytes(b"\x00")
    assert phones.redeem(link) is None
    assert phones.redeem(phones.new_link(5)) is not None


def test_a_link_has_its_token_where_no_browser_sends_it() -> None:
    assert link_of("https://till.example:8443/", "5-abc") == "https://till.example:8443/#5-abc"
