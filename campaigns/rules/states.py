"""States, provinces and territories: their names and their time zones.

The laws of a person follow the state, the clock follows the zone. Zones are legal time; where only
part of a state keeps another one, both are named. Neighbours with the same clock share a name
(Detroit is America/New_York), so that people are planned in few groups.
"""

from typing import NamedTuple

_E, _C, _M, _P = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
_AZ, _HI, _AK, _ADAK = "America/Phoenix", "Pacific/Honolulu", "America/Anchorage", "America/Adak"
_TORONTO, _WINNIPEG, _REGINA = "America/Toronto", "America/Winnipeg", "America/Regina"
_EDMONTON, _VANCOUVER, _HALIFAX = "America/Edmonton", "America/Vancouver", "America/Halifax"
#: The zones of the continental USA, east to west.
CONTINENTAL = (_E, _C, _M, _AZ, _P)


class State(NamedTuple):
    """A state, province or territory."""

    country: str
    name: str
    zones: tuple[str, ...]


#: Two letters → state. No province has the letters of a state.
STATES: dict[str, State] = {
    code: State(country, name, tuple(zones))
    for country, code, name, *zones in (
        ("US", "AL", "Alabama", _C),
        ("US", "AK", "Alaska", _AK, _ADAK),
        ("US", "AZ", "Arizona", _AZ, _M),  # the Navajo Nation changes its clocks
        ("US", "AR", "Arkansas", _C),
        ("US", "CA", "California", _P),
        ("US", "CO", "Colorado", _M),
        ("US", "CT", "Connecticut", _E),
        ("US", "DE", "Delaware", _E),
        ("US", "DC", "District of Columbia", _E),
        ("US", "FL", "Florida", _E, _C),
        ("US", "GA", "Georgia", _E),
        ("US", "HI", "Hawaii", _HI),
        ("US", "ID", "Idaho", _M, _P),
        ("US", "IL", "Illinois", _C),
        ("US", "IN", "Indiana", _E, _C),
        ("US", "IA", "Iowa", _C),
        ("US", "KS", "Kansas", _C, _M),
        ("US", "KY", "Kentucky", _E, _C),
        ("US", "LA", "Louisiana", _C),
        ("US", "ME", "Maine", _E),
        ("US", "MD", "Maryland", _E),
        ("US", "MA", "Massachusetts", _E),
        ("US", "MI", "Michigan", _E, _C),
        ("US", "MN", "Minnesota", _C),
        ("US", "MS", "Mississippi", _C),
        ("US", "MO", "Missouri", _C),
        ("US", "MT", "Montana", _M),
        ("US", "NE", "Nebraska", _C, _M),
        ("US", "NV", "Nevada", _P, _M),  # West Wendover
        ("US", "NH", "New Hampshire", _E),
        ("US", "NJ", "New Jersey", _E),
        ("US", "NM", "New Mexico", _M),
        ("US", "NY", "New York", _E),
        ("US", "NC", "North Carolina", _E),
        ("US", "ND", "North Dakota", _C, _M),
        ("US", "OH", "Ohio", _E),
        ("US", "OK", "Oklahoma", _C),
        ("US", "OR", "Oregon", _P, _M),  # Malheur County
        ("US", "PA", "Pennsylvania", _E),
        ("US", "RI", "Rhode Island", _E),
        ("US", "SC", "South Carolina", _E),
        ("US", "SD", "South Dakota", _C, _M),
        ("US", "TN", "Tennessee", _E, _C),
        ("US", "TX", "Texas", _C, _M),  # El Paso and Hudspeth
        ("US", "UT", "Utah", _M),
        ("US", "VT", "Vermont", _E),
        ("US", "VA", "Virginia", _E),
        ("US", "WA", "Washington", _P),
        ("US", "WV", "West Virginia", _E),
        ("US", "WI", "Wisconsin", _C),
        ("US", "WY", "Wyoming", _M),
        ("US", "AS", "American Samoa", "Pacific/Pago_Pago"),
        ("US", "GU", "Guam", "Pacific/Guam"),
        ("US", "MP", "Northern Mariana Islands", "Pacific/Saipan"),
        ("US", "PR", "Puerto Rico", "America/Puerto_Rico"),
        ("US", "VI", "U.S. Virgin Islands", "America/St_Thomas"),
        ("CA", "AB", "Alberta", _EDMONTON),
        # The Peace River and the East Kootenay keep other times than the coast.
        ("CA", "BC", "British Columbia", _VANCOUVER, "America/Dawson_Creek", _EDMONTON),
        ("CA", "MB", "Manitoba", _WINNIPEG),
        ("CA", "NB", "New Brunswick", _HALIFAX),
        ("CA", "NL", "Newfoundland and Labrador", "America/St_Johns", "America/Goose_Bay"),
        ("CA", "NS", "Nova Scotia", _HALIFAX),
        ("CA", "NT", "Northwest Territories", "America/Inuvik"),
        ("CA", "NU", "Nunavut", "America/Iqaluit", "America/Rankin_Inlet", "America/Cambridge_Bay"),
        # The northwest: with Manitoba, with Minnesota, or never changing.
        ("CA", "ON", "Ontario", _TORONTO, "America/Atikokan", _C, _WINNIPEG),
        ("CA", "PE", "Prince Edward Island", _HALIFAX),
        # The Magdalen Islands and the Lower North Shore.
        ("CA", "QC", "Quebec", _TORONTO, _HALIFAX, "America/Blanc-Sablon"),
        ("CA", "SK", "Saskatchewan", _REGINA, _EDMONTON),  # Lloydminster
        ("CA", "YT", "Yukon", "America/Whitehorse"),
    )
}


def country_of(state: str, otherwise: str) -> str:
    """The country whose law a state belongs to: a person's number may be of the other one."""
    return STATES[state].country if state in STATES and otherwise in ("US", "CA", "") else otherwise
