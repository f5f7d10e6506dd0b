"""What a delivery report says, in words (reference/sinch-conversation-api.md §9.1–9.2)."""

from campaigns.rules.statuses import MessageStatus

_S = MessageStatus

#: Status → what it makes of the message, and words. A queue of Sinch's is not the carrier yet,
#: and a message that goes on by another channel is still under way.
STATUSES: dict[str, tuple[MessageStatus, str]] = {
    "QUEUED_ON_CHANNEL": (_S.ACCEPTED, "Waiting at Sinch to go out as {channel}."),
    "SWITCHING_CHANNEL": (_S.ACCEPTED, "It could not go as {channel}; Sinch tries the next way."),
    "DELIVERED": (_S.DELIVERED, "The carrier reports the delivery."),
    "READ": (_S.DELIVERED, "It was read."),
    "FAILED": (_S.FAILED, "It could not be delivered."),
}
AS_SMS = (_S.DELIVERED_AS_SMS, "The SMS in its place was delivered.")

#: Code → words. What is not listed is told in Sinch's own.
REASONS: dict[str, str] = {
    "BAD_REQUEST": "Sinch calls the message invalid for this channel.",
    "UNKNOWN_APP": "Sinch does not know the app: check the app id of the channel.",
    "NO_PERMISSION": "The app may not do this: ask your account manager at Sinch.",
    "UNSUPPORTED_OPERATION": "The channel does not carry such a message.",
    "UNSUPPORTED_CONTENT": "The channel does not carry such content.",
    "CONTACT_NOT_FOUND": "Sinch does not know the contact.",
    "NO_CHANNEL_IDENTITY_FOR_CONTACT": "Sinch has no number of the contact for this channel.",
    "NO_CHANNELS_LEFT": "No way to reach the person was left.",
    "NO_PROFILE_AVAILABLE": "Sinch has no profile of the person.",
    "RECIPIENT_INVALID_CHANNEL_IDENTITY": "The number cannot be reached: check the contact.",
    "RECIPIENT_NOT_REACHABLE": "The phone could not be reached.",
    "RECIPIENT_NOT_OPTED_IN": "The person has opted out at Sinch, or never opted in.",
    "OUTSIDE_ALLOWED_SENDING_WINDOW": "It may not be sent to this person at this time.",
    "CHANNEL_FAILURE": "The carrier's network failed, and further tries as well.",
    "CHANNEL_BAD_CONFIGURATION": "The app's credentials of this channel are wrong.",
    "CHANNEL_CONFIGURATION_MISSING": "The app is not set up for this channel.",
    "CHANNEL_REJECT": "The carrier refused it.",
    "REJECTED_BY_CHANNEL": "The carrier refused it.",
    "RATE_LIMITED": "Too many messages at a time for this channel.",
    "DELIVERY_TIMED_OUT": "It could not be delivered in time.",
    "DELIVERY_REJECTED_DUE_TO_POLICY": "The carrier refused it by its rules.",
    "MEDIA_TYPE_UNSUPPORTED": "The channel does not carry a file of this type.",
    "MEDIA_TOO_LARGE": "The file is too large: make it smaller.",
    "MEDIA_NOT_REACHABLE": "Sinch could not fetch the file: check that it is public.",
    "TEMPLATE_NOT_FOUND": "Sinch does not have the template.",
    "TEMPLATE_INSUFFICIENT_PARAMETERS": "A value for the template is missing.",
    "TEMPLATE_NON_EXISTING_LANGUAGE_OR_VERSION": "The template has no such language or version.",
    "UNKNOWN": "It failed for a reason Sinch does not know.",
    "INTERNAL_ERROR": "Sinch had an internal error.",
}
SUB_CODES: dict[str, str] = {
    "ATTACHMENT_REJECTED": "The file was refused.",
    "MEDIA_TYPE_UNDETERMINED": "The type of the file could not be told: its host must say it.",
    "INACTIVE_SENDER": "The sender is not active.",
}
EXPIRED = frozenset({"DELIVERY_TIMED_OUT"})
