# SPDX-License-Identifier: Apache-2.0
"""`cohort plan` says what a job will cost without touching data, keeps to it in memory, and refuses what cannot fit."""

import json
import os
import pathlib

import support
from support import Workplace, check, check_equal

CONFIGS = pathlib.Path(__file__).resolve().parents[2] / "configs"
WITHIN = 0.25
SANITIZED = "COHORT_TEST_SECONDS" in os.environ  # a sanitizer's own memory is not the job's


def plan(place, config, *options, ranks=1, threads=1):
    code, out, err = place.cohort("plan", config, "--json", "--ranks", ranks, "--threads", threads, *options)
    return code, json.loads(out) if out.startswith("{") else None, err


def against_actual(config, steps, *options, ranks, baskets=None):
    """Plans, runs, and compares step by step; run.json must hold the same plan."""
    with Workplace() as place:
        if baskets:
            place.write("baskets.dat", baskets)
        before = place.files()
        code, planned, err = plan(place, config, *options, ranks=ranks)
        check_equal(code, 0, f"plan {config.name}: {err}")
        check_equal(place.files(), before, "a plan leaves nothing")
        code, _, err = place.cohort("run", config, "--out", "out", *options, ranks=ranks, threads=1)
        check_equal(code, 0, f"run {config.name}: {err}")
        if code != 0:
            return
        check_equal([step["id"] for step in planned["steps"]], steps, "steps of the plan")
        for step in planned["steps"]:
            kept = place.json(f"out/{step['id']}/run.json")["plan"]
            for figure, both in kept.items():
                check_equal(both["planned"], step[figure], f"{step['id']}: {figure} in run.json and in the plan")
            if "memory_bytes" not in kept:
                continue
            both = kept["memory_bytes"]
            print(f"  {config.name} {step['id']} at {ranks} ranks: " + ", ".join(
                f"{figure} {values['planned']} / {values['actual']}" for figure, values in kept.items()))
            check(SANITIZED or abs(both["planned"] / both["actual"] - 1) <= WITHIN, f"{step['id']}: memory {both}")
            if both["actual"] and "rows" in kept and kept["rows"]["actual"] is not None:
                check(abs(kept["rows"]["planned"] / kept["rows"]["actual"] - 1) <= WITHIN, f"{step['id']}: {kept['rows']}")
        report = (place.path / "out" / steps[-1] / "report.html").read_text()
        check("Planned" in report and "Actual" in report, "the report shows plan against actual")


def refusals():
    config = CONFIGS / "quickstart.yaml"
    with Workplace() as place:
        code, document, err = plan(place, config, "--set", "run.memory_per_rank=16MiB")
        check_equal(code, 14, "exit code of a plan that needs more memory")
        check("generate" in document["refused"] and "16.0 MiB" in err and "run.memory_per_rank" in err, f"its message: {err}")
        code, document, err = plan(place, config, "--set", "generate.customers=5000000000", "--set", "generate.parts=5000",
                                   "--set", "run.memory_per_rank=1TiB")
        check_equal(code, 14, "exit code of a plan that needs more disk")
        check("on disk" in document["refused"] and "free" in err, f"its message: {err}")
        code, _, err = plan(place, config, "--set", "kmeans.n_cluster=5")
        check_equal(code, 78, f"exit code of a plan of a job with a mistake: {err}")


def what_nobody_knows():
    """A figure that nothing is known of is null, not a number."""
    with Workplace() as place:
        job = {"version": 1, "steps": [{"generate": {"format": "store", "customers": 500}}, {"sweep": {}}, {"features": {}}]}
        place.write("job.yaml", json.dumps(job))
        code, planned, err = plan(place, "job.yaml")
        check_equal(code, 0, f"plan: {err}")
        sweep = planned["steps"][1]
        check(all(sweep[figure] is None for figure in ("rows", "memory_bytes", "time_s")), f"plan of a sweep: {sweep}")
        check_equal(planned["steps"][2]["rows"], 500, "rows of features of a store to be")
        code, out, _ = place.cohort("plan", "job.yaml")
        check("not predicted" in out, f"the table says so: {out}")


def histories():
    """Offers by rules in time hold what customers did, day by day."""
    with Workplace() as place:
        steps = [{"generate": {"format": "store", "customers": 40000, "items": 300}},
                 {"next_offer": {"within": "60d", "min_support": 0.01, "as_of": "2023-10-01"}}]
        config = place.write("offers.yaml", json.dumps({"version": 1, "dataset": "shop.cohort", "steps": steps}))
        against_actual(config, ["generate", "next_offer"], ranks=1)


against_actual(CONFIGS / "quickstart.yaml", ["generate", "ingest", "features", "rfm", "kmeans"], ranks=2)
against_actual(CONFIGS / "windows.yaml", ["generate", "features"], "--set", "generate.customers=20000", ranks=1)
against_actual(CONFIGS / "rules.yaml", ["rules"], ranks=2,
               baskets="".join(f"{i % 7} {10 + i % 11} {30 + i % 13} {50 + i * i % 97}\n" for i in range(50_000)))
histories()
refusals()
what_nobody_knows()
support.finish()
