#include "tests/temp.h"

#include <stdio.h>
#include <unistd.h>

#include "os/dir.h"
#include "tests/test.h"

static struct arena paths; /* until the process ends */

const char *temp_folder(int *fd)
{
    const char *top = getenv("TMPDIR");
    char *path = arena_new(&paths, 512);
    struct err e;
    snprintf(path, 512, "%s/trialseal-test-XXXXXX", top == NULL ? "/tmp" : top);
    if (mkdtemp(path) == NULL || !dir_open_path(path, fd, &e))
        host_fatal("temp_folder");
    return path;
}

void temp_folder_end(const char *path, int fd)
{
    struct err e = {0};
    int root;
    close(fd);
    if (!dir_open_path("/", &root, &e) || !dir_remove_tree(root, path + 1, &e))
        host_fatal(e.text);
    close(root);
}

struct temp_home temp_home(void)
{
    struct temp_home t = {0};
    struct err e = {0};
    t.folder = temp_folder(&t.fd);
    snprintf(t.path, sizeof t.path, "%s/home", t.folder);
    if (!home_init(t.path, SPAN("example.org/trials"), true, &e) ||
        !home_open(t.path, HOME_WORK, &t.home, &e) || !home_study_make(t.home, SPAN("S1"), &e))
        host_fatal(e.text);
    return t;
}

void temp_home_end(struct temp_home *t)
{
    home_close(t->home);
    temp_folder_end(t->folder, t->fd);
}
