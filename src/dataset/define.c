#include "dataset/define.h"

#include <stddef.h>
#include <string.h>

#include "base/name_map.h"
#include "base/sort.h"
#include "dataset/xml.h"

/* Elements that mean something here; all others are read over. */
enum element {
    OTHER,
    ODM,
    STUDY_NAME,
    PROTOCOL_NAME,
    VERSION,
    STANDARD,
    DATASET,
    ITEM_REF,
    WHERE_REF,
    LEAF,
    ITEM,
    CODE_LIST_REF,
    VALUE_LIST_REF,
    VALUE_LIST,
    CODE_LIST,
    CODE,
    EXTERNAL,
    WHERE,
    CHECK,
    CHECK_VALUE,
    DESCRIPTION,
    TRANSLATED,
};

struct reading {
    struct define *d;
    struct arena *a;
    struct xml *xml;
    enum element stack[XML_DEPTH_MAX];
    size_t depth;
    size_t parts;
};

/* What the element that begins stands in; of 2, what that stands in. */
static enum element parent_of(const struct reading *r, size_t up)
{
    return r->depth >= up ? r->stack[r->depth - up] : OTHER;
}

/* --- attributes --- */

static struct span attribute_of(struct reading *r, const char **attributes, enum xml_space space,
                                const char *name)
{
    const char *value = xml_attribute(attributes, space, name);
    return value == NULL ? SPAN("") : arena_copy(r->a, span_str(value));
}

static struct span plain(struct reading *r, const char **attributes, const char *name)
{
    return attribute_of(r, attributes, XML_NO_SPACE, name);
}

static struct span define(struct reading *r, const char **attributes, const char *name)
{
    return attribute_of(r, attributes, XML_DEFINE, name);
}

static uint64_t number(struct reading *r, const char **attributes, const char *name)
{
    uint64_t n = 0;
    struct span s = plain(r, attributes, name);
    if (s.n > 0 && !span_u64(s, &n))
        xml_fail(r->xml, ERR_FORMAT, "%s is not a number", name);
    return n;
}

/* One more of `count`, zeroed; all kinds of parts share one limit. */
static void *one_more(struct reading *r, void *items, size_t *count, size_t *cap, size_t size)
{
    if (++r->parts > DEFINE_PARTS_MAX)
        xml_fail(r->xml, ERR_LIMIT, "more than %d parts", DEFINE_PARTS_MAX);
    items = mem_room(items, *count, cap, size);
    memset((uint8_t *)items + *count * size, 0, size);
    ++*count;
    return items;
}

#define ONE_MORE(r, owner, list, count, capacity)                                                  \
    ((owner)->list =                                                                               \
         one_more(r, (owner)->list, &(owner)->count, &(owner)->capacity, sizeof *(owner)->list),   \
     &(owner)->list[(owner)->count - 1])
#define LAST(owner, list, count) (&(owner)->list[(owner)->count - 1])

/* --- what an element begins --- */

static void begin_version(struct reading *r, const char **at)
{
    if (r->d->version.n > 0)
        xml_fail(r->xml, ERR_FORMAT, "more than one MetaDataVersion");
    r->d->version = define(r, at, "DefineVersion");
    r->d->standard = define(r, at, "StandardName");
    r->d->standard_version = define(r, at, "StandardVersion");
    if (r->d->version.n == 0)
        xml_fail(r->xml, ERR_FORMAT, "MetaDataVersion without def:DefineVersion: not Define-XML");
}

static void begin_standard(struct reading *r, const char **at)
{
    if (r->d->standard.n > 0)
        return;
    r->d->standard = plain(r, at, "Name");
    r->d->standard_version = plain(r, at, "Version");
}

static void begin_dataset(struct reading *r, const char **at)
{
    struct define_dataset *x = ONE_MORE(r, r->d, dataset, datasets, dataset_cap);
    x->oid = plain(r, at, "OID");
    x->name = plain(r, at, "Name");
    x->domain = plain(r, at, "Domain");
    x->sas_name = plain(r, at, "SASDatasetName");
    x->structure = define(r, at, "Structure");
    x->label = define(r, at, "Label");
    x->keys = define(r, at, "DomainKeys");
    if (x->keys.n > DEFINE_KEYS_MAX)
        xml_fail(r->xml, ERR_LIMIT, "DomainKeys of more than %d bytes", DEFINE_KEYS_MAX);
    if (x->oid.n == 0 || x->name.n == 0)
        xml_fail(r->xml, ERR_FORMAT, "ItemGroupDef without OID or Name");
}

static void begin_item(struct reading *r, const char **at)
{
    struct define_item *x = ONE_MORE(r, r->d, item, items, item_cap);
    x->oid = plain(r, at, "OID");
    x->name = plain(r, at, "Name");
    x->type = plain(r, at, "DataType");
    x->label = define(r, at, "Label");
    x->format = define(r, at, "DisplayFormat");
    x->length = number(r, at, "Length");
    x->digits = number(r, at, "SignificantDigits");
    if (x->oid.n == 0 || x->name.n == 0 || x->type.n == 0)
        xml_fail(r->xml, ERR_FORMAT, "ItemDef without OID, Name or DataType");
}

/* `refs`: how many its owner has with it. */
static void take_ref(struct reading *r, const char **at, struct define_ref *x, size_t refs)
{
    if (refs > DEFINE_REFS_MAX)
        xml_fail(r->xml, ERR_LIMIT, "more than %d ItemRefs", DEFINE_REFS_MAX);
    x->item = plain(r, at, "ItemOID");
    x->order = number(r, at, "OrderNumber");
    x->key = number(r, at, "KeySequence");
    if (x->key > DEFINE_REFS_MAX)
        xml_fail(r->xml, ERR_LIMIT, "KeySequence above %d", DEFINE_REFS_MAX);
    x->mandatory = span_eq(plain(r, at, "Mandatory"), SPAN("Yes"));
}

static void begin_ref(struct reading *r, const char **at)
{
    if (parent_of(r, 1) == DATASET) {
        struct define_dataset *owner = LAST(r->d, dataset, datasets);
        struct define_ref *x = ONE_MORE(r, owner, ref, refs, ref_cap);
        take_ref(r, at, x, owner->refs);
    } else {
        struct define_value_list *owner = LAST(r->d, value_list, value_lists);
        struct define_ref *x = ONE_MORE(r, owner, ref, refs, ref_cap);
        take_ref(r, at, x, owner->refs);
    }
}

/* Within ItemRef, which a value list or a dataset has. */
static void begin_where_ref(struct reading *r, const char **at)
{
    struct define *d = r->d;
    struct span where = define(r, at, "WhereClauseOID");
    if (where.n == 0)
        where = plain(r, at, "WhereClauseOID");
    if (parent_of(r, 2) == DATASET)
        LAST(LAST(d, dataset, datasets), ref, refs)->where = where;
    else
        LAST(LAST(d, value_list, value_lists), ref, refs)->where = where;
}

static void begin_code_list(struct reading *r, const char **at)
{
    struct define_code_list *x = ONE_MORE(r, r->d, code_list, code_lists, code_list_cap);
    x->oid = plain(r, at, "OID");
    x->name = plain(r, at, "Name");
    x->type = plain(r, at, "DataType");
}

static void begin_code(struct reading *r, const char **at)
{
    struct define_code_list *x = LAST(r->d, code_list, code_lists);
    *ONE_MORE(r, x, value, values, value_cap) = plain(r, at, "CodedValue");
}

static void begin_external(struct reading *r, const char **at)
{
    struct define_code_list *x = LAST(r->d, code_list, code_lists);
    x->dictionary = plain(r, at, "Dictionary");
    x->version = plain(r, at, "Version");
}

static void begin_check(struct reading *r, const char **at)
{
    struct define_check *x = ONE_MORE(r, LAST(r->d, where, wheres), check, checks, check_cap);
    x->item = define(r, at, "ItemOID");
    x->comparator = plain(r, at, "Comparator");
}

static void begin_value_list(struct reading *r, const char **at)
{
    ONE_MORE(r, r->d, value_list, value_lists, value_list_cap)->oid = plain(r, at, "OID");
}

static void begin_where(struct reading *r, const char **at)
{
    ONE_MORE(r, r->d, where, wheres, where_cap)->oid = plain(r, at, "OID");
}

static void begin_leaf(struct reading *r, const char **at)
{
    LAST(r->d, dataset, datasets)->file = attribute_of(r, at, XML_XLINK, "href");
}

static void begin_code_list_ref(struct reading *r, const char **at)
{
    LAST(r->d, item, items)->code_list = plain(r, at, "CodeListOID");
}

static void begin_value_list_ref(struct reading *r, const char **at)
{
    LAST(r->d, item, items)->value_list = plain(r, at, "ValueListOID");
}

/* --- which element --- */

#define IN(element) (1u << (element))

/* An element counts only below one of its parents; the root is below OTHER. */
static const struct known {
    const char *local;
    enum xml_space space;
    enum element element;
    unsigned parents;
    bool text;                                         /* it is kept */
    void (*begin)(struct reading *r, const char **at); /* NULL: its attributes say nothing */
} known[] = {
    {"ODM", XML_ODM, ODM, IN(OTHER), false, NULL},
    {"StudyName", XML_ODM, STUDY_NAME, IN(OTHER), true, NULL},
    {"ProtocolName", XML_ODM, PROTOCOL_NAME, IN(OTHER), true, NULL},
    {"MetaDataVersion", XML_ODM, VERSION, IN(OTHER), false, begin_version},
    {"Standard", XML_DEFINE, STANDARD, IN(OTHER), false, begin_standard},
    {"ItemGroupDef", XML_ODM, DATASET, IN(VERSION), false, begin_dataset},
    {"ItemRef", XML_ODM, ITEM_REF, IN(DATASET) | IN(VALUE_LIST), false, begin_ref},
    {"WhereClauseRef", XML_DEFINE, WHERE_REF, IN(ITEM_REF), false, begin_where_ref},
    {"leaf", XML_DEFINE, LEAF, IN(DATASET), false, begin_leaf},
    {"ItemDef", XML_ODM, ITEM, IN(VERSION), false, begin_item},
    {"CodeListRef", XML_ODM, CODE_LIST_REF, IN(ITEM), false, begin_code_list_ref},
    {"ValueListRef", XML_DEFINE, VALUE_LIST_REF, IN(ITEM), false, begin_value_list_ref},
    {"ValueListDef", XML_DEFINE, VALUE_LIST, IN(VERSION), false, begin_value_list},
    {"CodeList", XML_ODM, CODE_LIST, IN(VERSION), false, begin_code_list},
    {"CodeListItem", XML_ODM, CODE, IN(CODE_LIST), false, begin_code},
    {"EnumeratedItem", XML_ODM, CODE, IN(CODE_LIST), false, begin_code},
    {"ExternalCodeList", XML_ODM, EXTERNAL, IN(CODE_LIST), false, begin_external},
    {"WhereClauseDef", XML_DEFINE, WHERE, IN(VERSION), false, begin_where},
    {"RangeCheck", XML_ODM, CHECK, IN(WHERE), false, begin_check},
    {"CheckValue", XML_ODM, CHECK_VALUE, IN(CHECK), true, NULL},
    {"Description", XML_ODM, DESCRIPTION, IN(DATASET) | IN(ITEM), false, NULL},
    {"TranslatedText", XML_ODM, TRANSLATED, IN(DESCRIPTION), true, NULL},
};

static const struct known *which(const char *name, enum element parent)
{
    static const struct known other = {.element = OTHER};
    const char *local;
    enum xml_space space = xml_name(name, &local);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].space == space && strcmp(known[i].local, local) == 0 &&
            (known[i].parents >> parent & 1) != 0)
            return &known[i];
    return &other;
}

/* --- what is called --- */

static void on_begin(void *ctx, const char *name, const char **attributes)
{
    struct reading *r = ctx;
    const struct known *x = which(name, parent_of(r, 1));
    if (r->depth == 0 && x->element != ODM) {
        xml_fail(r->xml, ERR_FORMAT, "the root is not ODM: not Define-XML");
        return;
    }
    if (x->begin != NULL)
        x->begin(r, attributes);
    r->stack[r->depth++] = x->element;
    if (x->text)
        xml_keep_text(r->xml, DEFINE_TEXT_MAX);
}

/* In version 2 the label is a description; a translation after the first is left out. */
static void take_label(struct reading *r, enum element owner, struct span text)
{
    struct span *label =
        owner == DATASET ? &LAST(r->d, dataset, datasets)->label : &LAST(r->d, item, items)->label;
    if (label->n == 0)
        *label = text;
}

static void take_text(struct reading *r, enum element x, struct span kept)
{
    struct span text = arena_copy(r->a, kept);
    if (x == STUDY_NAME) {
        r->d->study = text;
    } else if (x == PROTOCOL_NAME) {
        r->d->protocol = text;
    } else if (x == TRANSLATED) {
        take_label(r, r->stack[r->depth - 2], text);
    } else {
        struct define_check *check = LAST(LAST(r->d, where, wheres), check, checks);
        *ONE_MORE(r, check, value, values, value_cap) = text;
    }
}

static void on_end(void *ctx, const struct span *text)
{
    struct reading *r = ctx;
    enum element x = r->stack[--r->depth];
    if (text != NULL)
        take_text(r, x, *text);
}

/* --- the whole --- */

static bool parse(struct reading *r, struct source source, struct err *e)
{
    static const struct xml_calls calls = {.begin = on_begin, .end = on_end};
    r->xml = xml_open(source, &calls, r);
    bool good = xml_read(r->xml, e) == XML_ENDED;
    xml_close(r->xml);
    return good;
}

static int by_oid(const void *a, const void *b)
{
    return span_cmp(((const struct define_item *)a)->oid, ((const struct define_item *)b)->oid);
}

static bool refuse_oid(struct err *e, const char *what, struct span oid)
{
    return err_set(e, ERR_FORMAT, "%s %.*s", what, SPAN_ARGS(oid));
}

static bool check_refs(const struct define *d, const struct define_ref *ref, size_t n,
                       struct err *e)
{
    for (size_t i = 0; i < n; i++)
        if (define_item(d, ref[i].item) == NULL)
            return refuse_oid(e, "there is no ItemDef", ref[i].item);
    return true;
}

static bool resolve(struct define *d, struct err *e)
{
    sort_items(d->item, d->items, sizeof *d->item, by_oid);
    for (size_t i = 1; i < d->items; i++)
        if (span_eq(d->item[i - 1].oid, d->item[i].oid))
            return refuse_oid(e, "twice: ItemDef", d->item[i].oid);
    for (size_t i = 0; i < d->datasets; i++)
        if (!check_refs(d, d->dataset[i].ref, d->dataset[i].refs, e))
            return false;
    for (size_t i = 0; i < d->value_lists; i++)
        if (!check_refs(d, d->value_list[i].ref, d->value_list[i].refs, e))
            return false;
    return true;
}

bool define_read(struct source source, struct arena *a, struct define *out, struct err *e)
{
    struct reading r = {.d = out, .a = a};
    *out = (struct define){0};
    if (source.size > DEFINE_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "larger than %d bytes", DEFINE_BYTES_MAX);
    if (source.size == 0)
        return err_set(e, ERR_FORMAT, "it has no bytes");
    bool good = parse(&r, source, e);
    if (good && out->version.n == 0)
        return err_set(e, ERR_FORMAT, "no MetaDataVersion: not Define-XML");
    return good && resolve(out, e);
}

void define_close(struct define *d)
{
    for (size_t i = 0; i < d->datasets; i++) {
        mem_free(d->dataset[i].ref);
        mem_free(d->dataset[i].missing);
    }
    for (size_t i = 0; i < d->value_lists; i++)
        mem_free(d->value_list[i].ref);
    for (size_t i = 0; i < d->code_lists; i++)
        mem_free(d->code_list[i].value);
    for (size_t i = 0; i < d->wheres; i++) {
        for (size_t j = 0; j < d->where[i].checks; j++)
            mem_free(d->where[i].check[j].value);
        mem_free(d->where[i].check);
    }
    mem_free(d->dataset);
    mem_free(d->item);
    mem_free(d->value_list);
    mem_free(d->code_list);
    mem_free(d->where);
    *d = (struct define){0};
}

/* --- looking up --- */

const struct define_dataset *define_dataset(const struct define *d, struct span name)
{
    for (size_t i = 0; i < d->datasets; i++)
        if (d->of_file || name_same(d->dataset[i].name, name))
            return &d->dataset[i];
    return NULL;
}

const struct define_item *define_item(const struct define *d, struct span oid)
{
    const struct define_item like = {.oid = oid};
    size_t i = sort_find(d->item, d->items, sizeof *d->item, &like, by_oid);
    return i < d->items && span_eq(d->item[i].oid, oid) ? &d->item[i] : NULL;
}

/* The next word of a list with blanks or commas between; false where there is none. */
static bool next_word(struct span *list, struct span *word)
{
    static const char between[] = " ,\n\t";
    while (list->n > 0 && memchr(between, list->p[0], sizeof between - 1) != NULL)
        *list = span_skip(*list, 1);
    *word = span_of(list->p, 0);
    while (word->n < list->n && memchr(between, list->p[word->n], sizeof between - 1) == NULL)
        word->n++;
    *list = span_skip(*list, word->n);
    return word->n > 0;
}

static uint64_t place_in(struct span list, struct span name)
{
    struct span word;
    for (uint64_t place = 1; next_word(&list, &word); place++)
        if (name_same(word, name))
            return place;
    return 0;
}

uint64_t define_keys(const struct define_dataset *x)
{
    uint64_t n = 0;
    struct span list = x->keys, word;
    if (x->keys.n > 0)
        while (next_word(&list, &word))
            n++;
    else
        for (size_t i = 0; i < x->refs; i++)
            n += x->ref[i].key > 0;
    return n;
}

uint64_t define_ref_key(const struct define *d, const struct define_dataset *x, size_t i)
{
    const struct define_ref *ref = &x->ref[i];
    return x->keys.n > 0 ? place_in(x->keys, define_item(d, ref->item)->name) : ref->key;
}
