"""`python -m bench [name]`: run one benchmark, or all."""

import runpy
import sys

NAMES = (
    "throttle",
    "webhooks",
    "initial_sync",
    "rollup_cost",
    "kpis",
    "simulator_rate",
    "gateway",
)


def main() -> int:
    """Run what was asked for."""
    wanted = sys.argv[1:2] or list(NAMES)
    if wanted[0] not in NAMES:
        sys.stderr.write(f"no benchmark {wanted[0]!r}; there are {', '.join(NAMES)}\n")
        return 2
    sys.argv[1:] = sys.argv[2:]
    for name in wanted:
        print(f"== {name}", flush=True)
        runpy.run_module(f"bench.{name}", run_name="__main__")
    return 0


sys.exit(main())
