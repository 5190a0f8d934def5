#!/usr/bin/env bash
# Tries worker.yaml with the real SkyPilot (0.14) on a Slurm that is there: launch, adopt, a worker that ends, autodown.
# By hand, not part of any test; it has not been run as a whole. About two minutes, after the preparations:
#
#   1. A Slurm of one node will do (apt: slurm-wlm munge), with a pretend GPU if there is none: GresTypes=gpu, and in
#      gres.conf  NodeName=... Name=gpu Type=h100 File=/dev/zero
#   2. An sshd through which SkyPilot reaches the login node, with a user of its own: SkyPilot writes .bashrc, .ssh and
#      .sky into that user's home. An account made by useradd is locked: usermod -p '*' USER.
#   3. ~/.slurm/config in the format of ~/.ssh/config, one Host per cluster. `sky check slurm` then says "enabled".
#   4. pip install 'skypilot[slurm]==0.14.1'. Its runtime is fetched on the node at the first launch: the node needs the
#      internet, or uv, Python 3.10 and a folder of wheels (UV_NO_INDEX, UV_FIND_LINKS by UV_CONFIG_FILE).
#
# usage: try-on-slurm.sh CLUSTER [ACCELERATORS]     CLUSTER as in ~/.slurm/config; ACCELERATORS as H100:1
#
# It never calls `sky api stop`, which would end every SkyPilot server on the machine.
set -euo pipefail
cluster=${1:?usage: try-on-slurm.sh CLUSTER [ACCELERATORS]}
accelerators=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
name=inkling-try-$$
export SKYPILOT_DISABLE_USAGE_COLLECTION=1 PYTHONUTF8=1
trap 'sky down -y "$name" </dev/null || true; rm -rf "$work"' EXIT

# A worker that says how it was started, stays for a minute and ends.
mkdir "$work/classes"
cat >"$work/Try.java" <<'JAVA'
public class Try {
  public static void main(String[] arguments) throws Exception {
    System.out.println("TRY " + String.join(" ", arguments) + " secret=" + (System.getenv("HF_TOKEN") != null));
    Thread.sleep(60_000);
  }
}
JAVA
java=$("$here/../../inkling" --java)
"$(dirname "$java")/javac" -d "$work/classes" "$work/Try.java"
"$(dirname "$java")/jar" --create --file "$work/inkling.jar" --main-class Try -C "$work/classes" .
(umask 077 && echo "HF_TOKEN='try-secret'" >"$work/environment")

# The page, filled in as the provider does it.
python3 - "$here" "$work" "$cluster" "$accelerators" <<'PYTHON'
import sys, time, yaml  # SkyPilot brings yaml
here, work, cluster, accelerators = sys.argv[1:]
task = yaml.safe_load(open(here + "/worker.yaml"))
task["setup"] = task["setup"].replace("@SETUP@", "").replace("@LIBRARIES@", open(here + "/../gpu/libraries.sh").read())
task["name"] = "inkling-worker-1"
task["resources"].update(infra="slurm/" + cluster, labels={"inkling": "worker", "generation": "1"}, cpus="1+", memory="1+")
task["resources"]["autostop"]["idle_minutes"] = 1
if accelerators:
    task["resources"]["accelerators"] = accelerators
task["envs"] = {"INKLING_DIRECTORY": ".inkling/try.1", "INKLING_WORKER": "worker --queue try.1", "INKLING_GPUS": "1" if accelerators else "0",
                "INKLING_SECONDS": "600", "INKLING_END": str(int(time.time()) + 600)}
task["file_mounts"] = {"~/.inkling/try.1/inkling.jar": work + "/inkling.jar", "~/.inkling/try.1/environment": work + "/environment"}
yaml.safe_dump(task, open(work + "/task.yaml", "w"))
PYTHON

sky launch -y -d --down -i 1 -c "$name" "$work/task.yaml" </dev/null
echo "--- the same again must start no second worker"
sky launch -y -d --down -i 1 -c "$name" "$work/task.yaml" </dev/null
sleep 20
sky queue "$name" -o json </dev/null
sky logs "$name" 1 --no-follow </dev/null | grep "TRY worker --queue try.1 secret=true"
sky logs "$name" 2 --no-follow </dev/null | grep "runs here already"
echo "--- a minute of work, a minute of idleness, a coarse tick"
for _ in $(seq 30); do
  sleep 10
  if sky status --refresh -o json "$name" </dev/null | sed -n '/^\[/,$p' | grep -q '^\[\]'; then
    echo "It came up, ran one worker, kept its secret in a file, and is gone by itself."
    exit 0
  fi
done
echo "It is still there five minutes later." >&2
exit 1
