/*
 * What the files verify*.c share: the state of one verification. Its steps run in
 * this order; the archive's members lie in the same order, so each is read once.
 */
#ifndef BUNDLE_VERIFIER_H
#define BUNDLE_VERIFIER_H

#include "bundle/verify.h"
#include "format/note.h"
#include "format/ssh_key.h"
#include "format/sshsig.h"
#include "format/zip.h"
#include "ledger/history.h"
#include "ledger/tree.h"

/* A run of members in one folder. */
struct region {
    size_t first, end;
};

/* A detached text that an entry names. */
struct wanted_object {
    struct hash hash;
    enum entry_kind of;
    size_t revision; /* index in the history, for ENTRY_REVISION */
    bool found;
};

/* A member of data/checkpoints/. */
struct shown_checkpoint {
    uint64_t size;    /* as it is named; 0 where the name is none */
    struct hash root; /* of as many first entries, once they were read */
    bool named;       /* by a seal entry */
};

/* One number of seals/: its members, or `count` where it has none. */
struct shown_seal {
    size_t crl, sha512, token, list;
};

struct verifier {
    const struct verify_options *options;
    struct issues *issues;
    struct verdict *verdict;
    struct arena *a;

    struct zip_reader *zip;
    size_t count;        /* of members */
    struct hash *digest; /* of each member's bytes */
    struct hash *stored; /* of each data member's bytes as they lie in the archive */
    struct span folder;  /* with the slash */
    uint64_t bytes_read, bytes_total;

    struct region checkpoints, datasets, entries, objects, proofs, tokens, seals_at;
    size_t at_bag_info, at_bagit, at_checkpoint, at_checkpoint_sig, at_deflated, at_manifest,
        at_tag_manifest, at_tag_manifest_sig;

    struct span bag_info, tag_manifest, tag_manifest_sig, note_bytes, checkpoint_sig;
    struct note note;
    bool note_parsed;

    struct history *history;
    struct tree tree;
    struct hash *leaf; /* by revision */
    size_t leaf_cap;
    size_t *payload;              /* by revision: its member, or `count` */
    bool *payload_named;          /* by member of the datasets region */
    struct wanted_object *wanted; /* sorted by hash once the entries are read */
    size_t wanteds, wanted_cap;
    struct public_key log_key; /* that signed the checkpoint */

    struct shown_checkpoint *checkpoint; /* of the checkpoints region, ascending by size */
    size_t reached;                      /* of them, those whose root is known */
    struct shown_seal *seal;             /* own ones */
    unsigned seals;
};

/*
 * Turns what is wrong with the bundle into an issue and says "go on" (true);
 * hands on (false) what stopped the job: ERR_IO.
 */
bool verifier_note(struct verifier *v, enum issue_id id, const char *place, struct err *e);

/* A member's name without the folder; NUL-terminated copy in text, which it returns. */
enum { PLACE_MAX = ZIP_NAME_MAX + 1 };
struct span verifier_path(const struct verifier *v, size_t i);
char *verifier_place(const struct verifier *v, size_t i, char text[PLACE_MAX]);

/*
 * Reads member i whole (at most max bytes, else the issue says too_large) and remembers its digest;
 * *out is empty where it cannot be had.
 */
bool verifier_take(struct verifier *v, size_t i, size_t max, enum issue_id too_large,
                   struct arena *a, struct span *out, struct err *e);

/* Streams member i to `also` (its write may be NULL) and remembers its digest and stored digest. */
bool verifier_stream(struct verifier *v, size_t i, struct sink also, struct err *e);

/*
 * Reads member i again, whole: *out is empty, with an issue, where it is too large or its bytes
 * are not those that were read first.
 */
bool verifier_again(struct verifier *v, size_t i, size_t max, struct arena *a, struct span *out,
                    struct err *e);

/* verify_layout.c: which member is what. False with an issue where the layout is broken. */
bool verifier_layout(struct verifier *v);
void verifier_name_seals(struct verifier *v); /* seals/ */

/* verify_members.c: reads everything in order. */
bool verifier_read(struct verifier *v, struct err *e);

/* verify_rules.c: payload against entries, scope, tag files. */
void verifier_begin_payload(struct verifier *v);
/* The detached text of the revision says what its file is called: so its member is known. */
void verifier_find_payload(struct verifier *v, size_t revision, struct span file);
void verifier_find_nameless(struct verifier *v, size_t revision); /* the text was erased */
void verifier_check_payload(struct verifier *v);
void verifier_check_tag_files(struct verifier *v);

/* verify_trust.c: signatures. */
void verifier_check_checkpoint(struct verifier *v);
void verifier_check_signatures(struct verifier *v);
bool verifier_own_log_key(const struct verifier *v, struct note_key *out); /* that entry 0 names */

/* verify_ledger_seals.c: data/checkpoints/, data/seals/. */
void verifier_begin_checkpoints(struct verifier *v);
void verifier_reach_checkpoints(struct verifier *v); /* an entry was added to the tree */
bool verifier_check_ledger_seals(struct verifier *v, struct err *e);

/* verify_seals.c: seals/, once everything was read. */
bool verifier_check_seals(struct verifier *v, struct err *e);

/* Whether tokens can be checked at all, and what is said of one that is not good. */
bool verifier_checks_tokens(const struct verifier *v);

/*
 * The token over `data`. False with an issue: seal-wrong where it is none or not over data,
 * `untrusted` where it is not good.
 */
bool verifier_check_token(struct verifier *v, const char *place, struct span token,
                          struct span data, struct span crls, enum issue_id untrusted,
                          struct sealed *out);

#endif
