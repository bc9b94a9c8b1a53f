"""What a field of an event may hold: each kind once, with its unit and its bounds.

Patterns are written so that Python and PostgreSQL read them alike (`db/sql` takes its checks of a push from here).
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from till.domain.money.measures import Thousandths

#: The largest whole number that a record may name: beyond any quantity or measure of a trade.
LARGEST: Final = 10**9
#: What fits a `bigint` of the database and an INTEGER of the journal.
LARGEST_PLACE: Final = 2**63 - 1
#: The longest text of a record itself; free text travels beside it.
LONGEST: Final = 250
#: The longest free text beside a record.
LONGEST_FREE: Final = 1000
#: The most free texts beside a record.
MOST_TEXTS: Final = 20

Uuid = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", max_length=36)]
# Up to the last weeks of the year 9999 in milliseconds: nothing could come after an id beyond.
_MILLIS: Final = "([0-9a-d][0-9a-f]{3}|e[0-5][0-9a-f]{2}|e6[0-6][0-9a-f]|e67[0-6])[0-9a-f]{4}-[0-9a-f]{4}"
#: An id with its time in it (RFC 9562) that leaves room above it.
EventId = Annotated[str, Meta(pattern=f"^{_MILLIS}" + r"-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z", max_length=36)]
#: What a kind of card is called: no digit stands in it, so that no number can.
BRAND: Final = r"^[A-Za-z][A-Za-z .&-]{0,19}\Z"
CardBrand = Annotated[str, Meta(pattern=BRAND, max_length=20)]
#: How the number of a card ends.
LastFour = Annotated[str, Meta(pattern=r"^[0-9]{4}\Z", max_length=4)]
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z", max_length=64)]
#: RFC 3339 in UTC with microseconds, of the years 1970 to 9998: who reckons with it has room above, in any zone.
Time = Annotated[
    str,
    Meta(
        pattern=r"^(19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z\Z",
        max_length=27,
    ),
]
Place = Annotated[int, Meta(ge=1, le=LARGEST_PLACE)]
#: The number of a hold; 0 for none. A single taking raises it by one, so an order never comes near the bound.
Epoch = Annotated[int, Meta(ge=0, le=10**15)]
TillNumber = Annotated[int, Meta(ge=0, le=LARGEST)]
#: A staff number; 0 is nobody, as in a program's order.
StaffNumber = Annotated[int, Meta(ge=0, le=LARGEST)]
#: A short text of ours or of the venue's: a name, a word, an id from outside.
Word = Annotated[str, Meta(max_length=LONGEST)]
#: The name of a type or a kind.
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,62}\Z", max_length=63)]
CurrencyCode = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z", max_length=3)]
#: An amount in major units, as a decimal: `-12.50`. Its currency stands in the order.
Amount = Annotated[str, Meta(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,4})?\Z", max_length=21)]
#: The same, never less than nothing.
Unsigned = Annotated[str, Meta(pattern=r"^[0-9]{1,15}(\.[0-9]{1,4})?\Z", max_length=20)]
#: A unit price in major units, up to four decimals, from 0 to ten million.
Price = Annotated[str, Meta(pattern=r"^([0-9]{1,7}|10000000)(\.[0-9]{1,4})?\Z", max_length=13)]
#: What a modifier adds to a unit price, or takes off it.
PriceChange = Annotated[str, Meta(pattern=r"^-?([0-9]{1,7}|10000000)(\.[0-9]{1,4})?\Z", max_length=14)]
#: A rate in percent: `8.875`.
Percent = Annotated[str, Meta(pattern=r"^[0-9]{1,3}(\.[0-9]{1,4})?\Z", max_length=8)]
#: A part of a whole in percent, from 0 to 100.
Share = Annotated[str, Meta(pattern=r"^([0-9]{1,2}(\.[0-9]{1,4})?|100(\.0{1,4})?)\Z", max_length=8)]
#: How old somebody is, in years.
Age = Annotated[int, Meta(ge=1, le=150)]
#: A date of the years 1900 to 9999; that its month has such a day is for who reads it as one.
Day = Annotated[
    str, Meta(pattern=r"^(19|[2-9][0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z", max_length=10)
]
#: Pieces of a line; a minus gives back.
Pieces = Annotated[int, Meta(ge=-LARGEST, le=LARGEST)]
Count = Annotated[int, Meta(ge=0, le=LARGEST)]
#: What was weighed or drawn, of a kilogram or a litre.
Measure = Annotated[Thousandths, Meta(ge=0, le=LARGEST)]
#: What is paid in steps of, in major units: the smallest coin.
Step = Annotated[str, Meta(pattern=r"^[0-9]{1,7}(\.[0-9]{1,4})?\Z", max_length=12)]
#: What a guest thinks of it, from bad to very good.
Score = Annotated[int, Meta(ge=1, le=5)]
AtLeastOne = Annotated[int, Meta(ge=1, le=LARGEST)]
#: The digests of the free texts beside a record, by the names of the fields.
Digests = Annotated[dict[Annotated[str, Meta(max_length=63)], Hash], Meta(max_length=MOST_TEXTS)]
#: Free text that may name a person. It never stands in the chain: its digest does, and the text travels beside.
Private = Annotated[str, Meta(max_length=LONGEST_FREE, extra={"private": True})]
