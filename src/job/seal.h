/*
 * Seals: of a study's ledger, as an entry, and of a bundle, as one more member. An authority that
 * does not answer delays a seal and nothing else.
 */
#ifndef JOB_SEAL_H
#define JOB_SEAL_H

#include "job/authority.h"
#include "study/append.h"

/* What a study's seals are: from the catalog and the published ledger. */
struct seal_state {
    bool has_last;
    uint64_t last_entry, last_size; /* of the last seal */
    int64_t last_time;              /* of its token */
    struct hash token, checkpoint;  /* of the last seal: objects */
    bool pending;                   /* entries that no seal covers */
    int64_t since;                  /* `at` of the first of them */
};
bool seal_state(struct catalog *c, struct log *log, uint64_t signed_size, struct span study,
                struct seal_state *out, struct err *e);

/*
 * The last seal under `roots`: out->until is 0 where it is not good, and an issue says why, as
 * audit_seal does.
 */
bool seal_last_check(const struct home *h, const struct seal_state *s, struct span roots,
                     struct arena *a, struct sealed *out, struct issues *issues, const char *place,
                     struct err *e);

/*
 * seal-ends, where the newest seal ends within renew-days. A night tells it on the first of these
 * days, every 30 days, and each night of the last week; whoever asks is told always.
 */
void seal_check_end(const struct conf_seal *conf, const char *study, const struct sealed *last,
                    int64_t now, struct issues *issues);

enum seal_outcome { SEAL_NEEDLESS, SEAL_MADE, SEAL_WAITS };

struct seal_result {
    enum seal_outcome outcome;
    bool stale;           /* it waits, and has for longer than stale-hours */
    bool ends_tonight;    /* seal-ends is among the issues, and a night should tell it */
    uint64_t entry, size; /* the ledger's: of the new seal */
    unsigned number;      /* the bundle's: of the new seal */
    struct hash hash;     /* of the bundle's file, with it */
    struct seal_token token;
    struct issues issues; /* clock-differs; seal-ends; seal-pending where it waits */
};
void seal_result_close(struct seal_result *r);

/* clock-differs, where the token's time is not about now. */
void seal_check_clock(struct seal_result *r, const char *place, int64_t now);

/* It waits: seal-pending, with what the authorities said. */
void seal_wait(struct seal_result *r, const char *place, const struct authorities *t);

/* One seal of the ledger if it needs one, or in any case (`renew`). */
bool seal_study(struct home *h, struct catalog *c, struct span study, struct authorities *t,
                bool renew, int64_t now, struct arena *a, struct seal_result *out, struct err *e);

/*
 * One seal of the bundle at `path` if it has none, or one more (`renew`); sha512: its list has
 * SHA-512. The file is replaced by one that was verified, or not at all.
 */
bool seal_bundle(const char *path, struct authorities *t, bool renew, bool sha512, int64_t now,
                 struct arena *a, struct seal_result *out, struct err *e);

/* --- by files, where no authority can be reached: request here, carry, import --- */

/* Writes FOLDER/<name>.tsq, and <name>.txt: what it is over. *name tells. */
bool seal_request_study(struct home *h, struct catalog *c, struct span study,
                        const struct authorities *t, const char *folder, int64_t now,
                        struct arena *a, const char **name, struct err *e);
bool seal_request_bundle(const char *path, struct authorities *t, bool sha512, const char *folder,
                         struct arena *a, const char **name, struct err *e);

/* The answer FILE.tsr, whose request FILE.tsq lies beside it. */
struct seal_answer {
    struct span token, request;
    struct span study; /* "<study>-<size>.tsr": of a ledger; else of a bundle */
    uint64_t size;
};
bool seal_answer_read(const char *path, struct arena *a, struct seal_answer *out, struct err *e);
bool seal_import_study(struct home *h, struct catalog *c, const struct seal_answer *x,
                       const struct authorities *t, int64_t now, struct arena *a,
                       struct seal_result *out, struct err *e);
bool seal_import_bundle(const char *path, const struct seal_answer *x, const struct authorities *t,
                        struct arena *a, struct seal_result *out, struct err *e);

#endif
