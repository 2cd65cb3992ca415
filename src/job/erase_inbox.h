/*
 * Copies in a study's inbox of what is erased: what waits there, which is the sender's, and what
 * was kept as it came, which is ours. Folders are searched at any depth that a transfer may have,
 * by descriptors, since their owners may still write there.
 */
#ifndef JOB_ERASE_INBOX_H
#define JOB_ERASE_INBOX_H

#include "job/erase.h"

enum {
    ERASE_DEPTH_MAX = 16,      /* of folders in a transfer */
    ERASE_FILES_MAX = 1000000, /* in one inbox */
};

/* What makes a copy. */
struct erase_marks {
    struct catalog *catalog;
    size_t objects, transfers;
    const struct erase_object *object;
    const uint64_t *transfer; /* that brought some of the files: entries */
};

enum erase_place {
    PLACE_WAITING,
    PLACE_CLAIMED,    /* by a run that was killed: the next one takes it in */
    PLACE_KEPT,       /* below .held or .refused */
    PLACE_UNSEARCHED, /* a folder, wherever, that could not be read to its end, or goes too deep */
};

/* What lies in `folder` under that name; path: of it, below the home. */
struct erase_found {
    enum erase_place place;
    int folder;
    const char *name, *path;
};

/* Does an erased text repeat what that entry says? Whatever bears its number then does, too. */
bool erase_repeats_text(const struct erase_marks *m, uint64_t entry);

/*
 * A file is found by its bytes; a transfer that is kept, by its number, where its text is erased or
 * where it is an archive, which is not opened, and its entries or its text name one of the files.
 */
bool erase_search_inbox(const struct home *h, struct span study, const struct erase_marks *m,
                        bool (*each)(void *ctx, const struct erase_found *x, struct err *e),
                        void *ctx, struct err *e);

#endif
