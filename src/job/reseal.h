/*
 * Seals of a bundle that lies in a file (docs/FORMAT.md, 6.5): what the next one must be over, and
 * the bundle written again with it. All other members keep their bytes as they lie there. Needs no
 * home: whoever holds a bundle can renew its seals.
 */
#ifndef JOB_RESEAL_H
#define JOB_RESEAL_H

#include "bundle/verify.h"
#include "os/file.h"

struct reseal; /* opaque */

/*
 * Opens the bundle and verifies it against itself; f must outlive it. ERR_FORMAT names what is
 * wrong, also with the seals that it has: what is not consistent is not sealed.
 */
bool reseal_open(struct file *f, struct reseal **out, struct err *e);
void reseal_close(struct reseal *r); /* NULL is fine */

/* What it is a bundle of, and how many seals it has. */
const struct verdict *reseal_verdict(const struct reseal *r);

/*
 * The text that the token must be over: NNN.txt. sha512: with SHA-512, which reads the whole bundle
 * again if no list before has it. A list before that has it makes all later ones so.
 */
bool reseal_list(struct reseal *r, bool sha512, struct span *out, struct err *e);

/* The last seal that is there: its token and what it is over; empty where there is none. */
bool reseal_last(struct reseal *r, struct arena *a, struct span *token, struct span *list,
                 struct err *e);

/* The whole bundle with the new seal, once reseal_list gave its text; crls may be empty. */
bool reseal_write(struct reseal *r, struct span token, struct span crls, struct sink out,
                  struct err *e);

/* The bundle as it was issued, without seals/. */
bool reseal_strip(struct reseal *r, struct sink out, struct err *e);

/*
 * Is FOLDER/name this bundle (the hash of what was issued) with seals? What cannot be read, or is
 * no good bundle, is not.
 */
bool reseal_is_sealed(int folder, const char *name, struct hash issued);

#endif
