# SPDX-License-Identifier: Apache-2.0
"""What a run may take away: the folders of its own steps and its own dataset, and nothing while another run writes."""

import json
import os
import signal
import subprocess
import time

from support import Workplace, binary, check, check_equal, finish

def generate(customers=300):
    return {"generate": {"customers": customers, "format": "store"}}


GENERATE = generate()


def job(*steps, dataset="data.cohort"):
    return {"version": 1, "dataset": dataset, "steps": list(steps)}


def datasets_of_others():
    with Workplace() as place:
        place.run(job(GENERATE), out="theirs")
        theirs = place.path / "theirs" / "data.cohort"
        before = (theirs / "manifest.json").read_bytes()
        other = job(generate(10), dataset=str(theirs))
        check_equal(place.run(other, out="mine")[0], 73, "run onto a dataset that exists")
        code, _, err = place.cohort("resume", "job.yaml", "--out", "mine")
        check_equal(code, 73, "resume onto a dataset that this run did not make")
        check("exists" in err, err)
        check_equal((theirs / "manifest.json").read_bytes(), before, "the other's dataset")

        outside = job(generate(10), dataset=str(place.path / "own.cohort"))
        check_equal(place.run(outside, out="third")[0], 0, "run to a dataset outside --out")
        (place.path / "third" / "generate" / "run.json").unlink()
        check_equal(place.cohort("resume", "job.yaml", "--out", "third")[0], 0, "resume onto its own dataset outside --out")


def datasets_in_the_way():
    with Workplace() as place:
        for name in ("generate", "generate/data", "./generate", "generate.partial", ".", ""):
            code, _, err = place.run(job(GENERATE, dataset=name))
            check_equal(code, 78, f"dataset: {name!r}")
            check("give the dataset a name of its own" in err, err)


def one_run_at_a_time():
    with Workplace() as place:
        place.write("job.yaml", json.dumps(job(generate(200_000))))
        with subprocess.Popen([binary, "run", "job.yaml", "--out", "out"], cwd=place.path, stderr=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL) as first:
            lock = place.path / "out" / ".lock"
            deadline = time.monotonic() + 30
            while not lock.exists() and time.monotonic() < deadline:
                time.sleep(0.01)
            first.send_signal(signal.SIGSTOP)
            code, _, err = place.cohort("resume", "job.yaml", "--out", "out")
            first.send_signal(signal.SIGCONT)
            check_equal(code, 73, "resume while the run goes on")
            check(f"is being written by process {first.pid}" in err, err)
            check_equal(first.wait(60), 0, "the run that was there first")
        check(not lock.exists(), "the lock is left behind")


def overwriting():
    with Workplace() as place:
        place.run(job(GENERATE, {"features": {"id": "old", "as_of": "2025-06-30"}}))
        check((place.path / "out" / "old" / "result.json").exists(), "no step 'old'")
        check_equal(place.run(job(GENERATE), options=["--overwrite"])[0], 0, "run --overwrite")
        check(not (place.path / "out" / "old").exists(), "a step that the job no longer has is left")


def other_data():
    with Workplace() as place:
        source = job(GENERATE, {"features": {"as_of": "2025-06-30"}})
        place.run(source, out="first")
        table = place.path / "first" / "features" / "table"
        steps = job({"kmeans": {"input": str(table), "n_clusters": 2, "features": ["frequency", "monetary"]}})
        place.write("steps.yaml", json.dumps(steps))
        check_equal(place.cohort("run", "steps.yaml", "--out", "out")[0], 0, "kmeans on a table from elsewhere")
        check("kept" in place.cohort("resume", "steps.yaml", "--out", "out")[2], "the same table: not kept")
        source["steps"][0] = generate(400)
        place.run(source, out="first", options=["--overwrite"])
        _, _, err = place.cohort("resume", "steps.yaml", "--out", "out")
        check("the input files changed" in err, f"another table: {err}")


def left_by_a_kill():
    with Workplace() as place:
        steps = job(GENERATE)
        place.run(steps)
        left = [place.path / "out" / f"generate.{what}" / "half" for what in ("partial", "checkpoint")]
        for file in left:
            file.parent.mkdir()
            file.touch()
        _, _, err = place.cohort("resume", "job.yaml", "--out", "out")
        check("generate: finished before, kept" in err, err)
        check(not any(file.parent.exists() for file in left), "a killed run's half of a step that was kept is left")


def costs_of_each_step():
    with Workplace() as place:
        kmeans = {"input": "features", "n_clusters": 2, "features": ["frequency", "monetary"]}
        place.run(job(GENERATE, {"features": {"as_of": "2025-06-30"}}, {"kmeans": {**kmeans, "id": "one"}},
                      {"kmeans": {**kmeans, "id": "two"}}), ranks=2)
        calls = []
        for step in ("one", "two"):
            phases = json.loads((place.path / "out" / step / "run.json").read_text())["phases"]
            calls.append([phase["collective_calls"] for phase in phases])
        check_equal(calls[1], calls[0], "collective calls of two equal steps")


def started_by_a_careless_parent():
    with Workplace() as place:
        place.write("job.yaml", "version: 1\nsteps:\n  - nosuch: {}\n")
        before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        words = [binary, "run", place.path / "job.yaml", "--out", place.path / "out", "--ranks", "2"]
        log = os.open(os.devnull, os.O_WRONLY)
        child = os.posix_spawn(words[0], words, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, log, 2)])
        signal.signal(signal.SIGCHLD, before)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        check_equal(code, 78, "exit code where SIGCHLD is ignored")


datasets_of_others()
datasets_in_the_way()
one_run_at_a_time()
overwriting()
other_data()
left_by_a_kill()
costs_of_each_step()
started_by_a_careless_parent()
finish()
