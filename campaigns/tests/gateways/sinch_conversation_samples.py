"""Callbacks of the Conversation API in the shapes the reference shows (§9); numbers invented."""

MESSAGE_ID = "01FVAWD1JP5PPB3KEZCBKGN0ES"
ENVELOPE = {
    "app_id": "01HZAPP0000000000000000001",
    "project_id": "8c2f0000-0000-4000-8000-000000000001",
    "accepted_time": "2026-04-24T12:00:04.598Z",
    "event_time": "2026-04-24T12:00:09.892757478Z",
    "correlation_id": "camp-1-1",
}
NO_REASON = {"code": "UNKNOWN", "description": "", "sub_code": "UNSPECIFIED_SUB_CODE"}
DELIVERY = {
    **ENVELOPE,
    "message_metadata": "",
    "message_delivery_report": {
        "message_id": MESSAGE_ID,
        "conversation_id": "",
        "status": "DELIVERED",
        "channel_identity": {"channel": "MMS", "identity": "12015550111", "app_id": "x"},
        "contact_id": "",
        "metadata": "camp-1-1",
        "processing_mode": "DISPATCH",
    },
}
#: The MMS page of 2020: `channel` alone, `reason` as an empty text, no project.
OLD_DELIVERY = {
    "app_id": "01HZAPP0000000000000000001",
    "accepted_time": "2026-04-24T12:00:04.598Z",
    "message_delivery_report": {
        "message_id": MESSAGE_ID,
        "conversation_id": "01HZCNV0000000000000000001",
        "status": "DELIVERED",
        "channel": "MMS",
        "reason": "",
        "contact_id": "01HZCNT0000000000000000001",
        "metadata": "camp-1-1",
    },
}
SMS_DELIVERY = {
    **ENVELOPE,
    "message_metadata": '{"sms_batch_id":"01HZSMS0000000000000000001",'
    '"number_of_message_parts":2,"operator":"310012"}',
    "message_delivery_report": {
        **DELIVERY["message_delivery_report"],
        "channel_identity": {"channel": "SMS", "identity": "+12015550111", "app_id": ""},
    },
}
INBOUND = {
    **ENVELOPE,
    "message_metadata": '{"stage":"welcome"}',
    "message": {
        "id": "01HZMSG0000000000000000001",
        "direction": "TO_APP",
        "contact_message": {"text_message": {"text": "Stop"}},
        "channel_identity": {"channel": "SMS", "identity": "12015550111", "app_id": ""},
        "conversation_id": "",
        "contact_id": "",
        "metadata": '{"operator":"310012"}',
        "accept_time": "2026-04-24T12:00:04.540651Z",
        "sender_id": "12015550100",
        "processing_mode": "DISPATCH",
        "injected": False,
    },
}
#: The MMS page of 2020: no number of the sender anywhere.
OLD_INBOUND = {
    "app_id": "01HZAPP0000000000000000001",
    "accepted_time": "2026-04-24T12:00:04.598Z",
    "message": {
        "id": "01HZMSG0000000000000000002",
        "direction": "TO_APP",
        "contact_message": {
            "media_card_message": {"url": "https://mo.example.net/1.jpg", "caption": "Stop"}
        },
        "channel": "MMS",
        "conversation_id": "01HZCNV0000000000000000001",
        "contact_id": "01HZCNT0000000000000000001",
        "metadata": "",
        "accept_time": "2026-04-24T12:00:04.540651Z",
    },
}
OPT_OUT = {
    **ENVELOPE,
    "opt_out_notification": {
        "request_id": "01HZREQ0000000000000000001",
        "contact_id": "",
        "channel": "SMS",
        "identity": "+12015550111",
        "status": "OPT_OUT_SUCCEEDED",
        "processing_mode": "DISPATCH",
    },
}


def with_report(sample=DELIVERY, **changes):
    """The same callback with another report in it."""
    return {**sample, "message_delivery_report": {**sample["message_delivery_report"], **changes}}


def with_message(sample=INBOUND, **changes):
    return {**sample, "message": {**sample["message"], **changes}}


def on_mms(**contact_message):
    """A message that came as MMS."""
    identity = {"channel": "MMS", "identity": "+12015550111", "app_id": ""}
    return with_message(contact_message=contact_message, channel_identity=identity)
