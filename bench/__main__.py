"""`python -m bench [name]`: run one benchmark, or all; ends with 1 where an aim was missed."""

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
    missed = []
    for name in wanted:
        print(f"== {name}", flush=True)
        try:
            runpy.run_module(f"bench.{name}", run_name="__main__")
        except SystemExit as end:  # which is how each says whether its aims were reached
            if end.code:
                print("" if end.code == 1 else end.code)
                missed.append(name)
    if missed:
        print(f"aims were missed by {', '.join(missed)}")
    return 1 if missed else 0


sys.exit(main())
