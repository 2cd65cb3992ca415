/*
 * Erasing (docs/FORMAT.md, chapter 3; docs/DESIGN.md, "Erasure"): an entry first, which says what
 * is destroyed; then the bytes. What a killed run left undestroyed the next one destroys.
 */
#ifndef JOB_ERASE_H
#define JOB_ERASE_H

#include "study/append.h"

/* All that an entry names, or one object. */
struct erase_target {
    struct span study;
    uint64_t entry;     /* or ENTRY_NONE: */
    struct hash object; /* this one, whichever entries name it */
};

struct erase_object {
    struct hash name;
    enum erasure_of of;
    size_t uses;
    uint64_t *use;     /* entries of the study that name it, ascending */
    uint64_t from;     /* the one of them that the erasure names */
    uint64_t size;     /* bytes; ENTRY_NONE where nobody knows it any more */
    uint64_t erasure;  /* the entry that says so; ENTRY_NONE before there is one */
    bool before;       /* it was erased earlier */
    uint64_t secrets;  /* of revisions with these bytes: they are destroyed, too */
    struct span other; /* another study that names it, and so keeps its bytes; empty: none */
};

/* A bundle that was issued, and carries some of it. */
struct erase_bundle {
    uint64_t entry, size; /* that records it; entries that it shows */
    struct hash hash;
    struct span scope;
};

/* A file or folder that has some of it. */
enum erase_copy_kind {
    ERASE_RECEIPT, /* destroyed too */
    ERASE_KEPT,    /* the same: in .held or .refused */
    ERASE_CLAIMED, /* not taken in yet: what it is then, is */
    ERASE_FOREIGN, /* somebody must look at it */
};

struct erase_copy {
    enum erase_copy_kind kind;
    const char *path; /* below the home */
};

/* What is to be erased, or was. All in the arena that was passed. */
struct erase_report {
    size_t objects, bundles, copies;
    struct erase_object *object;
    struct erase_bundle *bundle;
    struct erase_copy *copy;
};

/* What erasing would do; changes nothing. ERR_USAGE: nothing of it can be erased. */
bool erase_plan(const struct home *h, struct catalog *c, const struct erase_target *t,
                struct arena *a, struct erase_report *out, struct err *e);

/*
 * Does it. What was erased before is reported again, and no entry is added for it: so whoever was
 * not told asks again. ERR_STATE where a killed run left a receipt owed that the erased text is
 * for, or a transfer claimed that has a copy.
 */
bool erase_run(struct home *h, struct catalog *c, const struct erase_target *t, struct span reason,
               int64_t now, struct arena *a, struct erase_report *out, struct err *e);

/*
 * Destroys what the ledger says was erased and is there all the same: a killed run left it, or a
 * sender sent it again and it was kept as it came. Every night, and after rebuild.
 */
bool erase_complete(struct home *h, struct catalog *c, struct span study, struct err *e);

#endif
