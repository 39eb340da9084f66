"""Commands of the hub, each a process of its own that begins at once: forked from one that has everything imported.

Only the loading of modules is spared; tests/cli/test_imports.py shows that its order makes no difference.
"""

from __future__ import annotations

import atexit
import importlib
import os
import pkgutil
import runpy
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hub.cli
from tests.lives import bring_up, lasting


def run(
    folder: Path, environment: Mapping[str, str], arguments: Sequence[str], *, text: str = "", patience: float
) -> tuple[int, str, str]:
    """`python -m hub ARGUMENTS` in that folder with `text` as its standard input, to its end.

    Its exit code (-1: it was killed), its standard output and its standard error. AssertionError when it takes longer
    than `patience` seconds.
    """
    with TemporaryDirectory() as place:
        told, out, err, code = (Path(place, name) for name in ("in", "out", "err", "code"))
        told.write_text(text)
        pid = begin(folder, environment, arguments, (told, out, err), code)
        end = time.monotonic() + patience
        while Path(f"/proc/{pid}").exists():
            assert time.monotonic() < end, f"hub {' '.join(arguments)} does not end"
            time.sleep(0.005)
        return ended(code), out.read_text(), err.read_text()


def begin(
    folder: Path, environment: Mapping[str, str], arguments: Sequence[str], streams: Sequence[Path], code: Path
) -> int:
    """The process id of the command, whose three streams are these files, in a session of its own.

    A terminal among them is the one that it is started from. At its end its exit code stands in the file `code`.
    """
    said = {"folder": str(folder), "environment": dict(environment), "arguments": list(arguments), "code": str(code)}
    return lasting("tests.cli.warm").start(said | {"streams": list(map(str, streams))})


def ended(code: Path) -> int:
    """The exit code; -1 where there is none, since the process was killed."""
    return int(code.read_text()) if code.exists() else -1


def _live(said: Mapping[str, Any]) -> None:
    """This process is the command."""
    os.setsid()
    for number, (file, how) in enumerate(zip(said["streams"], (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY), strict=True)):
        os.dup2(os.open(file, how | os.O_CREAT, 0o600), number)
    sys.stdout.reconfigure(line_buffering=os.isatty(1))  # type: ignore[union-attr]
    os.chdir(said["folder"])
    os.environ.clear()
    os.environ.update(said["environment"])
    sys.argv = ["hub", *said["arguments"]]
    code = _main()
    Path(said["code"]).write_text(str(code))


def _main() -> int:
    """Run it, and end as Python does; the exit code."""
    try:
        runpy.run_module("hub", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  said as any program says it
        traceback.print_exc()
        return 1
    finally:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def main() -> None:
    for found in pkgutil.iter_modules(hub.cli.__path__, "hub.cli."):
        importlib.import_module(found.name)
    bring_up(_live)


if __name__ == "__main__":
    main()
