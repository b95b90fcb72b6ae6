#define _GNU_SOURCE
#include "clinux_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of linux/wait.h, which older C libraries do not pass on. */
enum { BY_HANDLE = 3 };

static bool has_same_name(const char *one, const char *other) {
    const size_t length = strcspn(one, "=");
    return strncmp(one, other, length) == 0 && other[length] == '=';
}

/* Pointers into both; to be freed. */
static char **merged_environment(char *const variables[]) {
    size_t added = 0, inherited = 0;
    while (variables[added]) added++;
    while (environ && environ[inherited]) inherited++;
    char **merged = calloc(added + inherited + 1, sizeof *merged);
    if (!merged) return NULL;
    memcpy(merged, variables, added * sizeof *merged);
    size_t count = added;
    for (size_t i = 0; i < inherited; i++) {
        bool is_replaced = false;
        for (size_t j = 0; j < added && !is_replaced; j++) is_replaced = has_same_name(variables[j], environ[i]);
        if (!is_replaced) merged[count++] = environ[i];
    }
    return merged;
}

static int spawn(const char *executable, char *const arguments[], char *const environment[], bool own_group,
                 int input, int output, pid_t *ret_process) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error) return error;
    if ((error = posix_spawnattr_init(&attributes))) goto destroy_actions;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    const short group = own_group ? POSIX_SPAWN_SETPGROUP : 0;
    if ((error = posix_spawnattr_setsigmask(&attributes, &none)) ||
        (error = posix_spawnattr_setsigdefault(&attributes, &all)) ||
        (error = posix_spawnattr_setpgroup(&attributes, 0)) ||
        (error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group)) ||
        (error = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)) ||
        (error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)) ||
        (error = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)))
        goto destroy;
    error = posix_spawn(ret_process, executable, &actions, &attributes, arguments, environment);
destroy:
    posix_spawnattr_destroy(&attributes);
destroy_actions:
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* A pipe whose ends are beyond the standard descriptors, whatever of those was closed. */
static int make_pipe(int ends[2]) {
    int raw[2];
    if (pipe2(raw, O_CLOEXEC) != 0) return errno;
    for (int i = 0; i < 2; i++) ends[i] = fcntl(raw[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    const int error = ends[0] < 0 || ends[1] < 0 ? errno : 0;
    for (int i = 0; i < 2; i++) {
        close(raw[i]);
        if (error && ends[i] >= 0) close(ends[i]);
    }
    return error;
}

static int do_not_block(int file) {
    const int flags = fcntl(file, F_GETFL);
    return flags < 0 || fcntl(file, F_SETFL, flags | O_NONBLOCK) != 0 ? errno : 0;
}

int clinux_child_start(const char *executable, char *const *arguments, char *const *variables, bool own_group,
                       CLinuxChild *ret_child) {
    int input[2], output[2];
    int error = make_pipe(input);
    if (error) return error;
    if ((error = make_pipe(output))) goto close_input;
    char **environment = merged_environment(variables);
    if (!environment) {
        error = ENOMEM;
        goto close_output;
    }
    if ((error = do_not_block(input[1])) || (error = do_not_block(output[0]))) goto free_environment;
    pid_t process = 0;
    if ((error = spawn(executable, arguments, environment, own_group, input[0], output[1], &process)))
        goto free_environment;
    /* It is ours until we reap it, so that its number is its own. */
    const int handle = (int)syscall(SYS_pidfd_open, process, 0);
    if (handle < 0) {
        error = errno;
        kill(process, SIGKILL);
        waitpid(process, NULL, 0);
        goto free_environment;
    }
    free(environment);
    close(input[0]);
    close(output[1]);
    *ret_child = (CLinuxChild){.process = process, .handle = handle, .input = input[1], .output = output[0]};
    return 0;
free_environment:
    free(environment);
close_output:
    close(output[0]);
    close(output[1]);
close_input:
    close(input[0]);
    close(input[1]);
    return error;
}

void clinux_child_kill(int handle) { (void)syscall(SYS_pidfd_send_signal, handle, SIGKILL, NULL, 0); }

int clinux_child_reap(int handle, int32_t *ret_status, int32_t *ret_signal) {
    siginfo_t end;
    memset(&end, 0, sizeof end);
    while (waitid((idtype_t)BY_HANDLE, (id_t)handle, &end, WEXITED) != 0)
        if (errno != EINTR) return errno;
    const bool has_exited = end.si_code == CLD_EXITED;
    *ret_status = has_exited ? end.si_status : 0;
    *ret_signal = has_exited ? 0 : end.si_status;
    return 0;
}
