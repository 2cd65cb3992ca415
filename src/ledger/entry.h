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

/* Words, as they are written; the enum values index the lists in entry.c. */
enum system_event { EVENT_START, EVENT_VERSION, EVENT_CONFIGURATION, EVENT_RESTORE };
enum system_clock { CLOCK_SYSTEM, CLOCK_SET };
enum transfer_kind { TRANSFER_UNSTATED, TRANSFER_PRODUCTION, TRANSFER_TEST };
enum transfer_scope { SCOPE_UNSTATED, SCOPE_CUMULATIVE, SCOPE_INCREMENTAL };
enum data_format { FORMAT_OPAQUE, FORMAT_CSV, FORMAT_XPT, FORMAT_JSON, FORMAT_XML, DATA_FORMATS };
enum refusal_of { REFUSED_FILE, REFUSED_TRANSFER };
enum erasure_of { ERASED_FILE, ERASED_TEXT };

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
