"""The venue's word for a tab: a restaurant has tables, a bar has tabs, and no screen mixes the two."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.tui.playing import LOG_IN, FakeStore, a_reference
from tests.tui.quiet import a_quiet_till
from tests.tui.test_answer_lines import sentences
from till.domain.venue import TAB_WORDS

if TYPE_CHECKING:
    from pathlib import Path

WORDS = [("table", "tables"), ("tab", "tabs")]


@pytest.mark.parametrize(("one", "many"), WORDS)
async def test_one_word_for_a_tab_everywhere(tmp_path: Path, one: str, many: str) -> None:
    venue = a_reference()
    venue["settings"]["tab_word"] = one
    other, others = next(words for words in WORDS if words[0] != one)
    async with a_quiet_till(tmp_path, reference=venue, store=FakeStore(), typed=LOG_IN + "2 idly{enter}") as till:
        shown = [till.text()]
        await till.type(f"{other} 7{{enter}}")
        assert till.answer() == f"Saved to {one} 7. F8 lists the {many}."
        await till.type("tea{enter}{f8}7")
        assert f"Enter adds 1 line, ₹20.00 to {one} 7: total ₹100.00." in till.text()
        for keys in ("", "{f1}", "{escape}{escape}{escape}{f1}", "{escape}{ctrl+p}"):
            await till.type(keys)
            shown.append(till.text())
        text = "\n".join(shown)
        assert many.capitalize() in text
        assert f"save, recall; “{one} 7”" in text
        assert not re.search(rf"\b({other} \d|{others.capitalize()}\b)", text)


async def test_another_word_finds_what_was_saved_under_the_one_before(tmp_path: Path) -> None:
    venue = a_reference()
    async with a_quiet_till(tmp_path, reference=venue, store=FakeStore()) as till:
        await till.type(LOG_IN + "2 idly{enter}table 7{enter}")
    venue["settings"]["tab_word"] = "tab"
    async with a_quiet_till(tmp_path, reference=venue, store=FakeStore()) as till:
        till.journal.cache("settings", 2, venue["settings"])
        await till.type(LOG_IN + "tea{enter}{f8}7")
        assert "Enter adds 1 line, ₹20.00 to table 7: total ₹100.00." in till.text()


def test_no_sentence_of_the_counter_has_a_word_of_its_own_for_a_tab() -> None:
    own = {word for words in TAB_WORDS.values() for word in (words.one, words.many)}
    bare = [(place, re.sub(r"\{.*?\}", "", text)) for place, text in sentences() if text not in own]
    assert [(place, text) for place, text in bare if re.search(r"\btabs?\b|\bTabs\b", text)] == []
