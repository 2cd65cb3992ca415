/*
 * The notarization report of a study: self-contained HTML pages for its reviewer, made from the
 * published ledger, the texts beside it and study.conf. They are a reading aid; the evidence is in
 * bundles. Same ledger, same bytes: every date is from an entry.
 *
 *   index.html              what must be looked at, the last nights, datasets, seals, anchors
 *   nights-YYYY-MM.html     a month's nights
 *   transfer-<entry>.html   a transfer, also one that was refused; .pdf where that is wanted
 *   dataset-<name>.html     a dataset: history and revisions; '/' as '.'
 *   dataset-<name>..N.html  earlier ones of many revisions
 *   issue-<id>.html         an issue and what was held for it
 *
 * A page appears whole and durably, and is written only where it changes. After a first time only
 * pages that later entries can have changed are made again: transfers are read once.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/issue.h"
#include "store/home.h"

#define REPORT_FOLDER "report" /* in the study's outbox */

enum {
    REPORT_LAYOUT = 3,                  /* of the pages: with another one all are made again */
    REPORT_PAGE_MAX = 64 * 1024 * 1024, /* a page that is there and larger is written anew */
};

struct report_options {
    const char *folder; /* gets a folder named after the study; NULL: the outbox */
    bool all;           /* make every page, whatever was made before */
    bool nightly;       /* do nothing where study.conf does not want it every night */
    bool pdf;           /* PDFs of transfers, whether or not study.conf wants them */
};

struct report_result {
    const char *path; /* of its index.html, in the arena; below the home's path for the outbox */
    uint64_t size;    /* entries that it shows */
    uint64_t written; /* pages that were new or changed, and PDFs */
};

/*
 * ERR_INTEGRITY where the entries do not give the signed root: then nothing is written. A PDF is
 * made where the page was new or changed or the PDF is not there; one that cannot be made is an
 * issue.
 */
bool report_write(struct home *h, struct span study, const struct report_options *o,
                  struct arena *a, struct issues *found, struct report_result *out, struct err *e);

#endif
