#include "format/zip_layout.h"

#include "base/name_map.h"

enum { PART_MAX = 255 }; /* what common file systems take: ext4, NTFS, APFS */

/* Few names begin as one of a device. */
static bool begins_device(uint8_t c)
{
    c = name_lower(c);
    return c == 'c' || c == 'p' || c == 'a' || c == 'n' || c == 'l';
}

bool zip_name_device(struct span part)
{
    static const char *const named[] = {"con", "prn", "aux", "nul"};
    static const char *const numbered[] = {"com", "lpt"};
    if (part.n < 3 || !begins_device(part.p[0]))
        return false;
    struct span stem = span_of(part.p, span_find(part, 0, '.'));
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
        if (name_same(stem, span_str(named[i])))
            return true;
    if (stem.n != 4 || stem.p[3] < '0' || stem.p[3] > '9')
        return false;
    for (size_t i = 0; i < sizeof numbered / sizeof numbered[0]; i++)
        if (name_same(span_of(stem.p, 3), span_str(numbered[i])))
            return true;
    return false;
}

static const char *part_fault(struct span part)
{
    if (part.n == 0)
        return "its name has an empty part";
    if (part.n > PART_MAX)
        return "its name has a part of more than 255 bytes";
    if (!span_alnum(part, "._-"))
        return "its name has a byte other than A-Z a-z 0-9 . _ - /";
    if (part.p[0] == '.' || part.p[part.n - 1] == '.')
        return "its name has a part that begins or ends with a dot";
    if (zip_name_device(part))
        return "its name has a part that Windows takes for a device";
    return NULL;
}

const char *zip_name_fault(struct span name)
{
    if (name.n > ZIP_NAME_MAX)
        return "its name has more than 1024 bytes";
    for (;;) {
        size_t end = span_find(name, 0, '/');
        const char *fault = part_fault(span_of(name.p, end));
        if (fault != NULL || end == name.n)
            return fault;
        name = span_skip(name, end + 1);
    }
}

bool zip_name_check(struct span name)
{
    return zip_name_fault(name) == NULL;
}
