"""The admin pages: they ask services and show the answer."""
