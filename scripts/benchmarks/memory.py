"""Memory stays flat: ten times the bytes, the same memory."""
from table import mebibytes
from watching import anonymous_bytes, watch
from world import SIZES

CEILING = 64 * 2**20
DIFFERENCE = 8 * 2**20


def peak(world, *arguments):
    process = world.start(*arguments)
    words, seen = watch(process, anonymous_bytes)
    world.demand(process.returncode == 0, arguments, process.returncode, words)
    return max(bytes for _, bytes in seen)


def flatness(world, table):
    commands = {
        "backup": lambda name: ("backup", name),
        "backups verify --deep": lambda name: ("backups", "verify", world.newest_backup(name), "--deep"),
        "drill": lambda name: ("drill", f"{world.folder}/{name}.yaml"),
    }
    for words, arguments in commands.items():
        small, big = (peak(world, *arguments(name)) for name in ("small", "big"))
        table.add(
            f"peak anonymous memory of {words}, {SIZES['big']} beside {SIZES['small']} MB", mebibytes(big), mebibytes(small),
            f"{big / small:.2f}", "< 64 MiB, within 8 MiB", big < CEILING and small < CEILING and abs(big - small) <= DIFFERENCE)
