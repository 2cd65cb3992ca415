/* A seal entry of the ledger: its token, over its checkpoint, under the home's tsa.pem. */
#ifndef AUDIT_AUDIT_SEAL_H
#define AUDIT_AUDIT_SEAL_H

#include "base/issue.h"
#include "ledger/entry.h"
#include "store/home.h"

/*
 * roots: tsa.pem, not empty. What is wrong goes into issues: seal-wrong, seal-uncounted. Both
 * objects are there and have their hashes; else nothing is said here. False: ERR_IO.
 */
bool audit_seal(const struct home *h, struct span roots, const struct entry *x, const char *place,
                struct issues *issues, struct err *e);

#endif
