"""Whether the replies to a number reach us: a plain-text reply is an SMS."""

from campaigns.rules.looks import write_number


def tell_no_route(number: str) -> str:
    """The same sentence wherever it matters."""
    return (
        f"Opt-outs sent as plain text to {write_number(number)} will not reach this portal: a "
        "reply without a picture is an SMS, and no SMS route for this number is set up here."
    )
