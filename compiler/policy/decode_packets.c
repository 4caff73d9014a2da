// SPDX-License-Identifier: Apache-2.0
/*
 * Rules about packets: addresses, ports, interfaces, quotas.
 */
#include "../check/value.h"
#include "decode.h"

static bool is_list(const struct ka_node *n)
{
	return n && n->type == KA_NODE_SEQ && n->nitems;
}

/* ---- addresses ---- */

static int compare_cidrs(const void *a, const void *b)
{
	const struct ka_cidr *x = a, *y = b;
	int r = (int)x->family - (int)y->family;

	if (!r)
		r = memcmp(x->addr, y->addr, sizeof(x->addr));
	return r ? r : (int)x->bits - (int)y->bits;
}

static int take_cidrs(struct ka_ctx *ctx, const struct ka_node *list, struct ka_rule_extra *x)
{
	size_t n = 0, kept = 0;

	if (!is_list(list))
		return 0;
	x->cidrs = ka_calloc(ctx, list->nitems, sizeof(*x->cidrs));
	if (!x->cidrs)
		return -ENOMEM;
	for (size_t i = 0; i < list->nitems; i++) {
		const struct ka_node *v =
			ka_node_get(ka_node_get(list->items[i], "ipBlock"), "cidr");
		struct ka_cidr *c = &x->cidrs[n];

		if (!ka_value_cidr(ctx, v, &c->family, &c->bits, c->addr))
			continue;
		c->loc = v->loc;
		n++;
	}
	qsort(x->cidrs, n, sizeof(*x->cidrs), compare_cidrs);
	for (size_t i = 0; i < n; i++)
		if (!kept || compare_cidrs(&x->cidrs[kept - 1], &x->cidrs[i]))
			x->cidrs[kept++] = x->cidrs[i];
	x->ncidrs = kept;
	return 0;
}

/* ---- ports ---- */

static int compare_ports(const void *a, const void *b)
{
	const struct ka_port *x = a, *y = b;
	int r = (int)x->first - (int)y->first;

	if (!r)
		r = (int)x->last - (int)y->last;
	if (!r)
		r = strcmp(x->name ?: "", y->name ?: "");
	return r ? r : (int)x->protocol - (int)y->protocol;
}

static bool take_end(struct ka_ctx *ctx, const struct ka_node *end, struct ka_port *p)
{
	struct ka_diag *d;
	long long v;

	p->last = p->first;
	if (!ka_node_int(end, &v) || v < 1 || v > 65535)
		return true; /* none, or the schema has told */
	if (p->name) {
		d = ka_diag(ctx, KA_D_PORT_RANGE, end->loc,
			    ka_sprintf(ctx, "goes with a number, not with the name '%s'", p->name));
		ka_diag_hint(ctx, d, "write the first port as a number");
		return false;
	}
	if (v < p->first) {
		ka_diag(ctx, KA_D_PORT_RANGE, end->loc,
			ka_sprintf(ctx, "%lld lies below port %u", v, p->first));
		return false;
	}
	p->last = (uint16_t)v;
	return true;
}

static bool take_port(struct ka_ctx *ctx, const struct ka_node *item, struct ka_port *ret)
{
	const struct ka_node *port = ka_node_get(item, "port");
	const struct ka_node *protocol = ka_node_get(item, "protocol");

	*ret = (struct ka_port){};
	if (!ka_value_port(ctx, port, &ret->first, &ret->name))
		return false;
	ret->loc = port->loc;
	ret->protocol = ka_value_transport(ctx, protocol);
	if (ka_is_string(protocol) && !ret->protocol)
		return false;
	return take_end(ctx, ka_node_get(item, "endPort"), ret);
}

static int take_ports(struct ka_ctx *ctx, const struct ka_node *list, struct ka_rule_extra *x)
{
	size_t n = 0, kept = 0;

	if (!is_list(list))
		return 0;
	x->ports = ka_calloc(ctx, list->nitems, sizeof(*x->ports));
	if (!x->ports)
		return -ENOMEM;
	for (size_t i = 0; i < list->nitems; i++)
		n += take_port(ctx, list->items[i], &x->ports[n]);
	qsort(x->ports, n, sizeof(*x->ports), compare_ports);
	for (size_t i = 0; i < n; i++)
		if (!kept || compare_ports(&x->ports[kept - 1], &x->ports[i]))
			x->ports[kept++] = x->ports[i];
	x->nports = kept;
	return 0;
}

/* ---- quotas ---- */

static void take_quota(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule_extra *x)
{
	const struct ka_pair *limit = ka_node_pair(item, "limit");
	const struct ka_pair *duration = ka_node_pair(item, "duration");
	const struct ka_pair *one = limit ?: duration;
	struct ka_diag *d;

	if (limit && limit->value->type == KA_NODE_NULL)
		limit = NULL;
	if (duration && duration->value->type == KA_NODE_NULL)
		duration = NULL;
	if (limit)
		(void)ka_value_limit(ctx, limit->value, &x->limit);
	if (duration)
		(void)ka_value_duration(ctx, duration->value, &x->seconds);
	if (!limit == !duration)
		return;
	one = limit ?: duration;
	d = ka_diag(ctx, KA_D_QUOTA_HALF, one->key->loc, one->key->str,
		    limit ? "duration" : "limit");
	ka_diag_hint(ctx, d,
		     "a quota is so much data in such a time, as in 'limit: 500MB' and "
		     "'duration: 30m'");
}

int ka_take_packets(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule)
{
	struct ka_rule_extra *x = ka_rule_extra(ctx, rule);
	const char *peers = rule->section == KA_SECTION_INGRESS ? "from" : "to";
	int r;

	if (!x)
		return -ENOMEM;
	if (item->type != KA_NODE_MAP)
		return 0;
	rule->object = "";
	rule->loc = item->loc;
	r = take_cidrs(ctx, ka_node_get(item, peers), x)
		    ?: take_ports(ctx, ka_node_get(item, "ports"), x)
		    ?: ka_take_words(ctx, ka_node_get(item, "iface"), ka_check_iface, &x->ifaces);
	if (r < 0)
		return r;
	take_quota(ctx, item, x);
	return 1;
}
