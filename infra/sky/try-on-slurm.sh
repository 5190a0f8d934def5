#!/usr/bin/env bash
# Experiments on machines that the real SkyPilot (0.14) makes in jobs of a real Slurm: launched, launched twice, killed in
# the middle of a launch, taken down by hand, left idle; each time the artifacts are to be the same and nothing to remain.
# By hand, not part of any build, as root on a Debian machine that can be thrown away. What it needs stands at the head of
# prepare-slurm.sh; how far it was ever run, in docs/clusters.md.
#
#   try-on-slurm.sh [DIRECTORY] [CASE]     a directory that prepare-slurm.sh has prepared is used, and kept; a method
#                                          of RealSkyTrial, all without
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
export JAVA_HOME
JAVA_HOME=$(dirname "$(dirname "$(./inkling --java)")")
directory=${1:-}
if [ -z "$directory" ]; then
  directory=$(mktemp -d)
  trap '"$here/prepare-slurm.sh" --remove "$directory"' EXIT
  "$here/prepare-slurm.sh" "$directory"
fi
./inkling doctor # which builds it first
INKLING_TRY_SKY=$(cd "$directory" && pwd) ./mvnw -B -Pbucket-server test -Dsurefire.failIfNoSpecifiedTests=false \
  -Dtest="RealSkyTrial${2:+#$2}" -Dclasses.at.once=1
