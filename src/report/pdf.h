/*
 * A page as PDF/A-2b, made by WeasyPrint where that is installed: another program, which gets the
 * page and nothing else. The same page and time give the same bytes.
 */
#ifndef REPORT_PDF_H
#define REPORT_PDF_H

#include "store/home.h"

enum { PDF_SECONDS = 60, PDF_MAX = 64 * 1024 * 1024 };

/*
 * Appends the PDF of a page to *out; `at` is the date in it. ERR_STATE: WeasyPrint is not there,
 * failed, or made no PDF.
 */
bool pdf_make(const struct home *h, struct span page, int64_t at, struct buf *out, struct err *e);

#endif
