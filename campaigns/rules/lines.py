"""What kind of line a number is, as far as the number itself tells."""

from django.db.models import IntegerChoices


class LineKind(IntegerChoices):
    """In North America a number does not tell a mobile from a landline: that is “any phone”."""

    ANY = 0, "Any phone"
    MOBILE = 1, "Mobile"
    LANDLINE = 2, "Landline"
    TOLL_FREE = 3, "Toll-free"
    OTHER = 4, "No person’s phone"  # premium rate, pager, voicemail, machine


#: An MMS to these does not arrive.
UNREACHABLE_LINES = (LineKind.LANDLINE, LineKind.TOLL_FREE, LineKind.OTHER)
