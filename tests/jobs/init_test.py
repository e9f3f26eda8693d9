# SPDX-License-Identifier: Apache-2.0
"""`cohort init --from`: what it proposes runs untouched, on small exports of every form and on real ones."""

import os
import pathlib

import support
from support import Workplace, check, check_equal

DATA = pathlib.Path(os.environ.get("COHORT_DATA", "/nonexistent"))
# file, steps of the proposed job, rows read, rows kept
REAL = [("telco/Telco-Customer-Churn.csv", ["ingest", "kmeans", "logistic"], 7043, 7043),
        ("bank_marketing/bank-full.csv.gz", ["ingest", "kmeans", "logistic"], 45211, 45211),
        ("online_shoppers/online_shoppers_intention.csv", ["ingest", "kmeans", "logistic"], 12330, 12330),
        ("online_retail/online_retail.csv.gz", ["features", "ingest", "kmeans", "rfm"], 541909, 397884)]

ORDERS = "Customer ID;Order Date;Order;SKU;Qty;Unit Price;City\n" + "".join(
    f"K{i % 9};{1 + i % 28:02}.0{1 + i % 3}.2021 1{i % 10}:00;O{i};S{i % 5};{i % 4 + 1};1.{i % 900 + 100},50;Zürich\n"
    for i in range(200))


def run_draft(place, source, seconds=support.SECONDS):
    """Drafts and runs; the names of the steps that finished."""
    code, _, err = place.cohort("init", "--from", source, "--out", "draft.yaml")
    check_equal(code, 0, f"init of {source}: {err}")
    code, _, err = place.cohort("run", "draft.yaml", "--out", "out", threads=1, seconds=seconds)
    check_equal(code, 0, f"run of the draft of {source}: {err}\n{(place.path / 'draft.yaml').read_text()}")
    out = place.path / "out"
    return sorted(path.parent.name for path in out.glob("*/result.json")) if out.exists() else []


def orders_of_a_german_shop():
    for encoding in ("utf-8", "cp1252"):
        with Workplace() as place:
            place.write("orders.csv", ORDERS.encode(encoding))
            check_equal(run_draft(place, "orders.csv"), ["features", "ingest", "kmeans", "rfm"], f"steps for {encoding}")
            draft = (place.path / "draft.yaml").read_text()
            for piece in ('delimiter: ";"', "decimal: \",\"", "customer: \"Customer ID\"", "%d.%m.%Y %H:%M",
                          "encoding: " + ('"utf-8"' if encoding == "utf-8" else '"latin-1"')):
                check(piece in draft, f"the draft lacks {piece!r}:\n{draft}")
            code, _, err = place.cohort("init", "--from", "orders.csv", "--out", "draft.yaml")
            check_equal(code, 73, f"a second draft of one name: {err}")


def customers_with_gaps():
    rows = "".join(f"{i},{'?' if i % 7 == 0 else i * 3},{'' if i % 5 == 0 else 'AB'[i % 2]},{i % 2}\n" for i in range(60))
    with Workplace() as place:
        place.write("c.csv", "id,income,kind,target\n" + rows)
        check_equal(run_draft(place, "c.csv"), ["ingest", "kmeans", "logistic"], "steps for a table of customers")


def refusals():
    with Workplace() as place:
        place.write("a.parquet", b"PAR1....")
        place.write("a.jsonl", '{"customer": 1}\n')
        place.write("empty.csv", "")
        for name, code, piece in (("a.parquet", 65, "read_parquet"), ("a.jsonl", 65, "read_json"),
                                  ("empty.csv", 65, "header"), ("none.csv", 66, "none.csv")):
            found, out, err = place.cohort("init", "--from", name)
            check_equal((found, out, piece in err), (code, "", True), f"init of {name}: {err}")


def real_exports():
    for name, steps, read, kept in REAL:
        with Workplace() as place:
            check_equal(run_draft(place, DATA / name, seconds=200), steps, f"steps for {name}")
            rows = place.json("out/ingest/result.json")["rows"]
            check_equal((rows["read"], rows["kept"]), (read, kept), f"rows of {name}")


orders_of_a_german_shop()
customers_with_gaps()
refusals()
if DATA.is_dir():
    real_exports()
else:
    print("COHORT_DATA names no folder: the real exports are skipped")
support.finish()
