#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/same_bits.sh CONFIG [RANKS...] [-- ARGUMENT...]
# Runs a job at each number of ranks (default 1 2 3 4 7), each with 1 and 2 threads, and compares the SHA-256 of every
# deterministic file it wrote with the first run's. Arguments after -- go to cohort: -- --set kmeans.n_clusters=3
# Prints a row for each run, the files that differ, and last "N passed, N failed"; exits 1 if any failed.
set -euo pipefail
root=$(readlink -f "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/..")
cohort=${COHORT:-$root/build/cohort}
[[ $# -ge 1 && -f $1 ]] || { sed -n '3,6s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 64; }
config=$1 && shift
ranks=()
while [[ $# -gt 0 && $1 != -- ]]; do ranks+=("$1") && shift; done
[[ $# -gt 0 ]] && shift
[[ ${#ranks[@]} -gt 0 ]] || ranks=(1 2 3 4 7)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# hashes FOLDER: a line for each file whose bytes are promised. run.json and report.html tell of this very run.
hashes() {
  (cd "$1" && find . -type f ! -name run.json ! -name report.html -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum)
}

passed=0 failed=0
row() { printf '%5s %7s  %-6s  %5s  %s\n' "$@"; }
row ranks threads result files sha256
for n in "${ranks[@]}"; do
  for threads in 1 2; do
    this=$work/$n-$threads.hashes
    if ! "$cohort" run "$config" --ranks "$n" --threads "$threads" --out "$work/out" --overwrite "$@" \
      </dev/null >"$work/log" 2>&1; then
      row "$n" "$threads" FAILED - "the job ended with an error:"
      tail -n 5 "$work/log"
      failed=$((failed + 1))
      continue
    fi
    hashes "$work/out" >"$this"
    [[ -f $work/first ]] || cp "$this" "$work/first"
    result=FAILED
    if [[ -s $this ]] && cmp -s "$work/first" "$this"; then result=ok; fi
    row "$n" "$threads" "$result" "$(wc -l <"$this")" "$(sha256sum <"$this" | cut -c1-16)"
    if [[ $result == ok ]]; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
      { diff "$work/first" "$this" || true; } | sed -n 's/^[<>] [0-9a-f]*  /        differs: /p' | LC_ALL=C sort -u
    fi
    rm -rf "$work/out"
  done
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[[ $failed -eq 0 ]]
