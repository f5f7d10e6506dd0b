"""What holds for the whole portal: one row that people edit."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from campaigns.models.fields import EncryptedJSONField

PER_CENT = [
    MinValueValidator(1, "Write at least 1, or leave it empty."),
    MaxValueValidator(100, "Write at most 100."),
]


class Policy(models.Model):
    """There is one, with id 1; `services/policy.py` reads it."""

    cap_count = models.PositiveSmallIntegerField(
        "messages at most",
        null=True,
        blank=True,
        default=None,
        validators=[MinValueValidator(1, "Write at least 1, or leave it empty for no limit.")],
        help_text="To one person, over all campaigns. Leave empty for no limit.",
    )
    cap_days = models.PositiveSmallIntegerField(
        "in so many days",
        default=7,
        validators=[
            MinValueValidator(1, "Write at least one day."),
            MaxValueValidator(366, "Write at most 366 days."),
        ],
    )
    brand = models.CharField(
        "name of your brand", max_length=60, blank=True, help_text="HELP is answered with it."
    )
    contact = models.CharField(
        "how people reach you",
        max_length=120,
        blank=True,
        help_text="A phone number, an e-mail or a web address: HELP is answered with it.",
    )
    brake_failures = models.PositiveSmallIntegerField(
        "failed messages, in per cent",
        null=True,
        blank=True,
        default=30,
        validators=PER_CENT,
        help_text="When more than this share of its messages fail or expire, a campaign pauses "
        "itself. Judged once 100 have gone out and 20 of them failed. Leave empty for never.",
    )
    brake_optouts = models.PositiveSmallIntegerField(
        "people who opt out, in per cent",
        null=True,
        blank=True,
        default=5,
        validators=PER_CENT,
        help_text="The same when more than this share of the people it reached answer with an "
        "opt-out. Judged from 100 people and 5 opt-outs on. Leave empty for never.",
    )
    brake_silence = models.PositiveSmallIntegerField(
        "no report at all, in minutes",
        null=True,
        blank=True,
        default=30,
        validators=[MinValueValidator(5, "Write at least 5 minutes, or leave it empty.")],
        help_text="The same when 20 messages have been out for so long and nothing has come back "
        "on their channel: its callbacks may not arrive. Leave empty for never.",
    )
    #: The key under which erased numbers are hashed; it must outlive every other secret.
    hash_key = EncryptedJSONField(default=dict, editable=False)

    class Meta:
        verbose_name = "rules for all campaigns"
        verbose_name_plural = "rules for all campaigns"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_policy")]

    def __str__(self) -> str:
        return "Rules for all campaigns"
