"""The API's status codes in Sinch's words (reference/sinch-mms-json-api.md §4)."""

TEXTS: dict[str, str] = {
    "E100": "Invalid request: {x}.",
    "E103": "API access is blocked for this account.",
    "E104": "Invalid API key.",
    "E105": "This account has no API access.",
    "E107": "Invalid action, or the user is not allowed to use it.",
    "E108": "The JSON cannot be parsed.",
    "E110": "Invalid 'to' number.",
    "E111": "Invalid from / shortcode.",
    "E112": "The IP address of the caller is not on the allow-list.",
    "E113": "The throughput limit of this API action is exceeded.",
    "E114": "The number is blacklisted.",
    "E115": "The sender mask is too long.",
    "E223": "Slide {x} has more than one object.",
    "E224": "Slide {x} has audio, video or an image together with an object.",
    "E225": "Too many slides.",
    "E226": "Slide {x} has audio and video.",
    "E227": "Slide {x} has video and an image.",
    "E228": "The text is longer than {x} characters.",
    "E229": "Content not allowed.",
    "E241": "The mms-id does not exist.",
    "E311": "The name is missing or invalid.",
    "E312": "There are no slides.",
    "E313": "Slide {x} is empty.",
    "E314": "The subject is invalid.",
    "E331": "The image in slide {x} is too big.",
    "E332": "The audio in slide {x} is too big.",
    "E333": "The video in slide {x} is too big.",
    "E335": "The vCard in slide {x} is too big.",
    "E336": "The iCal in slide {x} is too big.",
    "E337": "The PDF in slide {x} is too big.",
    "E339": "The Excel file in slide {x} is too big.",
    "E341": "The image in slide {x} is corrupted.",
    "E351": "The image of slide {x} could not be copied: {why}",
    "E352": "The audio of slide {x} could not be copied: {why}",
    "E353": "The video of slide {x} could not be copied: {why}",
    "E355": "The vCard of slide {x} could not be copied: {why}",
    "E356": "The iCal of slide {x} could not be copied: {why}",
    "E357": "The PDF of slide {x} could not be copied: {why}",
    "E359": "The Excel file of slide {x} could not be copied: {why}",
    "E503": "Internal error.",
    "E618": "The carrier lookup failed, please retry.",
    "E620": "An mms-id is required.",
    "E622": "A fallback-sms-text is required.",
    "E626": "The MMS is not available yet: encoding is in progress, try again later.",
    "E627": "The service-id is invalid or required.",
    "E628": "The carrier is not supported.",
    "E629": "Unrecognised content type in slide {x}: {why}",
    "E713": "There is a billing problem with this account.",
    "E977": "A code that no list knows.",
}


class Refusal(Exception):
    """The API says no: a code and, where its text has gaps, what fills them."""

    def __init__(self, code: str, x: object = "", why: str = "") -> None:
        self.code = code
        self.info = TEXTS[code].format(x=x, why=why)
        super().__init__(f"{code} {self.info}")
