"""The program beside what one would type without it."""
import glob
import os
import secrets
import shutil
import subprocess

from pairs import alternate
from table import seconds
from world import FULL, ROWS_OF_A_MEGABYTE, SIZES, free_port

TIMES = 3 if FULL else 5


def backup(world, table):
    """Ours also counts every row in the dump's snapshot and reads the catalog."""
    dump = f"{world.folder}/plain-dump"

    def rival():
        world.client(["pg_dump", "-Fd", "-j2", "-Z6", "-d", "big", "-f", dump])
        subprocess.run(["sha256sum"] + sorted(glob.glob(f"{dump}/*")), check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(dump)

    ours, theirs = alternate(lambda: world.run("backup", "big"), rival, TIMES)
    table.add(
        f"backup of {SIZES['big']} MB beside pg_dump -Fd -j2 and sha256sum", seconds(ours), seconds(theirs), f"{ours / theirs:.2f}")


def verify(world, table):
    # Unpacked, so that there is something to read.
    backup_id = world.newest_backup("plain", "big")
    files = [path for path in glob.glob(f"{world.folder}/store/{backup_id}/**", recursive=True) if os.path.isfile(path)]

    def rival():
        subprocess.run(["openssl", "dgst", "-sha256"] + files, check=True, stdout=subprocess.DEVNULL)

    ours, theirs = alternate(lambda: world.run("backups", "verify", backup_id), rival)
    size = sum(map(os.path.getsize, files))
    table.add(
        f"backups verify of {size / 1e6:.0f} MB beside openssl dgst -sha256", seconds(ours), seconds(theirs), f"{ours / theirs:.2f}")


SCRIPT = """
set -eu
umask 077
finish() { '{programs}/pg_ctl' -D data -m immediate -w stop >/dev/null 2>&1 || true; cd /; rm -rf '{place}'; }
trap finish EXIT
cd '{place}'
printf %s "$PGPASSWORD" > password
'{programs}/initdb' -D data -U postgres --auth=scram-sha-256 --pwfile=password --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
cat >> data/postgresql.conf <<END
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
checkpoint_timeout = 1h
autovacuum = off
shared_buffers = 128MB
maintenance_work_mem = 128MB
END
'{programs}/pg_ctl' -D data -l log -w start >/dev/null
export PGHOST=127.0.0.1 PGPORT={port} PGUSER=postgres
(cd '{dump}' && sha256sum *) >/dev/null
'{programs}/createdb' restored
'{programs}/pg_restore' --exit-on-error -j2 -d restored '{dump}'
'{programs}/vacuumdb' --analyze-only -q restored
test "$('{programs}/psql' -XAtd restored -c 'SELECT count(*) FROM chunks')" = {rows}
test "$('{programs}/psql' -XAtd restored -c 'SELECT count(*) FROM books')" = 2000
"""


def drill(world, table):
    dump = f"{world.folder}/store/{world.newest_backup('big')}/dump"
    # The script runs as the server's account, which may not read the store.
    open_dump = f"{world.folder}/open-dump"
    shutil.copytree(dump, open_dump)
    subprocess.run(["chmod", "-R", "a+rX", open_dump], check=True)

    def rival():
        place = f"{world.folder}/script-{secrets.token_hex(4)}"
        os.mkdir(place)
        os.chmod(place, 0o777)
        values = {
            "programs": world.programs, "place": f"{place}/run", "port": str(free_port()), "dump": open_dump,
            "rows": str(SIZES["big"] * ROWS_OF_A_MEGABYTE)}
        script = SCRIPT
        for name, value in values.items():
            script = script.replace("{" + name + "}", value)
        world.as_server_account(
            ["sh", "-c", f"mkdir '{place}/run'\n{script}"], env={**os.environ, "PGPASSWORD": world.password})
        os.rmdir(place)

    ours, theirs = alternate(lambda: world.run("drill", f"{world.folder}/big.yaml"), rival, TIMES)
    shutil.rmtree(open_dump)
    table.add(
        f"drill of {SIZES['big']} MB beside a script: initdb, restore, two counts", seconds(ours), seconds(theirs), f"{ours / theirs:.2f}")
