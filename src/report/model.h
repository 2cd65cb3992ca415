/*
 * A study's published ledger as the report sees it: read once, entry by entry, and held against
 * the root that was signed. Nothing comes from the catalog. Words of persons and names of files are
 * in detached texts, which are read where a page needs them and may be gone.
 */
#ifndef REPORT_MODEL_H
#define REPORT_MODEL_H

#include "base/issue.h"
#include "ledger/details.h"
#include "ledger/twin.h"
#include "store/log.h"

#define MODEL_NONE SIZE_MAX /* of an index into one of the lists below */

/* A transfer; or one that was refused as a whole, which has a refusal's members only. */
struct model_transfer {
    uint64_t entry;
    int64_t at;
    bool refused;
    struct hash subject; /* of the manifest, or of what was refused */
    struct hash details;
    uint64_t kind, scope;
    struct span cutoff;
    uint64_t received, new, unchanged, held;
    size_t first_revision, revisions; /* in revision[] */
    size_t first_refusal, refusals;   /* in refusal[]; a refused one: itself */
};

struct model_revision {
    uint64_t entry;
    int64_t at;
    size_t transfer, dataset;
    size_t previous; /* of the same dataset and format, or MODEL_NONE */
    uint64_t number, records, columns, size;
    enum data_format format;
    struct hash sha256;
    size_t withdrawal;              /* or MODEL_NONE */
    uint64_t erased;                /* the entry that says that its bytes are, or ENTRY_NONE */
    struct revision_change against; /* `previous` */
    size_t twin;                    /* of which it has the data, too, or MODEL_NONE */
    enum change twin_change;        /* ... */
};

struct model_dataset {
    struct span name;
    size_t revisions;
    size_t *revision; /* in revision[], ascending */
};

struct model_name {
    struct span name;
    size_t dataset;
};

struct model_refusal {
    uint64_t entry;
    size_t transfer;
    enum issue_id issue; /* ISSUE_COUNT where this program does not know it */
    uint64_t issues, size;
    struct hash sha256;
};

struct model_withdrawal {
    uint64_t entry;
    int64_t at;
    size_t revision;
    struct hash details;
};

struct model_seal {
    uint64_t entry, size;
    int64_t time; /* by the authority's clock */
};

struct model {
    struct arena arena;
    const struct home *home;
    struct log *log;
    struct span study, origin;
    struct conf_study conf;
    bool test;
    struct span version; /* of the program, by the last `system` entry */

    uint64_t size; /* entries */
    struct hash root;
    int64_t head_at;       /* of the last entry */
    uint64_t unsealed;     /* the first entry that no seal covers, or ENTRY_NONE */
    int64_t unsealed_at;   /* its time */
    uint64_t issued;       /* how many; the last one is: */
    uint64_t issued_entry; /* ... */
    int64_t issued_at;     /* ... */
    uint64_t issued_size;  /* ... entries that it shows */
    uint64_t erased_files; /* by entries of which the last one is: */
    uint64_t erased_texts; /* ... */
    uint64_t erased_entry; /* ... */
    int64_t erased_at;     /* ... */
    size_t transfers, revisions, datasets, refusals, withdrawals, seals;
    struct model_transfer *transfer;
    struct model_revision *revision;
    struct model_dataset *dataset; /* in order of first coming */
    struct model_name *by_name;    /* ... and of name */
    struct model_refusal *refusal;
    struct model_withdrawal *withdrawal;
    struct model_seal *seal;

    uint64_t last_other; /* the last entry that may change any page, or ENTRY_NONE */
};

/* Configuration and checkpoint. ERR_STATE where the study has no ledger yet. model_close also on
 * failure. */
bool model_open(const struct home *h, struct span study, struct model *out, struct err *e);

/* All entries, once. ERR_INTEGRITY where they do not give the root of the checkpoint. */
bool model_read(struct model *m, struct err *e);
void model_close(struct model *m);

/* The index of the revision that is that entry, or MODEL_NONE. */
size_t model_revision_at(const struct model *m, uint64_t entry);

/* It is known that `previous` has the same data. */
bool model_same_data(const struct model_revision *r);

/* Its twin, for words; spans live in the model. */
struct twin model_twin(const struct model *m, const struct model_revision *r);

/* The first entry that a seal covers is covered for good: that seal, or NULL. */
const struct model_seal *model_seal_of(const struct model *m, uint64_t entry);

/*
 * What a transfer's text says, in `a`; *out is NULL where it is not in this home, since it was
 * erased, say.
 */
bool model_details(const struct model *m, const struct model_transfer *t, struct arena *a,
                   const struct transfer_details **out, struct err *e);

/* The string of a detached text, in `a`; empty where it is null or gone. */
bool model_said(const struct model *m, struct hash details, const char *member, struct arena *a,
                struct span *out, struct err *e);

#endif
