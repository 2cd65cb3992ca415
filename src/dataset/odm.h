/*
 * ODM (CDISC), version 1.3: the audit records of a Snapshot or Transactional file as a dataset
 * (FORMAT 12.9). The reader is rows_odm (dataset/reader.h); clinical data, metadata and
 * administrative data besides are read over.
 */
#ifndef DATASET_ODM_H
#define DATASET_ODM_H

#include "base/span.h"

/*
 * True where the first element of a file that begins so is ODM's, of version 1.3, and declares no
 * namespace of Define-XML, which has the same one. Its tag is whole in `head`.
 */
bool odm_begins(struct span head);

#endif
