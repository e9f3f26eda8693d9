# SPDX-License-Identifier: Apache-2.0
"""Ranks stay within memory_per_rank on data ten times its size, and what cannot fit is refused with its number.

memory_test.py BINARY [MIB CUSTOMERS RANKS...]: the budget, the size of the data and where to run."""

import sys

import support
from support import Workplace, check, check_equal

MIB = int(sys.argv[2]) if len(sys.argv) > 2 else 160
CUSTOMERS = int(sys.argv[3]) if len(sys.argv) > 3 else 1_450_000
RANKS = [int(word) for word in sys.argv[4:]] or [2]


def job():
    source = {"path": "${out}/generate/transactions-*.csv",
              "map": {"customer": "customer", "time": "time", "basket": "invoice", "item": "item",
                      "quantity": "quantity", "price": "price", "channel": "channel"},
              "types": {"customer": "int64", "basket": "int64"}}
    return {"version": 1, "run": {"memory_per_rank": f"{MIB}MiB"}, "dataset": "shop.cohort", "steps": [
        {"generate": {"customers": CUSTOMERS, "parts": max(8, CUSTOMERS // 10000)}},
        {"ingest": {"sources": {"transactions": source}, "clean": [{"drop_duplicates": {"action": "drop"}}]}},
        {"features": {}},
        {"kmeans": {"n_clusters": 5, "features": ["recency_days", "frequency", "monetary"], "scale": "standard"}}]}


def within(ranks):
    with Workplace() as place:
        code, _, err = place.run(job(), ranks=ranks, threads=1, seconds=600)
        check_equal(code, 0, f"the job at {ranks} ranks: {err}")
        if code != 0:
            return
        size = sum(path.stat().st_size for path in (place.path / "out/generate").glob("transactions-*.csv"))
        print(f"{ranks} ranks: {size / 2**20:.0f} MiB of CSV, {MIB} MiB a rank")
        check(size > 10 * MIB * 2**20, f"the data are {size} bytes, not ten budgets")
        for step in ("generate", "ingest", "features", "kmeans"):
            record = place.json(f"out/{step}/run.json")
            peak = record["peak_rss_bytes"]
            print(f"  {step}: peak {peak / 2**20:.1f} MiB")
            check(peak <= record["memory_per_rank"], f"{step} at {ranks} ranks: {peak} bytes of {MIB} MiB")


def too_small():
    with Workplace() as place:
        small = job()
        small["run"]["memory_per_rank"] = "64KiB"
        small["steps"][0]["generate"] = {"customers": 2000}
        code, _, err = place.run(small)
        check_equal(code, 14, f"exit code of an impossible budget: {err}")
        check("memory_per_rank" in err, f"its message: {err}")


for count in RANKS:
    within(count)
if len(sys.argv) < 3:
    too_small()
support.finish()
