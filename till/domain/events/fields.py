"""The types of event fields, with their units and bounds.

All patterns mean the same in Python and PostgreSQL, because the checks in `db/sql` are generated from here.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from till.domain.money.measures import Thousandths

#: The largest whole number in a record, above any real quantity or measure.
LARGEST: Final = 10**9
#: The largest value of a `bigint` in the database and an INTEGER in the journal.
LARGEST_PLACE: Final = 2**63 - 1
#: The longest text in a record. Free text is stored beside it.
LONGEST: Final = 250
#: The longest name of an item, a daypart, a promotion or the venue.
LONGEST_LABEL: Final = 80
#: The longest free text beside a record.
LONGEST_FREE: Final = 1000
#: The most free texts beside a record.
MOST_TEXTS: Final = 20

Uuid = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", max_length=36)]
# Milliseconds up to the last weeks of the year 9999, because no id could follow a later one.
_MILLIS: Final = "([0-9a-d][0-9a-f]{3}|e[0-5][0-9a-f]{2}|e6[0-6][0-9a-f]|e67[0-6])[0-9a-f]{4}-[0-9a-f]{4}"
#: A UUIDv7 (RFC 9562) whose time still allows later ids.
EventId = Annotated[str, Meta(pattern=f"^{_MILLIS}" + r"-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z", max_length=36)]
#: The name of a card brand, without digits, so that it cannot contain a card number.
BRAND: Final = r"^[A-Za-z][A-Za-z .&-]{0,19}\Z"
CardBrand = Annotated[str, Meta(pattern=BRAND, max_length=20)]
#: The last four digits of a card number.
LastFour = Annotated[str, Meta(pattern=r"^[0-9]{4}\Z", max_length=4)]
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z", max_length=64)]
#: RFC 3339 in UTC with microseconds. The years 1970 to 9998 leave room for arithmetic in any zone.
Time = Annotated[
    str,
    Meta(
        pattern=r"^(19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z\Z",
        max_length=27,
    ),
]
Place = Annotated[int, Meta(ge=1, le=LARGEST_PLACE)]
TillNumber = Annotated[int, Meta(ge=0, le=LARGEST)]
#: The till that asked the server for an event.
ForTill = Annotated[int, Meta(ge=1, le=LARGEST)]
#: A staff number; 0 is nobody, as in an order from a program.
StaffNumber = Annotated[int, Meta(ge=0, le=LARGEST)]
#: A short text from the program or the venue: a name, a word, an external id.
Word = Annotated[str, Meta(max_length=LONGEST)]
#: One line of text without control characters.
Line = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f-\x9f]*\Z", max_length=LONGEST)]
_NAMED: Final = r"^[^ \x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^ \x00-\x1f\x7f-\x9f])?\Z"
#: A name that an administrator gave: one line that neither begins nor ends with a space.
Label = Annotated[str, Meta(pattern=_NAMED, max_length=LONGEST_LABEL)]
#: Such a name of a printer or a station, which stands beside other words on a line of the screen.
ShortLabel = Annotated[str, Meta(pattern=_NAMED, max_length=20)]
#: The name of a type or a kind.
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,62}\Z", max_length=63)]
CurrencyCode = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z", max_length=3)]
#: An amount in major units, as a decimal: `-12.50`. The order names the currency.
Amount = Annotated[str, Meta(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,4})?\Z", max_length=21)]
#: An amount in major units that is not negative.
Unsigned = Annotated[str, Meta(pattern=r"^[0-9]{1,15}(\.[0-9]{1,4})?\Z", max_length=20)]
#: A unit price in major units, up to four decimals, from 0 to ten million.
Price = Annotated[str, Meta(pattern=r"^([0-9]{1,7}|10000000)(\.[0-9]{1,4})?\Z", max_length=13)]
#: The price of a modifier, added to a unit price; it may be negative.
PriceChange = Annotated[str, Meta(pattern=r"^-?([0-9]{1,7}|10000000)(\.[0-9]{1,4})?\Z", max_length=14)]
#: A rate in percent: `8.875`.
Percent = Annotated[str, Meta(pattern=r"^[0-9]{1,3}(\.[0-9]{1,4})?\Z", max_length=8)]
#: A percentage from 0 to 100.
Share = Annotated[str, Meta(pattern=r"^([0-9]{1,2}(\.[0-9]{1,4})?|100(\.0{1,4})?)\Z", max_length=8)]
#: An age in years.
Age = Annotated[int, Meta(ge=1, le=150)]
#: A date from 1900 to 9999. The pattern allows days such as 31 February; the reader checks them.
Day = Annotated[
    str, Meta(pattern=r"^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z", max_length=10)
]
_DATE: Final = (
    "2([0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    "|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9](0[48]|[2468][048]|[13579][26])|[048]00)-02-29)"
)
#: A valid date from the year 2000 on.
Date = Annotated[str, Meta(pattern=rf"^{_DATE}\Z", max_length=10)]
#: A UTC time from the year 2000 on, in the format of administration requests.
Moment = Annotated[
    str,
    Meta(pattern=rf"^{_DATE}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{{1,6}})?Z\Z", max_length=27),
]
#: A time of day.
Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", max_length=5)]
#: Pieces of a line; negative for a return.
Pieces = Annotated[int, Meta(ge=-LARGEST, le=LARGEST)]
Count = Annotated[int, Meta(ge=0, le=LARGEST)]
#: A measured weight or volume, in thousandths of a kilogram or a litre.
Measure = Annotated[Thousandths, Meta(ge=0, le=LARGEST)]
#: The rounding step of payments in major units: the smallest coin.
Step = Annotated[str, Meta(pattern=r"^[0-9]{1,7}(\.[0-9]{1,4})?\Z", max_length=12)]
#: The score of a guest, from 1 (bad) to 5 (very good).
Score = Annotated[int, Meta(ge=1, le=5)]
AtLeastOne = Annotated[int, Meta(ge=1, le=LARGEST)]
#: The digests of the free texts beside a record, by the names of the fields.
Digests = Annotated[dict[Annotated[str, Meta(max_length=63)], Hash], Meta(max_length=MOST_TEXTS)]
#: Free text that may name a person. The chain contains only its digest; the text is sent beside the record.
Private = Annotated[str, Meta(max_length=LONGEST_FREE, extra={"private": True})]
