"""A pretend provider on the other side of HTTP."""
