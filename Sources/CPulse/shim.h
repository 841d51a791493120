/* What Swift cannot import from libpulse and the C library by itself. */
#ifndef HPROUTE_CPULSE_SHIM_H
#define HPROUTE_CPULSE_SHIM_H

#include <poll.h>
#include <signal.h>
#include <time.h>
#include <pulse/pulseaudio.h>
#include <pulse/ext-stream-restore.h>

/* PA_INVALID_INDEX is ((uint32_t) -1): Swift sees the macro but cannot convert -1. */
static inline uint32_t hproute_invalid_index(void) { return PA_INVALID_INDEX; }

/* Hidden by the C library unless _GNU_SOURCE is defined, which a module cannot do. */
extern int ppoll(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);

/* A pa_poll_func that lets all signals through while it waits, and only then. */
static inline int hproute_poll_with_signals(struct pollfd *fds, unsigned long count, int milliseconds, void *unused) {
  struct timespec wait = { milliseconds / 1000, milliseconds % 1000 * 1000000L };
  sigset_t none;
  (void) unused;
  sigemptyset(&none);
  return ppoll(fds, count, milliseconds < 0 ? NULL : &wait, &none);
}

#endif
