/*
 * What the members of a bundle are called and what its tag files say
 * (docs/FORMAT.md, chapter 6). Writer and verifier share it, so that there is
 * one answer: the verifier writes what must be there and compares.
 */
#ifndef BUNDLE_LAYOUT_H
#define BUNDLE_LAYOUT_H

#include "base/buf.h"
#include "base/err.h"
#include "crypto/sha256.h"
#include "ledger/scope.h"

#define BUNDLE_NAMESPACE     "trialseal-bundle"
#define CHECKPOINT_NAMESPACE "trialseal-checkpoint"

#define BUNDLE_CHECKPOINTS "data/checkpoints/"
#define BUNDLE_DATASETS    "data/datasets/"
#define BUNDLE_ENTRIES     "data/entries/"
#define BUNDLE_OBJECTS     "data/objects/"
#define BUNDLE_PROOFS      "data/proofs/"
#define BUNDLE_TOKENS      "data/seals/"
#define BUNDLE_SEALS       "seals/" /* the bundle's own, over its signature */

enum { BUNDLE_VERSION = 1, BUNDLE_INDEX_DIGITS = 12 };
enum {
    BUNDLE_SEALS_MAX = 99,
    BUNDLE_SEAL_DIGITS = 3,
    BUNDLE_TOKEN_MAX = 64 * 1024,
    BUNDLE_SEAL_LIST_MAX = 64 * 1024, /* 99 seals of four members are less */
    BUNDLE_TSA_MAX = 4 * 1024 * 1024, /* certificates and CRLs */
};

/* A number with leading zeroes, at least `digits` wide. */
void layout_index(struct buf *b, uint64_t v, unsigned digits);

/* "<study>-000000000042", without the slash. */
void layout_folder(struct buf *b, struct span study, uint64_t size);

void layout_entry(struct buf *b, uint64_t index);     /* data/entries/...json */
void layout_proof(struct buf *b, uint64_t index);     /* data/proofs/...tlog-proof */
void layout_checkpoint(struct buf *b, uint64_t size); /* data/checkpoints/... */
void layout_token(struct buf *b, uint64_t index);     /* data/seals/...tsr */
void layout_object(struct buf *b, struct hash h);     /* data/objects/... */

/* "seals/001" and what follows: "-crl.pem", "-sha512.txt", ".tsr", ".txt". */
void layout_seal(struct buf *b, unsigned number, const char *rest);
void layout_revision(struct buf *b, struct span dataset, uint64_t revision); /* ...r0007/ */

/* Section 6.4: the last part of a payload path for a file of this name. */
void layout_file_name(struct buf *b, struct span original);

/* The same where nobody knows the name any more; no name is mapped to it. */
#define LAYOUT_ERASED_NAME "_-erased"

/* One line of a manifest. */
void layout_manifest_line(struct buf *b, struct hash h, struct span path);

/* Section 6.1. */
struct bag_info {
    struct span origin;
    int64_t head_time;
    uint64_t size;
    uint64_t payload_bytes, payload_files;
    struct scope scope;
};

void bag_info_write(struct buf *b, const struct bag_info *i);

/* Only the scope is read back: everything else is known otherwise and compared. */
bool bag_info_scope(struct span text, struct scope *out);

struct span bagit_text(void);

/* data/VERIFY.txt. */
void verify_text_write(struct buf *b, const struct bag_info *i);

#endif
