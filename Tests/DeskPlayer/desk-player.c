/* A program that plays silence or records, as no tool of the servers does it: corked, not to be moved, as a peak meter.
 *
 *   desk-player play|record NAME [device=DEVICE] [role=ROLE] [channels=N] [corked] [fixed] [meter]
 *
 * It says "ready" when its stream is there, and ends with it. */
#include <pulse/pulseaudio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pa_mainloop *loop;
static const char *name, *device, *role;
static int records, channels = 2;
static pa_stream_flags_t flags;

static void end(const char *why) {
  puts(why);
  pa_mainloop_quit(loop, 1);
}

static void play(pa_stream *stream, size_t size, void *_) {
  void *buffer;
  if (pa_stream_begin_write(stream, &buffer, &size) < 0) return;
  memset(buffer, 0, size);
  pa_stream_write(stream, buffer, size, NULL, 0, PA_SEEK_RELATIVE);
}

static void hear(pa_stream *stream, size_t size, void *_) {
  const void *buffer;
  while (pa_stream_readable_size(stream) > 0 && pa_stream_peek(stream, &buffer, &size) == 0 && size > 0) pa_stream_drop(stream);
}

static void stream_changed(pa_stream *stream, void *_) {
  switch (pa_stream_get_state(stream)) {
  case PA_STREAM_READY: puts("ready"); break;
  case PA_STREAM_FAILED: end("failed"); break;
  case PA_STREAM_TERMINATED: end("ended"); break;
  default: break;
  }
}

static void context_changed(pa_context *context, void *_) {
  pa_context_state_t state = pa_context_get_state(context);
  if (state == PA_CONTEXT_FAILED || state == PA_CONTEXT_TERMINATED) end("no server");
  if (state != PA_CONTEXT_READY) return;
  int is_meter = (flags & PA_STREAM_PEAK_DETECT) != 0;
  pa_sample_spec format = {PA_SAMPLE_FLOAT32LE, is_meter ? 25 : 48000, channels};
  pa_buffer_attr buffer = {-1, -1, -1, -1, -1};
  buffer.tlength = buffer.fragsize = is_meter ? sizeof(float) : pa_usec_to_bytes(40000, &format);
  pa_proplist *properties = pa_proplist_new();
  if (role) pa_proplist_sets(properties, "media.role", role);
  pa_stream *stream = pa_stream_new_with_proplist(context, name, &format, NULL, properties);
  pa_stream_set_state_callback(stream, stream_changed, NULL);
  pa_stream_set_write_callback(stream, play, NULL);
  pa_stream_set_read_callback(stream, hear, NULL);
  int error = records ? pa_stream_connect_record(stream, device, &buffer, flags)
                      : pa_stream_connect_playback(stream, device, &buffer, flags, NULL, NULL);
  if (error < 0) end("refused");
}

int main(int count, char **words) {
  if (count < 3) return 64;
  setvbuf(stdout, NULL, _IOLBF, 0);
  records = strcmp(words[1], "record") == 0;
  name = words[2];
  flags = PA_STREAM_ADJUST_LATENCY;
  for (int i = 3; i < count; i++) {
    if (strncmp(words[i], "device=", 7) == 0) device = words[i] + 7;
    else if (strncmp(words[i], "role=", 5) == 0) role = words[i] + 5;
    else if (strncmp(words[i], "channels=", 9) == 0) channels = atoi(words[i] + 9);
    else if (strcmp(words[i], "corked") == 0) flags |= PA_STREAM_START_CORKED;
    else if (strcmp(words[i], "fixed") == 0) flags |= PA_STREAM_DONT_MOVE;
    else if (strcmp(words[i], "meter") == 0) flags |= PA_STREAM_PEAK_DETECT, channels = 1;
    else return 64;
  }
  loop = pa_mainloop_new();
  pa_context *context = pa_context_new(pa_mainloop_get_api(loop), name);
  pa_context_set_state_callback(context, context_changed, NULL);
  if (pa_context_connect(context, NULL, PA_CONTEXT_NOAUTOSPAWN, NULL) < 0) return 1;
  int result = 0;
  pa_mainloop_run(loop, &result);
  return result;
}
