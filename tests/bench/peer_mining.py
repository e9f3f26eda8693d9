# SPDX-License-Identifier: Apache-2.0
"""Peers of the mining kernels: Borgelt's programs (pyfim), SPMF (COHORT_SPMF: its jar) and Spark (pyspark), each with counts alone.

Single threaded but for Spark. Left out of a peer's time: the conversion of Python's lists for Borgelt (the same call at support 1,
which also counts its items; ours counts and codes them inside its time), the start of the machine for SPMF and Spark."""
import json
import os
import pathlib
import subprocess
import time

HEAP = "3g"


def baskets_of(bench):
    with open(bench["file"], encoding="ascii") as file:
        return [[int(item) for item in line.split()] for line in file]


def borgelt_call(algorithm, baskets, support):
    """Seconds, CPU seconds and sets of pyfim; it leaves out the sets of items that are in all baskets."""
    import fim

    start, cpu = time.perf_counter(), time.process_time()
    spectrum = getattr(fim, algorithm)(baskets, target="s", supp=100 * support, zmin=1, report="=")
    return time.perf_counter() - start, time.process_time() - cpu, sum(int(row[2]) for row in spectrum)


def borgelt_itemsets(bench):
    """The faster of eclat and fpgrowth."""
    baskets = baskets_of(bench)
    in_all = len(set.intersection(*map(set, baskets)))
    results = []
    for algorithm in ("eclat", "fpgrowth"):
        conversion, whole = (
            # The best of each: the best of their difference would be the one with the worst conversion.
            [min(column) for column in zip(*(borgelt_call(algorithm, baskets, support) for _ in range(bench["repeats"])))]
            for support in (1.0, bench["support"])
        )
        results.append({"seconds": whole[0] - conversion[0], "cpu_s": whole[1] - conversion[1], "found": whole[2] + 2**in_all - 1, "threads": 1})
    return min(results, key=lambda result: result["seconds"])


def spmf_sequences(bench):
    """The faster of PrefixSpan and CM-SPADE, reading included (ours too)."""
    driver = pathlib.Path(__file__).with_name("SpmfPeer.java")
    results = []
    for algorithm in ("prefixspan", "cmspade"):
        words = ["java", f"-Xmx{HEAP}", "-cp", os.environ["COHORT_SPMF"], driver, bench["file"], algorithm, bench["support"], bench["repeats"]]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True)
        results.append({**json.loads(done.stdout.splitlines()[-1]), "threads": 1})
    return min(results, key=lambda result: result["seconds"])


def spark_session(bench):
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(f"local[{bench['threads']}]").config("spark.driver.memory", HEAP)
    return builder.config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false").config("spark.log.level", "ERROR").getOrCreate()


def spark_best(bench, work):
    """The fastest of the repeats in one warm machine; its CPU time is not known to this process."""
    best = None
    for _ in range(bench["repeats"]):
        start = time.perf_counter()
        found = work()
        seconds = time.perf_counter() - start
        best = seconds if best is None else min(best, seconds)
    return {"seconds": best, "cpu_s": 0.0, "found": found}


def spark_itemsets(bench):
    from pyspark.ml.fpm import FPGrowth

    session = spark_session(bench)
    rows = [(sorted(set(basket)),) for basket in baskets_of(bench)]
    table = session.createDataFrame(rows, ["items"]).repartition(bench["threads"]).cache()
    table.count()
    return spark_best(bench, lambda: FPGrowth(minSupport=bench["support"]).fit(table).freqItemsets.count())


def sequences_of(bench):
    with open(bench["file"], encoding="ascii") as file:
        for line in file:
            elements = line.split(" -2")[0].split("-1")
            yield ([[int(item) for item in element.split()] for element in elements if element.strip()],)


def spark_sequences(bench):
    from pyspark.ml.fpm import PrefixSpan

    table = spark_session(bench).createDataFrame(list(sequences_of(bench)), ["sequence"]).repartition(bench["threads"]).cache()
    table.count()
    span = PrefixSpan(minSupport=bench["support"], maxPatternLength=1000, maxLocalProjDBSize=32_000_000)
    return spark_best(bench, lambda: span.findFrequentSequentialPatterns(table).count())


def java_version():
    return subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr.splitlines()[0]


def mining_versions():
    """What of these can run here."""
    found = {}
    try:
        import fim

        found["borgelt"] = getattr(fim, "__version__", "pyfim")
    except ImportError:
        pass
    try:
        java = java_version()
    except (OSError, subprocess.CalledProcessError):
        return found
    if os.environ.get("COHORT_SPMF"):
        found["spmf"] = java
    try:
        import pyspark
        import pyspark.ml.fpm  # needs numpy too

        found["spark"] = pyspark.__version__
    except ImportError:
        pass
    return found
