/*
 * Which earlier revision of the study holds the same data as one of which that is not known yet: it
 * came in another format, under another name, or further back (docs/FORMAT.md, 12.10). No entry
 * says so: it follows from the digests of the entries up to this one, so that whoever asks later
 * is told the same.
 */
#ifndef LEDGER_TWIN_H
#define LEDGER_TWIN_H

#include "ledger/entry.h"

/* Of those with the same digest of data, so many of the last ones are looked at. */
enum { TWIN_LOOK = 256 };

/* A revision, as far as it matters here; spans and pointers are borrowed. */
struct twin_side {
    uint64_t entry, number, transfer;
    uint64_t records;   /* of the later one */
    uint64_t withdrawn; /* the entry that says so, or ENTRY_NONE */
    struct span dataset, format;
    struct hash sha256;
    const struct revision_data *data;
    const struct revision_change *against;
};

/* `entry` is ENTRY_NONE where there is none; then nothing else is set. */
struct twin {
    uint64_t entry, number;
    struct span dataset, format;
    enum change change; /* against it, by digests: CHANGE_NONE to CHANGE_FUZZ */
    bool same_dataset;
    bool withdrawn; /* before the later one came */
};
extern const struct twin twin_none;

/* Of a `revision` entry; dataset and data live as long as it does. */
struct twin_side twin_side_of(uint64_t index, const struct entry *x);

/* It was read, and is neither the data of the one before nor said to be back to earlier data. */
bool twin_sought(const struct revision_data *data, const struct revision_change *against);

/*
 * Earlier ones with the same digest are to be met from the last one back. The best is the first
 * that is the same at all digits, and of the same dataset; that it is the same counts more.
 */
void twin_meet(struct twin *best, const struct twin_side *now, const struct twin_side *earlier);

/* --- where a ledger is read from its beginning --- */

struct twins; /* opaque: the revisions so far */
struct twins *twins_open(void);
void twins_close(struct twins *t); /* NULL is fine */

/* The next entry, of any kind. *out is its twin; its spans live as long as t. */
void twins_add(struct twins *t, uint64_t index, const struct entry *x, struct twin *out);

#endif
