# SPDX-License-Identifier: Apache-2.0
"""Faults from outside: damaged datasets, a full disk, a rank that throws, ranks that die, folders that exist."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import support
from support import Workplace, check, check_equal, ingest_job, tree_hashes

HEADER = "customer,time,basket,item,quantity,price\n"
MAP = {name: name for name in HEADER.strip().split(",")}
KMEANS = {"kmeans": {"n_clusters": 2, "features": ["recency_days", "monetary"]}}
STEPS = [{"features": {}}, KMEANS]


def events(count):
    return HEADER + "".join(f"c{i % 997},2020-01-{1 + i % 28:02} 10:00:00,b{i // 3},i{i % 9},{1 + i % 5},{i % 100}.25\n"
                            for i in range(count))


def job(steps=STEPS, **keys):
    return ingest_job(MAP, steps=steps, **keys)


def nothing_temporary(place, what):
    left = [name for name in place.files() if any(mark in name for mark in (".partial", ".tmp", "spill"))]
    check_equal(left, [], f"{what}: temporary files")


def damage_cases(dataset):
    """Name, how to do it, what the message must name."""
    shard, manifest = dataset / "shard-00001.h5", dataset / "manifest.json"

    def flip(path, at):
        content = bytearray(path.read_bytes())
        content[at] ^= 0x10
        path.write_bytes(content)

    def chunk_byte():
        streams = json.loads(manifest.read_text())
        flip(shard, first_address(streams["shards"][1]))

    yield "a byte of a chunk", chunk_byte, ["shard-00001.h5", "chunk"]
    yield "a byte of the file's head", lambda: flip(shard, 9), ["shard-00001.h5"]
    yield "a truncated shard", lambda: os.truncate(shard, shard.stat().st_size // 2), ["shard-00001.h5", "bytes"]
    yield "an empty shard", lambda: os.truncate(shard, 0), ["shard-00001.h5", "bytes"]
    yield "a missing shard", shard.unlink, ["shard-00001.h5"]
    yield "a shard in another's place", lambda: shutil.copy(dataset / "shard-00000.h5", shard), ["shard-00001.h5"]
    yield "a byte of the manifest", lambda: flip(manifest, manifest.stat().st_size // 2), ["manifest.json"]
    yield "a truncated manifest", lambda: os.truncate(manifest, 100), ["manifest.json"]
    yield "a missing manifest", manifest.unlink, ["manifest.json"]


def first_address(node):
    """Address of the first chunk below a node of the manifest."""
    if isinstance(node, dict):
        if "chunks" in node and node["chunks"]:
            return node["chunks"][0][0] if isinstance(node["chunks"][0], list) else node["chunks"][0]["address"]
        node = list(node.values())
    found = [first_address(child) for child in node] if isinstance(node, list) else []
    return next((address for address in found if address is not None), None)


def damaged_datasets():
    with Workplace() as place:
        place.write("a.csv", events(5000))
        if not place.must_run(job(steps=[])):
            return
        good = place.path / "out/data.cohort"
        for number in range(len(list(damage_cases(good)))):
            bad = place.path / f"bad{number}.cohort"
            shutil.copytree(good, bad)
            name, harm, pieces = list(damage_cases(bad))[number]
            harm()
            code, out, err = place.cohort("verify", bad)
            check(code in (65, 66), f"verify with {name}: exit code {code}")
            for piece in pieces:
                check(piece in out + err, f"verify with {name}: the message lacks {piece!r}: {out}{err}")
            reader = {"version": 1, "dataset": str(bad), "steps": [{"features": {}}]}
            for ranks in (1, 3):
                code, _, err = place.run(reader, out=f"read-{number}-{ranks}", ranks=ranks)
                print(f"--- features on {name} at {ranks} ranks: {code}\n{err}")
                if number == 1:  # no chunk changed: what is read is right, so either end is honest
                    continue
                check(code in (65, 66), f"features on {name} at {ranks} ranks: exit code {code}")
                check(pieces[0] in err, f"features on {name} at {ranks} ranks: the message lacks {pieces[0]}: {err}")
                check(not list((place.path / f"read-{number}-{ranks}").glob("features*")), f"{name}: output stands")


def existing_output():
    with Workplace() as place:
        place.write("a.csv", events(200))
        place.write("out/mine.txt", "precious")
        code, _, err = place.run(job())
        check_equal(code, 73, f"exit code of a folder that is not empty: {err}")
        check("out" in err and "--overwrite" in err and "resume" in err, f"its message: {err}")
        check_equal(place.files("out"), ["out/mine.txt"], "what stood there")
        code, _, err = place.run(job(), options=["--overwrite"])
        check_equal(code, 0, f"--overwrite: {err}")
        check((place.path / "out/mine.txt").exists(), "--overwrite removes nothing but its own")
        code, _, err = place.run(job(), out="a.csv")
        check_equal(code, 73, f"exit code of an output that is a file: {err}")


@contextlib.contextmanager
def small_disk(place, size):
    """A disk of `size` at disk/ of the workplace; None where this user may not mount one."""
    disk = place.path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode != 0:
        print("skipped: a full disk needs the right to mount")
        yield None
        return
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def full_disk(rows, size, memory, piece):
    """The disk fills in the step that `piece` of the message tells: no half output, nothing temporary."""
    with Workplace() as place, small_disk(place, size) as disk:
        if disk is None:
            return
        place.write("a.csv", events(rows))
        for ranks in (1, 3):
            code, _, err = place.run({**job(), "run": {"memory_per_rank": memory}}, out=f"disk/{ranks}", ranks=ranks)
            print(f"--- disk of {size} at {ranks} ranks: {code}\n{err}")
            check_equal(code, 74, f"exit code of a full disk at {ranks} ranks: {err}")
            check("No space left" in err and "disk/" in err and piece in err, f"its message lacks {piece!r}: {err}")
            left = place.files("disk")
            whole = {os.path.dirname(name) for name in left if name.endswith("/report.html")}
            steps = {os.path.dirname(name) for name in left if name.endswith("/result.json")}
            check_equal(steps, whole, f"step folders and those with all their files among {left}")
            check(piece == "" or left == [], f"left on the disk: {left}")
            nothing_temporary(place, "full disk")
            shutil.rmtree(disk / str(ranks), ignore_errors=True)


def changing_source():
    """A source that grows, or is written again, while it is read: refused, and no dataset stands."""
    for name, change in (("grows", lambda path: path.open("a").write("c1,2020-01-01 10:00:00,b,i,1,1\n")),
                         ("is written again", lambda path: os.utime(path))):
        with Workplace() as place:
            source = place.write("a.csv", events(400000))
            place.write("job.yaml", json.dumps(job()))
            arguments = [support.binary, "run", "job.yaml", "--out", "out", "--ranks", "2", "--threads", "1"]
            with subprocess.Popen(arguments, cwd=place.path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
                while process.poll() is None and not (place.path / "out/ingest.partial").exists():
                    time.sleep(0.001)
                while process.poll() is None:  # the sizes are looked at before the first read, whenever that is
                    change(source)
                    time.sleep(0.005)
                _, err = process.communicate(timeout=60)
            print(f"--- a source that {name}: {process.returncode}\n{err}")
            check_equal(process.returncode, 65, f"exit code of a source that {name}: {err}")
            check("a.csv changed while it was read" in err, f"its message: {err}")
            check(not (place.path / "out/data.cohort").exists(), "no dataset stands")
            nothing_temporary(place, f"a source that {name}")


def ranks_of(process):
    """Processes of the ranks below a launcher, by their parents in /proc."""
    parents = {}
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
            except OSError:
                continue
            parents[int(folder.name)] = (int(stat.rpartition(")")[2].split()[1]), stat.split("(")[1].split(")")[0])
    below = {process.pid}
    for _ in range(3):
        below |= {pid for pid, (parent, _) in parents.items() if parent in below}
    return sorted(pid for pid in below - {process.pid} if parents.get(pid, (0, ""))[1] == "cohort")


def killed_rank():
    """A rank dies in mid-run: the launcher ends within five seconds, says where the ranks were, and resume goes on."""
    for sent in (signal.SIGKILL, signal.SIGSEGV):
        with Workplace() as place:
            place.write("a.csv", events(400000))
            place.write("job.yaml", json.dumps(job()))
            arguments = ["job.yaml", "--out", "out", "--ranks", "3", "--threads", "1"]
            process = subprocess.Popen([support.binary, "run", *arguments], cwd=place.path, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True, errors="replace")
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline and not (place.path / "out/ingest.partial").exists():
                time.sleep(0.005)
            ranks = ranks_of(process)
            check_equal(len(ranks), 3, "ranks that run")
            os.kill(ranks[1], sent)
            killed = time.monotonic()
            _, err = process.communicate(timeout=60)
            took = time.monotonic() - killed
            print(f"--- {sent.name}: {process.returncode} after {took:.2f} s\n{err}")
            check_equal(process.returncode, 15, f"exit code after {sent.name}: {err}")
            check(took < 5, f"the end took {took:.1f} s")
            for rank in range(3):
                check(f"rank {rank} was last in" in err, f"the message tells nothing of rank {rank}: {err}")
            check("resume" in err, f"the message says what next: {err}")
            check(not (place.path / "out/ingest").exists(), "no step folder stands")
            check(not (place.path / "out/data.cohort").exists(), "no dataset stands")
            code, _, err = place.cohort("resume", *arguments, seconds=120)
            check_equal(code, 0, f"resume after {sent.name}: {err}")
            code, _, err = place.run(job(), out="whole", ranks=3)
            check_equal(tree_hashes(place.path / "out"), tree_hashes(place.path / "whole"), "resumed and undisturbed")
            nothing_temporary(place, f"after {sent.name} and resume")


existing_output()
damaged_datasets()
full_disk(100000, "1m", "1GiB", "")
full_disk(400000, "4m", "8MiB", "spill rows to")
changing_source()
killed_rank()
support.finish()
