#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/slurm.sh [quick]
# Starts a Slurm controller with two virtual nodes of four cores on this machine, hands it jobs by `cohort submit`, and
# stops it. Needs root, namespaces, Slurm and munge (Debian: slurmctld slurmd slurm-client munge); without them it says so
# and exits 77. Prints a row for each case and last "N passed, N failed". `quick` leaves out what interrupts a job in
# mid-run: those cases need the job to be still running when the interruption comes.
set -uo pipefail
root=$(readlink -f "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/..")
cohort=${COHORT:-$root/build/cohort}
for program in slurmctld slurmd sbatch munged unshare; do
  command -v $program >/dev/null || { echo "skipped: there is no $program"; exit 77; }
done
((EUID == 0)) && unshare --uts --mount true 2>/dev/null || { echo "skipped: virtual nodes need root and namespaces"; exit 77; }

# Not below /tmp: each node has its own, as on a real cluster.
work=$(mktemp -d /var/tmp/cohort-slurm.XXXXXX)
cp "$cohort" "$work/cohort" && cohort=$work/cohort
export SLURM_CONF=$work/slurm.conf OMPI_MCA_pml=ob1 OMPI_MCA_mpi_yield_when_idle=1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
munge_started=0

start_cluster() {
  local node host
  host=$(hostname -s)
  if ! munge -n >/dev/null 2>&1; then
    install -d -o munge -g munge -m 755 /run/munge
    runuser -u munge -- /usr/sbin/munged && munge_started=1
  fi
  mkdir -p "$work"/{state,log,run} && chmod 755 "$work"
  cat >"$SLURM_CONF" <<CONF
ClusterName=cohort
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=26817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=cred_expire=5
SlurmctldPidFile=$work/run/slurmctld.pid
SlurmdPidFile=$work/run/slurmd.%n.pid
SlurmctldLogFile=$work/log/slurmctld.log
SlurmdLogFile=$work/log/slurmd.%n.log
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool.%n
TmpFS=/tmp
MpiDefault=pmix
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=2,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobRequeue=1
ReturnToService=2
KillWait=10
MinJobAge=3600
InactiveLimit=0
PropagateResourceLimits=NONE
SlurmdParameters=config_overrides
CONF
  for node in 1 2; do
    echo "NodeName=n$node NodeHostname=n$node NodeAddr=127.0.0.1 Port=$((27000 + node)) CPUs=4 Boards=1 SocketsPerBoard=1 CoresPerSocket=4 ThreadsPerCore=1 RealMemory=1000 State=UNKNOWN" >>"$SLURM_CONF"
    mkdir -p "$work/spool.n$node" "$work/tmp.n$node" && chmod 1777 "$work/tmp.n$node"
  done
  cat >>"$SLURM_CONF" <<CONF
PartitionName=debug Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=REQUEUE
PartitionName=high Nodes=n1,n2 Default=NO MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
CONF
  slurmctld -f "$SLURM_CONF" >/dev/null 2>&1
  for node in 1 2; do # own host name, shared memory and /tmp
    unshare --uts --mount bash -c "hostname n$node; mount -t tmpfs -o mode=1777 tmpfs /dev/shm
      mount --bind $work/tmp.n$node /tmp; exec slurmd -f $SLURM_CONF -N n$node" >/dev/null 2>&1
  done
  for ((t = 0; t < 100; ++t)); do
    [[ $(sinfo -h -N -p debug -o %t 2>/dev/null | grep -c idle) == 2 ]] && return
    sleep 0.1
  done
  echo "skipped: the virtual cluster did not come up"
  exit 77
}

stop_cluster() {
  local file
  scancel -u root 2>/dev/null
  for file in "$work"/run/slurmd.*.pid "$work/run/slurmctld.pid"; do
    [[ -s $file ]] && kill "$(cat "$file")" 2>/dev/null
  done
  ((munge_started)) && [[ -s /run/munge/munged.pid ]] && kill "$(cat /run/munge/munged.pid)" 2>/dev/null
  sleep 1
  rm -rf "$work"
}
trap stop_cluster EXIT

passed=0 failed=0
# check NAME FOUND EXPECTED
check() {
  local result=ok
  [[ $2 == "$3" ]] || result="FAILED: found '$2', expected '$3'"
  printf '%-64s %s\n' "$1" "$result"
  if [[ $result == ok ]]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}
# digest FOLDER: of all files whose bytes are promised.
digest() {
  (cd "$1" 2>/dev/null && find . -path ./.slurm -prune -o -type f ! -name run.json ! -name report.html -print0 |
    LC_ALL=C sort -z | xargs -0 -r sha256sum | sha256sum | cut -c1-16)
}
submit() { out=$work/$1 && shift && id=$("$cohort" submit "$work/job.yaml" --out "$out" "$@" 2>&1 | tail -1); }
field() { scontrol -o show job "$1" | head -1 | sed -n "s/.*[ ]$2=\([^ ]*\).*/\1/p"; }
# finish JOB: waits until it has ended for good; sets `end` to its state and exit code.
finish() {
  for ((t = 0; t < 3000; ++t)); do
    end="$(field "$1" JobState) $(field "$1" ExitCode)"
    case $end in COMPLETED* | FAILED* | CANCELLED* | TIMEOUT*) sleep 0.2 && return ;; esac
    sleep 0.2
  done
}
# await TEXT JOB: until the job's log holds TEXT.
await() {
  for ((t = 0; t < 300; ++t)); do
    grep -q "$1" "$(field "$2" StdOut)" 2>/dev/null && sleep 0.7 && return
    sleep 0.1
  done
}
log_has() { grep -c "$1" "$(field "$id" StdOut)"; }
# restarted TEXT: whether Slurm put the job back, its controller knows TEXT of it, and the run went on from a checkpoint.
restarted() {
  local known=no resumed=no
  grep -q "$1" "$work/log/slurmctld.log" && known=yes
  (($(log_has 'going on from a checkpoint'))) && resumed=yes
  echo "$(($(field "$id" Restarts) > 0)) $known $resumed"
}

start_cluster
cat >"$work/job.yaml" <<'JOB'
version: 1
run: {name: slurm, random_state: 42, checkpoint_every: 0.2}
dataset: shop.cohort
slurm: {nodes: 2, tasks_per_node: 2, minutes: 10, memory: 900MiB, binding: none}
steps:
  - generate: {customers: 20000, parts: 4}
  - ingest:
      sources:
        transactions:
          path: ${out}/generate/transactions-*.csv
          map: {customer: customer, time: time, basket: invoice, item: item, quantity: quantity, price: price}
          types: {customer: int64, basket: int64}
  - features
  - kmeans: {n_clusters: 8, features: [recency_days, frequency, monetary], log1p: all, scale: standard, n_init: 10}
JOB
long=(--set kmeans.n_init=1200) longer=(--set kmeans.n_init=12000) # some seconds, and more than half a minute
local_run() { "$cohort" run "$work/job.yaml" --out "$work/local-$1" --ranks 2 "${@:2}" >/dev/null 2>&1; digest "$work/local-$1"; }
short_digest=$(local_run short)

submit plain && finish "$id"
check "2 nodes x 2 ranks" "$end $(digest "$out")" "COMPLETED 0:0 $short_digest"
submit mpirun --set slurm.launcher=mpirun && finish "$id"
check "mpirun in the allocation" "$end $(digest "$out")" "COMPLETED 0:0 $short_digest"

submit sweep --set slurm.sweep=kmeans.n_clusters=3,4,5 --set slurm.nodes=1
for k in 3 4 5; do
  finish "${id}_$((k - 3))"
  check "array over k, k=$k" "$end $(digest "$out/kmeans.n_clusters=$k")" "COMPLETED 0:0 $(local_run k$k --set kmeans.n_clusters=$k)"
done

interruptions() {
  long_digest=$(local_run long "${long[@]}")
  # interrupted NAME TEXT COMMAND...: a run that is interrupted in mid-fit, which is TEXT to Slurm's controller, goes on
  # from a checkpoint and ends with the same bytes. What the ranks had to say may not reach the log: TERM goes to them
  # and to srun at once.
  interrupted() {
    local name=$1 text=$2 && shift 2
    submit "${name// /-}" "${long[@]}" && await '^kmeans: running' "$id"
    until compgen -G "$out/kmeans.checkpoint/*.checkpoint" >/dev/null; do sleep 0.05; done
    "$@"
    finish "$id"
    check "$name" "$end $(digest "$out") $(restarted "${text/ID/$id}")" "COMPLETED 0:0 $long_digest 1 yes yes"
  }
  warn() { scancel -b -s USR1 "$id"; }
  requeue() { scontrol requeue "$id"; }
  lose_node() {
    scontrol update nodename=n2 state=down reason=test
    sleep 3
    scontrol update nodename=n2 state=resume 2>/dev/null
  }
  preempt() { sbatch -p high -N 2 --ntasks-per-node=4 -o /dev/null --wrap 'sleep 2' >/dev/null; }
  interrupted "warned in mid-run, 75, requeued" 'JobId=ID' warn
  check "the warning is told in the log" "$(log_has 'back into the queue')" 1
  interrupted "scontrol requeue in mid-run" 'JobId=ID' requeue
  interrupted "a node set down in mid-run" 'JobId=ID due to failure of node n2' lose_node
  interrupted "preempted by another job" 'preempted JobId=ID' preempt

  # A job that needs more than its limit of one minute: warned by Slurm's own clock, as often as it takes.
  submit limit "${longer[@]}" --set slurm.minutes=1 --set slurm.warning_s=30 --set slurm.requeues=30 && finish "$id"
  check "a time limit is reached, and the job finishes" "$end $(digest "$out") $(restarted "JobId=$id")" \
    "COMPLETED 0:0 $(local_run limit "${longer[@]}") 1 yes yes"
  check "each time with a warning before it" "$(($(log_has 'back into the queue') == $(field "$id" Restarts)))" 1

  submit cancelled "${long[@]}" && await '^kmeans: running' "$id"
  "$cohort" cancel "$out" && finish "$id"
  check "cancel" "${end% *} $([[ -e $out/kmeans ]] && echo half)" "CANCELLED "
  "$cohort" resume "$work/job.yaml" --out "$out" --ranks 3 "${long[@]}" >/dev/null 2>&1
  check "continued here after the cancel, on 3 ranks" "$(digest "$out")" "$long_digest"

  submit killed "${long[@]}" && await '^kmeans: running' "$id"
  pkill -KILL -n -f "^$cohort resume $out/.slurm/job.yaml" && finish "$id"
  check "exit code when a rank is killed" "$end" "FAILED 15:0"
}
[[ ${1:-} == quick ]] || interruptions

"$cohort" submit "$work/job.yaml" --out "$work/stages" --set slurm.steps.kmeans.nodes=1 >"$work/ids"
mapfile -t ids <"$work/ids"
finish "${ids[-1]}"
check "a step with other needs waits in a job of its own" "${#ids[@]} $(field "${ids[0]}" NumNodes)$(field "${ids[-1]}" NumNodes) $end $(digest "$work/stages")" \
  "2 21 COMPLETED 0:0 $short_digest"
check "status names the jobs" "$("$cohort" status "$work/stages" | grep -c 'COMPLETED 0:0')" 2

submit missing --set ingest.sources.transactions.path=/nowhere.csv && finish "$id"
check "exit code of a missing input" "$end" "FAILED 66:0"
submit wrong --set kmeans.n_clusters=100000000000 && finish "${id:-0}" 2>/dev/null
check "a wrong key is refused before it is submitted" "$([[ $id =~ ^[0-9]+$ ]] && echo submitted)" ""
printf '%d passed, %d failed\n' $passed $failed
((failed == 0))
