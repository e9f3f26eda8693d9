#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/faults.sh N [SEED]
# Runs tests/kills.yaml on 1 to 4 ranks, again and again, with things going wrong at random fault points (many gentle ones
# in a launch: errors, delays, short writes, full disks, flipped bits, no memory; or one deadly one: exit, SIGKILL) until N
# have. Each run must end by itself, in time, with success or a known exit code; a run after it without faults must
# finish the work with the bytes of a run nobody touched. Needs a binary built with -DCOHORT_FAULTS=ON.
# Prints how often each point fired, fails for one that never did, and last "N passed, N failed" (in launches).
set -uo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
root=$(readlink -f "$here/..")
cohort=${COHORT:-$root/build/cohort}
[[ ${1:-} =~ ^[0-9]+$ && -x $cohort ]] || { sed -n '3,8s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 64; }
trap "exit 1" INT TERM
wanted=$1 seed=${2:-1} job=$here/kills.yaml known=' 0 1 14 15 65 66 74 75 '
RANDOM=$seed
export OMPI_MCA_odls_base_sigkill_timeout=0 # a launch that fails need not be waited for
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
small=(--set generate.customers=2000 --set kmeans.n_init=3 --set run.checkpoint_every=0)

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

passed=0 failed=0
for ((launch = 1; $(wc -l <"$work/fired") < wanted; launch++)); do
  ranks=$((1 + RANDOM % 4)) mode=gentle rate=0.0$((1 + RANDOM % 5))
  if ((RANDOM % 4 == 0)); then mode=deadly rate=0.000$((2 + RANDOM % 8)); fi
  export COHORT_FAULT=$seed$launch:$rate:$mode COHORT_FAULT_LOG=$work/fired
  rm -rf "$work/out"
  ((RANDOM % 3)) || cp -a "$work/stopped" "$work/out"
  timeout 60 "$cohort" resume "$job" --out "$work/out" --ranks $ranks "${small[@]}" >"$work/log" 2>&1
  code=$?
  if ((code != 0)); then
    timeout 60 "$cohort" resume "$job" --out "$work/out" --ranks $ranks "${small[@]}" >>"$work/log" 2>&1
    code=$?
  fi
  unset COHORT_FAULT
  wrong=
  [[ $known == *" $code "* || ($mode == deadly && $code == 7) ]] || wrong="ended with $code"
  timeout 60 "$cohort" resume "$job" --out "$work/out" --ranks $((1 + RANDOM % 4)) "${small[@]}" >"$work/log2" 2>&1 || wrong+=" no resume"
  hashes "$work/out" | cmp -s - "$work/expected" || wrong+=" other bytes"
  if [[ -z $wrong ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'launch %d, %d ranks, %s: %s\n' $launch $ranks "$mode at $rate" "$wrong"
    tail -n 4 "$work/log" "$work/log2" | sed 's/^/        /'
  fi
done
sort "$work/fired" | uniq -c | sort -k2
grep -rhoE 'fault_(point|length|bytes)\("[a-z_.]+"' "$root"/{core,io,algorithms,jobs} | sed 's/.*"\(.*\)"/\1/' | sort -u >"$work/points"
while read -r point; do
  grep -q "^$point " "$work/fired" && continue
  echo "never fired: $point"
  ((wanted < 1000)) || failed=$((failed + 1))
done <"$work/points"
printf '%d faults in %d launches\n' "$(wc -l <"$work/fired")" $((launch - 1))
printf '%d passed, %d failed\n' $passed $failed
((failed == 0))
