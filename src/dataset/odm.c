/*
 * A record is complete where an AuditRecord ends, or a typed item that names one by its ID. There
 * the parser pauses until the next record is asked for, so memory holds one record, the keys of
 * the elements around it, and of IDs a few bytes each, whatever the size of the file.
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "dataset/odm_ids.h"
#include "dataset/odm_rest.h"
#include "dataset/reader.h"
#include "dataset/xml.h"

/* What is kept of the elements that the parser is in: the columns, and behind them the
 * TransactionTypes of which the innermost is one. */
enum slot {
    STUDYOID,
    METADATAVERSIONOID,
    SUBJECTKEY,
    STUDYEVENTOID,
    STUDYEVENTREPEATKEY,
    FORMOID,
    FORMREPEATKEY,
    ITEMGROUPOID,
    ITEMGROUPREPEATKEY,
    ITEMOID,
    TRANSACTIONTYPE,
    VALUE,
    ISNULL,
    USEROID,
    LOCATIONOID,
    DATETIMESTAMP,
    REASONFORCHANGE,
    SOURCEID,
    EDITPOINT,
    USEDIMPUTATIONMETHOD,
    AUDITRECORDID,
    COLUMNS,
    SUBJECT_TRANSACTION = COLUMNS,
    EVENT_TRANSACTION,
    FORM_TRANSACTION,
    GROUP_TRANSACTION,
    ITEM_TRANSACTION,
    SLOTS
};

#define COLUMN(literal, text)                                                                      \
    {                                                                                              \
        .name = SPAN_OF(literal), .label = SPAN_OF(text), .type = COLUMN_TEXT                      \
    }
#define SPAN_OF(literal)                                                                           \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }
static const struct column columns[COLUMNS] = {
    [STUDYOID] = COLUMN("STUDYOID", "Study"),
    [METADATAVERSIONOID] = COLUMN("METADATAVERSIONOID", "Metadata Version"),
    [SUBJECTKEY] = COLUMN("SUBJECTKEY", "Subject"),
    [STUDYEVENTOID] = COLUMN("STUDYEVENTOID", "Study Event"),
    [STUDYEVENTREPEATKEY] = COLUMN("STUDYEVENTREPEATKEY", "Study Event Repeat Key"),
    [FORMOID] = COLUMN("FORMOID", "Form"),
    [FORMREPEATKEY] = COLUMN("FORMREPEATKEY", "Form Repeat Key"),
    [ITEMGROUPOID] = COLUMN("ITEMGROUPOID", "Item Group"),
    [ITEMGROUPREPEATKEY] = COLUMN("ITEMGROUPREPEATKEY", "Item Group Repeat Key"),
    [ITEMOID] = COLUMN("ITEMOID", "Item"),
    [TRANSACTIONTYPE] = COLUMN("TRANSACTIONTYPE", "Transaction Type"),
    [VALUE] = COLUMN("VALUE", "Value of the Item"),
    [ISNULL] = COLUMN("ISNULL", "The Item Is Null"),
    [USEROID] = COLUMN("USEROID", "User"),
    [LOCATIONOID] = COLUMN("LOCATIONOID", "Location"),
    [DATETIMESTAMP] = COLUMN("DATETIMESTAMP", "Date and Time of the Change"),
    [REASONFORCHANGE] = COLUMN("REASONFORCHANGE", "Reason for Change"),
    [SOURCEID] = COLUMN("SOURCEID", "Source"),
    [EDITPOINT] = COLUMN("EDITPOINT", "Edit Point"),
    [USEDIMPUTATIONMETHOD] = COLUMN("USEDIMPUTATIONMETHOD", "Used Imputation Method"),
    [AUDITRECORDID] = COLUMN("AUDITRECORDID", "Audit Record"),
};

enum element {
    OTHER,
    ROOT,
    DATA, /* ClinicalData, ReferenceData */
    SUBJECT,
    EVENT,
    FORM,
    GROUP,
    ITEM,
    TYPED_ITEM, /* ItemDataString, ...: its value is its text, its audit record elsewhere */
    APART,      /* AuditRecords */
    AUDIT,
    USER,
    LOCATION,
    TIME,
    REASON,
    SOURCE,
};

/* What audit records lack, and how many do. */
enum gap { NO_USER, NO_TIME, NO_REASON, GAPS };

struct odm {
    struct xml *xml;
    struct rows *rows;
    enum element stack[XML_DEPTH_MAX];
    size_t depth;
    bool in_audit, in_reference; /* within an AuditRecord; within a typed item that names one */
    struct slot_text {
        struct buf text;
        bool there;
    } slot[SLOTS];
    struct cell cell[COLUMNS];
    bool waiting; /* a record that was not given yet */
    uint64_t audits, gap[GAPS];
    struct odm_ids ids;
    struct odm_rest rest;
    struct span version, type; /* of the file */
};

/* --- which element --- */

#define IN(element) (1u << (element))
#define ANYWHERE    UINT32_MAX

/* An element counts only within one of its parents. The most frequent are first. */
static const struct {
    const char *name;
    enum element element;
    uint32_t parents;
} elements[] = {
    {"ItemData", ITEM, IN(GROUP)},      {"AuditRecord", AUDIT, ANYWHERE},
    {"UserRef", USER, IN(AUDIT)},       {"LocationRef", LOCATION, IN(AUDIT)},
    {"DateTimeStamp", TIME, IN(AUDIT)}, {"ReasonForChange", REASON, IN(AUDIT)},
    {"SourceID", SOURCE, IN(AUDIT)},    {"ItemGroupData", GROUP, IN(FORM) | IN(DATA)},
    {"FormData", FORM, IN(EVENT)},      {"StudyEventData", EVENT, IN(SUBJECT)},
    {"SubjectData", SUBJECT, IN(DATA)}, {"ClinicalData", DATA, IN(ROOT)},
    {"ReferenceData", DATA, IN(ROOT)},  {"AuditRecords", APART, ANYWHERE},
};

static enum element which(const char *name, enum element parent)
{
    const char *local;
    if (xml_name(name, &local) != XML_ODM)
        return OTHER;
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
        if (strcmp(elements[i].name, local) == 0)
            return (elements[i].parents >> parent & 1) != 0 ? elements[i].element : OTHER;
    bool typed = parent == GROUP && strncmp(local, "ItemData", strlen("ItemData")) == 0;
    return typed ? TYPED_ITEM : OTHER;
}

static const struct {
    const char *name;
    enum element element;
    enum slot slot;
} attributes_of[] = {
    {"ItemOID", ITEM, ITEMOID},
    {"Value", ITEM, VALUE},
    {"IsNull", ITEM, ISNULL},
    {"TransactionType", ITEM, ITEM_TRANSACTION},
    {"ItemOID", TYPED_ITEM, ITEMOID},
    {"IsNull", TYPED_ITEM, ISNULL},
    {"TransactionType", TYPED_ITEM, ITEM_TRANSACTION},
    {"AuditRecordID", TYPED_ITEM, AUDITRECORDID},
    {"ID", AUDIT, AUDITRECORDID},
    {"EditPoint", AUDIT, EDITPOINT},
    {"UsedImputationMethod", AUDIT, USEDIMPUTATIONMETHOD},
    {"UserOID", USER, USEROID},
    {"LocationOID", LOCATION, LOCATIONOID},
    {"ItemGroupOID", GROUP, ITEMGROUPOID},
    {"ItemGroupRepeatKey", GROUP, ITEMGROUPREPEATKEY},
    {"TransactionType", GROUP, GROUP_TRANSACTION},
    {"FormOID", FORM, FORMOID},
    {"FormRepeatKey", FORM, FORMREPEATKEY},
    {"TransactionType", FORM, FORM_TRANSACTION},
    {"StudyEventOID", EVENT, STUDYEVENTOID},
    {"StudyEventRepeatKey", EVENT, STUDYEVENTREPEATKEY},
    {"TransactionType", EVENT, EVENT_TRANSACTION},
    {"SubjectKey", SUBJECT, SUBJECTKEY},
    {"TransactionType", SUBJECT, SUBJECT_TRANSACTION},
    {"StudyOID", DATA, STUDYOID},
    {"MetaDataVersionOID", DATA, METADATAVERSIONOID},
};

/* The column of an element's text, or SLOTS. */
static enum slot text_of(enum element x)
{
    return x == TIME         ? DATETIMESTAMP
           : x == REASON     ? REASONFORCHANGE
           : x == SOURCE     ? SOURCEID
           : x == TYPED_ITEM ? VALUE
                             : SLOTS;
}

/* --- slots --- */

static void clear(struct odm *o, enum slot slot)
{
    buf_clear(&o->slot[slot].text);
    o->slot[slot].there = false;
}

static void set(struct odm *o, enum slot slot, struct span value)
{
    struct slot_text *s = &o->slot[slot];
    if (value.n > o->rows->in.limits->cell)
        xml_fail(o->xml, ERR_LIMIT, "a value longer than %zu bytes", o->rows->in.limits->cell);
    else if (s->there)
        xml_fail(o->xml, ERR_FORMAT, "a part of an audit record twice");
    else
        buf_add(&s->text, value);
    s->there = true;
}

static void take_attributes(struct odm *o, enum element x, const char **attributes)
{
    for (size_t i = 0; i < sizeof attributes_of / sizeof attributes_of[0]; i++) {
        if (attributes_of[i].element != x)
            continue;
        const char *value = xml_attribute(attributes, XML_NO_SPACE, attributes_of[i].name);
        if (value != NULL)
            set(o, attributes_of[i].slot, span_str(value));
    }
}

/* What an element gave holds until its end; what the parts of an audit record gave, until its. */
static void forget(struct odm *o, enum element x)
{
    for (size_t i = 0; i < sizeof attributes_of / sizeof attributes_of[0]; i++)
        if (attributes_of[i].element == x && !o->in_audit)
            clear(o, attributes_of[i].slot);
    if (x == TYPED_ITEM)
        clear(o, VALUE);
    if (x == AUDIT)
        for (enum slot s = USEROID; s <= AUDITRECORDID; s++)
            clear(o, s);
}

/* --- records --- */

static struct span transaction(const struct odm *o)
{
    enum slot s = SLOTS - 1;
    while (s > SUBJECT_TRANSACTION && !o->slot[s].there)
        s--;
    return buf_span(&o->slot[s].text);
}

/* Of a part that is there but empty nothing is known either. */
static void count_gaps(struct odm *o)
{
    struct span t = transaction(o);
    bool change = span_eq(t, SPAN("Update")) || span_eq(t, SPAN("Remove"));
    o->audits++;
    o->gap[NO_USER] += o->slot[USEROID].text.n == 0;
    o->gap[NO_TIME] += o->slot[DATETIMESTAMP].text.n == 0;
    o->gap[NO_REASON] += change && o->slot[REASONFORCHANGE].text.n == 0;
}

static struct cell cell_of(struct span text, bool there)
{
    return (struct cell){.kind = there ? CELL_TEXT : CELL_NULL, .bytes = text};
}

static void give(struct odm *o)
{
    size_t total = 0;
    struct span type = transaction(o);
    for (enum slot s = 0; s < COLUMNS; s++) {
        o->cell[s] = cell_of(buf_span(&o->slot[s].text), o->slot[s].there);
        total += o->cell[s].bytes.n;
    }
    o->cell[TRANSACTIONTYPE] = cell_of(type, type.n > 0);
    if (total > o->rows->in.limits->row)
        xml_fail(o->xml, ERR_LIMIT, "a record longer than %zu bytes", o->rows->in.limits->row);
    o->waiting = true;
    xml_pause(o->xml);
}

/* --- what is called --- */

static struct span root_attribute(struct odm *o, const char **attributes, const char *name)
{
    const char *value = xml_attribute(attributes, XML_NO_SPACE, name);
    struct span s = span_str(value == NULL ? "" : value);
    if (s.n > o->rows->in.limits->cell)
        xml_fail(o->xml, ERR_LIMIT, "a value longer than %zu bytes", o->rows->in.limits->cell);
    return arena_copy(&o->rows->file, s);
}

static enum element begin_root(struct odm *o, const char *name, const char **attributes)
{
    const char *local;
    if (xml_name(name, &local) != XML_ODM || strcmp(local, "ODM") != 0)
        xml_fail(o->xml, ERR_FORMAT, "the root is not ODM");
    o->version = root_attribute(o, attributes, "ODMVersion");
    o->type = root_attribute(o, attributes, "FileType");
    o->rows->info.file = (struct provenance){
        .version = root_attribute(o, attributes, "SourceSystemVersion"),
        .system = root_attribute(o, attributes, "SourceSystem"),
        .created = root_attribute(o, attributes, "CreationDateTime"),
    };
    return ROOT;
}

static void begin_audit(struct odm *o)
{
    if (o->in_audit)
        xml_fail(o->xml, ERR_FORMAT, "an AuditRecord within another");
    if (o->in_reference)
        xml_fail(o->xml, ERR_FORMAT, "an AuditRecord within an item that names another");
    o->in_audit = true;
}

/* Behind the attributes. */
static void keep_id(struct odm *o, enum element x, enum element parent)
{
    struct span id = buf_span(&o->slot[AUDITRECORDID].text);
    if (x == AUDIT && (id.n > 0 || parent == APART))
        odm_ids_record(&o->ids, id, xml_line(o->xml), parent == APART);
    if (x == TYPED_ITEM && o->in_reference)
        odm_ids_item(&o->ids, id, xml_line(o->xml));
}

static void on_begin(void *ctx, const char *name, const char **attributes)
{
    struct odm *o = ctx;
    enum element parent = o->depth > 0 ? o->stack[o->depth - 1] : OTHER;
    enum element x = o->depth == 0 ? begin_root(o, name, attributes) : which(name, parent);
    o->stack[o->depth++] = x;
    if (x == AUDIT)
        begin_audit(o);
    if (o->in_audit)
        odm_rest_break(&o->rest);
    else
        odm_rest_begin(&o->rest, name, x == ROOT ? NULL : attributes);
    take_attributes(o, x, attributes);
    o->in_reference = o->in_reference || (x == TYPED_ITEM && o->slot[AUDITRECORDID].there);
    keep_id(o, x, parent);
    if (text_of(x) < SLOTS && (x != TYPED_ITEM || o->in_reference))
        xml_keep_text(o->xml, o->rows->in.limits->cell);
}

static void on_text(void *ctx, struct span piece)
{
    struct odm *o = ctx;
    if (!o->in_audit)
        odm_rest_text(&o->rest, piece);
}

static void on_end(void *ctx, const struct span *text)
{
    struct odm *o = ctx;
    enum element x = o->stack[--o->depth];
    if (!o->in_audit)
        odm_rest_end(&o->rest);
    if (text != NULL)
        set(o, text_of(x), *text);
    if (x == AUDIT)
        count_gaps(o);
    if (x == AUDIT || (x == TYPED_ITEM && o->in_reference))
        give(o);
    if (x == AUDIT)
        o->in_audit = false;
    if (x == TYPED_ITEM)
        o->in_reference = false;
    forget(o, x);
}

/* --- the reader --- */

/* The first record is looked for at once: without one the file holds no dataset. */
static bool odm_open(struct rows *r, struct err *e)
{
    static const struct xml_calls calls = {.begin = on_begin, .end = on_end, .text = on_text};
    struct odm *o = r->state = mem_new(sizeof *o);
    o->rows = r;
    odm_rest_open(&o->rest);
    for (enum slot s = 0; s < SLOTS; s++)
        buf_room(&o->slot[s].text, 1); /* so that even empty cells lie somewhere */
    o->xml = xml_open(r->in.source, &calls, o);
    enum xml_step step = xml_read(o->xml, e);
    r->nothing = step == XML_ENDED;
    if (r->nothing)
        rows_note(r, "ODM without audit records: what it holds is not read");
    return step != XML_FAILED;
}

static void odm_close(struct rows *r)
{
    struct odm *o = r->state;
    xml_close(o->xml);
    odm_rest_close(&o->rest);
    odm_ids_close(&o->ids);
    for (enum slot s = 0; s < SLOTS; s++)
        buf_close(&o->slot[s].text);
    mem_free(o);
}

static struct span describe(struct rows *r, const struct odm *o)
{
    struct buf b = {0};
    buf_str(&b, "audit records of ODM ");
    buf_add(&b, o->version.n > 0 ? o->version : SPAN("1.3"));
    if (o->type.n > 0) {
        buf_str(&b, ", ");
        buf_add(&b, o->type);
    }
    struct span s = arena_copy(&r->member, buf_span(&b));
    buf_close(&b);
    return s;
}

static enum rows_step odm_member(struct rows *r, struct err *e)
{
    const struct odm *o = r->state;
    (void)e;
    if (r->members > 0)
        return ROWS_END;
    if (!span_eq(o->type, SPAN("Snapshot")) && !span_eq(o->type, SPAN("Transactional")))
        rows_note(r, "FileType of ODM is neither Snapshot nor Transactional");
    r->info.standard = describe(r, o);
    r->info.member = r->info.file;
    r->info.column = columns;
    r->info.columns = COLUMNS;
    r->info.has_rest = true;
    return ROWS_MORE;
}

static void tell_gaps(const struct rows *r)
{
    static const char *const lack[GAPS] = {[NO_USER] = "no user",
                                           [NO_TIME] = "no date and time",
                                           [NO_REASON] = "no reason for change"};
    const struct odm *o = r->state;
    for (enum gap g = 0; g < GAPS; g++)
        if (o->gap[g] > 0)
            issues_add(r->in.notes, ISSUE_AUDIT_INCOMPLETE, r->in.name,
                       "%" PRIu64 " of %" PRIu64 " audit records have %s", o->gap[g], o->audits,
                       lack[g]);
}

static void tell_lost(struct rows *r)
{
    const struct odm_ids *ids = &((const struct odm *)r->state)->ids;
    struct odm_ids_lost lost = odm_ids_lost(ids);
    if (ids->too_many) {
        rows_note(r, "more than %d IDs of audit records: whether items name them was not looked at",
                  ODM_IDS_MAX);
        return;
    }
    if (lost.items > 0)
        issues_add(r->in.notes, ISSUE_AUDIT_UNLINKED, r->in.name,
                   "%" PRIu64 " of %" PRIu64 " items %s an audit record that is not in the file, "
                   "first in line %" PRIu64,
                   lost.items, ids->items, lost.items == 1 ? "names" : "name", lost.items_first);
    if (lost.records > 0)
        issues_add(r->in.notes, ISSUE_AUDIT_UNLINKED, r->in.name,
                   "%" PRIu64 " of %" PRIu64 " audit records that stand apart %s named by no item, "
                   "first in line %" PRIu64,
                   lost.records, ids->records, lost.records == 1 ? "is" : "are",
                   lost.records_first);
}

static enum rows_step odm_next(struct rows *r, struct row *out, struct err *e)
{
    struct odm *o = r->state;
    enum xml_step step = o->waiting ? XML_PAUSED : xml_read(o->xml, e);
    o->waiting = false;
    if (step == XML_FAILED)
        return ROWS_FAILED;
    if (step == XML_ENDED) {
        r->info.rest = odm_rest_digest(&o->rest);
        tell_gaps(r);
        tell_lost(r);
        return ROWS_END;
    }
    for (size_t i = 0; i < COLUMNS; i++)
        rows_saw_text(r, o->cell[i].bytes, r->info.records + 1);
    *out = (struct row){.cell = o->cell, .cells = COLUMNS};
    return ROWS_MORE;
}

const struct rows_reader rows_odm = {
    .formats = 1u << FILE_ODM,
    .open = odm_open,
    .member = odm_member,
    .next = odm_next,
    .close = odm_close,
};
