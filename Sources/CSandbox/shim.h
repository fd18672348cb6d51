#pragma once
// What Swift cannot call by itself on the way to a confined child process: variadic prctl, seccomp programs, resource limits.
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

/// Takes the code that only starting up has touched out of this process's memory: with some 160 shared libraries about 25 MB.
/// Code that cannot be written is as it is in the file: what is needed again comes back from there.
static inline void csandbox_release_startup_code(void) {
    FILE *mappings = fopen("/proc/self/maps", "re");
    if (mappings == NULL) return;
    char line[512];
    while (fgets(line, sizeof line, mappings) != NULL) {
        unsigned long start, end, inode;
        char access[5];
        // Only whole mappings of files; an inode of 0 is none (the stack, the kernel's pages).
        if (sscanf(line, "%lx-%lx %4s %*s %*s %lu", &start, &end, access, &inode) != 4 || inode == 0) continue;
        if (strcmp(access, "r-xp") == 0) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    fclose(mappings);
}

/// Bounds memory (bytes) and open files; no core dumps, no files written. Returns 0 or errno.
/// What is bounded is address space, or with data_only what a process can write to and has to itself: the heap, thread stacks, private mappings.
static inline int csandbox_limit_resources(uint64_t memory, int data_only, uint64_t open_files) {
    const struct { int resource; rlim_t value; } bounds[] = {
        {data_only ? RLIMIT_DATA : RLIMIT_AS, memory}, {RLIMIT_NOFILE, open_files}, {RLIMIT_CORE, 0}, {RLIMIT_FSIZE, 0},
    };
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        struct rlimit limit = {bounds[i].value, bounds[i].value};
        if (setrlimit(bounds[i].resource, &limit) != 0) return errno;
    }
    return 0;
}

/// From here on network, other programs and other processes answer EPERM. Returns 0 or errno (EINVAL where the kernel has no seccomp).
static inline int csandbox_deny_system_calls(void) {
#if defined(__x86_64__)
    const uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
    const uint32_t architecture = AUDIT_ARCH_AARCH64;
#else
#error "name this architecture's audit number"
#endif
    const uint32_t denied[] = {
        SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept4, SYS_sendto, SYS_sendmsg, SYS_recvfrom, SYS_recvmsg,
        SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_mount, SYS_bpf, SYS_kill, SYS_tkill,
        SYS_unlinkat, SYS_renameat2, SYS_fchmodat, SYS_fchownat, SYS_truncate, SYS_ftruncate, SYS_io_uring_setup, SYS_io_uring_enter,
        SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_open, SYS_pidfd_send_signal, SYS_pidfd_getfd,
#if defined(__x86_64__)
        SYS_accept, SYS_unlink, SYS_rename, SYS_chmod, SYS_chown, SYS_creat,
#endif
    };
    enum { count = sizeof denied / sizeof denied[0] };
    struct sock_filter program[count + 6];
    size_t n = 0;
    program[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    program[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0);
    program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    program[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < count; i++)
        program[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, denied[i], (uint8_t)(count - i), 0);
    program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    struct sock_fprog filter = {(unsigned short)n, program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0) return errno;
    return 0;
}
