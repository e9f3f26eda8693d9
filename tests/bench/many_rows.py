#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A logistic model of more rows than fit in memory: generates a table, learns from it within a memory budget, and prints one
JSON line with time, the largest memory of a rank against the budget, and how far the coefficients lie from the planted ones.

many_rows.py [--rows N] [--columns D] [--memory 4GiB] [--ranks R] [--threads T] [--folder DIR] [--build DIR]

The table is kept in --folder and used again. Design and label are read from it in each pass: as doubles 1e8 rows of 8 columns
would be 7.2 GB. Every hundredth customer is held out and judges the model; scores are not written.
"""
import argparse
import json
import pathlib
import tempfile

from workbench import ROOT, run


def units(text):
    number, unit = text[:-3], text[-3:]
    return int(number) * {"MiB": 2**20, "GiB": 2**30}[unit]


def table_of(options, folder):
    """The folder of the generated table, and its planted coefficients."""
    table = folder / f"rows-{options.rows}-{options.columns}"
    told = table / "planted.json"
    if not told.exists():
        said = run([options.build / "tests/rows_bench", table, options.threads, options.rows, options.columns])
        told.write_text(said)
    return table, json.loads(told.read_text())["columns"]


def learn(options, folder, table):
    job = {"version": 1, "run": {"name": "many rows", "random_state": 1, "memory_per_rank": options.memory},
           "steps": [{"logistic": {"input": str(table.resolve()), "label": "label", "holdout": {"modulo": 100, "remainder": 7},
                                   "bootstrap": 0, "scores": False}}]}
    (folder / "job.yaml").write_text(json.dumps(job))
    ranks = ["--ranks", options.ranks] if options.ranks > 1 else []
    run([options.build / "cohort", "run", folder / "job.yaml", "--out", folder / "out", "--overwrite", "--threads",
         options.threads, *ranks])
    return [json.loads((folder / "out/logistic" / name).read_text()) for name in ("result.json", "run.json")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=lambda text: int(float(text)), default=10**6)
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("--memory", default="4GiB")
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cohort-rows-") as temporary:
        folder = options.folder or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        table, planted = table_of(options, folder)
        result, record = learn(options, folder, table)
    rows = {row[0]: row for one in result["tables"] if one["name"] == "coefficients" for row in one["rows"]}
    far = max(abs(rows[name][1] - value) / rows[name][2] for name, value in planted.items())
    step = next(phase for phase in record["phases"] if phase["phase"].endswith("/fit"))
    peak = record["peak_rss_bytes"]
    print(json.dumps({"rows": options.rows, "columns": options.columns, "ranks": options.ranks, "threads": options.threads,
                      "wall_s": step["wall_s"], "cpu_s": step["cpu_s"], "n_iter": result["metrics"]["n_iter"],
                      "peak_rss_bytes": peak, "memory_per_rank_bytes": units(options.memory),
                      "within_budget": peak <= units(options.memory), "largest_miss_in_standard_errors": round(far, 3),
                      "roc_auc": result["metrics"]["roc_auc"]}))


if __name__ == "__main__":
    main()
