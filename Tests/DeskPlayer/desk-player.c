/* A program that plays silence or records, as no tool of the servers does it: corked, not to be moved, as a peak meter.
 *
 *   desk-player play|record NAME [device=DEVICE] [role=ROLE] [channels=N] [corked] [fixed] [meter]
 *
 *   desk-player witness
 *
 * It says "ready" when its stream is there, and ends with it. The witness tells where every stream is, and tells again at every
 * event: milliseconds, play or record, the name of the stream, the name of its device or "-". pipewire-pulse tells of a new link
 * late or never, so it looks every 20 ms as well, and tells what is elsewhere than before. */
#include <pulse/pulseaudio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static pa_mainloop *loop;
static const char *name, *device, *role;
static int records, witnesses, channels = 2;
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

/* Where each stream was when it was seen last. */
static struct { uint32_t stream, device; int records; } places[4096];
static int place_count;

/* Whether it is elsewhere than before. */
static int moves(int is_recorder, uint32_t stream, uint32_t device) {
  int i = 0;
  while (i < place_count && (places[i].stream != stream || places[i].records != is_recorder)) i++;
  if (i < place_count && places[i].device == device) return 0;
  if (i == 4096) end("too many streams"), exit(1);
  if (i == place_count) place_count++;
  places[i].stream = stream, places[i].records = is_recorder, places[i].device = device;
  return 1;
}

/* What is asked about a stream, until its device is known. */
struct sight {
  double moment;
  const char *kind;
  char *stream;
};

static void tell(struct sight *sight, const char *device) {
  printf("%.1f\t%s\t%s\t%s\n", sight->moment, sight->kind, sight->stream, device);
  free(sight->stream);
  free(sight);
}

static void told_sink(pa_context *context, const pa_sink_info *info, int eol, void *sight) {
  if (info) tell(sight, info->name);
  else if (eol < 0) tell(sight, "-");
}

static void told_source(pa_context *context, const pa_source_info *info, int eol, void *sight) {
  if (info) tell(sight, info->name);
  else if (eol < 0) tell(sight, "-");
}

static struct sight *see(const char *kind, pa_proplist *properties, const char *fallback) {
  struct timespec now;
  struct sight *sight = malloc(sizeof *sight);
  const char *stream = pa_proplist_gets(properties, "media.name");
  clock_gettime(CLOCK_MONOTONIC, &now);
  *sight = (struct sight){now.tv_sec * 1e3 + now.tv_nsec / 1e6, kind, strdup(stream ? stream : fallback)};
  return sight;
}

static void told_input(pa_context *context, const pa_sink_input_info *info, int eol, void *is_glance) {
  if (!info || (!moves(0, info->index, info->sink) && is_glance)) return;
  struct sight *sight = see("play", info->proplist, info->name);
  if (info->sink == PA_INVALID_INDEX) tell(sight, "-");
  else pa_operation_unref(pa_context_get_sink_info_by_index(context, info->sink, told_sink, sight));
}

static void told_output(pa_context *context, const pa_source_output_info *info, int eol, void *is_glance) {
  if (!info || (!moves(1, info->index, info->source) && is_glance)) return;
  struct sight *sight = see("record", info->proplist, info->name);
  if (info->source == PA_INVALID_INDEX) tell(sight, "-");
  else pa_operation_unref(pa_context_get_source_info_by_index(context, info->source, told_source, sight));
}

static void happened(pa_context *context, pa_subscription_event_type_t event, uint32_t index, void *_) {
  if ((event & PA_SUBSCRIPTION_EVENT_TYPE_MASK) == PA_SUBSCRIPTION_EVENT_REMOVE) return;
  pa_operation *query = (event & PA_SUBSCRIPTION_EVENT_FACILITY_MASK) == PA_SUBSCRIPTION_EVENT_SINK_INPUT
                            ? pa_context_get_sink_input_info(context, index, told_input, NULL)
                            : pa_context_get_source_output_info(context, index, told_output, NULL);
  if (query) pa_operation_unref(query);
}

static void glance(pa_mainloop_api *api, pa_time_event *timer, const struct timeval *_, void *context) {
  pa_operation_unref(pa_context_get_sink_input_info_list(context, told_input, context));
  pa_operation_unref(pa_context_get_source_output_info_list(context, told_output, context));
  pa_context_rttime_restart(context, timer, pa_rtclock_now() + 20000);
}

static void told_server(pa_context *context, const pa_server_info *info, void *_) {
  if (info && strstr(info->server_name, "PipeWire")) pa_context_rttime_new(context, pa_rtclock_now(), glance, context);
}

static void subscribed(pa_context *context, int success, void *_) { puts(success ? "ready" : "deaf"); }

static void look_on(pa_context *context) {
  pa_context_set_subscribe_callback(context, happened, NULL);
  pa_operation_unref(pa_context_get_sink_input_info_list(context, told_input, NULL));
  pa_operation_unref(pa_context_get_source_output_info_list(context, told_output, NULL));
  pa_operation_unref(pa_context_subscribe(
      context, PA_SUBSCRIPTION_MASK_SINK_INPUT | PA_SUBSCRIPTION_MASK_SOURCE_OUTPUT, subscribed, NULL));
  pa_operation_unref(pa_context_get_server_info(context, told_server, NULL));
}

static void context_changed(pa_context *context, void *_) {
  pa_context_state_t state = pa_context_get_state(context);
  if (state == PA_CONTEXT_FAILED || state == PA_CONTEXT_TERMINATED) end("no server");
  if (state != PA_CONTEXT_READY) return;
  if (witnesses) return look_on(context);
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
  witnesses = count == 2 && strcmp(words[1], "witness") == 0;
  if (count < 3 && !witnesses) return 64;
  setvbuf(stdout, NULL, _IOLBF, 0);
  /* Who measures when something has happened does not wait for others, where that is allowed. */
  if (witnesses) setpriority(PRIO_PROCESS, 0, -15);
  records = strcmp(words[1], "record") == 0;
  name = witnesses ? "witness" : words[2];
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
