"""What the pretend Conversation API keeps: projects, apps, webhooks, messages and contacts."""

from django.db import models

SEVEN_DAYS = 7 * 24 * 60 * 60


class Generation(models.TextChoices):
    """How callbacks look: as today, or as the 2020 samples of the MMS channel page show them."""

    CURRENT = "current", "As today"
    OLDER = "2020", "As in 2020"


class ConversationProject(models.Model):
    """A customer: the keys, and the switches an account manager or a test would set."""

    project_id = models.CharField(max_length=64, unique=True)
    key_id = models.CharField(max_length=64, unique=True)
    key_secret = models.CharField(max_length=128)
    keys_revoked = models.BooleanField(default=False)
    token_seconds = models.IntegerField(default=3599)  # below 0: a token is born expired
    rate = models.FloatField("requests per second", default=800)
    webhook_rate = models.FloatField("callbacks per second and app", default=25)
    is_over_credit = models.BooleanField(default=False)  # every call is 403
    generation = models.CharField(
        max_length=10, choices=Generation.choices, default=Generation.CURRENT
    )
    manages_consent = models.BooleanField(default=False)  # STOP blocks and is told as OPT_OUT
    names_operators = models.BooleanField(default=False)  # in the metadata of SMS reports
    media_seconds = models.FloatField(default=SEVEN_DAYS)  # of files that phones sent
    cache_seconds = models.FloatField(default=0)  # 0: media is fetched for every message

    def __str__(self) -> str:
        return f"Project {self.project_id}"


class ConversationApp(models.Model):
    """An app: its channels, in the words of the API, and the numbers phones can write to."""

    project = models.ForeignKey(ConversationProject, models.CASCADE, related_name="apps")
    app_id = models.CharField(max_length=26, unique=True)
    region = models.CharField(max_length=2)
    display_name = models.CharField(max_length=200)
    channel_credentials = models.JSONField(default=list)
    senders = models.JSONField(default=list)
    is_conversation = models.BooleanField(default=False)  # else it dispatches
    dispatch_days = models.PositiveSmallIntegerField(default=0)  # 0: messages are not listed
    override_secret = models.CharField(max_length=256, blank=True)
    others = models.JSONField(default=dict)  # fields of the app that change nothing here

    def __str__(self) -> str:
        return f"App {self.app_id}"


class ConversationWebhook(models.Model):
    """Where callbacks of an app go; a DISMISS one gets none."""

    app = models.ForeignKey(ConversationApp, models.CASCADE, related_name="webhooks")
    webhook_id = models.CharField(max_length=26, unique=True)
    target = models.CharField(max_length=742)
    target_type = models.CharField(max_length=10, default="DISMISS")
    secret = models.CharField(max_length=256, blank=True)
    triggers = models.JSONField(default=list)
    client_credentials = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"Webhook {self.webhook_id}"


class ConversationContact(models.Model):
    """A contact, and the conversation each app of the project has with it."""

    project = models.ForeignKey(ConversationProject, models.CASCADE, related_name="contacts")
    contact_id = models.CharField(max_length=26, unique=True)
    conversation_id = models.CharField(max_length=26)
    identities = models.JSONField(default=list)
    phone = models.CharField(max_length=20, blank=True, db_index=True)
    details = models.JSONField(default=dict)  # display_name, email, external_id, language, metadata

    def __str__(self) -> str:
        return f"Contact {self.contact_id}"


class ConversationMessage(models.Model):
    """A message of either direction, as the API lists it."""

    app = models.ForeignKey(ConversationApp, models.CASCADE, related_name="messages")
    message_id = models.CharField(max_length=26, unique=True)
    to_app = models.BooleanField(default=False)
    channel = models.CharField(max_length=10)
    phone = models.CharField(max_length=20, db_index=True)
    sender = models.CharField("our number", max_length=20, blank=True)
    contact_id = models.CharField(max_length=26, blank=True)
    conversation_id = models.CharField(max_length=26, blank=True)
    body = models.JSONField()  # app_message or contact_message
    metadata = models.CharField(max_length=1024, blank=True)
    conversation_metadata = models.JSONField(null=True)
    correlation_id = models.CharField(max_length=128, blank=True)
    accepted_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["app", "-accepted_at"], name="sandbox_conversation_list")]

    def __str__(self) -> str:
        return f"Message {self.message_id}"


class OptedOut(models.Model):
    """A number on the opt-out list of an app whose project has its consent managed."""

    app = models.ForeignKey(ConversationApp, models.CASCADE, related_name="opted_out")
    phone = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["app", "phone"], name="sandbox_opted_out_once")
        ]

    def __str__(self) -> str:
        return f"{self.phone} opted out"
