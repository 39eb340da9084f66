"""What the OBM writes down as paid outside Stripe (`paid_outside:`): one line for each payment."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field
from pydantic_core import PydanticCustomError

from hub.core.money import Money
from hub.mapping.base import HIDDEN_SPACES, Day, Model, Text
from hub.mapping.schema_parts import read_by

MONEY_PATTERN = r"^[0-9]{1,12}(\.[0-9]{1,3})? [A-Z]{3}$"
NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
TWO_DECIMALS = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR "
    "JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN "
    "NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWG"
)
"""The currencies of ISO 4217, by how many decimals their amounts may have."""
How = Literal["transfer", "cheque", "cash", "other"]


def read_money(value: object) -> Money:
    """ "500 EUR" and "1200.50 EUR"."""
    if isinstance(value, Money):
        return value
    text = value.translate(HIDDEN_SPACES) if isinstance(value, str) else ""
    if not re.fullmatch(MONEY_PATTERN, text):
        raise PydanticCustomError("money", "not an amount with its currency")
    number, _, currency = text.partition(" ")
    known = (NO_DECIMALS, "", TWO_DECIMALS, THREE_DECIMALS)
    places = next((places for places, codes in enumerate(known) if currency in codes), -1)
    if len(number.partition(".")[2]) > places or not Decimal(number):
        raise PydanticCustomError("money", "no such amount")
    return Money(Decimal(number), currency)


PaidMoney = Annotated[Money, read_by(read_money, MONEY_PATTERN)]


class Paid(Model):
    """A payment that no provider knows of. `client`: a name, or an address, which is who registered for a launch."""

    day: Day = Field(
        description="the day on which it was paid: year-month-day, not later than today", examples=["2026-11-03"]
    )
    amount: PaidMoney = Field(
        description="an amount above 0 and its currency of three capital letters, in digits with a dot for decimals",
        examples=["500 EUR"],
    )
    how: How = Field(default="transfer", description="transfer, cheque, cash or other", examples=["transfer"])
    offer: Text | None = Field(default=None, description="the name of what was sold", examples=["Programme Élan"])
    client: Text | None = Field(default=None, description="who paid", examples=["marie@example.com"])
    note: Text | None = Field(default=None, description="what else there is to say", examples=["acompte"])
