#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/faults.sh N [SEED [POINT...]]
# Runs tests/kills.yaml on 1 to 4 ranks, again and again, with things going wrong at random fault points (many gentle ones
# in a launch: errors, delays, short writes, full disks, flipped bits, no memory; or one deadly one: exit, SIGKILL) until N
# have. Each launch has a point (of those named, or of all) whose first hit goes wrong every second time, so that rare ones
# have their turn; with N >= 1000 each has two at least, from the start and from a run stopped in mid-fit. Each run must
# end by itself, in time, with success or a known exit code; a run after it without faults must finish the work with the
# bytes of a run nobody touched. Runs the build's tests/cohort_faults.
# Prints how often each point fired, fails for one that never did (N >= 1000), and last "N passed, N failed" (in launches).
set -uo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
root=$(readlink -f "$here/..")
cohort=${COHORT_FAULTS:-$root/build/tests/cohort_faults}
[[ ${1:-} =~ ^[0-9]+$ && -x $cohort ]] || { sed -n '3,10s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 64; }
trap "exit 1" INT TERM
wanted=$1 seed=${2:-1} job=$here/kills.yaml known=' 0 1 14 15 65 66 74 75 '
RANDOM=$seed
export OMPI_MCA_odls_base_sigkill_timeout=0 # a launch that fails need not be waited for
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Little memory, so that rows wait on disk; one step reads a compressed file.
awk 'BEGIN { for (i = 0; i < 3000; ++i) print i % 7, 10 + i % 5, 20 + i % 3, 30 + i % 11 }' | gzip >"$work/baskets.gz"
small=(--set generate.customers=2000 --set kmeans.n_init=2 --set run.checkpoint_every=0 --set run.memory_per_rank=8MiB --threads 2
  --set rules.format=fimi --set rules.input="$work/baskets.gz" --set sequences.min_support=0.1)
mapfile -t points < <(grep -rhoE 'fault_(point|length|bytes)\("[a-z_0-9.]+"' "$root"/{core,io,algorithms,jobs} | sed 's/.*"\(.*\)"/\1/' | sort -u)
if (($# > 2)); then turns=("${@:3}"); else turns=("${points[@]}"); fi
fewest=$((wanted < 1000 ? 0 : 2 * ${#turns[@]})) # launches

hashes() {
  (cd "$1" && find . -type f ! -name run.json ! -name report.html -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum)
}
"$cohort" run "$job" --out "$work/whole" --ranks 2 "${small[@]}" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
hashes "$work/whole" >"$work/expected"
touch "$work/fired"

# A run that was stopped in mid-fit, so that reading a checkpoint can go wrong too. Always at the same path: the
# generated files are inputs of the next step.
until [[ -d $work/stopped ]]; do
  rm -rf "$work/out"
  "$cohort" run "$job" --out "$work/out" --until rfm "${small[@]}" >"$work/log" 2>&1
  "$cohort" resume "$job" --out "$work/out" "${small[@]}" >"$work/log" 2>&1 &
  until compgen -G "$work/out/kmeans.checkpoint/*.checkpoint" >/dev/null || ! kill -0 $! 2>/dev/null; do sleep 0.002; done
  kill -USR1 $! 2>/dev/null
  wait $! || mv "$work/out" "$work/stopped"
done

# disturbed RANKS: runs with faults until it succeeds, three times at most; sets `code`.
disturbed() {
  local turn
  for turn in 1 2 3; do
    COHORT_FAULT=$seed$launch$turn:$rate:$mode:$point COHORT_FAULT_LOG=$work/fired \
      timeout 120 "$cohort" resume "$job" --out "$work/out" --ranks "$1" "${small[@]}" >"$work/log" 2>&1
    code=$?
    [[ $code != 0 && ($known == *" $code "* || ($mode == deadly && $code == 7)) ]] || return
  done
}

passed=0 failed=0
for ((launch = 1; launch <= fewest || $(wc -l <"$work/fired") < wanted; launch++)); do
  # Where next to nothing goes wrong before, a launch comes far enough to meet the late points.
  ranks=$((1 + RANDOM % 4)) mode=gentle rate=0.00000$((1 + RANDOM % 9)) point=${turns[launch % ${#turns[@]}]}
  ((RANDOM % 2)) && rate=0.0$((2 + RANDOM % 8))
  if ((RANDOM % 4 == 0)); then mode=deadly rate=0.000$((1 + RANDOM % 4)); fi
  rm -rf "$work/out"
  if (((launch + launch / ${#turns[@]}) % 2)) || [[ $point == checkpoint.read ]]; then cp -a "$work/stopped" "$work/out"; fi
  disturbed $ranks
  wrong=
  [[ $known == *" $code "* || ($mode == deadly && $code == 7) ]] || wrong="ended with $code"
  timeout 120 "$cohort" resume "$job" --out "$work/out" --ranks $((1 + RANDOM % 4)) "${small[@]}" >"$work/log2" 2>&1 || wrong+=" no resume"
  hashes "$work/out" >"$work/found"
  cmp -s "$work/expected" "$work/found" || wrong+=" other bytes: $(diff "$work/expected" "$work/found" | awk 'NF > 2 { print $3 }' | sort -u | tr '\n' ' ')"
  if [[ -z $wrong ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'launch %d, %d ranks, %s, %s: %s\n' $launch $ranks "$mode at $rate" "$point" "$wrong"
    tail -n 4 "$work/log" "$work/log2" | sed 's/^/        /'
  fi
done
sort "$work/fired" | uniq -c | sort -k2
for point in "${points[@]}"; do
  grep -q "^$point " "$work/fired" && continue
  echo "never fired: $point"
  ((wanted < 1000)) || failed=$((failed + 1))
done
printf '%d faults at %d points in %d launches\n' "$(wc -l <"$work/fired")" "$(cut -d' ' -f1 "$work/fired" | sort -u | wc -l)" $((launch - 1))
printf '%d passed, %d failed\n' $passed $failed
((failed == 0))
