/* module-simcard - a simulated sound card for a private PulseAudio 16 daemon (test tool).
 *
 *   plug:   load-module module-simcard card=/path/scarlett.card
 *   unplug: unload-module <index>            (what module-udev-detect does on hot-unplug)
 *   jack:   pactl send-message /simcard/<id> "avail analog-output-headphones no"
 *
 * Other messages: "profile-avail <profile> yes|no|unknown", "knob <dev> <percent>",
 * "reject profile|port on|off", "delay <ms>", "tone <dev> <hz> <step> <amplitude>": channel k of a source plays
 * hz + k * step.  What clients ask of the card is logged at notice level as "EVT ...".
 */
#include <config.h>
#include <errno.h>
#include <sys/socket.h>
#include <math.h>
#include <unistd.h>
#include <pulse/rtclock.h>
#include <pulse/timeval.h>
#include <pulse/xmalloc.h>
#include <pulsecore/core.h>
#include <pulsecore/card.h>
#include <pulsecore/core-util.h>
#include <pulsecore/device-port.h>
#include <pulsecore/log.h>
#include <pulsecore/macro.h>
#include <pulsecore/message-handler.h>
#include <pulsecore/modargs.h>
#include <pulsecore/module.h>
#include <pulsecore/namereg.h>
#include <pulsecore/rtpoll.h>
#include <pulsecore/sink.h>
#include <pulsecore/source.h>
#include <pulsecore/thread-mq.h>
#include <pulsecore/thread.h>
#include "cardfile.h"

PA_MODULE_AUTHOR("hproute tests");
PA_MODULE_DESCRIPTION("Simulated sound card");
PA_MODULE_VERSION(PACKAGE_VERSION);
PA_MODULE_LOAD_ONCE(false);
PA_MODULE_USAGE("card=<card file> pro_audio=<offer the pro-audio profile as well>");

int pa__init(pa_module *m);
void pa__done(pa_module *m);

static const char *const valid_args[] = { "card", "pro_audio", NULL };

#define BLOCK_USEC (20 * PA_USEC_PER_MSEC)

struct userdata;
struct sdev {
	struct userdata *u;
	struct cf_dev *cf;
	int index;
	pa_sink *sink;
	pa_source *source;
	pa_thread *thread;
	pa_thread_mq mq;
	pa_rtpoll *rtpoll;
	pa_usec_t ts;
	double hz, step, amp, phase[CF_MAXCH];
	struct tap tap;
};
struct userdata {
	pa_module *module;
	pa_core *core;
	struct cf_card cf;
	pa_card *card;
	pa_device_port *port[CF_MAX];
	struct sdev dev[CF_MAX];
	char *path;
	bool reject_profile, reject_port;
	int delay_ms;
};

struct profile_data { int index; };

/* ---- one device: a thread with a timer ------------------------------- */

static bool opened(struct sdev *d)
{
	return d->sink ? PA_SINK_IS_OPENED(d->sink->thread_info.state) : PA_SOURCE_IS_OPENED(d->source->thread_info.state);
}

static void produce(struct sdev *d)
{
	const pa_sample_spec *ss = d->sink ? &d->sink->sample_spec : &d->source->sample_spec;
	pa_memchunk c;
	if (d->sink) {
		size_t frames;
		float volume[CF_MAXCH], *tap;
		pa_sink_render(d->sink, pa_usec_to_bytes(BLOCK_USEC, ss), &c);
		frames = c.length / pa_frame_size(ss);
		for (int k = 0; k < ss->channels; k++)
			volume[k] = d->sink->muted ? 0.0f : (float)pa_sw_volume_to_linear(d->sink->real_volume.values[k]);
		if ((tap = tap_push(&d->tap, frames, volume))) {
			const int32_t *p = (int32_t *)((uint8_t *)pa_memblock_acquire(c.memblock) + c.index);
			for (size_t i = 0; i < frames * ss->channels; i++) tap[i] = p[i] / 2147483648.0f;
			pa_memblock_release(c.memblock);
		}
	} else {
		size_t fs = pa_frame_size(ss), n = pa_usec_to_bytes(BLOCK_USEC, ss) / fs;
		int32_t *p;
		c.memblock = pa_memblock_new(d->u->core->mempool, n * fs);
		c.index = 0; c.length = n * fs;
		p = pa_memblock_acquire(c.memblock);
		for (size_t i = 0; i < n; i++) {
			for (int k = 0; k < ss->channels; k++) {
				*p++ = (int32_t)(sin(d->phase[k]) * d->amp * 2147483000.0);
				d->phase[k] = fmod(d->phase[k] + 2 * M_PI * (d->hz + k * d->step) / ss->rate, 2 * M_PI);
			}
		}
		pa_memblock_release(c.memblock);
		pa_source_post(d->source, &c);
	}
	d->ts += pa_bytes_to_usec(c.length, ss);
	pa_memblock_unref(c.memblock);
}

static void thread_func(void *userdata)
{
	struct sdev *d = userdata;
	pa_thread_mq_install(&d->mq);
	d->ts = pa_rtclock_now();
	for (;;) {
		int r;
		if (d->sink && PA_UNLIKELY(d->sink->thread_info.rewind_requested))
			pa_sink_process_rewind(d->sink, 0);
		if (opened(d)) {
			pa_usec_t now = pa_rtclock_now();
			if (d->ts + PA_USEC_PER_SEC < now) d->ts = now;
			while (d->ts <= now) produce(d);
			pa_rtpoll_set_timer_absolute(d->rtpoll, d->ts);
		} else
			pa_rtpoll_set_timer_disabled(d->rtpoll);
		if ((r = pa_rtpoll_run(d->rtpoll)) < 0) {
			pa_asyncmsgq_post(d->mq.outq, PA_MSGOBJECT(d->u->core), PA_CORE_MESSAGE_UNLOAD_MODULE, d->u->module, 0, NULL, NULL);
			pa_asyncmsgq_wait_for(d->mq.inq, PA_MESSAGE_SHUTDOWN);
			return;
		}
		if (r == 0) return;
	}
}

static int sink_msg(pa_msgobject *o, int code, void *data, int64_t offset, pa_memchunk *chunk)
{
	struct sdev *d = PA_SINK(o)->userdata;
	if (code == PA_SINK_MESSAGE_GET_LATENCY) {
		*(int64_t *)data = (int64_t)d->ts - (int64_t)pa_rtclock_now();
		return 0;
	}
	return pa_sink_process_msg(o, code, data, offset, chunk);
}
static int source_msg(pa_msgobject *o, int code, void *data, int64_t offset, pa_memchunk *chunk)
{
	struct sdev *d = PA_SOURCE(o)->userdata;
	if (code == PA_SOURCE_MESSAGE_GET_LATENCY) {
		*(int64_t *)data = (int64_t)pa_rtclock_now() - (int64_t)d->ts + (int64_t)BLOCK_USEC;
		return 0;
	}
	return pa_source_process_msg(o, code, data, offset, chunk);
}
static int sink_state(pa_sink *s, pa_sink_state_t st, pa_suspend_cause_t cause)
{
	struct sdev *d = s->userdata;
	if (!PA_SINK_IS_OPENED(s->thread_info.state) && PA_SINK_IS_OPENED(st)) d->ts = pa_rtclock_now();
	if (!PA_SINK_IS_OPENED(st)) tap_drain(&d->tap);
	return 0;
}
static int source_state(pa_source *s, pa_source_state_t st, pa_suspend_cause_t cause)
{
	struct sdev *d = s->userdata;
	if (!PA_SOURCE_IS_OPENED(s->thread_info.state) && PA_SOURCE_IS_OPENED(st)) d->ts = pa_rtclock_now();
	return 0;
}
/* "hardware" volume and mute: nothing to program, the value asked for is the value set */
static void sink_volume(pa_sink *s)
{
	struct sdev *d = s->userdata; char t[PA_CVOLUME_SNPRINT_MAX];
	pa_log_notice("EVT set-volume card=%s dev=%d %s", d->u->cf.id, d->index, pa_cvolume_snprint(t, sizeof(t), &s->real_volume));
}
static void sink_mute(pa_sink *s)
{
	struct sdev *d = s->userdata;
	pa_log_notice("EVT set-mute card=%s dev=%d %d", d->u->cf.id, d->index, s->muted);
}
static void source_volume(pa_source *s) { }
static void source_mute(pa_source *s) { }

static int port_set(struct sdev *d, pa_device_port *p)
{
	pa_log_notice("EVT set-port card=%s dev=%d port=%s%s", d->u->cf.id, d->index, p->name, d->u->reject_port ? " rejected" : "");
	return d->u->reject_port ? -1 : 0;
}
static int sink_port(pa_sink *s, pa_device_port *p) { return port_set(s->userdata, p); }
static int source_port(pa_source *s, pa_device_port *p) { return port_set(s->userdata, p); }

static void to_map(struct cf_dev *c, pa_channel_map *m)
{
	static const struct { const char *n; pa_channel_position_t p; } t[] = {
		{ "MONO", PA_CHANNEL_POSITION_MONO }, { "FL", PA_CHANNEL_POSITION_FRONT_LEFT }, { "FR", PA_CHANNEL_POSITION_FRONT_RIGHT },
		{ "FC", PA_CHANNEL_POSITION_FRONT_CENTER }, { "LFE", PA_CHANNEL_POSITION_LFE }, { "RL", PA_CHANNEL_POSITION_REAR_LEFT },
		{ "RR", PA_CHANNEL_POSITION_REAR_RIGHT }, { "SL", PA_CHANNEL_POSITION_SIDE_LEFT }, { "SR", PA_CHANNEL_POSITION_SIDE_RIGHT } };
	pa_channel_map_init(m);
	m->channels = c->nch;
	for (int i = 0; i < c->nch; i++) {
		m->map[i] = PA_CHANNEL_POSITION_AUX0 + (strncmp(c->ch[i], "AUX", 3) ? i : atoi(c->ch[i] + 3));
		for (unsigned k = 0; k < PA_ELEMENTSOF(t); k++) if (!strcmp(t[k].n, c->ch[i])) m->map[i] = t[k].p;
	}
}
/* card file keys are those PipeWire uses; PulseAudio spells some differently and has no api.* */
static void copy_props(struct cf_card *c, pa_proplist *pl, bool node)
{
	static const char *const t[][2] = { { "device.form-factor", "device.form_factor" }, { "device.icon-name", "device.icon_name" },
		{ "device.bus-path", "device.bus_path" }, { "device.bus-id", "udev.id" }, { "device.sysfs.path", "sysfs.path" } };
	for (int i = 0; i < c->nprop; i++) {
		const char *k = c->prop[i].k;
		if (!strncmp(k, "api.", 4) || !strcmp(k, "device.api") || !strcmp(k, "device.nick") || !strcmp(k, "device.plugged.usec") ||
		    !strcmp(k, "device.subsystem") || (node && !strcmp(k, "device.description"))) continue;
		for (unsigned j = 0; j < PA_ELEMENTSOF(t); j++) if (!strcmp(t[j][0], k)) k = t[j][1];
		/* PulseAudio gives the bare hex digits, PipeWire puts 0x in front */
		pa_proplist_sets(pl, k, (pa_endswith(k, ".vendor.id") || pa_endswith(k, ".product.id")) && pa_startswith(c->prop[i].v, "0x") ?
			c->prop[i].v + 2 : c->prop[i].v);
	}
}

static void dev_free(struct sdev *d)
{
	if (d->sink) pa_sink_unlink(d->sink);
	if (d->source) pa_source_unlink(d->source);
	if (d->thread) {
		pa_asyncmsgq_send(d->mq.inq, NULL, PA_MESSAGE_SHUTDOWN, NULL, 0, NULL);
		pa_thread_free(d->thread);
	}
	if (d->rtpoll) pa_thread_mq_done(&d->mq);
	tap_close(&d->tap);
	if (d->sink) pa_sink_unref(d->sink);
	if (d->source) pa_source_unref(d->source);
	if (d->rtpoll) pa_rtpoll_free(d->rtpoll);
	d->sink = NULL; d->source = NULL; d->thread = NULL; d->rtpoll = NULL;
}

static int dev_new(struct sdev *d, int profile)
{
	struct userdata *u = d->u;
	const char *base = strchr(u->cf.name, '.') ? strchr(u->cf.name, '.') + 1 : u->cf.name;
	const char *desc = cf_get(&u->cf, "device.description");
	char *name = pa_sprintf_malloc("%s.%s.%s", cf_node_prefix(&u->cf, d->cf->out), base, d->cf->suffix);
	pa_sample_spec ss = { .format = PA_SAMPLE_S32LE, .rate = 48000, .channels = d->cf->nch };
	pa_channel_map map;
	pa_proplist *pl = pa_proplist_new();
	pa_hashmap *ports = NULL;
	size_t bytes = pa_usec_to_bytes(BLOCK_USEC, &ss);

	to_map(d->cf, &map);
	copy_props(&u->cf, pl, true);
	pa_proplist_sets(pl, PA_PROP_DEVICE_CLASS, "sound");
	pa_proplist_sets(pl, "device.profile.name", d->cf->suffix);
	pa_proplist_sets(pl, "device.profile.description", d->cf->desc);
	pa_proplist_setf(pl, PA_PROP_DEVICE_DESCRIPTION, "%s %s", desc ? desc : base, d->cf->desc);

	d->rtpoll = pa_rtpoll_new();
	if (pa_thread_mq_init(&d->mq, u->core->mainloop, d->rtpoll) < 0) goto fail;

	if (d->cf->out) {
		pa_sink_new_data n;
		pa_sink_new_data_init(&n);
		n.driver = __FILE__; n.module = u->module; n.card = u->card; n.namereg_fail = true;
		pa_sink_new_data_set_name(&n, name);
		pa_sink_new_data_set_sample_spec(&n, &ss);
		pa_sink_new_data_set_channel_map(&n, &map);
		pa_proplist_update(n.proplist, PA_UPDATE_REPLACE, pl);
		ports = n.ports;
		for (int i = 0; i < u->cf.nroute; i++)
			if (u->cf.route[i].out && cf_route_fits(&u->cf.route[i], d->index, profile)) {
				pa_device_port_ref(u->port[i]);
				pa_hashmap_put(ports, u->port[i]->name, u->port[i]);
			}
		d->sink = pa_sink_new(u->core, &n, PA_SINK_HARDWARE | PA_SINK_LATENCY);
		pa_sink_new_data_done(&n);
		if (!d->sink) goto fail;
		d->sink->parent.process_msg = sink_msg;
		d->sink->set_state_in_io_thread = sink_state;
		d->sink->set_port = sink_port;
		d->sink->userdata = d;
		pa_sink_set_asyncmsgq(d->sink, d->mq.inq);
		pa_sink_set_rtpoll(d->sink, d->rtpoll);
		pa_sink_set_max_request(d->sink, bytes);
		pa_sink_set_max_rewind(d->sink, 0);
		pa_sink_set_fixed_latency(d->sink, BLOCK_USEC);
		pa_sink_set_set_volume_callback(d->sink, sink_volume);
		pa_sink_set_set_mute_callback(d->sink, sink_mute);
		pa_sink_enable_decibel_volume(d->sink, true);
		tap_open(&d->tap, name, d->cf->nch);
	} else {
		pa_source_new_data n;
		pa_source_new_data_init(&n);
		n.driver = __FILE__; n.module = u->module; n.card = u->card; n.namereg_fail = true;
		pa_source_new_data_set_name(&n, name);
		pa_source_new_data_set_sample_spec(&n, &ss);
		pa_source_new_data_set_channel_map(&n, &map);
		pa_proplist_update(n.proplist, PA_UPDATE_REPLACE, pl);
		for (int i = 0; i < u->cf.nroute; i++)
			if (!u->cf.route[i].out && cf_route_fits(&u->cf.route[i], d->index, profile)) {
				pa_device_port_ref(u->port[i]);
				pa_hashmap_put(n.ports, u->port[i]->name, u->port[i]);
			}
		d->source = pa_source_new(u->core, &n, PA_SOURCE_HARDWARE | PA_SOURCE_LATENCY);
		pa_source_new_data_done(&n);
		if (!d->source) goto fail;
		d->source->parent.process_msg = source_msg;
		d->source->set_state_in_io_thread = source_state;
		d->source->set_port = source_port;
		d->source->userdata = d;
		pa_source_set_asyncmsgq(d->source, d->mq.inq);
		pa_source_set_rtpoll(d->source, d->rtpoll);
		pa_source_set_max_rewind(d->source, 0);
		pa_source_set_fixed_latency(d->source, BLOCK_USEC);
		pa_source_set_set_volume_callback(d->source, source_volume);
		pa_source_set_set_mute_callback(d->source, source_mute);
		pa_source_enable_decibel_volume(d->source, true);
	}
	if (!(d->thread = pa_thread_new("simcard", thread_func, d))) goto fail;
	if (d->sink) pa_sink_put(d->sink); else pa_source_put(d->source);
	pa_xfree(name); pa_proplist_free(pl);
	return 0;
fail:
	pa_log_error("no device %s", name);
	pa_xfree(name); pa_proplist_free(pl);
	dev_free(d);
	return -1;
}

/* ---- the card -------------------------------------------------------- */

static void nodes_for(struct userdata *u, int profile)
{
	pa_queue *si = NULL, *so = NULL;
	struct cf_profile *p = &u->cf.prof[profile];
	for (int i = 0; i < u->cf.ndev; i++) {
		struct sdev *d = &u->dev[i];
		if (cf_profile_has(p, i) || (!d->sink && !d->source)) continue;
		if (d->sink) si = pa_sink_move_all_start(d->sink, si); else so = pa_source_move_all_start(d->source, so);
		dev_free(d);
	}
	for (int i = 0; i < u->cf.ndev; i++) {
		struct sdev *d = &u->dev[i];
		if (!cf_profile_has(p, i)) continue;
		if (!d->sink && !d->source) dev_new(d, profile);
		if (d->sink && si) { pa_sink_move_all_finish(d->sink, si, false); si = NULL; }
		if (d->source && so) { pa_source_move_all_finish(d->source, so, false); so = NULL; }
	}
	if (si) pa_sink_move_all_fail(si);
	if (so) pa_source_move_all_fail(so);
}

static int set_profile(pa_card *c, pa_card_profile *np)
{
	struct userdata *u = c->userdata;
	struct profile_data *pd = PA_CARD_PROFILE_DATA(np);
	pa_log_notice("EVT set-profile card=%s profile=%s%s", u->cf.id, np->name, u->reject_profile ? " rejected" : "");
	if (u->reject_profile) return -1;
	if (u->delay_ms) usleep(u->delay_ms * 1000);	/* real hardware blocks the daemon here, too */
	nodes_for(u, pd->index);
	return 0;
}

static int on_message(const char *path, const char *message, const pa_json_object *params, char **response, void *userdata)
{
	struct userdata *u = userdata;
	char *m = pa_xstrdup(message), *w[8];
	int n = cf_split(m, w, 8), i, r = -PA_ERR_INVALID;
	if (n == 3 && pa_streq(w[0], "avail") && (i = cf_route_index(&u->cf, w[1])) >= 0) {
		pa_device_port_set_available(u->port[i], cf_avail(w[2])); r = PA_OK;
	} else if (n == 3 && pa_streq(w[0], "profile-avail")) {
		pa_card_profile *p = pa_hashmap_get(u->card->profiles, w[1]);
		if (p) { pa_card_profile_set_available(p, cf_avail(w[2])); r = PA_OK; }
	} else if (n == 3 && pa_streq(w[0], "reject")) {
		bool on = pa_streq(w[2], "on");
		if (pa_streq(w[1], "profile")) u->reject_profile = on; else u->reject_port = on;
		r = PA_OK;
	} else if (n == 2 && pa_streq(w[0], "delay")) { u->delay_ms = atoi(w[1]); r = PA_OK; }
	else if (n == 3 && pa_streq(w[0], "knob") && (i = atoi(w[1])) >= 0 && i < u->cf.ndev && u->dev[i].sink) {
		pa_cvolume v;
		pa_cvolume_set(&v, u->cf.dev[i].nch, (pa_volume_t)(PA_VOLUME_NORM * atof(w[2]) / 100));
		pa_sink_volume_changed(u->dev[i].sink, &v); r = PA_OK;
	}
	else if (n == 5 && pa_streq(w[0], "tone") && (i = atoi(w[1])) >= 0 && i < u->cf.ndev) {
		u->dev[i].hz = atof(w[2]); u->dev[i].step = atof(w[3]); u->dev[i].amp = atof(w[4]); r = PA_OK;
	}
	if (r == PA_OK) *response = pa_xstrdup("ok");
	pa_xfree(m);
	return r;
}

int pa__init(pa_module *m)
{
	pa_modargs *ma;
	struct userdata *u = NULL;
	const char *err;
	pa_card_new_data n;
	bool pro = false;
	static const struct { const char *n; pa_device_port_type_t t; } types[] = {
		{ "headphones", PA_DEVICE_PORT_TYPE_HEADPHONES }, { "line", PA_DEVICE_PORT_TYPE_LINE }, { "mic", PA_DEVICE_PORT_TYPE_MIC },
		{ "speaker", PA_DEVICE_PORT_TYPE_SPEAKER }, { "hdmi", PA_DEVICE_PORT_TYPE_HDMI }, { "headset", PA_DEVICE_PORT_TYPE_HEADSET },
		{ "spdif", PA_DEVICE_PORT_TYPE_SPDIF }, { "analog", PA_DEVICE_PORT_TYPE_ANALOG } };

	if (!(ma = pa_modargs_new(m->argument, valid_args)) || !pa_modargs_get_value(ma, "card", NULL)) {
		pa_log("card=<file> is needed"); goto fail;
	}
	if (pa_modargs_get_value_boolean(ma, "pro_audio", &pro) < 0) { pa_log("pro_audio=<bool>"); goto fail; }
	m->userdata = u = pa_xnew0(struct userdata, 1);
	u->module = m; u->core = m->core;
	if ((err = cf_load(&u->cf, pa_modargs_get_value(ma, "card", NULL)))) { pa_log("%s", err); goto fail; }
	for (int i = 0; i < u->cf.ndev; i++) u->cf.dev[i].nch = PA_MIN(u->cf.dev[i].nch, (int)PA_CHANNELS_MAX);
	for (int i = 0; i < u->cf.ndev; i++) { u->dev[i].u = u; u->dev[i].cf = &u->cf.dev[i]; u->dev[i].index = i; u->dev[i].hz = 400; u->dev[i].step = 100; }

	pa_card_new_data_init(&n);
	n.driver = __FILE__; n.module = m; n.namereg_fail = false;
	pa_card_new_data_set_name(&n, u->cf.name);
	copy_props(&u->cf, n.proplist, false);
	pa_proplist_sets(n.proplist, "module-udev-detect.discovered", "1");
	for (int i = 0; i < u->cf.nprof; i++) {
		struct cf_profile *c = &u->cf.prof[i];
		pa_card_profile *p;
		if (!pro && pa_streq(c->name, "pro-audio")) continue;	/* PulseAudio has no such profile */
		p = pa_card_profile_new(c->name, c->desc, sizeof(struct profile_data));
		((struct profile_data *)PA_CARD_PROFILE_DATA(p))->index = i;
		p->priority = c->prio; p->available = c->avail;
		for (int k = 0; k < c->ndev; k++) {
			struct cf_dev *d = &u->cf.dev[c->devs[k]];
			if (d->out) { p->n_sinks++; p->max_sink_channels = PA_MAX(p->max_sink_channels, (unsigned)d->nch); }
			else { p->n_sources++; p->max_source_channels = PA_MAX(p->max_source_channels, (unsigned)d->nch); }
		}
		pa_hashmap_put(n.profiles, p->name, p);
	}
	for (int i = 0; i < u->cf.nroute; i++) {
		struct cf_route *r = &u->cf.route[i];
		pa_device_port_new_data d;
		pa_device_port_new_data_init(&d);
		pa_device_port_new_data_set_name(&d, r->name);
		pa_device_port_new_data_set_description(&d, r->desc);
		pa_device_port_new_data_set_available(&d, r->avail);
		pa_device_port_new_data_set_direction(&d, r->out ? PA_DIRECTION_OUTPUT : PA_DIRECTION_INPUT);
		pa_device_port_new_data_set_availability_group(&d, r->group);
		for (unsigned k = 0; r->type && k < PA_ELEMENTSOF(types); k++)
			if (pa_streq(types[k].n, r->type)) pa_device_port_new_data_set_type(&d, types[k].t);
		u->port[i] = pa_device_port_new(u->core, &d, 0);
		pa_device_port_new_data_done(&d);
		u->port[i]->priority = r->prio;
		for (int k = 0; k < r->nprof; k++) {
			pa_card_profile *p = pa_hashmap_get(n.profiles, u->cf.prof[r->profs[k]].name);
			if (p) pa_hashmap_put(u->port[i]->profiles, p->name, p);
		}
		pa_hashmap_put(n.ports, u->port[i]->name, u->port[i]);	/* the card takes this reference */
	}
	u->card = pa_card_new(u->core, &n);
	pa_card_new_data_done(&n);
	if (!u->card) goto fail;
	u->card->userdata = u;
	u->card->set_profile = set_profile;
	pa_card_choose_initial_profile(u->card);
	nodes_for(u, ((struct profile_data *)PA_CARD_PROFILE_DATA(u->card->active_profile))->index);
	pa_card_put(u->card);
	u->path = pa_sprintf_malloc("/simcard/%s", u->cf.id);
	pa_message_handler_register(u->core, u->path, "simulated card", on_message, u);
	pa_modargs_free(ma);
	return 0;
fail:
	if (ma) pa_modargs_free(ma);
	pa__done(m);
	return -1;
}

void pa__done(pa_module *m)
{
	struct userdata *u = m->userdata;
	if (!u) return;
	if (u->path) { pa_message_handler_unregister(u->core, u->path); pa_xfree(u->path); }
	for (int i = 0; i < u->cf.ndev; i++) dev_free(&u->dev[i]);
	if (u->card) pa_card_free(u->card);
	pa_xfree(u);
	m->userdata = NULL;
}
