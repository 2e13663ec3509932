// What Swift cannot call itself: GNU-only functions, variadic ones, macros, and the kernel's own confinement.
// Every function answers -1 with errno set, or the result, unless its comment says otherwise.
#ifndef ML_CPOSIX_H
#define ML_CPOSIX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

// Events and descriptors.
int ml_eventfd(void);
int ml_signalfd(const int *signals, int count);  // Blocks them for this thread, too.
int ml_read_signal(int descriptor);              // The signal's number, or -1 when there is none left.
int ml_accept(int listener);                     // Non-blocking, close-on-exec.
int ml_memfd(const char *name);                  // Not closed on exec: it carries state over one.
int ml_close_from(int first);
// All of it at once, or nothing: never waits for whoever reads. At most PIPE_BUF bytes.
ssize_t ml_write_now(int descriptor, const void *bytes, size_t count);
int ml_set_nonblocking(int descriptor);
int ml_set_close_on_exec(int descriptor, int on);

// Unix sockets.
int ml_socketpair(int ends[2]);  // Streams, non-blocking, close-on-exec.
int ml_unix_listen(const char *path);
int ml_unix_connect(const char *path);
int ml_tcp_listen(const char *host, const char *port, int backlog, const char **why);
int ml_tcp_connect(const char *host, const char *port, const char **why);
int ml_local_port(int descriptor);
int ml_peer(int descriptor, pid_t *pid, uid_t *uid);
ssize_t ml_send(int socket, const void *bytes, size_t count, const int *descriptors, int descriptor_count);
// `descriptors` has room for ML_MOST_DESCRIPTORS; `*descriptor_count` says how many arrived.
#define ML_MOST_DESCRIPTORS 8
ssize_t ml_receive(int socket, void *bytes, size_t room, int *descriptors, int *descriptor_count);

// Processes.
typedef struct {
    pid_t pid;
    int code;    // Exit code, or the number of the signal that ended it.
    int signal;  // 1 when it was a signal.
} ml_exit;
int ml_reap(ml_exit *exit);  // 1 with an exit, 0 when nobody has exited.
int ml_become_subreaper(void);
int ml_die_with_parent(pid_t parent);  // -1 when the parent is gone already.
int ml_set_process_name(const char *name);
// Starts `path` with `arguments`; `control` becomes descriptor 3 and everything above it is closed.
pid_t ml_spawn(const char *path, char *const arguments[], char *const environment[], int control);
// Forks a grandchild that the nearest subreaper inherits. 0 in the grandchild, its pid in the caller.
pid_t ml_fork_orphan(void);
// For that grandchild: waits until `parent` has inherited it; 0, or -1 when somebody else has, or after a second.
int ml_wait_for_parent(pid_t parent);
int ml_trace(pid_t pid);  // To show that it is refused.

// Confinement. Each answers 0, or -errno; -ENOSYS where the kernel lacks it.
int ml_no_new_privileges(void);
int ml_not_dumpable(void);
int ml_limit_memory(uint64_t bytes);
int ml_limit_descriptors(uint64_t count);
int ml_no_core_files(void);
int ml_become_user(uid_t uid, gid_t gid);
int ml_landlock_abi(void);
// Paths that do not exist are left out. The lists end with NULL.
int ml_landlock(const char *const readable[], const char *const writable[]);
int ml_seccomp_deny(void);

// Memory.
void ml_trim_heap(void);
void ml_wipe(void *bytes, size_t count);

#endif
