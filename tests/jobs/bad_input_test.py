# SPDX-License-Identifier: Apache-2.0
"""Bad input ends with its exit code and a message that says what, where, why and what next, and leaves nothing."""

import support
from support import Workplace, check, check_equal, ingest_job

HEADER = "customer,time,basket,quantity,price\n"
GOOD = "c1,2020-01-01 10:00:00,b1,2,1.50\nc2,2020-01-02 11:00:00,b2,1,2.50\nc3,2020-01-03 11:00:00,b3,1,9.50\n"
MAP = {name: name for name in HEADER.strip().split(",")}
PLAIN = ["recency_days", "frequency", "monetary"]


def job(steps=(), **keys):
    return ingest_job(MAP, steps=steps, **keys)


def kmeans(**keys):
    return [{"features": {"item": ""}}, {"kmeans": {"features": PLAIN, **keys}}]


def numbers(values):
    """A table of customers with one number each."""
    return "customer,x\n" + "".join(f"{i},{value}\n" for i, value in enumerate(values))


def numbers_job(types, steps=()):
    return ingest_job({"customer": "customer", "x": "x"}, {"customer": "int64", **types}, table="customers",
                      steps=steps)


def lookup_job(**lookup):
    """Events joined with products.csv."""
    return ingest_job({**MAP, "kind": "$products.kind"}, source={"joins": {"products": "basket"}},
                      lookups={"products": {"path": "products.csv", "key": "key", **lookup}})


def labels_job():
    return ingest_job({"customer": "customer", "city": "city"}, table="customers")


# name, content of a.csv (or of several files), job, exit code, pieces of the message, steps that finish before it
CASES = [
    ("empty file", "", job(), 65, ["a.csv", "no header", "next:"], []),
    ("wrong delimiter", (HEADER + GOOD).replace(",", ";"), job(), 65, ["a.csv", "delimiter", "semicolon", ";"], []),
    ("unclosed quote", HEADER + GOOD + 'c4,2020-01-04 11:00:00,"b4,1,2.00\n' + GOOD, job(), 65,
     ["a.csv", ":5:", "quote"], []),
    ("wrong type in a row", HEADER + GOOD + "c4,2020-01-04 11:00:00,b4,many,2.00\n", job(), 65,
     ["a.csv:5", "'quantity'", "'many'", "not an integer", "max_bad_rows"], []),
    ("too many fields", HEADER + GOOD + "c4,2020-01-04 11:00:00,b4,1,2.00,7\n", job(), 65,
     ["a.csv:5", "6 fields", "header has 5"], []),
    ("too few fields", HEADER + "c4,2020\n" + GOOD, job(), 65, ["a.csv:2", "2 fields", "header has 5"], []),
    ("missing file", None, job(), 66, ["a.csv", "no file", "working directory"], []),
    ("missing column", "customer,when\n1,2\n", job(), 65, ["a.csv", "no column", "customer, when"], []),
    ("column named twice", "customer,time,time,basket,quantity,price\n", job(), 65, ["a.csv", "'time'", "twice"], []),
    ("date that does not parse", HEADER + GOOD + "c4,04.01.2020,b4,1,2.00\n", job(), 65,
     ["a.csv:5", "'time'", "'04.01.2020'", "format"], []),
    ("no such date", HEADER + GOOD + "c4,2020-02-30 00:00:00,b4,1,2.00\n", job(), 65,
     ["a.csv:5", "2020-02-30", "calendar"], []),
    ("event without a customer", HEADER + GOOD + ",2020-01-04 11:00:00,b4,1,2.00\n", job(), 65,
     ["a.csv:5", "'customer'", "empty", "drop_missing"], []),
    ("money finer than its scale", HEADER + GOOD + "c4,2020-01-04 11:00:00,b4,1,2.005\n", job(), 65,
     ["a.csv:5", "'price'", "2.005", "scale 3"], []),
    ("NaN", numbers(["1", "NaN"]), numbers_job({"x": "float64"}), 65, ["a.csv:3", "'NaN'", "finite", "empty"], []),
    ("infinity", numbers(["inf", "2"]), numbers_job({"x": "float64"}), 65, ["a.csv:2", "'inf'", "finite"], []),
    ("beyond float64", numbers(["1e999"]), numbers_job({"x": "float64"}), 65, ["a.csv:2", "1e999", "range"], []),
    ("beyond int64", numbers(["9223372036854775808"]), numbers_job({"x": "int64"}), 65,
     ["a.csv:2", "9223372036854775808", "range"], []),
    ("equal to missing", numbers(["-9223372036854775808"]), numbers_job({"x": "int64"}), 65,
     ["a.csv:2", "stands for missing"], []),
    ("a customer twice", numbers(["1", "2"]) + "1,3\n", numbers_job({"x": "int64"}), 65,
     ["customer 1", "two rows", "next:"], []),
    ("money sum beyond int64", HEADER + "c1,2020-01-01 00:00:00,b1,1,92233720368547757.00\n" * 2, job([{"features": {"item": ""}}]),
     65, ["monetary", "64 bits", "next:"], ["ingest"]),
    ("money times quantity beyond int64", HEADER + "c1,2020-01-01 00:00:00,b1,2000000000,92233720368547757.00\n",
     job([{"features": {"item": ""}}]), 65, ["monetary", "64 bits", "next:"], ["ingest"]),
    ("more clusters than customers", HEADER + GOOD, job(kmeans(n_clusters=4)), 65,
     ["n_clusters", "4", "3", "next:"], ["features", "ingest"]),
    ("clusters of no customer", HEADER, job(kmeans(n_clusters=2)), 65, ["next:"], None),
    ("unknown feature", HEADER + GOOD, job([{"features": {"item": ""}}, {"kmeans": {"features": ["recency_day"]}}]), 78,
     ["recency_day", "recency_days"], ["features", "ingest"]),
    ("unknown key", HEADER + GOOD, job(kmeans(n_cluster=2)), 78, ["n_cluster", "did you mean 'n_clusters'", "job.yaml:"],
     []),
    ("unknown job", HEADER + GOOD, job([{"kmean": {}}]), 78, ["kmean", "kmeans", "job.yaml:"], []),
    ("value out of range", HEADER + GOOD, job(kmeans(n_clusters=0)), 78, ["n_clusters", "0", "job.yaml:"], []),
    ("value of the wrong type", HEADER + GOOD, job(kmeans(n_clusters="five")), 78, ["n_clusters", "five", "job.yaml:"],
     []),
    ("unknown type", HEADER + GOOD, ingest_job(MAP, {"price": "decimal(11)"}), 78, ["job.yaml:", "decimal(11)"], []),
    ("unknown column of a rule", HEADER + GOOD, job(clean=[{"drop_missing": {"columns": ["custmer"]}}]), 78,
     ["job.yaml:", "custmer", "did you mean 'customer'"], []),
    ("header in the wrong case", HEADER.upper() + GOOD, job(), 65, ["a.csv", "'customer'", "CUSTOMER"], []),
    ("dates in two formats", HEADER + GOOD + "c4,05/01/2020 10:00,b4,1,2.00\n", job(), 65, ["a.csv:5", "05/01/2020", "format"], []),
    ("epoch seconds", HEADER + "c4,1577872800,b4,1,2.00\n", job(), 65, ["a.csv:2", "1577872800", "format"], []),
    ("mixed encodings", b"customer,city\n1,K\xc3\xb6ln\n2,K\xf6ln\n", labels_job(), 65,
     ["a.csv:3", "'city'", "encoding"], []),
    ("Latin-1 header", b"customer,city,stra\xdfe\n1,a,b\n", labels_job(), 65, ["a.csv:1", "header", "latin-1"], []),
    ("embedded NUL", "customer,city\n1,a\0b\n", labels_job(), 65, ["a.csv:2", "'city'", "NUL"], []),
    ("field beyond the longest record", "customer,city\n1," + "x" * (9 << 20) + "\n",
     ingest_job({"customer": "customer"}, table="customers", max_record_bytes=1 << 23), 65, ["a.csv:2", "longer than"], []),
    ("all rows bad", HEADER + "c4,never,b4,1,2.00\n" * 3, job(max_bad_rows="100%"), 65, ["3 of 3", "never"], []),
    ("a share of bad rows", HEADER + GOOD + "c4,never,b4,1,2.00\n", job(max_bad_rows="10%"), 65,
     ["1 of 4", "10%", "a.csv:5"], []),
    ("no share", HEADER + GOOD, job(max_bad_rows="120%"), 78, ["job.yaml:", "120%"], []),
    ("lookup with a key twice", {"a.csv": HEADER + GOOD, "products.csv": "key,kind\nb1,x\nb1,y\n"}, lookup_job(), 65,
     ["products.csv:3", "'b1'", "twice"], []),
    ("Latin-1 in a lookup", {"a.csv": HEADER + GOOD, "products.csv": b"key,kind\nb1,x\nb2,caf\xe9\n"}, lookup_job(), 65,
     ["products.csv:3", "encoding"], []),
    ("Latin-1 in a lookup's header", {"a.csv": HEADER + GOOD, "products.csv": b"key,kind,stra\xdfe\nb1,x,y\n"}, lookup_job(), 65,
     ["products.csv:1", "header"], []),
    ("two characters between a lookup's fields", {"a.csv": HEADER + GOOD, "products.csv": "key;kind\nb1;x\n"},
     lookup_job(delimiter=";;"), 78, ["job.yaml:", "';;'", "lookup products"], []),
    ("missing lookup", HEADER + GOOD, lookup_job(), 66, ["products.csv", "no file"], []),
    ("lookup without the column", {"a.csv": HEADER + GOOD, "products.csv": "key,sort\nb1,x\n"}, lookup_job(), 65,
     ["products.csv", "'kind'"], []),
    ("joins in a circle", HEADER + GOOD, ingest_job({**MAP, "kind": "$products.kind"}, lookups={"products": {"path": "p", "key": "k"}},
                                                  source={"joins": {"products": "kind"}}), 78, ["job.yaml:", "'kind'", "file"], []),
    ("a row's number that is no customer", HEADER + GOOD, ingest_job({**MAP, "line": "$row"}, {"line": "int64"}), 78,
     ["job.yaml:", "'line'", "$row"], []),
    ("a flag without a rule", HEADER + GOOD, ingest_job({**MAP, "odd": "$flag"}), 78, ["job.yaml:", "'odd'", "$flag"], []),
    ("texts of numbered customers", HEADER + GOOD,
     ingest_job({"customer": "$row", "city": "basket"}, table="customers",
                clean=[{"drop_unlisted": {"column": "customer", "values": ["1"], "table": "customers"}}]), 78,
     ["job.yaml:", "drop_unlisted(customer)", "$row"], []),
    ("texts of a flag", HEADER + GOOD,
     job(clean=[{"trim": {"columns": ["quantity_outlier"]}}, {"outliers": {"column": "quantity", "action": "flag"}}]), 78,
     ["job.yaml:", "trim(quantity_outlier)", "$flag"], []),
    ("appending numbered customers", "city\na\n",
     ingest_job({"customer": "$row", "city": "city"}, table="customers", append=True), 78, ["job.yaml:", "append", "numbered"], []),
    ("unknown lookup", HEADER + GOOD, ingest_job({**MAP, "kind": "$products.kind"}), 78, ["job.yaml:", "$products.kind"], []),
    ("broken pattern", HEADER + GOOD, job(clean=[{"drop_mismatch": {"column": "basket", "pattern": "(b"}}]), 78,
     ["job.yaml:", "(b"], []),
    ("bound of the wrong type", HEADER + GOOD, job(clean=[{"drop_out_of_range": {"column": "quantity", "min": "few"}}]), 78,
     ["job.yaml:", "few"], []),
    ("rules out of order", HEADER + GOOD, job(clean=[{"drop_missing": {"columns": ["basket"]}}, {"trim": {"columns": ["basket"]}}]),
     78, ["job.yaml:", "trim(basket)", "drop_missing(basket)"], []),
    ("Parquet", b"PAR1\x15\x04", job(), 65, ["a.csv", "Parquet", "duckdb"], []),
    ("JSON lines", '{"customer": 1}\n', job(), 65, ["a.csv", "JSON lines", "duckdb"], []),
    ("damaged zstd", b"\x28\xb5\x2f\xfd rubbish", job(), 65, ["a.csv", "zstd"], []),
    ("no YAML", HEADER + GOOD, "version: 1\nsteps: [\n", 78, ["job.yaml:"], []),
]


def has_nothing_more(place, finished, label):
    """Only the folders of finished steps, and the dataset if there is one, may stand."""
    allowed = {"data.cohort" for step in finished if step == "ingest"} | set(finished)
    out = place.path / "out"
    found = {path.name for path in out.iterdir()} if out.exists() else set()
    check_equal(found, allowed, f"{label}: what is left")
    check(allowed or not out.exists(), f"{label}: an empty --out is left")
    left = [name for name in place.files() if any(mark in name for mark in (".partial", ".tmp", "spill", ".lock"))]
    check_equal(left, [], f"{label}: temporary files")


def try_case(case, ranks):
    name, text, job_file, code, pieces, finished = case
    label = f"{name} at {ranks} ranks"
    with Workplace() as place:
        for file, content in (text if isinstance(text, dict) else {"a.csv": text}).items():
            if content is not None:
                place.write(file, content)
        found, out, err = place.run(job_file, ranks=ranks)
        print(f"--- {label}: {found}\n{err.strip()}", flush=True)
        check_equal(found, code, f"{label}: exit code")
        for piece in pieces:
            check(piece in err, f"{label}: the message lacks {piece!r}: {err}")
        check_equal(out, "", f"{label}: standard output")
        check_equal(err.count("error"), 1, f"{label}: number of messages")
        check("MPI_ABORT" not in err, f"{label}: the ranks did not leave together")
        if finished is not None:
            has_nothing_more(place, finished, label)


def header_only_is_a_dataset_of_nobody(ranks):
    with Workplace() as place:
        place.write("a.csv", HEADER)
        if place.must_run(job([{"features": {"item": "", "as_of": "2020-02-01"}}]), ranks=ranks):
            check_equal(place.json("out/ingest/result.json")["rows"]["read"], 0, "rows of a header")
            check_equal(len(place.rows("out/features/features.csv")), 1, "features of nobody")


for count in (1, 3):
    for one in CASES:
        try_case(one, count)
    header_only_is_a_dataset_of_nobody(count)
support.finish()
