"""Area codes of North America: the states, provinces or islands they serve, and their clocks.

A table of our own: the time zones that phonenumbers names are wrong for several (219, 270, 423,
parts of 850) and know nothing of an area that two zones share. Codes planned but not yet in service
do no harm here. Not here are codes that belong to no place: toll-free, 5xx, 600, 700, 900.
"""

from typing import NamedTuple

from campaigns.rules.states import STATES


class Area(NamedTuple):
    """What an area code tells."""

    country: str
    states: tuple[str, ...]
    zones: tuple[str, ...]


#: State → its area codes, each in every zone of the state.
_WHOLE = {
    "AL": "205 251 256 334 483 659 938",
    "AK": "907",
    "AR": "327 479 501 870",
    "CA": "209 213 279 310 323 341 350 357 369 408 415 424 442 510 530 559 562 619 626 628 650 657"
    " 661 669 707 714 738 747 760 805 818 820 831 837 840 858 909 916 925 949 951",
    "CO": "303 719 720 748 970 983",
    "CT": "203 475 860 959",
    "DE": "302",
    "DC": "202 771",
    "GA": "229 404 470 478 678 706 762 770 912 943",
    "HI": "808",
    "ID": "208 986",
    "IL": "217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 861 872",
    "IA": "319 515 563 641 712",
    "LA": "225 318 337 457 504 985",
    "ME": "207",
    "MD": "227 240 301 410 443 667",
    "MA": "339 351 413 508 617 774 781 857 978",
    "MN": "218 320 507 612 651 763 924 952",
    "MS": "228 471 601 662 769",
    "MO": "235 314 417 557 573 636 660 816 975",
    "MT": "406",
    "NH": "603",
    "NJ": "201 551 609 640 732 848 856 862 908 973",
    "NM": "505 575",
    "NY": "212 315 329 332 347 363 516 518 585 607 624 631 646 680 716 718 838 845 914 917 929 934",
    "NC": "252 336 472 704 743 828 910 919 980 984",
    "ND": "701",
    "OH": "216 220 234 283 326 330 380 419 436 440 513 567 614 740 937",
    "OK": "405 539 572 580 918",
    "PA": "215 223 267 272 412 445 484 570 582 610 717 724 814 835 878",
    "RI": "401",
    "SC": "803 821 839 843 854 864",
    "SD": "605",
    "UT": "385 435 801",
    "VT": "802",
    "VA": "276 434 540 571 686 703 757 804 826 948",
    "WA": "206 253 360 425 509 564",
    "WV": "304 681",
    "WI": "262 274 353 414 534 608 715 920",
    "WY": "307",
    "AS": "684",
    "GU": "671",
    "MP": "670",
    "PR": "787 939",
    "VI": "340",
    "AB": "368 403 587 780 825",
    "BC": "236 250 257 672 778",
    "MB": "204 431 584",
    "NB": "428 506",
    "NL": "709 879",
    "SK": "306 474 639",
}
_E, _C, _M, _P = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
_TORONTO, _VANCOUVER = "America/Toronto", "America/Vancouver"
#: States of several zones: (state, zones of these codes, codes).
_PARTS = (
    ("AZ", "America/Phoenix", "480 520 602 623"),
    ("AZ", f"America/Phoenix,{_M}", "928"),
    (
        "FL",
        _E,
        "239 305 321 324 352 386 407 561 645 656 689 727 728 754 772 786 813 863 904 941 954",
    ),
    ("FL", f"{_E},{_C}", "448 850"),
    ("IN", _E, "260 317 463 765"),
    ("IN", f"{_E},{_C}", "219 574 812 930"),
    ("KS", _C, "316 913"),
    ("KS", f"{_C},{_M}", "620 785"),
    ("KY", _E, "502 859"),
    ("KY", f"{_E},{_C}", "270 364 606"),
    ("MI", _E, "231 248 269 313 517 586 616 679 734 810 947 989"),
    ("MI", f"{_E},{_C}", "906"),
    ("NE", _C, "402 531"),
    ("NE", f"{_C},{_M}", "308"),
    ("NV", _P, "702 725"),
    ("NV", f"{_P},{_M}", "775"),
    ("OR", _P, "503 971"),
    ("OR", f"{_P},{_M}", "458 541"),
    ("TN", _E, "865"),
    ("TN", _C, "615 629 731 901 931"),
    ("TN", f"{_E},{_C}", "423 729"),
    (
        "TX",
        _C,
        "210 214 254 281 325 346 361 409 430 469 512 621 682 713 726 737 806 817 830 832 903",
    ),
    ("TX", _C, "432 936 940 945 956 972 979"),
    ("TX", _M, "915"),
    ("BC", _VANCOUVER, "604"),
    ("ON", _TORONTO, "226 249 289 343 365 382 416 437 519 548 613 647 683 705 742 753 905 942"),
    ("ON", f"{_TORONTO},America/Atikokan,{_C},America/Winnipeg", "807"),
    ("QC", _TORONTO, "263 354 438 450 468 514 579 819 873"),
    ("QC", f"{_TORONTO},America/Halifax,America/Blanc-Sablon", "273 367 418 581"),
    ("NS PE", "America/Halifax", "782 902"),
    (
        "NT NU YT",
        "America/Whitehorse,America/Inuvik,America/Cambridge_Bay,America/Rankin_Inlet,America/Iqaluit",
        "867",
    ),
)
#: Countries of their own: (country, zone, codes).
_ISLANDS = (
    ("AG", "America/Antigua", "268"),
    ("AI", "America/Anguilla", "264"),
    ("BB", "America/Barbados", "246"),
    ("BM", "Atlantic/Bermuda", "441"),
    ("BS", "America/Nassau", "242"),
    ("DM", "America/Dominica", "767"),
    ("DO", "America/Santo_Domingo", "809 829 849"),
    ("GD", "America/Grenada", "473"),
    ("JM", "America/Jamaica", "658 876"),
    ("KN", "America/St_Kitts", "869"),
    ("KY", "America/Cayman", "345"),
    ("LC", "America/St_Lucia", "758"),
    ("MS", "America/Montserrat", "664"),
    ("SX", "America/Lower_Princes", "721"),
    ("TC", "America/Grand_Turk", "649"),
    ("TT", "America/Port_of_Spain", "868"),
    ("VC", "America/St_Vincent", "784"),
    ("VG", "America/Tortola", "284"),
)


def _area(states: str, zones: tuple[str, ...]) -> Area:
    codes = tuple(states.split())
    return Area(STATES[codes[0]].country, codes, zones)


#: Area code → what it tells.
AREAS: dict[str, Area] = {
    **{
        code: _area(state, STATES[state].zones)
        for state in _WHOLE
        for code in _WHOLE[state].split()
    },
    **{
        code: _area(states, tuple(zones.split(",")))
        for states, zones, codes in _PARTS
        for code in codes.split()
    },
    **{
        code: Area(country, (), (zone,))
        for country, zone, codes in _ISLANDS
        for code in codes.split()
    },
}
