/* ssh-keygen as an oracle: a directory of our own, files in it, and commands run there. */
#ifndef TESTS_FORMAT_SSH_KEYGEN_H
#define TESTS_FORMAT_SSH_KEYGEN_H

#include <stdio.h>
#include <sys/stat.h>

#include "tests/test.h"

struct ssh_dir {
    char path[64];
};

static inline bool ssh_keygen_is_there(void)
{
    return system("command -v ssh-keygen >/dev/null") == 0;
}

static inline struct ssh_dir ssh_dir_open(void)
{
    struct ssh_dir d = {"/tmp/trialseal-test-XXXXXX"};
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(d.path));
    return d;
}

/* True where the command, run in the directory, ends with status 0; it is never asked anything. */
static inline bool ssh_dir_run(const struct ssh_dir *d, const char *command)
{
    char line[1024];
    snprintf(line, sizeof line, "cd %s && (%s) </dev/null >out 2>&1", d->path, command);
    return system(line) == 0;
}

static inline void ssh_dir_close(const struct ssh_dir *d)
{
    char line[1024];
    snprintf(line, sizeof line, "rm -rf %s", d->path);
    CU_ASSERT_EQUAL(system(line), 0);
}

static inline void ssh_dir_write(const struct ssh_dir *d, const char *name, struct span s)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", d->path, name);
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(fwrite(s.p, 1, s.n, f), s.n);
    fclose(f);
    chmod(path, 0600);
}

static inline struct span ssh_dir_read(const struct ssh_dir *d, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", d->path, name);
    return test_file(path);
}

#endif
