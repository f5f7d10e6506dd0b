"""What a channel of the Conversation API needs, and what it can carry
(reference/sinch-conversation-api.md §1, §3, §5)."""

from types import MappingProxyType

from campaigns.gateways.channels import Field, Limits
from campaigns.rules.formats import Format
from campaigns.rules.media import MediaKind

REGIONS = ("us", "eu", "br")
BASE_URLS = MappingProxyType(
    {name: f"https://{name}.conversation.api.sinch.com/" for name in REGIONS}
)
DEFAULT_AUTH_URL = "https://auth.sinch.com/oauth2/token"
#: "Keep under 1 MB" (§5.1).
_SIZES = MappingProxyType(dict.fromkeys([*MediaKind.values, "gif"], 1_000_000))

FIELDS = (
    Field(
        "project_id",
        "Project id",
        help="In the Sinch dashboard: Settings, Projects.",
        is_account=True,
    ),
    Field(
        "app_id",
        "App id",
        help="In the Sinch dashboard: Conversation API, Apps. 26 letters and digits.",
        is_account=True,
    ),
    Field(
        "region",
        "Region",
        required=False,
        help="Where the app was made: it is unknown anywhere else.",
        choices=(("", "As the base URL says"), *((name, name.upper()) for name in REGIONS)),
    ),
    Field("key_id", "Access key id", help="In the Sinch dashboard: Settings, Access keys."),
    Field(
        "key_secret",
        "Access key secret",
        secret=True,
        help="Sinch shows it only when the key is made: make a new key if it is lost.",
    ),
    Field(
        "callback_secret",
        "Callback secret",
        secret=True,
        required=False,
        help="Signs the callbacks, so that nobody else can post reports or replies; without "
        "spaces. Without it they are not signed.",
        overlaps=True,
    ),
    Field(
        "sms_sender",
        "SMS sender",
        required=False,
        help="Texts and fallbacks come from this number or name; empty: from the sender itself.",
    ),
    Field(
        "max_sms_parts",
        "Longest SMS in parts",
        required=False,
        help="A longer one is not sent, and reports tell the number of parts.",
    ),
    Field(
        "strict",
        "Strict check of media",
        required=False,
        help="Sinch refuses what is not good practice for MMS.",
        choices=(("", "No (usual)"), ("yes", "Yes")),
    ),
    Field(
        "auth",
        "Authorisation",
        required=False,
        help="How the key is shown to Sinch.",
        choices=(("", "OAuth2 (usual)"), ("basic", "Basic: for a trial, slow")),
    ),
    Field(
        "auth_url",
        "Token address",
        required=False,
        help=f"Empty: {DEFAULT_AUTH_URL}, or /oauth2/token at a base URL that is not Sinch's.",
    ),
    Field(
        "mms_account_id",
        "MMS account id",
        required=False,
        help="Only to set up the app's MMS from here; Sinch gives you this and the next three.",
    ),
    Field("mms_api_key", "MMS API key", secret=True, required=False),
    Field("mms_basic_username", "MMS user name", required=False),
    Field("mms_basic_password", "MMS password", secret=True, required=False),
)

LIMITS = Limits(
    slides=1,
    #: As long as the SMS behind it may be (reference/sinch-sms-rest-api.md §2).
    text=2000,
    subject=80,
    sizes=_SIZES,
    sizes_transcoded=_SIZES,
    total=1_000_000,
    types=frozenset(
        {
            "image/jpeg",
            "image/png",
            "image/gif",
            "video/mp4",
            "video/quicktime",
            "text/vcard",
            "application/pdf",
        }
    ),
    formats=frozenset(Format.values),
    media=1,
    has_sms=True,
    choices=True,
)
