#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// One guarded command. Everything it points to has to be ready before the fork; nothing is allocated after it.
struct cs_command {
    const char *path;                   // no search in PATH
    char *const *arguments;             // with argv[0], NULL at the end
    char *const *environment;           // the whole of it
    const char *folder;                 // working folder, or NULL for /
    int input, output, error_output;    // all at least 3

    int switch_user;                    // nonzero: become the following
    uid_t uid;
    gid_t gid;
    const gid_t *groups;
    size_t group_count;

    int stop_signal;                    // sent to all when our end of the control pipe closes
    int grace_milliseconds;             // from there to SIGKILL
    int leave_descendants;              // nonzero: what the command leaves running when it ends by itself is let go
    char *const *remover;               // argument list of the program that removes the folders at the end, or NULL
};

enum cs_report_kind { CS_REPORT_STARTED = 1, CS_REPORT_FAILED = 2, CS_REPORT_EXITED = 3 };
enum cs_start_stage {
    CS_STAGE_FORK = 1, CS_STAGE_GROUPS = 2, CS_STAGE_USER = 3, CS_STAGE_FOLDER = 4, CS_STAGE_STREAMS = 5, CS_STAGE_EXECUTE = 6,
};

// What the guardian tells us, whole messages, in this order: STARTED or FAILED, then EXITED, then end of file when every
// descendant is gone and the folders are removed.
struct cs_report {
    int32_t kind;
    int32_t pid;                        // STARTED
    int32_t stage, error;               // FAILED
    int32_t exit_status, signal;        // EXITED: signal is 0 when it exited by itself
    int64_t cpu_microseconds;           // EXITED: user and system time, with descendants it waited for
};

// What we tell the guardian. A grace below 0 sends the signal and changes nothing else.
struct cs_order {
    int32_t signal;
    int32_t grace_milliseconds;
};

// Forks a guardian which runs the command and outlives us long enough to end it. Returns 0 or an errno.
// The caller owns both descriptors (close-on-exec) and reaps the guardian after `reports` came to its end.
// Closing `control` ends the command.
int cs_guard(const struct cs_command *command, pid_t *guardian, int *control, int *reports);
