/* What the parts of job/transfer share: taking in one transfer, wherever it lies. */
#ifndef JOB_TRANSFER_TAKE_H
#define JOB_TRANSFER_TAKE_H

#include "job/incoming.h"
#include "job/transfer.h"
#include "job/typing.h"

struct session {
    struct home *home;
    struct catalog *catalog;
    const char *study;
    const struct transfer_options *options;
    struct conf_study conf;
    struct typing typing;
    struct arena arena;
};

bool transfer_open(struct session *s, struct home *h, struct catalog *c, struct span study,
                   const struct transfer_options *o, struct err *e);
void transfer_close(struct session *s); /* also where it could not be opened */

/* How to take one in; the bytes go to *put. */
struct place {
    bool (*take)(const struct session *s, const struct place *p, struct objects_put *put,
                 const struct incoming_context *progress, struct incoming *in, struct err *e);
    int folder;
    const char *name, *sums;
    size_t paths;
    char *const *path;
    /*
     * In the inbox: does what was kept back, held or refused, lie where it belongs? True where
     * nothing was. A killed run did not come so far. NULL elsewhere.
     */
    bool (*put_away)(const struct session *s, const struct place *p,
                     const struct transfer_result *r, bool *out, struct err *e);
};

/* What to do with the place once all is durable. */
typedef bool (*transfer_after)(const struct session *s, const struct place *p,
                               const struct transfer_result *r, const struct incoming *in,
                               struct err *e);

/*
 * Puts its files, notarizes them and tells what became of them: then it is no longer
 * owed. At last calls `after`, which may be NULL; it is not where the transfer lies in the inbox,
 * and then permissions that deny it are told (transfer_tell_denied), not an error.
 */
bool transfer_take(const struct session *s, const struct place *p, transfer_after after,
                   struct err *e);

/* To be place.take. */
bool transfer_take_folder(const struct session *s, const struct place *p, struct objects_put *put,
                          const struct incoming_context *progress, struct incoming *in,
                          struct err *e);
bool transfer_take_archive(const struct session *s, const struct place *p, struct objects_put *put,
                           const struct incoming_context *progress, struct incoming *in,
                           struct err *e);

/*
 * Writes the receipt of that entry and tells what it says: then it is no longer owed. By
 * transfer_recover, and where a transfer that is known has none: the catalog that knew that it is
 * owed was lost, or the receiver lost it.
 */
bool transfer_pay(struct home *h, struct catalog *c, struct log *l, struct span study,
                  uint64_t entry, const struct transfer_options *o, struct err *e);

/*
 * A sender's permissions must not cost the others their night: where *e says that (ERR_STATE), the
 * transfer stays, it is told, and *e is cleared. False for any other error.
 */
bool transfer_tell_denied(const struct session *s, const char *name, struct err *e);

/* False where nobody could be told. */
bool transfer_tell(const struct transfer_options *o, const struct transfer_result *r);

#endif
