/* Requests that are carried by hand: FOLDER/<name>.tsq, and <name>.txt, what it is over. */
#ifndef JOB_SEAL_FILES_H
#define JOB_SEAL_FILES_H

#include "base/err.h"
#include "base/span.h"

bool seal_files_write(const char *folder, const char *name, struct span request, struct span over,
                      struct err *e);

#endif
