"""Opens or changes a project of the pretend Conversation API with one app."""

from collections.abc import Mapping, Sequence

from campaigns.sandbox.conversation.models import ConversationApp, ConversationProject
from campaigns.sandbox.writing import writing


def ensure_project(
    project_id: str,
    *,
    app_id: str,
    key_id: str,
    key_secret: str,
    senders: Sequence[str],
    region: str = "us",
    switches: Mapping[str, object] | None = None,
) -> ConversationApp:
    """Create both or bring them to these values; webhooks and what was changed by calls stay.

    `switches` are fields of the project, or of the app (`dispatch_days`, `is_conversation`).
    """
    own = {field.name for field in ConversationProject._meta.get_fields()}
    wanted = switches or {}
    with writing():
        project, _ = ConversationProject.objects.update_or_create(
            project_id=project_id,
            defaults={
                "key_id": key_id,
                "key_secret": key_secret,
                **{name: value for name, value in wanted.items() if name in own},
            },
        )
        app, is_new = ConversationApp.objects.update_or_create(
            app_id=app_id,
            defaults={
                "project": project,
                "region": region,
                "senders": list(senders),
                **{name: value for name, value in wanted.items() if name not in own},
            },
        )
        if is_new:
            app.display_name, app.channel_credentials = "Magpie", channel_credentials(senders)
            app.save()
    return app


def channel_credentials(senders: Sequence[str]) -> list[dict]:
    """MMS first, then SMS, both with pretend accounts."""
    sender = senders[0] if senders else ""
    mms = {"account_id": "pretend-account", "api_key": "pretend-key", "default_sender": sender}
    sms = {"claimed_identity": "pretend-plan", "token": "pretend-token"}
    return [
        {"channel": "MMS", "mms_credentials": mms},
        {"channel": "SMS", "static_bearer": sms},
    ]
