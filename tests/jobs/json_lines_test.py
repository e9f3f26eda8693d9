# SPDX-License-Identifier: Apache-2.0
"""JSON lines say the same as CSV, in all their spellings; and what is none is quarantined with its line."""

import csv
import io
import json

import support
from support import Workplace, check, check_equal, gzip_bytes, ingest_job, tree_hashes

HEADER = ["customer", "time", "basket", "item", "quantity", "price", "promotion", "note"]
MAP = {name: name for name in HEADER}
TYPES = {"price": "decimal(3)", "promotion": "boolean", "note": "text"}
ROWS = [["Zoë", "2020-01-01 10:00:00", "b1", "i1", 2, "1.125", True, 'a "quoted", word'],
        ["c2", "2020-01-02 11:30:00", "b2", "日本", -1, "2.50", False, "two\nlines"],
        ["c1", "2020-01-03 00:00:00", "b3", "i1", 3, "1e1", None, "\\ / \t"],
        ["c1", "2020-01-03 00:00:00", "b4", "", None, "9007199254740993", True, ""]]


def number(text):
    """A number as it is written, which Python's json would round."""
    return json.dumps(text) if "e" in text else text


def as_lines(rows, escape=True, order=1, empty="null"):
    lines = []
    for row in rows:
        pairs = [(name, number(value) if name == "price" else json.dumps(value, ensure_ascii=escape))
                 for name, value in zip(HEADER, row)]
        pairs = [(name, empty if text in ('""', "null") and empty else text) for name, text in pairs]
        extra = [("more", '{"deep": [1, {"er": "}"}]}'), ("list", "[]")]
        lines.append("{" + ", ".join(f'"{name}": {text}' for name, text in (pairs + extra)[::order]) + "}\n")
    return "".join(lines)


def as_csv(rows):
    out = io.StringIO(newline="")
    words = {True: "true", False: "false", None: ""}
    csv.writer(out, lineterminator="\n").writerows(
        [HEADER, *([words.get(v, v) if not isinstance(v, int) or isinstance(v, bool) else v for v in row] for row in rows)])
    return out.getvalue()


def job(path="a.jsonl", **keys):
    return ingest_job(MAP, TYPES, path=path, source={"format": "json_lines"}, **keys)


def shards(place, out="out"):
    return {name: value for name, value in tree_hashes(place.path / out / "data.cohort").items() if name != "manifest.json"}


def same_as_csv():
    rows = [row[:5] + [row[5] if "e" not in row[5] else "10"] + row[6:] for row in ROWS]
    with Workplace() as place:
        place.write("a.csv", as_csv(rows))
        place.must_run(ingest_job(MAP, TYPES))
        expected = shards(place)
        spellings = {"escaped": as_lines(rows), "plain": as_lines(rows, escape=False), "backwards": as_lines(rows, order=-1),
                     "crlf": as_lines(rows).replace("\n", "\r\n"), "blank lines": as_lines(rows).replace("\n", "\n\n"),
                     "no last line end": as_lines(rows).rstrip("\n"), "empty texts": as_lines(rows, empty=""),
                     "a mark before": "\ufeff" + as_lines(rows), "gzip": gzip_bytes(as_lines(rows))}
        for i, (how, content) in enumerate(spellings.items()):
            place.write("a.jsonl", content)
            if place.must_run(job(), out=f"out{i}", ranks=1 + 2 * (i % 2)):
                check_equal(shards(place, f"out{i}"), expected, how)


def many_lines():
    """More than a batch, at several ranks and threads; keys left out are missing."""
    lines = "".join(json.dumps({"customer": f"c{i % 97}", "time": 1577872800 + i, "x": i} if i % 3 or i == 0 else
                               {"time": 1577872800 + i, "customer": f"c{i % 97}"}) + "\n" for i in range(9000))
    table = "customer,time,x\n" + "".join(f"c{i % 97},{1577872800 + i},{i if i % 3 or i == 0 else ''}\n" for i in range(9000))
    keys = {"customer": "customer", "time": "time", "x": "x"}
    found = []
    with Workplace() as place:
        for path, content, how in (("a.csv", table, {}), ("a.jsonl", lines, {"format": "json_lines"})):
            place.write(path, content)
            one = ingest_job(keys, {"x": "int32"}, path=path, source={"formats": {"time": "epoch_s"}, **how},
                             clean=[{"drop_duplicates": {}}])
            for ranks, threads in ((1, 1), (3, 2)):
                out = f"{path}{ranks}"
                if place.must_run(one, out=out, ranks=ranks, threads=threads):
                    found.append(shards(place, out))
    check(len(found) == 4 and all(one == found[0] for one in found), "9,000 lines of JSON and CSV")


def bad_lines():
    good = as_lines(ROWS[:1])
    bad = ["[1, 2]", '{"customer": "x"', '"text"x', '"half', "{} {}", good.strip().replace('"b1"', '{"no": 1}'),
           good.strip().replace('"quantity": 2', '"quantity": 2, "quantity": 3'), good.strip().replace(": 2,", ': "many",')]
    with Workplace() as place:
        place.write("a.jsonl", good + "".join(line + "\n" for line in bad) + good)
        if place.must_run(job(max_bad_rows=len(bad))):
            check_equal([row[1] for row in place.rows("out/ingest/quarantine.csv")[1:]], [str(i + 2) for i in range(len(bad))],
                        "lines of what is no record")
    for content, keys, code, piece in (("", {}, 0, ""), ("1\n", {}, 65, "no JSON object"), ('{"a": 1}\n', {}, 65, "no key 'customer'"),
                                       (good, {"encoding": "latin-1"}, 78, "UTF-8"), (good, {"time_zone": "Europe/Paris"}, 78,
                                                                                     "named zones are not read yet")):
        with Workplace() as place:
            place.write("a.jsonl", content)
            one = job()
            one["steps"][0]["ingest"]["sources"]["transactions"].update(keys)
            found, _, err = place.run(one)
            check_equal((found, piece in err), (code, True), f"{content!r:.20} {keys}: {err}")


def epochs():
    """Seconds and milliseconds since 1970 are what ISO times say; other numbers are quarantined."""
    found = []
    with Workplace() as place:
        for form, texts in ((None, ["2020-01-01 10:00:00", "1969-12-31 23:59:59"]), ("epoch_s", ["1577872800", "-1"]),
                            ("epoch_ms", ["1577872800000", "-1000"])):
            place.write("a.csv", "customer,time\n" + "".join(f"c,{text}\n" for text in texts))
            one = ingest_job({"customer": "customer", "time": "time"}, source={"formats": {"time": form}} if form else {})
            if place.must_run(one, out=f"out-{form}"):
                found.append(shards(place, f"out-{form}"))
        check(len(found) == 3 and found[0] == found[1] == found[2], "epoch seconds and milliseconds")
        place.write("a.csv", "customer,time\nc,253402300799\nc,253402300800\nc,99999999999999999999\nc,1.5\nc,0x1\nc,1577872800s\n")
        one = ingest_job({"customer": "customer", "time": "time"}, source={"formats": {"time": "epoch_s"}}, max_bad_rows=5)
        place.must_run(one, out="bad")
        check_equal(place.json("bad/ingest/result.json")["rows"]["kept"], 1, "the last second of the year 9999")


same_as_csv()
many_lines()
bad_lines()
epochs()
support.finish()
