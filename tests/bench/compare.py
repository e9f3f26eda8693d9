#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our kernels and their peers, interleaved in processes of their own: one JSON line per kernel and peer."""
import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile

from kernels import KERNELS
from measure import Machine, measure_pairs, ratio_interval
from workbench import FOLDER, ROOT, Workbench, python_of_peers, run

NOT_QUALITY = {"seconds", "cpu_s", "bytes", "threads", "peak_rss_bytes"}


def quality_of(results):
    """What the results say besides their cost: one value if all agree, the mean of numbers that depend on a seed."""
    quality = {name: [result[name] for result in results] for name in results[0] if name not in NOT_QUALITY}
    return {name: statistics.fmean(v) if isinstance(v[0], float) else v[0] for name, v in quality.items()}


def agrees(ours, peer, tolerance):
    """Equal numbers up to the tolerance; an inertia may be lower than the peer's."""
    if isinstance(ours, dict):
        return all(agrees(ours[name], peer[name], tolerance) or (name == "inertia" and ours[name] < peer[name]) for name in ours)
    if isinstance(ours, list):
        return len(ours) == len(peer) and all(agrees(a, b, tolerance) for a, b in zip(ours, peer))
    return abs(ours - peer) <= tolerance * max(abs(ours), abs(peer))


def compare(bench, kernel_name, variant, peer, version, pairs, machine):
    """The line of one kernel and peer."""
    kernel = KERNELS[kernel_name]
    environment = {**os.environ, "OMP_NUM_THREADS": str(bench.threads), "OMP_WAIT_POLICY": "passive"}
    command = [python_of_peers(), FOLDER / "peer.py", kernel_name, peer, variant]

    def run_peer(index):
        description = bench.mining_description(variant) if kernel.mines else bench.description()
        return json.loads(run([*command, index, json.dumps(description)], env=environment))

    ours, theirs = [], []
    measured, quiet = measure_pairs(
        lambda index: kernel.ours(bench, variant, index), run_peer, pairs or kernel.pairs, machine
    )
    for our, their in measured:
        ours.append(our)
        theirs.append(their)
    ratio, low, high = ratio_interval([p["seconds"] for p in theirs], [o["seconds"] for o in ours])
    amount, limit = kernel.work(bench) if kernel.work else (0, None)
    median = statistics.median(o["seconds"] for o in ours)
    quality_ours, quality_peer = quality_of(ours), quality_of(theirs)
    return {
        "kernel": kernel_name,
        "variant": variant,
        "peer": peer,
        "peer_version": version,
        "quality_ours": quality_ours,
        "quality_peer": quality_peer,
        "agrees": agrees(quality_ours, quality_peer, kernel.tolerance),
        "ratio_median": round(ratio, 3),
        "ratio_low": round(low, 3),
        "ratio_high": round(high, 3),
        "fraction_of_limit": round(amount / median / machine.best[limit], 4) if machine.best.get(limit) else None,
        "threads_ours": bench.threads,
        "threads_peer": theirs[0].get("threads", bench.threads),
        "quiet": quiet,
        "pairs": len(measured),
        "seconds_ours": round(median, 4),
        "seconds_peer": round(statistics.median(p["seconds"] for p in theirs), 4),
        "cpu_ratio": round(statistics.median(p["cpu_s"] / o["cpu_s"] for o, p in measured), 3) or None,
        "bytes_ours": ours[0].get("bytes"),
        "bytes_peer": theirs[0].get("bytes"),
        "load": round(os.getloadavg()[0], 2),
    }


def compare_all(bench, names, peers, pairs, machine):
    versions = json.loads(run([python_of_peers(), FOLDER / "peer.py"]))
    for name in names:
        kernel = KERNELS[name]
        for peer in kernel.peers:
            if peers and peer not in peers:
                continue
            if peer not in versions:
                print(f"{name}: {peer} is missing, skipped", file=sys.stderr)
                continue
            for variant in kernel.variants:
                if kernel.mines and not bench.has(variant):
                    print(f"{name}: no data for {variant}, skipped", file=sys.stderr)
                    continue
                print(json.dumps(compare(bench, name, variant, peer, versions[peer], pairs, machine)), flush=True)
        if not set(kernel.peers) & set(versions):
            ours = kernel.ours(bench, kernel.variants[0], 0)
            print(f"{name}: ours alone took {ours['seconds']:.4f} s", file=sys.stderr)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernel", choices=KERNELS, action="append", help="only this one; may repeat")
    parser.add_argument("--peer", action="append", help="only against this one; may repeat")
    parser.add_argument("--pairs", type=int, help="measurements of each side (default: 5, 10 where seeds matter)")
    parser.add_argument("--list", action="store_true", help="print kernels and peers")
    parser.add_argument("--data", type=pathlib.Path, help="folder that keeps the data between runs")
    parser.add_argument("--scale", type=float, default=1, help="share of ten million transactions and a million points")
    parser.add_argument("--threads", type=int, default=2, help="of each side")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="folder with the binary")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    if arguments.list:
        for name, kernel in KERNELS.items():
            print(f"{name}: {', '.join(kernel.peers)}")
        return
    with tempfile.TemporaryDirectory() as temporary:
        data = arguments.data or pathlib.Path(temporary)
        bench = Workbench(arguments.build, data.resolve(), arguments.threads, arguments.scale)
        bench.prepare()
        machine = Machine(bench.programs / "machine_probe", arguments.threads, data / "best_probe.json")
        compare_all(bench, arguments.kernel or KERNELS, arguments.peer, arguments.pairs, machine)


if __name__ == "__main__":
    main()
