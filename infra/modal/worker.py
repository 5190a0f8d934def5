"""A worker of Inkling as a function of Modal: one container, which lives until its workers end or its time is over.

Inkling runs this file by `modal run --detach` and says by the environment what it is to be; the worker's own environment
(TEMPORAL_ADDRESS, INKLING_STORE, ...) comes from a secret of Modal, never from here.
"""

import os
import shlex
import signal
import subprocess
import tempfile
import time

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


# What a container that is taken away has left when it hears so, and some seconds less.
STOP_SECONDS = 25
# So often a worker is started anew. What crashes more often than that crashes for a reason that stays.
RESTARTS = 3


def interrupted(*_) -> None:
    raise KeyboardInterrupt


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
    """Runs one worker for each GPU; they are idle together, and all end, and this fails, when one cannot go on.

    An experiment counts on all of them for as long as the container is there, and would wait in vain.
    """
    command = [*JAVA, *os.environ.get("INKLING_JAVA_OPTIONS", "").split(), "-jar", os.environ["INKLING_ARCHIVE"], *arguments.split()]
    together = {"INKLING_BUSY_FILE": "/tmp/inkling-busy-%d" % os.getpid(), "INKLING_STOP_SECONDS": str(STOP_SECONDS)}

    libraries = gpu_libraries() if gpus > 0 else {}

    def start(gpu: int) -> subprocess.Popen:
        visible = {"CUDA_VISIBLE_DEVICES": str(gpu)} if gpus > 0 else {}
        return subprocess.Popen(command, env={**os.environ, **libraries, **together, **visible})

    for number in (signal.SIGINT, signal.SIGTERM):  # Modal interrupts a container that it takes away
        signal.signal(number, interrupted)
    workers = {gpu: start(gpu) for gpu in range(max(1, gpus))}
    crashes = dict.fromkeys(workers, 0)
    failed = []
    try:
        while workers:
            time.sleep(1)
            for gpu, one in list(workers.items()):
                code = one.poll()
                if code is None:
                    continue
                del workers[gpu]
                if code in (0, 143, -signal.SIGTERM):  # it was idle or its life is over; it was told to end
                    continue
                crashes[gpu] += 1
                print(f"The worker of GPU {gpu} ended with exit code {code} ({crashes[gpu]} times).", flush=True)
                if code != 3 and crashes[gpu] <= RESTARTS:  # 3: it can never work
                    workers[gpu] = start(gpu)
                else:
                    failed.append(code)
                    for other in workers.values():
                        other.terminate()
    finally:
        # Whoever ends this: on SIGTERM a worker lets its stage write a checkpoint and hands it back.
        for one in workers.values():
            one.terminate()
        for one in workers.values():
            one.wait()
    if failed:
        raise RuntimeError(f"A worker ended with {failed[0]}.")


@app.local_entrypoint()
def main(arguments: str, gpus: int) -> None:
    """Starts it; with --detach it goes on when this command has ended."""
    worker.spawn(arguments, gpus)
