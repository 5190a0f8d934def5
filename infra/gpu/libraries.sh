#!/usr/bin/env bash
# Finds torch's CUDA libraries for this machine's GPU, or fetches them, and prints what the worker needs in its
# environment, so that DJL loads them in place of those in its jars, which are for processors only.
#
#   libraries.sh [DIRECTORY]     DIRECTORY gets links to the libraries (INKLING_HOME/torch)
#
# Machines of SkyPilot, jobs of Slurm and functions of Modal run it. For a worker that is started by hand:
#
#   set -a; eval "$(infra/gpu/libraries.sh)"; set +a
#
# Without a GPU, or where the environment says PYTORCH_LIBRARY_PATH or INKLING_DEVICE=cpu, it prints nothing.
set -eu
torch=2.7.1
home=${INKLING_HOME:-~/.inkling}
links=${1:-$home/torch}

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

# Whether a folder of Python packages has this torch, and CUDA 12's libraries beside it.
usable() {
  [ -e "$1/torch/lib/libtorch_cuda.so" ] && [ -e "$1/nvidia/cuda_runtime/lib/libcudart.so.12" ] \
    && grep -Fqs -e "'$torch'" -e "'$torch+" "$1/torch/version.py"
}

# The libraries are the same for every Python, so this machine's own need not be one that torch knows.
install_with() {
  "$@" install --quiet --no-cache-dir --target "$part/packages" --python-version 3.12 --only-binary=:all: "torch==$torch"
}

# Into a folder beside, renamed when it is whole: homes may be shared, and an attempt may be killed.
fetch() {
  mkdir -p "$home"
  # One fetches and the others wait. A file system without locks lets all of them fetch; then the first one's stays.
  exec 8>"$packages.lock"
  flock 8 || true
  ! usable "$packages" || return 0
  # What killed attempts have left. No living one takes a day.
  find "$home" -maxdepth 1 -name "torch-$torch.part.*" -mmin +1440 -exec rm -rf {} +
  part=$(mktemp -d "$packages.part.XXXXXX") || fail "Torch's CUDA libraries can be kept only where one can write: set INKLING_HOME."
  trap 'rm -rf "$part"' EXIT
  mkdir "$part/packages" "$part/tmp"
  echo "Fetching torch $torch with CUDA's libraries into $packages: 2.7 GB, and 5.1 GB when they are unpacked ..." >&2
  # /tmp may be too small for them.
  TMPDIR=$part/tmp install_with python3 -m pip >&2 || PATH=$PATH:~/.local/bin TMPDIR=$part/tmp install_with uv pip >&2 \
    || fail "Torch's CUDA libraries are not on this machine, and could not be fetched: see above. Nothing was kept." \
      "Where there is a network and this home, with some 10 GB of room, type:" \
      "  pip install --target $(printf %q "$packages") --python-version 3.12 --only-binary=:all: torch==$torch" \
      "Or install torch $torch where python3 finds it here, or set PYTORCH_LIBRARY_PATH (docs/clusters.md, GPU libraries there)."
  usable "$part/packages" || fail "What was fetched as torch $torch has no libraries of CUDA 12, so it was not kept." \
    "Install a torch $torch for CUDA 12 where python3 finds it here, or set PYTORCH_LIBRARY_PATH."
  usable "$packages" || rm -rf "$packages"
  mv -T "$part/packages" "$packages" 2>/dev/null || usable "$packages" || fail "$packages cannot be made: remove what is there."
}

main() {
  if [ -n "${PYTORCH_LIBRARY_PATH:-}" ] || [ "${INKLING_DEVICE:-}" = cpu ]; then
    return 0
  fi
  # With a driver in trouble it takes for ever.
  if ! timeout 60 nvidia-smi -L 2>/dev/null | grep -q '^GPU '; then
    echo "nvidia-smi -L lists no GPU here, so torch's CUDA libraries are not looked for." >&2
    return 0
  fi
  [ "$(uname -m)" = x86_64 ] \
    || fail "DJL computes on GPUs of machines with x86-64 processors only, and this one's is $(uname -m). Ask for another machine."
  packages=$(python3 -c 'import importlib.util as u, pathlib; print(pathlib.Path(u.find_spec("torch").origin).parents[1])' 2>/dev/null) \
    || packages=
  if ! usable "$packages"; then
    packages=$home/torch-$torch
    # Not behind ||, where a failing command would be passed over.
    if ! usable "$packages"; then fetch; fi
  fi

  # DJL loads all that it finds in its folder, so there must be no more than it can load. A link's library still finds its
  # neighbours, since Java resolves links first; libcudart is looked for by its bare name, to count GPUs.
  mkdir -p "$links"
  links=$(cd "$links" && pwd -P)
  for library in libc10 libc10_cuda libtorch libtorch_cpu libtorch_cuda; do
    ln -sfn "$packages/torch/lib/$library.so" "$links/$library.so"
  done
  ln -sfn "$packages/nvidia/cuda_runtime/lib/libcudart.so.12" "$links/libcudart.so"
  path=$links:$packages/torch/lib
  for folder in "$packages"/nvidia/*/lib "$packages"/cusparselt/lib; do
    path=$path:$folder
  done
  echo "Torch $torch with CUDA: $packages" >&2
  # DJL has one library for GPUs, built for 12.8; that of CUDA 12.6, which pip fetches, loads under it too.
  printf '%s=%q\n' PYTORCH_LIBRARY_PATH "$links" PYTORCH_VERSION "$torch" PYTORCH_FLAVOR cu128 \
    LD_LIBRARY_PATH "$path${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
}

# Read as a whole before anything runs, and nothing that it starts reads the rest of a script from the same input.
main </dev/null
