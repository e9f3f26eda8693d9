# SPDX-License-Identifier: Apache-2.0
"""What the tests of jobs share: runs the binary as a user would, and looks at what it leaves behind."""

import contextlib
import csv
import gzip
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
SECONDS = float(os.environ.get("COHORT_TEST_SECONDS", 60))  # a sanitizer takes longer
# What a run may leave differently: times and hosts.
NOT_COMPARED = {"run.json", "report.html"}

binary = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "cohort"
failures = []


def check(condition, what):
    """Counts a failure and goes on, as EXPECT does."""
    if not condition:
        failures.append(what)
        print("FAILED:", what, flush=True)


def check_equal(found, expected, what):
    check(found == expected, f"{what}: found {found!r:.600}, expected {expected!r:.600}")


def finish():
    """Ends the test program with the number of failures as its message."""
    print(f"{len(failures)} failures")
    sys.exit(1 if failures else 0)


def skip(why):
    print("skipped:", why)
    sys.exit(SKIPPED)


class Workplace:
    """A folder for one case; gone at the end."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="cohort-jobs-"))
        return self

    def __exit__(self, *unused):
        shutil.rmtree(self.path, ignore_errors=True)

    def write(self, name, content):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def cohort(self, *words, ranks=0, threads=0, seconds=SECONDS):
        """Runs a verb; returns exit code, standard output and standard error. A hang is a failure with code -1."""
        command = [binary, *map(str, words)]
        command += ["--ranks", str(ranks)] * (ranks > 1) + ["--threads", str(threads)] * (threads > 0)
        with subprocess.Popen(command, cwd=self.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              errors="replace") as process:
            try:
                out, err = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.terminate()  # the launcher passes it on to its ranks
                out, err = process.communicate()
                return -1, out, f"no end within {seconds} s\n{err}"
        return process.returncode, out, err

    def run(self, job, out="out", ranks=1, threads=1, options=(), seconds=SECONDS):
        """Runs a job given as a Python object (JSON is YAML) or as text."""
        self.write("job.yaml", job if isinstance(job, str) else json.dumps(job, indent=1))
        return self.cohort("run", "job.yaml", "--out", out, *options, ranks=ranks, threads=threads, seconds=seconds)

    def must_run(self, job, **how):
        code, out, err = self.run(job, **how)
        check(code == 0, f"the job ends with {code}: {err}")
        return code == 0

    def json(self, name):
        return json.loads((self.path / name).read_text())

    def rows(self, name):
        with open(self.path / name, newline="", encoding="utf-8") as file:
            return list(csv.reader(file))

    def files(self, folder="."):
        return sorted(str(path.relative_to(self.path)) for path in (self.path / folder).rglob("*"))


@contextlib.contextmanager
def small_disk(place):
    """A folder on a disk of 2 MiB, or None where there is no right to mount one."""
    disk = place.path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], capture_output=True, check=False).returncode != 0:
        print("skipped: a small disk needs the right to mount one")
        yield None
        return
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def check_full_disk(place, job, step, disk):
    """The job's step does not fit the disk: exit code 74, and nothing half written."""
    for ranks in (1, 3):
        code, _, error = place.run(job, out=disk / "out", ranks=ranks, options=["--overwrite"])
        check_equal(code, 74, f"exit code of {step} on a full disk: {error}")
        check("space" in error, f"a full disk is named: {error}")
        check_equal([name for name in place.files(disk / "out") if step in name and "checkpoint" not in name], [], "left on a full disk")


def ingest_job(map_, types=None, path="a.csv", shards=3, clean=(), table="transactions", steps=(), source=None, **keys):
    """A job file whose first step reads one source."""
    one = {"path": path, "map": map_, "types": types or {}, **(source or {})}
    ingest = {"sources": {table: one}, "clean": list(clean), **keys}
    return {"version": 1, "dataset": "data.cohort", "shards": shards, "steps": [{"ingest": ingest}, *steps]}


def gzip_bytes(text):
    return gzip.compress(text.encode(), mtime=0)


def tree_hashes(folder):
    """sha256 of every file below a folder that must be the same in every run."""
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file() and path.name not in NOT_COMPARED}
