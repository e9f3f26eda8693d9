#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Itemsets of very many baskets within a budget: one JSON line with rows, time and the most memory of a rank.

Baskets are IBM's generator's (T10I4 over 20,000 items), made anew in both passes, so that only what mining holds is in memory."""
import argparse
import json
import os
import pathlib

from workbench import ROOT, run

# Root, more ranks than cores, ranks that share cores: as tests/CMakeLists.txt.
MPI = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
       "OMPI_MCA_hwloc_base_binding_policy": "none", "OMPI_MCA_mpi_yield_when_idle": "1", "OMPI_MCA_pml": "ob1"}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baskets", type=float, default=1e8)
    parser.add_argument("--support", type=float, default=0.0005)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--mebibytes", type=int, default=9216, help="memory_per_rank")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="folder with the binary")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    baskets, ranks = int(arguments.baskets), arguments.ranks
    command = ["mpirun", "-n", ranks, arguments.build / "tests/itemsets_bench", f"t10:{baskets}", f"{arguments.support:.9f}",
               arguments.threads, 1, arguments.mebibytes]
    found = json.loads(run(command, env={**os.environ, **MPI}))
    peak = found["peak_rss_bytes"]
    print(json.dumps({
        "baskets": baskets, "support": arguments.support, "itemsets": found["found"], "ranks": ranks, "threads": arguments.threads,
        "seconds": found["seconds"], "peak_rss_bytes": peak, "memory_per_rank": arguments.mebibytes << 20,
        "within": peak <= arguments.mebibytes << 20, "bytes_a_basket": round(peak * ranks / baskets, 1)}))


if __name__ == "__main__":
    main()
