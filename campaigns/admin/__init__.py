"""The admin pages: they ask services and show the answer. One topic, one module, one line here."""
