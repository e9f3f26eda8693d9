#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a bare Debian 12 to a report: installs what is missing, builds, generates a small retailer's sales, and finds
# segments of its customers on two ranks. The last line is the path of the report.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
source .ci/setup.sh

out=${COHORT_OUT:-$PWD/build/quickstart}
set_up cohort
say "running configs/quickstart.yaml on 2 ranks into $out"
build/cohort run configs/quickstart.yaml --ranks 2 --out "$out" --overwrite
python3 - "$out/kmeans/result.json" <<'PYTHON'
import json, sys
table = next(t for t in json.load(open(sys.argv[1]))["tables"] if t["name"] == "segments")
rows = [[f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row] for row in [table["columns"]] + table["rows"]]
widths = [max(map(len, column)) for column in zip(*rows)]
print()
for row in rows:
    print("  ".join(cell.rjust(width) for cell, width in zip(row, widths)))
PYTHON
printf '\n%s\n' "$out/kmeans/report.html"
