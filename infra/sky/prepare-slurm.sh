#!/usr/bin/env bash
# Sets up the real SkyPilot in front of a real Slurm on one machine, for try-on-slurm.sh, and takes both away again.
# Only on a machine that can be thrown away: it runs as root, makes a user and names two hosts.
#
#   prepare-slurm.sh DIRECTORY [FIRST_PORT]    five ports in a row, from 38817 on
#   DIRECTORY/sky                              is then the command; "slurm/inkling-try" is the infra of a task
#   prepare-slurm.sh --remove DIRECTORY
#
# Debian's packages: slurm-wlm munge openssh-server rsync curl. A Python that SkyPilot runs with (python3, or $PYTHON), and
# a Python 3.10 for the runtime that SkyPilot puts on each machine (python3.10, or $PYTHON310); both with pip. Packages are
# fetched here, by pip as it is configured here; the machine itself fetches nothing. Three stand-ins make that possible,
# where a machine in a cloud would ask the internet: curl answers the request for uv's installer with a copy of uv,
# Python 3.10 is there already, and uv has a folder of wheels.
#
# It never calls `sky api stop`, which would end every SkyPilot server on the machine.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
user=inkling-try
version=0.14.1

# Every process of a user, or that has this home in its environment; and the sessions that such a one leads: SkyPilot's
# server renames its executors, which hides their environment, and they outlive it.
processes() {
  local environment pid
  ps -o pid= -u "$user" 2>/dev/null || true
  for environment in /proc/[0-9]*/environ; do
    if grep -qzxF "HOME=$1/home" "$environment" 2>/dev/null; then
      pid=${environment#/proc/}
      pid=${pid%/environ}
      ps -o pid= -s "$pid" 2>/dev/null || echo "$pid"
    fi
  done
}

remove() {
  local directory=$1 pids='' signal uid=
  [ ! -s "$directory/sshd/pid" ] || kill "$(cat "$directory/sshd/pid")" 2>/dev/null || true
  for signal in TERM KILL; do
    pids="$pids $(processes "$directory")" # those of before too: executors stay when the server, by which they were found, has ended
    kill -"$signal" $pids 2>/dev/null || true
    for _ in $(seq 50); do
      [ -n "$(processes "$directory")" ] || break
      sleep 0.1
    done
  done
  [ ! -d "$directory/slurm" ] || "$here/../slurm/test/stop-slurm.sh" "$directory/slurm"
  if uid=$(id -u "$user" 2>/dev/null) && [ "$(getent passwd "$user" | cut -d: -f6)" = "$directory/node" ]; then
    userdel "$user"
    rm -rf "/tmp/uv_cache_$uid"
  fi
  sed -i '/ # inkling-try$/d' /etc/hosts
  # SkyPilot's ssh keeps its sockets there.
  [ ! -s "$directory/home/.sky/user_hash" ] || rm -rf "/tmp/sky_ssh_$(cat "$directory/home/.sky/user_hash")"
  rm -rf "$directory"
}

if [ "${1:-}" = --remove ]; then
  remove "$(cd "${2:?usage: prepare-slurm.sh --remove DIRECTORY}" && pwd)"
  exit
fi

mkdir -p "${1:?usage: prepare-slurm.sh DIRECTORY [FIRST_PORT]}"
directory=$(cd "$1" && pwd)
port=${2:-38817}
if [ -n "$(ls -A "$directory")" ] || id "$user" >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
  echo "This needs root, an empty directory, and a machine without a user $user (prepare-slurm.sh --remove)." >&2
  exit 1
fi
sshd=$(PATH=$PATH:/usr/sbin command -v sshd || true)
for program in sbatch munge rsync curl ssh "${sshd:-sshd}"; do
  command -v "$program" >/dev/null || { echo "There is no $program: apt-get install slurm-wlm munge openssh-server rsync curl" >&2; exit 1; }
done
trap '[ $? = 0 ] || remove "$directory"' EXIT

# --- SkyPilot, and what a machine would fetch
"${PYTHON:-python3}" -m venv "$directory/venv"
"$directory/venv/bin/pip" install --quiet "skypilot[slurm]==$version" uv
python310=${PYTHON310:-python3.10}
"$python310" -m pip download --quiet --dest "$directory/wheels" \
  "skypilot[slurm,remote]==$version" 'setuptools<70' 'click<8.3.0' pip wheel

# --- a Slurm of two nodes; SkyPilot uses the default partition, which has one
chmod 755 "$directory"
"$here/../slurm/test/start-slurm.sh" "$directory/slurm" "$port"
# SkyPilot looks the nodes' names up as if they were hosts'.
echo "127.0.0.1 one two # inkling-try" >>/etc/hosts
# It must remember how many jobs there were.
sed -i 's/^MinJobAge=.*/MinJobAge=86400/' "$directory/slurm/slurm.conf"
SLURM_CONF=$directory/slurm/slurm.conf scontrol reconfigure

# --- a user for SkyPilot, which writes .bashrc, .ssh and .sky into its home
mkdir -p "$directory"/{home/.slurm,home/.ssh,node/.ssh,node/bin,sshd}
useradd --no-create-home --home-dir "$directory/node" --shell /bin/bash "$user"
usermod --password '*' "$user" # an account without a password is locked, also for keys
cp "$directory/venv/bin/uv" "$directory/node/bin/uv"
cat >"$directory/node/bin/curl" <<CURL
#!/bin/sh
case "\$*" in
  *uv/install.sh*) echo 'mkdir -p "\$UV_INSTALL_DIR" && cp $directory/node/bin/uv "\$UV_INSTALL_DIR/uv"' ;;
  *) exec $(command -v curl) "\$@" ;;
esac
CURL
chmod 755 "$directory/node/bin/curl"
cat >"$directory/node/uv.toml" <<UV
no-index = true
find-links = ["$directory/wheels"]
python-preference = "only-system"
python-downloads = "never"
UV
# A Python below somebody else's home cannot be read by that user.
prefix=$("$python310" -c 'import sys; print(sys.base_prefix)')
if ! runuser -u "$user" -- test -x "$prefix/bin/python3.10"; then
  cp -a "$prefix" "$directory/python"
  prefix=$directory/python
fi
cat >"$directory/node/.profile" <<PROFILE
export PATH=$directory/node/bin:$prefix/bin:\$PATH LD_LIBRARY_PATH=$prefix/lib UV_CONFIG_FILE=$directory/node/uv.toml
PROFILE
# SkyPilot copies files through a shell that reads no profile.
echo "SLURM_CONF=$directory/slurm/slurm.conf" >"$directory/node/.ssh/environment"
: >"$directory/node/.bashrc"

# --- an sshd on loopback, for that user alone
ssh-keygen -q -t ed25519 -N '' -f "$directory/sshd/host"
ssh-keygen -q -t ed25519 -N '' -f "$directory/home/.ssh/$user"
cp "$directory/home/.ssh/$user.pub" "$directory/node/.ssh/authorized_keys"
chown -R "$user": "$directory/node"
cat >"$directory/sshd/config" <<SSHD
ListenAddress 127.0.0.1:$((port + 3))
HostKey $directory/sshd/host
PidFile $directory/sshd/pid
AllowUsers $user
PermitUserEnvironment yes
PasswordAuthentication no
StrictModes no
UsePAM no
MaxSessions 100
MaxStartups 100
SSHD
mkdir -p /run/sshd
"$sshd" -f "$directory/sshd/config" -E "$directory/sshd/log"
cat >"$directory/home/.slurm/config" <<CONFIG
Host $user
  HostName 127.0.0.1
  Port $((port + 3))
  User $user
  IdentityFile $directory/home/.ssh/$user
CONFIG

# --- the command; the first one starts a server on a port of its own
cat >"$directory/sky" <<SKY
#!/bin/sh
export HOME=$directory/home SKYPILOT_API_SERVER_LOCAL_PORT=$((port + 4)) SKYPILOT_DISABLE_USAGE_COLLECTION=1
export PATH=$directory/venv/bin:\$PATH
exec sky "\$@"
SKY
chmod 755 "$directory/sky"
"$directory/sky" check slurm </dev/null | tee "$directory/check.txt"
grep -q "Enabled infra" "$directory/check.txt"
