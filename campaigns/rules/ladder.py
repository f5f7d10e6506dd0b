"""The rungs of the subtraction ladder: why somebody of an audience is not written to."""

from django.db.models import IntegerChoices


class Rung(IntegerChoices):
    """Everybody stands on exactly one rung: the first that holds, in this order."""

    WRITTEN_TO = 0, "Will be written to"
    EXCLUDED = 1, "Excluded by you"
    OPTED_OUT = 2, "Opted out"
    NO_CONSENT = 3, "No consent"
    LINE = 4, "Landline or toll-free"
    COUNTRY = 5, "Another country than the sender’s"
    CAPPED = 6, "Written to often enough"


#: What each rung means, where its people are listed.
MEANINGS: dict[Rung, str] = {
    Rung.WRITTEN_TO: "They get it, each at their time.",
    Rung.EXCLUDED: "They are on a list or in a segment that this campaign leaves out.",
    Rung.OPTED_OUT: "They asked to be left alone, and nobody may write to them.",
    Rung.NO_CONSENT: "The ledger holds no consent of theirs: note it there once you have it.",
    Rung.LINE: "An MMS does not arrive at a landline or a toll-free number.",
    Rung.COUNTRY: "The number this campaign comes from does not reach their country.",
    Rung.CAPPED: "They got as many messages lately as the limit for one person allows.",
}
#: What the outbox says of somebody on this rung, whole and always alike: it is also looked for.
REASONS: dict[Rung, str] = {
    Rung.OPTED_OUT: "They opted out.",
    Rung.NO_CONSENT: "There is no consent of theirs.",
    Rung.LINE: "It is a landline or a toll-free number: an MMS does not arrive there.",
    Rung.COUNTRY: "The sender’s number cannot reach their country.",
    Rung.CAPPED: "They got as many messages lately as one person may get.",
}
