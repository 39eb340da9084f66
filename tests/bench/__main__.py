"""`make bench`: everything in one run. Times depend on the machine; read the ratios, the counts and the medians."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.bench import measures
from tests.bench.alerts import alerts
from tests.bench.counted import figures
from tests.bench.in_step import in_step
from tests.bench.journeys import journeys
from tests.bench.limits import limits
from tests.bench.rig import rig

SECTIONS: dict[str, Callable[..., Any]] = {
    "deliveries": measures.deliveries,
    "latency": measures.latency,
    "carried": measures.carried,
    "limit": measures.limit,
    "limits": limits,
    "planning": measures.planning,
    "figures": figures,
    "alerts": alerts,
    "journeys": journeys,
    "in-step": in_step,
    "start": measures.start,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("section", nargs="*", help=f"only these: {', '.join(SECTIONS)}")
    chosen = parser.parse_args().section or list(SECTIONS)
    started = time.perf_counter()
    for name in chosen:
        sys.stdout.write(f"\n{name}\n")
        with rig() as made:
            for label, value in SECTIONS[name](made):
                sys.stdout.write(f"  {label:<66} {value}\n")
                sys.stdout.flush()
    sys.stdout.write(f"\n{time.perf_counter() - started:.0f} s in all\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
