/*
 * Which objects and secrets the entries of a ledger name: what must be in objects/ and secrets/, in
 * a backup, in a home that was restored.
 */
#ifndef STUDY_NEEDED_H
#define STUDY_NEEDED_H

#include "ledger/checkpoint.h"
#include "ledger/entry.h"
#include "ledger/hash_map.h"
#include "store/log.h"

/* Of a revision. */
struct needed_secret {
    struct span study; /* in the arena */
    struct hash name, file;
    bool erased; /* with the file */
};

/* `struct needed n = {0};` is empty. */
struct needed {
    struct hash *name;
    size_t count, cap;
    struct hash_map erased; /* what some ledger says was erased */

    struct arena arena;
    struct needed_secret *secret; /* by ledger, in order of their entries */
    size_t secrets, secret_cap;
};

void needed_close(struct needed *n);

void needed_name(struct needed *n, struct hash name);

/* What one entry names: its detached text, the bytes of a file, a token and its checkpoint. */
void needed_add(struct needed *n, const struct entry *x);

/*
 * Goes through a ledger: every entry is as FORMAT, chapter 3 has it, and all give the root that was
 * signed; else ERR_INTEGRITY. Adds the objects that they name and none of them erased, and all
 * secrets. The study is what the checkpoint's origin says behind the last '/'.
 */
bool needed_by_ledger(struct needed *n, struct log *l, const struct checkpoint *c, struct err *e);

/* Ascending, each once. */
void needed_sort(struct needed *n);

/* Is it one of them? Needs their order. */
bool needed_has(const struct needed *n, struct hash name);

#endif
