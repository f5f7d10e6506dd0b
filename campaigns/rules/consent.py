"""How people agree to be written to."""

from django.db.models import TextChoices


class ConsentMethod(TextChoices):
    WEB = "web", "Form on a website"
    PAPER = "paper", "Form on paper"
    TEXT = "text", "Text message to us"
    PHONE = "phone", "Phone call"
    EMAIL = "email", "E-mail"
    IN_PERSON = "in_person", "In person"
    CONTRACT = "contract", "Purchase or contract"
    OTHER = "other", "Another way"
