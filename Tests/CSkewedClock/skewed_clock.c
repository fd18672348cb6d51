// A wall clock that is off by MVFLEET_FAULT_CLOCK_SECONDS, for this process and everything it links.
//
// A program's own definitions come before the C library's. Monotonic clocks are left alone, as on a machine whose time was set wrong: libfaketime also bends
// CLOCK_BOOTTIME, by which Swift's timers go, and then they fire at once or never.
#define _GNU_SOURCE
#include "skewed_clock.h"
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

long skewed_clock_seconds(void) {
    // Racing threads read the same environment.
    static volatile int known;
    static long seconds;
    if (!known) {
        const char *text = getenv("MVFLEET_FAULT_CLOCK_SECONDS");
        seconds = text ? atol(text) : 0;
        known = 1;
    }
    return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += skewed_clock_seconds();
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    (void)zone;
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}
