# SPDX-License-Identifier: Apache-2.0
"""The measures measured: intervals, agreement, formulas; and each kernel run once, small: bench_test.py COHORT."""
import pathlib
import subprocess
import sys
import unittest

import compare
import measure
import scaling
from kernels import KERNELS

BUILD = None


class Measures(unittest.TestCase):
    def test_ratio_of_equal_pairs_is_certain(self):
        self.assertEqual(measure.ratio_interval([6.0] * 5, [2.0] * 5), (3.0, 3.0, 3.0))

    def test_interval_holds_the_ratio(self):
        ratio, low, high = measure.ratio_interval([5, 6, 7, 8, 30], [2, 2, 2, 3, 2])
        self.assertTrue(low <= ratio <= high)
        self.assertEqual(ratio, 7 / 2)

    def test_our_own_work_is_not_foreign(self):
        with measure.ForeignWork() as others:
            sum(range(3_000_000))
        self.assertLessEqual(others.share, 1)

    def test_agreement(self):
        self.assertTrue(compare.agrees({"rows": 3, "sums": [1, 2]}, {"rows": 3, "sums": [1, 2]}, 0))
        self.assertFalse(compare.agrees({"rows": 3, "sums": [1, 2]}, {"rows": 3, "sums": [1, 4]}, 1e-3))
        self.assertTrue(compare.agrees({"inertia": 1.0}, {"inertia": 2.0}, 1e-6))
        self.assertFalse(compare.agrees({"inertia": 2.0}, {"inertia": 1.0}, 1e-6))

    def test_formulas(self):
        verbs = {"p: all_reduce": {"bytes_sent": 120}, "p: all_gather": {"bytes_sent": 120}, "p: broadcast": {"bytes_sent": 120},
                 "p: exchange": {"bytes_sent": 120}}
        first = {"ranks": 2, "verbs": verbs}
        expected = [scaling.expected_bytes(key, first, 4) for key in verbs]
        self.assertEqual(expected, [240, 360, 120, 180])

    def test_formulas_of_the_wire(self):
        verbs = {"p: all_reduce": {"calls": 1, "bytes_sent": 40}, "p: node_reduce": {"calls": 1, "bytes_sent": 400}}
        self.assertEqual(scaling.expected_wire({"verbs": verbs}, 4, 0), 80)  # two rounds; nothing leaves the node
        self.assertEqual(scaling.expected_wire({"verbs": verbs}, 4, 2), 80 + 200)  # 100 bytes each, twice between two leaders

    def test_the_model_has_no_waits_without_calls(self):
        line = {"ranks": 2, "rows": 10, "cpu_outside_s": 1.0, "verbs": {}}
        self.assertEqual(scaling.seconds_in_calls(line, 1e9, 64), 0)
        self.assertIn("| 4096 | 100.0 %", scaling.model_of(line, 1e9))


class Kernels(unittest.TestCase):
    def test_each_runs(self):
        command = [sys.executable, pathlib.Path(compare.__file__), "--build", BUILD, "--scale", "0.001", "--pairs", "1"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in KERNELS:
            self.assertIn(name, done.stdout + done.stderr)


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv.pop(1)).parent
    unittest.main()
