/* Studies: made, described, handed to those who verify them. */
#ifndef STUDY_STUDY_H
#define STUDY_STUDY_H

#include "study/append.h"

/*
 * Folders, keys, and a ledger with its `study` and first `system` entry. What a killed
 * run left is completed; ERR_USAGE where the study is complete already.
 */
bool study_add(struct home *h, struct catalog *c, struct span study, int64_t now, struct err *e);

/*
 * Adds a `system` entry where the home was restored, or where version or configuration are not
 * those of the last one.
 */
bool study_note_system(struct home *h, struct catalog *c, struct span study, struct append *a,
                       struct err *e);

/*
 * Writes policy, allowed_signers and, if the home has one, tsa.pem into the folder (made if need
 * be); tells its fingerprint.
 */
bool study_trust_export(struct home *h, struct span study, const char *folder,
                        struct hash *fingerprint, struct err *e);

/* The same bytes, without writing: for checking our own bundles. */
bool study_trust(struct home *h, struct span study, struct buf *policy, struct buf *signers,
                 struct err *e);

#endif
