#!/usr/bin/env bash
# Ends the Slurm that start-slurm.sh started in a directory, and waits until it is gone. What its jobs started, they end.
#
#   stop-slurm.sh DIRECTORY
set -uo pipefail
state=${1:?usage: stop-slurm.sh DIRECTORY}

end() { # the process in a file, which is gone when this returns
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 0
  kill "$pid" 2>/dev/null || return 0
  for _ in $(seq 100); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null
}

export SLURM_CONF=$state/slurm.conf
# Jobs outlive slurmd: they are ended while somebody still can.
if [ -s "$state/slurmctld.pid" ] && kill -0 "$(cat "$state/slurmctld.pid")" 2>/dev/null; then
  scancel --user="$(id -un)" 2>/dev/null
  for _ in $(seq 100); do
    [ -z "$(squeue --noheader 2>/dev/null)" ] && break
    sleep 0.1
  done
fi
for pid in "$state"/slurmd-*.pid "$state/slurmctld.pid" "$state/munged.pid"; do
  end "$pid"
done
exit 0
