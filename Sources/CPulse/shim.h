/* What Swift cannot import from libpulse and the C library by itself. */
#ifndef HPROUTE_CPULSE_SHIM_H
#define HPROUTE_CPULSE_SHIM_H

#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>
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

/* Hidden in the same way. A file in memory that cannot become larger than this; see memfd_create(2), fcntl(2). */
extern int memfd_create(const char *, unsigned int);

static inline int hproute_memory_file(long size) {
  const unsigned int close_on_exec = 1, allow_sealing = 2;
  const int add_seals = 1033, seal_growth = 4;
  int file = memfd_create("hproute", close_on_exec | allow_sealing);
  if (file >= 0 && (ftruncate(file, size) < 0 || fcntl(file, add_seals, seal_growth) < 0)) {
    close(file);
    return -1;
  }
  return file;
}

/* Hidden in the same way. What it tells of a program begins like this; see dl_iterate_phdr(3). */
struct hproute_program { ElfW(Addr) base; const char *name; const ElfW(Phdr) *headers; ElfW(Half) count; };
extern int dl_iterate_phdr(int (*)(struct hproute_program *, size_t, void *), void *);

/* Gives back the pages of the program itself that are as they are in its file: constants and code. Where one is used again
   it is mapped again. What may be written to is left alone. The program comes first, so nothing else is visited. */
static inline int hproute_release_program(struct hproute_program *program, size_t size, void *unused) {
  const uintptr_t page = 4096;
  (void) size;
  (void) unused;
  for (int i = 0; i < program->count; i++) {
    const ElfW(Phdr) *header = &program->headers[i];
    uintptr_t start = program->base + header->p_vaddr, end = start + header->p_filesz;
    if (header->p_type != PT_LOAD || header->p_flags & PF_W) continue;
    start = (start + page - 1) / page * page;
    end = end / page * page;
    if (start < end) madvise((void *) start, end - start, MADV_DONTNEED);
  }
  return 1;
}

static inline void hproute_release_program_pages(void) { dl_iterate_phdr(hproute_release_program, NULL); }

#endif
