#!/usr/bin/env bash
# A Slurm of two nodes on the loopback address, without systemd: munged, slurmctld and a slurmd for each node, all of them
# as the user who calls, all they keep in one directory. For tests; Debian's packages: slurm-wlm munge.
#
#   start-slurm.sh DIRECTORY [FIRST_PORT]    three ports in a row, from 36817 on
#   export SLURM_CONF=DIRECTORY/slurm.conf   and sbatch, squeue, scontrol, scancel speak to it
#   stop-slurm.sh DIRECTORY
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
state=$(mkdir -p "${1:?usage: start-slurm.sh DIRECTORY [FIRST_PORT]}" && cd "$1" && pwd)
port=${2:-36817}
user=$(id -un)
host=$(hostname -s)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Who starts only a part of it leaves nothing behind.
trap '[ $? = 0 ] || "$here/stop-slurm.sh" "$state"' EXIT

mkdir -p "$state"/{munge,socket,controller,one,two,log}
chmod 700 "$state"/munge
head -c 128 /dev/urandom >"$state/munge/key"
chmod 600 "$state/munge/key"
munged --force --key-file="$state/munge/key" --socket="$state/socket/munge" --pid-file="$state/munged.pid" \
  --log-file="$state/log/munged.log" --seed-file="$state/munge/seed"

# proctrack/linuxproc and task/none want no cgroups, which a container may not have. config_overrides: a node has as many
# cores, GPUs and memory as it says. The times are short, so that a lost node is noticed within a test. Of partition
# either, jobs begin on node two, which weighs less, as long as it is there.
cat >"$state/slurm.conf" <<CONF
ClusterName=inkling-test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$state/socket/munge
CredType=cred/munge
StateSaveLocation=$state/controller
SlurmdSpoolDir=$state/%n
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd-%n.pid
SlurmctldLogFile=$state/log/slurmctld.log
SlurmdLogFile=$state/log/slurmd-%n.log
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=100000,batch_sched_delay=0
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=5
SlurmdTimeout=10
MinJobAge=300
GresTypes=gpu
NodeName=one NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=32 RealMemory=65536 Gres=gpu:h100:2 Weight=2
NodeName=two NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=32 RealMemory=65536 Gres=gpu:h100:2
PartitionName=main Nodes=one Default=YES MaxTime=INFINITE State=UP
PartitionName=frail Nodes=two MaxTime=INFINITE State=UP
PartitionName=either Nodes=one,two MaxTime=INFINITE State=UP
CONF
# Two files stand in for two GPUs: Slurm gives them out, nothing more.
echo 'NodeName=one,two Name=gpu Type=h100 File=/dev/zero,/dev/full' >"$state/gres.conf"
printf 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n' >"$state/cgroup.conf"

export SLURM_CONF=$state/slurm.conf
slurmctld -f "$SLURM_CONF"
for node in one two; do
  slurmd -f "$SLURM_CONF" -N $node
done
for _ in $(seq 200); do
  [ "$(sinfo --noheader --Node --format=%T 2>/dev/null | sort -u || true)" = idle ] && exit 0
  sleep 0.1
done
echo "Slurm's nodes are not idle after 20 s:" >&2
tail -n 20 "$state"/log/*.log >&2
exit 1
