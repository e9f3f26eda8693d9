#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What safety costs: CPU time of a k-means run with and without checkpoints, watchdog and accounting.

overhead.py [--build DIR] [--pairs N] [--customers N]

Pairs of runs, A B B A, one with the service and one without, compared by user and system time, which a busy machine disturbs
far less than the clock; on one rank, since ranks that wait for others count as busy. Prints one JSON line per service: the median ratio of the pairs minus 1 in
percent with its 95 % interval, and the limit. The iterations alone are counted: that is where the services are at work.

Accounting has no switch. Its share is the number of calls times the price of one, which a driver measures; so is the bound
on the watchdog, whose cost lies below what pairs can tell.
"""
import argparse
import json
import pathlib
import shutil
import statistics
import sys
import tempfile

from measure import ratio_interval
from workbench import ROOT, run

LIMITS = {"checkpoints": 2.0, "watchdog": 0.5}
OFF = {"checkpoints": ["run.checkpoint_every=1e8"], "watchdog": ["run.comm_timeout=0"]}
# Checkpoints are due every 5 minutes; here, so that there are any, every half second: 600 times as often.
ON = {"checkpoints": ["run.checkpoint_every=0.5"], "watchdog": ["run.comm_timeout=600"]}
BASE = {"checkpoints": ["run.comm_timeout=0"], "watchdog": ["run.checkpoint_every=1e8"]}
JOB = """version: 1
run: {random_state: 1}
dataset: shop.cohort
steps:
  - generate: {format: store}
  - features: {}
  - kmeans: {n_clusters: 40, features: [recency_days, frequency, monetary], log1p: all, scale: standard, algorithm: lloyd, tol: 0, max_iter: 60, n_init: 8}
"""


class Runs:
    """Fits the same customers again and again."""

    def __init__(self, build, folder, customers):
        self.cohort, self.out = build / "cohort", folder / "out"
        self.job = folder / "job.yaml"
        self.job.write_text(JOB)
        self.settings = ["--threads", "1", "--set", f"generate.customers={customers}"]
        run([self.cohort, "run", self.job, "--out", self.out, *self.settings, "--until", "features"])

    def fit(self, settings):
        """The iterations' account and run.json."""
        shutil.rmtree(self.out / "kmeans", ignore_errors=True)
        words = [word for setting in settings for word in ("--set", setting)]
        run([self.cohort, "resume", self.job, "--out", self.out, *self.settings, *words])
        record = json.loads((self.out / "kmeans/run.json").read_text())
        loop = next(phase for phase in record["phases"] if phase["phase"] == "kmeans iterations")
        return loop, record


def service(runs, name, pairs):
    on, off = [], []
    for index in range(pairs):
        first, second = (on, off) if index % 2 == 0 else (off, on)
        for side in (first, second):
            side.append(runs.fit(BASE[name] + (ON if side is on else OFF)[name])[0]["cpu_s"])
    middle, low, high = ratio_interval(on, off)
    return {"service": name, "percent": round((middle - 1) * 100, 3), "low": round((low - 1) * 100, 3),
            "high": round((high - 1) * 100, 3), "limit": LIMITS[name], "pairs": pairs, "cpu_s": round(statistics.median(off), 4)}


def by_price(runs, prices):
    """Accounting and watchdog as calls times price, over the CPU time of the iterations."""
    loop, record = runs.fit(["run.checkpoint_every=1e8"])
    per_rank = loop["cpu_s"] / record["ranks"]
    lines = []
    for name, calls in (("accounting", loop["collective_calls"]), ("watchdog", loop["collective_calls"])):
        seconds = calls * prices[name + "_ns"] * 1e-9
        if name == "accounting":
            seconds += len(record["phases"]) * prices["phase_ns"] * 1e-9
        else:
            seconds += per_rank * prices["look_share"]
        lines.append({"service": name, "bound_percent": round(100 * seconds / per_rank, 4), "limit": 0.5, "calls": calls,
                      "price_ns": prices[name + "_ns"]})
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--customers", type=int, default=500_000)
    asked = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(asked.build.resolve(), pathlib.Path(folder), asked.customers)
        prices = json.loads(run([asked.build.resolve() / "tests/overhead_bench"]))
        lines = by_price(runs, prices)
        lines += [service(runs, name, asked.pairs) for name in LIMITS]
    for line in lines:
        print(json.dumps(line), flush=True)
        failed |= line.get("bound_percent", line.get("low", 0)) > line["limit"]
    sys.exit(1 if failed else 0)


main()
