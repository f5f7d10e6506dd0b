"""What we keep: tables, constraints and querysets."""

from campaigns.models.audience import Contact, ContactList, Membership
from campaigns.models.audit import AuditEntry
from campaigns.models.campaigns import Campaign
from campaigns.models.channels import Channel, Sender
from campaigns.models.content import Mms, MmsEditor, MmsRevision, SavedMms, Slide, SlideMedium
from campaigns.models.imports import ContactImport, ImportProblem
from campaigns.models.inbox import InboundMedia, InboundMessage
from campaigns.models.journal import GatewayCall, WebhookPost
from campaigns.models.media import Fitting, MediaFile, MediaTag
from campaigns.models.optouts import OptOut
from campaigns.models.outbox import Lane, Message, MessageEvent
from campaigns.models.queue import Lease

__all__ = [
    "AuditEntry",
    "Campaign",
    "Channel",
    "Contact",
    "ContactImport",
    "ContactList",
    "Fitting",
    "GatewayCall",
    "ImportProblem",
    "InboundMedia",
    "InboundMessage",
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
    "SavedMms",
    "Sender",
    "Slide",
    "SlideMedium",
    "WebhookPost",
]
