"""The kill test: a real portal, a provider that counts, and much that goes wrong at random."""
