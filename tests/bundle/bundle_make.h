/*
 * Bundles for tests, made in memory from fixed keys, step by step. A test goes to a
 * step, bends what the steps before it made, and lets the rest follow: what comes out
 * is wrong in that one way and otherwise hashed, listed and signed as a notary who
 * errs or cheats would do it.
 *
 *     struct made m = {0};
 *     made_small(&m);
 *     made_to(&m, STEP_MANIFEST);
 *     made_drop(&m, "data/VERIFY.txt");
 *     struct span zip = made_zip(&m);
 */
#ifndef TESTS_BUNDLE_BUNDLE_MAKE_H
#define TESTS_BUNDLE_BUNDLE_MAKE_H

#include "bundle/verify.h"
#include "ledger/entry.h"

enum { MADE_ENTRIES = 512, MADE_MEMBERS = 4 * MADE_ENTRIES };

enum made_step {
    STEP_TREE,         /* entries -> their bytes (where none are given), checkpoint */
    STEP_CHECKPOINT,   /* checkpoint -> note, checkpoint_sig */
    STEP_MEMBERS,      /* -> all members below data/ but the list of the deflated */
    STEP_DEFLATED,     /* -> data/deflated-sha256.txt */
    STEP_TAGS,         /* -> bag-info.txt, bagit.txt */
    STEP_MANIFEST,     /* -> manifest-sha256.txt */
    STEP_TAG_MANIFEST, /* -> tagmanifest-sha256.txt */
    STEP_SIGNATURE,    /* -> tagmanifest-sha256.txt.sig */
    STEP_ZIP,
    STEPS
};

struct made_text {
    struct hash name;
    struct span bytes;
};

struct made_payload {
    uint64_t entry;
    struct span file, bytes;
    bool deflate;
};

struct made_member {
    struct span path, bytes;
    bool deflate;
    struct span stored; /* as it lies in the archive, if deflated */
};

struct made {
    struct arena arena; /* of everything */
    enum made_step next;
    struct secret_key log, notary; /* who signs; entry 0 names the keys that were here first */
    struct span study, origin, folder;
    int64_t now; /* of the next entry */

    struct entry entry[MADE_ENTRIES];
    struct span bytes[MADE_ENTRIES];
    uint64_t entries;
    struct made_text text[MADE_ENTRIES]; /* detached */
    size_t texts;
    struct made_payload payload[MADE_ENTRIES];
    size_t payloads;

    struct made_member sealed[MADE_ENTRIES]; /* checkpoints and tokens of seals */
    size_t sealeds;

    struct checkpoint checkpoint;
    struct span note, checkpoint_sig;
    struct scope scope;
    struct made_member member[MADE_MEMBERS]; /* ascending by path */
    size_t members;
    struct span zip;
};

/* A study and its start; one transfer of one deflated file: entries 0 to 3. */
void made_small(struct made *m);

/*
 * Everything that FORMAT knows of, entries 0 to 14: 2 transfer with 3 LB@1 (csv, deflated),
 * 4 DM@1 (csv), 5 AE/RAW@1 and 6 AE/SUPP@1 (two members of one xpt), 7 refusal; 8 transfer with
 * 9 LB@2 (csv) and 10 LB@3 (xpt); 11 withdrawal of 4; 12 refusal of a transfer; 13 issued;
 * 14 system.
 */
void made_sample(struct made *m);

/* `transfers` of one new revision each, files of about `bytes` bytes, every other one deflated. */
void made_large(struct made *m, unsigned transfers, size_t bytes);

/* For ledgers of one's own: what made_small is made of. Each returns the entry's index. */
void made_begin(struct made *m); /* keys and names, no entry */
uint64_t made_entry(struct made *m, struct entry x);
uint64_t made_transfer(struct made *m, uint64_t new, uint64_t held, uint64_t revisions);
uint64_t made_revision(struct made *m, uint64_t transfer, const char *dataset,
                       enum data_format format, struct span file, struct span bytes, bool deflate);

/* A seal of the first `size` entries; the token is `token`. */
uint64_t made_seal(struct made *m, uint64_t size, struct span token);

/* Of what that entry names; it will not be in the bundle. */
uint64_t made_erasure(struct made *m, uint64_t entry, enum erasure_of of);

void made_to(struct made *m, enum made_step step); /* runs what comes before it */
struct span made_zip(struct made *m);              /* runs the rest */
void made_close(struct made *m);

/* Bending. A path is without the folder. */
struct made_member *made_find(struct made *m, const char *path);    /* that begins so; or NULL */
void made_put(struct made *m, const char *path, struct span bytes); /* new or replaced */
void made_drop(struct made *m, const char *path);
struct span made_print(struct made *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct span made_deflate(struct made *m, struct span bytes, int level);

/* A key from a seed of one repeated byte. */
struct secret_key made_key(uint8_t seed);

/* The trust folder that fits; options go before the keys in allowed_signers. */
struct span made_policy(struct made *m, const char *more);
struct span made_signers(struct made *m, const char *notary_options, const char *log_options);
struct trust made_trust(struct made *m);

#endif
