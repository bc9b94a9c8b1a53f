from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.printer.device import Device
from till.devices import escpos
from till.devices.escpos import AnswerKind
from till.domain.paper.document import PaperLine
from till.ports.printer import CODE_PAGES, PrinterProfile, PrinterTrouble

PROFILE = PrinterProfile(name="bar", address="tcp://printer")


def _printed(
    lines: list[PaperLine], profile: PrinterProfile = PROFILE, job_id: str = "1A00"
) -> tuple[Device, list[bytes]]:
    device, answers = Device(profile.columns), list[bytes]()
    device.send = answers.append
    device.receive(escpos.document(lines, profile, job_id))
    return device, answers


def test_document_is_printed_line_by_line_and_cut() -> None:
    device, answers = _printed(
        [PaperLine("Bar", bold=True), PaperLine("2 tea"), PaperLine("TOTAL", bold=True, tall=True), PaperLine("")]
    )
    (sheet,) = device.sheets
    assert [(one.text, one.bold, one.tall) for one in sheet.lines] == [
        ("Bar", True, False),
        ("2 tea", False, False),
        ("TOTAL", True, True),
        ("", False, False),
    ]
    assert (sheet.is_cut, sheet.ids, answers) == (True, ["1A00"], [b"7\x221A00\x00"])


def test_document_begins_like_a_printer_that_was_just_switched_on() -> None:
    device, _ = _printed([PaperLine("TOTAL", bold=True, tall=True)])
    device.receive(escpos.document([PaperLine("plain")], PROFILE, "1A01"))
    assert (device.sheets[1].lines[0].bold, device.sheets[1].lines[0].tall) == (False, False)


@pytest.mark.parametrize(
    ("facts", "end"),
    [
        ({}, b"\n\x1d(H\x06\x00001A00\x1dVB\x00"),
        ({"cutter": False}, b"\n\x1d(H\x06\x00001A00\x1bd\x04"),
        ({"answers_ids": False}, b"\n\x1dr1\x1dVB\x00"),
        ({"answers_ids": False, "asks_status": False}, b"\n\x1dVB\x00"),
    ],
    ids=["id before the cut", "no cutter", "second best", "cannot answer"],
)
def test_answer_is_asked_for_between_the_last_line_and_the_cut(facts: dict[str, bool], end: bytes) -> None:
    profile = PrinterProfile(name="bar", address="tcp://printer", **facts)  # type: ignore[arg-type]
    document = escpos.document([PaperLine("tea")], profile, "1A00")
    assert document == b"\x1b@\x1bt\x13tea" + end


@pytest.mark.parametrize(
    ("page", "number", "text"),
    [
        ("cp437", 0, "£ ñ ß"),
        ("cp850", 2, "Ø ã"),
        ("cp1252", 16, "€ Œ"),
        ("cp866", 17, "Чай"),
        ("cp852", 18, "Łódź"),
        ("cp858", 19, "€ é"),
        ("iso8859_7", 15, "τσάι"),
    ],
)
def test_code_page_is_set_by_the_number_of_epson(page: str, number: int, text: str) -> None:
    profile = PrinterProfile(name="bar", address="tcp://printer", code_page=page)
    assert escpos.document([], profile, "1A00").startswith(b"\x1b@\x1bt%c" % number)
    assert _printed([PaperLine(text)], profile)[0].text.startswith(text)


def test_unknown_code_page_is_the_first_one() -> None:
    device, _ = _printed([PaperLine("tea £")], PrinterProfile(name="bar", address="tcp://printer", code_page="utf_8"))
    assert device.sheets[0].text == "tea £"


@pytest.mark.parametrize(
    ("text", "paper"),
    [
        ("\x1b@tea", "?@tea"),
        ("\x1dV\x00tea", "?V?tea"),
        ("\x10\x14\x01\x00\x02", "?????"),
        ("\x10\x04\x01", "???"),
        ("a\x00b\tc\nd\x7f", "a?b?c?d?"),
        ("\x85 \x9b", "? ?"),
        ("₹ தேநீர்", "? ??????"),
    ],
    ids=["ESC", "GS V", "kick", "status", "NUL and others", "C1", "Tamil"],
)
def test_text_is_no_command(text: str, paper: str) -> None:
    device, answers = _printed([PaperLine(text)])
    assert device.sheets[0].lines[0].text == paper
    assert (device.kicks, device.unknown, len(answers), len(device.sheets)) == (0, [], 1, 1)


@given(
    texts=st.lists(
        st.text(st.sampled_from("\x00\x04\x05\x10\x14\x1b\x1c\x1d\x01\x02\n\r@V(H0ar\x7f\x9bé₹"), max_size=60)
    ),
    page=st.sampled_from(sorted(CODE_PAGES)),
    job_id=st.text(min_size=4, max_size=4),
)
def test_no_text_injects_a_command(texts: list[str], page: str, job_id: str) -> None:
    profile = PrinterProfile(name="bar", address="tcp://printer", code_page=page, columns=60)
    device, answers = _printed([PaperLine(text) for text in texts], profile, job_id)
    (sheet,) = device.sheets
    assert (device.kicks, device.unknown, sheet.is_cut, len(sheet.lines)) == (0, [], True, len(texts))
    assert [len(answer) for answer in answers] == [7]


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        ("12 12 12 12", None),
        ("16 12 12 1e", None),
        ("1a 32 12 72", PrinterTrouble.NO_PAPER),
        ("12 12 12 72", PrinterTrouble.NO_PAPER),
        ("1a 36 12 72", PrinterTrouble.OPEN),
        ("1a 16 12 12", PrinterTrouble.OPEN),
        ("1a 52 12 12", PrinterTrouble.ERROR),
        ("1a 12 1a 12", PrinterTrouble.ERROR),
        ("1a 12 32 12", PrinterTrouble.ERROR),
        ("1a 1a 12 12", PrinterTrouble.BUSY),
    ],
)
def test_trouble_in_the_four_answers(status: str, trouble: PrinterTrouble | None) -> None:
    assert escpos.trouble_of(bytes.fromhex(status)) is trouble


@pytest.mark.parametrize(
    ("arrived", "answers", "left"),
    [
        (b"\x12\x1a", [(AnswerKind.STATUS, b"\x12\x1a")], b""),
        (b"7\x221A00\x00\x12", [(AnswerKind.PRINTED, b"1A00"), (AnswerKind.STATUS, b"\x12")], b""),
        (b"\x127\x221A", [(AnswerKind.STATUS, b"\x12")], b"7\x221A"),
        (b"7", [], b"7"),
        (b"7\x221A00\x01", [(AnswerKind.RUBBISH, b"7\x221A00\x01")], b""),
        (
            b"77",
            [
                (AnswerKind.RUBBISH, b"7"),
            ],
            b"7",
        ),
        (b"\x0c\x00", [(AnswerKind.READ, b"\x0c"), (AnswerKind.READ, b"\x00")], b""),
        (b"\xff\x80", [(AnswerKind.RUBBISH, b"\xff"), (AnswerKind.RUBBISH, b"\x80")], b""),
    ],
)
def test_answers_are_taken_whole(arrived: bytes, answers: list[tuple[AnswerKind, bytes]], left: bytes) -> None:
    buffer = bytearray(arrived)
    assert list(escpos.take_answers(buffer)) == answers
    assert buffer == left
