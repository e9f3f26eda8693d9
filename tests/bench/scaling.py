#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What more ranks cost: one JSON line per rank count, with calls and bytes of each phase and verb against their formula, bytes on
the wire, balance, CPU seconds, memory and a hash of all results; then a table, and a model of many nodes. On one machine wall time
says nothing about scaling, so it is not shown.

scaling.py --ranks 2,4,8,16,32,64 --set shards=1280 --set generate.customers=40000 [--ranks-per-node N] [--model-rows 1e9]"""
import argparse
import hashlib
import heapq
import json
import math
import os
import pathlib
import sys
import tempfile

from workbench import ROOT, run

TELLS_OF_THE_RUN = {"run.json", "report.html"}  # all other files are promised to be the same
CPU_LIMIT = 1.10  # of all ranks outside collective calls, over the first count's
BALANCE_LIMIT = 1.05  # busiest rank / mean, of customers spread evenly
WIRE_TOLERANCE = 0.10
SPREAD_TOLERANCE, FRAME_BYTES = 0.02, 1024  # of an exchange: rows do not lie quite evenly, and each rank tells what it sends
UNIONS = {"ingest/settle: exchange"}  # of labels: one that several ranks saw is sent by each
MEMORY_LIMIT = 64 * 2**20  # of a rank that has hardly any rows
MANY_RANKS = 64
# The model's network: an all-reduce of one value between two nodes, bytes a second through a port, bytes a second added.
LATENCY_S, BANDWIDTH, ADDING = 2e-6, 12.5e9, 8e9
MODEL_RANKS = (64, 1024, 4096)
WEAK_ROWS = 1e7  # a rank


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


def wire_bytes(prefix):
    """What all ranks put on the wire, by Open MPI's own count (pml_monitoring: lines of kind, from, to, bytes, messages, ...)."""
    total = 0
    for path in prefix.parent.glob(prefix.name + ".*.prof"):
        for line in path.read_text().splitlines():
            words = line.split()
            if words and words[0] in ("I", "E"):
                total += int(words[3])
    return total


def measure(cohort, job, ranks, options, folder):
    """What one run at `ranks` ranks of one thread cost, phase by phase."""
    words = [word for setting in options.settings for word in ("--set", setting)]
    out, prefix = folder / "out", folder / "wire"
    environment = {**os.environ, "OMPI_MCA_pml": "ob1,monitoring", "OMPI_MCA_osc": "^monitoring", "OMPI_MCA_pml_monitoring_enable": "2", "OMPI_MCA_pml_monitoring_enable_output": "3",
                   "OMPI_MCA_pml_monitoring_filename": str(prefix)}
    if options.ranks_per_node:
        environment["COHORT_RANKS_PER_NODE"] = str(options.ranks_per_node)
    run([cohort, "run", job, "--out", out, "--ranks", ranks, "--threads", 1, *words], env=environment)
    records = run_records(out)
    steps = [record["phases"] for record in records]
    phases = {phase["phase"]: phase for step in steps for phase in step}
    manifest = json.loads(next(out.glob("*.cohort/manifest.json")).read_text())
    return {
        "ranks": ranks,
        "rows": sum(table["rows"] for shard in manifest["shards"] for table in shard["tables"]),
        # The step's own phase holds the others.
        "cpu_outside_s": sum(max(phase["cpu_s"] for phase in step) - sum(phase["cpu_in_calls_s"] for phase in step) for step in steps),
        "peak_rss_bytes": max(record["peak_rss_bytes"] for record in records),
        "hash": results_hash(out),
        "max_over_mean": shares_of_ranks(out, ranks),
        "wire_bytes": wire_bytes(prefix),
        "verbs": {f"{name}: {verb}": traffic for name, phase in phases.items() for verb, traffic in phase["verbs"].items()},
    }


def expected_bytes(key, first, ranks):
    """Of one verb in one phase, all ranks together: a reduction sends as much from each, an all-gather a rank's part to all
    others, a broadcast goes out once; of an exchange one of P parts stays at home."""
    base, base_ranks, verb = first["verbs"][key]["bytes_sent"], first["ranks"], key.rsplit(" ", 1)[1]
    if verb == "all_gather":
        return base // (base_ranks - 1) * (ranks - 1)
    if verb == "exchange":
        return round(base * base_ranks / (base_ranks - 1) * (ranks - 1) / ranks)
    return base if verb == "broadcast" else base // base_ranks * ranks


def is_expected(key, sent, expected, ranks):
    """To the byte; an exchange by how evenly the rows lie, and a frame a rank. A label goes from every rank that saw it."""
    if not key.endswith("exchange"):
        return sent == expected
    if key in UNIONS:
        return sent <= ranks * expected
    return abs(sent - expected) <= SPREAD_TOLERANCE * expected + FRAME_BYTES * ranks


def expected_wire(line, ranks, ranks_per_node):
    """What the chosen algorithms put on the wire, of the payload that was counted: recursive doubling for what is short, between
    nodes two turns of a ring for what is long (none inside a node), and each part to each that lacks it."""
    nodes = math.ceil(ranks / ranks_per_node) if ranks_per_node else 1
    total = 0
    for key, traffic in line["verbs"].items():
        verb, payload = key.rsplit(" ", 1)[1], traffic["bytes_sent"]
        sizes = 8 * ranks * (ranks - 1) * traffic["calls"]  # who sends how much
        total += {"all_reduce": payload * math.log2(ranks),
                  "node_reduce": payload // ranks * 2 * (nodes - 1),
                  "reduce_scatter": payload // ranks * (ranks - 1),
                  "exchange": payload + sizes,
                  "all_gather": payload + sizes,
                  "broadcast": (payload + 8 * traffic["calls"]) * (ranks - 1)}[verb]
    return round(total)


def judge(line, first, ranks_per_node):
    """Adds what the formulas expect, and what is off: calls, bytes, wire, balance, memory, CPU seconds, bits."""
    off, exact = [], 0
    for key, traffic in line["verbs"].items():
        begun = first["verbs"].get(key, {"calls": 0, "bytes_sent": 0})
        sent, expected = traffic["bytes_sent"], expected_bytes(key, first, line["ranks"]) if begun["calls"] else 0
        traffic["bytes_expected"] = expected
        exact += sent == expected
        off += [] if is_expected(key, sent, expected, line["ranks"]) else [f"bytes of {key}: {sent} for {expected}"]
        off += [] if traffic["calls"] == begun["calls"] else [f"calls of {key}: {traffic['calls']} for {begun['calls']}"]
    line["exact"] = [exact, len(line["verbs"])]
    line["wire_expected"] = expected_wire(line, line["ranks"], ranks_per_node)
    off += ["wire"] if abs(line["wire_bytes"] / max(1, line["wire_expected"]) - 1) > WIRE_TOLERANCE else []
    line["cpu_ratio"] = round(line["cpu_outside_s"] / first["cpu_outside_s"], 3)
    off += ["CPU seconds"] if line["cpu_ratio"] > CPU_LIMIT else []
    off += [f"balance of {name}" for name, ratio in line["max_over_mean"].items() if ratio > BALANCE_LIMIT]
    off += ["memory"] if line["ranks"] >= MANY_RANKS and line["peak_rss_bytes"] > MEMORY_LIMIT else []
    line["same_bits"] = line["hash"] == first["hash"]
    off += [] if line["same_bits"] else ["bits"]
    return {**line, "off": off}


def table_of(lines):
    text = "| ranks | bytes sent | calls | verbs of phases at their formula | wire over formula | max/mean events, bytes | CPU outside calls | peak of a rank | same bits |\n"
    text += "|" + "---|" * 9 + "\n"
    for line in lines:
        verbs, balance = line["verbs"].values(), line["max_over_mean"]
        text += (f"| {line['ranks']} | {sum(traffic['bytes_sent'] for traffic in verbs):,} | {sum(traffic['calls'] for traffic in verbs)} | "
                 f"{line['exact'][0]} of {line['exact'][1]} | {line['wire_bytes'] / max(1, line['wire_expected']):.3f} | "
                 f"{balance.get('transactions', 1):.3f}, {balance['bytes']:.3f} | {line['cpu_ratio']:.2f} | "
                 f"{line['peak_rss_bytes'] / 2**20:.0f} MiB | {line['same_bits']} |\n")
    return text


def seconds_in_calls(line, rows, ranks):
    """By the model, of `rows` rows on `ranks` nodes of one rank: latency, bytes through a port and adding, verb by verb. What
    is exchanged grows with the rows, all else is the model's state, whose size they do not change."""
    total, deep = 0.0, math.log2(ranks)
    for key, traffic in line["verbs"].items():
        verb, calls = key.rsplit(" ", 1)[1], traffic["calls"]
        sent, through = traffic["bytes_sent"], (ranks - 1) / ranks
        each = sent / line["ranks"]
        rows_bytes = sent * line["ranks"] / (line["ranks"] - 1) * rows / line["rows"]
        total += {"all_reduce": deep * (calls * LATENCY_S + each / BANDWIDTH + each / ADDING),
                  "node_reduce": 2 * deep * calls * LATENCY_S + through * (2 * each / BANDWIDTH + each / ADDING),
                  "reduce_scatter": deep * calls * LATENCY_S + through * (each / BANDWIDTH + each / ADDING),
                  "exchange": (ranks - 1) * calls * LATENCY_S + through * rows_bytes / ranks / BANDWIDTH,
                  "all_gather": deep * calls * LATENCY_S + sent / (line["ranks"] - 1) / BANDWIDTH,
                  "broadcast": deep * (calls * LATENCY_S + sent / BANDWIDTH)}[verb]
    return total


def model_of(line, rows):
    """Strong and weak efficiency of many nodes with a rank each, from this run's work outside calls and the network's parameters."""
    work = line["cpu_outside_s"] / line["rows"]  # seconds a row
    text = (f"A model, not a measurement: {work * 1e9:.0f} ns of work a row as measured at {line['ranks']} ranks, {LATENCY_S * 1e6:g} us latency, "
            f"{BANDWIDTH / 1e9:g} GB/s a port, {ADDING / 1e9:g} GB/s added; no stragglers, no congestion, files as fast as here.\n\n"
            f"| ranks | strong, {rows:.0e} rows | in calls | weak, {WEAK_ROWS:.0e} rows a rank | in calls |\n|---|---|---|---|---|\n")
    for ranks in MODEL_RANKS:
        cells = []
        for all_rows in (rows, WEAK_ROWS * ranks):
            alone, waits = work * all_rows / ranks, seconds_in_calls(line, all_rows, ranks)
            cells += [f"{100 * alone / (alone + waits):.1f} %", f"{waits:.3f} s of {alone + waits:.2f} s"]
        text += f"| {ranks} | {' | '.join(cells)} |\n"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ranks", default="2,4,8,16", help="rank counts, powers of two; the first is the measure, at least 2")
    parser.add_argument("--job", default="quickstart", help="job file, or its name in configs/")
    parser.add_argument("--set", action="append", default=[], dest="settings", help="as for cohort run; may repeat")
    parser.add_argument("--ranks-per-node", type=int, default=0, help="cuts the machine into nodes, whose leaders meet on the wire")
    parser.add_argument("--model-rows", type=float, default=1e9, help="rows of the model's strong scaling")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="folder with the binary")
    options = parser.parse_args()
    counts = [int(count) for count in options.ranks.split(",")]
    if any(count < 2 or count & (count - 1) for count in counts):
        parser.error("the formulas are those of powers of two from 2 on")
    job = pathlib.Path(options.job)
    job = job if job.suffix == ".yaml" else ROOT / "configs" / f"{options.job}.yaml"
    cohort = (options.build / "cohort").resolve()
    lines = []
    for ranks in counts:
        with tempfile.TemporaryDirectory() as folder:
            line = measure(cohort, job, ranks, options, pathlib.Path(folder))
        lines.append(judge(line, lines[0] if lines else line, options.ranks_per_node))
        print(json.dumps({"job": job.stem, **lines[-1]}), flush=True)
        if not line["hash"] == lines[0]["hash"]:
            sys.exit(1)
    print(table_of(lines))
    print(model_of(lines[0], options.model_rows), end="")


if __name__ == "__main__":
    main()
