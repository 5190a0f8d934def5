"""What the measurements of single parts have in common: Java beside Python, and the processors' time."""
import os
import pathlib
import resource
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def command(main, heap, tests=False):
    """What runs bench/<main>.java on the classes that Maven has compiled, and the libraries that they need."""
    java = pathlib.Path(subprocess.run([ROOT / "inkling", "--java"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip())
    maven = [ROOT / "mvnw", "-q", "-B", "-pl", "activities", "-am"]
    environment = {**os.environ, "JAVA_HOME": str(java.parent.parent)}
    listing = ROOT / "activities/target/bench-classpath.txt"
    subprocess.run([*maven, "test-compile", "dependency:build-classpath", f"-Dmdep.outputFile={listing}"], check=True, cwd=ROOT, env=environment)
    classes = ROOT / "activities/target/bench"
    parts = [str(ROOT / m / "target/classes") for m in ("activities", "workflows")]
    parts += [str(ROOT / "activities/target/test-classes")] if tests else []
    path = os.pathsep.join([str(classes), *parts, listing.read_text()])
    if (ROOT / f"bench/{main}.java").exists():
        sources = ["-sourcepath", ROOT / "bench", ROOT / f"bench/{main}.java"]
        subprocess.run([java.with_name("javac"), "-d", classes, "-cp", path, *sources], check=True)
    return [str(java), "-Xms32m", f"-Xmx{heap}", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp", path, main]


def measure(command, **options):
    """Seconds on the clock, seconds of the processors, and what the command said."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, said
