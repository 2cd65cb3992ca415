/*
 * Keys of the home: keys/<name> is an OpenSSH private key file, mode 0600;
 * keys/<name>.pub its public line. `notary` signs bundles and receipts,
 * `log-<STUDY>` signs one ledger. One key, one purpose.
 */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include "crypto/sign.h"
#include "store/home.h"

#define KEYS_NOTARY    "notary"
#define KEYS_PASSWORDS "netrc"

/* "log-<study>", in a. */
const char *keys_log(struct arena *a, struct span study);

/* Makes the pair in the folder; ERR_STATE where the private file exists. */
bool keys_make(struct home *h, const char *name, struct err *e);

/* keys_make where there is none yet; repairs a missing .pub. */
bool keys_ensure(struct home *h, const char *name, struct err *e);

/* The caller wipes it (secret_key_wipe). Refuses a file that others may read,
 * and a key that is not the one of the .pub file. */
bool keys_load(const struct home *h, const char *name, struct secret_key *out, struct err *e);

/* From the .pub file. */
bool keys_public(const struct home *h, const char *name, struct public_key *out, struct err *e);

/* ERR_STATE: the notary key is not `named`, as entry 0 of a ledger has it. */
bool keys_check_notary(const struct home *h, struct span named, struct err *e);

/*
 * Who we are to time-stamp authorities: the path of keys/netrc, a file of the form that ftp(1) and
 * curl(1) read, or NULL where there is none. ERR_STATE where others may read it.
 */
bool keys_passwords(const struct home *h, struct arena *a, const char **out, struct err *e);

struct keys_entry {
    const char *name;
    struct public_key key;
};

struct keys_list {
    size_t count;
    struct keys_entry *entry;
};

/* All of them, ascending by name. */
bool keys_list(const struct home *h, struct arena *a, struct keys_list *out, struct err *e);

#endif
