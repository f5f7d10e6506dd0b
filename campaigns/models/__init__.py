"""What we keep: tables, constraints and querysets."""

from campaigns.models.audience import Contact, ContactList, Membership
from campaigns.models.audit import AuditEntry
from campaigns.models.campaigns import Campaign, Recipient, Wave
from campaigns.models.channels import AccessToken, Channel, Sender, SenderPace
from campaigns.models.consent import Consent
from campaigns.models.content import Mms, MmsEditor, MmsRevision, SavedMms, Slide, SlideMedium
from campaigns.models.customfields import CustomField
from campaigns.models.detours import Detour
from campaigns.models.imports import ContactImport, ImportChange, ImportProblem
from campaigns.models.inbox import InboundMedia, InboundMessage, InboundPart
from campaigns.models.journal import GatewayCall, SeenNonce, WebhookPost
from campaigns.models.media import Fitting, MediaFile, MediaTag
from campaigns.models.optouts import Keyword, KeywordReply, OptOut, OptOutReview
from campaigns.models.outbox import (
    EarlierSend,
    Lane,
    Message,
    MessageEvent,
    SendAgain,
    Tally,
    TallyDetail,
)
from campaigns.models.policy import Policy
from campaigns.models.queue import Lease
from campaigns.models.quiethours import QuietHours
from campaigns.models.segments import Segment
from campaigns.models.threads import Thread, ThreadLabel, ThreadWord

__all__ = [
    "AccessToken",
    "AuditEntry",
    "Campaign",
    "Channel",
    "Consent",
    "Contact",
    "ContactImport",
    "ContactList",
    "CustomField",
    "Detour",
    "EarlierSend",
    "Fitting",
    "GatewayCall",
    "ImportChange",
    "ImportProblem",
    "InboundMedia",
    "InboundMessage",
    "InboundPart",
    "Keyword",
    "KeywordReply",
    "Lane",
    "Lease",
    "MediaFile",
    "MediaTag",
    "Membership",
    "Message",
    "MessageEvent",
    "Mms",
    "MmsEditor",
    "MmsRevision",
    "OptOut",
    "OptOutReview",
    "Policy",
    "QuietHours",
    "Recipient",
    "SavedMms",
    "SeenNonce",
    "Segment",
    "SendAgain",
    "Sender",
    "SenderPace",
    "Slide",
    "SlideMedium",
    "Tally",
    "TallyDetail",
    "Thread",
    "ThreadLabel",
    "ThreadWord",
    "Wave",
    "WebhookPost",
]
