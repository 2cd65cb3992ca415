#include "content/key.h"

#include <string.h>

#include "base/buf.h"
#include "base/sort.h"
#include "content/canonical.h"

/* The columns' canonical names, and the key that is being put together. */
struct columns {
    const struct dataset_info *info;
    struct span *name;
    size_t *key;
    size_t count;
};

/* Of columns with one name the first. */
static size_t find(const struct columns *c, struct span name)
{
    size_t i = 0;
    while (i < c->info->columns && !span_eq(c->name[i], name))
        i++;
    return i;
}

static void columns_open(struct columns *c, const struct dataset_info *info, struct arena *a)
{
    *c = (struct columns){.info = info};
    c->name = arena_array(a, info->columns, sizeof *c->name);
    c->key = arena_array(a, info->columns, sizeof *c->key);
    for (size_t i = 0; i < info->columns; i++)
        c->name[i] = canonical_name_of(info->column[i].name, a);
}

/* False where there is no such column; one that is named twice counts once. */
static bool add_column(struct columns *c, struct span name)
{
    size_t i = find(c, name);
    if (i == c->info->columns)
        return false;
    for (size_t k = 0; k < c->count; k++)
        if (c->key[k] == i)
            return true;
    c->key[c->count++] = i;
    return true;
}

/* --- declared keys --- */

struct placed {
    uint64_t place;
    size_t index;
};

static int by_place(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static uint64_t place_of(const struct column *c, enum key_source from)
{
    return from == KEY_DEFINE ? c->defined_key : c->key;
}

static void declared_key(struct columns *c, enum key_source from, struct arena *a)
{
    size_t n = 0;
    struct placed *p = arena_array(a, c->info->columns, sizeof *p);
    for (size_t i = 0; i < c->info->columns; i++)
        if (place_of(&c->info->column[i], from) > 0 && find(c, c->name[i]) == i)
            p[n++] = (struct placed){place_of(&c->info->column[i], from), i};
    sort_items(p, n, sizeof *p, by_place);
    c->count = n;
    for (size_t i = 0; i < n; i++)
        c->key[i] = p[i].index;
}

static bool from_define(struct columns *c, struct issues *notes, const char *place, struct arena *a)
{
    if (c->info->defined_keys == 0)
        return false;
    declared_key(c, KEY_DEFINE, a);
    if (c->count >= c->info->defined_keys)
        return true;
    issues_add(notes, ISSUE_FORMAT_NOTE, place,
               "the key of the Define-XML names columns that are not there, and is not used");
    return false;
}

static bool from_dataset(struct columns *c, struct arena *a)
{
    if (!c->info->keyed)
        return false;
    declared_key(c, KEY_DATASET, a);
    return c->count > 0;
}

static bool from_names(struct columns *c, const struct span *name, size_t count, struct arena *a)
{
    c->count = 0;
    for (size_t i = 0; i < count; i++)
        if (!add_column(c, canonical_name_of(name[i], a)))
            return false;
    return count > 0;
}

static bool from_study(struct columns *c, const struct span *name, size_t count,
                       struct issues *notes, const char *place, struct arena *a)
{
    if (count == 0 || from_names(c, name, count, a))
        return count > 0;
    issues_add(notes, ISSUE_FORMAT_NOTE, place,
               "the key of study.conf names columns that are not there, and is not used");
    return false;
}

/* --- the standards --- */

/*
 * Keys of the standards' datasets: SDTMIG 3.4 section 3.2.1 (natural keys) and 4.1.2 (--SEQ is
 * unique for a subject in a domain), SENDIG 3.1.1 (or in a pool), SDTMIG-AP 1.0 (APID in place of
 * USUBJID), SDTMIG-MD 1.1 (SPDEVID), ADaMIG 1.3 section 3 (ASEQ; PARAMCD with what tells records of
 * a parameter apart). -- stands for the domain; a column with ? counts where it is there. The first
 * line that fits the name, and whose columns are there, wins.
 */
enum name_rule { NAME_IS, NAME_BEGINS, NAME_ANY };

static const struct standard_key {
    enum name_rule rule;
    const char *name, *columns;
} standard_keys[] = {
    {NAME_IS, "DM", "STUDYID USUBJID"},
    {NAME_IS, "SE", "STUDYID USUBJID ETCD SESTDTC?"},
    {NAME_IS, "SV", "STUDYID USUBJID VISITNUM"},
    {NAME_IS, "SM", "STUDYID USUBJID MIDS"},
    {NAME_IS, "TA", "STUDYID ARMCD TAETORD"},
    {NAME_IS, "TD", "STUDYID TDORDER"},
    {NAME_IS, "TE", "STUDYID ETCD"},
    {NAME_IS, "TI", "STUDYID IETESTCD TIVERS?"},
    {NAME_IS, "TM", "STUDYID MIDSTYPE"},
    {NAME_IS, "TS", "STUDYID TSPARMCD TSGRPID? TSSEQ"},
    {NAME_IS, "TV", "STUDYID ARMCD? VISITNUM"},
    {NAME_IS, "TX", "STUDYID SETCD TXPARMCD TXSEQ?"},
    {NAME_IS, "DI", "STUDYID? SPDEVID DIPARMCD"},
    {NAME_IS, "OI", "STUDYID NHOID OIPARMCD"},
    {NAME_IS, "RELREC", "STUDYID RDOMAIN USUBJID APID? POOLID? IDVAR IDVARVAL RELID"},
    {NAME_IS, "RELSUB", "STUDYID USUBJID POOLID? RSUBJID SREL"},
    {NAME_IS, "RELSPEC", "STUDYID USUBJID REFID"},
    {NAME_IS, "RELREF", "STUDYID? USUBJID POOLID? REFID"},
    {NAME_IS, "POOLDEF", "STUDYID POOLID USUBJID"},
    {NAME_BEGINS, "SUPP", "STUDYID RDOMAIN USUBJID APID? POOLID? IDVAR IDVARVAL QNAM"},
    {NAME_BEGINS, "SQ", "STUDYID RDOMAIN USUBJID APID? POOLID? IDVAR IDVARVAL QNAM"},
    {NAME_IS, "ADSL", "STUDYID USUBJID"},
    {NAME_BEGINS, "AD", "STUDYID USUBJID ASEQ"},
    {NAME_BEGINS, "ADTTE", "STUDYID USUBJID PARAMCD"},
    {NAME_BEGINS, "AD", "STUDYID USUBJID PARAMCD BASETYPE? AVISIT? ATPT? ADTM? ADT? DTYPE? --SEQ?"},
    {NAME_BEGINS, "AD", "STUDYID USUBJID --SEQ"},
    {NAME_ANY, "", "STUDYID USUBJID POOLID? --SEQ"},
    {NAME_ANY, "", "STUDYID APID --SEQ"},
    {NAME_ANY, "", "STUDYID POOLID --SEQ"},
    {NAME_ANY, "", "STUDYID SPDEVID --SEQ"},
};

enum { DOMAIN_SIZE = 2 };

static bool fits(const struct standard_key *s, struct span name)
{
    return s->rule == NAME_ANY || (s->rule == NAME_IS && span_eq(name, span_str(s->name))) ||
           (s->rule == NAME_BEGINS && span_starts(name, span_str(s->name)));
}

/* LB of LB and LBCH; of ADLB and APLB, too. Empty where the name has none. */
static struct span name_domain(struct span name)
{
    bool behind = name.n >= 2 * DOMAIN_SIZE &&
                  (span_starts(name, SPAN("AD")) || span_starts(name, SPAN("AP")));
    name = span_skip(name, behind ? DOMAIN_SIZE : 0);
    return span_of(name.p, name.n < DOMAIN_SIZE ? 0 : DOMAIN_SIZE);
}

/* The column's name that a word of the table stands for. */
static struct span column_of(struct span word, struct span domain, struct arena *a)
{
    if (!span_take(&word, SPAN("--")))
        return word;
    uint8_t *name = arena_new(a, domain.n + word.n);
    memcpy(name, domain.p, domain.n);
    memcpy(name + domain.n, word.p, word.n);
    return span_of(name, domain.n + word.n);
}

static bool try_standard(struct columns *c, const char *columns, struct span domain,
                         struct arena *a)
{
    struct span rest = span_str(columns);
    c->count = 0;
    while (rest.n > 0) {
        size_t end = span_find(rest, 0, ' ');
        struct span word = span_of(rest.p, end);
        rest = span_skip(rest, end < rest.n ? end + 1 : end);
        bool optional = span_ends(word, SPAN("?"));
        word.n -= optional;
        bool nameless = domain.n == 0 && span_starts(word, SPAN("--"));
        if ((nameless || !add_column(c, column_of(word, domain, a))) && !optional)
            return false;
    }
    return true;
}

/* Where the name does not tell: the only --SEQ of a dataset that has a DOMAIN does. */
static struct span column_domain(const struct columns *c)
{
    struct span found = SPAN("");
    if (find(c, SPAN("DOMAIN")) == c->info->columns)
        return found;
    for (size_t i = 0; i < c->info->columns; i++) {
        if (c->name[i].n != DOMAIN_SIZE + 3 || !span_ends(c->name[i], SPAN("SEQ")))
            continue;
        if (found.n > 0)
            return SPAN("");
        found = span_of(c->name[i].p, DOMAIN_SIZE);
    }
    return found;
}

static bool from_standard_name(struct columns *c, struct span name, struct arena *a)
{
    struct span domain = name_domain(name), only = column_domain(c);
    for (size_t i = 0; i < sizeof standard_keys / sizeof standard_keys[0]; i++) {
        const struct standard_key *s = &standard_keys[i];
        if (fits(s, name) && (try_standard(c, s->columns, domain, a) ||
                              (only.n > 0 && try_standard(c, s->columns, only, a))))
            return true;
    }
    return false;
}

/* DM of DM_NEURO. */
static struct span before_mark(struct span name)
{
    size_t n = 0;
    while (n < name.n && name.p[n] != '_' && name.p[n] != '-')
        n++;
    return span_of(name.p, n);
}

static bool from_standard(struct columns *c, struct span dataset, struct arena *a)
{
    struct span name = canonical_name_of(dataset_last_part(dataset), a), begins = before_mark(name);
    return from_standard_name(c, name, a) ||
           (begins.n < name.n && from_standard_name(c, begins, a));
}

/* --- the choice --- */

static void from_all(struct columns *c)
{
    c->count = c->info->columns;
    for (size_t i = 0; i < c->count; i++)
        c->key[i] = i;
}

void key_choose(const struct dataset_info *info, struct span dataset, const struct span *study,
                size_t study_count, struct issues *notes, const char *place, struct arena *a,
                struct dataset_key *out)
{
    struct columns c;
    columns_open(&c, info, a);
    if (from_define(&c, notes, place, a))
        out->from = KEY_DEFINE;
    else if (from_dataset(&c, a))
        out->from = KEY_DATASET;
    else if (from_study(&c, study, study_count, notes, place, a))
        out->from = KEY_STUDY;
    else if (from_standard(&c, dataset, a))
        out->from = KEY_STANDARD;
    else
        out->from = KEY_ALL;
    if (out->from == KEY_ALL)
        from_all(&c);
    out->count = c.count;
    out->column = c.key;
}

void key_like(const struct dataset_info *info, enum key_source from, const struct span *name,
              size_t count, struct arena *a, struct dataset_key *out)
{
    struct columns c;
    columns_open(&c, info, a);
    if (from == KEY_ALL || !from_names(&c, name, count, a)) {
        from = KEY_ALL;
        from_all(&c);
    }
    *out = (struct dataset_key){from, c.count, c.key};
}
