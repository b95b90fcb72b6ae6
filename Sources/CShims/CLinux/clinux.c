#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/vfs.h>

void clinux_name_thread(const char *name) { (void)prctl(PR_SET_NAME, name); }

int clinux_keep_capabilities_from_children(void) {
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

int clinux_rename_without_replacing(int from_directory, const char *from, int to_directory, const char *to) {
    return renameat2(from_directory, from, to_directory, to, RENAME_NOREPLACE);
}

int clinux_has_writer(int file) {
    if (fcntl(file, F_SETLEASE, F_RDLCK) == 0) {
        (void)fcntl(file, F_SETLEASE, F_UNLCK);
        return 0;
    }
    return errno == EAGAIN ? 1 : -1;
}

static int64_t nanoseconds(struct statx_timestamp time) { return time.tv_sec * 1000000000 + time.tv_nsec; }

int clinux_status_from_server(int directory, const char *name, CLinuxStatus *ret_status) {
    struct statx now;
    if (statx(directory, name, AT_SYMLINK_NOFOLLOW | AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, &now) != 0) return -1;
    *ret_status = (CLinuxStatus){
        .mode = now.stx_mode,
        .owner = now.stx_uid,
        .links = now.stx_nlink,
        .size = (int64_t)now.stx_size,
        .device = makedev(now.stx_dev_major, now.stx_dev_minor),
        .inode = now.stx_ino,
        .modified = nanoseconds(now.stx_mtime),
        .changed = nanoseconds(now.stx_ctime),
    };
    return 0;
}

int clinux_file_system_magic(const char *path, uint32_t *ret_magic) {
    struct statfs status;
    if (statfs(path, &status) < 0) return -1;
    *ret_magic = (uint32_t)status.f_type;
    return 0;
}

int clinux_clock_is_synchronized(void) {
    struct timex state = {.modes = 0};
    const int result = adjtimex(&state);
    if (result < 0) return -1;
    return result != TIME_ERROR && !(state.status & STA_UNSYNC);
}

int clinux_timer_make(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC); }

int clinux_timer_set(int timer, uint64_t nanoseconds) {
    const uint64_t second = 1000000000;
    const struct itimerspec once = {
        .it_value = {.tv_sec = (time_t)(nanoseconds / second), .tv_nsec = (long)(nanoseconds % second)}};
    return timerfd_settime(timer, 0, &once, NULL);
}

int clinux_limit_address_space(uint64_t bytes) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0) return -1;
    if (limit.rlim_max > bytes) limit.rlim_max = bytes;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_AS, &limit);
}

int clinux_bell_make(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void clinux_bell_ring(int bell) { (void)eventfd_write(bell, 1); }

void clinux_bell_silence(int bell) {
    eventfd_t rings;
    (void)eventfd_read(bell, &rings);
}

int clinux_usable_processors(void) {
    enum { most = 8192 }; // of the kernel's own CONFIG_NR_CPUS
    cpu_set_t *usable = CPU_ALLOC(most);
    if (usable == NULL) return 1;
    const size_t size = CPU_ALLOC_SIZE(most);
    CPU_ZERO_S(size, usable);
    const int count = sched_getaffinity(0, size, usable) == 0 ? CPU_COUNT_S(size, usable) : 1;
    CPU_FREE(usable);
    return count;
}
