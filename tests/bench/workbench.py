# SPDX-License-Identifier: Apache-2.0
"""Programs and data of the benchmarks: where they are, how they are made and how they are run."""
import gzip
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
CUSTOMERS = 490_000  # of the generator: they make ten million transactions
BASKETS = {"t40": 100_000, "t10": 500_000}  # as the sets of IBM's generator with these names
BASKETS_A_SEQUENCE = 8
REAL_MINING = {"mushroom": "fimi/mushroom.dat", "retail": "fimi/retail.dat.gz", "T10I4D100K": "fimi/T10I4D100K.dat.gz"}
REPEATS = 3  # inside a process: the best counts
MOST_REPEATS, WARM_BYTES = 30, 20_000_000  # small files: until the process is warm, on both sides
REAL_SEQUENCES = {"SIGN": "spmf/SIGN.txt", "LEVIATHAN": "spmf/LEVIATHAN.txt"}
LINEAR_MODELS = ("logistic", "ridge")
GROUPED_ROWS = 10_000_000  # of keys without an order
POINTS = {"rows": 1_000_000, "columns": 28, "clusters": 64}


def run(command, **options):
    """What a program printed last; ends with its message if it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}\nended with code {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout.splitlines()[-1] if done.stdout else ""


class Workbench:
    """Finds the programs of a build and keeps the data of one scale in a folder below `data`."""

    def __init__(self, build, data, threads, scale):
        self.cohort = (build / "cohort").resolve()
        self.programs = self.cohort.parent / "tests"
        self.threads = threads
        self.scale = scale
        self.customers = max(500, round(CUSTOMERS * scale))
        self.points = {**POINTS, "rows": max(10 * POINTS["clusters"], round(POINTS["rows"] * scale))}
        self.data = data / f"customers-{self.customers}"
        self.points_file = self.data / "points.f32"
        self.scratch = self.data / "scratch"

    def prepare(self):
        """Makes the data; a folder that was finished is used again."""
        finished = self.data / "finished"
        if finished.exists():
            return
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True)
        run([self.cohort, "generate", "--customers", self.customers, "--set", "generate.parts=8", "--out", self.data / "csv"])
        self.job("ingest", self.data / "shop", [self.csv_setting])
        self.drive("kernel_bench", "points", self.points_file, self.points["rows"], self.points["columns"], 1)
        self.drive("group_bench", "data", self.grouped, self.grouped_rows)
        for model in LINEAR_MODELS:
            self.drive("linear_bench", "data", model, self.linear_file(model), self.points["rows"], self.points["columns"])
        finished.touch()

    @property
    def csv(self):
        return self.data / "csv/generate/transactions-*.csv"

    @property
    def csv_setting(self):
        return f"ingest.sources.transactions.path={self.csv}"

    @property
    def csv_files(self):
        return sorted(self.csv.parent.glob(self.csv.name))

    @property
    def store(self):
        return self.data / "shop/shop.cohort"

    @property
    def events(self):
        return json.loads((self.data / "shop/ingest/result.json").read_text())["metrics"]["rows_transactions"]

    def has(self, variant):
        """Whether the data of a kernel's variant are here: real ones are below COHORT_DATA."""
        name = variant.split(" ")[0]
        real = {**REAL_MINING, **REAL_SEQUENCES}.get(name)
        return real is None or (pathlib.Path(os.environ.get("COHORT_DATA", "/nonexistent")) / real).exists()

    def mining_data(self, variant):
        """File, support and least count of a variant "NAME SUPPORT" of a mining kernel; the file is made once."""
        name, support = variant.split(" ")
        path = self.data / f"{name}.txt"
        if not path.exists():
            fresh = path.with_suffix(".part")
            self._make_mining_data(name, fresh)
            fresh.rename(path)
        with open(path, encoding="ascii") as file:
            lines = sum(1 for _ in file)
        size = path.stat().st_size
        repeats = max(REPEATS, min(MOST_REPEATS, WARM_BYTES // size)) if name in REAL_MINING else REPEATS
        return {"file": str(path), "support": float(support), "min_count": math.ceil(float(support) * lines - 1e-9), "bytes": size, "repeats": repeats}

    def _make_mining_data(self, name, path):
        if name in BASKETS:
            self.drive("itemsets_bench", f"{name}:{max(1000, round(BASKETS[name] * min(1, self.scale)))}", path)
        elif name == "t10x8":
            with open(self.mining_data("t10 1")["file"], encoding="ascii") as file, open(path, "w", encoding="ascii") as out:
                for elements in zip(*[iter(file)] * BASKETS_A_SEQUENCE):
                    out.write(" -1 ".join(element.strip() for element in elements if element.strip()) + " -1 -2\n")
        else:
            source = pathlib.Path(os.environ["COHORT_DATA"]) / {**REAL_MINING, **REAL_SEQUENCES}[name]
            opened = gzip.open(source, "rt") if source.suffix == ".gz" else open(source, encoding="ascii")
            with opened as file, open(path, "w", encoding="ascii") as out:
                for line in file:
                    out.write(" -1 ".join(line.split()) + " -1 -2\n" if name in REAL_SEQUENCES else line)

    @property
    def grouped(self):
        """A store of rows with keys, and each column as int32 beside it."""
        return self.data / "grouped"

    @property
    def grouped_rows(self):
        return max(1000, round(GROUPED_ROWS * self.scale))

    def linear_file(self, model):
        """Columns and label of a linear model as float64, column after column."""
        return self.data / f"{model}.f64"

    def drive(self, program, *words):
        """Runs a program of this folder; what it prints is JSON, if anything."""
        line = run([self.programs / program, *words])
        return json.loads(line) if line else {}

    def job(self, name, out, settings=(), ranks=None):
        """Runs NAME.yaml of this folder into `out`; returns result.json and run.json of its step."""
        words = [word for setting in settings for word in ("--set", setting)]
        words += ["--ranks", ranks] if ranks else []
        job_file = FOLDER / f"{name}.yaml"
        run([self.cohort, "run", job_file, "--out", out, "--overwrite", "--threads", self.threads, *words])
        return tuple(json.loads((out / name / file).read_text()) for file in ("result.json", "run.json"))

    def description(self):
        """What a peer has to know, as JSON."""
        paths = {"csv": self.csv, "points_file": self.points_file, "grouped": self.grouped, "data": self.data, "scratch": self.scratch}
        paths |= {model: self.linear_file(model) for model in LINEAR_MODELS}
        return {**{name: str(path) for name, path in paths.items()}, "threads": self.threads, **self.points}

    def mining_description(self, variant):
        """The same with the data of a mining kernel's variant."""
        return {**self.description(), "mining": {variant: self.mining_data(variant)}}


def bytes_below(folder, pattern="*"):
    return sum(path.stat().st_size for path in folder.rglob(pattern) if path.is_file())


def python_of_peers():
    """The Python that has the peers: COHORT_PEERS, or the one that runs this."""
    return os.environ.get("COHORT_PEERS", sys.executable)
