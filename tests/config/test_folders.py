from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from till.config import Folders, HeldVenue, VenueKind, held_venue, hold_venue
from till.domain.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

ONE = HeldVenue(VenueKind.DEMO, "0197d6a0-0000-7000-8000-000000000001", "Udupi Corner", "INR")
OTHER = HeldVenue(VenueKind.OWN, "0197d6a0-0000-7000-8000-000000000002", "Café", "EUR")


def test_the_folder_is_the_named_one(tmp_path: Path) -> None:
    assert Folders.of({"TILL_DATA_DIR": str(tmp_path / "a b")}).root == tmp_path / "a b"
    assert Folders.of({}).root.is_absolute()


def test_a_folder_holds_one_venue(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "data")
    assert held_venue(folders) is None
    assert hold_venue(folders, ONE) == ONE
    assert hold_venue(folders, OTHER) == ONE
    assert held_venue(folders) == ONE


def test_the_secret_kept_first_counts_however_many_come_at_once(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folders.make()
    with ThreadPoolExecutor(8) as pool:
        kept = set(pool.map(lambda number: folders.keep_secret(1, f"secret-{number}"), range(32)))
    assert len(kept) == 1
    assert kept == {folders.read_secret(1)}


def test_secrets_are_their_owners_alone(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "data")
    folders.make()
    folders.keep_secret(3, "s3cret")
    assert folders.read_secret(3) == "s3cret"
    assert folders.read_secret(4) is None
    assert folders.secret(3).stat().st_mode & 0o077 == 0
    assert folders.root.stat().st_mode & 0o077 == 0


def test_a_secret_that_a_disk_damaged_is_none_and_another_takes_its_place(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "data")
    folders.make()
    folders.secret(3).write_bytes(b"\xff\x00\xd8")
    assert folders.read_secret(3) is None
    assert folders.keep_secret(3, "s3cret") == "s3cret"
    assert folders.read_secret(3) == "s3cret"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"kind": "demo"}', '{"kind":"demo","store_id":"x","name":"","currency":""}']
)
def test_a_damaged_venue_is_named_not_overwritten(tmp_path: Path, text: str) -> None:
    folders = Folders(tmp_path)
    folders.venue_file.write_text(text)
    with pytest.raises(ConfigError, match=r"venue\.json does not name a venue"):
        held_venue(folders)
    assert folders.venue_file.read_text() == text


def test_a_data_folder_that_is_a_file_is_named_with_the_way_out(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ConfigError, match=r"Not a directory\. TILL_DATA_DIR names another folder\."):
        held_venue(Folders(file))


def test_journals_of_a_till_have_their_purpose_in_their_name(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    assert folders.journal(2).name == "till-2.sqlite"
    assert folders.journal(2, "replay").name == "till-2-replay.sqlite"


def test_a_folder_that_cannot_be_made_says_which_variable_names_another(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="TILL_DATA_DIR"):
        Folders(tmp_path / "file" / "data").make()
