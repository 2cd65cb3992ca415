/*
 * CSV schemas (docs/FORMAT.md, 12.8; schemas/csv-schema.json): what somebody says of the
 * columns of one CSV file, in the words that Dataset-JSON and Define-XML have for it. What
 * comes out is a Define-XML of one dataset without a name, so readers know one concept.
 */
#ifndef DATASET_CSV_SCHEMA_H
#define DATASET_CSV_SCHEMA_H

#include "dataset/define.h"

enum {
    CSV_SCHEMA_MAX = 1024 * 1024,     /* bytes of a schema */
    CSV_SCHEMA_MISSING_MAX = 16,      /* texts that stand for nothing */
    CSV_SCHEMA_MISSING_BYTES_MAX = 64 /* and of each */
};

/*
 * All or nothing; ERR_FORMAT with the line, ERR_LIMIT. Texts live in `a`; define_close in any
 * case.
 */
bool csv_schema_parse(struct span text, struct arena *a, struct define *out, struct err *e);

#endif
