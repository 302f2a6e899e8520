/* Stands between a process and the machine: writes down, in order, each call that changes files, or leaves out
 * a sync that was asked for. Only for tests.
 *
 * PIPSS_TRACE       where to write records: kind 1, inode 8, number 8, length 4, then that many bytes
 * PIPSS_TRACE_ROOT  the folder whose files count
 * PIPSS_TRACE_SAID  what is written to this file was said
 * PIPSS_SWALLOW     fdatasync of a file whose path holds this text does nothing and reports success
 * PIPSS_SWALLOW_NAMES  fsync of a folder likewise
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

typedef char Path[PATH_MAX];

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static int trace = -1;
static const char *root, *said, *swallow, *swallow_names;

__attribute__((constructor)) static void begin(void) {
    const char *to = getenv("PIPSS_TRACE");
    root = getenv("PIPSS_TRACE_ROOT");
    said = getenv("PIPSS_TRACE_SAID");
    swallow = getenv("PIPSS_SWALLOW");
    swallow_names = getenv("PIPSS_SWALLOW_NAMES");
    if (to && root && said) {
        trace = syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_APPEND | O_CLOEXEC, 0);
        if (trace < 0) abort();
    }
}

static int counts(const char *path) {
    size_t n = root ? strlen(root) : 0;
    return trace >= 0 && !strncmp(path, root, n) && (path[n] == '/' || !path[n]);
}

static void path_of(int fd, Path out) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, out, PATH_MAX - 1);
    out[n < 0 ? 0 : n] = 0;
}

static void place_of(int dir, const char *name, Path out) {
    Path folder = "";
    if (name[0] == '/') {
        snprintf(out, PATH_MAX, "%s", name);
        return;
    }
    if (dir == AT_FDCWD) {
        if (!getcwd(folder, sizeof folder)) folder[0] = 0;
    } else {
        path_of(dir, folder);
    }
    if (snprintf(out, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX) abort();
}

static void record(char kind, uint64_t inode, uint64_t number, const void *bytes, uint32_t length) {
    char head[21];
    head[0] = kind;
    memcpy(head + 1, &inode, 8);
    memcpy(head + 9, &number, 8);
    memcpy(head + 17, &length, 4);
    struct iovec parts[] = {{head, sizeof head}, {(void *)bytes, length}};
    if (syscall(SYS_writev, trace, parts, 2) != (long)(sizeof head + length)) abort();
}

static uint64_t inode_of(int fd, uint64_t *length) {
    struct stat found;
    if (fstat(fd, &found)) abort();
    if (length) *length = found.st_size;
    return found.st_ino;
}

static int opening(int dir, const char *name, int flags, mode_t mode) {
    Path path;
    place_of(dir, name, path);
    if (!(flags & (O_CREAT | O_TRUNC)) || !counts(path))
        return syscall(SYS_openat, dir, name, flags, mode);
    pthread_mutex_lock(&one_at_a_time);
    int was = !access(path, F_OK);
    int fd = syscall(SYS_openat, dir, name, flags, mode);
    int error = errno;
    if (fd >= 0 && !was) record('C', inode_of(fd, NULL), 0, path, strlen(path));
    if (fd >= 0 && was && (flags & O_TRUNC)) record('T', inode_of(fd, NULL), 0, NULL, 0);
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return fd;
}

static mode_t mode_in(int flags, va_list rest) {
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

#define OPEN(NAME)                                     \
    int NAME(const char *name, int flags, ...) {       \
        va_list rest;                                  \
        va_start(rest, flags);                         \
        mode_t mode = mode_in(flags, rest);            \
        va_end(rest);                                  \
        return opening(AT_FDCWD, name, flags, mode);   \
    }
#define OPENAT(NAME)                                          \
    int NAME(int dir, const char *name, int flags, ...) {     \
        va_list rest;                                         \
        va_start(rest, flags);                                \
        mode_t mode = mode_in(flags, rest);                   \
        va_end(rest);                                         \
        return opening(dir, name, flags, mode);               \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

static void wrote(int fd, const char *path, const void *bytes, ssize_t n, uint64_t at) {
    if (n <= 0) return;
    if (!strcmp(path, said))
        record('A', 0, 0, bytes, n);
    else
        record('W', inode_of(fd, NULL), at, bytes, n);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    Path path = "";
    if (trace >= 0) path_of(fd, path);
    if (trace < 0 || (!counts(path) && strcmp(path, said)))
        return syscall(SYS_write, fd, bytes, length);
    pthread_mutex_lock(&one_at_a_time);
    ssize_t n = syscall(SYS_write, fd, bytes, length);
    int error = errno;
    wrote(fd, path, bytes, n, n > 0 ? lseek(fd, 0, SEEK_CUR) - n : 0);
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return n;
}

static ssize_t writing_at(int fd, const void *bytes, size_t length, off_t at) {
    Path path = "";
    if (trace >= 0) path_of(fd, path);
    if (!counts(path)) return syscall(SYS_pwrite64, fd, bytes, length, at);
    pthread_mutex_lock(&one_at_a_time);
    ssize_t n = syscall(SYS_pwrite64, fd, bytes, length, at);
    int error = errno;
    wrote(fd, path, bytes, n, at);
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return n;
}
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) { return writing_at(fd, bytes, n, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at) { return writing_at(fd, bytes, n, at); }

static int shortening(int fd, off_t length) {
    Path path = "";
    if (trace >= 0) path_of(fd, path);
    if (!counts(path)) return syscall(SYS_ftruncate, fd, length);
    pthread_mutex_lock(&one_at_a_time);
    int done = syscall(SYS_ftruncate, fd, length);
    int error = errno;
    if (!done) record('T', inode_of(fd, NULL), length, NULL, 0);
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return done;
}
int ftruncate(int fd, off_t length) { return shortening(fd, length); }
int ftruncate64(int fd, off_t length) { return shortening(fd, length); }

static int syncing(long call, int fd) {
    Path path = "";
    if (trace >= 0 || swallow) path_of(fd, path);
    if (swallow && call == SYS_fdatasync && strstr(path, swallow)) return 0;
    struct stat found;
    if (swallow_names && !fstat(fd, &found) && S_ISDIR(found.st_mode)) return 0;
    if (!counts(path)) return syscall(call, fd);
    pthread_mutex_lock(&one_at_a_time);
    /* Reserved space shows in the length only. */
    uint64_t length, inode = inode_of(fd, &length);
    int done = syscall(call, fd);
    int error = errno;
    if (!done) record('S', inode, length, NULL, 0);
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return done;
}
int fsync(int fd) { return syncing(SYS_fsync, fd); }
int fdatasync(int fd) { return syncing(SYS_fdatasync, fd); }

int rename(const char *from, const char *to) {
    Path both[2];
    place_of(AT_FDCWD, from, both[0]);
    place_of(AT_FDCWD, to, both[1]);
    if (!counts(both[0])) return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    char joined[2 * PATH_MAX];
    int n = snprintf(joined, sizeof joined, "%s\n%s", both[0], both[1]);
    pthread_mutex_lock(&one_at_a_time);
    int done = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    int error = errno;
    if (!done) record('R', 0, 0, joined, n);
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return done;
}

int unlinkat(int dir, const char *name, int flags) {
    Path path;
    place_of(dir, name, path);
    if (!counts(path)) return syscall(SYS_unlinkat, dir, name, flags);
    pthread_mutex_lock(&one_at_a_time);
    int done = syscall(SYS_unlinkat, dir, name, flags);
    int error = errno;
    if (!done) record('U', 0, 0, path, strlen(path));
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return done;
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }

int mkdir(const char *name, mode_t mode) {
    Path path;
    place_of(AT_FDCWD, name, path);
    if (!counts(path)) return syscall(SYS_mkdirat, AT_FDCWD, name, mode);
    pthread_mutex_lock(&one_at_a_time);
    int done = syscall(SYS_mkdirat, AT_FDCWD, name, mode);
    int error = errno;
    struct stat made;
    if (!done && !stat(path, &made)) record('M', made.st_ino, 0, path, strlen(path));
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return done;
}
