"""A PostgreSQL server of one's own, for the scripts beside this file."""

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


class Programs:
    """PostgreSQL's programs, run as a user that postgres does not refuse to be."""

    def __init__(self, folder):
        self.folder = folder
        self.user = "nobody" if os.getuid() == 0 else None

    def path(self, name):
        return str(self.folder / "bin" / name) if self.folder else shutil.which(name)

    def options(self):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        environment["LC_ALL"] = "C"
        if self.folder:
            environment["LD_LIBRARY_PATH"] = str(self.folder / "lib")
        if self.folder is None or self.user is None:
            return {"env": environment}
        return {"env": environment, "cwd": "/", "user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []}


def programs(version="18"):
    """The programs of a server that scripts/servers.sh has fetched."""
    told = subprocess.run([HERE / "servers.sh", "--where"], check=True, capture_output=True, text=True).stdout.strip()
    found = Programs(pathlib.Path(told).resolve() / version)
    if not os.path.exists(found.path("postgres")):
        raise SystemExit(f"PostgreSQL {version} is not there: run scripts/servers.sh")
    return found


@contextlib.contextmanager
def server(programs):
    """A server on a free port of the loopback, with a cluster of its own."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pgform-server-", dir="/tmp"))
    data, log = folder / "data", folder / "log"
    process = None
    try:
        if programs.user:
            shutil.chown(folder, programs.user)
        made = subprocess.run(
            [programs.path("initdb"), "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8",
             "--no-locale", "-D", str(data)], capture_output=True, text=True, **programs.options())
        if made.returncode:
            raise SystemExit(f"initdb: {made.stderr}")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = ["fsync=off", "full_page_writes=off", "listen_addresses=127.0.0.1", "max_locks_per_transaction=1024"]
        arguments = [programs.path("postgres"), "-D", str(data), "-k", str(folder), "-p", str(port)]
        with open(log, "w") as out:
            process = subprocess.Popen(
                arguments + [x for s in settings for x in ("-c", s)], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True, **programs.options())
        for _ in range(600):
            if "ready to accept connections" in log.read_text():
                break
            if process.poll() is not None:
                raise SystemExit(f"the server did not start: {log.read_text()}")
            time.sleep(0.05)
        else:
            raise SystemExit(f"the server gave no answer: {log.read_text()}")
        yield f"postgres://postgres@127.0.0.1:{port}/postgres"
    finally:
        if process and process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)
