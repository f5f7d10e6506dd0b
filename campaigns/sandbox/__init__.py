"""A pretend Sinch on the other side of HTTP: the MMS JSON API, its callbacks and a handset."""
