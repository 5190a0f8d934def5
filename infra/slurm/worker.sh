#!/bin/bash -l
# The job of a cluster: one worker for each of its GPUs, until all of them have ended. Inkling fills in the words between
# at signs and hands this to sbatch. A login shell, so that the setup may load modules.
secrets=@ENVIRONMENT@
gpus=@GPUS@
worker=(@WORKER@)
# So often a worker is started anew. What crashes more often than that crashes for a reason that stays.
restarts=3

servers=()
ending=
# Slurm says USR1 a little before the time is over, TERM when the job is cancelled. On TERM a worker lets its stage write
# a checkpoint and hands it back, so that another machine goes on from there.
pass_on() {
  ending=yes
  [ ${#servers[@]} = 0 ] || kill -TERM "${servers[@]}" 2>/dev/null
}
trap pass_on USR1 TERM

# Signals interrupt a wait, but the process goes on.
until_gone() {
  while kill -0 "$1" 2>/dev/null; do
    wait "$1"
  done
  wait "$1"
}

# Workers of one job are idle together, and end together when one of them cannot go on: an experiment counts on all of
# them for as long as the job is there, and would wait in vain.
INKLING_BUSY_FILE=$(mktemp)
export INKLING_BUSY_FILE
trap 'rm -f "$INKLING_BUSY_FILE"' EXIT
# A checkpoint may be large and its bucket far away. After USR1 there is this time, after TERM what Slurm's KillWait says.
export INKLING_STOP_SECONDS=@STOP@

# One worker on one device. Exit code 0: it was idle or its life is over; 143: it was told to end; 3: it can never work.
serve() {
  local device=$1 child='' ending='' crashes=0 code
  trap 'ending=yes; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM
  # Empty for a job without GPUs: those that its node may have are somebody else's.
  export CUDA_VISIBLE_DEVICES=$device
  while :; do
    "${worker[@]}" &
    child=$!
    [ -z "$ending" ] || kill -TERM "$child" 2>/dev/null
    until_gone "$child"
    code=$?
    [ "$code" != 143 ] || [ -z "$ending" ] || return 0
    case $code in 0 | 143) return "$code" ;; esac
    crashes=$((crashes + 1))
    echo "The worker${device:+ of GPU $device} ended with exit code $code ($crashes times)."
    [ -z "$ending" ] || return "$code"
    if [ "$code" = 3 ] || [ "$crashes" -gt "$restarts" ]; then
      trap '' TERM
      kill -TERM $$ # the job's own shell, which passes it on
      return "$code"
    fi
    sleep $((2 * crashes)) &
    child=$!
    until_gone "$child"
    [ -z "$ending" ] || return "$code"
  done
}

libraries() (
@LIBRARIES@
)

echo "Job $SLURM_JOB_ID on $(hostname), $(date -u +%FT%TZ)"
# shellcheck source=/dev/null
. "$secrets" || exit 3
rm -f "$secrets"
# A training step allocates and frees a few large blocks, which glibc should keep (as ./inkling has it).
export GLIBC_TUNABLES=${GLIBC_TUNABLES:-glibc.malloc.mmap_threshold=16777216:glibc.malloc.trim_threshold=33554432}

set -e
@SETUP@
set +e

# Behind the setup, which may have seen to them. What is missing now is missing for the next worker too.
if [ "$gpus" -gt 0 ]; then
  found=$(libraries "${secrets%.environment}.torch")
  [ $? -eq 0 ] || exit 3
  set -a
  eval "$found"
  set +a
fi

if [ -n "${CUDA_VISIBLE_DEVICES:-}" ]; then
  IFS=, read -r -a devices <<<"$CUDA_VISIBLE_DEVICES"
elif [ "$gpus" -gt 0 ]; then
  read -r -a devices <<<"$(seq -s ' ' 0 $((gpus - 1)))"
else
  devices=('')
fi
if command -v nvidia-smi >/dev/null; then
  nvidia-smi --query-gpu=index,name,memory.total,driver_version --format=csv,noheader
fi

for device in "${devices[@]}"; do
  serve "$device" &
  servers+=($!)
done
[ -z "$ending" ] || pass_on
code=0
for server in "${servers[@]}"; do
  until_gone "$server" || code=$?
done
echo "The job ends with exit code $code, $(date -u +%FT%TZ)"
exit "$code"
