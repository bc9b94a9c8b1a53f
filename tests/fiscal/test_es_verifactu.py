"""Spain's records against the published hashes, the authority's schema and the lint."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fiscal.authority import SETTINGS, check_file, needs_schema
from till.domain.errors import ConfigError
from till.domain.fiscal import FiscalStamp, Installation, IssuedInvoice, Rectified
from till.domain.money.measures import Minor
from till.domain.order.events import PlacedTax
from till.domain.order.state import Buyer
from till.domain.structs import replace
from till.fiscal.es_verifactu.record import hash_of
from till.fiscal.es_verifactu.scheme import SCHEME
from till.fiscal.es_verifactu.tax_numbers import compact, identity, is_nif
from till.fiscal.es_verifactu.xml import INFORMATION, record_xml
from till.ports.fiscal import FiscalError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from till.ports.fiscal import FiscalScheme

MADRID: Final = ZoneInfo("Europe/Madrid")
INSTALLATION: Final = Installation("0199f0c0-0000-7000-8000-000000000001", 1, "0.1.1")
_AT: Final = datetime(2027, 3, 5, 21, 30, 15, 987_654, MADRID)
LAW: Final = SCHEME.law(SETTINGS)
_BUYER: Final = Buyer("Ñoño <&> Cía = 'Sucursal' \"1\"", "12345678-z", "Calle Mayor 1")


def _sale(number: str = "1-000042", at: datetime = _AT, **changes: Any) -> IssuedInvoice:
    taxes = (
        PlacedTax(name="IVA", tax="3.21", rate="10", net="32.10"),
        PlacedTax(name="IVA", tax="2.10", rate="21", net="10.00"),
    )
    sale = IssuedInvoice(
        what="sale", of="o", number=number, at=at, currency="EUR", net="42.10", tax="5.31", total="47.41", taxes=taxes
    )
    return replace(sale, **changes)


def _stamped(issued: IssuedInvoice, before: FiscalStamp | None = None, **changed: str) -> FiscalStamp:
    return SCHEME.stamp(issued, {**SETTINGS, **changed}, INSTALLATION, before)


def test_declaration_is_of_the_version_that_runs_and_made_by_its_producer() -> None:
    declared = {
        **SETTINGS,
        "producer_address": "C/ Luna 1, Madrid",
        "declared": "0.1.1, Madrid, 1 de diciembre de 2026",
    }
    SCHEME.check(declared)
    text = SCHEME.declaration(declared, "0.1.1")
    for part in ("till", "T1", "0.1.1", "Programas Ñandú, S.A.", "89890001K", "C/ Luna 1", "Madrid, 1 de diciembre"):
        assert part in text
    for own, version, words in (
        (SETTINGS, "0.1.1", "Nobody declared"),
        (declared | {"declared": "0.1.1"}, "0.1.1", "Nobody declared"),
        (declared, "0.1.2", "is for 0.1.1, and this is 0.1.2: ask Programas"),
    ):
        with pytest.raises(ConfigError, match=words):
            SCHEME.declaration(own, version)


def test_published_hashes() -> None:
    fields = {
        "IDFactura.IDEmisorFactura": "89890001K",
        "IDFactura.FechaExpedicionFactura": "01-01-2024",
        "CuotaTotal": "12.35",
        "ImporteTotal": "123.45",
        "FechaHoraHusoGenRegistro": "2024-01-01T19:20:30+01:00",
    }
    first = hash_of("F1", "12345678/G33", fields, "")
    assert first == "3C464DAF61ACB827C65FDA19F352A4E3BDC2C640E9E9FC4CC058073F38F12F60"
    second = hash_of("F1", "12345679/G34", {**fields, "FechaHoraHusoGenRegistro": "2024-01-01T19:20:35+01:00"}, first)
    assert second == "F7B94CFD8924EDFF273501B01EE5153E4CE8F259766F88CF6ACB8935802A2B97"
    annulled = {
        "IDFactura.IDEmisorFacturaAnulada": "89890001K",
        "IDFactura.FechaExpedicionFacturaAnulada": "01-01-2024",
        "FechaHoraHusoGenRegistro": "2024-01-01T19:20:40+01:00",
    }
    third = hash_of("Anulacion", "12345679/G34", annulled, second)
    assert third == "177547C0D57AC74748561D054A9CEC14B4C4EA23D1BEFD6F2E69E3A388F90C68"


def test_a_sale_is_simplified_dated_by_the_calendar_and_broken_down_by_rate() -> None:
    after_midnight = _AT.replace(day=6, hour=0, minute=5)
    stamp = _stamped(_sale(at=after_midnight), prefix="CENTRO/")
    assert (stamp.kind, stamp.number, stamp.previous, stamp.names) == ("F2", "CENTRO/1-000042", "", {})
    assert stamp.fields["IDFactura.FechaExpedicionFactura"] == "06-03-2027"
    assert stamp.fields["FechaHoraHusoGenRegistro"] == "2027-03-06T00:05:15+01:00"
    assert stamp.fields["Encadenamiento.PrimerRegistro"] == "S"
    assert stamp.fields["SistemaInformatico.NumeroInstalacion"] == INSTALLATION.journal
    assert [stamp.fields[f"Desglose.{row}.TipoImpositivo"] for row in "12"] == ["10.00", "21.00"]
    assert (stamp.fields["CuotaTotal"], stamp.fields["ImporteTotal"]) == ("5.31", "47.41")


def test_invoice_for_a_ticket_names_it_and_the_buyer(tmp_path: Path) -> None:
    ticket = _stamped(_sale())
    issued = _sale(number="1-F000001", buyer=_BUYER, replaces=ticket, of="0" * 8)
    made = SCHEME.stamp(issued, SETTINGS, INSTALLATION, ticket)
    check_file([ticket, made], SETTINGS, tmp_path)
    assert (made.kind, made.names["Destinatarios.1.NIF"]) == ("F3", "12345678Z")
    assert made.fields["ImporteTotal"] == ticket.fields["ImporteTotal"]
    words = SCHEME.words(made)
    assert (words.number, words.replaces, words.titles[1]) == ("1-F000001", ticket.number, "Factura")
    assert {re.sub("[0-9]", "0", path) for path in made.fields if path.startswith("FacturasS")} <= set(LAW.paths)
    with pytest.raises(FiscalError, match="names its buyer already"):
        _stamped(_sale(buyer=_BUYER, replaces=made))


def test_kind_of_an_invoice_is_that_of_its_series() -> None:
    assert _stamped(_sale(number="1-F000001", buyer=_BUYER)).kind == "F1"
    assert _stamped(_sale(number="1-000001")).kind == "F2"
    for number, kind in (("1B-FR000001", "R1"), ("1B-R000001", "R5")):
        back = _sale(what="refund", number=number, rectifies=Rectified("1-000042", date(2027, 3, 5), ""), buyer=None)
        assert _stamped(back).kind == kind


def test_kinds_follow_the_buyer_and_the_rectified_invoice() -> None:
    full = _stamped(_sale(buyer=_BUYER))
    assert full.kind == "F1"
    assert full.names["Destinatarios.1.NIF"] == "12345678Z"
    for kind, buyer, expected in (
        ("F2", None, "R5"),
        ("F2", _BUYER, "R5"),
        ("F1", _BUYER, "R1"),
        ("", None, "R5"),
        ("", _BUYER, "R1"),
    ):
        back = _sale(what="refund", rectifies=Rectified("1-000042", date(2027, 3, 5), kind), buyer=buyer)
        stamp = _stamped(back)
        assert (stamp.kind, bool(stamp.names)) == (expected, expected == "R1")
        assert stamp.fields["TipoRectificativa"] == "I"
        assert stamp.fields["FacturasRectificadas.1.NumSerieFactura"] == "1-000042"


def test_amounts_without_a_rate_are_a_row_of_their_own_and_twelve_rows_are_the_most() -> None:
    levy = PlacedTax(name="Levy", tax="0.20", per_piece="0.10", net="2.00")
    stamp = _stamped(_sale(taxes=(levy, *_sale().taxes), total="49.61"))
    row = {path.rpartition(".")[2]: text for path, text in stamp.fields.items() if path.startswith("Desglose.3")}
    assert row.pop("CalificacionOperacion") == "N1"
    assert row == {"Impuesto": "01", "ClaveRegimen": "01", "BaseImponibleOimporteNoSujeto": "2.20"}
    free = _stamped(_sale(taxes=(), net="0.00", tax="0.00", total="0.00"))
    assert free.fields["Desglose.1.BaseImponibleOimporteNoSujeto"] == "0.00"
    many = tuple(PlacedTax(name="IVA", tax="0.00", rate=str(rate), net="0.00") for rate in range(13))
    with pytest.raises(FiscalError):
        _stamped(_sale(taxes=many))


@pytest.mark.parametrize(
    ("net", "untaxed", "expected"),
    [
        ("-3.27", False, ["-0.32", "-2.95"]),
        ("-4.26", False, ["-0.32", "-3.94"]),  # a refund of pieces after one by amount
        ("-4.26", True, ["-0.32", "-2.94", "-1.00"]),
    ],
)
def test_the_rest_that_the_shares_of_a_refund_miss_is_in_the_largest_base(
    net: str, untaxed: bool, expected: list[str]
) -> None:
    taxes = (
        PlacedTax(name="IVA", tax="-0.03", rate="10", net="-0.32"),
        PlacedTax(name="IVA", tax="-0.62", rate="21", net="-2.94"),
    )
    total = f"{Decimal(net) - Decimal('0.65')}"
    back = _sale(what="refund", net=net, tax="-0.65", total=total, taxes=taxes)
    stamp = _stamped(replace(back, rectifies=Rectified("1-000042", date(2027, 3, 5), "F2", untaxed=untaxed)))
    bases = [text for path, text in stamp.fields.items() if path.endswith("BaseImponibleOimporteNoSujeto")]
    assert bases == expected


def test_above_three_thousand_euros_the_buyer_is_named() -> None:
    assert not SCHEME.asks_buyer(Minor(300_000))
    assert SCHEME.asks_buyer(Minor(300_001))


def test_words_are_the_authoritys_address_with_encoded_values() -> None:
    words = SCHEME.words(_stamped(_sale("1/2&=Ñ"), prefix="A/"))
    assert (words.above, words.below) == (("QR tributario:",), ("VERI*FACTU",))
    assert words.code.startswith(
        "https://www2.agenciatributaria.gob.es/wlpl/TIKE-CONT/ValidarQR?nif=B12345674&numserie=A%2F1%2F2%26%3D"
    )
    asked = parse_qs(urlsplit(words.code).query)
    assert asked == {"nif": ["B12345674"], "numserie": ["A/1/2&=Ñ"], "fecha": ["05-03-2027"], "importe": ["47.41"]}
    assert SCHEME.words(_stamped(_sale(), trial="yes")).code.startswith("https://prewww2.aeat.es/")


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("nif", "B12345675"),
        ("nif", "b12345674"),
        ("producer_nif", "89890001A"),
        ("name", "x" * 121),
        ("producer_name", " "),
        ("program", "x" * 31),
        ("system", "T"),
        ("system", "T12"),
        ("tax", "gst"),
        ("prefix", "A=1"),
        ("prefix", "x" * 21),
        ("trial", "perhaps"),
        ("colour", "red"),
    ],
)
def test_wrong_settings_are_named(key: str, wrong: str) -> None:
    scheme: FiscalScheme = SCHEME
    scheme.check(SETTINGS)
    with pytest.raises(ConfigError, match=key):
        scheme.check({**SETTINGS, key: wrong})


@pytest.mark.parametrize("key", SETTINGS)
def test_missing_settings_are_named(key: str) -> None:
    with pytest.raises(ConfigError, match=key):
        SCHEME.check({name: text for name, text in SETTINGS.items() if name != key})


def test_tax_numbers() -> None:
    right = ["89890001K", "12345678Z", "X1234567L", "Y1234567X", "B12345674", "A58818501", "Q2826000H"]
    assert [number for number in right if not is_nif(number)] == []
    assert [n for n in ("89890001A", "B12345675", "Q28260008", "A5881850A", "", "Ñ1234567L") if is_nif(n)] == []
    assert compact("es-b 1234567.4") == "B12345674"
    assert identity("EL123456789") == {"IDOtro.IDType": "02", "IDOtro.ID": "EL123456789"}
    assert identity("what") == {"IDOtro.CodigoPais": "ES", "IDOtro.IDType": "07", "IDOtro.ID": "WHAT"}


@pytest.mark.parametrize(
    ("typed", "country", "kind", "number"),
    [
        ("NO 974 760 673", "NO", "04", "974760673"),
        ("CHE-116.281.710", "CH", "04", "CHE116281710"),
        ("passport DE C01X-00T47", "DE", "03", "C01X00T47"),
        ("pasaporte EL AB123", "GR", "03", "AB123"),
        ("id XI 12 34", "XN", "04", "1234"),
        ("id ng 12345678901", "NG", "04", "12345678901"),
    ],
)
def test_a_number_that_is_no_registered_vat_number_is_named_without_its_country(
    typed: str, country: str, kind: str, number: str
) -> None:
    SCHEME.check_buyer(Buyer("Rao", typed, "C/ Sol 5"), SETTINGS)
    assert identity(typed) == {"IDOtro.CodigoPais": country, "IDOtro.IDType": kind, "IDOtro.ID": number}


@pytest.mark.parametrize(
    ("number", "address", "words"),
    [
        ("12345678A", "C/ Sol 5", "That is no NIF"),
        ("QQ123", "C/ Sol 5", "That is no NIF"),
        ("", "C/ Sol 5", "That is no NIF"),
        ("passport QQ 123", "C/ Sol 5", "with its country"),
        ("es-" + SETTINGS["nif"], "C/ Sol 5", "own NIF"),
        ("DE 129 273 398", " ", "Its address too"),
    ],
)
def test_a_buyer_whom_no_full_invoice_can_name_is_refused(number: str, address: str, words: str) -> None:
    SCHEME.check_buyer(_BUYER, SETTINGS)
    with pytest.raises(ConfigError, match=words):
        SCHEME.check_buyer(Buyer("Rao", number, address), SETTINGS)


def test_a_full_invoice_is_never_negative() -> None:
    back: dict[str, Any] = {"net": "-42.10", "tax": "-5.31", "total": "-47.41"}
    with pytest.raises(FiscalError, match="refund the sale"):
        _stamped(_sale(buyer=_BUYER, **back))
    assert _stamped(_sale(**back)).kind == "F2"
    assert _stamped(_sale(buyer=_BUYER, rectifies=Rectified("1-1", date(2027, 3, 5), "F1"), **back)).kind == "R1"


def test_exempt_items_are_a_row_with_the_reason_that_the_name_of_their_tax_begins_with(tmp_path: Path) -> None:
    exempt = PlacedTax(name="E1 Exento art. 20", tax="0.00", rate="0", net="5.00")
    gift = PlacedTax(name="E1st gift", tax="0.00", rate="0", net="1.00")
    stamp = _stamped(_sale(taxes=(*_sale().taxes, exempt, gift), total="53.41", net="48.10"))
    rows = [
        {path.rpartition(".")[2]: text for path, text in stamp.fields.items() if path.startswith(f"Desglose.{n}.")}
        for n in "34"
    ]
    base, charged_on = "BaseImponibleOimporteNoSujeto", {"Impuesto": "01", "ClaveRegimen": "01"}
    assert rows[0] == {**charged_on, "OperacionExenta": "E1", base: "5.00"}
    assert (rows[1]["CalificacionOperacion"], rows[1]["TipoImpositivo"], rows[1][base]) == ("S1", "0.00", "1.00")
    assert {re.sub("[0-9]", "0", path) for path in stamp.fields if path.startswith("Desglose")} <= set(LAW.paths)
    check_file([stamp], SETTINGS, tmp_path)


def test_the_regime_is_in_each_record_also_in_ceuta_and_melilla(tmp_path: Path) -> None:
    stamp = _stamped(_sale(), tax="ipsi")
    assert {stamp.fields[f"Desglose.{row}.{name}"] for row in "12" for name in ("Impuesto", "ClaveRegimen")} == {
        "02",
        "01",
    }
    check_file([stamp], SETTINGS, tmp_path)


def test_forged_stamps_are_no_xml() -> None:
    stamp = _stamped(_sale())
    for fields in ({"Evil": "x"}, {"Desglose.x.Impuesto": "01"}, {"Encadenamiento": "S"}):
        with pytest.raises(ValueError, match=r"."):
            record_xml(replace(stamp, fields={**stamp.fields, **fields}))
    assert "\x00" not in record_xml(replace(stamp, fields={**stamp.fields, "NombreRazonEmisor": "a\x00b\ud800"}))


@pytest.mark.parametrize(
    ("typed", "country", "kind", "number"),
    [
        ("12345678Z", "ES", "07", "12345678Z"),
        ("DE 129 273 398", "DE", "04", "129273398"),
        ("EL123456789", "GR", "04", "123456789"),
        ("passport NG 1", "NG", "03", "1"),
    ],
)
def test_a_mend_names_a_buyer_whom_the_authority_does_not_know_by_the_kind_of_the_same_number(
    typed: str, country: str, kind: str, number: str
) -> None:
    first = _stamped(_sale(buyer=Buyer("Rao", typed, "C/ Sol 5")))
    about: dict[str, Any] = {"at": _AT, "held": True, "refused": False}
    mend = SCHEME.correct(first, SETTINGS, INSTALLATION, first, **about, unregistered=True)
    assert {path.removeprefix("Destinatarios.1."): text for path, text in mend.names.items()} == {
        "NombreRazon": "Rao", "IDOtro.CodigoPais": country, "IDOtro.IDType": kind, "IDOtro.ID": number,
    }  # fmt: skip
    assert SCHEME.correct(first, SETTINGS, INSTALLATION, first, **about).names == first.names


def test_a_refused_annulment_is_annulled_again(tmp_path: Path) -> None:
    sale = _stamped(_sale(), trial="yes")
    annulled = SCHEME.annul(sale, SETTINGS, INSTALLATION, sale, at=_AT, held=True)
    again = SCHEME.correct(annulled, SETTINGS, INSTALLATION, sale, at=_AT, held=True, refused=True)
    assert (again.kind, again.number, again.fields["RechazoPrevio"]) == ("Anulacion", sale.number, "S")
    assert {*again.fields} - {*annulled.fields} == {"RechazoPrevio"}
    assert again.fields["Prueba"] == "S"
    check_file([sale, again], SETTINGS, tmp_path)  # the lint refuses two annulments of one number, whatever their marks


_RATES: Final = st.sampled_from(["4", "10", "21", "7.5", "0"])
_NAMES: Final = st.text(max_size=200).map(lambda text: f"Ñ&=<{text}")
_NUMBERS: Final = st.sampled_from(["12345678Z", "B12345674", "DE129273398", "CHE116281710", "passport NG 1", "nobody"])


@st.composite
def _taxes(draw: st.DrawFn) -> tuple[PlacedTax, ...]:
    """Draw the taxes of an order with included prices, rounded once for each rate."""
    made = []
    for rate in draw(st.lists(_RATES, min_size=1, max_size=4, unique=True)):
        gross, scaled = draw(st.integers(0, 300_000)), round(float(rate) * 10)
        tax = (2 * gross * scaled + 1000 + scaled) // (2 * (1000 + scaled))
        made.append(PlacedTax(name="IVA", tax=_text(tax), rate=rate, net=_text(gross - tax)))
    return tuple(made)


def _text(minor: int) -> str:
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def _minor(text: str | None) -> int:
    return round(float(text or 0) * 100)


class _Evening:
    """An evening of one till: sales, refunds, annulments and mends, each drawn."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self.stamps: list[FiscalStamp] = []
        self.mends_refunds = False
        self._draw = draw
        self._at = datetime(2027, 10, 30, 22, tzinfo=MADRID)
        self._settings = {
            **SETTINGS,
            "tax": draw(st.sampled_from(["vat", "igic", "ipsi"])),
            "prefix": draw(st.sampled_from(["", "A-"])),
        }
        for number in range(1, draw(st.integers(2, 8))):
            self._at += timedelta(minutes=draw(st.integers(1, 90)))
            draw(st.sampled_from([self._sell, self._sell, self._refund, self._annul, self._mend]))(number)

    def _add(self, stamp: FiscalStamp) -> None:
        self.stamps.append(stamp)

    @property
    def _now(self) -> datetime:
        return (self._at.astimezone(ZoneInfo("UTC"))).astimezone(MADRID)

    @property
    def _place(self) -> tuple[dict[str, str], Installation, FiscalStamp | None]:
        return self._settings, INSTALLATION, self.stamps[-1] if self.stamps else None

    def _issue(self, number: int, taxes: tuple[PlacedTax, ...], **more: Any) -> None:
        net, tax = (sum(_minor(getattr(one, name)) for one in taxes) for name in ("net", "tax"))
        issued = _sale(
            f"1-{number:06d}", self._now, taxes=taxes, net=_text(net), tax=_text(tax), total=_text(net + tax), **more
        )
        self._add(SCHEME.stamp(issued, *self._place))

    def _sell(self, number: int) -> None:
        buyer = self._draw(st.none() | st.builds(Buyer, _NAMES, _NUMBERS))
        self._issue(number, self._draw(_taxes()), buyer=buyer)

    def _refund(self, number: int) -> None:
        sold = self._draw(st.sampled_from([None, *(one for one in self.stamps if one.kind in {"F1", "F2"})]))
        if sold is None:
            return self._sell(number)
        back = tuple(
            replace(one, net=_text(-_minor(one.net)), tax=_text(-_minor(one.tax))) for one in self._draw(_taxes())
        )
        buyer = Buyer("Ñ", "B12345674") if sold.kind == "F1" else None
        return self._issue(
            number, back, what="refund", buyer=buyer, rectifies=Rectified(sold.number, date(2027, 10, 30), sold.kind)
        )

    def _annul(self, number: int) -> None:
        self._sell(number)
        held, refused = self._draw(st.tuples(st.booleans(), st.booleans()))
        self._add(SCHEME.annul(self.stamps[-1], *self._place, at=self._now, held=held, refused=refused))

    def _mend(self, number: int) -> None:
        self._draw(st.sampled_from([self._sell, self._refund]))(number)
        self.mends_refunds |= self.stamps[-1].kind.startswith("R")
        held, refused = self._draw(st.sampled_from([(True, True), (True, False), (False, True)]))
        own = self._draw(st.booleans())
        again = SCHEME.correct(
            self.stamps[-1], *self._place, at=self._now, held=held, refused=refused, unregistered=own
        )
        assert again.fields.get("RechazoPrevio") == {(True, True): "S", (True, False): None}.get((held, refused), "X")
        self._add(again)


@needs_schema
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_random_evenings_pass_the_schema_the_lint_and_their_chain(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    evening = _Evening(data.draw)
    root = check_file(evening.stamps, SETTINGS, tmp_path_factory.mktemp("file"), strict=not evening.mends_refunds)
    names = [element.text for element in root.iter(f"{{{INFORMATION}}}NombreRazonEmisor")]
    assert set(names) == {SETTINGS["name"]}
