"""Settings of a test run: the sandbox is on, and everything lives in a folder of its own."""

import os
import tempfile

os.environ.setdefault("SANDBOX", "on")
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="magpie-test-"))
