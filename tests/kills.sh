#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/kills.sh N [SEED]
# N times: starts tests/kills.yaml on 2 to 4 ranks, kills a rank or all processes with SIGKILL, and continues on another
# number of ranks. Each step has its turn, killed at a random moment of it, or just when its checkpoint is being written,
# when its report is, or before its folder gets its name. Where N is enough to kill each step three times, those that
# ended before they were struck have more turns. Every deterministic file must equal that of a run nobody touched,
# finished steps must have been kept, the dataset must verify, and nothing half-made may be left.
# Prints a row for each kill, how often each step and moment was hit, and last "N passed, N failed".
set -uo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
cohort=${COHORT:-$(readlink -f "$here/..")/build/cohort}
[[ ${1:-} =~ ^[0-9]+$ && -x $cohort ]] || { sed -n '3,9s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 64; }
kills=$1 job=$here/kills.yaml
RANDOM=${2:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What appears just before the moment, below --out; %s is the step. Only the steps of `iterative` write checkpoints.
declare -A sign=([checkpoint]='%s.checkpoint/*.partial-*' [report]='%s.partial/result.json' [rename]='%s.partial/report.html')
moments=(random report random rename)
iterative='^(kmeans|sweep|logistic|smaller|glm|descent|softmax)$'

# hashes FOLDER: a line for each file whose bytes are promised. run.json and report.html tell of this very run.
hashes() {
  (cd "$1" && find . -type f ! -name run.json ! -name report.html -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum)
}
# below PROCESS: all its descendants, itself last.
below() {
  local child
  for child in $(pgrep -P "$1"); do below "$child"; done
  echo "$1"
}
# seconds_of STEP: what the step took in the run that nobody touched.
seconds_of() { python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["phases"][0]["wall_s"])' "$work/whole/$1/run.json"; }

"$cohort" run "$job" --out "$work/whole" --ranks 2 >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
hashes "$work/whole" >"$work/expected"
mapfile -t steps < <(sed -n 's/: running$//p' "$work/log")
declare -A hit=() seconds=()
for step in "${steps[@]}"; do seconds[$step]=$(seconds_of "$step"); done

# await STEP MOMENT PROCESS: until the moment to strike, or the end of the process.
await() {
  local pattern=${sign[$2]:-}
  until grep -q "^$1: running" "$work/log" 2>/dev/null || ! kill -0 "$3" 2>/dev/null; do sleep 0.005; done
  if [[ $2 == random ]]; then
    sleep "$(awk -v s="${seconds[$1]}" -v r=$RANDOM 'BEGIN { printf "%.3f", s * 1.1 * r / 32768 }')"
  else
    pattern=$work/out/${pattern/\%s/$1}
    until compgen -G "$pattern" >/dev/null || ! kill -0 "$3" 2>/dev/null; do :; done # a sleep would miss it
  fi
}
# kill_one STEP MOMENT RANKS: sets `victim` and `code`.
kill_one() {
  local process ranks=$3 pids
  : >"$work/log" # the last run must not be taken for this one
  "$cohort" run "$job" --out "$work/out" --ranks "$ranks" >"$work/log" 2>&1 &
  process=$!
  until grep -q "^${steps[0]}: running" "$work/log" 2>/dev/null || ! kill -0 $process 2>/dev/null; do sleep 0.005; done
  victim=all
  mapfile -t pids < <(below $process)
  if ((RANDOM % 3)); then
    mapfile -t pids < <(for pid in "${pids[@]}"; do
      tr '\0' '\n' 2>/dev/null <"/proc/$pid/environ" | grep -q '^OMPI_COMM_WORLD_RANK=' && echo "$pid"
    done)
    victim="rank process $((RANDOM % ranks))"
    ((${#pids[@]})) && pids=("${pids[${victim##* } % ${#pids[@]}]}")
  fi
  await "$1" "$2" $process
  ((${#pids[@]})) && kill -KILL "${pids[@]}" 2>/dev/null || victim="none: it had ended"
  wait $process 2>/dev/null
  code=$?
}

# examine STEP: what is wrong after the continued run; nothing if all is well.
examine() {
  local step
  hashes "$work/out" >"$work/found"
  cmp -s "$work/expected" "$work/found" || { echo "other bytes: $(diff "$work/expected" "$work/found" | awk '{print $3}' | sort -u | tr '\n' ' ')"; return; }
  find "$work/out" -name '*.partial*' -o -name '*.checkpoint' | grep -q . && { echo "left behind: $(find "$work/out" -name '*.partial*' -o -name '*.checkpoint')"; return; }
  "$cohort" verify "$work/out/shop.cohort" >/dev/null 2>&1 || { echo "the dataset does not verify"; return; }
  for step in "${steps[@]}"; do
    [[ $step == "$1" ]] && return
    grep -q "^$step: finished before, kept" "$work/log" || { echo "$step was lost"; return; }
  done
}

# missed: a step that has not been hit three times, if there were turns enough for all.
missed() {
  local step
  ((kills >= 3 * ${#steps[@]})) || return
  for step in "${steps[@]}"; do ((${hit[$step]:-0} >= 3)) || { echo "$step"; return; }; done
}

passed=0 failed=0
printf '%4s  %-10s %-10s  %-18s %5s %6s  %s\n' kill step moment victim code ranks result
for ((i = 0; i < kills || (i < 2 * kills && ${#step}); i++)); do
  ((i < kills)) && step=${steps[i % ${#steps[@]}]}
  first=$((2 + RANDOM % 3)) second=$((1 + RANDOM % 4))
  moment=${moments[(i / ${#steps[@]} + i) % ${#moments[@]}]}
  ((i / ${#steps[@]} % 2)) && [[ $step =~ $iterative ]] && moment=checkpoint
  ((second == first)) && second=$((first % 4 + 1))
  rm -rf "$work/out"
  kill_one "$step" $moment $first
  [[ $victim == none* ]] || hit[$step]=$((${hit[$step]:-0} + 1)) hit[$moment]=$((${hit[$moment]:-0} + 1))
  wrong=
  sleep 0.1
  timeout 300 "$cohort" resume "$job" --out "$work/out" --ranks $second >"$work/log" 2>&1 || wrong="resume failed: $(tail -n 3 "$work/log" | tr '\n' ' ')"
  [[ -n $wrong ]] || wrong=$(examine "$step")
  gone_on=$(grep -c 'going on from a checkpoint' "$work/log")
  printf '%4d  %-10s %-10s  %-18s %5d  %d>%d   %s\n' $((i + 1)) "$step" "$moment" "$victim" "$code" $first $second \
    "${wrong:-same bytes}$( ((gone_on)) && echo ", from a checkpoint")"
  if [[ -z $wrong ]]; then passed=$((passed + 1)); else failed=$((failed + 1)) && sed 's/^/        /' "$work/log"; fi
  ((i + 1 < kills)) || step=$(missed)
done
for what in "${steps[@]}"; do printf '%s: killed %d times\n' "$what" "${hit[$what]:-0}"; done
for what in random checkpoint report rename; do printf 'moment %s: %d times\n' "$what" "${hit[$what]:-0}"; done
printf '%d passed, %d failed\n' $passed $failed
((failed == 0))
