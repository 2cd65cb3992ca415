/* Between dataset_json.c and dataset_json_rows.c: not for others. */
#ifndef DATASET_DATASET_JSON_PART_H
#define DATASET_DATASET_JSON_PART_H

#include "base/buf.h"
#include "dataset/blocks.h"
#include "dataset/dataset_json_head.h"
#include "dataset/dataset_json_scan.h"

enum dataset_json_level {
    IN_FILE = PLACE_FILE,
    IN_DATA = PLACE_DATA,
    IN_GROUP = PLACE_GROUP,
    IN_GROUPS
};

struct dataset_json {
    struct blocks *blocks;
    struct json_reader *json;
    struct dataset_json_head head;
    enum dataset_json_level level;
    bool ended; /* the object of the file */
    struct dataset_json_object object[PLACE_GROUP + 1];
    struct name_set groups; /* 1.0: OIDs that were there */

    /* Of the current dataset. */
    bool pending;                /* begun, and not given to the caller yet */
    bool rows_passed;            /* they were before their columns, */
    uint64_t rows_at, rows_line; /* here */
    struct blocks *late_blocks;
    struct json_reader *late;
    struct json_reader *rows; /* where rows are read from; NULL: there are none */
    bool lines;               /* each is a line */
    bool counted;             /* ITEMGROUPDATASEQ is the first column */
    bool *noted;              /* for each column: a value of another kind */
    uint8_t *fine;            /* for each column, 1 << cell_kind: nothing needs to be said of it */
    struct dataset_json_scan scan;
    struct cell *cell; /* and MARK_CUT_ROOM more */
    size_t cells;
    struct buf text; /* of the cells of a row that is not plain */
};

/* The next row of the current dataset: as rows_next has it. */
enum rows_step dataset_json_next(struct rows *r, struct row *out, struct err *e);

#endif
