"""The answers of the entry line in the made-up language: no English but data and words to type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from tests.register.quick_entry.test_sentences import MANAGER, ROWS, Counter
from till.domain.errors import TillError
from till.domain.i18n import speak
from till.register.conversation import Conversation

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The sentences of an evening at one till, from its first line to the count of its drawer.
EVENING: Final = """
    cart; checkout; undo; tip; seat; discount; refund; feedback; preference; invoice; note; split; merge; count; drop
    2 idly; seat 2; course 1; fire; hold; send; eat in; take away; no onion; 10% off; 10% off order; undo; comp; was
    oat milk please; no preference; allergy nuts; customer asha
    invoice to Rao Ltd, 29ABC1234; tab asha; recall asha; recall 9
    tab 5; recall 5; move 9; merge 7; guests 4; hand over 2; bill; tip 5; card 10; cash 20; that was upi
    split 3; cash 500; receipt
    feedback 4 slow; feedback; refund 1-1; refund 1-000001; gift receipt; copy; no receipt; tickets; tickets again
    masala dosa; void; clear; clear; 3 tea; clear the order; clear the order; 86 tea; back tea; 5 tea left; open drawer
    paid out 20 milk; paid in 100; drop 50; drop 99999; undo; count 1342.50; count 1342.50; x; z; close; menu; help
    voucher 100; account asha; tea @ 5; -1 tea; 9999 tea; 0.5 tea; notices; conflicts; suspend; resume; log out; lock
"""
_QUOTED: Final = re.compile("“[^”]*”|`[^`]*`")
_WORD: Final = re.compile(r"[A-Za-z]{2,}")
#: Data: the venue's table, its choices, a guest, a tax, a category, and the letters of a till's numbers.
_DATA: Final = frozenset({"asha", "table", "mild", "medium", "hot", "spice", "gst", "breakfast", "xbeef"})


def _answer(conversation: Conversation, typed: str) -> str:
    try:
        return conversation.say(typed)
    except TillError as problem:
        return problem.sentence


def _english(answer: str, typed: str, names: Iterable[str]) -> list[str]:
    """Return the English words of an answer but words to type, what was typed, and the names of items."""
    left = _QUOTED.sub("", answer)
    for name in names:
        left = re.sub(re.escape(name), "", left, flags=re.IGNORECASE)
    known = _DATA | set(re.findall(r"[a-z]+", typed.casefold()))
    return [word for word in _WORD.findall(left) if word.casefold() not in known]


@pytest.mark.parametrize(
    "rows", [ROWS, [((), typed.strip()) for typed in re.split(r"[;\n]", EVENING) if typed.strip()]]
)
def test_no_answer_has_an_english_word_but_data_and_words_to_type(
    qps: str, rows: list[tuple[list[str], str, str]]
) -> None:
    speak(qps)
    found: dict[str, list[str]] = {}
    counter, conversation = Counter([]), None
    for order, typed, *_expected in rows:
        if order or conversation is None:
            counter = Counter(list(order))
            conversation = Conversation(counter.register, MANAGER, counter.session)
        names = sorted((item.name for item in counter.register.menu.items), key=len, reverse=True)
        answer = _answer(conversation, typed)
        if words := _english(answer, typed, names):
            found[f"{typed}: {answer}"] = words
    assert not found
