/*
 * Which audit records of an ODM file stand apart, in AuditRecords, to be named by typed items; and
 * do both sides find each other? IDs are kept by eight bytes of their hash, so that two of a file
 * are taken for one at odds of less than one in ten million. `struct odm_ids s = {0};` is empty.
 */
#ifndef DATASET_ODM_IDS_H
#define DATASET_ODM_IDS_H

#include "base/span.h"

/* Different ones in a file: 48 MiB. Above it nothing is known. */
enum { ODM_IDS_MAX = 1500000 };

struct odm_ids {
    struct odm_id *id; /* open addressing, a power of two */
    size_t slots, used;
    uint64_t items, records; /* typed items that name one; audit records that stand apart */
    uint64_t nameless, nameless_first; /* of them those without an ID, and the line of the first */
    bool too_many;                     /* IDs */
};

/* What does not find the other side; `first` is the line of the first, 0 where there is none. */
struct odm_ids_lost {
    uint64_t items, items_first;
    uint64_t records, records_first;
};

void odm_ids_item(struct odm_ids *s, struct span id, uint64_t line);

/* `apart`: in AuditRecords. Any other belongs to what it stands in, whether it is named or not. */
void odm_ids_record(struct odm_ids *s, struct span id, uint64_t line, bool apart);

/* At the end of the file. */
struct odm_ids_lost odm_ids_lost(const struct odm_ids *s);

void odm_ids_close(struct odm_ids *s);

#endif
