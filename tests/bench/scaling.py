#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What more ranks cost: one JSON line per rank count, with bytes and calls of each phase against their formula, balance, CPU
seconds, memory and a hash of all results; then a table. On one machine wall time says nothing about scaling, so it is only shown.

scaling.py --ranks 2,4,8,16,32,64 --set shards=1280 --set generate.customers=40000"""
import argparse
import hashlib
import heapq
import json
import pathlib
import sys
import tempfile

from workbench import ROOT, run

TELLS_OF_THE_RUN = {"run.json", "report.html"}  # all other files are promised to be the same
SHUFFLES = {"ingest/build"}  # phases that move rows to their owners
GATHERS = {"ingest/scan", "ingest/settle", "kmeans init"}  # phases that tell all ranks what each found; all others reduce
TOLERANCE = 0.02
NEGLIGIBLE_BYTES = 64 * 1024  # what a phase may send without a formula: sizes, names, errors
CPU_LIMIT = 1.10
BALANCE_LIMIT = 1.05  # busiest rank / mean, of customers spread evenly
MEMORY_LIMIT = 64 * 2**20  # of a rank that has hardly any rows
MANY_RANKS = 64


def results_hash(folder):
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in TELLS_OF_THE_RUN:
            digest.update(str(path.relative_to(folder)).encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def run_records(folder):
    records = [json.loads(path.read_text()) for path in folder.glob("*/run.json")]
    return sorted(records, key=lambda record: record["position"])


def shares_of_ranks(folder, ranks):
    """Customers, events and bytes of the busiest rank over the mean: shards go, the largest first, to the rank with the fewest
    bytes (io/store's shards_of_rank)."""
    manifest = json.loads(next(folder.glob("*.cohort/manifest.json")).read_text())
    loads = [(0, rank) for rank in range(ranks)]
    totals = [[0] * (1 + len(manifest["tables"])) for _ in range(ranks)]
    for shard in sorted(manifest["shards"], key=lambda shard: -shard["bytes"]):
        load, rank = heapq.heappop(loads)
        heapq.heappush(loads, (load + shard["bytes"], rank))
        for i, amount in enumerate([shard["bytes"], *(table["rows"] for table in shard["tables"])]):
            totals[rank][i] += amount
    names = ["bytes", *(table["name"] for table in manifest["tables"])]
    return {name: round(max(amounts) * ranks / max(1, sum(amounts)), 4) for name, amounts in zip(names, zip(*totals))}


def measure(cohort, job, ranks, settings, folder):
    """What one run at `ranks` ranks of one thread cost, phase by phase."""
    words = [word for setting in settings for word in ("--set", setting)]
    run([cohort, "run", job, "--out", folder, "--ranks", ranks, "--threads", 1, *words])
    records = run_records(folder)
    phases = {phase["phase"]: phase for record in records for phase in record["phases"]}
    steps = [record["phases"] for record in records]
    return {
        "ranks": ranks,
        "cpu_s": sum(max(phase["cpu_s"] for phase in step) for step in steps),  # the step's own phase holds the others
        "wall_s": sum(max(phase["wall_s"] for phase in step) for step in steps),
        "peak_rss_bytes": max(record["peak_rss_bytes"] for record in records),
        "hash": results_hash(folder),
        "max_over_mean": shares_of_ranks(folder, ranks),
        "phases": {name: {key: phase[key] for key in ("collective_calls", "bytes_sent", "imbalance")} for name, phase in phases.items()},
    }


def expected_bytes(name, first, ranks):
    """All ranks together: a reduction sends as much from each, a gather a rank's part to all others, and a shuffle keeps
    one of P parts at home."""
    base, base_ranks = first["phases"][name]["bytes_sent"], first["ranks"]
    if name in SHUFFLES:
        return base * base_ranks / (base_ranks - 1) * (ranks - 1) / ranks
    if name in GATHERS:
        return base / (base_ranks - 1) * (ranks - 1)
    return base / base_ranks * ranks


def judge(line, first):
    """Adds what the formulas expect, and what is off: bytes, calls, CPU seconds, bits."""
    off = []
    for name, phase in line["phases"].items():
        phase["bytes_expected"] = round(expected_bytes(name, first, line["ranks"]))
        if phase["bytes_sent"] > NEGLIGIBLE_BYTES * line["ranks"] and phase["bytes_sent"] > (1 + TOLERANCE) * phase["bytes_expected"]:
            off.append(f"bytes of {name}")
        if phase["collective_calls"] != first["phases"][name]["collective_calls"]:
            off.append(f"calls of {name}")
    line["cpu_ratio"] = round(line["cpu_s"] / first["cpu_s"], 3)
    reductions = [name for name in line["phases"] if name not in SHUFFLES | GATHERS]
    line["reductions_exact"] = sum(line["phases"][name]["bytes_sent"] == line["phases"][name]["bytes_expected"] for name in reductions)
    line["reductions"] = len(reductions)
    off += [f"balance of {name}" for name, ratio in line["max_over_mean"].items() if ratio > BALANCE_LIMIT]
    off += ["memory"] if line["ranks"] >= MANY_RANKS and line["peak_rss_bytes"] > MEMORY_LIMIT else []
    line["same_bits"] = line["hash"] == first["hash"]
    off += ["CPU seconds"] if line["cpu_ratio"] > CPU_LIMIT else []
    off += [] if line["same_bits"] else ["bits"]
    return {**line, "off": off}


def table_of(lines):
    text = "| ranks | bytes sent | calls | reductions at their formula | max/mean events, bytes | CPU over the first | peak of a rank | same bits |\n"
    text += "|" + "---|" * 8 + "\n"
    for line in lines:
        phases, balance = line["phases"].values(), line["max_over_mean"]
        text += (f"| {line['ranks']} | {sum(phase['bytes_sent'] for phase in phases):,} | {sum(phase['collective_calls'] for phase in phases)} | "
                 f"{line['reductions_exact']} of {line['reductions']} | {balance.get('transactions', 1):.3f}, {balance['bytes']:.3f} | "
                 f"{line['cpu_ratio']:.2f} | {line['peak_rss_bytes'] / 2**20:.0f} MiB | {line['same_bits']} |\n")
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ranks", default="2,4,8,16", help="rank counts; the first is the measure, at least 2")
    parser.add_argument("--job", default="quickstart", help="job file, or its name in configs/")
    parser.add_argument("--set", action="append", default=[], dest="settings", help="as for cohort run; may repeat")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="folder with the binary")
    arguments = parser.parse_args()
    counts = [int(count) for count in arguments.ranks.split(",")]
    if min(counts) < 2:
        parser.error("a shuffle over one rank sends nothing: start at 2 ranks")
    job = pathlib.Path(arguments.job)
    job = job if job.suffix == ".yaml" else ROOT / "configs" / f"{arguments.job}.yaml"
    cohort = (arguments.build / "cohort").resolve()
    first, lines = None, []
    for ranks in counts:
        with tempfile.TemporaryDirectory() as folder:
            line = measure(cohort, job, ranks, arguments.settings, pathlib.Path(folder) / "out")
        first = first or line
        lines.append(judge(line, first))
        print(json.dumps({"job": job.stem, **lines[-1]}), flush=True)
        if not line["same_bits"]:
            sys.exit(1)
    print(table_of(lines), end="")


if __name__ == "__main__":
    main()
