# SPDX-License-Identifier: Apache-2.0
"""How a program is timed so that the number is believed: who else ran, what the machine could do, and how sure a ratio is."""
import json
import os
import random
import resource
import statistics
import time

from workbench import run

RESAMPLES = 2000
IDLE_WAIT_S = 0.3
FOREIGN_SHARE = 0.05  # of the machine that others may take while a pair runs
PROBE_SHARE = 0.9  # of the best probe that the machine must still reach


def _busy_s():
    """CPU seconds the machine has spent, over all processes; a stolen second counts too."""
    with open("/proc/stat", encoding="ascii") as stat:
        user, nice, system, _, _, irq, softirq, steal = map(int, stat.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def _own_s():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


class ForeignWork:
    """The share of the machine that other processes took inside a `with` block."""

    def __enter__(self):
        self._start = (time.monotonic(), _busy_s(), _own_s())
        return self

    def __exit__(self, *_):
        wall, busy, own = (now - then for now, then in zip((time.monotonic(), _busy_s(), _own_s()), self._start))
        self.share = max(0.0, busy - own) / (wall * os.cpu_count())


class Machine:
    """What the machine can do, and whether it is ours alone. The best probe is kept in a file for later runs."""

    def __init__(self, probe, threads, memory):
        self._command, self._memory = [probe, threads], memory
        self.best = json.loads(memory.read_text()) if memory.exists() else {}

    def is_quiet(self):
        with ForeignWork() as others:
            time.sleep(IDLE_WAIT_S)
        now = json.loads(run(self._command))
        self.best = {name: max(value, self.best.get(name, 0)) for name, value in now.items()}
        self._memory.write_text(json.dumps(self.best))
        return others.share <= FOREIGN_SHARE and all(now[name] >= PROBE_SHARE * self.best[name] for name in now)


def measure_pairs(ours, peer, pairs, machine):
    """Results of ours and peer, A B A B. Disturbed pairs are repeated, until as many again have run. Returns the pairs
    that count and whether all of these were quiet."""
    quiet, disturbed = [], []
    while len(quiet) < pairs and len(quiet) + len(disturbed) < 2 * pairs:
        index = len(quiet) + len(disturbed)
        was_quiet = machine.is_quiet()
        with ForeignWork() as others:
            pair = (ours(index), peer(index))
        (quiet if was_quiet and others.share <= FOREIGN_SHARE else disturbed).append(pair)
        if len(disturbed) > pairs // 2 and len(quiet) < len(disturbed):
            break  # a busy machine: more pairs would not help
    return (quiet, True) if len(quiet) >= pairs else (quiet + disturbed, False)


def ratio_interval(numerators, denominators):
    """Ratio of the medians with its 95 % interval, by bootstrap over pairs; the same numbers give the same interval."""
    pairs = list(zip(numerators, denominators))
    draw = random.Random(1)

    def ratio(sample):
        return statistics.median(n for n, _ in sample) / statistics.median(d for _, d in sample)

    resampled = sorted(ratio(draw.choices(pairs, k=len(pairs))) for _ in range(RESAMPLES))
    return ratio(pairs), resampled[RESAMPLES * 25 // 1000], resampled[RESAMPLES * 975 // 1000]
