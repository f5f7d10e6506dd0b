"""What others wrote is here as they wrote it."""

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[2] / "static" / "vendor"
ROWS = re.findall(
    r"^\| `([^`]+)` .* `([0-9a-f]{64})` \|$", (VENDOR / "README.md").read_text(), re.M
)


def test_vendored_files_are_unmodified():
    assert {name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() for name, _ in ROWS} == (
        dict(ROWS)
    )


def test_every_vendored_script_is_listed_with_its_licence():
    scripts = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*.js")}
    assert scripts == {name for name, _ in ROWS}
    assert all((VENDOR / name).with_name("LICENSE").exists() for name in scripts)
