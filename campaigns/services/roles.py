"""The four roles and what each may do. They exist after `migrate`."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission

_ALL = ("add", "change", "delete", "view")
_LOOK = ("view",)
#: The administrator changes these.
_LOOK_AT_RULES = {"keyword": _LOOK, "keywordreply": _LOOK, "policy": _LOOK, "quiethours": _LOOK}

#: role → model → actions. Every model of the portal not named here is looked at by none.
ROLES: dict[str, dict[str, tuple[str, ...]]] = {
    "marketer": {
        "campaign": (*_ALL, "launch", "control", "send_test"),
        "channel": _LOOK,
        "sender": _LOOK,
        "contact": _ALL,
        "contactlist": _ALL,
        "membership": _ALL,
        "contactimport": ("add", "view"),
        "importproblem": _LOOK,
        "inboundmedia": _LOOK,
        "inboundmessage": ("view", "change"),
        "thread": ("view", "change", "reply"),
        "threadlabel": _LOOK,
        "mediafile": ("add", "change", "view", "delete"),
        "message": _LOOK,
        "messageevent": _LOOK,
        "mms": _ALL,
        "mmsrevision": _LOOK,
        "optout": ("add", "view"),
        "savedmms": ("add", "view"),
        "segment": _ALL,
        "slide": _LOOK,
        **_LOOK_AT_RULES,
        "consent": ("add", "view"),
        "customfield": _ALL,
        "optoutreview": ("view", "change"),
    },
    "approver": {
        "campaign": ("view", "launch", "control", "send_test"),
        "channel": _LOOK,
        "sender": _LOOK,
        "contactlist": _LOOK,
        "mediafile": _LOOK,
        "message": _LOOK,
        "messageevent": _LOOK,
        "mms": _LOOK,
        "mmsrevision": _LOOK,
        "optout": _LOOK,
        "savedmms": _LOOK,
        "inboundmessage": _LOOK,
        "inboundmedia": _LOOK,
        "thread": _LOOK,
        "threadlabel": _LOOK,
        "segment": _LOOK,
        **_LOOK_AT_RULES,
    },
    "agent": {
        "contact": ("view", "change"),
        "inboundmessage": ("view", "change"),
        "inboundmedia": _LOOK,
        "thread": ("view", "change", "reply"),
        "threadlabel": _LOOK,
        "message": _LOOK,
        "messageevent": _LOOK,
        "optout": ("add", "view"),
        "optoutreview": ("view", "change"),
        "consent": ("add", "view"),
    },
}
#: What each may do, told where somebody chooses.
WORDS: dict[str, str] = {
    "marketer": "Makes MMS, lists and campaigns, launches and stops them; reads and answers "
    "replies.",
    "approver": "Looks at campaigns and what they send, tests, launches and stops them; "
    "changes nothing else.",
    "agent": "Reads and answers replies, corrects contacts and enters opt-outs.",
    "administrator": "May do everything here: also channels, callbacks, the audit and users.",
}
_VERBS = {
    ("campaign", "launch"): "launch_campaign",
    ("campaign", "control"): "control_campaign",
    ("campaign", "send_test"): "send_test",
    ("thread", "reply"): "reply_thread",
    ("channel", "test"): "test_channel",
    ("channel", "pause"): "pause_channel",
}
#: The administrator may do all of the portal and manage people; never the queue's own tables.
_ADMINISTRATOR_APPS = ("campaigns", "auth")
_NOBODY = (
    "change_auditentry",
    "delete_auditentry",
    "add_auditentry",
    "change_consent",
    "delete_consent",
)


def create_roles() -> None:
    """Make the four groups and give each exactly its permissions; safe to call again."""
    for role, models in ROLES.items():
        codenames = [
            _VERBS.get((model, action), f"{action}_{model}")
            for model, actions in models.items()
            for action in actions
        ]
        _set_permissions(
            role,
            Permission.objects.filter(content_type__app_label="campaigns", codename__in=codenames),
        )
    everything = Permission.objects.filter(content_type__app_label__in=_ADMINISTRATOR_APPS)
    _set_permissions("administrator", everything.exclude(codename__in=_NOBODY))


def _set_permissions(role: str, permissions: Any) -> None:
    group, _ = Group.objects.get_or_create(name=role)
    group.permissions.set(permissions)


def install_after_migrate(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Permissions of this app are made by Django's own handler, which ran before."""
    from django.contrib.auth.management import create_permissions

    if using != "default":
        return
    create_permissions(sender, verbosity=0, using=using)
    create_roles()
