#include <stdio.h>

#include "base/buf.h"
#include "dataset/odm_ids.h"
#include "dataset/xml.h"
#include "tests/dataset/rows_read.h"
#include "tests/test.h"

#define ROOT      "<ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.3\" FileType=\"Snapshot\">"
#define DATA      "<ClinicalData StudyOID=\"S\" MetaDataVersionOID=\"M\"><SubjectData SubjectKey=\"1\">"
#define EVENT     "<StudyEventData StudyEventOID=\"E\"><FormData FormOID=\"F\">"
#define GROUP     "<ItemGroupData ItemGroupOID=\"G\">"
#define GROUP_END "</ItemGroupData></FormData></StudyEventData>"
#define DATA_END  "</SubjectData></ClinicalData></ODM>"
#define WHO                                                                                        \
    "<UserRef UserOID=\"U\"/><LocationRef LocationOID=\"L\"/>"                                     \
    "<DateTimeStamp>2026-01-02T03:04:05Z</DateTimeStamp>"
#define AUDIT         "<AuditRecord>" WHO "</AuditRecord>"
#define IN_GROUP(xml) ROOT DATA EVENT GROUP xml GROUP_END DATA_END

static bool is_refused(struct span text, const struct rows_limits *limits, enum err_kind kind,
                       const char *why)
{
    struct rows_read r = rows_read(text, FILE_ODM, limits);
    bool named = !r.good && r.err.kind == kind && strstr(r.err.text, why) != NULL;
    if (!named)
        printf("  %s %s\n", r.good ? "read" : "refused:", r.err.text);
    rows_read_close(&r);
    return named;
}

static bool refused(const char *text, enum err_kind kind, const char *why)
{
    return is_refused(span_str(text), NULL, kind, why);
}

static bool gives(const char *text, const char *want)
{
    struct rows_read r = rows_read(span_str(text), FILE_ODM, NULL);
    bool same = r.good && span_eq(buf_span(&r.text), span_str(want));
    if (!same)
        printf("  %s: %.*s\n", r.err.text, SPAN_ARGS(buf_span(&r.text)));
    rows_read_close(&r);
    return same;
}

/* `before`, n times `again`, `behind`. */
static bool repeated(const char *before, const char *again, size_t n, const char *behind,
                     enum err_kind kind, const char *why)
{
    struct buf b = {0};
    buf_str(&b, before);
    for (size_t i = 0; i < n; i++)
        buf_str(&b, again);
    buf_str(&b, behind);
    bool good = is_refused(buf_span(&b), NULL, kind, why);
    buf_close(&b);
    return good;
}

static void test_odm__refuses_a_file_that_ends_early(void)
{
    static const char whole[] =
        IN_GROUP("<ItemData ItemOID=\"I\" Value=\"&lt;\">" AUDIT "</ItemData>"
                 "<ItemDataAny ItemOID=\"J\" AuditRecordID=\"A\">v</ItemDataAny>");
    size_t wrong = 0;
    for (size_t n = 0; n < sizeof whole - 1; n++)
        wrong += !is_refused(span_of(whole, n), NULL, ERR_FORMAT, "line 1: ");
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(refused(IN_GROUP(AUDIT) "<x/>", ERR_FORMAT, "line 1: junk"));
}

static void test_odm__refuses_a_document_type_and_entities(void)
{
    CU_ASSERT(refused("<!DOCTYPE ODM SYSTEM \"http://x/odm.dtd\">" ROOT "</ODM>", ERR_FORMAT,
                      "a document type"));
    CU_ASSERT(refused("<!DOCTYPE o [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">"
                      "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>" ROOT "&c;</ODM>",
                      ERR_FORMAT, "a document type"));
    CU_ASSERT(refused(ROOT "&c;</ODM>", ERR_FORMAT, "undefined entity"));
}

static void test_odm__refuses_another_root(void)
{
    CU_ASSERT(refused("<ODM/>", ERR_FORMAT, "the root is not ODM"));
    CU_ASSERT(refused("<x xmlns=\"http://www.cdisc.org/ns/odm/v1.3\"/>", ERR_FORMAT,
                      "the root is not ODM"));
}

static void test_odm__refuses_audit_records_in_one_another(void)
{
    CU_ASSERT(refused(IN_GROUP("<AuditRecord><x>" AUDIT "</x></AuditRecord>"), ERR_FORMAT,
                      "an AuditRecord within another"));
    CU_ASSERT(refused(IN_GROUP("<ItemDataAny AuditRecordID=\"A\">" AUDIT "</ItemDataAny>"),
                      ERR_FORMAT, "an AuditRecord within an item"));
    CU_ASSERT(refused(IN_GROUP("<AuditRecord>" WHO "<UserRef UserOID=\"V\"/></AuditRecord>"),
                      ERR_FORMAT, "a part of an audit record twice"));
}

static void test_odm__limits_depth_names_and_markup(void)
{
    static char huge[XML_MARKUP_MAX + 256 * 1024];
    memset(huge, 'x', sizeof huge - 1);
    CU_ASSERT(repeated(ROOT, "<a>", XML_DEPTH_MAX, "", ERR_LIMIT, "nested deeper than 64"));
    CU_ASSERT(repeated(ROOT "<", "name", XML_NAME_MAX / 4 + 1, "/></ODM>", ERR_LIMIT,
                       "a name of more than"));
    CU_ASSERT(repeated(ROOT "<a xmlns=\"", "urn:", XML_SPACE_MAX / 4 + 1, "\"/></ODM>", ERR_LIMIT,
                       "a namespace of more than"));
    CU_ASSERT(
        repeated(ROOT "<a b=\"", huge, 1, "\"/></ODM>", ERR_LIMIT, "a tag or comment of more"));
    CU_ASSERT(repeated(ROOT "<!-- ", huge, 1, " --></ODM>", ERR_LIMIT, "a tag or comment of more"));
    CU_ASSERT(repeated(ROOT "<a", " ", XML_MARKUP_MAX + 256 * 1024, "/></ODM>", ERR_LIMIT,
                       "a tag or comment of more"));
}

static void test_odm__limits_how_many_names_there_are(void)
{
    struct buf b = {0};
    buf_str(&b, ROOT);
    for (uint64_t i = 0; i < XML_NAMES_MAX; i++) {
        buf_str(&b, "<a");
        buf_u64(&b, i);
        buf_str(&b, "/>");
    }
    buf_str(&b, "</ODM>");
    CU_ASSERT(is_refused(buf_span(&b), NULL, ERR_LIMIT, "more than 2000 names"));
    buf_close(&b);
}

static void test_odm__limits_values_and_records(void)
{
    const struct rows_limits limits = {.members = 1, .columns = 100, .cell = 8, .row = 20};
    const struct span longer[] = {
        SPAN(IN_GROUP("<ItemData ItemOID=\"123456789\">" AUDIT "</ItemData>")),
        SPAN(ROOT "<AuditRecord><UserRef UserOID=\"123456789\"/></AuditRecord></ODM>"),
    };
    for (size_t i = 0; i < 2; i++)
        CU_ASSERT(is_refused(longer[i], &limits, ERR_LIMIT, "a value longer than 8 bytes"));
    CU_ASSERT(is_refused(SPAN("<ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.3\"><AuditRecord>"
                              "<SourceID>123456789</SourceID></AuditRecord></ODM>"),
                         &limits, ERR_LIMIT, "a text longer than 8 bytes"));
    CU_ASSERT(
        is_refused(SPAN("<ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.3\"><AuditRecord>"
                        "<UserRef UserOID=\"12345678\"/><LocationRef LocationOID=\"12345678\"/>"
                        "<SourceID>12345</SourceID></AuditRecord></ODM>"),
                   &limits, ERR_LIMIT, "a record longer than 20 bytes"));
    CU_ASSERT(
        is_refused(SPAN("<ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.3\" FileType=\"123456789\"/>"),
                   &limits, ERR_LIMIT, "a value longer than 8 bytes"));
}

static void test_odm__gives_a_record_the_keys_of_the_elements_around_it(void)
{
    CU_ASSERT(
        gives(IN_GROUP("<ItemData ItemOID=\"I\" Value=\" a &amp; b\">" AUDIT "</ItemData>" AUDIT),
              "<S><M><1><E><><F><><G><><I><>< a & b><><U><L><2026-01-02T03:04:05Z><><><><><>\n"
              "<S><M><1><E><><F><><G><><><><><><U><L><2026-01-02T03:04:05Z><><><><><>\n"));
    CU_ASSERT(gives(
        ROOT DATA "<StudyEventData StudyEventOID=\"E\" StudyEventRepeatKey=\"2\"/>" AUDIT DATA_END,
        "<S><M><1><><><><><><><><><><><U><L><2026-01-02T03:04:05Z><><><><><>\n"));
}

static void test_odm__takes_the_transaction_type_of_the_innermost_element_that_has_one(void)
{
    CU_ASSERT(gives(
        ROOT
        "<ClinicalData StudyOID=\"S\"><SubjectData SubjectKey=\"1\" TransactionType=\"Insert\">"
        "<AuditRecord/>" EVENT "<ItemGroupData TransactionType=\"Update\"><ItemData "
        "ItemOID=\"I\" IsNull=\"Yes\"><AuditRecord/></ItemData><ItemData "
        "TransactionType=\"Remove\"><AuditRecord/></ItemData>" GROUP_END DATA_END,
        "<S><><1><><><><><><><><Insert><><><><><><><><><><>\n"
        "<S><><1><E><><F><><><><I><Update><><Yes><><><><><><><><>\n"
        "<S><><1><E><><F><><><><><Remove><><><><><><><><><><>\n"));
}

static void test_odm__gives_a_record_where_a_typed_item_names_an_audit_record(void)
{
    CU_ASSERT(
        gives(IN_GROUP("<ItemDataAny ItemOID=\"I\" AuditRecordID=\"A\">a<![CDATA[<]]></ItemDataAny>"
                       "<ItemDataAny ItemOID=\"J\">b</ItemDataAny>"
                       "<ItemDataAny ItemOID=\"K\">c<AuditRecord/></ItemDataAny>"),
              "<S><M><1><E><><F><><G><><I><><a<><><><><><><><><><A>\n"
              "<S><M><1><E><><F><><G><><K><><><><><><><><><><><>\n"));
    CU_ASSERT(
        gives(ROOT "<ClinicalData StudyOID=\"S\"><AuditRecords><AuditRecord ID=\"A\" "
                   "EditPoint=\"DBAudit\" UsedImputationMethod=\"No\">" WHO
                   "<ReasonForChange>r</ReasonForChange><SourceID>s</SourceID></AuditRecord>"
                   "</AuditRecords></ClinicalData></ODM>",
              "<S><><><><><><><><><><><><><U><L><2026-01-02T03:04:05Z><r><s><DBAudit><No><A>\n"));
}

static void test_odm__loses_no_audit_record_wherever_it_stands(void)
{
    CU_ASSERT(gives(
        ROOT "<x><AuditRecord ID=\"A\"/></x><Signature><UserRef UserOID=\"V\"/></Signature></ODM>",
        "<><><><><><><><><><><><><><><><><><><><><A>\n"));
    CU_ASSERT(gives(ROOT "<v:x xmlns:v=\"urn:v\"><v:AuditRecord/></v:x><AuditRecord><x><SourceID>no"
                         "</SourceID></x></AuditRecord></ODM>",
                    "<><><><><><><><><><><><><><><><><><><><><>\n"));
}

static void test_odm__without_audit_records_is_no_dataset(void)
{
    struct rows_read r =
        rows_read(SPAN(IN_GROUP("<ItemData ItemOID=\"I\" Value=\"1\"/>")), FILE_ODM, NULL);
    CU_ASSERT(r.good && r.members == 0);
    CU_ASSERT(rows_read_noted(&r, "ODM without audit records"));
    rows_read_close(&r);
}

static void test_odm__counts_audit_records_without_user_time_or_reason(void)
{
    struct rows_read r = rows_read(
        SPAN(
            IN_GROUP("<ItemData TransactionType=\"Update\">" AUDIT "</ItemData><ItemData "
                     "TransactionType=\"Insert\"><AuditRecord><UserRef UserOID=\"\"/></AuditRecord>"
                     "</ItemData><ItemData TransactionType=\"Remove\"><AuditRecord/></ItemData>")),
        FILE_ODM, NULL);
    CU_ASSERT(r.good && r.notes.count[ISSUE_AUDIT_INCOMPLETE] == 3);
    CU_ASSERT(rows_read_noted(&r, "2 of 3 audit records have no user"));
    CU_ASSERT(rows_read_noted(&r, "2 of 3 audit records have no date and time"));
    CU_ASSERT(rows_read_noted(&r, "2 of 3 audit records have no reason for change"));
    rows_read_close(&r);
    r = rows_read(SPAN(IN_GROUP(AUDIT)), FILE_ODM, NULL);
    CU_ASSERT(r.good && r.notes.count[ISSUE_AUDIT_INCOMPLETE] == 0);
    rows_read_close(&r);
}

#define APART(xml)     "<AuditRecords>" xml "</AuditRecords>"
#define ITEM_NAMES(id) "<ItemDataAny ItemOID=\"I\" AuditRecordID=\"" id "\">v</ItemDataAny>"

/* What is said of both sides; NULL: nothing. */
static bool tells(const char *text, const char *items, const char *records)
{
    struct rows_read r = rows_read(span_str(text), FILE_ODM, NULL);
    uint64_t n = items != NULL && records != NULL ? 2 : items != NULL || records != NULL ? 1 : 0;
    bool same = r.good && r.notes.count[ISSUE_AUDIT_UNLINKED] == n &&
                (items == NULL || rows_read_noted(&r, items)) &&
                (records == NULL || rows_read_noted(&r, records));
    for (size_t i = 0; !same && i < r.notes.samples; i++)
        printf("  %s\n", r.notes.sample[i].detail);
    rows_read_close(&r);
    return same;
}

static void test_odm__tells_items_whose_audit_record_is_not_there(void)
{
    CU_ASSERT(
        tells(IN_GROUP("\n" ITEM_NAMES("A") "\n" ITEM_NAMES("B") ITEM_NAMES("B")
                           ITEM_NAMES("") "\n<ItemDataAny>v</ItemDataAny><AuditRecord ID=\"A\"/>"),
              "3 of 4 items name an audit record that is not in the file, first in line 3", NULL));
    CU_ASSERT(tells(IN_GROUP(ITEM_NAMES("A")),
                    "1 of 1 items names an audit record that is not in the file, first in line 1",
                    NULL));
}

static void test_odm__tells_audit_records_that_stand_apart_and_that_no_item_names(void)
{
    CU_ASSERT(
        tells(IN_GROUP(ITEM_NAMES("A") "\n" APART("<AuditRecord ID=\"A\"/>\n<AuditRecord ID=\"B\"/>"
                                                  "<AuditRecord/>\n<AuditRecord ID=\"C\"/>")),
              NULL, "3 of 4 audit records that stand apart are named by no item, first in line 3"));
    CU_ASSERT(tells(ROOT "\n<x>" APART("\n<AuditRecord/>") "</x></ODM>", NULL,
                    "1 of 1 audit records that stand apart is named by no item, first in line 3"));
}

/* Before the items or behind them, once or several times. */
static void test_odm__tells_nothing_of_audit_records_that_are_where_they_must_be(void)
{
    CU_ASSERT(tells(
        ROOT "<ClinicalData>" APART("<AuditRecord ID=\"A\"/>") "<ItemGroupData>" ITEM_NAMES("A")
            ITEM_NAMES("B") ITEM_NAMES("A") "</ItemGroupData>" APART(
                "<AuditRecord ID=\"B\"/>") "</ClinicalData></ODM>",
        NULL, NULL));
    CU_ASSERT(
        tells(IN_GROUP("<ItemData><AuditRecord ID=\"A\"/></ItemData><AuditRecord/>"), NULL, NULL));
}

static void test_odm__keeps_many_ids_apart_and_says_where_it_stops(void)
{
    struct odm_ids s = {0};
    char id[24];
    for (uint64_t i = 1; i <= ODM_IDS_MAX; i++) {
        text_format(id, sizeof id, "AR.%llu", (unsigned long long)i);
        odm_ids_record(&s, span_str(id), i, true);
        if (i % 3 != 0)
            odm_ids_item(&s, span_str(id), i);
    }
    struct odm_ids_lost lost = odm_ids_lost(&s);
    CU_ASSERT(!s.too_many && lost.items == 0);
    CU_ASSERT(lost.records == ODM_IDS_MAX / 3 && lost.records_first == 3);
    odm_ids_item(&s, SPAN("AR.0"), 1);
    CU_ASSERT(s.too_many && odm_ids_lost(&s).records == 0);
    odm_ids_close(&s);
}

SUITE(odm, TEST(test_odm__refuses_a_file_that_ends_early),
      TEST(test_odm__refuses_a_document_type_and_entities), TEST(test_odm__refuses_another_root),
      TEST(test_odm__refuses_audit_records_in_one_another),
      TEST(test_odm__limits_depth_names_and_markup),
      TEST(test_odm__limits_how_many_names_there_are), TEST(test_odm__limits_values_and_records),
      TEST(test_odm__gives_a_record_the_keys_of_the_elements_around_it),
      TEST(test_odm__takes_the_transaction_type_of_the_innermost_element_that_has_one),
      TEST(test_odm__gives_a_record_where_a_typed_item_names_an_audit_record),
      TEST(test_odm__loses_no_audit_record_wherever_it_stands),
      TEST(test_odm__without_audit_records_is_no_dataset),
      TEST(test_odm__counts_audit_records_without_user_time_or_reason),
      TEST(test_odm__tells_items_whose_audit_record_is_not_there),
      TEST(test_odm__tells_audit_records_that_stand_apart_and_that_no_item_names),
      TEST(test_odm__tells_nothing_of_audit_records_that_are_where_they_must_be),
      TEST(test_odm__keeps_many_ids_apart_and_says_where_it_stops))
