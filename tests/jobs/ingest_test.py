# SPDX-License-Identifier: Apache-2.0
"""Ingest of random messy files against plain Python: balance sheet, quarantine, every stored value, same bytes."""

import resource
import signal
import subprocess
import time

import messy
import store
import support
from support import Workplace, check, check_equal, ingest_job, tree_hashes


def job(path="*.csv", delimiter=",", shards=5):
    return ingest_job(messy.MAP, messy.TYPES, path=path, shards=shards, clean=messy.CLEAN, max_bad_rows=100000,
                      source={"delimiter": delimiter, "formats": {"time": "%d/%m/%Y %H:%M"}})


def check_balance(result, oracle):
    rows = result["rows"]
    check_equal(rows["read"], oracle["read"], "rows read")
    check_equal(rows["kept"], oracle["kept"], "rows kept")
    unreadable, *rules = rows["rules"]
    check_equal(unreadable["removed"], len(oracle["bad"]), "unreadable rows")
    check_equal([{key: rule[key] for key in ("matched", "removed")} for rule in rules], oracle["charges"], "rules")
    check_equal(rows["read"], rows["kept"] + sum(rule["removed"] for rule in rows["rules"]), "the sheet balances")


def check_store(stored, oracle):
    customers, events = stored["tables"]["customers"], stored["tables"]["transactions"]
    offsets = customers["transactions_offset"] + [len(events["time"])]
    check_equal(sorted(customers["customer_id"]), sorted(oracle["customers"]), "customers")
    for i, customer in enumerate(customers["customer_id"]):
        for name in messy.MAP:
            if name == "customer":
                continue
            found = events[name][offsets[i]:offsets[i + 1]]
            check_equal(found, [row[name] for row in oracle["customers"].get(customer, [])], f"{name} of {customer}")
    for name, labels in stored["labels"].items():
        check_equal(labels, sorted(labels, key=str.encode), f"order of the labels of {name}")


def try_files(files, delimiter=","):
    """Runs one set of files at several numbers of ranks and threads; all must give what the oracle says."""
    with Workplace() as place:
        for name, content in files:
            place.write(name, content)
        first = None
        for ranks, threads, shards in ((1, 1, 5), (1, 2, 5), (2, 1, 5), (3, 2, 5), (7, 1, 5)):
            out = f"out-{ranks}-{threads}"
            if not place.must_run(job(delimiter=delimiter, shards=shards), out=out, ranks=ranks, threads=threads):
                return
            hashes = tree_hashes(place.path / out)
            first = first or hashes
            check_equal({name for name in hashes if hashes[name] != first.get(name)}, set(),
                        f"files that differ at {ranks} ranks with {threads} threads")
        result = place.json("out-1-1/ingest/result.json")
        names = [source["name"] for source in result["sources"]]
        oracle = messy.expected([(name, dict(files)[name]) for name in names], delimiter)
        check_balance(result, oracle)
        quarantine = place.rows("out-1-1/ingest/quarantine.csv")
        check_equal(quarantine[0], ["file", "line", "reason", "text"], "columns of quarantine.csv")
        check_equal([(row[0], int(row[1])) for row in quarantine[1:]], oracle["bad"], "quarantined rows")
        check(all(row[2] for row in quarantine), "each has a reason")
        stored = store.dump(str(place.path / "out-1-1/data.cohort"))
        if stored:
            check_store(stored, oracle)


def order_of_files_does_not_show():
    files = [(f"{name}.csv", messy.random_file(seed, 300)) for seed, name in enumerate("abc")]
    hashes = []
    for order in (("a", "b", "c"), ("z", "y", "x")):
        with Workplace() as place:
            for new, (_, content) in zip(order, files):
                place.write(f"in-{new}.csv", content)
            if place.must_run(job(path=[f"in-{new}.csv" for new in order])):
                found = tree_hashes(place.path / "out/data.cohort")
                hashes.append({name: value for name, value in found.items() if name != "manifest.json"})
    check_equal(hashes[0], hashes[-1], "shards of files named and listed otherwise")


def many_ranks():
    """More ranks than shards, and than records."""
    content = messy.random_file(7, 60)
    with Workplace() as place:
        place.write("a.csv", content)
        for ranks in (1, 7, 70):
            if not place.must_run(job(shards=3), out=f"out-{ranks}", ranks=ranks, seconds=200):
                return
        expected = tree_hashes(place.path / "out-1")
        for ranks in (7, 70):
            check_equal(tree_hashes(place.path / f"out-{ranks}"), expected, f"all files at {ranks} ranks, 3 shards")


def stops_within_a_compressed_source():
    """A signal ends the one unit that a compressed file is, long before its end."""
    def cpu():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    with Workplace() as place:
        row = "c1,2020-01-01 10:00:00,,1,some text that is read and thrown away\n"
        place.write("a.csv.gz", support.gzip_bytes("customer,time,item,quantity,note\n") + 80 * support.gzip_bytes(row * 200_000))
        one = ingest_job({name: name for name in ("customer", "time", "item", "quantity", "note")}, {"note": "text"}, path="a.csv.gz",
                         clean=[{"drop_missing": {"columns": ["item"]}}])
        before = cpu()
        place.must_run(one)
        whole, before = cpu() - before, cpu()
        with subprocess.Popen([support.binary, "run", "job.yaml", "--out", "stopped", "--threads", "2"], cwd=place.path,
                              stderr=subprocess.DEVNULL) as process:
            while process.poll() is None and not (place.path / "stopped/ingest.partial").exists():
                time.sleep(0.005)
            process.send_signal(signal.SIGUSR1)
        check_equal(process.returncode, 75, "a stopped ingest of a compressed file")
        check(cpu() - before < whole / 2, f"it stops after {cpu() - before:.2f} s of {whole:.2f} s")


for seed in range(2):
    try_files([(f"f{i}.csv", messy.random_file(10 * seed + i, 400, ",", "\n" if i else "\r\n")) for i in range(3)])
try_files([("semicolons.csv", messy.random_file(5, 500, ";", "\r\n", bad_rows=False))], ";")
order_of_files_does_not_show()
many_ranks()
stops_within_a_compressed_source()
store.finish()
