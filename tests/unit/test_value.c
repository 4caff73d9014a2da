// SPDX-License-Identifier: Apache-2.0
/*
 * Values one by one: the spelling that later stages compare by, what is refused, and what a
 * correction makes of the text.
 */
#include "parse.h"

#include <sys/socket.h>

#include "../../compiler/automaton/glob.h"
#include "../../compiler/check/value.h"
#include "../../compiler/check/value_pattern.h"

/* A string as YAML has it: plain, or in the quotes that it begins with. */
static struct ka_node node_of(struct ka_ctx *ctx, const char *text)
{
	size_t len = strlen(text);
	bool quoted = *text == '\'' || *text == '"';
	struct ka_node n = {.type = KA_NODE_STRING};

	n.loc = (struct ka_loc){.source = source_of(ctx, text, len),
				.line = 1,
				.column = 1,
				.length = (uint32_t)len};
	n.len = len - 2u * quoted;
	n.str = ka_strndup(ctx, text + quoted, n.len);
	assert_non_null(n.str);
	return n;
}

/* The source after the correction of the first diagnostic that has one; NULL: none has. */
static const char *corrected(struct ka_ctx *ctx)
{
	for (size_t i = 0; i < ctx->ndiags; i++) {
		const struct ka_diag *d = ctx->diags[i];

		if (d->fix)
			return ka_sprintf(ctx, "%.*s%s%s", (int)d->fix->offset, d->loc.source->text,
					  d->fix->text,
					  d->loc.source->text + d->fix->offset + d->fix->length);
	}
	return NULL;
}

#define NONE KA_D__MAX

struct row {
	const char *text, *want; /* NULL: refused */
	enum ka_diag_id id;      /* NONE */
	const char *fixed;       /* the source after --fix, or NULL */
};

typedef const char *(*value_of)(struct ka_ctx *, const struct ka_node *);

static void check_rows(const struct row *rows, size_t n, value_of value)
{
	for (size_t i = 0; i < n; i++) {
		KA_CTX struct ka_ctx ctx = {};
		const struct row *r = &rows[i];
		const char *got, *fixed;
		struct ka_node node;

		assert_int_equal(ka_ctx_init(&ctx), 0);
		node = node_of(&ctx, r->text);
		got = value(&ctx, &node);
		if (!got != !r->want || (got && strcmp(got, r->want) != 0))
			fail_msg("%s: %s, not %s", r->text, got ?: "refused", r->want ?: "refused");
		if (ctx.ndiags != (r->id != NONE) || (ctx.ndiags && ctx.diags[0]->id != r->id))
			fail_msg("%s: %zu diagnostics, %s", r->text, ctx.ndiags,
				 ctx.ndiags ? ctx.diags[0]->message : "");
		fixed = corrected(&ctx);
		if (!fixed != !r->fixed || (fixed && strcmp(fixed, r->fixed) != 0))
			fail_msg("%s: corrected to %s", r->text, fixed ?: "nothing");
	}
}

#define CHECK(rows, value) check_rows(rows, KA_ARRAY_SIZE(rows), value)

/* ---- words ---- */

static void protocols_have_no_case(void **state)
{
	static const struct row rows[] = {
		{"tcp", "tcp", NONE, NULL},
		{"TCP", "tcp", NONE, NULL},
		{"IcmpV6", "icmpv6", NONE, NULL},
		{"'all'", "all", NONE, NULL},
		{"xtcp", NULL, KA_D_NOT_ONE_OF, NULL},
		{"tcpx", NULL, KA_D_NOT_ONE_OF, NULL},
		{"''", NULL, KA_D_NOT_ONE_OF, NULL},
	};

	(void)state;
	CHECK(rows, ka_value_protocol);
}

static void capabilities_have_neither_case_nor_prefix(void **state)
{
	static const struct row rows[] = {
		{"net_raw", "net_raw", NONE, NULL},
		{"CAP_NET_RAW", "net_raw", NONE, NULL},
		{"cap_Sys_Admin", "sys_admin", NONE, NULL},
		{"checkpoint_restore", "checkpoint_restore", NONE, NULL},
		{"cap", NULL, KA_D_NOT_ONE_OF, NULL},
		{"cap_", NULL, KA_D_NOT_ONE_OF, NULL},
		{"cap_cap_chown", NULL, KA_D_NOT_ONE_OF, NULL},
		{"net-raw", NULL, KA_D_NOT_ONE_OF, NULL},
	};

	(void)state;
	CHECK(rows, ka_value_capability);
}

static void presets_have_a_case(void **state)
{
	static const struct row rows[] = {
		{"exec", "exec", NONE, NULL},
		{"protectProc", "protectProc", NONE, NULL},
		{"fileless", NULL, KA_D_NOT_ONE_OF, NULL},
	};

	(void)state;
	CHECK(rows, ka_value_preset);
}

static void usb_classes_are_names_or_numbers(void **state)
{
	static const struct row rows[] = {
		{"MASS-STORAGE", "MASS-STORAGE", NONE, NULL},
		{"mass_storage", "MASS-STORAGE", NONE, NULL},
		{"'8'", "MASS-STORAGE", NONE, NULL},
		{"'0x08'", "MASS-STORAGE", NONE, NULL},
		{"CDC", "COMMUNICATIONS", NONE, NULL},
		{"all", "ALL", NONE, NULL},
		{"'77'", "77", NONE, NULL},
		{"'0'", NULL, KA_D_NOT_ONE_OF, NULL},
		{"'256'", NULL, KA_D_NOT_ONE_OF, NULL},
		{"'8x'", NULL, KA_D_NOT_ONE_OF, NULL},
		{"MASS-STORAG", NULL, KA_D_NOT_ONE_OF, NULL},
		{"''", NULL, KA_D_NOT_ONE_OF, NULL},
	};

	(void)state;
	CHECK(rows, ka_value_usb_class);
}

static const char *syscall_of(struct ka_ctx *ctx, const struct ka_node *n)
{
	return ka_check_syscall(ctx, n) ? n->str : NULL;
}

static void system_calls_are_those_of_this_machine(void **state)
{
	static const struct row rows[] = {
		{"openat", "openat", NONE, NULL},
		{"mseal", "mseal", NONE, NULL},
		{"socketcall", "socketcall", NONE, NULL}, /* of the compat table */
		{"opnat", NULL, KA_D_SYSCALL_UNKNOWN, NULL},
		{"OPENAT", NULL, KA_D_SYSCALL_UNKNOWN, NULL},
		{"''", NULL, KA_D_SYSCALL_UNKNOWN, NULL},
		{"riscv_flush_icache", NULL, KA_D_SYSCALL_UNKNOWN, NULL},
	};
	unsigned major, minor;

	(void)state;
	CHECK(rows, syscall_of);
	ka_syscall_since("mseal", &major, &minor);
	assert_int_equal(major, 6);
	assert_int_equal(minor, 10);
	ka_syscall_since("openat", &major, &minor);
	assert_int_equal(major, 0);
}

/* ---- network ---- */

static void domains_have_no_case_and_no_last_dot(void **state)
{
	static const struct row rows[] = {
		{"example.com", "example.com", NONE, NULL},
		{"Example.COM", "example.com", NONE, NULL},
		{"_dns.a-b.c9", "_dns.a-b.c9", NONE, NULL},
		{"localhost", "localhost", NONE, NULL},
		{"example.com.", "example.com", KA_D_DOMAIN_DOT, "example.com"},
		{"'Example.com.'", "example.com", KA_D_DOMAIN_DOT, "'Example.com'"},
		{"'*.example.com'", NULL, KA_D_DOMAIN_WILDCARD, NULL},
		{"'*'", NULL, KA_D_DOMAIN_WILDCARD, NULL},
		{"example..com", NULL, KA_D_DOMAIN, NULL},
		{".example.com", NULL, KA_D_DOMAIN, NULL},
		{"'.'", NULL, KA_D_DOMAIN, NULL},
		{"-a.com", NULL, KA_D_DOMAIN, NULL},
		{"a-.com", NULL, KA_D_DOMAIN, NULL},
		{"https://example.com", NULL, KA_D_DOMAIN, NULL},
		{"example.com/x", NULL, KA_D_DOMAIN, NULL},
		{"a b.com", NULL, KA_D_DOMAIN, NULL},
		{"b\xc3\xbc"
		 "cher.de",
		 NULL, KA_D_DOMAIN, NULL},
		{"10.0.0.1", NULL, KA_D_DOMAIN, NULL},
		{"''", NULL, KA_D_EMPTY_VALUE, NULL},
		{"a123456789012345678901234567890123456789012345678901234567890123.com", NULL,
		 KA_D_DOMAIN, NULL},
	};

	(void)state;
	CHECK(rows, ka_value_domain);
}

static const char *cidr_of(struct ka_ctx *ctx, const struct ka_node *n)
{
	uint8_t family, bits, addr[16];
	char *text = ka_alloc(ctx, 1), *last;

	if (!ka_value_cidr(ctx, n, &family, &bits, addr))
		return NULL;
	for (int i = 0; i < (family == AF_INET ? 4 : 16); i++) {
		last = text;
		text = ka_sprintf(ctx, "%s%02x", last, addr[i]);
	}
	return ka_sprintf(ctx, "%s/%u", text, bits);
}

static void blocks_have_no_host_bits(void **state)
{
	static const struct row rows[] = {
		{"10.0.0.0/8", "0a000000/8", NONE, NULL},
		{"0.0.0.0/0", "00000000/0", NONE, NULL},
		{"1.1.1.1/32", "01010101/32", NONE, NULL},
		{"'2001:db8::/32'", "20010db8000000000000000000000000/32", NONE, NULL},
		{"'::1/128'", "00000000000000000000000000000001/128", NONE, NULL},
		{"10.1.2.3/8", "0a000000/8", KA_D_CIDR_HOST_BITS, "10.0.0.0/8"},
		{"'10.1.2.3/15'", "0a000000/15", KA_D_CIDR_HOST_BITS, "'10.0.0.0/15'"},
		{"'2001:db8::1/32'", "20010db8000000000000000000000000/32", KA_D_CIDR_HOST_BITS,
		 "'2001:db8::/32'"},
		{"10.1.2.3", NULL, KA_D_CIDR, "10.1.2.3/32"},
		{"'::1'", NULL, KA_D_CIDR, "'::1/128'"},
		{"10.0.0.0/33", NULL, KA_D_CIDR, NULL},
		{"10.0.0.0/08", NULL, KA_D_CIDR, NULL},
		{"10.0.0.0/", NULL, KA_D_CIDR, NULL},
		{"10.0.0.0/8/8", NULL, KA_D_CIDR, NULL},
		{"10.0.0/8", NULL, KA_D_CIDR, NULL},
		{"10.0.0.256/8", NULL, KA_D_CIDR, NULL},
		{"'::1/129'", NULL, KA_D_CIDR, NULL},
		{"example.com/8", NULL, KA_D_CIDR, NULL},
		{"''", NULL, KA_D_CIDR, NULL},
		{"/8", NULL, KA_D_CIDR, NULL},
	};

	(void)state;
	CHECK(rows, cidr_of);
}

static const char *port_of(struct ka_ctx *ctx, const struct ka_node *n)
{
	const char *name;
	uint16_t port;

	if (!ka_value_port(ctx, n, &port, &name))
		return NULL;
	return name ?: ka_sprintf(ctx, "%u", port);
}

static void ports_are_numbers_or_services(void **state)
{
	static const struct row rows[] = {
		{"'80'", "80", NONE, NULL},
		{"'65535'", "65535", NONE, NULL},
		{"HTTPS", "https", NONE, NULL},
		{"ms-sql-s", "ms-sql-s", NONE, NULL},
		{"9p", "9p", NONE, NULL},
		{"'0'", NULL, KA_D_PORT, NULL},
		{"'080'", NULL, KA_D_PORT, NULL},
		{"'65536'", NULL, KA_D_PORT, NULL},
		{"'99999999999999999999'", NULL, KA_D_PORT, NULL},
		{"80-90", NULL, KA_D_PORT, NULL},
		{"'80,90'", NULL, KA_D_PORT, NULL},
		{"-a", NULL, KA_D_PORT, NULL},
		{"a--b", NULL, KA_D_PORT, NULL},
		{"sixteen-bytes-xx", NULL, KA_D_PORT, NULL},
		{"''", NULL, KA_D_PORT, NULL},
	};

	(void)state;
	CHECK(rows, port_of);
}

static const char *limit_of(struct ka_ctx *ctx, const struct ka_node *n)
{
	uint64_t v;

	if (!ka_value_limit(ctx, n, &v))
		return NULL;
	return ka_sprintf(ctx, "%llu", (unsigned long long)v);
}

static void limits_have_a_unit(void **state)
{
	static const struct row rows[] = {
		{"10MB", "10485760", NONE, NULL},
		{"10M", "10485760", NONE, NULL},
		{"1kb", "1024", NONE, NULL},
		{"2G", "2147483648", NONE, NULL},
		{"'2'", "2147483648", KA_D_LIMIT_UNIT, "'2GB'"},
		{"0MB", NULL, KA_D_LIMIT, NULL},
		{"MB", NULL, KA_D_LIMIT, NULL},
		{"10TB", NULL, KA_D_LIMIT, NULL},
		{"1.5GB", NULL, KA_D_LIMIT, NULL},
		{"10 MB", NULL, KA_D_LIMIT, NULL},
		{"99999999999GB", NULL, KA_D_LIMIT, NULL},
		{"''", NULL, KA_D_LIMIT, NULL},
	};

	(void)state;
	CHECK(rows, limit_of);
}

static const char *duration_of(struct ka_ctx *ctx, const struct ka_node *n)
{
	uint64_t v;

	if (!ka_value_duration(ctx, n, &v))
		return NULL;
	return ka_sprintf(ctx, "%llu", (unsigned long long)v);
}

static void durations_are_whole_seconds(void **state)
{
	static const struct row rows[] = {
		{"45s", "45", NONE, NULL},
		{"30m", "1800", NONE, NULL},
		{"1h30m", "5400", NONE, NULL},
		{"0h1s", "1", NONE, NULL},
		{"0s", NULL, KA_D_DURATION, NULL},
		{"'30'", NULL, KA_D_DURATION, NULL},
		{"1d", NULL, KA_D_DURATION, NULL},
		{"500ms", NULL, KA_D_DURATION, NULL},
		{"1.5h", NULL, KA_D_DURATION, NULL},
		{"1h30", NULL, KA_D_DURATION, NULL},
		{"999999999h", NULL, KA_D_DURATION, NULL},
		{"99999999h", NULL, KA_D_DURATION, NULL},
		{"''", NULL, KA_D_DURATION, NULL},
	};

	(void)state;
	CHECK(rows, duration_of);
}

static const char *iface_of(struct ka_ctx *ctx, const struct ka_node *n)
{
	return ka_check_iface(ctx, n) ? n->str : NULL;
}

static void interfaces_are_what_the_kernel_takes(void **state)
{
	static const struct row rows[] = {
		{"eth0", "eth0", NONE, NULL},
		{"veth1.100", "veth1.100", NONE, NULL},
		{"fifteen-bytes-x", "fifteen-bytes-x", NONE, NULL},
		{"sixteen-bytes-xx", NULL, KA_D_IFACE, NULL},
		{"a/b", NULL, KA_D_IFACE, NULL},
		{"'a b'", NULL, KA_D_IFACE, NULL},
		{"eth0:1", NULL, KA_D_IFACE, NULL},
		{"..", NULL, KA_D_IFACE, NULL},
		{"''", NULL, KA_D_IFACE, NULL},
	};

	(void)state;
	CHECK(rows, iface_of);
}

/* ---- paths ---- */

static const char *path_of(struct ka_ctx *ctx, const struct ka_node *n)
{
	return ka_check_path(ctx, n, KA_PATH_OBJECT) ? n->str : NULL;
}

static const char *dir_of(struct ka_ctx *ctx, const struct ka_node *n)
{
	return ka_check_path(ctx, n, KA_PATH_DIR) ? n->str : NULL;
}

static void paths_are_corrected_where_nothing_is_guessed(void **state)
{
	static const struct row paths[] = {
		{"/etc/x", "/etc/x", NONE, NULL},
		{"/etc//x", NULL, KA_D_PATH_EMPTY_COMPONENT, "/etc/x"},
		{"'/etc/./x'", NULL, KA_D_PATH_DOTS, "'/etc/x'"},
		{"\"/etc//./x\"", NULL, KA_D_PATH_EMPTY_COMPONENT, "\"/etc/x\""},
		{"/etc/../x", NULL, KA_D_PATH_DOTS, NULL},
		{"/etc/", NULL, KA_D_PATH_IS_DIR, NULL},
		{"etc/x", NULL, KA_D_PATH_RELATIVE, NULL},
	};
	static const struct row dirs[] = {
		{"/etc/", "/etc/", NONE, NULL},
		{"/etc", NULL, KA_D_DIR_NO_SLASH, "/etc/"},
		{"'/a b'", NULL, KA_D_DIR_NO_SLASH, "'/a b/'"},
		{"/etc//x/", NULL, KA_D_PATH_EMPTY_COMPONENT, "/etc/x/"},
	};

	(void)state;
	CHECK(paths, path_of);
	CHECK(dirs, dir_of);
}

/* In the source stands something else than the value: nothing may be rewritten. */
static void what_is_escaped_is_not_corrected(void **state)
{
	KA_CTX struct ka_ctx ctx = {};
	struct ka_node n;

	(void)state;
	assert_int_equal(ka_ctx_init(&ctx), 0);
	n = node_of(&ctx, "\"/et\\x63\"");
	n.str = "/etc";
	n.len = 4;
	assert_false(ka_check_path(&ctx, &n, KA_PATH_DIR));
	assert_int_equal(ctx.diags[0]->id, KA_D_DIR_NO_SLASH);
	assert_null(ctx.diags[0]->fix);
}

/* ---- patterns ---- */

static uint32_t next(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* What is plain at a glance is taken when it is taken apart, and some path matches. */
static void plain_patterns_are_good_ones(void **state)
{
	static const char *const parts[] = {"/", "/", "a",    "b-",    "*",    "**",    "?",
					    ".", "[", "]",    "[a-z]", "[^a]", "[z-a]", "{a,b}",
					    "{", "}", "{,a}", "{a}",   "{,}",  ",",     "\\"};
	uint32_t seed = 1, plain = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		KA_CTX struct ka_ctx ctx = {};
		struct ka_pattern pattern = {};
		struct ka_globs globs;
		const char *error = "";
		char text[128] = "/";

		for (uint32_t n = next(&seed) % 12; n; n--)
			strcat(text, parts[next(&seed) % KA_ARRAY_SIZE(parts)]);
		if (!ka_pattern_is_plain(text, strlen(text)))
			continue;
		plain++;
		assert_int_equal(ka_ctx_init(&ctx), 0);
		assert_int_equal(ka_globs_init(&globs, &ctx), 0);
		if (ka_pattern_parse(&globs, text, &pattern, &error) || !pattern.n)
			fail_msg("%s: %s, %u alternatives", text, error, pattern.n);
	}
	assert_in_range(plain, 2000, 18000);
}

static void plain_patterns_stay_within_bounds(void **state)
{
	char text[4097] = "/";

	(void)state;
	assert_true(ka_pattern_is_plain("/usr/lib{,32,64}x/**/[a-f0-9]*.so", 33));
	assert_false(ka_pattern_is_plain("", 0));
	assert_false(ka_pattern_is_plain("**/x", 4));
	for (int i = 0; i < 12; i++)
		strcat(text, "{a,b}");
	assert_false(ka_pattern_is_plain(text, strlen(text)));
	memset(text + 1, 'a', 4095);
	assert_true(ka_pattern_is_plain(text, 4096));
	memcpy(text + 1, "**a**b**c**d**e**f**g**h**i", 27);
	assert_false(ka_pattern_is_plain(text, 4096));
}

/* ---- selectors ---- */

static const char *regex_of(struct ka_ctx *ctx, const struct ka_node *n)
{
	return ka_check_label_value(ctx, "kubernetes.io/hostnamereg", n, true) ? n->str : NULL;
}

static const char *hostname_of(struct ka_ctx *ctx, const struct ka_node *n)
{
	return ka_check_label_value(ctx, "kubearmor.io/hostname", n, true) ? n->str : NULL;
}

static const char *container_of(struct ka_ctx *ctx, const struct ka_node *n)
{
	return ka_check_label_value(ctx, "kubearmor.io/container.name", n, false) ? n->str : NULL;
}

static const char *label_of(struct ka_ctx *ctx, const struct ka_node *n)
{
	return ka_check_label_value(ctx, "app", n, false) ? n->str : NULL;
}

static void values_of_labels(void **state)
{
	static const struct row regexes[] = {
		{"^worker-[0-9]+$", "^worker-[0-9]+$", NONE, NULL},
		{"'a{3,255}'", "a{3,255}", NONE, NULL},
		{"'(a'", NULL, KA_D_REGEX, NULL},
		{"'[a'", NULL, KA_D_REGEX, NULL},
		{"'a{256}'", NULL, KA_D_REGEX, NULL},
		{"'((a{99}){99}){99}'", NULL, KA_D_REGEX, NULL},
	};
	static const struct row hostnames[] = {
		{"node-1", "node-1", NONE, NULL},
		{"'*'", "*", NONE, NULL},
		{"'a, b'", "a, b", NONE, NULL},
		{"'a,,b'", NULL, KA_D_NAME_LIST, NULL},
		{"'a,'", NULL, KA_D_NAME_LIST, NULL},
		{"'a b'", NULL, KA_D_NAME_LIST, NULL},
		{"'node-*'", "node-*", KA_D_STAR_IS_LITERAL, NULL},
	};
	static const struct row containers[] = {
		{"web", "web", NONE, NULL},
		{"'[web, db]'", "[web, db]", NONE, NULL},
		{"'[web'", NULL, KA_D_NAME_LIST, NULL},
		{"'[]'", NULL, KA_D_NAME_LIST, NULL},
		{"'[a,]'", NULL, KA_D_NAME_LIST, NULL},
		{"'['", NULL, KA_D_NAME_LIST, NULL},
	};
	static const struct row labels[] = {
		{"web", "web", NONE, NULL},
		{"'*'", "*", NONE, NULL},
		{"'.*'", ".*", NONE, NULL},
		{"''", "", NONE, NULL},
		{"a b", "a b", KA_D_LABEL_VALUE, NULL},
		{"-a", "-a", KA_D_LABEL_VALUE, NULL},
	};

	(void)state;
	CHECK(regexes, regex_of);
	CHECK(hostnames, hostname_of);
	CHECK(containers, container_of);
	CHECK(labels, label_of);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protocols_have_no_case),
		cmocka_unit_test(capabilities_have_neither_case_nor_prefix),
		cmocka_unit_test(presets_have_a_case),
		cmocka_unit_test(usb_classes_are_names_or_numbers),
		cmocka_unit_test(system_calls_are_those_of_this_machine),
		cmocka_unit_test(domains_have_no_case_and_no_last_dot),
		cmocka_unit_test(blocks_have_no_host_bits),
		cmocka_unit_test(ports_are_numbers_or_services),
		cmocka_unit_test(limits_have_a_unit),
		cmocka_unit_test(durations_are_whole_seconds),
		cmocka_unit_test(interfaces_are_what_the_kernel_takes),
		cmocka_unit_test(paths_are_corrected_where_nothing_is_guessed),
		cmocka_unit_test(what_is_escaped_is_not_corrected),
		cmocka_unit_test(plain_patterns_are_good_ones),
		cmocka_unit_test(plain_patterns_stay_within_bounds),
		cmocka_unit_test(values_of_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
