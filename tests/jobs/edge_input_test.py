# SPDX-License-Identifier: Apache-2.0
"""Input that is odd but right: sizes, spellings, delimiters, compression, skew; and what quarantine.csv holds."""

import gzip

import support
from support import Workplace, check, check_equal, ingest_job, tree_hashes

HEADER = "customer,time,basket,item,quantity,price\n"
MAP = {name: name for name in HEADER.strip().split(",")}
ROWS = ("c1,2020-01-01 10:00:00,b1,i1,2,1.50\n"
        "c2,2020-01-02 11:30:00,b2,i2,1,2.50\n"
        "c1,2020-01-03 00:00:00,b3,i1,3,1.25\n")
FEATURES = [{"features": {"as_of": "2020-02-01"}}]


def job(steps=FEATURES, **keys):
    return ingest_job(MAP, steps=steps, **keys)


def features(place, out="out"):
    """Features by customer, as text."""
    header, *rows = place.rows(f"{out}/features/features.csv")
    return {row[0]: dict(zip(header[1:], row[1:])) for row in rows}


def same_dataset(contents, what, job_of=lambda i: job()):
    """Files that say the same in other words give the same features."""
    found = []
    for i, content in enumerate(contents):
        with Workplace() as place:
            place.write("a.csv", content)
            if place.must_run(job_of(i), ranks=1 + 2 * (i % 2)):
                found.append(features(place))
    for other in found[1:]:
        check_equal(other, found[0], what)
    check_equal(len(found), len(contents), f"runs of {what}")


def spellings():
    plain = HEADER + ROWS
    same_dataset([plain, plain.replace("\n", "\r\n"), plain.replace("\n", "\r"), "\ufeff" + plain, plain.rstrip("\n"),
                  plain.replace("\n", "\n\n"), gzip.compress(plain.encode()),
                  gzip.compress(HEADER.encode()) + gzip.compress(ROWS[:50].encode()) + gzip.compress(ROWS[50:].encode()),
                  "".join(",".join(f'"{field}"' for field in line.split(",")) + "\n" for line in plain.splitlines())],
                 "line ends, byte order mark, compression, quotes")
    marks = [",", ";", "\t", "|"]
    same_dataset([plain.replace(",", mark) for mark in marks], "delimiters",
                 lambda i: job(source={"delimiter": "tab" if marks[i] == "\t" else marks[i]}))


def times_in_utc():
    """What is in UTC by itself stays as it is under a time zone; what is not moves, and so do bounds that are written like it."""
    rows = ROWS.splitlines(keepends=True)
    epochs = [1577872800, 1577964600, 1578009600]
    contents = [HEADER + ROWS, HEADER + ROWS.replace(":00,", ":00Z,"),
                HEADER + "".join(row.replace(row.split(",")[1], str(epoch)) for row, epoch in zip(rows, epochs)),
                HEADER + ROWS.replace("10:00:00", "18:00:00").replace("11:30:00", "19:30:00").replace("00:00:00", "08:00:00")]
    kept = {"clean": [{"drop_out_of_range": {"column": "time", "min": "2020-01-01 18:00:00"}}]}
    how = [{}, {"time_zone": "+08:00"}, {"time_zone": "+08:00", "formats": {"time": "epoch_s"}}, {"time_zone": "+08:00"}]
    same_dataset(contents, "times in UTC", lambda i: job(source=how[i], **(kept if i == 3 else {})))


def one_row():
    for ranks in (1, 3):
        with Workplace() as place:
            place.write("a.csv", HEADER + ROWS.splitlines()[0] + "\n")
            steps = FEATURES + [{"rfm": {}}, {"kmeans": {"n_clusters": 1, "features": ["monetary"]}}]
            if place.must_run(job(steps), ranks=ranks):
                check_equal(features(place)["c1"]["monetary"], "3", "money of the only row")
                check_equal(place.json("out/kmeans/result.json")["metrics"]["inertia"], 0.0, "inertia of one point")


def all_missing():
    """Every cell but the keys is empty."""
    with Workplace() as place:
        place.write("a.csv", HEADER + "c1,2020-01-01 10:00:00,,,,\nc2,2020-01-02 10:00:00,,,,\n")
        if place.must_run(job(), ranks=3):
            check_equal(set(features(place)), {"c1", "c2"}, "customers without any value")
    with Workplace() as place:
        place.write("a.csv", HEADER + ",,,,,\n" * 5)
        rule = {"drop_missing": {"columns": ["customer", "time"]}}
        if place.must_run(job(steps=(), clean=[rule]), ranks=3):
            check_equal(place.json("out/ingest/result.json")["rows"]["kept"], 0, "rows of a table of nothing")


def huge_values():
    most = "9223372036854775807"
    with Workplace() as place:
        place.write("a.csv", f"customer,x\n{most},1.7976931348623157e308\n-{most},-1.7976931348623157e308\n0,5e-324\n")
        types = {"customer": "int64", "x": "float64"}
        if place.must_run(ingest_job({"customer": "customer", "x": "x"}, types, table="customers"), ranks=3):
            check_equal(place.json("out/ingest/result.json")["metrics"]["customers"], 3, "customers at the ends of int64")
            code, out, _ = place.cohort("verify", "out/data.cohort")
            check_equal((code, "every byte" in out), (0, True), "verify")


def odd_ids():
    ids = ['a"b', "c,d", "e\nf", "Zoë", "日本", " g", "0", "00", "x" * 5000]
    with Workplace() as place:
        quoted = ['"' + name.replace('"', '""') + '"' for name in ids]
        place.write("a.csv", HEADER + "".join(f"{name},2020-01-01 10:00:00,b,i,1,1\n" for name in quoted))
        if place.must_run(job(), ranks=3):
            check_equal(set(features(place)), set(ids), "ids come back as they were")


def one_busy_customer():
    """A customer with nearly all events; files found by a glob, given to several ranks."""
    with Workplace() as place:
        for part in range(4):
            place.write(f"in/{part}.csv", HEADER + "".join(
                f"{'busy' if i % 50 else f'c{i}'},2020-01-{1 + i % 28:02} 10:00:00,b{i},i{i % 9},1,0.01\n"
                for i in range(part * 50000, part * 50000 + 50000)))
        for ranks in (1, 3):
            place.must_run(job(path="in/*.csv"), out=f"out-{ranks}", ranks=ranks)
        check_equal(features(place, "out-3")["busy"]["monetary"], "1960", "money of the busy customer")
        check_equal(tree_hashes(place.path / "out-3"), tree_hashes(place.path / "out-1"), "files at 3 ranks")


def quarantine():
    """Bad rows are kept aside, in order, as they were; one more than allowed ends the job."""
    bad = 'c3,2020-01-01 10:00:00,"b,4",i1,many,1\nc4,never,b5,i1,1,1\nc5,2020-01-01 10:00:00\n'
    expected = [["a.csv", "5", "'many'", 'c3,2020-01-01 10:00:00,"b,4",i1,many,1'], ["a.csv", "6", "'never'", "c4,never,b5,i1,1,1"],
                ["a.csv", "7", "2 fields", "c5,2020-01-01 10:00:00"]]
    for ranks in (1, 3):
        with Workplace() as place:
            place.write("a.csv", HEADER + ROWS + bad)
            if place.must_run(job(max_bad_rows=3), ranks=ranks):
                _, *rows = place.rows("out/ingest/quarantine.csv")
                for (file, line, reason, text), want in zip(rows, expected):
                    check_equal([file, line, text.rstrip("\r\n")], [want[0], want[1], want[3]], "a quarantined row")
                    check(want[2] in reason, f"reason {reason!r} lacks {want[2]!r}")
                check_equal(len(rows), len(expected), "quarantined rows")
                check_equal(set(features(place)), {"c1", "c2"}, "customers of good rows")
            code, _, err = place.run(job(max_bad_rows=2), out="other", ranks=ranks)
            check_equal(code, 65, f"exit code of one bad row too many: {err}")
            check("max_bad_rows = 2" in err, f"its message: {err}")


def too_busy_a_customer():
    """Rows that lie in one shard and do not fit are refused with their number; spread over customers they fit."""
    for ids, code in ((1, 14), (5000, 0)):
        with Workplace() as place:
            place.write("a.csv", HEADER + "".join(f"c{i % ids},2020-01-{1 + i % 28:02} 10:00:00,b{i % 100},i,1,1\n" for i in range(300_000)))
            found, _, err = place.run({**job([], shards=64), "run": {"memory_per_rank": "40MiB"}})
            check_equal(found, code, f"300,000 rows of {ids} customers in 40 MiB: {err}")
            check(code == 0 or ("customers' rows of one shard" in err and "memory_per_rank" in err), f"names what does not fit: {err}")


def many_bad_rows():
    """They come together a few at a time, in the order of the files; a long field is quoted by its begin."""
    found = []
    long = "7" * (1 << 20) + "x"
    with Workplace() as place:
        for part in "ab":
            place.write(f"in/{part}.csv", HEADER + "".join(f"c{i},2020-01-01 10:00:00,{part},i,{'many' if i % 2 else 1},1\n" for i in range(25000)))
        place.write("in/c.csv", HEADER + f"c,2020-01-01 10:00:00,b,i,{long},1\n")
        for ranks in (1, 3):
            if place.must_run(job([], path="in/*.csv", max_bad_rows="60%"), out=f"out-{ranks}", ranks=ranks):
                rows = place.rows(f"out-{ranks}/ingest/quarantine.csv")[1:]
                found.append(rows)
                check_equal(len(rows), 25001, "bad rows")
                for part in "ab":
                    check_equal([int(row[1]) for row in rows if row[0] == f"{part}.csv"], list(range(3, 25003, 2)), f"lines of {part}.csv")
                check_equal(max(len("".join(row)) for row in rows) < 600, True, "a bad row is a short line")
        check(len(found) == 2 and found[0] == found[1], "quarantine at 1 and 3 ranks")


def wide_and_long():
    """5,000 columns, a field of 1 MB and a negative zero are data like any other."""
    with Workplace() as place:
        names = ",".join(f"x{i}" for i in range(5000))
        place.write("a.csv", f"customer,{names}\n1,{'0.5,' * 4998}{'y' * (1 << 20)},-0.0\n")
        job_file = ingest_job({"customer": "customer", "long": "x4998", "last": "x4999"}, {"long": "text", "last": "float64"},
                              table="customers")
        if place.must_run(job_file, ranks=3):
            check_equal(place.json("out/ingest/result.json")["rows"]["kept"], 1, "rows of 5,000 columns")


for test in (spellings, times_in_utc, wide_and_long, one_row, all_missing, huge_values, odd_ids, one_busy_customer, quarantine, too_busy_a_customer, many_bad_rows):
    test()
support.finish()
