#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files added to a dataset: whatever the order and the number of steps, the bytes are those of one ingest of all files; what is
in it already is passed over; a kill leaves the old dataset or the new one; what cannot be added is refused.

usage: append_test.py COHORT
"""
import datetime
import os
import random
import shutil
import signal
import subprocess
import time

import support
from support import check, check_equal

FILES = 5
FAULTS = os.environ.get("COHORT_FAULTS", os.path.join(os.path.dirname(support.binary), "tests", "cohort_faults"))
TYPES = {"customer": "int64", "quantity": "int32", "price": "decimal(2)", "weight": "float64", "item": "category", "note": "text",
         "basket": "int64"}
NAMES = ["customer", "time", "item", "quantity", "price", "weight", "note", "basket"]


def file_of(number, rows=150, text_ids=False):
    """Later files have other labels, finer times and new customers; some values are missing."""
    rng = random.Random(number)
    lines = [",".join(NAMES)]
    for _ in range(rows):
        customer = rng.randrange(10 * number, 40 + 10 * number)
        when = datetime.datetime(2020, 1, 1) + datetime.timedelta(days=rng.randrange(900))
        if number >= 2:
            when += datetime.timedelta(seconds=rng.randrange(86400) if number >= 4 else 3600 * rng.randrange(24))
        values = [f"c{customer}" if text_ids else customer, when, rng.choice(["", f"i{rng.randrange(6) * (7 - number)}"]), rng.choice(["", "-1", "2", "3"]),
                  rng.choice(["", "0.99", "12.50", "7"]), rng.choice(["", "0.1", "-0.0", "1e300", "2.5"]), rng.choice(["", "plain", '"a, b"', "ü"]), rng.choice(["", "5", "6"])]
        lines.append(",".join(map(str, values)))
    return "\n".join(lines) + "\n"


def people(begin, end):
    """A customers table; every third customer has no attributes."""
    return "id,country,age\n" + "".join(f"{c},{'' if c % 3 == 0 else 'abc'[c % 3]},{'' if c % 3 == 0 else c}\n" for c in range(begin, end))


def job(text_ids=False, customers=False, **keys):
    types = {**TYPES, "customer": "text" if text_ids else "int64"}
    result = support.ingest_job({name: name for name in NAMES}, types, path="sales-*.csv", **keys)
    if customers:
        source = {"path": "people-*.csv", "map": {"customer": "id", "country": "country", "age": "age"},
                  "types": {"customer": "int64", "country": "category", "age": "int32"}}
        result["steps"][0]["ingest"]["sources"]["customers"] = source
    return result


def dataset(place, out):
    return support.tree_hashes(place.path / out / "data.cohort")


def test_any_order_gives_the_bytes_of_one_ingest():
    for case in ({}, {"text_ids": True}, {"customers": True}):
        rng = random.Random(len(str(case)))
        with support.Workplace() as place:
            order = rng.sample(range(FILES), FILES)
            for step, number in enumerate(order):
                place.write(f"sales-{number}.csv", file_of(number, text_ids="text_ids" in case))
                if "customers" in case:
                    place.write(f"people-{number}.csv", people(40 * step, 40 * step + 20))
                if not place.must_run(job(append=True, **case), ranks=1 + step % 3, options=["--overwrite"]):
                    return
            metrics = place.json("out/ingest/result.json")["metrics"]
            check_equal(metrics["files_passed_over"], (FILES - 1) * (2 if "customers" in case else 1), "files passed over")
            check_equal(metrics["stored_transactions"], 150 * FILES, "rows in the dataset")
            if place.must_run(job(**case), out="whole", threads=2):
                check_equal(dataset(place, "out"), dataset(place, "whole"), f"{case}: bytes")
            if place.must_run(job(append=True, **case), options=["--overwrite"]):
                check_equal(dataset(place, "out"), dataset(place, "whole"), "bytes when all is passed over")
                check_equal(place.json("out/ingest/result.json")["rows"]["read"], 0, "rows read")


def test_an_equal_file_is_read_once():
    """In one ingest and in another: the rule is the same, and so are the bytes."""
    with support.Workplace() as place:
        for name in ("b", "a"):  # the least name stays, whichever came first
            place.write(f"sales-{name}.csv", file_of(2))
            if not place.must_run(job(append=True), options=["--overwrite"]):
                return
        place.write("sales-c.csv", file_of(3))
        for ranks in (1, 3):
            code, _, err = place.run(job(append=True), out=f"once-{ranks}", ranks=ranks)
            check(code == 0 and "note: 1 files" in err and "sales-b.csv" in err, f"an equal file: ends with {code}: {err}")
            result = place.json(f"once-{ranks}/ingest/result.json")
            check_equal((result["rows"]["read"], result["metrics"]["files_passed_over"]), (300, 1), "rows read, files passed over")
        place.must_run(job(append=True), options=["--overwrite"])
        check_equal(dataset(place, "out"), dataset(place, "once-1"), "bytes, equal files in one ingest or in two")


def test_only_touched_shards_are_written():
    with support.Workplace() as place:
        place.write("sales-0.csv", file_of(4))
        if not place.must_run(job(append=True)):
            return
        folder = place.path / "out/data.cohort"
        before = {path.name: path.stat().st_ino for path in folder.glob("shard-*.h5")}
        lines = file_of(4).splitlines(keepends=True)
        place.write("sales-1.csv", lines[0] + lines[1].replace(lines[1].split(",")[2], "", 1))
        if place.must_run(job(append=True), options=["--overwrite"]):
            after = {path.name: path.stat().st_ino for path in folder.glob("shard-*.h5")}
            check_equal(sum(before[name] == after[name] for name in before), 2, "shards that stayed")


def test_kill_leaves_old_or_new():
    with support.Workplace() as place:
        place.write("sales-0.csv", file_of(0))
        if not place.must_run(job(append=True)):
            return
        old = dataset(place, "out")
        place.write("sales-1.csv", file_of(1, 3000))
        if not place.must_run(job(), out="whole"):
            return
        new = dataset(place, "whole")
        rng = random.Random(3)
        for _ in range(6):
            with subprocess.Popen([support.binary, "run", "job.yaml", "--out", "out", "--overwrite", "--set", "ingest.append=true"], cwd=place.path,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                time.sleep(rng.uniform(0, 0.4))
                process.send_signal(signal.SIGKILL)
            check(dataset(place, "out") in (old, new), "a killed append leaves a part")
        if place.must_run(job(append=True), options=["--overwrite"]):
            check_equal(dataset(place, "out"), new, "bytes after the kills")
            check(not [name for name in os.listdir(place.path / "out") if "partial" in name], "something is left over")


def cut_off(place, site, reset, words=("run", "--overwrite")):
    """Appends until the program ends at a fault point, which it does every second time; says whether it did."""
    for seed in range(1, 30):
        reset()
        how = {**os.environ, "COHORT_FAULT": f"{seed}:1e-18:deadly:{site}"}
        run = subprocess.run([FAULTS, *words, "job.yaml", "--out", "out"], cwd=place.path, env=how, capture_output=True, check=False)
        if run.returncode != 0:
            return check(run.returncode in (7, -signal.SIGKILL), f"{site}: ends with {run.returncode}: {run.stderr}")
    return check(False, f"{site}: never reached")


def test_a_cut_off_append_is_told_by_resume():
    """Once the dataset has its name its files are passed over, but what became of their rows is not forgotten."""
    if not os.path.exists(FAULTS):
        print("skipped: the program with faults is not built")
        return
    bad = "7,when?,i1,1,1,1,,\n8,2020-01-01,i1,1,1,1,,\n9,2020-01-01,i1,many,1,1,,\n"
    for is_first in (True, False):
        with support.Workplace() as place:
            one = job(append=True, max_bad_rows=10)
            if not is_first:
                place.write("sales-0.csv", file_of(0))
                place.must_run(one)
                shutil.copytree(place.path / "out", place.path / "before")
            else:
                (place.path / "before").mkdir()
            place.write("sales-1.csv", file_of(1) + bad)
            shutil.copytree(place.path / "before", place.path / "whole")
            if not place.must_run(one, out="whole", options=["--overwrite"]):
                return
            expected = support.tree_hashes(place.path / "whole")
            check_equal(len(place.rows("whole/ingest/quarantine.csv")), 1 + 3, "rows of the quarantine")

            def reset():
                shutil.rmtree(place.path / "out", ignore_errors=True)
                shutil.copytree(place.path / "before", place.path / "out")

            for ranks, site in ((1, "dataset.publish"), (1, "dataset.published"), (1, "runner.result"), (3, "output_folder.publish")):
                cut_off(place, site, reset)
                code, _, err = place.cohort("resume", "job.yaml", "--out", "out", ranks=ranks)
                check_equal(code, 0, f"resume after the end at {site}: {err}")
                check_equal(support.tree_hashes(place.path / "out"), expected, f"first: {is_first}, cut off at {site}: files")
            # What comes after the cut is not taken for told.
            cut_off(place, "runner.result", reset)
            place.write("sales-2.csv", file_of(2))
            code, _, err = place.cohort("resume", "job.yaml", "--out", "out")
            check_equal(code, 0, f"resume with one more file: {err}")
            result = place.json("out/ingest/result.json")
            check_equal((result["rows"]["read"], result["metrics"]["files_passed_over"]), (150, 1 + (not is_first)), "rows read, files passed over")
            os.remove(place.path / "sales-2.csv")


def test_a_cut_off_append_costs_no_earlier_step():
    """The dataset is then as no finished step left it, but as the append had told beforehand."""
    if not os.path.exists(FAULTS):
        return
    with support.Workplace() as place:
        both = job()
        both["steps"][0]["ingest"]["sources"]["transactions"]["path"] = "sales-0.csv"
        both["steps"] += job(append=True, id="more")["steps"]
        for number in (0, 1):
            place.write(f"sales-{number}.csv", file_of(number))
        if not place.must_run(both, out="whole"):
            return
        # By one program throughout: another one would begin anew.
        faultless = {"cwd": place.path, "capture_output": True, "text": True, "check": False}
        subprocess.run([FAULTS, "run", "job.yaml", "--out", "before", "--until", "ingest"], **faultless)

        def reset():
            shutil.rmtree(place.path / "out", ignore_errors=True)
            shutil.copytree(place.path / "before", place.path / "out")

        cut_off(place, "runner.result", reset, ("resume",))
        resumed = subprocess.run([FAULTS, "resume", "job.yaml", "--out", "out"], **faultless)
        check_equal(resumed.returncode, 0, f"resume: {resumed.stderr}")
        check("ingest: finished before, kept" in resumed.stderr and "had read them" in resumed.stderr,
              f"a step before the append ran again: {resumed.stderr}")
        check_equal(support.tree_hashes(place.path / "out"), support.tree_hashes(place.path / "whole"), "files")


def test_refusals():
    with support.Workplace() as place:
        place.write("sales-0.csv", file_of(0))
        if not place.must_run(job(append=True)):
            return
        before = dataset(place, "out")
        narrow = job(append=True)
        del narrow["steps"][0]["ingest"]["sources"]["transactions"]["map"]["note"]
        del narrow["steps"][0]["ingest"]["sources"]["transactions"]["types"]["note"]
        cases = [(job(append=True, clean=[{"drop_duplicates": {}}]), "compares rows"), (job(append=True, clean=[{"net_returns": {}}]), "compares rows"),
                 (job(append=True, clean=[{"drop_missing": {"columns": ["item"]}}]), "other rules"), (job(append=True, shards=5), "3 shards"),
                 (narrow, "other names, columns or types")]
        for one, word in cases:
            code, _, err = place.run(one, options=["--overwrite"])
            check(code == 78 and word in err, f"{word}: ends with {code}: {err}")
            check_equal(dataset(place, "out"), before, f"{word}: the dataset")


def test_other_cleaning_is_refused():
    """Every key of a rule, what lookup tables hold and how they are joined: else the shards would be of no ingest of all files."""
    def with_lookup(values=("X",), column="kind", by="item"):
        result = job(append=True, clean=[{"replace": {"columns": ["item"], "values": {"A": values[0]}}},
                                         {"drop_unlisted": {"column": "note", "values": ["", "plain", "a, b", *values]}}],
                     lookups={"products": {"path": "products.csv", "key": "key"}})
        source = result["steps"][0]["ingest"]["sources"]["transactions"]
        source["map"]["kind"] = f"$products.{column}"
        source["joins"] = {"products": by}
        return result

    with support.Workplace() as place:
        place.write("sales-0.csv", file_of(0))
        place.write("products.csv", "key,kind,sort\ni1,a,b\n")
        if not place.must_run(with_lookup()):
            return
        before = dataset(place, "out")
        place.write("sales-1.csv", file_of(1))
        other = "key,kind,sort\ni1,a,c\n"
        cases = [(with_lookup(["Y"]), None, ["rules/0/replace/values/A", '"X"', '"Y"']), (with_lookup(["X", "Z"]), None, ["rules/1/drop_unlisted", '"Z"']),
                 (with_lookup(column="sort"), None, ["joined/transactions/kind", "$products.sort"]),
                 (with_lookup(by="note"), None, ["joined/transactions/kind", "by note"]), (with_lookup(), other, ["lookups/products/content"])]
        for one, products, words in cases:
            if products:
                place.write("products.csv", products)
            code, _, err = place.run(one, options=["--overwrite"])
            check(code == 78 and all(word in err for word in words), f"{words}: ends with {code}: {err}")
            check_equal(dataset(place, "out"), before, f"{words}: the dataset")


if __name__ == "__main__":
    test_any_order_gives_the_bytes_of_one_ingest()
    test_an_equal_file_is_read_once()
    test_only_touched_shards_are_written()
    test_kill_leaves_old_or_new()
    test_a_cut_off_append_is_told_by_resume()
    test_a_cut_off_append_costs_no_earlier_step()
    test_refusals()
    test_other_cleaning_is_refused()
    support.finish()
