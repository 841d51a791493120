/* cardfile.h - reads the description of a simulated sound card (see cards/), and writes down what its sinks play. Plain C,
 * no sound library. */
#ifndef CARDFILE_H
#define CARDFILE_H
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdbool.h>

#define CF_MAX 64
#define CF_MAXCH 64
#define CF_MAXPROP 96

enum { CF_UNKNOWN = 0, CF_NO = 1, CF_YES = 2 };	/* same numbers as in SPA and in PulseAudio */

struct cf_prop { char *k, *v; };
struct cf_dev { bool out; char *suffix, *desc, *posstr, *ch[CF_MAXCH]; int nch; };
struct cf_profile { char *name, *desc; int prio, avail, ndev, devs[CF_MAX]; };
struct cf_route { bool out; char *name, *desc, *type, *group; int prio, avail, ndev, devs[CF_MAX], nprof, profs[CF_MAX]; };
struct cf_card {
	char *id, *name, *initial;
	struct cf_prop prop[CF_MAXPROP], nodeprop[CF_MAX];
	struct cf_dev dev[CF_MAX]; struct cf_profile prof[CF_MAX]; struct cf_route route[CF_MAX];
	int nprop, nnodeprop, ndev, nprof, nroute;
};

static int cf_split(char *s, char **out, int max)
{
	int n = 0;
	while (*s && n < max) {
		while (isspace((unsigned char)*s)) s++;
		if (*s == 0 || (*s == '#' && n == 0)) break;
		char *w = out[n++] = s; bool q = false;
		while (*s && (q || !isspace((unsigned char)*s))) {
			if (*s == '"') { q = !q; s++; continue; }
			*w++ = *s++;
		}
		if (*s) s++;
		*w = 0;
	}
	return n;
}
static const char *cf_opt(char **w, int n, const char *k, const char *def)
{
	size_t l = strlen(k);
	for (int i = 0; i < n; i++) if (!strncmp(w[i], k, l) && w[i][l] == '=') return w[i] + l + 1;
	return def;
}
/* the name of a card profile: "HiFi (Line1; Mic1)" is HiFi (Line1, Mic1), since commas separate names in a list */
static char *cf_name(const char *s)
{
	char *name = strdup(s);
	for (char *c = name; *c; c++) if (*c == ';') *c = ',';
	return name;
}
/* what the names of its sinks or sources begin with, as the servers have it: alsa_output, bluez_output */
static const char *cf_node_prefix(const struct cf_card *c, bool out)
{
	bool wireless = !strncmp(c->name, "bluez_card.", 11);
	return wireless ? (out ? "bluez_output" : "bluez_input") : out ? "alsa_output" : "alsa_input";
}
static int cf_avail(const char *s)
{
	return s && !strcmp(s, "yes") ? CF_YES : s && !strcmp(s, "no") ? CF_NO : CF_UNKNOWN;
}
static int cf_ints(const char *s, int *v, int max)
{
	int n = 0;
	while (s && *s && n < max) { v[n++] = strtol(s, (char **)&s, 10); if (*s == ',') s++; else break; }
	return n;
}
static int cf_profile_index(struct cf_card *c, const char *name)
{
	for (int i = 0; i < c->nprof; i++) if (!strcmp(c->prof[i].name, name)) return i;
	return -1;
}
static int cf_route_index(struct cf_card *c, const char *name)
{
	for (int i = 0; i < c->nroute; i++) if (!strcmp(c->route[i].name, name)) return i;
	return -1;
}
static bool cf_profile_has(const struct cf_profile *p, int dev)
{
	for (int i = 0; i < p->ndev; i++) if (p->devs[i] == dev) return true;
	return false;
}
static bool cf_route_fits(const struct cf_route *r, int dev, int prof)
{
	bool d = false, p = prof < 0;
	for (int i = 0; i < r->ndev; i++) d |= r->devs[i] == dev;
	for (int i = 0; i < r->nprof; i++) p |= r->profs[i] == prof;
	return d && p;
}
static bool cf_setprop(struct cf_prop *p, int *n, int max, char *kv)
{
	char *eq = strchr(kv, '=');
	if (!eq || *n == max) return false;
	*eq = 0;
	p[*n].k = strdup(kv); p[(*n)++].v = strdup(eq + 1);
	return true;
}
/* NULL when all is well, else what is wrong */
static const char *cf_load(struct cf_card *c, const char *path)
{
	static char err[256];
	char line[2048], *w[32], *t, *sv, *cp;
	int no = 0;
	FILE *f = fopen(path, "r");
	memset(c, 0, sizeof(*c));
	if (!f) { snprintf(err, sizeof(err), "%s: can't open", path); return err; }
	while (fgets(line, sizeof(line), f)) {
		bool ok = true;
		int n = cf_split(line, w, 32);
		no++;
		if (n == 0) continue;
		if (n < 2) ok = false;
		else if (!strcmp(w[0], "id")) c->id = strdup(w[1]);
		else if (!strcmp(w[0], "name")) c->name = strdup(w[1]);
		else if (!strcmp(w[0], "initial")) c->initial = cf_name(w[1]);
		else if (!strcmp(w[0], "prop")) ok = cf_setprop(c->prop, &c->nprop, CF_MAXPROP, w[1]);
		else if (!strcmp(w[0], "nodeprop")) ok = cf_setprop(c->nodeprop, &c->nnodeprop, CF_MAX, w[1]);
		else if (!strcmp(w[0], "device") && n >= 3 && c->ndev < CF_MAX) {
			struct cf_dev *d = &c->dev[c->ndev++];
			d->out = strcmp(w[1], "in") != 0;
			d->suffix = strdup(w[2]);
			d->desc = strdup(cf_opt(w, n, "desc", w[2]));
			d->posstr = strdup(cf_opt(w, n, "ch", "FL,FR"));
			for (cp = strdup(d->posstr), sv = NULL, t = strtok_r(cp, ",", &sv); t && d->nch < CF_MAXCH; t = strtok_r(NULL, ",", &sv))
				d->ch[d->nch++] = t;
		} else if (!strcmp(w[0], "profile") && c->nprof < CF_MAX) {
			struct cf_profile *p = &c->prof[c->nprof++];
			p->name = cf_name(w[1]);
			p->desc = cf_name(cf_opt(w, n, "desc", w[1]));
			p->prio = atoi(cf_opt(w, n, "prio", "0"));
			p->avail = cf_avail(cf_opt(w, n, "avail", NULL));
			p->ndev = cf_ints(cf_opt(w, n, "devs", NULL), p->devs, CF_MAX);
		} else if (!strcmp(w[0], "route") && n >= 3 && c->nroute < CF_MAX) {
			struct cf_route *r = &c->route[c->nroute++];
			const char *s;
			r->out = strcmp(w[1], "in") != 0;
			r->name = strdup(w[2]);
			r->desc = strdup(cf_opt(w, n, "desc", w[2]));
			r->prio = atoi(cf_opt(w, n, "prio", "100"));
			r->avail = cf_avail(cf_opt(w, n, "avail", NULL));
			r->type = (s = cf_opt(w, n, "type", NULL)) ? strdup(s) : NULL;
			r->group = (s = cf_opt(w, n, "group", NULL)) ? strdup(s) : NULL;
			r->ndev = cf_ints(cf_opt(w, n, "devs", NULL), r->devs, CF_MAX);
			for (cp = strdup(cf_opt(w, n, "profiles", "")), sv = NULL, t = strtok_r(cp, ",", &sv); ok && t && r->nprof < CF_MAX; t = strtok_r(NULL, ",", &sv))
			{
				char *name = cf_name(t);
				if ((r->profs[r->nprof++] = cf_profile_index(c, name)) < 0) ok = false;	/* profiles come first */
				free(name);
			}
			free(cp);
		} else ok = false;
		if (!ok) { snprintf(err, sizeof(err), "%s:%d: bad line", path, no); fclose(f); return err; }
	}
	fclose(f);
	if (!c->id || !c->name || !c->nprof) { snprintf(err, sizeof(err), "%s: id, name or profile is missing", path); return err; }
	return NULL;
}
/* ---- what is heard ---------------------------------------------------
 *
 * Where SIMCARD_TAP names a directory, every sink writes each of its samples to SINKNAME.f32 there: 32-bit floats, all
 * channels, 48,000 a second. A volume of the hardware also acts on what is in its queue, one of software only on what
 * arrives: a sample is written two blocks after it came, with the louder of the two volumes, so that a test hears both
 * a volume that is lowered too late and one that is raised too early.
 */
#define TAP_BLOCKS 2
struct tap_block { float *sample, volume[CF_MAXCH]; size_t frames; };
struct tap { FILE *file; int channels; struct tap_block queue[TAP_BLOCKS]; int queued; };

static void tap_open(struct tap *t, const char *sink, int channels)
{
	const char *dir = getenv("SIMCARD_TAP");
	char path[1024];
	if (!dir) return;
	snprintf(path, sizeof(path), "%s/%s.f32", dir, sink);
	t->file = fopen(path, "ab");
	t->channels = channels; t->queued = 0;
}
/* writes the oldest block at the volumes it has now */
static void tap_pop(struct tap *t, const float *volume)
{
	struct tap_block b = t->queue[0];
	for (size_t i = 0; i < b.frames; i++)
		for (int k = 0; k < t->channels; k++)
			b.sample[i * t->channels + k] *= volume && volume[k] > b.volume[k] ? volume[k] : b.volume[k];
	fwrite(b.sample, sizeof(float), b.frames * t->channels, t->file);
	free(b.sample);
	memmove(t->queue, t->queue + 1, sizeof(t->queue) - sizeof(t->queue[0]));
	t->queued--;
}
/* what was queued has long been played: the sink was idle, or is going */
static void tap_drain(struct tap *t)
{
	while (t->file && t->queued) tap_pop(t, NULL);
	if (t->file) fflush(t->file);
}
/* room for a block that arrives at these volumes; NULL where nobody listens */
static float *tap_push(struct tap *t, size_t frames, const float *volume)
{
	struct tap_block *b;
	if (!t->file) return NULL;
	if (t->queued == TAP_BLOCKS) tap_pop(t, volume);
	b = &t->queue[t->queued++];
	b->frames = frames;
	b->sample = malloc(frames * t->channels * sizeof(float) + 1);
	memcpy(b->volume, volume, sizeof(float) * t->channels);
	fflush(t->file);
	return b->sample;
}
static void tap_close(struct tap *t)
{
	tap_drain(t);
	if (t->file) fclose(t->file);
	t->file = NULL;
}
static const char *cf_get(struct cf_card *c, const char *k)
{
	for (int i = 0; i < c->nprop; i++) if (!strcmp(c->prop[i].k, k)) return c->prop[i].v;
	return NULL;
}
#endif
