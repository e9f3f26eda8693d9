# SPDX-License-Identifier: Apache-2.0
"""The verbs as a user types them: what they print, resume, overwrite, assignments, and the schema of job files."""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess

import support
from support import Workplace, check, check_equal, ingest_job, tree_hashes

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = "customer,time,basket,item,quantity,price\n"
MAP = {name: name for name in HEADER.strip().split(",")}
STEPS = [{"features": {}}, {"rfm": {"n_bins": 2}}, {"kmeans": {"n_clusters": 2, "features": ["monetary"]}}]
JOB = ingest_job(MAP, steps=STEPS)


def events(count):
    return HEADER + "".join(f"c{i % 97},2020-01-{1 + i % 28:02} 10:00:00,b{i // 3},i{i % 9},1,{i % 100}.25\n"
                            for i in range(count))


def look_ups():
    with Workplace() as place:
        code, out, err = place.cohort("list")
        jobs = re.findall(r"^(\w+) +\S", out, re.MULTILINE)
        check_equal((code, err), (0, ""), "list")
        check({"ingest", "features", "rfm", "kmeans", "score", "generate", "evaluate", "explain"} <= set(jobs), f"list names {jobs}")
        for job in jobs:
            code, out, _ = place.cohort("describe", job)
            check(code == 0 and f"## {job}" in out, f"describe {job}: {code}")
            code, out, _ = place.cohort("describe", job, "--json")
            check(code == 0 and "properties" in json.loads(out), f"describe {job} --json")
        for words, code, piece in ((["describe", "kmean"], 78, "kmeans"), (["describe"], 64, "name"),
                                   ([], 64, "subcommand"), (["rnu"], 64, "subcommand"), (["run"], 64, "job"),
                                   (["run", "none.yaml", "--out", "o"], 66, "none.yaml"),
                                   (["run", "none.yaml"], 64, "--out"), (["validate", "none.yaml"], 66, "none.yaml"),
                                   (["run", "a.yaml", "--out", "o", "--ranks", "0"], 64, "ranks"),
                                   (["run", "a.yaml", "--out", "o", "--rank", "2"], 64, "--rank"),
                                   (["info", "none"], 66, "none"), (["verify", "none"], 66, "none"),
                                   (["report", "none"], 66, "none")):
            found, out, err = place.cohort(*words)
            print(f"--- cohort {' '.join(words)}: {found}\n{err.strip()}")
            check_equal(found, code, f"exit code of cohort {' '.join(words)}: {err}")
            check(piece in out + err, f"cohort {' '.join(words)} does not say {piece}: {err}")



def configs_follow_the_schema():
    """`validate` takes every committed job file; so does the JSON Schema, where Python has a validator."""
    with Workplace() as place:
        code, out, _ = place.cohort("describe", "all", "--json")
        check_equal(code, 0, "describe all --json")
        schema = json.loads(out)
        check_equal(schema["type"], "object", "type of a job file")
        configs = sorted((ROOT / "configs").glob("*.yaml"))
        check(bool(configs), "there are configs")
        for path in configs:
            code, out, err = place.cohort("validate", path)
            check_equal(code, 0, f"validate {path.name}: {err}")
            check("no mistake" in out, f"validate {path.name} says {out}")
        try:
            import jsonschema
            import yaml
        except ImportError:
            print("skipped: the schema itself needs Python's jsonschema and yaml")
            return
        for path in configs:
            text = re.sub(r": (\d{4}-\d\d-\d\d)\b", r": '\1'", path.read_text())
            errors = list(jsonschema.Draft7Validator(schema).iter_errors(yaml.safe_load(text)))
            check_equal([error.message[:300] for error in errors], [], f"{path.name} against the schema")


def times(place, step):
    return (place.path / f"out/{step}/result.json").stat().st_mtime_ns


def resume_and_overwrite():
    with Workplace() as place:
        place.write("a.csv", events(3000))
        if not place.must_run(JOB):
            return
        first = tree_hashes(place.path / "out")
        before = {step: times(place, step) for step in ("ingest", "features", "rfm", "kmeans")}
        code, _, err = place.cohort("resume", "job.yaml", "--out", "out", ranks=3)
        check_equal((code, err.count("kept")), (0, 4), f"resume of a finished job: {err}")
        shutil.rmtree(place.path / "out/rfm")
        code, out, err = place.cohort("resume", "job.yaml", "--out", "out", ranks=3)
        check_equal((code, out.strip()), (0, "out/kmeans/result.json"), f"resume without one step: {err}")
        check("rfm: running" in err and "features: finished before" in err, f"what resume tells: {err}")
        check_equal(times(place, "features"), before["features"], "features were kept")
        check_equal(tree_hashes(place.path / "out"), first, "files after resume at 3 ranks")
        code, _, err = place.cohort("resume", "job.yaml", "--out", "out", "--set", "kmeans.n_clusters=3")
        check_equal((code, err.count("kept")), (0, 3), f"resume with a changed step: {err}")
        segments = {row[2] for row in place.rows("out/kmeans/segments.csv")[1:]}
        check_equal(len(segments), 3, "segments after the change")
        code, _, err = place.cohort("run", "job.yaml", "--out", "out", "--overwrite", ranks=3)
        check_equal(code, 0, f"--overwrite: {err}")
        check_equal(tree_hashes(place.path / "out"), first, "files after --overwrite")
        shutil.rmtree(place.path / "out/data.cohort")
        code, _, err = place.cohort("resume", "job.yaml", "--out", "out")
        check_equal(code, 0, f"resume without the dataset: {err}")
        check_equal(tree_hashes(place.path / "out"), first, "files after the dataset was lost")


def changed_input():
    with Workplace() as place:
        place.write("a.csv", events(300))
        place.must_run(JOB)
        place.write("a.csv", events(600))
        code, _, err = place.cohort("resume", "job.yaml", "--out", "out")
        check_equal((code, err.count("kept")), (0, 0), f"resume with another source: {err}")
        check_equal(place.json("out/ingest/result.json")["rows"]["read"], 600, "rows of the new source")


def assignments():
    with Workplace() as place:
        place.write("a.csv", events(300))
        place.write("job.yaml", json.dumps(JOB))
        for words, code, piece in ((["kmeans.n_clusters=3"], 0, ""), (["run.random_state=7"], 0, ""),
                                   (["kmens.n_clusters=3"], 78, "kmeans"), (["kmeans.n_cluster=3"], 78, "n_clusters"),
                                   (["kmeans.n_clusters"], 64, "="), (["kmeans.n_clusters=x"], 78, "whole number"),
                                   (["run.threads=none"], 78, "threads"), (["dataset=other.cohort"], 0, ""),
                                   (["run.memory_per_rank=lots"], 78, "lots"), (["run.isa=mmx"], 78, "mmx"),
                                   (["=3"], 64, "=")):
            out = f"out{abs(hash(words[0]))}"
            found, _, err = place.cohort("run", "job.yaml", "--out", out, "--set", *words)
            print(f"--- --set {words[0]}: {found}\n{err.strip()}")
            check_equal(found, code, f"exit code with --set {words[0]}: {err}")
            check(piece in err, f"--set {words[0]} does not say {piece}: {err}")


def info_and_report():
    with Workplace() as place:
        place.write("a.csv", events(300))
        if not place.must_run(JOB, ranks=3):
            return
        code, out, _ = place.cohort("info", "out/data.cohort")
        for piece in ("3 shards", "transactions: 300 rows", "customers: 97 rows", "decimal(2)", "a.csv"):
            check(code == 0 and piece in out, f"info lacks {piece}: {out}")
        html = place.path / "out/kmeans/report.html"
        html.unlink()
        code, out, err = place.cohort("report", "out")
        check_equal((code, out.strip()), (0, "out/kmeans/report.html"), f"report: {err}")
        check_equal(re.findall(r"<(?:script|link|img)[^>]*\s(?:src|href)=\"?(?:https?:|//|[./\w]+\.).{,60}", html.read_text()), [], "what the report loads")
        code, out, _ = place.run(JOB, out="json", options=["--json"])
        check_equal(json.loads(out.strip().splitlines()[-1]), {"result": "json/kmeans/result.json"}, "--json")
        outputs = place.json("out/kmeans/result.json")["outputs"]
        hashes = tree_hashes(place.path / "out/kmeans")
        hashes.pop("result.json")
        check_equal(outputs, hashes, "result.json lists its files by sha256")


def odd_starts():
    with Workplace() as place:
        place.write("a.csv", events(300))
        place.write("job.yaml", json.dumps(JOB))
        command = f"{shlex.quote(support.binary)} run job.yaml --out out --until ingest <&- >&- 2>&-"
        check_equal(subprocess.run(["sh", "-c", command], cwd=place.path, check=False).returncode, 0, "no open streams")
        check((place.path / "out/ingest/result.json").exists(), "nothing is made without open streams")
        check_equal(place.cohort("verify", "--replay", "out", ranks=2)[0], 0, "replay of a run up to a step")
        check_equal(place.cohort("verify", "--replay", "nope")[0], 66, "replay of no folder")
        if 64 * os.cpu_count() < 4096:
            code, _, err = place.cohort("run", "job.yaml", "--out", "many", ranks=4096)
            check_equal(code, 64, "4096 ranks on a small machine")
            check("at most" in err, err)


os.environ.pop("COHORT_STATUS_DIR", None)
for test in (look_ups, configs_follow_the_schema, resume_and_overwrite, changed_input, assignments, info_and_report, odd_starts):
    test()
support.finish()
