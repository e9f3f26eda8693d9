# SPDX-License-Identifier: Apache-2.0
"""itemsets_bench.py BENCH FILE SUPPORT [PAIRS]: itemsets_bench with 1 and 2 threads against Borgelt's eclat and fpgrowth.

Needs pyfim (pip install pyfim). Runs take turns; a peer's time is without the conversion of Python's lists (the time of
the same call at support 1) and without output (it only counts). Prints a line of JSON per peer and number of threads.
"""
import json
import statistics
import subprocess
import sys
import time

import fim


def peer(algorithm, baskets, support):
    start = time.perf_counter()
    spectrum = getattr(fim, algorithm)(baskets, target="s", supp=100 * support, zmin=1, report="=")
    return time.perf_counter() - start, int(sum(row[2] for row in spectrum))


def main():
    bench, path, support = sys.argv[1], sys.argv[2], float(sys.argv[3])
    pairs = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    with open(path, encoding="ascii") as file:
        baskets = [[int(item) for item in line.split()] for line in file]
    times = {}
    sets = {}
    for _ in range(pairs):
        for algorithm in "eclat", "fpgrowth":
            conversion = peer(algorithm, baskets, 1.0)[0]
            seconds, sets[algorithm] = peer(algorithm, baskets, support)
            times.setdefault(algorithm, []).append(seconds - conversion)
        for threads in 1, 2:
            ours = json.loads(subprocess.run([bench, path, str(support), str(threads)], capture_output=True, check=True).stdout)
            sets[threads] = ours["sets"]
            times.setdefault(threads, []).append(ours["seconds"])
    for algorithm in "eclat", "fpgrowth":
        for threads in 1, 2:
            ratios = sorted(theirs / mine for theirs, mine in zip(times[algorithm], times[threads]))
            print(json.dumps({"file": path.rsplit("/", 1)[-1], "support": support, "peer": algorithm, "threads": threads,
                              "sets": sets[threads], "sets_peer": sets[algorithm],
                              "ratio_median": round(statistics.median(ratios), 2), "ratio_low": round(ratios[0], 2),
                              "ratio_high": round(ratios[-1], 2), "seconds": round(statistics.median(times[threads]), 4)}))


if __name__ == "__main__":
    main()
