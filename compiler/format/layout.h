/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text taken apart so that it can be put together again: blocks, keys, values as they are
 * spelled, and the comments that belong to each. Private to fmt.c and layout_*.c:
 *
 *   layout_read.c   text to layout, along libyaml's events
 *   layout_gap.c    what stands between two of them: comments and blank lines
 *   layout_scalar.c block scalars
 *   layout_order.c  fields into the order of their schema
 *   layout_print.c  layout to text
 *   layout_same.c   whether two texts have the same values and comments
 *
 * Offsets are bytes of a text whose lines end in LF alone. Everything lives in the context's
 * arena.
 */
#pragma once

#include "../base/context.h"
#include "../check/schema.h"

/* A comment or a blank line that stands alone. */
struct ka_line {
	const char *text; /* from its '#' to its last visible character; NULL: blank */
	size_t len;
	size_t column; /* in the source */
	struct ka_line *next;
};

struct ka_line_list {
	struct ka_line *first, **last; /* last: where the next one goes; NULL: &first */
};

/* A comment behind something on its line; further lines of it stand below, '#' under '#'. */
struct ka_remark {
	const char *text; /* NULL: there is none */
	size_t len;
	size_t gap; /* blanks before it */
	size_t column;
	struct ka_line_list more;
};

enum ka_block_type {
	KA_BLOCK_LEAF, /* a value that keeps its spelling, also [a list] or {a mapping} of this form
			*/
	KA_BLOCK_LIST,
	KA_BLOCK_MAP,
};

struct ka_block_entry;

struct ka_block {
	enum ka_block_type type;
	size_t start, end;       /* of a leaf; else of the anchor and the tag before it, if any */
	const char *string;      /* of a scalar: its value, if it is short, or NULL */
	size_t column;           /* in the source; of a leaf: of the block around it */
	bool literal;            /* leaf: | or > */
	bool flow;               /* leaf: [] or {} */
	struct ka_remark remark; /* leaf */
	struct ka_block_entry *first, **last;
	struct ka_line_list tail; /* what stands at the end of the block */
};

/* key: value, or - value */
struct ka_block_entry {
	struct ka_line_list before;
	struct ka_block *key;  /* NULL in lists */
	struct ka_remark head; /* behind `key:` or `-`, where the value begins on another line */
	struct ka_line_list between; /* before such a value, if it is a leaf */
	struct ka_block *value;      /* NULL: none */
	struct ka_block_entry *next;
};

struct ka_layout {
	size_t start, end;          /* of the document with all that belongs to it */
	bool as_is;                 /* it stays as it is */
	bool stay;                  /* nothing may change places: it has anchors */
	struct ka_line_list before; /* before directives and `---` */
	size_t directives;          /* bytes from `marker` back to the first '%' */
	size_t marker;              /* of `---`; SIZE_MAX: there is none */
	struct ka_remark remark;    /* behind `---` */
	struct ka_line_list top;    /* before the first field, whichever that is */
	struct ka_block *root;
	struct ka_line_list tail;
	bool ended; /* by `...` */
	struct ka_remark end_remark;
	struct ka_layout *next;
};

struct ka_layout_text {
	const char *text;
	size_t len;
};

/* A block scalar. */
struct ka_literal {
	size_t header;      /* where its first line ends */
	size_t indent;      /* of its lines, in the source */
	size_t digit;       /* that says so; 0: none does */
	bool keeps, strips; /* + and -: the line ends behind it */
	bool ends;          /* its last line does */
	size_t end;         /* without what does not matter behind it */
};

/* *ret: the first document; NULL: there is none. -EINVAL: cannot be read; -ENOMEM. */
int ka_layout_read(struct ka_ctx *ctx, const struct ka_layout_text *text,
		   struct ka_layout **ret) KA_MUST_CHECK;

/* Into the schema's order; documents that are no policies are to stay as they are. */
void ka_layout_order(struct ka_layout *documents);

/* *ret: malloc'ed. -ENOMEM. */
int ka_layout_print(const struct ka_layout_text *text, const struct ka_layout *documents,
		    char **ret, size_t *ret_len) KA_MUST_CHECK;

/* What a source says: documents as the reader has them. */
struct ka_roots {
	const struct ka_node **v;
	size_t n, cap;
};

/* For ka_yaml_read; arg: struct ka_roots. */
int ka_roots_add(struct ka_ctx *ctx, const struct ka_node *root, void *arg);
/* Equal values in the same order, fields in any order. -ENOMEM. */
int ka_roots_same(const struct ka_roots *a, const struct ka_roots *b, bool *ret) KA_MUST_CHECK;
/* Whether two texts have the same comments, in any order. -EINVAL: one cannot be read; -ENOMEM. */
int ka_comments_same(const struct ka_layout_text *a, const struct ka_layout_text *b,
		     bool *ret) KA_MUST_CHECK;

/* Bytes [start, end) are a block scalar in a block of this column. false: not as one expects. */
bool ka_literal_read(const struct ka_layout_text *text, size_t start, size_t end, size_t column,
		     struct ka_literal *ret) KA_MUST_CHECK;
size_t ka_layout_line_end(const struct ka_layout_text *text, size_t at);

/* ---- the gaps: layout_read.c and layout_gap.c ---- */

#define KA_LAYOUT_DEPTH (KA_YAML_MAX_DEPTH + 2)

struct ka_gaps {
	struct ka_ctx *ctx;
	const struct ka_layout_text *text;
	size_t at;                   /* everything before is taken */
	bool fresh;                  /* nothing was taken on this line yet */
	bool after_remark;           /* the line before ended in a remark, or in more of it */
	struct ka_remark *remark;    /* of what was taken last */
	struct ka_line_list pending; /* not given to anybody yet */
	struct ka_block *ended[KA_LAYOUT_DEPTH]; /* blocks that ended here, the deepest first */
	size_t nended;
	int err; /* -ENOMEM */
};

/* Passes blanks and comments, at most up to `end`; stops at anything else. */
void ka_gap_pass(struct ka_gaps *g, size_t end);
/*
 * What comes next is known: of the comments that were passed, those in this column or further
 * right which belong to the end of a block are given to that block, all others go to `before`.
 */
void ka_gap_settle(struct ka_gaps *g, size_t column, struct ka_line_list *before);
/* The bytes up to `end` are taken; what follows on the line may have this remark. */
void ka_gap_take(struct ka_gaps *g, size_t end, struct ka_remark *remark);
void ka_gap_ended(struct ka_gaps *g, struct ka_block *block);
size_t ka_layout_column(const struct ka_layout_text *text, size_t at);

void ka_lines_add(struct ka_line_list *to, struct ka_line *line);
/* All of `from` behind what is in `to`. */
void ka_lines_move(struct ka_line_list *to, struct ka_line_list *from);
void ka_lines_drop_leading_blanks(struct ka_line_list *l);
bool ka_lines_have_comment(const struct ka_line_list *l);
