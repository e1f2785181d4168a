"""What `run` and `memory` share: the server, loiter's command line, and what a process cost by the system's accounts."""

import dataclasses
import json
import os
import pathlib
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BODY = 300  # bytes of an answer's body
PATIENCE_S = 3600


@dataclasses.dataclass
class Cost:
    """What a run of a generator came to."""

    requests: int
    cpu_s: float  # user and system
    wall_s: float
    peak: int  # bytes resident
    server_cpu_s: float = 0.0
    history: int = 0  # bytes


def fail(text):
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {text}")


def install(**packages):
    """Installs the Debian packages of the programs that are missing."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    missing = [package for program, package in packages.items() if not shutil.which(program)]
    if missing:
        root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        subprocess.run([*root, "apt-get", "update", "-q"], check=True)
        subprocess.run([*root, "apt-get", "install", "-q", "-y", "--no-install-recommends", *missing], check=True)


def build_loiter():
    """The release build of what stands in this tree."""
    subprocess.run(["cargo", "build", "--release", "--locked", "--bin", "loiter"], cwd=ROOT, check=True)
    folder = os.environ.get("CARGO_TARGET_DIR", "target")
    return ROOT / folder / "release" / "loiter"


def more_files():
    """Raises the limit of open files as far as it goes: a connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def cpu_of(pid):
    """User and system seconds of a living process."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def high_water(pid):
    """The most that a living process had resident, in bytes."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


class Nginx:
    """nginx with `nginx.conf`, on a port and in a folder of its own."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="loiter-peers-")
        path = pathlib.Path(self.folder.name)
        path.chmod(0o755)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        empty = len('{"session":"","messages":[],"padding":""}') + 32
        text = (HERE / "nginx.conf").read_text()
        text = text.replace("@PORT@", str(self.port)).replace("@PADDING@", "x" * (BODY - empty))
        (path / "nginx.conf").write_text(text)
        command = ["nginx", "-p", str(path), "-c", "nginx.conf", "-e", "error.log", "-g", "daemon off;"]
        self.master = subprocess.Popen(command)
        self.url = f"http://127.0.0.1:{self.port}"
        self.wait_until_up()
        children = pathlib.Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children").read_text()
        self.worker = int(children.split()[0])
        return self

    def wait_until_up(self):
        for _ in range(100):
            if self.master.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        fail("nginx does not start")

    def __exit__(self, *_):
        self.master.terminate()
        self.master.wait()
        self.folder.cleanup()


def cost(server, command, requests_of, may_end_with=(0,), env=None):
    """Runs a generator and reads its cost from the system; `requests_of` finds the requests in what it printed."""
    before, began = cpu_of(server.worker), time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env
        )
        peak, status = 0, 0
        while True:
            peak = high_water(child.pid) or peak
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() - began > PATIENCE_S:
                child.kill()
            time.sleep(0.02)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - began
        out.seek(0)
        err.seek(0)
        text, said = out.read().decode(), err.read().decode()
    if child.returncode not in may_end_with:
        fail(f"{command[0]} ended with {child.returncode}: {said[-2000:]}{text[-2000:]}")
    # Of a small process the system remembers how large the one was that started it.
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if usage.ru_maxrss > own:
        peak = usage.ru_maxrss * 1024
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(requests_of(text), cpu, wall, peak, cpu_of(server.worker) - before)


def loiter(binary, server, scenario, visitors, lanes, connections, connect="shared"):
    """One run of loiter with everything switched on. No clause may fail; most are not exercised."""
    with tempfile.TemporaryDirectory(prefix="loiter-peers-") as folder:
        target = pathlib.Path(folder) / "nginx.toml"
        text = (HERE / "nginx.toml").read_text()
        target.write_text(text.replace("connections = 32", f"connections = {connections // lanes}"))
        command = [binary, "check", target, "--url", server.url, "--scenario", HERE / scenario, "--format", "json"]
        command += ["--visitors", visitors, "--lanes", lanes, "--report", f"{folder}/run", "--connect", connect]
        seen = {}

        def requests_of(text):
            seen.update(json.loads(text))
            return seen["figures"]["requests"]

        spent = cost(server, command, requests_of, may_end_with=(0, 2))
        check_loiter(seen)
        spent.history = seen["figures"]["history"]["bytes"]
        return spent


def check_loiter(result):
    failed = [clause["id"] for clause in result["clauses"] if clause["status"] == "fail"]
    if failed:
        fail(f"loiter says that these clauses fail, and nginx keeps them: {', '.join(failed)}")
    for row in result["figures"]["operations"]:
        outcomes = {name: count for name, count in row["outcomes"].items() if count}
        if set(outcomes) != {"ok"}:
            fail(f"not all of {row['id']} ended in ok: {outcomes}; {result['remarks']}")
