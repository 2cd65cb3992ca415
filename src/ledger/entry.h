/*
 * Ledger entries (docs/FORMAT.md, chapter 3): the exact bytes of one canonical
 * JSON object, an in-toto Statement v1. entry_parse accepts what entry_write
 * writes and nothing else. Rules among entries are in ledger/history.h.
 */
#ifndef LEDGER_ENTRY_H
#define LEDGER_ENTRY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "crypto/sha256.h"

#define ENTRY_NONE UINT64_MAX /* "null" where FORMAT allows it */

enum { STUDY_NAME_MAX = 64, DATASET_NAME_MAX = 3 * STUDY_NAME_MAX + 2 };
#define ENTRY_INDEX_MAX UINT64_C(999999999999) /* twelve digits, in names of files */

enum entry_kind {
    ENTRY_STUDY,
    ENTRY_SYSTEM,
    ENTRY_TRANSFER,
    ENTRY_REVISION,
    ENTRY_REFUSAL,
    ENTRY_WITHDRAWAL,
    ENTRY_ISSUED,
    ENTRY_SEAL,
    ENTRY_ERASURE,
    ENTRY_KINDS
};

/* Words, as they are written; the enum values index the lists in entry_form.c. */
enum system_event { EVENT_START, EVENT_VERSION, EVENT_CONFIGURATION, EVENT_RESTORE };
enum system_clock { CLOCK_SYSTEM, CLOCK_SET };
enum transfer_kind { TRANSFER_UNSTATED, TRANSFER_PRODUCTION, TRANSFER_TEST };
enum transfer_scope { SCOPE_UNSTATED, SCOPE_CUMULATIVE, SCOPE_INCREMENTAL };
enum data_format { FORMAT_OPAQUE, FORMAT_CSV, FORMAT_XPT, FORMAT_JSON, FORMAT_XML, DATA_FORMATS };
enum refusal_of { REFUSED_FILE, REFUSED_TRANSFER };
enum erasure_of { ERASED_FILE, ERASED_TEXT };

/* Who names the columns by which a dataset's records are told apart: FORMAT 12.5. */
enum key_source { KEY_UNREAD, KEY_DEFINE, KEY_DATASET, KEY_STUDY, KEY_STANDARD, KEY_ALL };

/* How a revision differs from the one before, from the same to the most different. */
enum change {
    CHANGE_UNKNOWN,
    CHANGE_NONE,     /* the same bytes */
    CHANGE_HEADER,   /* data and metadata the same: when, by what and how the file was written */
    CHANGE_METADATA, /* labels, lengths, types, formats or keys */
    CHANGE_COLUMN_ORDER,
    CHANGE_RECORD_ORDER, /* and perhaps those above */
    CHANGE_FUZZ,         /* numbers differ, but not in their first 15 digits */
    CHANGE_DATA,
};

/*
 * What reading a revision's dataset gave: FORMAT 12. A digest that is not there is all zeroes, a
 * number ENTRY_NONE; all are so where the dataset was not read.
 */
struct revision_data {
    uint64_t form;                                    /* version of FORMAT 12 */
    struct hash content, order, strict, strict_order; /* the last two: only where they differ */
    struct hash metadata;
    struct hash schema; /* of the file that says what the columns are */
    uint64_t key;       /* enum key_source */
    uint64_t duplicates;
    struct hash root, secret; /* of the record tree; SHA-256 of its secret */
};

/* Against the previous revision; by key. */
struct revision_change {
    uint64_t change;                  /* enum change */
    uint64_t added, changed, removed; /* records, or ENTRY_NONE */
    uint64_t reverted; /* entry of an earlier one with the same data, or ENTRY_NONE */
};

struct entry {
    enum entry_kind kind;
    int64_t at;          /* seconds since 1970 */
    struct hash salt;    /* 32 random bytes */
    struct hash subject; /* SHA-256 of what the entry is about */
    union {
        struct {
            struct span log;    /* vkey */
            struct span notary; /* OpenSSH public key line without comment */
            struct span origin, study;
            bool test;
        } study;
        struct {
            uint64_t clock, event; /* enum system_clock, enum system_event */
            struct hash details;
            struct span version;
        } system;
        struct {
            struct span cutoff; /* date, or empty: not stated */
            struct hash details;
            uint64_t kind, scope; /* enum transfer_kind, enum transfer_scope */
            uint64_t received, new, unchanged, held;
            uint64_t revisions; /* entries that follow it; then `held` refusals */
        } transfer;
        struct {
            uint64_t columns; /* or ENTRY_NONE */
            struct span dataset;
            struct hash details;
            uint64_t format;          /* enum data_format */
            uint64_t member, members; /* 0-based; 1 for formats without members */
            uint64_t previous;        /* entry, or ENTRY_NONE */
            uint64_t records;         /* or ENTRY_NONE */
            uint64_t revision;        /* from 1 */
            uint64_t size;            /* bytes of the file */
            uint64_t transfer;        /* entry */
            struct revision_data data;
            struct revision_change against; /* `previous` */
        } revision;
        struct {
            struct hash details;
            struct span issue; /* id of the first bad issue */
            uint64_t issues;   /* how many there are */
            uint64_t of;       /* enum refusal_of */
            uint64_t size;     /* bytes, or ENTRY_NONE where there are none to keep */
            uint64_t transfer; /* entry, or ENTRY_NONE for a whole transfer */
        } refusal;
        struct {
            struct hash details;
            uint64_t revision; /* entry */
        } withdrawal;
        struct {
            uint64_t bytes; /* of the bundle */
            struct span scope;
            uint64_t size; /* entries that the bundle shows */
        } issued;
        struct {
            struct hash checkpoint; /* of the signed note that the token is over */
            uint64_t size;          /* entries that it signs */
            int64_t time;           /* of the token, by the authority's clock */
        } seal;
        struct {
            struct hash details;
            uint64_t entry; /* one that names what was erased */
            uint64_t of;    /* enum erasure_of */
        } erasure;
    };
};

/* The entry as canonical JSON. Spans must be valid UTF-8. */
void entry_write(struct buf *b, const struct entry *x);

/*
 * Spans live in `a`. ERR_FORMAT: not an entry. ERR_STATE: a statement of a kind or
 * version that this program does not know; never to be taken for good.
 */
bool entry_parse(struct arena *a, struct span bytes, struct entry *out, struct err *e);

const char *entry_kind_name(enum entry_kind k);
const char *data_format_name(enum data_format f); /* "csv", "xpt", "opaque", ... */
const char *change_name(enum change c);           /* "none", "header", ...; "" if unknown */
const char *key_source_name(enum key_source k);   /* "define", "dataset", ...; "" if not read */

/* All of a revision whose dataset was not read, and that is compared with none. */
extern const struct revision_data revision_data_none;
extern const struct revision_change revision_change_none;

/* The strict digest, which is the other one where nothing was rounded. */
struct hash revision_strict(const struct revision_data *d);
struct hash revision_strict_order(const struct revision_data *d);

/* The SHA-256 of the detached text that the entry names; false if its kind has none. */
bool entry_details(const struct entry *x, struct hash *out);

/* That of the file whose bytes are kept for the entry: its subject; false where there is none. */
bool entry_file(const struct entry *x, struct hash *out);

/* Names of FORMAT chapter 1. */
bool study_name_check(struct span name);
bool dataset_name_check(struct span name);

/* What is behind the last '/' of a dataset's name: AE of sdtm/AE. */
struct span dataset_last_part(struct span name);

#endif
