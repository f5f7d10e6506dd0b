"""Pages outside the admin: callbacks and public media."""
