/*
 * Configuration: HOME/trialseal.conf and studies/<STUDY>/study.conf, ini files.
 * Strict: an unknown section or key, a key given twice, a line that is neither
 * comment, section nor "key = value" is an error that names the line. A comment
 * has a line of its own; values are kept as they stand, without the blanks around
 * them.
 *
 *     [home]                          [study]
 *     origin = example.org/trials     id = CDISC01
 *     test = no                       title = Pilot study          (optional)
 *     anchor = /mnt/other/anchor      studyid = CDISCPILOT01       (optional gate)
 *     [seal]                          (docs/RUNBOOK.md, "Seals")
 *     authority = http://tsa.example/
 *     [limits]                        [datasets]
 *     transfer-files = 20000          ae.xpt = sdtm/AE
 *                                     adam/@.xpt = adam/@          (@ stands for an asterisk here)
 *                                     @.pdf = opaque:docs/@
 *                                     [limits]
 *                                     [report]
 *                                     names = no
 *                                     [keys]
 *                                     LB = STUDYID USUBJID LBSEQ
 *                                     [csv]
 *                                     missing = NA
 *                                     [text]
 *                                     encoding = shift_jis
 */
#ifndef STORE_CONF_H
#define STORE_CONF_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "ledger/entry.h"

enum {
    CONF_MAX = 64 * 1024, /* bytes of a file */
    CONF_LINE_MAX = 199,  /* the library's line buffer */
    CONF_ANCHORS_MAX = 8,
    CONF_RULES_MAX = 1024,
    CONF_AUTHORITIES_MAX = 8,
    CONF_CRLS_MAX = 8,
    CONF_KEYS_MAX = 1024,
    CONF_KEY_COLUMNS_MAX = 32,
    CONF_MISSINGS_MAX = 16,
};

/* [limits]; what study.conf does not say is the home's. */
struct conf_limits {
    uint64_t transfer_files; /* transfer-files: files in one transfer */
    uint64_t transfer_bytes; /* transfer-bytes: all of them, unpacked */
    uint64_t file_bytes;     /* file-bytes: one file, unpacked */
    uint64_t stale_hours;    /* stale-hours: an incomplete transfer older than this is told */
};

/* [seal]; where no authority is given, seals come as files. */
struct conf_seal {
    size_t authorities;
    const char *authority[CONF_AUTHORITIES_MAX]; /* URLs, tried in this order */
    unsigned hash_bits;                          /* hash: 256, 384 or 512 */
    struct span policy;                          /* OID that is asked for; empty: any */
    uint64_t timeout;                            /* seconds for one answer */
    const char *proxy;                           /* URL, or NULL */
    size_t crls;
    const char *crl[CONF_CRLS_MAX]; /* URLs or absolute paths, of PEM */
    uint64_t stale_hours;           /* what is unsealed for longer is told */
    uint64_t renew_days;            /* told so long before the newest seal ends */
};

struct conf_home {
    struct span origin;
    bool test;
    size_t anchors;
    const char *anchor[CONF_ANCHORS_MAX]; /* absolute paths */
    struct conf_limits limits;
    struct conf_seal seal;
};

struct conf_rule {
    struct span
        pattern; /* of file names; at most one '*', which does not match '/'; case is ignored */
    struct span dataset; /* name, with '*' for what '*' matched, in upper case */
    bool opaque;
};

/* [report]: what its pages may show besides names of datasets, numbers and hashes. */
struct conf_report {
    bool names;   /* names: of files and transfers, as they came; and what issues say of them */
    bool reasons; /* reasons: what persons wrote */
    bool nightly; /* nightly: `run` writes it */
    bool pdf;     /* pdf: pages of transfers also as PDF */
};

/* [keys]: by which columns the records of a dataset are told apart. */
struct conf_key {
    struct span dataset; /* its name, or the last part of it */
    size_t columns;
    struct span *column;
};

struct conf_study {
    struct span id, title, studyid; /* title, studyid: empty where absent */
    struct conf_report report;
    size_t rules;
    struct conf_rule *rule; /* first match wins */
    struct conf_limits limits;
    size_t keys, missings;
    struct conf_key *key;
    struct span missing[CONF_MISSINGS_MAX]; /* [csv] missing: texts that stand for nothing */
    struct span encoding; /* [text] encoding: a name, which nobody has looked up; empty: none */
};

bool conf_home_parse(struct arena *a, struct span text, struct conf_home *out, struct err *e);
bool conf_study_parse(struct arena *a, struct span text, const struct conf_limits *home,
                      struct conf_study *out, struct err *e);

/* The files that init and `study add` write. */
void conf_home_write(struct buf *b, struct span origin, bool test);
void conf_study_write(struct buf *b, struct span id);

/*
 * A home's origin: an origin (ledger/checkpoint.h) of [A-Za-z0-9._-] in parts joined
 * by '/', none of which begins with '.', and short enough for a study's name behind it.
 */
bool conf_origin_check(struct span origin);

struct conf_match {
    struct span dataset; /* a valid name; empty: no rule, and no name could be made */
    bool by_rule;        /* false: from folder and member name */
    bool opaque;         /* declared so by the rule */
};

/*
 * Which dataset a file of a transfer is. `file`: its name as transferred, '/'
 * between folders. `member`: the dataset's name inside the file, or empty: the
 * file's stem. Without a rule: the file's folder (the last one, if any) and the
 * member's name in upper case. `several`: the file holds several datasets; then
 * '*' in a rule's dataset stands for the member's name.
 */
struct conf_match conf_study_match(const struct conf_study *c, struct arena *a, struct span file,
                                   struct span member, bool several);

/*
 * The key that study.conf has for a dataset: by its whole name, else by its last part, whatever the
 * case; NULL: none.
 */
const struct conf_key *conf_study_key(const struct conf_study *c, struct span dataset);

#endif
