#include "os/dir.h"
#include "store/object_file.h"
#include "store/objects.h"

/* Its folder stays: others may be put there while this is synced. */
static bool remove_forms(int folder, const char *path[2], const char *name, struct err *e)
{
    for (int form = 0; form < 2; form++)
        if (!file_remove(folder, path[form] + OBJECT_FOLDER, e))
            return false;
    return dir_sync(folder, name, e);
}

bool objects_destroy(struct home *h, struct hash name, struct err *e)
{
    char plain[OBJECT_PATH_MAX], deflated[OBJECT_PATH_MAX], folder[OBJECT_FOLDER];
    struct file_info info;
    int fd = -1;
    object_path(name, false, plain);
    object_path(name, true, deflated);
    text_format(folder, sizeof folder, "%.2s", plain);
    if (!file_stat(h->objects, folder, &info, e))
        return err_at(e, "objects");
    if (info.kind == FILE_ABSENT)
        return true;
    bool good = dir_open(h->objects, folder, &fd, e) &&
                remove_forms(fd, (const char *[]){plain, deflated}, folder, e);
    dir_close(fd);
    return good || err_at(e, "objects");
}
