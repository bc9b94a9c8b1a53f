"""Words of a release: what `make release` refuses, and what it writes. It is itself made by hand, once."""

from __future__ import annotations

import pytest

from tools.release import ReleaseError, begun, checked, closed, next_version

CHANGELOG = "# Changelog\n\nA line each.\n\n## 0.1.1, not yet released\n\n- New.\n\n## 0.1.0, 2026-11-29\n\n- Old.\n"


def test_a_section_is_dated_and_the_next_one_begins_above_it() -> None:
    dated = closed(CHANGELOG, "0.2.0", "2026-12-24")
    assert dated == CHANGELOG.replace("0.1.1, not yet released", "0.2.0, 2026-12-24")
    assert next_version("0.2.0") == "0.2.1.dev0"
    after = begun(dated, "0.2.1")
    assert after == dated.replace("## 0.2.0", "## 0.2.1, not yet released\n\nNothing yet.\n\n## 0.2.0")
    with pytest.raises(ReleaseError, match="not yet released"):
        closed(dated, "0.2.1", "2026-12-25")


@pytest.mark.parametrize(
    ("version", "program", "sentence"),
    [
        ("", "0.1.0.dev0", "three numbers: make release VERSION=0.1.0"),
        ("1.0", "0.1.0.dev0", "three numbers"),
        ("0.1.0", "0.1.1.dev0", "The program is 0.1.1.dev0"),
        ("0.2.0", "0.1.0", "The program is 0.1.0: it can become 0.1.1."),
    ],
)
def test_a_version_that_is_none_or_not_the_next_is_refused(version: str, program: str, sentence: str) -> None:
    with pytest.raises(ReleaseError, match=sentence):
        checked(version, program)


@pytest.mark.parametrize("version", ["0.1.1", "0.2.0", "1.0.0", "0.1.10"])
def test_a_release_may_skip_numbers(version: str) -> None:
    assert checked(version, "0.1.1.dev0") == version
