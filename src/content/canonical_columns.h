/* Columns in their canonical order (FORMAT 12.2). For content/canonical*.c only. */
#ifndef CONTENT_CANONICAL_COLUMNS_H
#define CONTENT_CANONICAL_COLUMNS_H

#include "content/canonical.h"

struct canonical_column {
    size_t index; /* in the row */
    enum column_class class;
    struct span name; /* canonical */
};

/* As many as the member has, by name, in the arena. */
struct canonical_column *canonical_sort(const struct dataset_info *info, struct arena *a);

#endif
