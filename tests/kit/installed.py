"""Installs a connector's package for one test, without a network and without touching this environment."""

import os
import subprocess
import sys
from pathlib import Path

from tests.paths import ROOT

SETUP = "from setuptools import setup; setup()"


def installed(project: Path, site: Path) -> dict[str, str]:
    """Build the project into the folder `site`, with its metadata. The environment of a process that has it installed.

    setuptools does the work, from the project's own pyproject.toml. pip would do the same, but has to fetch setuptools.
    """
    site.mkdir(parents=True, exist_ok=True)
    command = ["-c", SETUP, "-q", "egg_info", "--egg-base", str(site), "build", "--build-lib", str(site)]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *command, "--build-base", str(site / ".build")],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)]), "PYTHONDONTWRITEBYTECODE": "1"}


def run(environment: dict[str, str], *command: str, cwd: Path | None = None) -> str:
    """What the command printed; AssertionError with all of it when it failed."""
    done = subprocess.run(
        [sys.executable, *command], cwd=cwd or ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
