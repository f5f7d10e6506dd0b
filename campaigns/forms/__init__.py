"""The forms of the admin pages."""
