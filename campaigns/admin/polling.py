"""What pages that refresh themselves share."""

#: htmx asks no more once it is answered with this.
STOP_POLLING = 286
