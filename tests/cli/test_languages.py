"""The languages of people, of the venue and of its stations, by `till admin`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from till.domain.i18n import LANGUAGES, translations

if TYPE_CHECKING:
    from tests.cli.conftest import Shell


def _listed(staffed: Shell) -> dict[str, dict[str, Any]]:
    found = staffed("admin", "settings", "languages", "--json").json["languages"]
    return {one["language"]: one for one in found}


def test_the_list_has_what_each_language_lacks_and_who_uses_it(staffed: Shell) -> None:
    assert [(one["language"], one["lacks"], one["venue"], one["users"]) for one in _listed(staffed).values()] == [
        (code, translations(code).lacks, code == "en", []) for code in LANGUAGES
    ]
    assert staffed.ok("admin", "users", "set-language", "9", "es") == "Number 9 reads Español from the next login on.\n"
    staffed.ok("admin", "settings", "set", "languages", '["hi", "es"]')
    staffed.ok("admin", "stations", "add", "Grill", "--screen")
    staffed.ok("admin", "settings", "set", "ticket_languages", '{Grill = "es"}')
    found = _listed(staffed)
    assert (found["es"]["users"], found["es"]["stations"], found["es"]["venue"]) == ([9], ["Grill"], True)
    assert (found["en"]["users"], found["en"]["stations"], found["en"]["venue"]) == ([], [], False)
    table = staffed.ok("admin", "settings", "languages")
    assert "Español" in table
    assert "its first" in table
    assert "for guests" in table
    people = staffed("admin", "users", "list", "--json").json["users"]
    assert {one["number"]: one["language"] for one in people if one["language"]} == {9: "es"}
    staffed.ok("admin", "stations", "remove", "Grill")
    assert _listed(staffed)["es"]["stations"] == []
    words = "Number 9 reads the venue's language from the next login on.\n"
    assert staffed.ok("admin", "users", "set-language", "9", "") == words
    assert _listed(staffed)["es"]["users"] == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("users", "set-language", "9", "fr"), "A till does not speak fr. It speaks en, es, hi."),
        (("settings", "set", "languages", '["en", "fr"]'), "languages: there is no fr. There are: en, es, hi."),
        (("settings", "set", "languages", "[]"), "languages is a list of codes such as"),
        (("settings", "set", "languages", "es"), "languages is a list of codes such as"),
        (("settings", "set", "ticket_languages", '{Bar = "xx"}'), "there is no xx. There are: en, es, hi."),
        (("settings", "set", "ticket_languages", '{Bar = "ES"}'), "is codes by station"),
    ],
)
def test_a_language_that_no_till_speaks_is_refused(staffed: Shell, words: tuple[str, ...], why: str) -> None:
    assert why in staffed.refused("admin", *words)
