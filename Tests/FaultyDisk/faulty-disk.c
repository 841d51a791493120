/* A disk that fails, for LD_PRELOAD: one call that changes something below the directory FAULTY_DISK fails, or kills the
 * process before it is made.
 *
 *   FAULTY_DISK=DIRECTORY  FAULTY_DISK_AT=N  FAULTY_DISK_ERROR=ERRNO  [FAULTY_DISK_FOREVER=1]  FAULTY_DISK_LOG=FILE
 *
 * The call of number N, counted from 0, fails with ERRNO, and with FOREVER all that follow it: a disk that is full stays
 * full. ERRNO 0 is SIGKILL. The log gets the name of the call that was hit. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static int is_below(const char *path) {
    const char *directory = getenv("FAULTY_DISK");
    return directory && path && !strncmp(path, directory, strlen(directory));
}

static int is_open_below(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_below(path);
}

/* Whether this call fails; errno says how. */
static int fails(const char *call, int concerns_us) {
    static int count;
    if (!concerns_us) return 0;
    int at = atoi(getenv("FAULTY_DISK_AT") ?: "-1"), number = count++;
    if (at < 0 || number < at || (number > at && !getenv("FAULTY_DISK_FOREVER"))) return 0;
    const char *log = getenv("FAULTY_DISK_LOG");
    int file = number == at && log ? (int)((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open"))(log, O_WRONLY | O_CREAT, 0600) : -1;
    if (file >= 0) dprintf(file, "%s\n", call);
    int error = atoi(getenv("FAULTY_DISK_ERROR") ?: "0");
    if (error == 0) kill(getpid(), SIGKILL);
    errno = error;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int open_as(const char *name, const char *path, int flags, mode_t mode) {
    if (fails("open", (flags & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR)) && is_below(path))) return -1;
    return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name))(path, flags, mode);
}

#define OPEN(name)                                         \
    int name(const char *path, int flags, ...) {           \
        va_list more;                                      \
        va_start(more, flags);                             \
        mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0; \
        va_end(more);                                      \
        return open_as(#name, path, flags, mode);          \
    }
OPEN(open)
OPEN(open64)

ssize_t write(int file, const void *bytes, size_t count) {
    return fails("write", is_open_below(file)) ? -1 : REAL(write)(file, bytes, count);
}
ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
    return fails("pwrite", is_open_below(file)) ? -1 : REAL(pwrite)(file, bytes, count, at);
}
int fsync(int file) { return fails("fsync", is_open_below(file)) ? -1 : REAL(fsync)(file); }
int ftruncate(int file, off_t size) { return fails("ftruncate", is_open_below(file)) ? -1 : REAL(ftruncate)(file, size); }
int rename(const char *from, const char *to) { return fails("rename", is_below(to)) ? -1 : REAL(rename)(from, to); }
int unlink(const char *path) { return fails("unlink", is_below(path)) ? -1 : REAL(unlink)(path); }
int mkdir(const char *path, mode_t mode) { return fails("mkdir", is_below(path)) ? -1 : REAL(mkdir)(path, mode); }

/* The user that FAULTY_DISK_USER says, so that a directory is somebody else's. */
uid_t geteuid(void) {
    const char *user = getenv("FAULTY_DISK_USER");
    return user ? (uid_t)atoi(user) : REAL(geteuid)();
}
