"""The producer's declaration, by article 13 of royal decree 1007/2023 and article 15 of order HAC/1177/2024."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import ConfigError
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The words of the law, in its language and with its letters.
_TEXT: Final = """\
DECLARACIÓN RESPONSABLE DEL SISTEMA INFORMÁTICO DE FACTURACIÓN

a) Nombre del sistema informático: {program}
b) Código identificador del sistema informático: {system}
c) Identificador completo de la versión: {version}
d) Componentes y funcionalidades: programa de punto de venta para terminal, con un diario en el disco de cada caja y una
   base de datos PostgreSQL por local. Cada caja expide facturas simplificadas, completas y rectificativas, y genera y
   encadena sus registros de facturación, también sin conexión; un proceso del local los remite a la Agencia Tributaria.
e) Funciona exclusivamente como «VERI*FACTU»: sí
f) Permite ser usado por varios obligados tributarios o por un mismo usuario para dar soporte a varios: no
g) Tipos de firma de los registros de facturación y de evento: ninguno, por ser «VERI*FACTU»
h) Razón social de la entidad productora: {producer_name}
i) Número de identificación fiscal de la entidad productora: {producer_nif}
j) Dirección postal de contacto de la entidad productora: {producer_address}
k) La entidad productora hace constar que dicho sistema informático, en la versión indicada, cumple con lo dispuesto en
   el artículo 29.2.j) de la Ley 58/2003, de 17 de diciembre, General Tributaria, en el Reglamento aprobado por el Real
   Decreto 1007/2023, de 5 de diciembre, en la Orden HAC/1177/2024, de 17 de octubre, y en la sede electrónica de la
   Agencia Estatal de Administración Tributaria para todo aquello que complete las especificaciones de dicha orden.
l) Lugar y fecha: {signed}
"""


def declaration_of(settings: Mapping[str, str], version: str) -> str:
    """Return the declaration that the producer made for a version.

    Raises:
        ConfigError: there is none for this version.
    """
    declared, _comma, signed = settings.get("declared", "").partition(",")
    if not signed.strip() or not settings.get("producer_address", "").strip():
        raise ConfigError(
            _(
                "Nobody declared this program: its producer does so in writing, and you set producer_address and "
                'declared="{version}, Madrid, 1 de diciembre de 2026".'
            ).format(version=version)
        )
    if declared.strip() != version:
        sentence = _("The declaration is for {declared}, and this is {version}: ask {producer} for one.")
        raise ConfigError(
            sentence.format(declared=declared.strip(), version=version, producer=settings["producer_name"])
        )
    return _TEXT.format(**settings, version=version, signed=signed.strip())
