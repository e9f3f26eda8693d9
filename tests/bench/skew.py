#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What uneven customers cost: from CSV to segments where one of them has a tenth of all events, and where their events follow
Zipf's law. One JSON line per case and rank count: rows, bytes and processor time of the busiest rank over the mean.

skew.py [--rows 4000000] [--ranks 2,4,8] [--exponent 1.5] [--build DIR]

A customer is not split, so no rank can hold less than the largest one: `least` is that share times the ranks, or 1."""
import argparse
import itertools
import json
import os
import pathlib
import random
import sys
import tempfile

from scaling import results_hash, run_records, shares_of_ranks
from workbench import ROOT, run

CUSTOMERS, SHARDS, BLOCK = 100_000, 256, 1 << 16
LIMIT = 1.3  # of the busiest rank over the mean, where the customers leave the choice
COUNTED_CPU_S = 0.2  # phases of less say nothing of balance
MEMORY = "512MiB"
HEADER = "customer,time,basket,item,quantity,price"


def weights_of(case, exponent):
    if case == "zipf":
        return [(k + 1) ** -exponent for k in range(CUSTOMERS)]
    return [(CUSTOMERS - 1) / 9, *[1.0] * (CUSTOMERS - 1)]  # the first one has a tenth


def write_events(path, case, rows, exponent):
    """Events in no order of customers; returns the share of the largest one."""
    draw = random.Random(5)
    heap = list(itertools.accumulate(weights_of(case, exponent)))
    largest = 0
    with open(path, "w", encoding="ascii") as file:
        file.write(f"{HEADER}\n")
        for begin in range(0, rows, BLOCK):
            customers = draw.choices(range(CUSTOMERS), cum_weights=heap, k=min(BLOCK, rows - begin))
            largest += customers.count(0)
            file.writelines(f"{customer},2023-{1 + i % 12:02}-{1 + i % 28:02} 10:00:00,{i},I{i * 7919 % 997},{1 + i % 9},{i % 800}.50\n"
                            for i, customer in enumerate(customers, begin))
    return largest / rows


def measure(options, folder, ranks):
    """The job at one rank count: what its ranks had to do, and the hash of all results."""
    out = folder / f"out{ranks}"
    columns = {name: name for name in HEADER.split(",")}
    job = {"version": 1, "shards": SHARDS, "run": {"memory_per_rank": MEMORY}, "steps": [
        {"ingest": {"sources": {"transactions": {"path": str(folder / "events.csv"), "map": columns, "types": {
            "customer": "int64", "basket": "int64", "quantity": "int32", "price": "decimal(2)"}}}}},
        {"features": {}}, {"kmeans": {"n_clusters": 4, "features": ["recency_days", "frequency", "monetary"], "log1p": "all"}}]}
    (folder / "job.yaml").write_text(json.dumps(job))
    run([options.build / "cohort", "run", folder / "job.yaml", "--out", out, "--ranks", ranks, "--threads", 1])
    records = run_records(out)
    phases = [phase for record in records for phase in record["phases"] if phase["cpu_s"] >= COUNTED_CPU_S and "/" in phase["phase"]]
    shares = shares_of_ranks(out, ranks)
    return {"ranks": ranks, "rows_balance": shares["transactions"], "bytes_balance": shares["bytes"],
            "cpu_balance": {phase["phase"]: round(phase["imbalance"], 3) for phase in phases},
            "peak_rss_bytes": max(record["peak_rss_bytes"] for record in records), "hash": results_hash(out)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=4_000_000)
    parser.add_argument("--ranks", default="2,4,8")
    parser.add_argument("--exponent", type=float, default=1.5)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    options = parser.parse_args()
    missed = 0
    for case in ("tenth", "zipf"):
        with tempfile.TemporaryDirectory(prefix="cohort-skew-") as name:
            largest = write_events(pathlib.Path(name) / "events.csv", case, options.rows, options.exponent)
            hashes = set()
            for ranks in map(int, options.ranks.split(",")):
                line = {"case": case, "rows": options.rows, "least": round(max(1.0, largest * ranks), 3),
                        **measure(options, pathlib.Path(name), ranks)}
                hashes.add(line.pop("hash"))
                line["same_bits"] = len(hashes) == 1
                # Ranks that take turns on a core spin in their calls meanwhile, which says nothing of balance.
                own_core = ranks <= os.cpu_count()
                worst = max([line["rows_balance"], *(line["cpu_balance"].values() if own_core else ())])
                missed += worst > LIMIT * line["least"] or not line["same_bits"]
                print(json.dumps(line), flush=True)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
