// A process gives up rights it will not need. Nothing here can be undone by the process itself.
#define _GNU_SOURCE
#include "CPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int result(int answer) { return answer == 0 ? 0 : -errno; }

int ml_no_new_privileges(void) { return result(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)); }
int ml_not_dumpable(void) { return result(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)); }

static int limit(int what, uint64_t most) {
    struct rlimit both;
    if (getrlimit(what, &both) != 0) return -errno;
    // Only downwards: a limit that is lower already stays.
    if (both.rlim_max == RLIM_INFINITY || both.rlim_max > most) both.rlim_max = most;
    both.rlim_cur = both.rlim_max;
    return result(setrlimit(what, &both));
}
int ml_limit_memory(uint64_t bytes) { return limit(RLIMIT_AS, bytes); }
int ml_limit_descriptors(uint64_t count) { return limit(RLIMIT_NOFILE, count); }
int ml_no_core_files(void) { return limit(RLIMIT_CORE, 0); }

int ml_become_user(uid_t uid, gid_t gid) {
    if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0) return -errno;
    // A process that can take root back has not given it up.
    return setuid(0) == 0 ? -EPERM : 0;
}

// MARK: Landlock

// Debian 12's headers know the first versions only; the numbers are part of the kernel's stable interface.
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#define ML_LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#define ML_LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#define ML_LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define ML_LANDLOCK_SCOPE_SIGNAL (1ULL << 1)

struct ruleset_attributes {
    uint64_t handled_access_fs;
    uint64_t handled_access_net;
    uint64_t scoped;
};

int ml_landlock_abi(void) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi < 0 ? -errno : (int)abi;
}

static int allow(int ruleset, const char *path, uint64_t rights) {
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT ? 0 : -errno;
    struct stat info;
    // Rights over folders are refused on a rule for a plain file.
    if (fstat(fd, &info) == 0 && !S_ISDIR(info.st_mode))
        rights &= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | ML_LANDLOCK_ACCESS_FS_TRUNCATE;
    struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};
    long added = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    int answer = added == 0 ? 0 : -errno;
    close(fd);
    return answer;
}

int ml_landlock(const char *const readable[], const char *const writable[]) {
    int abi = ml_landlock_abi();
    if (abi < 0) return abi;
    uint64_t handled = (1ULL << 13) - 1;
    if (abi >= 2) handled |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= 3) handled |= ML_LANDLOCK_ACCESS_FS_TRUNCATE;
    if (abi >= 5) handled |= ML_LANDLOCK_ACCESS_FS_IOCTL_DEV;
    struct ruleset_attributes attributes = {.handled_access_fs = handled};
    size_t size = sizeof attributes.handled_access_fs;
    if (abi >= 6) {
        // Neither signals to siblings nor their abstract sockets.
        attributes.scoped = ML_LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | ML_LANDLOCK_SCOPE_SIGNAL;
        size = sizeof attributes;
    }
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
    if (ruleset < 0) return -errno;

    const uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    const uint64_t writing = reading | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                             LANDLOCK_ACCESS_FS_MAKE_REG | ML_LANDLOCK_ACCESS_FS_TRUNCATE;
    int answer = 0;
    for (int i = 0; answer == 0 && readable[i]; i++) answer = allow(ruleset, readable[i], reading & handled);
    for (int i = 0; answer == 0 && writable[i]; i++) answer = allow(ruleset, writable[i], writing & handled);
    if (answer == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) answer = -errno;
    close(ruleset);
    return answer;
}

// MARK: seccomp

#if defined(__x86_64__)
#define ML_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ML_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, value)
#define REFUSE ANSWER(SECCOMP_RET_ERRNO | EPERM)
#define DENY(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), REFUSE

int ml_seccomp_deny(void) {
#ifndef ML_ARCHITECTURE
    return -ENOSYS;
#else
    struct sock_filter program[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ML_ARCHITECTURE, 1, 0),
        ANSWER(SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
#if defined(__x86_64__)
        // The x32 numbers would be a way around the list.
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
        REFUSE,
        DENY(fork),
        DENY(vfork),
#endif
        DENY(execve),
        DENY(execveat),
        DENY(ptrace),
        DENY(process_vm_readv),
        DENY(process_vm_writev),
        DENY(pidfd_getfd),
        DENY(kcmp),
        DENY(mount),
        DENY(umount2),
        DENY(pivot_root),
        DENY(chroot),
        DENY(unshare),
        DENY(setns),
        DENY(bpf),
        DENY(keyctl),
        DENY(add_key),
        DENY(request_key),
        DENY(perf_event_open),
        DENY(userfaultfd),
        DENY(io_uring_setup),
        DENY(kexec_load),
        DENY(kexec_file_load),
        DENY(init_module),
        DENY(finit_module),
        DENY(delete_module),
        DENY(reboot),
        DENY(swapon),
        DENY(swapoff),
        DENY(open_by_handle_at),
        DENY(open_tree),
        DENY(move_mount),
        DENY(fsopen),
        DENY(fsmount),
        DENY(process_madvise),
        // Other processes of its user. Landlock knows signals only since Linux 6.12.
        DENY(kill),
        DENY(tkill),
        DENY(rt_sigqueueinfo),
        DENY(rt_tgsigqueueinfo),
        DENY(pidfd_send_signal),
        // Its own signals are how a program aborts, its own limits how it reads them.
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prlimit64, 0, 5),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)getpid(), 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
        ANSWER(SECCOMP_RET_ALLOW),
        REFUSE,
        // Threads, yes; processes, no. clone3 hides its flags in memory, so it answers "no such call" and the C
        // library falls back to clone. (EPERM there would hang a program for ever.)
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
        ANSWER(SECCOMP_RET_ERRNO | ENOSYS),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
        REFUSE,
        ANSWER(SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) return -errno;
    return 0;
#endif
}
