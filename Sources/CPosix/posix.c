#define _GNU_SOURCE
#include "CPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

// MARK: Events and descriptors

int ml_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int ml_signalfd(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int ml_read_signal(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t n = read(descriptor, &info, sizeof info);
    return n == sizeof info ? (int)info.ssi_signo : -1;
}

int ml_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

int ml_memfd(const char *name) { return memfd_create(name, 0); }

int ml_close_from(int first) {
    if (close_range((unsigned)first, ~0u, 0) == 0) return 0;
    if (errno != ENOSYS) return -1;
    long last = sysconf(_SC_OPEN_MAX);
    for (int fd = first; fd < last; fd++) close(fd);
    return 0;
}

ssize_t ml_write_now(int descriptor, const void *bytes, size_t count) {
    struct pollfd ready = {.fd = descriptor, .events = POLLOUT};
    if (poll(&ready, 1, 0) != 1) {
        errno = EAGAIN;
        return -1;
    }
    struct stat kind;
    if (fstat(descriptor, &kind) != 0) return -1;
    if (S_ISFIFO(kind.st_mode)) {
        // Processes share this pipe: another may have filled it since the question. It cannot be made non-blocking
        // for us alone, so the kernel is asked not to wait for this one write.
        struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
        ssize_t written = pwritev2(descriptor, &part, 1, -1, RWF_NOWAIT);
        if (written >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS)) return written;
    }
    if (S_ISSOCK(kind.st_mode)) return send(descriptor, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    return write(descriptor, bytes, count);
}

int ml_set_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

int ml_set_close_on_exec(int descriptor, int on) {
    return fcntl(descriptor, F_SETFD, on ? FD_CLOEXEC : 0);
}

// MARK: Sockets

int ml_socketpair(int ends[2]) { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends); }

static int unix_socket(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address->sun_path, path);
    return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int close_keeping_errno(int fd) {
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

int ml_unix_listen(const char *path) {
    struct sockaddr_un address;
    int fd = unix_socket(path, &address);
    if (fd < 0) return -1;
    unlink(path);
    // Nobody can slip in between bind and chmod: the socket only accepts after listen.
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) return close_keeping_errno(fd);
    if (chmod(path, 0600) != 0 || listen(fd, 64) != 0) return close_keeping_errno(fd);
    return fd;
}

int ml_unix_connect(const char *path) {
    struct sockaddr_un address;
    int fd = unix_socket(path, &address);
    if (fd < 0) return -1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) return close_keeping_errno(fd);
    return fd;
}

typedef int (*socket_step)(int fd, const struct addrinfo *address, int backlog);

static int first_that_works(const char *host, const char *port, int passive, socket_step step, int backlog,
                            const char **why) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = passive ? AI_PASSIVE : 0};
    struct addrinfo *found = NULL;
    int refused = getaddrinfo(host, port, &hints, &found);
    if (refused != 0) {
        *why = gai_strerror(refused);
        return -1;
    }
    int fd = -1;
    for (struct addrinfo *a = found; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
        if (fd >= 0 && step(fd, a, backlog) != 0) fd = close_keeping_errno(fd);
    }
    if (fd < 0) *why = strerror(errno);
    freeaddrinfo(found);
    return fd;
}

static int step_listen(int fd, const struct addrinfo *a, int backlog) {
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return bind(fd, a->ai_addr, a->ai_addrlen) == 0 ? listen(fd, backlog) : -1;
}

static int step_connect(int fd, const struct addrinfo *a, int backlog) {
    (void)backlog;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, a->ai_addr, a->ai_addrlen) == 0 || errno == EINPROGRESS) return 0;
    return -1;
}

int ml_tcp_listen(const char *host, const char *port, int backlog, const char **why) {
    return first_that_works(host, port, 1, step_listen, backlog, why);
}

int ml_tcp_connect(const char *host, const char *port, const char **why) {
    return first_that_works(host, port, 0, step_connect, 0, why);
}

int ml_local_port(int descriptor) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    if (getsockname(descriptor, (struct sockaddr *)&address, &length) != 0) return -1;
    if (address.ss_family == AF_INET) return ntohs(((struct sockaddr_in *)&address)->sin_port);
    if (address.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    errno = EAFNOSUPPORT;
    return -1;
}

int ml_peer(int descriptor, pid_t *pid, uid_t *uid) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -1;
    *pid = peer.pid;
    *uid = peer.uid;
    return 0;
}

ssize_t ml_send(int socket, const void *bytes, size_t count, const int *descriptors, int descriptor_count) {
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    union {
        char room[CMSG_SPACE(ML_MOST_DESCRIPTORS * sizeof(int))];
        struct cmsghdr align;
    } control;
    if (descriptor_count > ML_MOST_DESCRIPTORS) {
        errno = EINVAL;
        return -1;
    }
    if (descriptor_count > 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.room;
        message.msg_controllen = CMSG_SPACE(descriptor_count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(descriptor_count * sizeof(int));
        memcpy(CMSG_DATA(header), descriptors, descriptor_count * sizeof(int));
    }
    ssize_t sent;
    do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent;
}

ssize_t ml_receive(int socket, void *bytes, size_t room, int *descriptors, int *descriptor_count) {
    struct iovec part = {.iov_base = bytes, .iov_len = room};
    union {
        char room[CMSG_SPACE(ML_MOST_DESCRIPTORS * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
    *descriptor_count = 0;
    ssize_t got;
    do got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0) return got;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(&message); h != NULL; h = CMSG_NXTHDR(&message, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS) continue;
        int count = (int)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        const unsigned char *from = CMSG_DATA(h);
        for (int i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, from + i * sizeof fd, sizeof fd);
            if (*descriptor_count < ML_MOST_DESCRIPTORS)
                descriptors[(*descriptor_count)++] = fd;
            else
                close(fd);
        }
    }
    return got;
}

// MARK: Processes

int ml_reap(ml_exit *exit) {
    int status;
    pid_t pid;
    do pid = waitpid(-1, &status, WNOHANG);
    while (pid < 0 && errno == EINTR);
    if (pid <= 0) return 0;
    exit->pid = pid;
    exit->signal = WIFSIGNALED(status) ? 1 : 0;
    exit->code = exit->signal ? WTERMSIG(status) : WEXITSTATUS(status);
    return 1;
}

int ml_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

int ml_die_with_parent(pid_t parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return -1;
    // The parent may have died before the kernel was told.
    return getppid() == parent ? 0 : -1;
}

int ml_set_process_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

pid_t ml_spawn(const char *path, char *const arguments[], char *const environment[], int control) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    // dup2 onto itself would keep close-on-exec; the C library clears it in that case since 2.29.
    posix_spawn_file_actions_adddup2(&actions, control, 3);
    posix_spawn_file_actions_addclosefrom_np(&actions, 4);
    // What an operator types is not for it.
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    // A session of its own: Ctrl-C in a terminal reaches the supervisor alone, which then drains, and the child cannot
    // put characters into that terminal, as if they had been typed there.
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    pid_t pid;
    int failed = posix_spawn(&pid, path, &actions, &attributes, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failed != 0) {
        errno = failed;
        return -1;
    }
    return pid;
}

// In the grandchild: who forked it, and ends at once.
static pid_t middle_pid;

pid_t ml_fork_orphan(void) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) return -1;
    pid_t middle = fork();
    if (middle == 0) {
        middle_pid = getpid();
        pid_t child = fork();
        if (child == 0) {
            close(report[0]);
            close(report[1]);
            return 0;
        }
        ssize_t told = write(report[1], &child, sizeof child);
        _exit(told == sizeof child && child > 0 ? 0 : 1);
    }
    close(report[1]);
    pid_t child = -1;
    ssize_t got = -1;
    if (middle > 0) {
        do got = read(report[0], &child, sizeof child);
        while (got < 0 && errno == EINTR);
        while (waitpid(middle, NULL, 0) < 0 && errno == EINTR) {}
    }
    close(report[0]);
    if (got != sizeof child || child <= 0) {
        errno = EAGAIN;
        return -1;
    }
    return child;
}

int ml_wait_for_parent(pid_t parent) {
    for (int i = 0; i < 10000; i++) {
        pid_t now = getppid();
        if (now == parent) return 0;
        // Somebody else's by now: the parent it should have had is dead.
        if (now != middle_pid) return -1;
        usleep(100);
    }
    return -1;
}

int ml_trace(pid_t pid) { return ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0 ? 0 : -1; }

// MARK: Memory

void ml_trim_heap(void) { malloc_trim(0); }

void ml_wipe(void *bytes, size_t count) { explicit_bzero(bytes, count); }
