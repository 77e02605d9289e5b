"""A server with two databases, a store, and a configuration: everything the benchmarks share."""
import glob
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
FULL = os.environ.get("BENCH_FULL") == "1"
SIZES = {"small": 200, "big": 2000} if FULL else {"small": 40, "big": 400}  # MB of table
ROWS_OF_A_MEGABYTE = 1900

SCHEMA = """
CREATE TABLE chunks (id bigint PRIMARY KEY, book int NOT NULL, body text NOT NULL, notes jsonb NOT NULL, weights real[] NOT NULL);
INSERT INTO chunks SELECT i, i % 2000, md5(i::text) || repeat(md5((i / 7)::text), 6), jsonb_build_object('page', i % 900, 'shelf', md5((i % 50)::text)),
    ARRAY[sin(i), cos(i), sqrt(i), ln(i), exp(sin(i)), i % 97, 1, 2]::real[] FROM generate_series(1, :rows) AS i;
CREATE INDEX ON chunks (book);
CREATE TABLE books AS SELECT i AS id, md5(i::text) AS title FROM generate_series(0, 1999) AS i;
ALTER TABLE books ADD PRIMARY KEY (id);
ALTER TABLE chunks ADD FOREIGN KEY (book) REFERENCES books DEFERRABLE;
ANALYZE;
"""

CONFIGURATION = """
targets:
  small: {{engine: postgres, stage: development, url: "postgres://postgres@127.0.0.1:{port}/small?sslmode=disable", password: {{file: "{folder}/password"}}}}
  big: {{engine: postgres, stage: development, url: "postgres://postgres@127.0.0.1:{port}/big?sslmode=disable", password: {{file: "{folder}/password"}}}}
stores:
  main: {{directory: "{folder}/store"}}
policies:
  small: {{targets: {{small: {{}}}}, store: main, expect: {{every: 24h, max_age: 26h, min_size: 1KiB, size_change: 50%}}}}
  big: {{targets: {{big: {{}}}}, store: main}}
  plain: {{targets: {{big: {{compression: none}}}}, store: main}}
  thousands: {{targets: {{small: {{}}}}, store: main, expect: {{every: 24h, max_age: 26h, min_size: 1KiB, size_change: 50%, proven_within: 35d}}}}
state: "{folder}/state"
locks: "{folder}/locks"
"""

RUNBOOK = """
runbook: rebuild
title: Rebuild a database from its backup
version: 1
targets: {db: postgres}
backups: {dump: postgres}
inputs: {database: {type: text, means: the database that is rebuilt}}
steps:
  - {name: Create it, postgres.create-database: {database: "${input.database}", like: dump}}
  - {name: Restore, postgres.restore: {database: "${input.database}", from: dump, jobs: 2}}
  - {name: Verify, postgres.verify: {database: "${input.database}", against: dump}}
"""

DRILL = """
drill: rebuild-{name}
environment:
  db: {{engine: postgres, version: from-backup}}
runs:
  - runbook: rebuild.yaml
    targets: {{db: db}}
    backups: {{dump: {{policy: {name}, target: {name}, pick: latest}}}}
    inputs: {{database: {name}}}
"""


class World:
    def __enter__(self):
        self.lifeboat = os.environ.get("BENCH_LIFEBOAT") or os.path.join(ROOT, "build/lifeboat")
        if not os.access(self.lifeboat, os.X_OK):
            sys.exit(f"bench: there is no {self.lifeboat}; `make build` makes it, and `make bench` does both")
        self.programs = os.environ.get("LIFEBOAT_POSTGRES_BIN") or self._newest_programs()
        self.folder = tempfile.mkdtemp(prefix="lifeboat-bench-")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        try:
            os.chmod(self.folder, 0o755)
            self._start_server()
            self._fill()
            self._write_documents()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if hasattr(self, "data"):
            self.as_server_account([f"{self.programs}/pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop"], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def say(self, words):
        print(f"bench: {words}", file=sys.stderr, flush=True)

    # --- the server -----------------------------------------------------------------------------------------------------

    @staticmethod
    def _newest_programs():
        folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]))
        return folders[-1] if folders else sys.exit("bench: there is no PostgreSQL here; use `make bench`")

    def as_server_account(self, arguments, check=True, **options):
        """PostgreSQL refuses to run as root."""
        if os.geteuid() == 0:
            user = "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"
            arguments = ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"] + arguments
        return subprocess.run(arguments, check=check, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)

    def _start_server(self):
        self.port = free_port()
        self.password = secrets.token_hex(12)
        with open(f"{self.folder}/password", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(self.password)
        place = f"{self.folder}/server"
        os.mkdir(place)
        os.chmod(place, 0o777)
        self.data = f"{place}/data"
        script = f"""umask 077; printf %s "$PGPASSWORD" > {place}/password
            '{self.programs}/initdb' -D {self.data} -U postgres --auth=scram-sha-256 --pwfile={place}/password --encoding=UTF8 --locale=C.UTF-8 --no-sync &&
            printf "listen_addresses = '127.0.0.1'\\nport = {self.port}\\nunix_socket_directories = ''\\nfsync = off\\nmax_wal_size = 4GB\\n" >> {self.data}/postgresql.conf &&
            '{self.programs}/pg_ctl' -D {self.data} -l {place}/log -w start"""
        self.as_server_account(["sh", "-c", script], env={**os.environ, "PGPASSWORD": self.password})
        os.chmod(place, 0o755)

    @property
    def client_environment(self):
        return {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "postgres", "PGPASSWORD": self.password}

    def _fill(self):
        for name, megabytes in SIZES.items():
            self.say(f"filling database {name} with {megabytes} MB")
            self.client(["createdb", name])
            self.client(["psql", "-Xqd", name, "-v", "ON_ERROR_STOP=1", "-v", f"rows={megabytes * ROWS_OF_A_MEGABYTE}"], input=SCHEMA)

    def client(self, arguments, **options):
        program = [f"{self.programs}/{arguments[0]}"] + arguments[1:]
        return subprocess.run(program, check=True, env=self.client_environment, text=True, stdout=subprocess.DEVNULL, **options)

    # --- the program ----------------------------------------------------------------------------------------------------

    def _write_documents(self):
        os.mkdir(f"{self.folder}/store")
        self.write("lifeboat.yaml", CONFIGURATION.format(port=self.port, folder=self.folder))
        self.write("rebuild.yaml", RUNBOOK)
        for name in SIZES:
            self.write(f"{name}.yaml", DRILL.format(name=name))

    def write(self, name, text):
        with open(f"{self.folder}/{name}", "w") as file:
            file.write(text)

    def command(self, *arguments):
        return [self.lifeboat, arguments[0], "--config", f"{self.folder}/lifeboat.yaml"] + list(arguments[1:])

    @property
    def program_environment(self):
        tools = os.environ.get("LIFEBOAT_TOOLS") or self.programs
        return {**os.environ, "LIFEBOAT_TOOLS": tools, "TMPDIR": self.folder}

    def start(self, *arguments):
        return subprocess.Popen(
            self.command(*arguments), env=self.program_environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *arguments, expecting=(0,)):
        """Runs lifeboat; returns what it printed and how long it took."""
        begun = time.monotonic()
        process = self.start(*arguments)
        try:
            output, errors = process.communicate()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        took = time.monotonic() - begun
        self.demand(process.returncode in expecting, arguments, process.returncode, output + errors)
        return output, took

    @staticmethod
    def demand(condition, arguments, code, words):
        if not condition:
            sys.exit(f"bench: lifeboat {' '.join(arguments)} ended with {code}:\n{words}")

    def newest_backup(self, policy, target=None):
        """Of a policy and its target, of the same name if none is given; one is taken if there is none."""
        folder = f"{self.folder}/store/{policy}"
        if not os.path.isdir(folder):
            self.run("backup", policy)
        newest = sorted(os.listdir(folder))[-1]
        return f"{policy}/{newest}/{target or policy}"

    def journal(self):
        """The events of the newest run."""
        newest = sorted(glob.glob(f"{self.folder}/state/**/journal.jsonl", recursive=True), key=os.path.getmtime)[-1]
        with open(newest) as lines:
            return [json.loads(line) for line in lines if line.strip("\0 \n")]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
