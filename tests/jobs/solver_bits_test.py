#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every solver of every linear job leaves the same bytes at any number of ranks and threads.

usage: solver_bits_test.py COHORT [RANKSxTHREADS...]      default 1x1 3x2; in full: 1x1 1x2 2x1 2x2 3x1 3x2 4x1 4x2 7x1 7x2
prints a row for each step: what differs from the first run, or ok
"""
import random
import sys

from support import SECONDS, Workplace, check, finish, ingest_job, tree_hashes

GRID = [tuple(map(int, word.split("x"))) for word in sys.argv[2:] or ["1x1", "3x2"]]
ROWS = 700
COLUMNS = {"x1": "float64", "x2": "float64", "town": "category", "days": "float64", "amount": "float64", "count": "int32",
           "kind": "category", "left": "int32"}
FEATURES = ["x1", "x2", "town"]
SGD = {"solver": "sgd", "sgd": {"epochs": 4, "batch_size": 128}}
SOLVERS = {
    "linear_newton": ("linear", "amount", {}),
    "linear_lbfgs": ("linear", "amount", {"solver": "lbfgs"}),
    "linear_sgd": ("linear", "amount", SGD),
    "linear_path": ("linear", "amount", {"penalty": "elasticnet", "alpha": 0.1, "path": 10}),
    "linear_cluster": ("linear", "amount", {"covariance": "cluster", "group": "kind"}),
    "logistic_newton": ("logistic", "left", {"covariance": "HC3"}),
    "logistic_lbfgs": ("logistic", "left", {"penalty": "l2", "solver": "lbfgs"}),
    "logistic_sgd": ("logistic", "left", {"penalty": "l2", **SGD}),
    "logistic_l1": ("logistic", "left", {"penalty": "l1"}),
    "poisson": ("glm", "count", {"exposure": "days"}),
    "poisson_lbfgs": ("glm", "count", {"exposure": "days", "solver": "lbfgs"}),
    "poisson_sgd": ("glm", "count", {"exposure": "days", **SGD}),
    "gamma": ("glm", "amount", {"family": "gamma"}),
    "tweedie": ("glm", "amount", {"family": "tweedie", "power": 1.3}),
    "softmax_newton": ("softmax", "kind", {}),
    "softmax_lbfgs": ("softmax", "kind", {"penalty": "l2", "solver": "lbfgs"}),
}


def customers():
    draw = random.Random(7)
    lines = [",".join(COLUMNS)]
    for _ in range(ROWS):
        x1, x2, town, days = draw.gauss(0, 1), draw.uniform(50, 60), draw.choice("nsew"), draw.uniform(1, 9)
        signal = x1 + (x2 - 55) / 5 + (town == "n")
        kind = max("abc", key=lambda k: draw.gauss(signal * (ord(k) - 98), 2))
        lines.append(f"{x1:.6f},{x2:.4f},{town},{days:.3f},{2.718 ** (signal / 3) * draw.uniform(0.5, 2):.4f},"
                     f"{int(days * draw.expovariate(1) * 2.718 ** (signal / 4) / 3)},{kind},{int(draw.gauss(signal, 2) > 0)}")
    return "\n".join(lines) + "\n"


steps = [{job: {"id": name, "input": "dataset", "features": FEATURES, "label": label, "bootstrap": 20, **keys}}
         for name, (job, label, keys) in SOLVERS.items()]
with Workplace() as place:
    place.write("a.csv", customers())
    job = ingest_job({"customer": "$row", **{name: name for name in COLUMNS}}, COLUMNS, table="customers", steps=steps, shards=5)
    first = {}
    for ranks, threads in GRID:
        if not place.must_run(job, ranks=ranks, threads=threads, options=["--overwrite"], seconds=4 * SECONDS):
            continue
        for name in SOLVERS:
            hashes = tree_hashes(place.path / "out" / name)
            different = sorted(file for file in {*hashes, *first.setdefault(name, hashes)}
                               if hashes.get(file) != first[name].get(file))
            check(hashes and not different, f"{name} at {ranks} ranks x {threads} threads differs: {different}")
            print(f"{ranks:2} {threads:2}  {name:16} {'differs' if different else 'ok'}", flush=True)
finish()
