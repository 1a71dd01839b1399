#include "tools/codec-host/sandbox.h"

#include <cerrno>
#include <csignal>
#include <linux/sched.h>
#include <memory>
#include <seccomp.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace helio::codec_host {
namespace {

// What the engine and the C library need once everything is set up.  All else answers EPERM.
constexpr int kAllowed[] = {
    SCMP_SYS(read),          SCMP_SYS(write),           SCMP_SYS(futex),
    SCMP_SYS(mmap),          SCMP_SYS(munmap),          SCMP_SYS(mprotect),
    SCMP_SYS(mremap),        SCMP_SYS(madvise),         SCMP_SYS(brk),
    SCMP_SYS(exit),          SCMP_SYS(exit_group),      SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigaction),  SCMP_SYS(rt_sigprocmask),  SCMP_SYS(sigaltstack),
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(gettimeofday),
    SCMP_SYS(nanosleep),     SCMP_SYS(sched_yield),     SCMP_SYS(sched_getaffinity),
    SCMP_SYS(getpid),        SCMP_SYS(gettid),          SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),          SCMP_SYS(getrandom),       SCMP_SYS(restart_syscall),
    SCMP_SYS(tgkill),        SCMP_SYS(getrusage),       SCMP_SYS(prctl),
#if defined(__SANITIZE_ADDRESS__)
    // With these UBSan finds out whether an object's table may be read; without, it finds faults.
    SCMP_SYS(pipe),          SCMP_SYS(pipe2),           SCMP_SYS(close),
#endif
};

void limit(__rlimit_resource what, rlim_t value) {
    const rlimit both = {value, value};
    if (setrlimit(what, &both) != 0)
        throw std::runtime_error("the codec host could not limit itself");
}

struct Release {
    void operator()(void* context) const { seccomp_release(context); }
};

}  // namespace

void enter_sandbox(std::size_t max_memory_bytes) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // it never outlives the server
#if defined(__SANITIZE_ADDRESS__)
    // The sanitizer's shadow counts as data and is larger than any limit: here the engine's own
    // limit stands alone.
    (void)max_memory_bytes;
#else
    limit(RLIMIT_DATA, max_memory_bytes);
#endif
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    signal(SIGXFSZ, SIG_IGN);  // what it says on a standard error that is a file is lost
    limit(RLIMIT_NOFILE, 16);

    const std::unique_ptr<void, Release> filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
    if (!filter)
        throw std::runtime_error("the codec host has no memory for its system call filter");
    bool ok = true;
    for (const int call : kAllowed) {
        ok = ok && seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0) == 0;
    }
    // The engine starts helper threads when it wants to; new processes are refused.
    ok = ok && seccomp_rule_add(filter.get(),
                                SCMP_ACT_ALLOW,
                                SCMP_SYS(clone),
                                1,
                                SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)) == 0;
    // clone3 hides its flags from the filter: without it the C library falls back to clone.
    ok = ok && seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
    if (!ok || seccomp_load(filter.get()) != 0) {
        throw std::runtime_error("the kernel refused the codec host's system call filter");
    }
}

}  // namespace helio::codec_host
