"""Where the tests find things outside the repository. Users do not have them: a test that needs them skips, aloud."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
