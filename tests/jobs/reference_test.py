#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""configs/REFERENCE.md and configs/job.schema.json are what the program says of itself, and every config validates.

usage: reference_test.py COHORT           checks
       reference_test.py COHORT --write   writes both files again
"""
import subprocess
import sys
from pathlib import Path

cohort = Path(sys.argv[1]).resolve()
configs = Path(__file__).resolve().parents[2] / "configs"


def says(*arguments):
    return subprocess.run([cohort, *arguments], capture_output=True, text=True, check=True, timeout=60).stdout


generated = {"REFERENCE.md": says("describe", "all"), "job.schema.json": says("describe", "all", "--json")}
if "--write" in sys.argv:
    for name, text in generated.items():
        (configs / name).write_text(text)
    sys.exit(0)

failed = 0
for name, text in generated.items():
    if not (configs / name).exists() or (configs / name).read_text() != text:
        print(f"FAILED  configs/{name} is stale: run tests/jobs/reference_test.py build/cohort --write")
        failed += 1
for config in sorted(configs.glob("*.yaml")):
    done = subprocess.run([cohort, "validate", config], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        print(f"FAILED  {config.name}: {done.stderr}")
        failed += 1
print(f"{len(generated) + len(list(configs.glob('*.yaml'))) - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
