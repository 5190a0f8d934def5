"""A worker of Inkling as a function of Modal: one container, which lives until its workers end or its time is over.

Inkling runs this file by `modal run --detach` and says by the environment what it is to be; the worker's own environment
(TEMPORAL_ADDRESS, INKLING_STORE, ...) comes from a secret of Modal, never from here.
"""

import os
import shlex
import subprocess
import tempfile

import modal

HERE = modal.is_local()  # Modal loads this file once more in the container, where only the function's body matters.


def told(name: str, otherwise: str) -> str:
    return os.environ[name] if HERE else otherwise


app = modal.App(told("INKLING_APP", "inkling"))
image = modal.Image.from_registry("eclipse-temurin:25-jdk", add_python="3.12")
if HERE:
    if os.environ["INKLING_GPU"]:
        image = image.pip_install("torch==" + os.environ["INKLING_TORCH"])  # for its CUDA libraries; made once, then kept
    image = image.env({"INKLING_ARCHIVE": "/inkling/inkling.jar", "INKLING_GPU_LIBRARIES": "/inkling/libraries.sh"})
    image = image.add_local_file(os.environ["INKLING_ARCHIVE_HERE"], "/inkling/inkling.jar")
    image = image.add_local_file(os.path.join(os.path.dirname(os.path.abspath(__file__)), "libraries.sh"), "/inkling/libraries.sh")
    if "INKLING_LIBRARIES_HERE" in os.environ:
        image = image.add_local_dir(os.environ["INKLING_LIBRARIES_HERE"], "/inkling/lib")

JAVA = ["java", "-Xmx512m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow", "-Djava.awt.headless=true"]


def gpu_libraries() -> dict[str, str]:
    """What a worker needs in its environment to compute on a GPU."""
    found = subprocess.run(["bash", os.environ["INKLING_GPU_LIBRARIES"], tempfile.mkdtemp()], stdout=subprocess.PIPE, text=True)
    if found.returncode != 0:
        raise RuntimeError("The CUDA libraries are missing, see above.")
    return dict(line.split("=", 1) for line in shlex.split(found.stdout))


@app.function(
    image=image,
    gpu=told("INKLING_GPU", "") or None,
    timeout=int(told("INKLING_SECONDS", "300")),  # its end, whatever happens
    retries=0,
    max_containers=1,
    secrets=[modal.Secret.from_name(told("INKLING_SECRET", "inkling"))],
)
def worker(arguments: str, gpus: int) -> None:
    """Runs one worker for each GPU, and fails if one of them does."""
    command = [*JAVA, *os.environ.get("INKLING_JAVA_OPTIONS", "").split(), "-jar", os.environ["INKLING_ARCHIVE"], *arguments.split()]
    libraries = gpu_libraries() if gpus > 0 else {}
    workers = []
    for gpu in range(max(1, gpus)):
        visible = {"CUDA_VISIBLE_DEVICES": str(gpu)} if gpus > 0 else {}
        workers.append(subprocess.Popen(command, env={**os.environ, **libraries, **visible}))
    failed = [one.returncode for one in workers if one.wait() != 0]
    if failed:
        raise RuntimeError(f"A worker ended with {failed[0]}.")


@app.local_entrypoint()
def main(arguments: str, gpus: int) -> None:
    """Starts it; with --detach it goes on when this command has ended."""
    worker.spawn(arguments, gpus)
