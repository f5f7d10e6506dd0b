"""What people call time zones: “Eastern time”, and “ET” where there is little room."""

#: Zone → (short, word), east to west. Where clocks stand still the land names the time.
_NAMES = {
    "America/St_Johns": ("NT", "Newfoundland"),
    "America/Halifax": ("AT", "Atlantic"),
    "America/Goose_Bay": ("AT", "Atlantic"),
    "America/Blanc-Sablon": ("AT", "Atlantic"),
    "America/Puerto_Rico": ("PR", "Puerto Rico"),
    "America/St_Thomas": ("VI", "Virgin Islands"),
    "America/New_York": ("ET", "Eastern"),
    "America/Detroit": ("ET", "Eastern"),
    "America/Toronto": ("ET", "Eastern"),
    "America/Iqaluit": ("ET", "Eastern"),
    "America/Atikokan": ("EST", "Eastern Standard"),
    "America/Winnipeg": ("MB", "Manitoba"),
    "America/Chicago": ("CT", "Central"),
    "America/Rankin_Inlet": ("CT", "Central"),
    "America/Regina": ("SK", "Saskatchewan"),
    "America/Edmonton": ("AB", "Alberta"),
    "America/Inuvik": ("NWT", "Northwest Territories"),
    "America/Denver": ("MT", "Mountain"),
    "America/Boise": ("MT", "Mountain"),
    "America/Cambridge_Bay": ("MT", "Mountain"),
    "America/Phoenix": ("AZ", "Arizona"),
    "America/Dawson_Creek": ("BC", "British Columbia"),
    "America/Vancouver": ("BC", "British Columbia"),
    "America/Whitehorse": ("YT", "Yukon"),
    "America/Los_Angeles": ("PT", "Pacific"),
    "America/Anchorage": ("AK", "Alaska"),
    "America/Adak": ("Adak", "Aleutian"),
    "Pacific/Honolulu": ("HI", "Hawaii"),
    "Pacific/Pago_Pago": ("AS", "Samoa"),
    "Pacific/Guam": ("GU", "Guam"),
    "Pacific/Saipan": ("MP", "Saipan"),
}
_ORDER = {zone: number for number, zone in enumerate(_NAMES)}


def name_zones(zones: tuple[str, ...]) -> list[str]:
    """“Eastern”, “Central”; elsewhere the city. Each once, east to west."""
    return _each_once(zones, 1)


def label_zones(zones: tuple[str, ...]) -> list[str]:
    """“ET”, “CT”; elsewhere the city. Each once, east to west."""
    return _each_once(zones, 0)


def _each_once(zones: tuple[str, ...], column: int) -> list[str]:
    ordered = sorted(zones, key=lambda zone: (_ORDER.get(zone, len(_ORDER)), zone))
    return list(dict.fromkeys(_NAMES.get(zone, (_city(zone),) * 2)[column] for zone in ordered))


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")
