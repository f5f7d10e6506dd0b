"""Who we talk to. A provider is a folder; adding one is one line here."""

from campaigns.gateways.base import Gateway
from campaigns.gateways.sinch_conversation.client import SinchConversation
from campaigns.gateways.sinch_mms.client import SinchMms
from campaigns.gateways.sinch_sms.client import SinchSms

GATEWAYS: dict[str, type[Gateway]] = {
    "sinch_mms": SinchMms,
    "sinch_conversation": SinchConversation,
    "sinch_sms": SinchSms,
}
