#pragma once
#include <stdint.h>
#include <sys/types.h>

// Linux calls that the Glibc module does not show because they are behind _GNU_SOURCE, variadic, or macros.
// All return what the call returns and set errno.

int cs_rename_new(const char *from, const char *to);                    // renameat2 with RENAME_NOREPLACE
int cs_reserve(int descriptor, int64_t offset, int64_t length);         // fallocate, size kept
ssize_t cs_copy_range(int from, int to, size_t length);                 // copy_file_range at both positions
int cs_open_process(int pid);                                           // pidfd_open
int cs_memory_file(const char *name);                                   // memfd_create, close-on-exec
ssize_t cs_random(void *bytes, size_t length);                          // getrandom
int cs_terminal_columns(int descriptor);                                // 0 if it is none
int cs_duplicate_above_streams(int descriptor);                         // F_DUPFD_CLOEXEC from 3
int cs_set_nonblocking(int descriptor);
int cs_pipe(int ends[2]);                                               // close-on-exec, both from 3; returns 0 or an errno
int cs_enter_network(int namespace_file);                               // setns with CLONE_NEWNET: the calling thread only
int cs_accept(int listener);                                            // accept4, close-on-exec and not blocking
