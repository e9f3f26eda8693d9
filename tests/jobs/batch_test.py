# SPDX-License-Identifier: Apache-2.0
"""Batch life as a user sees it: stopping and going on, refusals with their reason, replay, modes of files, doctor."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

from support import SECONDS

BINARY = os.path.abspath(sys.argv[1])
JOB = pathlib.Path(__file__).parent.parent / "kills.yaml"
UNTIL = ("--until", "kmeans")
failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
        print("FAILED:", what, flush=True)


def cohort(*words):
    return subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=2 * SECONDS, stdin=subprocess.DEVNULL)


def promised(folder):
    """Name and bytes of every file whose bytes are promised."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("run.json", "report.html")
    }


def stop(signal_number, out, ranks, restarts=150):
    """Starts the job, sends a signal when k-means has left a checkpoint, and returns the exit code and what was said."""
    words = [BINARY, "run", str(JOB), "--out", str(out), *UNTIL, "--set", f"kmeans.n_init={restarts}"]
    if ranks > 0:
        words += ["--ranks", str(ranks)]
    log = out.parent / "log"
    with open(log, "w", encoding="utf-8") as file:
        process = subprocess.Popen(words, stderr=file, stdout=file)
        while not list(out.glob("kmeans.checkpoint/*.checkpoint")) and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal_number)
        return process.wait(120), log.read_text()


def test_stop_and_resume(work):
    whole = cohort("run", JOB, "--out", work / "whole", *UNTIL, "--set", "kmeans.n_init=150")
    check(whole.returncode == 0, f"the whole run: {whole.stderr}")
    for number, ranks, again in ((signal.SIGUSR1, 0, 3), (signal.SIGTERM, 2, 1), (signal.SIGINT, 3, 2)):
        out = work / f"stopped-{ranks}"
        code, said = stop(number, out, ranks)
        check(code == 75, f"signal {number} at {ranks} ranks ends with {code}: {said}")
        check("resume" in said, f"a word on how to go on: {said}")
        check(not (out / "kmeans").exists(), "no half step")
        resumed = cohort("resume", JOB, "--out", out, *UNTIL, "--ranks", again, "--set", "kmeans.n_init=150")
        check("going on from a checkpoint" in resumed.stderr, f"resumed from a checkpoint: {resumed.stderr}")
        check(promised(out) == promised(work / "whole"), f"same bytes after signal {number}, {ranks} and then {again} ranks")


def test_refusals(work):
    out = work / "refused"
    code, said = stop(signal.SIGUSR1, out, 2)
    check(code == 75, said)
    changed = cohort("resume", JOB, "--out", out, *UNTIL, "--set", "kmeans.n_init=2", "--set", "run.random_state=42")
    check("refused: the step's keys changed" in changed.stderr, f"the reason of a refusal: {changed.stderr}")
    check("features: finished before, kept" in changed.stderr, changed.stderr)
    again = cohort("resume", JOB, "--out", out, *UNTIL, "--set", "kmeans.n_init=3")
    check("kmeans: running: the step's keys changed" in again.stderr, again.stderr)


def test_replay_and_modes(work):
    out = work / "out"
    run = cohort("run", JOB, "--out", out, "--ranks", "2", "--set", "generate.customers=1000", "--set", "kmeans.n_init=1")
    check(run.returncode == 0, run.stderr)
    open_files = [path for path in out.rglob("*") if path.stat().st_mode & 0o027]
    check(not open_files, f"readable for others, or writable for the group: {open_files[:3]}")
    replay = cohort("verify", "--replay", out)
    check(replay.returncode == 0 and " 0 differ" in replay.stdout, replay.stdout + replay.stderr)
    segments = out / "kmeans" / "result.json"
    segments.write_text(segments.read_text().replace("inertia", "inertja", 1))
    replay = cohort("verify", "--replay", out, "--ranks", "1")
    check(replay.returncode == 70 and "kmeans/result.json: differs" in replay.stdout, replay.stdout + replay.stderr)


def test_doctor_and_submit(work):
    doctor = cohort("doctor", "--out", work, "--ranks", "2")
    check(doctor.returncode == 0 and "FAILED" not in doctor.stdout, doctor.stdout + doctor.stderr)
    for what in ("shared folder          2 of 2 ranks", "file locks", "HDF5 1", "write, fsync, rename", "memory of a rank"):
        check(what in doctor.stdout, f"the doctor looks at {what}: {doctor.stdout}")
    check(not any(work.iterdir()), "the doctor leaves nothing")
    script = cohort("submit", JOB, "--out", work / "cluster", "--dry-run", "--set", "slurm.nodes=2")
    check(script.returncode == 0 and "#SBATCH --nodes=2" in script.stdout, script.stdout + script.stderr)
    check(not (work / "cluster").exists(), "a dry run leaves nothing")
    syntax = subprocess.run(["bash", "-n"], input=script.stdout, text=True, capture_output=True, check=False)
    check(syntax.returncode == 0, syntax.stderr)


def test_mpirun_that_never_ends(work):
    """As a deadlock in its shutdown leaves it: the ranks have ended, nobody asked how."""
    fake = work / "mpirun"
    fake.write_text("#!/usr/bin/env python3\nimport os, time\n"
                    "for code in (0, 65):\n    if os.fork() == 0:\n        time.sleep(2)\n        os._exit(code)\n"
                    "time.sleep(600)\n")
    fake.chmod(0o755)
    path = {**os.environ, "PATH": f"{work}:{os.environ['PATH']}"}
    run = subprocess.run([BINARY, "run", str(JOB), "--out", str(work / "out"), "--ranks", "2"], env=path, capture_output=True, text=True, timeout=SECONDS, check=False)
    check(run.returncode == 65 and "did not end after its ranks" in run.stderr, f"{run.returncode}: {run.stderr}")


for test in (test_mpirun_that_never_ends, test_stop_and_resume, test_refusals, test_replay_and_modes, test_doctor_and_submit):
    with tempfile.TemporaryDirectory(prefix="cohort-batch-") as folder:
        test(pathlib.Path(folder))
print(f"{len(failures)} failures")
sys.exit(1 if failures else 0)
