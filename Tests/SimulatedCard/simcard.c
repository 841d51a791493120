/* simcard - simulated sound cards for a private PipeWire daemon (test tool).
 *
 * Every card file describes one card: properties, devices (= possible sink and
 * source nodes), profiles and routes (= ports).  The card is exported to the
 * daemon as an Audio/Device object; the nodes of the active profile (streams of
 * this program: sinks write down what they play, sources play a tone) carry device.id and card.profile.device, so session manager and
 * pipewire-pulse treat the whole as one sound card.  Commands come in on stdin, one per line; every
 * command is answered with "ok ..." or "err ..." once the daemon has processed
 * it, and everything the daemon asks of the card is logged on stdout ("EVT").
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ctype.h>
#include <unistd.h>
#include <signal.h>
#include <fcntl.h>
#include <spa/monitor/device.h>
#include <spa/monitor/utils.h>
#include <spa/utils/result.h>
#include <spa/param/audio/raw.h>
#include <spa/param/profile.h>
#include <spa/param/route.h>
#include <spa/param/props.h>
#include <spa/pod/builder.h>
#include <spa/pod/parser.h>
#include <spa/pod/filter.h>
#include <spa/debug/types.h>
#include <spa/param/audio/type-info.h>
#include <pipewire/pipewire.h>

#include <math.h>
#include <spa/param/audio/format-utils.h>
#include "cardfile.h"

#define MAXCARD 8

enum { P_ENUM_PROFILE, P_PROFILE, P_ENUM_ROUTE, P_ROUTE, N_P };

struct card;

struct dev {
	struct card *card;
	struct cf_dev *cf;
	int index, dir;			/* dir: SPA_DIRECTION_INPUT = source */
	uint32_t pos[CF_MAXCH];
	int route;			/* active route or -1 */
	bool mute, save;
	float vol[CF_MAXCH];
	int64_t latency;
	struct pw_stream *stream;
	struct spa_hook stream_l;
	uint32_t bound;
	double hz, step, amp, phase[CF_MAXCH];
	struct tap tap; uint64_t last;	/* of a sink: what it plays, and when the last block came */
};

struct card {
	struct cf_card cf;
	struct pw_properties *props;
	struct dev dev[CF_MAX];
	int profile; bool profile_save;
	bool plugged;
	/* spa device */
	struct spa_device device;
	struct spa_hook_list hooks;
	struct spa_device_info info;
	struct spa_param_info params[N_P];
	struct pw_proxy *proxy;
	struct spa_hook proxy_l;
	uint32_t bound;
	struct spa_source *timer; int pending_profile; bool pending_save;
};

static struct {
	struct pw_main_loop *ml;
	struct pw_loop *loop;
	struct pw_context *ctx;
	struct pw_core *core;
	struct spa_hook core_l;
	struct card card[MAXCARD]; int ncard;
	int delay_ms; bool reject_profile, reject_route;
	int sync_seq; char pending[512];
	char in[4096]; size_t nin;
	bool paused;
} S;

static void say(const char *fmt, ...)
{
	va_list a; va_start(a, fmt); vprintf(fmt, a); va_end(a); putchar('\n'); fflush(stdout);
}
static void die(const char *m) { fprintf(stderr, "simcard: %s\n", m); exit(2); }

/* ---- params ---------------------------------------------------------- */

static void changed(struct card *c, int p)
{
	c->params[p].flags ^= SPA_PARAM_INFO_SERIAL;
	c->info.change_mask |= SPA_DEVICE_CHANGE_MASK_PARAMS;
}
static void flush_info(struct card *c)
{
	if (c->info.change_mask == 0) return;
	spa_device_emit_info(&c->hooks, &c->info);
	c->info.change_mask = 0;
}

static struct spa_pod *build_profile(struct card *c, struct spa_pod_builder *b, uint32_t id, int i, bool cur)
{
	struct cf_profile *p = &c->cf.prof[i];
	struct spa_pod_frame f[2];
	int d, dir;

	spa_pod_builder_push_object(b, &f[0], SPA_TYPE_OBJECT_ParamProfile, id);
	spa_pod_builder_add(b,
		SPA_PARAM_PROFILE_index, SPA_POD_Int(i),
		SPA_PARAM_PROFILE_name, SPA_POD_String(p->name),
		SPA_PARAM_PROFILE_description, SPA_POD_String(p->desc),
		SPA_PARAM_PROFILE_priority, SPA_POD_Int(p->prio),
		SPA_PARAM_PROFILE_available, SPA_POD_Id(p->avail), 0);
	spa_pod_builder_prop(b, SPA_PARAM_PROFILE_classes, 0);
	spa_pod_builder_push_struct(b, &f[1]);
	{
		int32_t ids[2][CF_MAX]; uint32_t n[2] = { 0, 0 };
		for (d = 0; d < p->ndev; d++) {
			struct dev *v = &c->dev[p->devs[d]];
			ids[v->dir][n[v->dir]++] = v->index;
		}
		spa_pod_builder_int(b, !!n[0] + !!n[1]);
		for (dir = 1; dir >= 0; dir--) {
			if (n[dir] == 0) continue;
			spa_pod_builder_add_struct(b,
				SPA_POD_String(dir == SPA_DIRECTION_OUTPUT ? "Audio/Sink" : "Audio/Source"),
				SPA_POD_Int(n[dir]),
				SPA_POD_String("card.profile.devices"),
				SPA_POD_Array(sizeof(int32_t), SPA_TYPE_Int, n[dir], ids[dir]));
		}
	}
	spa_pod_builder_pop(b, &f[1]);
	if (cur) {
		spa_pod_builder_prop(b, SPA_PARAM_PROFILE_save, 0);
		spa_pod_builder_bool(b, c->profile_save);
	}
	return spa_pod_builder_pop(b, &f[0]);
}

static struct spa_pod *build_route(struct card *c, struct spa_pod_builder *b, uint32_t id, int i, struct dev *dev)
{
	struct cf_route *r = &c->cf.route[i];
	struct spa_pod_frame f[2];
	int n;

	spa_pod_builder_push_object(b, &f[0], SPA_TYPE_OBJECT_ParamRoute, id);
	spa_pod_builder_add(b,
		SPA_PARAM_ROUTE_index, SPA_POD_Int(i),
		SPA_PARAM_ROUTE_direction, SPA_POD_Id(r->out ? SPA_DIRECTION_OUTPUT : SPA_DIRECTION_INPUT),
		SPA_PARAM_ROUTE_name, SPA_POD_String(r->name),
		SPA_PARAM_ROUTE_description, SPA_POD_String(r->desc),
		SPA_PARAM_ROUTE_priority, SPA_POD_Int(r->prio),
		SPA_PARAM_ROUTE_available, SPA_POD_Id(r->avail), 0);
	spa_pod_builder_prop(b, SPA_PARAM_ROUTE_info, 0);
	spa_pod_builder_push_struct(b, &f[1]);
	n = 1 + (r->group != NULL);
	spa_pod_builder_int(b, n);
	spa_pod_builder_string(b, "port.type");
	spa_pod_builder_string(b, r->type ? r->type : "analog");
	if (r->group) {
		spa_pod_builder_string(b, "port.availability-group");
		spa_pod_builder_string(b, r->group);
	}
	spa_pod_builder_pop(b, &f[1]);
	spa_pod_builder_prop(b, SPA_PARAM_ROUTE_profiles, 0);
	spa_pod_builder_push_array(b, &f[1]);
	for (n = 0; n < r->nprof; n++) spa_pod_builder_int(b, r->profs[n]);
	spa_pod_builder_pop(b, &f[1]);
	if (dev) {
		spa_pod_builder_prop(b, SPA_PARAM_ROUTE_device, 0);
		spa_pod_builder_int(b, dev->index);
		spa_pod_builder_prop(b, SPA_PARAM_ROUTE_props, 0);
		spa_pod_builder_push_object(b, &f[1], SPA_TYPE_OBJECT_Props, id);
		spa_pod_builder_prop(b, SPA_PROP_mute, SPA_POD_PROP_FLAG_HARDWARE);
		spa_pod_builder_bool(b, dev->mute);
		spa_pod_builder_prop(b, SPA_PROP_channelVolumes, SPA_POD_PROP_FLAG_HARDWARE);
		spa_pod_builder_array(b, sizeof(float), SPA_TYPE_Float, dev->cf->nch, dev->vol);
		spa_pod_builder_prop(b, SPA_PROP_volumeBase, SPA_POD_PROP_FLAG_READONLY);
		spa_pod_builder_float(b, 1.0f);
		spa_pod_builder_prop(b, SPA_PROP_volumeStep, SPA_POD_PROP_FLAG_READONLY);
		spa_pod_builder_float(b, 1.0f / 65536);
		spa_pod_builder_prop(b, SPA_PROP_channelMap, 0);
		spa_pod_builder_array(b, sizeof(uint32_t), SPA_TYPE_Id, dev->cf->nch, dev->pos);
		spa_pod_builder_prop(b, SPA_PROP_latencyOffsetNsec, 0);
		spa_pod_builder_long(b, dev->latency);
		spa_pod_builder_pop(b, &f[1]);
	}
	spa_pod_builder_prop(b, SPA_PARAM_ROUTE_devices, 0);
	spa_pod_builder_push_array(b, &f[1]);
	for (n = 0; n < r->ndev; n++) spa_pod_builder_int(b, r->devs[n]);
	spa_pod_builder_pop(b, &f[1]);
	if (dev) {
		spa_pod_builder_prop(b, SPA_PARAM_ROUTE_profile, 0);
		spa_pod_builder_int(b, c->profile);
		spa_pod_builder_prop(b, SPA_PARAM_ROUTE_save, 0);
		spa_pod_builder_bool(b, dev->save);
	}
	return spa_pod_builder_pop(b, &f[0]);
}

static bool dev_active(struct card *c, int index)
{
	return cf_profile_has(&c->cf.prof[c->profile], index);
}

static int impl_enum_params(void *object, int seq, uint32_t id, uint32_t start, uint32_t num,
		const struct spa_pod *filter)
{
	struct card *c = object;
	uint8_t buf[8192];
	struct spa_result_device_params r = { .id = id, .next = start };
	uint32_t count = 0;

	while (count < num) {
		struct spa_pod_builder b = SPA_POD_BUILDER_INIT(buf, sizeof(buf));
		struct spa_pod *p = NULL;
		r.index = r.next++;
		switch (id) {
		case SPA_PARAM_EnumProfile:
			if (r.index >= (uint32_t)c->cf.nprof) return 0;
			p = build_profile(c, &b, id, r.index, false);
			break;
		case SPA_PARAM_Profile:
			if (r.index > 0) return 0;
			p = build_profile(c, &b, id, c->profile, true);
			break;
		case SPA_PARAM_EnumRoute:
			if (r.index >= (uint32_t)c->cf.nroute) return 0;
			p = build_route(c, &b, id, r.index, NULL);
			break;
		case SPA_PARAM_Route:
			if (r.index >= (uint32_t)c->cf.ndev) return 0;
			if (!dev_active(c, r.index) || c->dev[r.index].route < 0) continue;
			p = build_route(c, &b, id, c->dev[r.index].route, &c->dev[r.index]);
			break;
		default:
			return -ENOENT;
		}
		if (p == NULL || spa_pod_filter(&b, &r.param, p, filter) < 0) continue;
		spa_device_emit_result(&c->hooks, seq, 0, SPA_RESULT_TYPE_DEVICE_PARAMS, &r);
		count++;
	}
	return 0;
}

/* ---- nodes ----------------------------------------------------------- */

static void sink_process(void *data)
{
	struct dev *d = data;
	struct pw_buffer *b = pw_stream_dequeue_buffer(d->stream);
	uint32_t n, stride = sizeof(float) * d->cf->nch;
	struct spa_data *sd;
	struct timespec ts;
	float volume[CF_MAXCH], *tap;
	uint64_t now;
	if (b == NULL) return;
	sd = &b->buffer->datas[0];
	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = SPA_TIMESPEC_TO_NSEC(&ts);
	if (now - d->last > 200 * SPA_NSEC_PER_MSEC) tap_drain(&d->tap);
	d->last = now;
	if (sd->data != NULL && sd->chunk->size > 0) {
		n = sd->chunk->size / stride;
		for (int k = 0; k < d->cf->nch; k++) volume[k] = d->mute ? 0.0f : d->vol[k];
		if ((tap = tap_push(&d->tap, n, volume)))
			memcpy(tap, SPA_PTROFF(sd->data, sd->chunk->offset, void), n * stride);
	}
	pw_stream_queue_buffer(d->stream, b);
}
static void src_process(void *data)
{
	struct dev *d = data;
	struct pw_buffer *b = pw_stream_dequeue_buffer(d->stream);
	uint32_t n, stride = sizeof(float) * d->cf->nch;
	struct spa_data *sd;
	float *p;
	if (b == NULL) return;
	sd = &b->buffer->datas[0];
	if ((p = sd->data) == NULL) { pw_stream_queue_buffer(d->stream, b); return; }
	n = sd->maxsize / stride;
	if (b->requested) n = SPA_MIN(n, (uint32_t)b->requested);
	for (uint32_t i = 0; i < n; i++) {
		for (int k = 0; k < d->cf->nch; k++) {
			*p++ = d->mute ? 0.0f : (float)(sin(d->phase[k]) * d->amp) * d->vol[k];
			d->phase[k] = fmod(d->phase[k] + 2 * M_PI * (d->hz + k * d->step) / 48000, 2 * M_PI);
		}
	}
	sd->chunk->offset = 0; sd->chunk->stride = stride; sd->chunk->size = n * stride;
	pw_stream_queue_buffer(d->stream, b);
}
static void src_state(void *data, enum pw_stream_state old, enum pw_stream_state state, const char *error)
{
	struct dev *d = data;
	d->bound = pw_stream_get_node_id(d->stream);
	if (state == PW_STREAM_STATE_ERROR) say("EVT node-error card=%s dev=%d %s", d->card->cf.id, d->index, error);
}
static const struct pw_stream_events src_events = { PW_VERSION_STREAM_EVENTS,
	.process = src_process, .state_changed = src_state };
static const struct pw_stream_events sink_events = { PW_VERSION_STREAM_EVENTS,
	.process = sink_process, .state_changed = src_state };

static bool node_exists(struct dev *d) { return d->stream != NULL; }
static void node_drop(struct dev *d)
{
	if (d->stream) { pw_stream_destroy(d->stream); d->stream = NULL; d->bound = SPA_ID_INVALID; }
	tap_close(&d->tap);
}

static void node_create(struct dev *d)
{
	struct card *c = d->card;
	struct pw_properties *p;
	const char *base, *str, *key;
	bool out = d->cf->out;
	void *it = NULL;

	base = strchr(c->cf.name, '.') ? strchr(c->cf.name, '.') + 1 : c->cf.name;
	p = pw_properties_new(PW_KEY_MEDIA_CLASS, out ? "Audio/Sink" : "Audio/Source", PW_KEY_OBJECT_LINGER, "false", NULL);
	pw_properties_setf(p, PW_KEY_NODE_NAME, "%s.%s.%s", cf_node_prefix(&c->cf, out), base, d->cf->suffix);
	str = pw_properties_get(c->props, PW_KEY_DEVICE_DESCRIPTION);
	pw_properties_setf(p, PW_KEY_NODE_DESCRIPTION, "%s %s", str ? str : base, d->cf->desc);
	str = pw_properties_get(c->props, PW_KEY_DEVICE_NICK);
	if (str) pw_properties_set(p, PW_KEY_NODE_NICK, str);
	pw_properties_setf(p, PW_KEY_AUDIO_CHANNELS, "%d", d->cf->nch);
	pw_properties_set(p, SPA_KEY_AUDIO_POSITION, d->cf->posstr);
	pw_properties_set(p, PW_KEY_AUDIO_RATE, "48000");
	pw_properties_setf(p, PW_KEY_DEVICE_ID, "%u", c->bound);
	pw_properties_setf(p, "card.profile.device", "%d", d->index);
	pw_properties_set(p, "device.profile.name", d->cf->suffix);
	pw_properties_set(p, "device.profile.description", d->cf->desc);
	/* As PipeWire 1.4 has it: in and out of a card in pro-audio run together. */
	if (!strncmp(d->cf->suffix, "pro-", 4)) pw_properties_setf(p, "node.link-group", "pro-audio-%u", c->bound);
	pw_properties_set(p, PW_KEY_PRIORITY_SESSION, out ? "1009" : "2009");
	if (out) pw_properties_set(p, PW_KEY_PRIORITY_DRIVER, "1009");
	while ((key = pw_properties_iterate(c->props, &it)))
		if (spa_strstartswith(key, "alsa.") || spa_strstartswith(key, "api.alsa.") ||
		    spa_streq(key, PW_KEY_DEVICE_API))
			pw_properties_set(p, key, pw_properties_get(c->props, key));
	for (int i = 0; i < c->cf.nnodeprop; i++) pw_properties_set(p, c->cf.nodeprop[i].k, c->cf.nodeprop[i].v);
	uint8_t buf[1024];
	struct spa_pod_builder b = SPA_POD_BUILDER_INIT(buf, sizeof(buf));
	struct spa_audio_info_raw ai = { .format = SPA_AUDIO_FORMAT_F32, .rate = 48000, .channels = d->cf->nch };
	const struct spa_pod *params[1];
	for (int k = 0; k < d->cf->nch; k++) ai.position[k] = d->pos[k];
	params[0] = spa_format_audio_raw_build(&b, SPA_PARAM_EnumFormat, &ai);
	if (out) tap_open(&d->tap, pw_properties_get(p, PW_KEY_NODE_NAME), d->cf->nch);
	d->stream = pw_stream_new(S.core, d->cf->suffix, p);
	if (d->stream == NULL) { say("EVT node-error card=%s dev=%d create failed", c->cf.id, d->index); return; }
	pw_stream_add_listener(d->stream, &d->stream_l, out ? &sink_events : &src_events, d);
	pw_stream_connect(d->stream, out ? PW_DIRECTION_INPUT : PW_DIRECTION_OUTPUT, PW_ID_ANY,
		PW_STREAM_FLAG_MAP_BUFFERS | PW_STREAM_FLAG_RT_PROCESS, params, 1);
}

static int best_route(struct card *c, struct dev *d)
{
	int best = -1, bs = -1;
	for (int i = 0; i < c->cf.nroute; i++) {
		struct cf_route *r = &c->cf.route[i];
		int score = r->prio + (r->avail == CF_YES ? 2000000 : r->avail == CF_UNKNOWN ? 1000000 : 0);
		if (r->out == d->cf->out && cf_route_fits(r, d->index, c->profile) && score > bs) { bs = score; best = i; }
	}
	return best;
}

static void sync_nodes(struct card *c)
{
	for (int i = 0; i < c->cf.ndev; i++) {
		struct dev *d = &c->dev[i];
		bool want = c->plugged && dev_active(c, i);
		if (!want) node_drop(d);
		if (want && !node_exists(d)) {
			d->route = best_route(c, d);
			node_create(d);
		}
	}
}

/* ---- device ---------------------------------------------------------- */

static void apply_profile(struct card *c, int i, bool save)
{
	c->profile = i; c->profile_save = save;
	sync_nodes(c);
	changed(c, P_PROFILE); changed(c, P_ROUTE); changed(c, P_ENUM_ROUTE);
	flush_info(c);
}
static void on_timer(void *data, uint64_t n)
{
	struct card *c = data;
	pw_loop_destroy_source(S.loop, c->timer); c->timer = NULL;
	if (c->plugged) apply_profile(c, c->pending_profile, c->pending_save);
}

static int impl_set_param(void *object, uint32_t id, uint32_t flags, const struct spa_pod *param)
{
	struct card *c = object;
	switch (id) {
	case SPA_PARAM_Profile: {
		int32_t idx = 0; bool save = false;
		if (param && spa_pod_parse_object(param, SPA_TYPE_OBJECT_ParamProfile, NULL,
				SPA_PARAM_PROFILE_index, SPA_POD_Int(&idx),
				SPA_PARAM_PROFILE_save, SPA_POD_OPT_Bool(&save)) < 0) return -EINVAL;
		if (idx < 0 || idx >= c->cf.nprof) return -EINVAL;
		say("EVT set-profile card=%s profile=%s save=%d%s", c->cf.id, c->cf.prof[idx].name, save,
			S.reject_profile ? " rejected" : "");
		if (S.reject_profile) return -EIO;
		if (S.delay_ms > 0) {
			struct timespec ts = { S.delay_ms / 1000, (S.delay_ms % 1000) * 1000000L };
			c->pending_profile = idx; c->pending_save = save;
			if (c->timer == NULL) c->timer = pw_loop_add_timer(S.loop, on_timer, c);
			pw_loop_update_timer(S.loop, c->timer, &ts, NULL, false);
		} else
			apply_profile(c, idx, save);
		return 0;
	}
	case SPA_PARAM_Route: {
		int32_t idx, di; struct spa_pod *props = NULL; bool save = false; struct dev *d;
		char vs[256] = "-"; bool newport;
		if (param == NULL) return -EINVAL;
		if (spa_pod_parse_object(param, SPA_TYPE_OBJECT_ParamRoute, NULL,
				SPA_PARAM_ROUTE_index, SPA_POD_Int(&idx),
				SPA_PARAM_ROUTE_device, SPA_POD_Int(&di),
				SPA_PARAM_ROUTE_props, SPA_POD_OPT_Pod(&props),
				SPA_PARAM_ROUTE_save, SPA_POD_OPT_Bool(&save)) < 0) return -EINVAL;
		if (di < 0 || di >= c->cf.ndev || idx < 0 || idx >= c->cf.nroute) return -EINVAL;
		d = &c->dev[di];
		newport = d->route != idx;
		if (!S.reject_route) {
			if (props) {
				float v[CF_MAXCH]; uint32_t n = 0; bool m; int64_t lat;
				struct spa_pod_object *o = (struct spa_pod_object *)props;
				struct spa_pod_prop *pr;
				SPA_POD_OBJECT_FOREACH(o, pr) {
					if (pr->key == SPA_PROP_mute && spa_pod_get_bool(&pr->value, &m) == 0) d->mute = m;
					if (pr->key == SPA_PROP_latencyOffsetNsec && spa_pod_get_long(&pr->value, &lat) == 0) d->latency = lat;
					if (pr->key == SPA_PROP_channelVolumes)
						n = spa_pod_copy_array(&pr->value, SPA_TYPE_Float, v, CF_MAXCH);
				}
				for (uint32_t i = 0; n > 0 && i < (uint32_t)d->cf->nch; i++) d->vol[i] = v[i % n];
			}
			d->route = idx; d->save = save;
			changed(c, P_ROUTE);
		}
		for (uint32_t i = 0, l = 0; i < (uint32_t)d->cf->nch && l < sizeof(vs) - 16; i++)
			l += snprintf(vs + l, sizeof(vs) - l, "%s%.4f", i ? "," : "", d->vol[i]);
		say("EVT set-route card=%s dev=%d port=%s newport=%d save=%d mute=%d vol=%s%s", c->cf.id, di,
			c->cf.route[idx].name, newport, save, d->mute, vs, S.reject_route ? " rejected" : "");
		if (S.reject_route) return -EIO;
		flush_info(c);
		return 0;
	}
	}
	return -ENOENT;
}

static int impl_add_listener(void *object, struct spa_hook *l, const struct spa_device_events *ev, void *data)
{
	struct card *c = object;
	struct spa_hook_list save;
	spa_hook_list_isolate(&c->hooks, &save, l, ev, data);
	c->info.change_mask = SPA_DEVICE_CHANGE_MASK_FLAGS | SPA_DEVICE_CHANGE_MASK_PROPS | SPA_DEVICE_CHANGE_MASK_PARAMS;
	flush_info(c);
	spa_hook_list_join(&c->hooks, &save);
	return 0;
}
static int impl_sync(void *object, int seq)
{
	struct card *c = object;
	spa_device_emit_result(&c->hooks, seq, 0, 0, NULL);
	return 0;
}
static const struct spa_device_methods dev_methods = { SPA_VERSION_DEVICE_METHODS,
	.add_listener = impl_add_listener, .sync = impl_sync,
	.enum_params = impl_enum_params, .set_param = impl_set_param };

static void card_bound(void *data, uint32_t id)
{
	struct card *c = data;
	c->bound = id;
	say("EVT bound card=%s id=%u", c->cf.id, id);
	sync_nodes(c);
}
static void card_pdestroy(void *data)
{
	struct card *c = data;
	spa_hook_remove(&c->proxy_l);
	c->proxy = NULL;
}
static const struct pw_proxy_events card_events = { PW_VERSION_PROXY_EVENTS,
	.bound = card_bound, .destroy = card_pdestroy };

static int card_plug(struct card *c)
{
	if (c->plugged) return -EALREADY;
	spa_hook_list_init(&c->hooks);
	c->device.iface = SPA_INTERFACE_INIT(SPA_TYPE_INTERFACE_Device, SPA_VERSION_DEVICE, &dev_methods, c);
	c->info = SPA_DEVICE_INFO_INIT();
	c->info.props = &c->props->dict;
	c->params[P_ENUM_PROFILE] = SPA_PARAM_INFO(SPA_PARAM_EnumProfile, SPA_PARAM_INFO_READ);
	c->params[P_PROFILE] = SPA_PARAM_INFO(SPA_PARAM_Profile, SPA_PARAM_INFO_READWRITE);
	c->params[P_ENUM_ROUTE] = SPA_PARAM_INFO(SPA_PARAM_EnumRoute, SPA_PARAM_INFO_READ);
	c->params[P_ROUTE] = SPA_PARAM_INFO(SPA_PARAM_Route, SPA_PARAM_INFO_READWRITE);
	c->info.params = c->params; c->info.n_params = N_P;
	c->profile = 0; c->profile_save = false;
	for (int i = 0; c->cf.initial && i < c->cf.nprof; i++)
		if (spa_streq(c->cf.prof[i].name, c->cf.initial)) c->profile = i;
	for (int i = 0; i < c->cf.ndev; i++) {
		c->dev[i].route = -1; c->dev[i].mute = false; c->dev[i].save = false; c->dev[i].latency = 0;
		for (int k = 0; k < CF_MAXCH; k++) c->dev[i].vol[k] = 1.0f;
	}
	c->plugged = true;
	c->proxy = pw_core_export(S.core, SPA_TYPE_INTERFACE_Device, &c->props->dict, &c->device, 0);
	if (c->proxy == NULL) { c->plugged = false; return -errno; }
	pw_proxy_add_listener(c->proxy, &c->proxy_l, &card_events, c);
	return 0;
}
static int card_unplug(struct card *c)
{
	if (!c->plugged) return -EALREADY;
	c->plugged = false;
	if (c->timer) { pw_loop_destroy_source(S.loop, c->timer); c->timer = NULL; }
	sync_nodes(c);
	if (c->proxy) pw_proxy_destroy(c->proxy);
	return 0;
}

/* ---- card file ------------------------------------------------------- */

static uint32_t chan(const char *s)
{
	for (const struct spa_type_info *t = spa_type_audio_channel; t->name; t++)
		if (spa_streq(spa_debug_type_short_name(t->name), s)) return t->type;
	return SPA_AUDIO_CHANNEL_UNKNOWN;
}
static void card_load(const char *path)
{
	struct card *c;
	const char *err;
	if (S.ncard == MAXCARD) die("too many cards");
	c = &S.card[S.ncard++];
	if ((err = cf_load(&c->cf, path))) die(err);
	c->props = pw_properties_new(PW_KEY_MEDIA_CLASS, "Audio/Device", PW_KEY_DEVICE_NAME, c->cf.name, NULL);
	for (int i = 0; i < c->cf.nprop; i++) pw_properties_set(c->props, c->cf.prop[i].k, c->cf.prop[i].v);
	for (int i = 0; i < c->cf.ndev; i++) {
		struct dev *d = &c->dev[i];
		d->card = c; d->cf = &c->cf.dev[i]; d->index = i; d->bound = SPA_ID_INVALID; d->hz = 400; d->step = 100;
		d->dir = d->cf->out ? SPA_DIRECTION_OUTPUT : SPA_DIRECTION_INPUT;
		for (int k = 0; k < d->cf->nch; k++) d->pos[k] = chan(d->cf->ch[k]);
	}
}

/* ---- commands -------------------------------------------------------- */

static struct card *find_card(const char *id)
{
	for (int i = 0; id && i < S.ncard; i++) if (spa_streq(S.card[i].cf.id, id)) return &S.card[i];
	return NULL;
}
static void answer(const char *line, int res)
{
	if (res < 0) { say("err %s: %s", line, spa_strerror(res)); return; }
	/* two round trips so that what the daemon echoes back is through as well */
	snprintf(S.pending, sizeof(S.pending), "%s", line);
	S.paused = true;
	S.sync_seq = pw_core_sync(S.core, PW_ID_CORE, 0);
}
static void dump(struct card *c)
{
	say("card %s %s id=%d profile=%s", c->cf.id, c->plugged ? "plugged" : "unplugged",
		c->plugged ? (int)c->bound : -1, c->cf.prof[c->profile].name);
	for (int i = 0; i < c->cf.ndev; i++) {
		struct dev *d = &c->dev[i];
		if (node_exists(d)) say("  dev %d node=%d port=%s mute=%d vol0=%.4f", i, (int)d->bound,
			d->route < 0 ? "-" : c->cf.route[d->route].name, d->mute, d->vol[0]);
	}
}
static void command(char *line)
{
	char copy[512], *w[16]; int n, res = -EINVAL; struct card *c;
	snprintf(copy, sizeof(copy), "%s", line);
	n = cf_split(line, w, 16);
	if (n == 0) return;
	c = n > 1 ? find_card(w[1]) : NULL;
	if (spa_streq(w[0], "quit")) { pw_main_loop_quit(S.ml); return; }
	else if (spa_streq(w[0], "plug") && c) res = card_plug(c);
	else if (spa_streq(w[0], "unplug") && c) res = card_unplug(c);
	else if (spa_streq(w[0], "sync")) res = 0;
	else if (spa_streq(w[0], "dump")) { for (n = 0; n < S.ncard; n++) dump(&S.card[n]); res = 0; }
	else if (spa_streq(w[0], "delay") && n == 2) { S.delay_ms = atoi(w[1]); res = 0; }
	else if (spa_streq(w[0], "reject") && n == 3) {
		bool on = spa_streq(w[2], "on"); res = 0;
		if (spa_streq(w[1], "profile")) S.reject_profile = on; else S.reject_route = on;
	} else if (spa_streq(w[0], "avail") && c && n == 4) {
		for (int i = 0; i < c->cf.nroute; i++)
			if (spa_streq(c->cf.route[i].name, w[2])) { c->cf.route[i].avail = cf_avail(w[3]); res = 0; }
		if (res == 0 && c->plugged) { changed(c, P_ENUM_ROUTE); changed(c, P_ROUTE); flush_info(c); }
	} else if (spa_streq(w[0], "profile-avail") && c && n == 4) {
		int i = cf_profile_index(&c->cf, w[2]);
		if (i >= 0) { c->cf.prof[i].avail = cf_avail(w[3]); res = 0; }
		if (res == 0 && c->plugged) { changed(c, P_ENUM_PROFILE); flush_info(c); }
	} else if (spa_streq(w[0], "profile") && c && n == 3) {
		int i = cf_profile_index(&c->cf, w[2]);
		if (i >= 0 && c->plugged) { apply_profile(c, i, false); res = 0; }
	} else if (spa_streq(w[0], "knob") && c && n == 4) {	/* hardware volume knob: knob <card> <dev> <linear> */
		int i = atoi(w[2]);
		if (i >= 0 && i < c->cf.ndev && c->plugged) {
			for (int k = 0; k < CF_MAXCH; k++) c->dev[i].vol[k] = strtof(w[3], NULL);
			changed(c, P_ROUTE); flush_info(c); res = 0;
		}
	} else if (spa_streq(w[0], "tone") && c && n == 6) {	/* what a source delivers: tone <card> <dev> <hz> <step> <amplitude> */
		int i = atoi(w[2]);
		if (i >= 0 && i < c->cf.ndev) { c->dev[i].hz = atof(w[3]); c->dev[i].step = atof(w[4]); c->dev[i].amp = atof(w[5]); res = 0; }
	} else if (spa_streq(w[0], "prop") && c && n == 3) {	/* prop <card> key=value (takes effect on next plug or at once) */
		char *eq = strchr(w[2], '=');
		if (eq) { *eq = 0; pw_properties_set(c->props, w[2], eq[1] ? eq + 1 : NULL); res = 0;
			if (c->plugged) { c->info.props = &c->props->dict; c->info.change_mask |= SPA_DEVICE_CHANGE_MASK_PROPS; flush_info(c); } }
	}
	answer(copy, res);
}
static void pump(void)
{
	char *nl;
	while (!S.paused && (nl = memchr(S.in, '\n', S.nin))) {
		char line[512]; size_t l = nl - S.in;
		snprintf(line, sizeof(line), "%.*s", (int)l, S.in);
		S.nin -= l + 1; memmove(S.in, nl + 1, S.nin);
		command(line);
	}
}
static void on_stdin(void *data, int fd, uint32_t mask)
{
	ssize_t n = read(fd, S.in + S.nin, sizeof(S.in) - S.nin);
	if (n <= 0) { pw_main_loop_quit(S.ml); return; }
	S.nin += n;
	pump();
}
static void on_done(void *data, uint32_t id, int seq)
{
	if (id != PW_ID_CORE || seq != S.sync_seq || !S.paused) return;
	S.paused = false;
	say("ok %s", S.pending);
	pump();
}
static void on_error(void *data, uint32_t id, int seq, int res, const char *message)
{
	say("EVT core-error id=%u res=%d %s", id, res, message);
	if (id == PW_ID_CORE && res == -EPIPE) pw_main_loop_quit(S.ml);
}
static const struct pw_core_events core_events = { PW_VERSION_CORE_EVENTS, .done = on_done, .error = on_error };
static void on_signal(void *data, int sig) { pw_main_loop_quit(S.ml); }

int main(int argc, char **argv)
{
	pw_init(&argc, &argv);
	for (int i = 1; i < argc; i++) card_load(argv[i]);
	if (S.ncard == 0) die("usage: simcard CARDFILE...");
	S.ml = pw_main_loop_new(NULL); S.loop = pw_main_loop_get_loop(S.ml);
	pw_loop_add_signal(S.loop, SIGTERM, on_signal, NULL);
	pw_loop_add_signal(S.loop, SIGINT, on_signal, NULL);
	S.ctx = pw_context_new(S.loop, pw_properties_new(PW_KEY_CONFIG_NAME, "client.conf", NULL), 0);
	S.core = S.ctx ? pw_context_connect(S.ctx, pw_properties_new(PW_KEY_APP_NAME, "simcard", NULL), 0) : NULL;
	if (S.core == NULL) die("can't connect to the daemon");
	pw_core_add_listener(S.core, &S.core_l, &core_events, NULL);
	pw_loop_add_io(S.loop, 0, SPA_IO_IN | SPA_IO_HUP, false, on_stdin, NULL);
	say("ready");
	pw_main_loop_run(S.ml);
	for (int i = 0; i < S.ncard; i++) card_unplug(&S.card[i]);
	pw_core_disconnect(S.core);
	pw_context_destroy(S.ctx);
	pw_main_loop_destroy(S.ml);
	return 0;
}
