#define _GNU_SOURCE
#include "guardian.h"
#include "system_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Everything below cs_guard runs in a fork of a program with many threads: another thread may have held any lock at that
// moment, so only async-signal-safe calls are allowed here. No malloc, no stdio, no atfork handlers (hence _Fork).

enum { GIVE_UP_MILLISECONDS = 10000, KILL_AGAIN_MILLISECONDS = 10 };

static int64_t now_milliseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void close_between(unsigned first, unsigned last) {
    if (first > last) return;
    if (syscall(SYS_close_range, first, last, 0) == 0) return;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > 65536) limit.rlim_cur = 65536;
    for (unsigned descriptor = first; descriptor <= last && descriptor < limit.rlim_cur; descriptor++) close((int)descriptor);
}

static void close_all_but(const int *kept, size_t count) {
    unsigned from = 3;
    for (;;) {
        int next = -1;
        for (size_t i = 0; i < count; i++) {
            if (kept[i] >= (int)from && (next < 0 || kept[i] < next)) next = kept[i];
        }
        if (next < 0) break;
        if ((unsigned)next > from) close_between(from, (unsigned)next - 1);
        from = (unsigned)next + 1;
    }
    close_between(from, ~0U);
}

static void reset_signals(void) {
    struct sigaction standard;
    memset(&standard, 0, sizeof standard);
    standard.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &standard, NULL);   // some cannot be changed: no matter
}

static void unblock_signals(void) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void report(int descriptor, const struct cs_report *message) {
    // Shorter than PIPE_BUF, so it goes whole or not at all. If nobody reads any more, nobody is told.
    while (write(descriptor, message, sizeof *message) < 0 && errno == EINTR) {}
}

struct start_failure { int32_t stage, error; };

static void fail_start(int descriptor, int stage) {
    struct start_failure failure = { stage, errno };
    while (write(descriptor, &failure, sizeof failure) < 0 && errno == EINTR) {}
    _exit(127);
}

static void become_command(const struct cs_command *command, pid_t guardian, int failures) {
    setpgid(0, 0);
    if (command->switch_user) {
        // The kernel's own calls: the C library's talk to all threads first, and those stayed behind.
        if (syscall(SYS_setgroups, command->group_count, command->groups) != 0) fail_start(failures, CS_STAGE_GROUPS);
        if (syscall(SYS_setresgid, command->gid, command->gid, command->gid) != 0) fail_start(failures, CS_STAGE_GROUPS);
        if (syscall(SYS_setresuid, command->uid, command->uid, command->uid) != 0) fail_start(failures, CS_STAGE_USER);
    }
    // After the change of user, which clears it. Should somebody kill the guardian, its command goes too. The guardian has
    // one thread, so this cannot fire early.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != guardian) _exit(127);

    if (chdir(command->folder ? command->folder : "/") != 0) fail_start(failures, CS_STAGE_FOLDER);
    if (dup2(command->input, 0) < 0 || dup2(command->output, 1) < 0 || dup2(command->error_output, 2) < 0) {
        fail_start(failures, CS_STAGE_STREAMS);
    }
    close_all_but(&failures, 1);        // itself close-on-exec: its end of file says that the command runs
    unblock_signals();
    execve(command->path, command->arguments, command->environment);
    fail_start(failures, CS_STAGE_EXECUTE);
}

// Sends a signal to every child of the guardian but one group. Descendants whose parents died are children of the guardian,
// so repeating this with SIGKILL reaches everybody in the end. Returns 0, or -1 if it cannot look.
static int signal_children(int signal, pid_t spared_group) {
    int list = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    if (list < 0) return -1;
    char text[4096];
    pid_t pid = 0;
    for (;;) {
        ssize_t count = read(list, text, sizeof text);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        for (ssize_t i = 0; i < count; i++) {
            if (text[i] >= '0' && text[i] <= '9') {
                pid = pid * 10 + (text[i] - '0');
            } else if (pid > 0) {
                if (spared_group == 0 || getpgid(pid) != spared_group) kill(pid, signal);
                pid = 0;
            }
        }
    }
    close(list);
    return 0;
}

struct guarded {
    pid_t pid;
    int alive;
    int has_descendants;
};

static void reap(struct guarded *guarded, int reports) {
    for (;;) {
        int status;
        struct rusage usage;
        pid_t pid = wait4(-1, &status, WNOHANG | __WALL, &usage);
        if (pid < 0 && errno == EINTR) continue;
        if (pid < 0) guarded->has_descendants = 0;
        if (pid <= 0) return;
        if (pid != guarded->pid || !guarded->alive) continue;
        guarded->alive = 0;
        struct cs_report message = { .kind = CS_REPORT_EXITED };
        message.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
        message.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        message.cpu_microseconds = ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec
            + usage.ru_stime.tv_usec;
        report(reports, &message);
    }
}

static void signal_everybody(const struct guarded *guarded, int signal) {
    // The group's number is surely ours only while its leader has not been reaped; later it is the last resort.
    if (guarded->alive) kill(-guarded->pid, signal);
    int looked = signal_children(signal, guarded->alive ? guarded->pid : 0);
    if (looked < 0 && !guarded->alive) kill(-guarded->pid, signal);
}

static void remove_folders(char *const *remover) {
    pid_t pid = _Fork();
    if (pid == 0) {
        static char *const environment[] = { "PATH=/usr/bin:/bin", NULL };
        unblock_signals();
        execve(remover[0], remover, environment);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
}

static void watch(const struct cs_command *command, struct guarded *guarded, int control, int signals, int reports) {
    int stopping = 0, killing = 0, control_is_open = 1, last_signal = 0;
    int64_t kill_at = 0, give_up_at = 0;

    for (;;) {
        int was_alive = guarded->alive;
        reap(guarded, reports);
        // Those outside its group became our children only now and have not heard that they should stop.
        if (was_alive && !guarded->alive && stopping) signal_children(last_signal, guarded->pid);
        if (!guarded->alive && command->leave_descendants && !stopping) return;
        if (!guarded->has_descendants) {
            // The folders stay until we are told to stop or our owner is gone: somebody may still want to look at them.
            if (!command->remover || stopping) return;
        } else if (!guarded->alive && !stopping && !killing) {
            killing = 1;                // it ended by itself and left others behind
            give_up_at = now_milliseconds() + GIVE_UP_MILLISECONDS;
        } else if (stopping && !killing && now_milliseconds() >= kill_at) {
            killing = 1;
            give_up_at = now_milliseconds() + GIVE_UP_MILLISECONDS;
        }
        int timeout = -1;
        if (killing && guarded->has_descendants) {
            signal_everybody(guarded, SIGKILL);
            // What hangs inside the kernel, or belongs to somebody else now, cannot be waited for.
            if (now_milliseconds() >= give_up_at) return;
            timeout = KILL_AGAIN_MILLISECONDS;
        } else if (stopping && guarded->has_descendants) {
            int64_t left = kill_at - now_milliseconds();
            timeout = left > 0 ? (int)left : 0;
        }

        struct pollfd sources[2] = { { signals, POLLIN, 0 }, { control_is_open ? control : -1, POLLIN, 0 } };
        if (poll(sources, 2, timeout) < 0) continue;
        if (sources[0].revents) {
            struct signalfd_siginfo ignored;
            while (read(signals, &ignored, sizeof ignored) > 0) {}
        }
        if (!sources[1].revents) continue;

        struct cs_order order = { command->stop_signal, command->grace_milliseconds };
        ssize_t count = read(control, &order, sizeof order);
        if (count < 0) continue;
        if (count == 0) {               // we are dead, or have let go
            control_is_open = 0;
            order.signal = command->stop_signal;
            order.grace_milliseconds = command->grace_milliseconds;
        }
        signal_everybody(guarded, order.signal);
        if (order.grace_milliseconds < 0) continue;
        signal_everybody(guarded, SIGCONT);     // who is halted cannot stop
        last_signal = order.signal;
        int64_t deadline = now_milliseconds() + order.grace_milliseconds;
        if (!stopping || deadline < kill_at) kill_at = deadline;
        stopping = 1;
    }
}

static void guard(const struct cs_command *command, int control, int reports) {
    reset_signals();                    // all of them stay blocked: a guardian ends when its work is done
    setsid();                           // ^C in the terminal is for us, and we decide what it means for the command
    prctl(PR_SET_NAME, "lifeboat-guard");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    int kept[] = { control, reports, command->input, command->output, command->error_output };
    close_all_but(kept, sizeof kept / sizeof kept[0]);
    int null = open("/dev/null", O_RDWR);
    if (null >= 0) {
        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
        if (null > 2) close(null);
    }

    int failures[2];
    sigset_t child_ended;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    int signals = signalfd(-1, &child_ended, SFD_CLOEXEC | SFD_NONBLOCK);
    pid_t guardian = getpid();
    struct guarded guarded = { .pid = -1 };
    if (signals >= 0 && pipe2(failures, O_CLOEXEC) == 0) guarded.pid = _Fork();
    if (guarded.pid < 0) {
        struct cs_report message = { .kind = CS_REPORT_FAILED, .stage = CS_STAGE_FORK, .error = errno };
        report(reports, &message);
        return;
    }
    if (guarded.pid == 0) become_command(command, guardian, failures[1]);
    setpgid(guarded.pid, guarded.pid);  // here too: whoever comes first
    close(failures[1]);
    close(command->input);
    close(command->output);
    close(command->error_output);
    if (chdir("/") != 0) {}             // hold no folder

    struct start_failure failure;
    ssize_t count;
    while ((count = read(failures[0], &failure, sizeof failure)) < 0 && errno == EINTR) {}
    close(failures[0]);
    if (count == (ssize_t)sizeof failure) {
        while (waitpid(guarded.pid, NULL, 0) < 0 && errno == EINTR) {}
        struct cs_report message = { .kind = CS_REPORT_FAILED, .stage = failure.stage, .error = failure.error };
        report(reports, &message);
        return;
    }
    struct cs_report started = { .kind = CS_REPORT_STARTED, .pid = guarded.pid };
    report(reports, &started);

    guarded.alive = 1;
    guarded.has_descendants = 1;
    watch(command, &guarded, control, signals, reports);
    if (command->remover) remove_folders(command->remover);
}

int cs_guard(const struct cs_command *command, pid_t *guardian, int *control, int *reports) {
    int orders_pipe[2], reports_pipe[2];
    int error = cs_pipe(orders_pipe);
    if (error) return error;
    error = cs_pipe(reports_pipe);
    if (error) {
        close(orders_pipe[0]);
        close(orders_pipe[1]);
        return error;
    }

    // Signals wait until the fork has taken our handlers off: they would run in a half copied program.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = _Fork();
    if (pid == 0) {
        guard(command, orders_pipe[0], reports_pipe[1]);
        _exit(0);
    }
    error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    close(orders_pipe[0]);
    close(reports_pipe[1]);
    if (pid < 0) {
        close(orders_pipe[1]);
        close(reports_pipe[0]);
        return error;
    }
    *guardian = pid;
    *control = orders_pipe[1];
    *reports = reports_pipe[0];
    return 0;
}
