# SPDX-License-Identifier: Apache-2.0
"""The kernels of compare.py. Each runs ours once and returns {"seconds", "cpu_s"} and the numbers a peer must agree on."""
import shutil
from collections.abc import Callable
from dataclasses import dataclass

from workbench import REPEATS, Workbench, bytes_below

ITERATIONS = 10
DENSE = ("t40 0.01", "t40 0.006", "mushroom 0.1", "mushroom 0.05")
SPARSE = ("t10 0.001", "t10 0.0002", "retail 0.001", "retail 0.0002", "T10I4D100K 0.001", "T10I4D100K 0.0003")
SEQUENCES = ("t10x8 0.02", "SIGN 0.2", "SIGN 0.1", "LEVIATHAN 0.1", "LEVIATHAN 0.02")
GROUPS = ("k1e2", "k1e5", "k1e7")
PENALTY = 1  # of the linear models: scikit-learn's default
SEEDING_PASSES = 10  # over the points: five rounds of k-means|| with twice as many candidates as clusters
WITHOUT_DISTINCT = ['features.basket=""', 'features.item=""']


def cost(run_record, step):
    """Wall and CPU seconds of a whole step: reading, computing, writing, fsync."""
    phase = next(phase for phase in run_record["phases"] if phase["phase"] == step)
    return {"seconds": phase["wall_s"], "cpu_s": phase["cpu_s"]}


def csv_parse(bench, _variant, _index):
    return bench.drive("kernel_bench", "csv_parse", bench.threads, *bench.csv_files)


def on_store(kernel):
    return lambda bench, _variant, _index: bench.drive("kernel_bench", kernel, bench.threads, bench.store)


def ingest(bench, _variant, _index):
    shutil.rmtree(bench.scratch, ignore_errors=True)
    result, record = bench.job("ingest", bench.scratch, [bench.csv_setting])
    metrics = result["metrics"]
    return {
        **cost(record, "ingest"),
        "rows": metrics["rows_transactions"],
        "customers": metrics["customers"],
        "bytes": bytes_below(bench.scratch / "shop.cohort"),
    }


def scan_features(bench, dataset, variant):
    settings = [f"dataset={dataset}"] + (WITHOUT_DISTINCT if variant == "without distinct" else [])
    result, record = bench.job("features", bench.scratch, settings)
    return {**cost(record, "features"), "customers": result["metrics"]["customers"]}


def features(bench, variant, _index):
    """The best of as many runs as the peer has, each a process of its own."""
    shutil.rmtree(bench.scratch, ignore_errors=True)
    return min((scan_features(bench, bench.store, variant) for _ in range(REPEATS)), key=lambda cost: cost["seconds"])


def features_with_ingest(bench, variant, index):
    first = ingest(bench, variant, index)
    second = scan_features(bench, "shop.cohort", variant)
    return {name: first[name] + second[name] for name in ("seconds", "cpu_s")} | {"customers": second["customers"]}


def kmeans_program(mode):
    def run(bench, _variant, index):
        points = bench.points
        last = ITERATIONS if mode == "lloyd" else index
        shape = (points["rows"], points["columns"], points["clusters"], last)
        return bench.drive("kmeans_bench", mode, bench.threads, bench.points_file, *shape)

    return run


def itemsets(bench, variant, _index):
    """Whole: counting and coding the items, planning, mining; baskets in memory as numbers."""
    data = bench.mining_data(variant)
    return bench.drive("itemsets_bench", data["file"], data["support"], bench.threads, data["repeats"])


def sequences(bench, variant, _index):
    """Whole: reading the file and mining."""
    data = bench.mining_data(variant)
    result = bench.drive("sequences_bench", data["file"], data["min_count"], bench.threads, REPEATS)
    reading = result.pop("read_seconds")
    return {**result, "seconds": result["seconds"] + reading, "cpu_s": result["cpu_s"] + reading}


def group_by(bench, variant, _index):
    """From the store in the page cache to all groups in memory, in the order of keys."""
    return bench.drive("group_bench", bench.threads, bench.grouped, variant)


def linear_program(model):
    def run(bench, _variant, _index):
        shape = (bench.points["rows"], bench.points["columns"])
        return bench.drive("linear_bench", model, bench.threads, bench.linear_file(model), *shape, PENALTY)

    return run


def rows_read(bench):
    """Each value of the table once, as float64."""
    return 8e-9 * bench.points["rows"] * bench.points["columns"], "read_gb_s"


def flops(passes):
    """Of `passes` over the points: a multiplication and an addition for each point, cluster and dimension."""
    return lambda bench: (2e-9 * passes * bench.points["rows"] * bench.points["columns"] * bench.points["clusters"], "fma_gflop_s")


def text_bytes(bench):
    return 1e-9 * sum(path.stat().st_size for path in bench.csv_files), "read_gb_s"


def stored_bytes(bench):
    return 1e-9 * bytes_below(bench.store, "shard-*"), "read_gb_s"


def decoded_bytes(per_row):
    return lambda bench: (1e-9 * per_row * bench.events, "read_gb_s")


@dataclass(frozen=True)
class Kernel:
    ours: Callable[[Workbench, str, int], dict]
    peers: tuple[str, ...]
    work: Callable[[Workbench], tuple[float, str]] | None  #: what it cannot avoid, and the limit of the probe that bounds it
    variants: tuple[str, ...] = ("",)
    tolerance: float = 1e-9  #: of the numbers a peer must agree on, relative
    pairs: int = 5
    mines: bool = False  #: a variant names its data and support


KERNELS = {
    "csv_parse": Kernel(csv_parse, ("polars", "duckdb"), text_bytes),
    "ingest": Kernel(ingest, ("duckdb",), text_bytes),
    "features": Kernel(features, ("duckdb",), stored_bytes, ("", "peer sorted", "without distinct")),
    "features_with_ingest": Kernel(features_with_ingest, ("duckdb",), text_bytes),
    "scan": Kernel(on_store("scan"), ("polars", "duckdb"), decoded_bytes(28)),
    "moments": Kernel(on_store("moments"), ("duckdb", "numpy"), decoded_bytes(12)),
    "quantiles": Kernel(on_store("quantiles"), ("duckdb", "numpy"), decoded_bytes(12)),
    "group_by": Kernel(group_by, ("duckdb",), lambda bench: (8e-9 * bench.grouped_rows, "read_gb_s"), GROUPS),
    # No probe bounds mining: its work is the sets there are, each by another path.
    "itemsets_dense": Kernel(itemsets, ("borgelt",), None, DENSE, mines=True),
    "itemsets_sparse": Kernel(itemsets, ("borgelt", "spark"), None, SPARSE, mines=True),
    "sequences": Kernel(sequences, ("spmf", "spark"), None, SEQUENCES, mines=True),
    "kmeans": Kernel(kmeans_program("lloyd"), ("sklearn",), flops(1), tolerance=1e-6),
    # lbfgs stops further from the optimum than we do.
    "logistic": Kernel(linear_program("logistic"), ("sklearn",), rows_read, ("newton-cholesky", "lbfgs"), tolerance=1e-6),
    "ridge": Kernel(linear_program("ridge"), ("sklearn",), rows_read, tolerance=1e-8),
    # Two seedings differ: over the seeds ours must not be the worse one.
    "kmeans_init": Kernel(kmeans_program("init"), ("sklearn",), flops(SEEDING_PASSES), tolerance=1e-2, pairs=10),
}
