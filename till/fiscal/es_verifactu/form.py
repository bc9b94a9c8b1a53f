"""The form of a record, as the server checks it: its fields, the forms of their texts, and the kinds by series."""

from __future__ import annotations

from typing import Final

from till.domain.fiscal import FiscalLaw, FiscalRows
from till.fiscal.es_verifactu.record import ANNULLED, ANNULMENT, DAY, ISSUER, RECORDED, TAX_TOTAL, TOTAL, TRIAL

#: Few forms, since the database keeps few compiled patterns.
_FORMS: Final = {
    "amount": r"^-?[0-9]{1,12}\.[0-9]{2}$",
    "code": r"^(S|N|I|S1|N1|E[1-6]|1\.0|0[0-9]|1[0-9]|20)$",
    "country": r"^[A-Z]{2}$",
    "day": r"^(0[1-9]|[12][0-9]|3[01])-(0[1-9]|1[0-2])-20[0-9]{2}$",
    "name": r"^.{1,120}$",
    "nif": r"^[0-9A-Z]{9}$",
    "number": r"^[A-Za-z0-9/._-]{1,60}$",
    "rate": r"^[0-9]{1,3}\.[0-9]{2}$",
    "short": r"^.{1,30}$",
    "system": r"^[A-Z0-9]{2}$",
    "time": r"^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9][+-][0-1][0-9]:[0-5][0-9]$",
    "version": r"^.{1,50}$",
    "id": r"^.{1,20}$",
    "again": r"^[SX]$",
}
_NEEDED: Final = {
    "IDVersion": "code",
    ISSUER: "nif",
    DAY: "day",
    "NombreRazonEmisor": "name",
    "DescripcionOperacion": "name",
    TAX_TOTAL: "amount",
    TOTAL: "amount",
    "SistemaInformatico.NombreRazon": "name",
    "SistemaInformatico.NIF": "nif",
    "SistemaInformatico.NombreSistemaInformatico": "short",
    "SistemaInformatico.IdSistemaInformatico": "system",
    "SistemaInformatico.Version": "version",
    "SistemaInformatico.NumeroInstalacion": "name",
    "SistemaInformatico.TipoUsoPosibleSoloVerifactu": "code",
    "SistemaInformatico.TipoUsoPosibleMultiOT": "code",
    "SistemaInformatico.IndicadorMultiplesOT": "code",
    RECORDED: "time",
    "TipoHuella": "code",
}
_OPTIONAL: Final = {
    TRIAL: "code",
    "TipoRectificativa": "code",
    "FacturasRectificadas.0.IDEmisorFactura": "nif",
    "FacturasRectificadas.0.NumSerieFactura": "number",
    "FacturasRectificadas.0.FechaExpedicionFactura": "day",
    "FacturasSustituidas.0.IDEmisorFactura": "nif",
    "FacturasSustituidas.0.NumSerieFactura": "number",
    "FacturasSustituidas.0.FechaExpedicionFactura": "day",
    "Desglose.0.Impuesto": "code",
    "Desglose.0.ClaveRegimen": "code",
    "Desglose.0.CalificacionOperacion": "code",
    "Desglose.0.OperacionExenta": "code",
    "Desglose.0.TipoImpositivo": "rate",
    "Desglose.0.BaseImponibleOimporteNoSujeto": "amount",
    "Desglose.0.CuotaRepercutida": "amount",
    "Encadenamiento.PrimerRegistro": "code",
    "Encadenamiento.RegistroAnterior.IDEmisorFactura": "nif",
    "Encadenamiento.RegistroAnterior.NumSerieFactura": "number",
    "Encadenamiento.RegistroAnterior.FechaExpedicionFactura": "day",
}
_MENDS: Final = {
    "Subsanacion": "code",
    "RechazoPrevio": "again",
    "SinRegistroPrevio": "code",
    ISSUER + ANNULLED: "nif",
    DAY + ANNULLED: "day",
}
_BUYER: Final = {
    "Destinatarios.0.NombreRazon": "name",
    "Destinatarios.0.NIF": "nif",
    "Destinatarios.0.IDOtro.CodigoPais": "country",
    "Destinatarios.0.IDOtro.IDType": "code",
    "Destinatarios.0.IDOtro.ID": "id",
}
#: The rates of the VAT that the authority takes; of the other taxes it checks none.
_RATES: Final = {"vat": ("0", "4", "5", "10", "21")}


def law_of(scheme: str, tax: str, naming: frozenset[str]) -> FiscalLaw:
    """Return the form of a venue that charges a tax."""
    return FiscalLaw(
        scheme=scheme,
        forms=_FORMS,
        paths=_NEEDED | _OPTIONAL,
        needed=tuple(_NEEDED),
        mends=_MENDS,
        buyer=_BUYER,
        naming=tuple(sorted(naming)),
        # The tills of before the series numbered full invoices among the tickets.
        series={"": ("F2", "F1"), "R": ("R5", "R1"), "F": ("F1", "F3"), "FR": ("R1",)},
        annulment=ANNULMENT,
        exchange="F3",
        rows=FiscalRows(
            path="Desglose", rate="TipoImpositivo", base="BaseImponibleOimporteNoSujeto", tax="CuotaRepercutida"
        ),
        rates=_RATES.get(tax, ()),
    )
