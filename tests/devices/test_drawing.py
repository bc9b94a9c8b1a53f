"""Letters that a code page lacks: drawn as rows of dots by a process of its own, or spelt plainly."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import uharfbuzz
from PIL import ImageFont

from tests.devices.printing import until
from tests.printer.device import Device
from tests.shaping import SHAPES
from till.devices import escpos, pen
from till.devices.drawing import Drawing
from till.devices.fonts import FontFile, find_fonts
from till.devices.pen import Pen
from till.domain.paper.document import COLUMN, Document, DocumentRow, PaperLine, PlacedText, RowRole, bytes_of_row
from till.domain.paper.lines import lines_of
from till.domain.structs import replace
from till.ports.printer import PrinterProfile

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

pytestmark = SHAPES

FOLDER: Final = Path(__file__).parents[1] / "fonts"
FONTS: Final = (f"{FOLDER}/DejaVuSans.ttf", f"{FOLDER}/NotoSans*.ttf")
PEN: Final = Pen("cp858", fonts=tuple(find_fonts(FONTS)))
BAR: Final = PrinterProfile(name="bar", address="tcp://printer", draws=True)
DOSA, TEA, COFFEE, PAK = "மசாலா தோசை", "मसाला चाय", "قهوة بالحليب", "ಮೈಸೂರು ಪಾಕ್"
WORDS: Final = [
    ("DejaVuSans", "قهوة"),
    ("NotoSansTamil-Regular", "தோசை"),
    ("NotoSansTamil-Regular", "உடுப்பி"),
    ("NotoSansDevanagari-Regular", "क्षत्रिय"),
    ("NotoSansKannada-Regular", "ಕ್ಷೀರ"),
]


def receipt(*names: str) -> Document:
    return Document("R", tuple(DocumentRow(f" 2 x {name}", "240.00", ("@ 120.00",)) for name in names))


def drawn(document: Document, columns: int = 42) -> tuple[PaperLine, ...]:
    return lines_of(document, columns, PEN, PEN.draw)


def rows(line: PaperLine, columns: int = 42) -> list[str]:
    """Return the rows of a drawn line, a character for each dot."""
    width = bytes_of_row(columns)
    return [
        f"{int.from_bytes(line.dots[at : at + width], 'big'):0{width * 8}b}" for at in range(0, len(line.dots), width)
    ]


def run(act: Callable[[Drawing], Awaitable[None]], fonts: Sequence[str] = FONTS, patience: float = 30) -> None:
    async def main() -> None:
        drawing = Drawing(fonts, patience)
        try:
            await act(drawing)
        finally:
            drawing.close()

    asyncio.run(main())


@pytest.mark.parametrize(("font", "word"), WORDS, ids=[unicodedata.name(word[0])[:20] for _font, word in WORDS])
def test_a_text_is_as_wide_as_harfbuzz_shapes_it_and_not_as_its_letters_in_a_row(font: str, word: str) -> None:
    path = FOLDER / f"{font}.ttf"
    shaper, buffer = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)))), uharfbuzz.Buffer()
    shaper.scale = 20 * 64, 20 * 64
    buffer.add_str(word)
    buffer.guess_segment_properties()
    uharfbuzz.shape(shaper, buffer)
    shaped = sum(place.x_advance for place in buffer.glyph_positions) / 64
    unshaped = ImageFont.truetype(path, 20, layout_engine=ImageFont.Layout.BASIC).getlength(word)
    assert PEN.dots(word) == shaped != unshaped
    assert PEN.width(word) == -(-shaped // COLUMN)


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_a_line_with_letters_that_the_code_page_lacks_is_drawn_and_its_columns_stay(columns: int) -> None:
    lines = drawn(receipt(DOSA, "Filter coffee", TEA, COFFEE, PAK), columns)
    assert [bool(line.dots) for line in lines if "240.00" in line.text] == [True, False, True, True, True]
    for line in lines:
        if line.dots:
            dots = rows(line, columns)
            edge = max(row.rindex("1") for row in dots if "1" in row)
            assert (columns - 1) * COLUMN < edge < columns * COLUMN, "the amount ends at the edge"


def test_arabic_runs_from_right_to_left_between_its_number_and_the_amount() -> None:
    (line,) = drawn(receipt("قهوة"))
    begins, width = round(COLUMN + PEN.dots("2 x ")), round(PEN.dots("قهوة"))
    word = "".join(row[begins : begins + width] for row in rows(line))

    def differs(text: str) -> float:
        (alone,) = drawn(Document("R", (DocumentRow(text),)))
        dots = "".join(row[:width] for row in rows(alone))
        return sum(one != other for one, other in zip(word, dots, strict=True)) / word.count("1")

    assert differs("قهوة") < 0.2
    assert differs("ةوهق") > 0.5


def test_bold_is_darker_and_tall_has_each_row_twice() -> None:
    plain, bold, tall = drawn(
        Document(
            "R", (DocumentRow(DOSA), DocumentRow(DOSA, role=RowRole.HEADING), DocumentRow(DOSA, role=RowRole.TOTAL))
        )
    )
    ink = ["".join(rows(line)).count("1") for line in (plain, bold, tall)]
    assert ink[0] < ink[1]
    assert ink[2] == 2 * ink[1]
    assert rows(tall)[::2] == rows(tall)[1::2] == rows(bold)


def test_a_word_of_sixty_letters_is_broken_between_letters_in_eleven_columns() -> None:
    word = "தமிழ்க்ஷேத்ரபாலன்சுப்ரமணியம்தமிழ்க்ஷேத்ரபாலன்சுப்ரமணியம்தமிழ்"
    assert len(word) >= 60
    lines = drawn(Document("T", (DocumentRow(word),)), 11)
    assert "".join(line.text for line in lines) == word
    assert all(PEN.width(line.text) <= 11 for line in lines)
    assert not any(unicodedata.category(line.text[0]).startswith("M") for line in lines)
    assert all(row[11 * COLUMN :].count("1") == 0 for line in lines for row in rows(line, 11))


@pytest.mark.parametrize("columns", [32, 42, 48])
@pytest.mark.parametrize("name", ["क्" * 300 + "क", "क" + "ा" * 300, "क" + "़" * 10_000], ids=["kk", "aa", "mn"])
def test_a_name_of_one_endless_letter_hides_no_amount(name: str, columns: int) -> None:
    def number(document: Document) -> list[str]:
        *_above, last = (line for line in drawn(document, columns) if "240.00" in line.text)
        begins = columns * COLUMN - round(PEN.dots("240.00")) - COLUMN // 2
        return [row[begins:] for row in rows(last, columns) if "1" in row[begins:]]

    assert number(receipt(name)) == number(receipt("ம"))


def test_the_widths_of_many_papers_do_not_fill_the_memory() -> None:
    for price in range(5_000):
        PEN.width(f"{price}.00")
    assert pen._length.cache_info().currsize < 3_000


def test_no_row_of_dots_holds_a_real_time_command() -> None:
    """Two thousand random lines, and as many of the bytes that make such a command."""
    letters = "மசாலாதோசைகடலைमसालाडोसाಮೈಸೂರುقهوة 0123456789.,ABCxyz"
    chance = random.Random(83)  # noqa: S311 - no secrets
    real_time = re.compile(rb"\x10[\x04\x05\x14]")
    for _line in range(2_000):
        text = "".join(chance.choices(letters, k=chance.randrange(4, 40)))
        dots = PEN.draw([PlacedText(text)], 42, chance.random() < 0.5, chance.random() < 0.5)
        bad = bytes(chance.choices(b"\x00\x10\x04\x05\x14", k=len(dots)))
        assert real_time.search(bad)
        printed = escpos.document([PaperLine(text, dots=dots), PaperLine(text, dots=bad)], BAR, "1A00")
        assert not real_time.search(printed)


def test_the_printer_gets_the_dots_in_bands_that_its_buffer_holds() -> None:
    line = drawn(Document("R", (DocumentRow(DOSA, role=RowRole.TOTAL),)), 48)[0]
    device = Device(48)
    device.receive(escpos.document([PaperLine("above"), line, PaperLine("below")], replace(BAR, columns=48), "1A00"))
    (sheet,) = device.sheets
    assert (device.unknown, sheet.is_cut, sheet.text) == ([], True, "above\nbelow")
    assert b"".join(sheet.dots) == re.sub(rb"\x10(?=[\x04\x05\x14])", b"\x18", line.dots)


def test_a_paper_after_one_that_was_cut_off_in_its_dots_is_whole() -> None:
    """The till died, or its printer's cable was pulled; the printer waits for the rest of the rows."""
    whole = escpos.document(drawn(receipt(DOSA, PAK)), BAR, "1A00")
    after = escpos.document([PaperLine("TOTAL  5.00"), *drawn(receipt(TEA))], BAR, "1A01")
    for end in range(whole.index(b"\x1dv0"), whole.rindex(b"\x1d(H"), 97):
        device = Device(42)
        device.receive(whole[:end])
        device.receive(after)
        assert (device.unknown, device.kicks, device.sheets[-1].text) == ([], 0, "TOTAL  5.00"), end
        assert device.sheets[-1].is_cut


def test_a_process_draws_what_a_pen_draws_and_is_the_same_for_the_next_paper() -> None:
    async def act(drawing: Drawing) -> None:
        drawing.start()
        process = drawing._process
        for document in (receipt(DOSA, TEA), receipt(COFFEE)):
            assert tuple(await drawing.lines(document, BAR)) == drawn(document)
        both = await asyncio.gather(drawing.lines(receipt(DOSA), BAR), drawing.lines(receipt(PAK), BAR))
        assert [tuple(lines) for lines in both] == [drawn(receipt(DOSA)), drawn(receipt(PAK))]
        assert drawing._process is process is not None

    run(act)


SPELT: Final = " 2 x macaalaa toocai   @ 120.00     240.00"


def test_without_letters_to_draw_or_a_printer_that_draws_or_fonts_no_process_starts() -> None:
    async def act(drawing: Drawing) -> None:
        for document, profile in ((receipt("Idly ₹"), BAR), (receipt(DOSA), replace(BAR, draws=False))):
            assert not any(line.dots for line in await drawing.lines(document, profile))
        assert drawing._process is None
        assert [line.text for line in await Drawing(()).lines(receipt(DOSA), BAR)] == [SPELT]

    run(act)


def test_a_process_killed_in_the_middle_of_a_receipt_leaves_letters_that_are_spelt() -> None:
    async def act(drawing: Drawing) -> None:
        await drawing.lines(receipt(DOSA), BAR)
        assert drawing._process is not None
        os.kill(drawing._process.pid, signal.SIGSTOP)  # it has the document, and answers nothing
        lines = asyncio.create_task(drawing.lines(receipt(DOSA), BAR))
        await until(drawing._turn.locked)
        os.kill(drawing._process.pid, signal.SIGKILL)
        assert [line.text for line in await lines] == [SPELT]
        assert all(line.dots for line in await drawing.lines(receipt(DOSA), BAR))

    run(act)


def test_a_process_that_hangs_is_ended_and_its_paper_is_spelt() -> None:
    async def act(drawing: Drawing) -> None:
        await drawing.lines(receipt(DOSA), BAR)
        assert drawing._process is not None
        os.kill(drawing._process.pid, signal.SIGSTOP)
        drawing._patience = 0.1
        assert [line.text for line in await drawing.lines(receipt(DOSA), BAR)] == [SPELT]
        assert drawing._process is None

    run(act)


@pytest.mark.parametrize("rest", [[], [f"{FOLDER}/gone.ttf"], [f"{FOLDER}/README.md"]], ids=["none", "gone", "no font"])
def test_letters_that_no_font_has_are_spelt(rest: list[str]) -> None:
    async def act(drawing: Drawing) -> None:
        lines = await drawing.lines(receipt(DOSA, COFFEE), BAR)
        assert lines[0].text == SPELT
        assert lines[1].dots

    run(act, [FONTS[0], *rest])


def test_a_font_file_that_goes_while_the_till_runs_is_spelt_around(tmp_path: Path) -> None:
    async def act(drawing: Drawing) -> None:
        assert (await drawing.lines(receipt(COFFEE), BAR))[0].dots
        tamil.unlink()
        assert [line.text for line in await drawing.lines(receipt(DOSA), BAR)] == [SPELT]

    tamil = tmp_path / "tamil.ttf"
    tamil.write_bytes((FOLDER / "NotoSansTamil-Regular.ttf").read_bytes())
    run(act, [FONTS[0], str(tamil)])


def test_fonts_without_latin_letters_or_a_library_that_does_not_shape_draw_nothing() -> None:
    async def act(drawing: Drawing) -> None:
        assert [line.text for line in await drawing.lines(receipt(DOSA), BAR)] == [SPELT]

    run(act, [f"{FOLDER}/NotoSansTamil-Regular.ttf"])


def test_a_name_that_no_process_can_be_sent_is_spelt() -> None:
    async def act(drawing: Drawing) -> None:
        lines = await drawing.lines(receipt(f"\ud800{DOSA}"), BAR)
        assert [line.text for line in lines] == [" 2 x U+FFFD macaalaa", " toocai                @ 120.00     240.00"]

    run(act)


def test_without_the_extra_letters_are_spelt(monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(drawing: Drawing) -> None:
        assert [line.text for line in await drawing.lines(receipt(DOSA), BAR)] == [SPELT]
        assert drawing._process is None

    monkeypatch.setitem(sys.modules, "PIL", None)
    run(act)


def test_a_font_has_the_letters_of_its_table() -> None:
    font = FontFile(FONTS[0])
    assert [char for char in "aé₹ق~\x7fதक" if font.has(char)] == ["a", "é", "₹", "ق", "~"]
