#define _GNU_SOURCE
#include "system_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int cs_rename_new(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE); }

int cs_reserve(int descriptor, int64_t offset, int64_t length) {
    return fallocate(descriptor, FALLOC_FL_KEEP_SIZE, offset, length);
}

ssize_t cs_copy_range(int from, int to, size_t length) { return copy_file_range(from, NULL, to, NULL, length, 0); }

int cs_open_process(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int cs_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

ssize_t cs_random(void *bytes, size_t length) { return getrandom(bytes, length, 0); }

int cs_terminal_columns(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int cs_duplicate_above_streams(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 3); }

int cs_set_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? flags : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

int cs_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int cs_enter_network(int namespace_file) { return setns(namespace_file, CLONE_NEWNET); }

int cs_pipe(int ends[2]) {
    int made[2];
    if (pipe2(made, O_CLOEXEC) != 0) return errno;
    ends[0] = fcntl(made[0], F_DUPFD_CLOEXEC, 3);
    ends[1] = ends[0] < 0 ? -1 : fcntl(made[1], F_DUPFD_CLOEXEC, 3);
    int error = errno;
    close(made[0]);
    close(made[1]);
    if (ends[1] >= 0) return 0;
    if (ends[0] >= 0) close(ends[0]);
    return error;
}
