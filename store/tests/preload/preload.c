/* Stands between a program and the files under given folders: makes the n-th call of a kind fail, counts
 * the calls, or writes down everything that was done. Loaded with LD_PRELOAD; see mod.rs for its settings.
 *
 * PIPSS_UNDER   folders, separated by colons: only what lies under them is touched or counted
 * PIPSS_CALL    the kind of call: write sync rename open resize reserve range name
 * PIPSS_NTH     which of them, from 1
 * PIPSS_HOW     an errno as a number; "short": half is written; "swallow": it says yes and does nothing;
 *               "forget": a sync says yes, and what was written to that file since the last one is undone;
 *               "late": it is done, and EIO is said all the same;
 *               "full": whatever needs more space gets ENOSPC, and no space is said to be free
 * PIPSS_FROM    if set, all calls from the n-th on
 * PIPSS_WHILE   a file: only while it is there
 * PIPSS_COUNTS  a file to which the counts of all kinds are written when one fails and at the end
 * PIPSS_RECORD  a file to which everything is written down that was done:
 *               one line "KIND PATH OFFSET LENGTH [TO]", and for a write LENGTH bytes after it
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 4096
#define UNDONE 512
enum { WRITE, SYNC, RENAME, OPEN, RESIZE, RESERVE, RANGE, NAME, KINDS };
static const char *const KIND[KINDS] = {"write", "sync", "rename", "open", "resize", "reserve", "range", "name"};

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char *path_of[FDS];
static long counted[KINDS], fired, nth;
static int wanted = -1, number, record = -1, forever, shortened, swallow, forget, late, full;
static const char *under, *during, *counts;
/* What a "forget" can undo: the bytes that stood there before each write since the last sync. */
static struct { int fd; off_t at; size_t length; char *before; } undo[UNDONE];
static int undone;

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static ssize_t real_pwrite(int fd, const void *from, size_t length, off_t at) {
    REAL(pwrite64);
    return real(fd, from, length, at);
}
static ssize_t real_write(int fd, const void *from, size_t length) {
    REAL(write);
    return real(fd, from, length);
}
static int real_open(const char *path, int flags, mode_t mode) {
    REAL(open64);
    return real(path, flags, mode);
}

static void begin(void) {
    const char *call = getenv("PIPSS_CALL"), *how = getenv("PIPSS_HOW"), *to = getenv("PIPSS_RECORD");
    under = getenv("PIPSS_UNDER");
    during = getenv("PIPSS_WHILE");
    counts = getenv("PIPSS_COUNTS");
    for (int kind = 0; call && kind < KINDS; kind++)
        if (!strcmp(call, KIND[kind])) wanted = kind;
    nth = getenv("PIPSS_NTH") ? atol(getenv("PIPSS_NTH")) : 0;
    forever = getenv("PIPSS_FROM") != NULL;
    if (how) {
        number = atoi(how);
        shortened = !strcmp(how, "short");
        swallow = !strcmp(how, "swallow");
        forget = !strcmp(how, "forget");
        late = !strcmp(how, "late");
        full = !strcmp(how, "full");
    }
    if (to) record = real_open(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int watched(const char *path) {
    const char *folder = under;
    if (!path || path[0] != '/') return 0;
    while (folder && *folder) {
        size_t length = strcspn(folder, ":");
        if (!strncmp(path, folder, length) && (path[length] == '/' || !path[length])) return 1;
        folder += length + (folder[length] == ':');
    }
    return 0;
}

static const char *known(int fd) {
    pthread_once(&once, begin);
    return fd >= 0 && fd < FDS ? path_of[fd] : NULL;
}

static void say_counts(void) {
    if (!counts) return;
    int fd = real_open(counts, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    for (int kind = 0; kind < KINDS; kind++) dprintf(fd, "%s %ld\n", KIND[kind], counted[kind]);
    dprintf(fd, "fired %ld\n", fired);
    close(fd);
}

__attribute__((destructor)) static void end(void) {
    if (under) say_counts();
}

static int now(void) { return !during || !access(during, F_OK); }

/* Counts a call. Is it one that shall fail? */
static int fails(int kind) {
    if (!now()) return 0;
    counted[kind]++;
    if (kind != wanted || (forever ? counted[kind] < nth : counted[kind] != nth)) return 0;
    fired++;
    if (fired == 1) say_counts();
    return 1;
}

static void note(const char *kind, const char *path, off_t at, size_t length, const char *to, const void *data) {
    if (record < 0) return;
    dprintf(record, "%s %s %lld %zu%s%s\n", kind, path, (long long)at, length, to ? " " : "", to ? to : "");
    for (size_t done = 0; data && done < length;) {
        ssize_t more = real_write(record, (const char *)data + done, length - done);
        if (more <= 0) break;
        done += more;
    }
}

static void remember(int fd, size_t length, off_t at) {
    if (!forget || undone == UNDONE) return;
    char *before = calloc(1, length);
    if (pread64(fd, before, length, at) < 0) memset(before, 0, length);
    undo[undone].fd = fd, undo[undone].at = at, undo[undone].length = length, undo[undone].before = before;
    undone++;
}

/* Undoes, or lets go, what was written to a file since its last sync. */
static void settle(int fd, int lose) {
    int kept = 0;
    for (int one = undone - 1; lose && one >= 0; one--)
        if (undo[one].fd == fd) real_pwrite(fd, undo[one].before, undo[one].length, undo[one].at);
    for (int one = 0; one < undone; one++) {
        if (undo[one].fd == fd) free(undo[one].before);
        else undo[kept++] = undo[one];
    }
    undone = kept;
}

static ssize_t put(int fd, const void *from, size_t length, off_t at, int placed) {
    const char *path = known(fd);
    if (!path) return placed ? real_pwrite(fd, from, length, at) : real_write(fd, from, length);
    pthread_mutex_lock(&gate);
    ssize_t done = -1;
    int failing = 0;
    struct stat64 there = {0};
    if (!placed) {
        int appends = fcntl(fd, F_GETFL) & O_APPEND;
        at = lseek64(fd, 0, appends ? SEEK_END : SEEK_CUR);
    }
    if (full && now() && !fstat64(fd, &there) && at + (off_t)length > there.st_size) {
        fired++;
        errno = ENOSPC;
    } else if ((failing = fails(WRITE)) && number) {
        errno = number;
    } else if (failing && swallow) {
        done = length;
    } else {
        if (failing && shortened && length > 1) length /= 2;
        remember(fd, length, at);
        done = placed ? real_pwrite(fd, from, length, at) : real_write(fd, from, length);
        if (done > 0) note("write", path, at, done, NULL, from);
        if (failing && late) errno = EIO, done = -1;
    }
    pthread_mutex_unlock(&gate);
    return done;
}

ssize_t write(int fd, const void *from, size_t length) { return put(fd, from, length, 0, 0); }
ssize_t pwrite64(int fd, const void *from, size_t length, off64_t at) { return put(fd, from, length, at, 1); }
ssize_t pwrite(int fd, const void *from, size_t length, off_t at) { return put(fd, from, length, at, 1); }
ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(writev);
    /* A short write is allowed: the first part alone. */
    return known(fd) && count > 0 ? put(fd, parts[0].iov_base, parts[0].iov_len, 0, 0) : real(fd, parts, count);
}

/* Does a call that gives 0 or -1, unless it shall fail. */
#define CALL(kind, file, real_call, noted)                              \
    pthread_mutex_lock(&gate);                                          \
    int failing = fails(kind), result = failing && swallow ? 0 : -1;    \
    if (failing && number) errno = number;                              \
    else if (!(failing && swallow)) {                                   \
        result = real_call;                                             \
        if (!result) { noted; }                                         \
        if (failing && late) errno = EIO, result = -1;                  \
    }                                                                   \
    pthread_mutex_unlock(&gate);                                        \
    return result

#define SYNCS(name)                                                     \
    int name(int fd) {                                                  \
        REAL(name);                                                     \
        const char *path = known(fd);                                   \
        if (!path) return real(fd);                                     \
        CALL(SYNC, path, (settle(fd, failing && forget), real(fd)), note("sync", path, 0, 0, NULL, NULL)); \
    }
SYNCS(fsync)
SYNCS(fdatasync)

int sync_file_range(int fd, off64_t at, off64_t length, unsigned int flags) {
    REAL(sync_file_range);
    const char *path = known(fd);
    if (!path) return real(fd, at, length, flags);
    CALL(RANGE, path, real(fd, at, length, flags), (void)0);
}

#define RESIZES(name)                                                   \
    int name(int fd, off_t length) {                                    \
        REAL(name);                                                     \
        const char *path = known(fd);                                   \
        if (!path) return real(fd, length);                             \
        CALL(RESIZE, path, real(fd, length), note("resize", path, 0, length, NULL, NULL)); \
    }
RESIZES(ftruncate)
RESIZES(ftruncate64)

static int no_space(int fd, off_t end) {
    struct stat64 there;
    if (!full || !now() || fstat64(fd, &there) || end <= there.st_size) return 0;
    fired++;
    return 1;
}

#define RESERVES(name)                                                  \
    int name(int fd, int mode, off_t at, off_t length) {                \
        REAL(name);                                                     \
        const char *path = known(fd);                                   \
        if (!path) return real(fd, mode, at, length);                   \
        if (no_space(fd, at + length)) { errno = ENOSPC; return -1; }   \
        CALL(RESERVE, path, real(fd, mode, at, length), note("reserve", path, at, length, NULL, NULL)); \
    }
RESERVES(fallocate)
RESERVES(fallocate64)

#define NAMES(name, kind, said)                                         \
    int name(const char *path) {                                        \
        REAL(name);                                                     \
        pthread_once(&once, begin);                                     \
        if (!watched(path)) return real(path);                          \
        CALL(kind, path, real(path), note(said, path, 0, 0, NULL, NULL)); \
    }
NAMES(unlink, NAME, "unlink")
NAMES(rmdir, NAME, "rmdir")

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    pthread_once(&once, begin);
    if (!watched(path)) return real(path, mode);
    CALL(NAME, path, real(path, mode), note("mkdir", path, 0, 0, NULL, NULL));
}

int rename(const char *from, const char *to) {
    REAL(rename);
    pthread_once(&once, begin);
    if (!watched(from) && !watched(to)) return real(from, to);
    CALL(RENAME, from, real(from, to), note("rename", from, 0, 0, to, NULL));
}

static int opened(const char *path, int flags, mode_t mode, int (*real)(const char *, int, ...)) {
    pthread_once(&once, begin);
    if (!watched(path)) {
        int fd = real(path, flags, mode);
        if (fd >= 0 && fd < FDS) path_of[fd] = NULL;
        return fd;
    }
    pthread_mutex_lock(&gate);
    int fd = -1, writes = flags & (O_CREAT | O_WRONLY | O_RDWR), made = 0, failing = 0;
    if (flags & O_CREAT) made = access(path, F_OK) != 0;
    if (made && full && now()) {
        fired++;
        errno = ENOSPC;
    } else if (writes && (failing = fails(OPEN)) && number) {
        errno = number;
    } else {
        fd = real(path, flags, mode);
        if (failing && late && fd >= 0) {
            static int (*shut)(int);
            if (!shut) shut = (int (*)(int))dlsym(RTLD_NEXT, "close");
            shut(fd);
            errno = EIO, fd = -1;
        }
        if (fd >= 0 && fd < FDS) {
            free(path_of[fd]);
            path_of[fd] = strdup(path);
        }
        if (fd >= 0 && made) note("create", path, 0, 0, NULL, NULL);
        if (fd >= 0 && flags & O_TRUNC) note("resize", path, 0, 0, NULL, NULL);
    }
    pthread_mutex_unlock(&gate);
    return fd;
}

#define MODE(flags)                                                     \
    mode_t mode = 0;                                                    \
    if ((flags) & O_CREAT) {                                            \
        va_list more;                                                   \
        va_start(more, flags);                                          \
        mode = va_arg(more, mode_t);                                    \
        va_end(more);                                                   \
    }

int open(const char *path, int flags, ...) {
    MODE(flags)
    REAL(open);
    return opened(path, flags, mode, real);
}
int open64(const char *path, int flags, ...) {
    MODE(flags)
    REAL(open64);
    return opened(path, flags, mode, real);
}
#define OPENS_AT(name)                                                  \
    int name(int folder, const char *path, int flags, ...) {            \
        MODE(flags)                                                     \
        REAL(name);                                                     \
        static __typeof__(open) *plain;                                 \
        if (!plain) plain = (__typeof__(open) *)dlsym(RTLD_NEXT, "open"); \
        if (path[0] == '/') return opened(path, flags, mode, plain);    \
        int fd = real(folder, path, flags, mode);                       \
        if (fd >= 0 && fd < FDS) path_of[fd] = NULL;                    \
        return fd;                                                      \
    }
OPENS_AT(openat)
OPENS_AT(openat64)

int close(int fd) {
    REAL(close);
    if (known(fd)) {
        pthread_mutex_lock(&gate);
        settle(fd, 0);
        free(path_of[fd]);
        path_of[fd] = NULL;
        pthread_mutex_unlock(&gate);
    }
    return real(fd);
}

/* Copies within the kernel would pass us by: std then reads and writes. */
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t length, unsigned int flags) {
    REAL(copy_file_range);
    if (!known(in) && !known(out)) return real(in, from, out, to, length, flags);
    errno = ENOSYS;
    return -1;
}
ssize_t sendfile64(int out, int in, off64_t *from, size_t length) {
    REAL(sendfile64);
    if (!known(in) && !known(out)) return real(out, in, from, length);
    errno = ENOSYS;
    return -1;
}

#define SPACE(name, type)                                               \
    int name(const char *path, struct type *said) {                     \
        REAL(name);                                                     \
        int result = real(path, said);                                  \
        pthread_once(&once, begin);                                     \
        if (!result && full && watched(path) && now()) said->f_bavail = said->f_bfree = 0; \
        return result;                                                  \
    }
SPACE(statvfs, statvfs)
SPACE(statvfs64, statvfs64)
