/*
 * What the pages of a report share: the frame, the links between them, and what may be shown. Each
 * page is one file that needs no other, and no script. A page is a function of the ledger, the
 * texts beside it and study.conf; page_index also of the anchors.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "report/html.h"
#include "report/nights.h"
#include "report/watch.h"

struct page {
    struct model *m;
    struct buf b;                /* the page that is being written */
    struct arena a;              /* what it needs */
    bool issue_met[ISSUE_COUNT]; /* issues that any page linked to: they need pages */
};

/* What the first page says besides: how many anchors there are, and how many are up to date. */
struct page_anchors {
    size_t count, current;
    bool seals; /* authorities are named or seals are there */
};

enum {
    PAGE_NIGHTS = 14,     /* days with transfers on the first page */
    PAGE_MATTERS = 8,     /* of one kind that the first page lists */
    PAGE_REVISIONS = 200, /* of a dataset on one page */
    PAGE_REFUSALS = 500,  /* files that an issue's page lists, the last ones */
    PAGE_FILES = 5000,    /* that a transfer's page lists, and as many held ones behind them */
    PAGE_ISSUES = 20,     /* of one file that a transfer's page lists */
};

/* Each clears p->b and writes one whole page. `stamp`: what the page is made of, for the next run.
 */
bool page_index(struct page *p, const struct page_anchors *x, struct span stamp, struct err *e);
bool page_transfer(struct page *p, size_t transfer, struct err *e);
/* `from`: behind the last night of that month. */
void page_month(struct page *p, struct nights from, int64_t at);
void page_dataset(struct page *p, size_t dataset);
void page_revisions(struct page *p, size_t dataset, size_t part); /* an earlier part, from 0 */
void page_issue(struct page *p, enum issue_id id);

/* --- names of files, into a buffer --- */

void page_transfer_name(struct buf *b, uint64_t entry);
void page_month_name(struct buf *b, int64_t at);
void page_dataset_name(struct buf *b, struct span dataset);
void page_revisions_name(struct buf *b, struct span dataset, size_t part);
void page_issue_name(struct buf *b, enum issue_id id);

/* --- for those who write pages --- */

/* The frame. title: "" for the first page. show: what `trialseal show` takes. */
void page_begin(struct page *p, const char *title, struct span stamp);
void page_end(struct page *p, struct span show);

void page_link_transfer(struct page *p, size_t transfer); /* the time, linked */
void page_link_day(struct page *p, size_t transfer);      /* its day, linked */
void page_link_dataset(struct page *p, size_t dataset);
void page_link_revision(struct page *p, const struct model_revision *r); /* in its dataset's page */
void page_link_issue(struct page *p, enum issue_id id);

/* "#8" and the like. */
void page_entry(struct page *p, uint64_t entry);

/* How many the revision has, and the difference to the one before; blank where unknown. */
void page_records(struct page *p, const struct model_revision *r);
void page_columns(struct page *p, const struct model_revision *r);

/* That its bytes are erased, and by which entry; blank where not. */
void page_erased(struct page *p, const struct model_revision *r);

/*
 * What it changed against the one before: counts, never values. `link`: to the revision whose data
 * came back. That moves to another page one day: so only from pages that are written anew then.
 */
void page_change(struct page *p, const struct model_revision *r, bool link);

/* The last `most` nights, of that month only, back from `from`. */
#define PAGE_ANY_MONTH (-1)
void page_nights(struct page *p, struct nights from, size_t most, int64_t month);

#endif
