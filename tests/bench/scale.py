#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From CSV to segments at 1e6, 1e7, ... transactions: one JSON line a size, then a table, and a plot with --plot.

scale.py [--rows 1e6,1e7] [--memory 8GiB] [--little 2GiB] [--ranks 2] [--csv-bytes 20e9] [--folder DIR] [--plot FILE.svg]

CSV is generated part by part, appended to the dataset and removed, so that never more than --csv-bytes of it lie on disk. The shards
must be those of `generate` straight into a store; features and k-means then run at both memory budgets and must leave the same bytes."""
import argparse
import hashlib
import json
import math
import pathlib
import shutil
import sys
import tempfile
import time

from workbench import ROOT, run

LINES_PER_CUSTOMER, CSV_BYTES_A_CUSTOMER = 50, 3200
RETAILER = {"lines_per_basket": 7.35, "random_state": 7}  # about 50 lines a customer
CUSTOMERS_A_PART = 20_000
TELLS_OF_THE_RUN = {"run.json", "report.html"}
SOURCE = {"path": "${out}/generate/transactions-*.csv",
          "map": {"customer": "customer", "time": "time", "basket": "invoice", "item": "item", "quantity": "quantity",
                  "price": "price", "channel": "channel"},
          "types": {"customer": "int64", "basket": "int64"}}
ANALYSIS = [{"features": {}},
            {"kmeans": {"n_clusters": 8, "features": ["recency_days", "frequency", "monetary"], "log1p": "all", "scale": "standard"}}]


def hash_of(paths, root):
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path.relative_to(root)).encode())
        with open(path, "rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest() if hasattr(hashlib, "file_digest") else hash_blocks(file))
    return digest.hexdigest()


def hash_blocks(file):
    digest = hashlib.sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.digest()


class Bench:
    def __init__(self, options, folder, rows):
        self.options, self.folder = options, folder
        self.customers = max(1000, int(rows) // LINES_PER_CUSTOMER)
        self.shards = max(16, min(4096, self.customers // 10_000))
        self.dataset = folder / "csv.cohort"

    def job(self, name, steps, memory=None, dataset=None):
        """Runs steps into a folder of their own; returns wall seconds, CPU seconds and the most memory of a rank."""
        out = self.folder / name
        document = {"version": 1, "shards": self.shards, "dataset": str(dataset or self.dataset),
                    "run": {"memory_per_rank": memory or self.options.memory}, "steps": steps}
        file = self.folder / f"{name}.yaml"
        file.write_text(json.dumps(document))
        begin = time.monotonic()
        run([self.options.build / "cohort", "run", file, "--out", out, "--overwrite", "--ranks", self.options.ranks, "--threads", 1])
        records = [json.loads(path.read_text()) for path in out.glob("*/run.json")]
        return {"wall_s": round(time.monotonic() - begin, 2),
                "cpu_s": round(sum(max(phase["cpu_s"] for phase in record["phases"]) for record in records), 2),
                "peak_rss_bytes": max(record["peak_rss_bytes"] for record in records)}

    def ingest(self):
        """All CSV, as much at a time as may lie on disk."""
        parts = max(4, math.ceil(self.customers / CUSTOMERS_A_PART))
        batches = math.ceil(self.customers * CSV_BYTES_A_CUSTOMER / self.options.csv_bytes)
        total = {"wall_s": 0, "cpu_s": 0, "peak_rss_bytes": 0, "batches": batches, "csv_bytes": 0}
        for batch in range(batches):
            first, end = parts * batch // batches, parts * (batch + 1) // batches
            self.job("csv", [{"generate": {**RETAILER, "customers": self.customers, "parts": parts, "first_part": first, "end_part": end}}])
            out = self.folder / "csv"
            total["csv_bytes"] += sum(path.stat().st_size for path in (out / "generate").glob("transactions-*"))
            source = {**SOURCE, "path": str(out / "generate" / "transactions-*.csv")}
            cost = self.job("ingest", [{"ingest": {"append": True, "sources": {"transactions": source}}}])
            for key in ("wall_s", "cpu_s"):
                total[key] = round(total[key] + cost[key], 2)
            total["peak_rss_bytes"] = max(total["peak_rss_bytes"], cost["peak_rss_bytes"])
            shutil.rmtree(out)
        return total

    def store_hash(self, dataset):
        return hash_of([*dataset.glob("shard-*.h5"), dataset / "dictionaries.h5"], dataset)

    def analyse(self, name, memory):
        cost = self.job(name, ANALYSIS, memory)
        out = self.folder / name
        cost["hash"] = hash_of([path for path in out.rglob("*") if path.is_file() and path.name not in TELLS_OF_THE_RUN], out)
        shutil.rmtree(out)
        return cost

    def measure(self):
        line = {"customers": self.customers, "shards": self.shards, "ranks": self.options.ranks, "ingest": self.ingest()}
        metrics = json.loads((self.folder / "ingest/ingest/result.json").read_text())["metrics"]
        line["rows"] = metrics.get("stored_transactions", metrics["rows_transactions"])  # the former where files were added
        line["store_bytes"] = sum(path.stat().st_size for path in self.dataset.iterdir())
        from_csv = self.store_hash(self.dataset)
        line["analysis"] = self.analyse("analysis", self.options.memory)
        line["analysis_in_little"] = self.analyse("little", self.options.little)
        straight = self.folder / "straight.cohort"
        line["generate"] = self.job("straight", [{"generate": {**RETAILER, "customers": self.customers, "format": "store"}}], dataset=straight)
        line["same_store"] = from_csv == self.store_hash(straight)
        line["same_results"] = line["analysis"].pop("hash") == line["analysis_in_little"].pop("hash")
        line["within"] = all(line[step]["peak_rss_bytes"] <= size(self.options.memory) for step in ("ingest", "analysis")) and \
            line["analysis_in_little"]["peak_rss_bytes"] <= size(self.options.little)
        return line


def size(text):
    units = {"MiB": 2**20, "GiB": 2**30}
    return float(text[:-3]) * units[text[-3:]]


def table_of(lines):
    text = "| transactions | CSV | store | ingest | M rows/s | peak | features to report | peak | in little memory | peak | same store, results |\n"
    text += "|" + "---|" * 11 + "\n"
    for line in lines:
        ingest, analysis, little = line["ingest"], line["analysis"], line["analysis_in_little"]
        mib = lambda cost: f"{cost['peak_rss_bytes'] / 2**20:.0f} MiB"
        text += (f"| {line['rows']:,} | {ingest['csv_bytes'] / 1e9:.2f} GB | {line['store_bytes'] / 1e9:.2f} GB | {ingest['wall_s']:.1f} s | "
                 f"{line['rows'] / ingest['wall_s'] / 1e6:.1f} | {mib(ingest)} | {analysis['wall_s']:.1f} s | {mib(analysis)} | "
                 f"{little['wall_s']:.1f} s | {mib(little)} | {line['same_store']}, {line['same_results']} |\n")
    return text


def plot_of(lines):
    """Seconds and peak memory against rows, both axes logarithmic, as SVG."""
    series = [("ingest, s", "#1f6feb", lambda line: line["ingest"]["wall_s"]),
              ("features to report, s", "#2da44e", lambda line: line["analysis"]["wall_s"]),
              ("peak of a rank, MiB", "#cf222e", lambda line: max(line[step]["peak_rss_bytes"] for step in ("ingest", "analysis")) / 2**20)]
    tens = [math.log10(value(line)) for _, _, value in series for line in lines]
    low, high = math.floor(min(tens)), math.ceil(max(tens))
    first, last = math.log10(lines[0]["rows"]), math.log10(lines[-1]["rows"])
    x = lambda rows: 70 + 480 * (math.log10(rows) - first) / max(1e-9, last - first)
    y = lambda number: 330 - 300 * (math.log10(number) - low) / max(1, high - low)
    marks = [f'<text x="60" y="{y(10**ten) + 4:.0f}" text-anchor="end">{10.0**ten:g}</text><path d="M70 {y(10**ten):.1f}H550" stroke="#ddd"/>'
             for ten in range(low, high + 1)]
    marks += [f'<text x="{x(line["rows"]):.0f}" y="352" text-anchor="middle">{line["rows"]:.1e}</text>' for line in lines]
    for number, (name, colour, value) in enumerate(series):
        points = " ".join(f"{x(line['rows']):.1f},{y(value(line)):.1f}" for line in lines)
        marks.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        marks.append(f'<text x="80" y="{30 + 18 * number}" fill="{colour}">{name}</text>')
    return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 370" font-family="sans-serif" font-size="13">'
            + "".join(marks) + '<text x="310" y="368" text-anchor="middle">transactions</text></svg>\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="1e6,1e7")
    parser.add_argument("--memory", default="8GiB")
    parser.add_argument("--little", default="2GiB")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--csv-bytes", type=float, default=20e9)
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("--plot", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    options = parser.parse_args()
    lines = []
    for rows in options.rows.split(","):
        with tempfile.TemporaryDirectory(prefix="cohort-scale-", dir=options.folder) as folder:
            lines.append(Bench(options, pathlib.Path(folder), float(rows)).measure())
        print(json.dumps(lines[-1]), flush=True)
    print(table_of(lines), end="")
    if options.plot:
        options.plot.write_text(plot_of(lines))
    sys.exit(0 if all(line["same_store"] and line["same_results"] and line["within"] for line in lines) else 1)


if __name__ == "__main__":
    main()
