/* Records, or fails at the n-th, the calls that change files below a folder. Loaded with LD_PRELOAD by tests/it/crash.
 *
 * It is told what to do by mkdir(2), so that a caller needs no foreign function:
 *   FOLDER/fault:record         writes every change below FOLDER to FOLDER.log, as fault.rs reads it
 *   FOLDER/fault:at:N:ERRNO     fails the N-th call with this errno; `fault:at:N:ERRNO+` all later ones, too
 *   FOLDER/fault:off            ends either; fails with ENOENT when no call was failed
 */
#define _GNU_SOURCE
#include <dlfcn.h>
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
#include <sys/types.h>
#include <unistd.h>

enum mode { OFF, RECORD, FAIL };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile enum mode mode = OFF;
static char folder[PATH_MAX];
static long calls, wanted;
static int number_of_error, stays, happened, log_file = -1;

static int below(const char *path) {
    size_t length = strlen(folder);
    return mode != OFF && path && strncmp(path, folder, length) == 0 && path[length] == '/';
}

static int path_of(int fd, char *path) {
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(name, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

static void put(const void *data, size_t size) {
    while (size > 0) {
        long done = syscall(SYS_write, log_file, data, size);
        if (done <= 0) abort();
        data = (const char *)data + done;
        size -= done;
    }
}

/* One change: its kind, its file, a second file or nothing, an offset or size, and bytes. */
static void record(char kind, const char *path, const char *other, int64_t at, const void *data, size_t size) {
    const char *relative = path + strlen(folder) + 1;
    const char *second = other && below(other) ? other + strlen(folder) + 1 : "";
    uint32_t lengths[3] = {strlen(relative), strlen(second), size};
    put(&kind, 1);
    put(lengths, sizeof lengths);
    put(&at, sizeof at);
    put(relative, lengths[0]);
    put(second, lengths[1]);
    put(data, size);
}

/* Counts one call; -1 with errno when it must fail. */
static int fault(void) {
    calls++;
    if (mode != FAIL || !(calls == wanted || (stays && calls > wanted))) return 0;
    happened = 1;
    errno = number_of_error;
    return -1;
}

static int control(const char *path, const char *word) {
    pthread_mutex_lock(&lock);
    int result = 0;
    calls = 0;
    if (strcmp(word, "off") == 0) {
        if (mode == FAIL && !happened) result = -1;
        mode = OFF;
        if (log_file >= 0) close(log_file);
        log_file = -1;
    } else {
        snprintf(folder, sizeof folder, "%.*s", (int)(word - strlen("/fault:") - path), path);
        happened = 0;
        if (strcmp(word, "record") == 0) {
            char name[PATH_MAX + 8];
            snprintf(name, sizeof name, "%s.log", folder);
            log_file = syscall(SYS_openat, AT_FDCWD, name, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
            mode = RECORD;
        } else {
            char plus = 0;
            sscanf(word, "at:%ld:%d%c", &wanted, &number_of_error, &plus);
            stays = plus == '+';
            mode = FAIL;
        }
    }
    pthread_mutex_unlock(&lock);
    if (result) errno = ENOENT;
    return result;
}

#define REAL(name)                           \
    static __typeof__(&name) real;           \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name);

/* Does `call` on a file that is below the folder: counted, failed or recorded. */
#define ON_FD(type, name, fd, parameters, arguments, kind, at, data, size)          \
    type name parameters {                                                         \
        REAL(name)                                                                 \
        char path[PATH_MAX];                                                       \
        if (mode == OFF || !path_of(fd, path) || !below(path)) return real arguments; \
        pthread_mutex_lock(&lock);                                                 \
        type result = -1;                                                          \
        if (!fault()) {                                                            \
            int64_t place = at;                                                    \
            result = real arguments;                                               \
            if (mode == RECORD && result >= 0) record(kind, path, 0, place, data, size); \
        }                                                                          \
        pthread_mutex_unlock(&lock);                                               \
        return result;                                                             \
    }
#define ON_PATH(name, path, parameters, arguments, kind, other, mode_bits)         \
    int name parameters {                                                          \
        REAL(name)                                                                 \
        if (!below(path)) return real arguments;                                   \
        pthread_mutex_lock(&lock);                                                 \
        int result = -1;                                                           \
        if (!fault()) {                                                            \
            result = real arguments;                                               \
            if (mode == RECORD && result >= 0) record(kind, path, other, mode_bits, "", 0); \
        }                                                                          \
        pthread_mutex_unlock(&lock);                                               \
        return result;                                                             \
    }

static int64_t position(int fd) {
    struct stat found;
    if (fcntl(fd, F_GETFL) & O_APPEND) return fstat(fd, &found) == 0 ? found.st_size : 0;
    return lseek(fd, 0, SEEK_CUR);
}

ON_FD(ssize_t, write, fd, (int fd, const void *data, size_t size), (fd, data, size), 'w', position(fd), data, result)
ON_FD(ssize_t, pwrite, fd, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at), 'w', at, data, result)
ON_FD(ssize_t, pwrite64, fd, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at), 'w', at, data, result)
ON_FD(int, fsync, fd, (int fd), (fd), 's', 0, "", 0)
ON_FD(int, fdatasync, fd, (int fd), (fd), 's', 0, "", 0)
ON_FD(int, ftruncate, fd, (int fd, off_t size), (fd, size), 't', size, "", 0)
ON_FD(int, ftruncate64, fd, (int fd, off64_t size), (fd, size), 't', size, "", 0)
ON_PATH(rename, to, (const char *from, const char *to), (from, to), 'r', from, 0)
ON_PATH(linkat, to, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags), 'l', from, 0)
ON_PATH(unlink, path, (const char *path), (path), 'u', 0, 0)
ON_PATH(chmod, path, (const char *path, mode_t bits), (path, bits), 'm', 0, bits)

int mkdir(const char *path, mode_t bits) {
    REAL(mkdir)
    const char *word = strstr(path, "/fault:");
    if (word) return control(path, word + strlen("/fault:"));
    if (!below(path)) return real(path, bits);
    pthread_mutex_lock(&lock);
    int result = -1;
    if (!fault()) {
        result = real(path, bits);
        if (mode == RECORD && result >= 0) record('d', path, 0, bits, "", 0);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

/* Copies go through here as reads and writes, which are counted and recorded. */
ssize_t copy_file_range(int from, off64_t *a, int to, off64_t *b, size_t size, unsigned flags) {
    REAL(copy_file_range)
    char path[PATH_MAX];
    if (mode == OFF || !path_of(to, path) || !below(path)) return real(from, a, to, b, size, flags);
    char data[65536];
    ssize_t got = read(from, data, size < sizeof data ? size : sizeof data);
    return got <= 0 ? got : write(to, data, got);
}

/* Making a file is no write, and is recorded all the same. */
static void opened(const char *path, int flags, int fd) {
    if (fd < 0 || mode != RECORD || !below(path)) return;
    pthread_mutex_lock(&lock);
    if (flags & O_CREAT) record('c', path, 0, 0, "", 0);
    if (flags & O_TRUNC) record('T', path, 0, 0, "", 0);
    pthread_mutex_unlock(&lock);
}
#define OPEN(name)                                                    \
    int name(const char *path, int flags, ...) {                      \
        REAL(name)                                                    \
        va_list rest;                                                 \
        va_start(rest, flags);                                        \
        mode_t bits = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                                 \
        int fd = real(path, flags, bits);                             \
        opened(path, flags, fd);                                      \
        return fd;                                                    \
    }
OPEN(open)
OPEN(open64)
