"""The schema of the sandbox."""
