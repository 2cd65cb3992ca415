#include <stdio.h>

#include "ledger/history.h"
#include "tests/ledger/entry_make.h"
#include "tests/test.h"

/* --- a ledger that is added entry by entry --- */

struct ledger {
    struct history *h;
    int64_t now;
};

static struct ledger open_ledger(void)
{
    return (struct ledger){history_open(SPAN("example.org/trials/S1")), 1768270332};
}

static bool add(struct ledger *l, struct entry x, enum issue_id *issue)
{
    struct err e = {0};
    x.at = l->now;
    bool good = history_add(l->h, &x, issue, &e);
    CU_ASSERT_EQUAL(good, e.kind == ERR_NONE);
    return good;
}

static void accept(struct ledger *l, struct entry x)
{
    enum issue_id issue;
    CU_ASSERT(add(l, x, &issue));
}

#define REFUSE(l, x, want)                                                                         \
    do {                                                                                           \
        enum issue_id issue = ISSUE_COUNT;                                                         \
        CU_ASSERT(!add(l, x, &issue));                                                             \
        CU_ASSERT_EQUAL(issue, want);                                                              \
    } while (0)

static bool ends(struct ledger *l)
{
    enum issue_id issue;
    struct err e = {0};
    bool good = history_end(l->h, &issue, &e);
    CU_ASSERT(good || issue == ISSUE_ENTRY_CHAIN);
    return good;
}

/* --- entries that fit one after the other --- */

static struct entry system_of(enum system_event event)
{
    struct entry x = entry_make(ENTRY_SYSTEM);
    x.system.event = event;
    return x;
}

static struct entry transfer_of(uint64_t new, uint64_t unchanged, uint64_t held, uint64_t revisions)
{
    struct entry x = entry_make(ENTRY_TRANSFER);
    x.transfer.new = new;
    x.transfer.unchanged = unchanged;
    x.transfer.held = held;
    x.transfer.received = new + unchanged + held;
    x.transfer.revisions = revisions;
    return x;
}

static struct entry revision_of(struct span dataset, enum data_format format, uint64_t number,
                                uint64_t previous, uint64_t transfer)
{
    struct entry x = entry_make(ENTRY_REVISION);
    x.revision.dataset = dataset;
    x.revision.format = format;
    x.revision.revision = number;
    x.revision.previous = previous;
    x.revision.transfer = transfer;
    x.revision.data = revision_data_none;
    x.revision.against = revision_change_none;
    x.revision.member = 0;
    x.revision.members = 1;
    x.subject = hash_fill((uint8_t)number);
    return x;
}

static struct entry refusal_of(uint64_t transfer)
{
    struct entry x = entry_make(ENTRY_REFUSAL);
    x.refusal.of = transfer == ENTRY_NONE ? REFUSED_TRANSFER : REFUSED_FILE;
    x.refusal.transfer = transfer;
    return x;
}

static struct entry withdrawal_of(uint64_t revision, uint8_t subject)
{
    struct entry x = entry_make(ENTRY_WITHDRAWAL);
    x.withdrawal.revision = revision;
    x.subject = hash_fill(subject);
    return x;
}

static struct entry issued_of(uint64_t size)
{
    struct entry x = entry_make(ENTRY_ISSUED);
    x.issued.size = size;
    return x;
}

static struct entry erasure_of(uint64_t entry, enum erasure_of of, uint8_t object)
{
    struct entry x = entry_make(ENTRY_ERASURE);
    x.erasure.entry = entry;
    x.erasure.of = of;
    x.subject = hash_fill(object);
    return x;
}

/* Entries 0 and 1. */
static struct ledger begun(void)
{
    struct ledger l = open_ledger();
    accept(&l, entry_make(ENTRY_STUDY));
    accept(&l, system_of(EVENT_START));
    return l;
}

/* And 2, a transfer of one file, with 3, LB@1. */
static struct ledger with_revision(void)
{
    struct ledger l = begun();
    accept(&l, transfer_of(1, 0, 0, 1));
    accept(&l, revision_of(SPAN("LB"), FORMAT_CSV, 1, ENTRY_NONE, 2));
    return l;
}

/* --- rule 1 --- */

static void test_history__refuses_a_ledger_that_does_not_begin_with_its_study(void)
{
    struct ledger l = open_ledger();
    REFUSE(&l, system_of(EVENT_START), ISSUE_ENTRY_CHAIN);
    CU_ASSERT_PTR_NULL(history_study(l.h));
    history_close(l.h);
}

static void test_history__refuses_a_second_study(void)
{
    struct ledger l = begun();
    REFUSE(&l, entry_make(ENTRY_STUDY), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

static void test_history__refuses_a_ledger_whose_entry_1_is_not_a_start(void)
{
    struct ledger l = open_ledger();
    accept(&l, entry_make(ENTRY_STUDY));
    REFUSE(&l, system_of(EVENT_RESTORE), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
    l = open_ledger();
    accept(&l, entry_make(ENTRY_STUDY));
    REFUSE(&l, transfer_of(0, 0, 0, 0), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

static void refuse_study(struct span origin, struct span study)
{
    struct ledger l = open_ledger();
    struct entry x = entry_make(ENTRY_STUDY);
    x.study.origin = origin;
    x.study.study = study;
    REFUSE(&l, x, ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

static void test_history__refuses_a_study_that_its_origin_does_not_name(void)
{
    refuse_study(SPAN("example.org/trials/S2"), SPAN("S2")); /* not the checkpoint's */
    refuse_study(SPAN("example.org/trials/S1"), SPAN("S2"));
    refuse_study(SPAN("example.org/trials/S1"), SPAN("1"));
    refuse_study(SPAN("example.org/trials/S1"), SPAN("s1"));
    struct ledger l = {history_open(SPAN("")), 1768270332};
    struct entry x = entry_make(ENTRY_STUDY);
    x.study.origin = SPAN("S1");
    REFUSE(&l, x, ISSUE_ENTRY_CHAIN);
    history_close(l.h);
    l.h = history_open(SPAN(""));
    x.study.origin = SPAN("/S1");
    REFUSE(&l, x, ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

/* --- rule 2 --- */

static void test_history__refuses_a_study_whose_subject_is_not_its_log_key(void)
{
    struct ledger l = open_ledger();
    struct entry x = entry_make(ENTRY_STUDY);
    x.subject.b[31] ^= 1;
    REFUSE(&l, x, ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

static void test_history__refuses_time_that_goes_back(void)
{
    struct ledger l = begun();
    l.now -= 1;
    REFUSE(&l, system_of(EVENT_VERSION), ISSUE_ENTRY_TIME);
    history_close(l.h);
}

/* --- rules 3 and 4 --- */

static void refuse_revision(struct span dataset, enum data_format format, uint64_t number,
                            uint64_t previous, uint64_t transfer)
{
    struct ledger l = with_revision();
    accept(&l, transfer_of(1, 0, 0, 1)); /* 4 */
    REFUSE(&l, revision_of(dataset, format, number, previous, transfer), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

static void test_history__refuses_a_revision_out_of_sequence(void)
{
    refuse_revision(SPAN("LB"), FORMAT_CSV, 1, 3, 4);
    refuse_revision(SPAN("LB"), FORMAT_CSV, 3, 3, 4);
    refuse_revision(SPAN("LB"), FORMAT_CSV, 0, 3, 4);
    refuse_revision(SPAN("DM"), FORMAT_CSV, 2, ENTRY_NONE, 4);
    refuse_revision(SPAN("LB"), FORMAT_XPT, 1, ENTRY_NONE, 4); /* numbers are the dataset's */
}

static void test_history__refuses_a_previous_that_is_not_the_last_in_its_format(void)
{
    refuse_revision(SPAN("LB"), FORMAT_CSV, 2, ENTRY_NONE, 4);
    refuse_revision(SPAN("LB"), FORMAT_CSV, 2, 2, 4);
    refuse_revision(SPAN("LB"), FORMAT_CSV, 2, 5, 4);
    refuse_revision(SPAN("LB"), FORMAT_XPT, 2, 3, 4);
    refuse_revision(SPAN("DM"), FORMAT_CSV, 1, 3, 4);
}

/* Entries 3, 5 and 7 are revisions of one dataset: A, B, and A again. */
static struct ledger three_revisions(struct entry *third)
{
    struct ledger l = begun();
    struct revision_data data[] = {{.form = 1, .content = hash_fill(1)},
                                   {.form = 1, .content = hash_fill(2)}};
    struct entry x = {0};
    uint64_t previous = ENTRY_NONE;
    for (uint64_t i = 0; i < 3; i++) {
        uint64_t transfer = history_size(l.h);
        accept(&l, transfer_of(1, 0, 0, 1));
        x = revision_of(SPAN("LB"), FORMAT_CSV, i + 1, previous, transfer);
        x.revision.data = data[i % 2];
        x.revision.data.order = hash_fill((uint8_t)(10 + i));
        x.revision.data.metadata = x.revision.data.root = x.revision.data.secret = hash_fill(9);
        x.revision.data.key = KEY_ALL;
        x.revision.data.duplicates = 0;
        if (i > 0)
            x.revision.against = (struct revision_change){
                .change = CHANGE_DATA, .changed = 1, .reverted = ENTRY_NONE};
        if (i < 2)
            accept(&l, x);
        previous = transfer + 1;
    }
    *third = x;
    return l;
}

static void test_history__refuses_reverted_to_what_is_other_data(void)
{
    struct entry x;
    struct ledger l = three_revisions(&x);
    x.revision.against.reverted = 3;
    accept(&l, x);
    history_close(l.h);
    static const uint64_t bad[] = {0, 2, 4, 5, 6, 7, 1000};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        l = three_revisions(&x);
        x.revision.against.reverted = bad[i];
        REFUSE(&l, x, ISSUE_ENTRY_CHAIN);
        history_close(l.h);
    }
    l = three_revisions(&x);
    x.revision.against.reverted = 3;
    x.revision.data.schema = hash_fill(7);
    REFUSE(&l, x, ISSUE_ENTRY_CHAIN);
    history_close(l.h);
    l = three_revisions(&x);
    x.revision.against.reverted = 3;
    x.revision.data.strict = hash_fill(6);
    x.revision.data.strict_order = hash_fill(5);
    REFUSE(&l, x, ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

static void test_history__refuses_a_dataset_in_another_case(void)
{
    refuse_revision(SPAN("lb"), FORMAT_CSV, 2, 3, 4);
    refuse_revision(SPAN("Lb"), FORMAT_CSV, 1, ENTRY_NONE, 4);
}

static void test_history__refuses_a_folder_of_datasets_in_another_case(void)
{
    static const struct {
        const char *first, *second;
        bool good;
    } cases[] = {
        {"SDTM/LB", "sdtm/DM", false}, {"SDTM/LB", "sdtm", false},    {"SDTM", "Sdtm/LB", false},
        {"A/B/C", "A/b/D", false},     {"SDTM/LB", "SDTM/DM", true},  {"SDTM", "SDTM/LB", true},
        {"A/lb", "B/LB", true},        {"SDTM/LB", "SDTMx/LB", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ledger l = begun();
        enum issue_id issue = ISSUE_COUNT;
        accept(&l, transfer_of(2, 0, 0, 2));
        accept(&l, revision_of(span_str(cases[i].first), FORMAT_CSV, 1, ENTRY_NONE, 2));
        CU_ASSERT_EQUAL(
            add(&l, revision_of(span_str(cases[i].second), FORMAT_CSV, 1, ENTRY_NONE, 2), &issue),
            cases[i].good);
        CU_ASSERT(cases[i].good || issue == ISSUE_ENTRY_CHAIN);
        history_close(l.h);
    }
}

static void test_history__refuses_a_revision_of_another_transfer(void)
{
    refuse_revision(SPAN("LB"), FORMAT_CSV, 2, 3, 2);
    refuse_revision(SPAN("LB"), FORMAT_CSV, 2, 3, 5);
    refuse_revision(SPAN("LB"), FORMAT_CSV, 2, 3, 0);
}

static void test_history__refuses_a_member_that_the_file_does_not_have(void)
{
    struct ledger l = with_revision();
    accept(&l, transfer_of(1, 0, 0, 1));
    struct entry x = revision_of(SPAN("LB"), FORMAT_CSV, 2, 3, 4);
    x.revision.member = x.revision.members = 2;
    REFUSE(&l, x, ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

/* --- rule 5 --- */

static void test_history__refuses_a_transfer_whose_numbers_do_not_add_up(void)
{
    struct entry x = transfer_of(2, 3, 1, 2);
    for (uint64_t received = 5; received <= 7; received += 2) {
        struct ledger l = begun();
        x.transfer.received = received;
        REFUSE(&l, x, ISSUE_ENTRY_CHAIN);
        history_close(l.h);
    }
    struct ledger l = begun();
    REFUSE(&l, transfer_of(2, 3, 1, 1), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

static void test_history__refuses_revisions_of_a_transfer_without_new_files(void)
{
    struct ledger l = begun();
    REFUSE(&l, transfer_of(0, 1, 0, 1), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

static void test_history__refuses_a_transfer_cut_short(void)
{
    struct ledger l = begun();
    accept(&l, transfer_of(1, 0, 1, 2));
    CU_ASSERT(!ends(&l));
    accept(&l, revision_of(SPAN("LB"), FORMAT_CSV, 1, ENTRY_NONE, 2));
    CU_ASSERT(!ends(&l));
    accept(&l, revision_of(SPAN("DM"), FORMAT_CSV, 1, ENTRY_NONE, 2));
    CU_ASSERT(!ends(&l));
    accept(&l, refusal_of(2));
    CU_ASSERT(ends(&l));
    history_close(l.h);
}

static void test_history__refuses_anything_in_the_midst_of_a_transfer(void)
{
    const struct entry others[] = {
        system_of(EVENT_VERSION),
        transfer_of(0, 1, 0, 0),
        refusal_of(ENTRY_NONE),
        withdrawal_of(3, 1),
        issued_of(1),
        refusal_of(4), /* before a revision */
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct ledger l = with_revision();
        accept(&l, transfer_of(1, 0, 1, 1)); /* 4 */
        REFUSE(&l, others[i], ISSUE_ENTRY_CHAIN);
        history_close(l.h);
    }
}

static void test_history__refuses_more_than_a_transfer_counts(void)
{
    struct ledger l = with_revision();
    REFUSE(&l, revision_of(SPAN("DM"), FORMAT_CSV, 1, ENTRY_NONE, 2), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
    l = with_revision();
    REFUSE(&l, refusal_of(2), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

static void test_history__refuses_revisions_and_refusals_without_transfer(void)
{
    struct ledger l = begun();
    REFUSE(&l, revision_of(SPAN("DM"), FORMAT_CSV, 1, ENTRY_NONE, 1), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
    l = begun();
    REFUSE(&l, refusal_of(0), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
    l = begun();
    struct entry x = refusal_of(ENTRY_NONE); /* of a file, but of no transfer */
    x.refusal.of = REFUSED_FILE;
    REFUSE(&l, x, ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

static void test_history__refuses_a_refused_transfer_that_names_a_transfer(void)
{
    struct ledger l = with_revision();
    struct entry x = refusal_of(ENTRY_NONE);
    x.refusal.transfer = 2;
    REFUSE(&l, x, ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

static void test_history__refuses_a_refusal_that_names_another_transfer(void)
{
    struct ledger l = with_revision();
    accept(&l, transfer_of(0, 0, 1, 0));
    REFUSE(&l, refusal_of(2), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

/* --- rules 6 to 8 --- */

static void test_history__refuses_a_withdrawal_of_what_is_no_revision(void)
{
    for (uint64_t entry = 0; entry < 9; entry++) {
        struct ledger l = with_revision();
        if (entry == 3)
            accept(&l, withdrawal_of(entry, 1));
        else
            REFUSE(&l, withdrawal_of(entry, 1), ISSUE_ENTRY_CHAIN);
        history_close(l.h);
    }
}

static void test_history__refuses_a_second_withdrawal_and_one_with_another_subject(void)
{
    struct ledger l = with_revision();
    accept(&l, withdrawal_of(3, 1));
    REFUSE(&l, withdrawal_of(3, 1), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
    l = with_revision();
    REFUSE(&l, withdrawal_of(3, 2), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

static void test_history__refuses_a_system_entry_with_another_subject(void)
{
    struct ledger l = begun();
    struct entry x = system_of(EVENT_CONFIGURATION);
    x.subject.b[0] ^= 1;
    REFUSE(&l, x, ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

static void test_history__refuses_a_bundle_of_entries_that_are_not_yet_there(void)
{
    for (uint64_t size = 0; size <= 6; size++) {
        struct ledger l = with_revision(); /* 4 entries */
        if (size >= 1 && size <= 4)
            accept(&l, issued_of(size));
        else
            REFUSE(&l, issued_of(size), ISSUE_ENTRY_CHAIN);
        history_close(l.h);
    }
}

/* --- rules 10 and 11; 3 is LB@1 with bytes 1 and text d1, and 2 has text d0 --- */

static void test_history__refuses_an_erasure_of_what_its_entry_does_not_name(void)
{
    static const struct {
        uint64_t entry;
        enum erasure_of of;
        uint8_t object;
    } bad[] = {
        {3, ERASED_FILE, 2},    {3, ERASED_FILE, 0xd1},
        {3, ERASED_TEXT, 1},    {2, ERASED_TEXT, 0xd1},
        {2, ERASED_FILE, 0xb0}, {0, ERASED_FILE, 0xb0},
        {1, ERASED_TEXT, 0xb0}, {4, ERASED_TEXT, 0xd5},
        {5, ERASED_TEXT, 0xd1}, {ENTRY_NONE - 1, ERASED_FILE, 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ledger l = with_revision();
        REFUSE(&l, erasure_of(bad[i].entry, bad[i].of, bad[i].object), ISSUE_ENTRY_CHAIN);
        history_close(l.h);
    }
}

static void test_history__refuses_an_erasure_of_a_file_that_was_not_kept(void)
{
    struct ledger l = begun();
    struct entry x = refusal_of(2);
    accept(&l, transfer_of(0, 0, 2, 0));
    x.subject = hash_fill(6);
    accept(&l, x); /* 3 */
    x.refusal.size = ENTRY_NONE;
    x.subject = hash_fill(7);
    accept(&l, x); /* 4 */
    accept(&l, erasure_of(3, ERASED_FILE, 6));
    REFUSE(&l, erasure_of(4, ERASED_FILE, 7), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

static void test_history__refuses_a_second_erasure(void)
{
    struct ledger l = with_revision();
    accept(&l, erasure_of(3, ERASED_FILE, 1));
    REFUSE(&l, erasure_of(3, ERASED_FILE, 1), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

static void test_history__refuses_an_erasure_of_what_system_and_seals_name(void)
{
    for (int which = 0; which < 3; which++) {
        struct ledger l = begun();
        struct entry seal = entry_make(ENTRY_SEAL), system = system_of(EVENT_CONFIGURATION);
        struct hash other = hash_fill(9);
        seal.seal.size = 1;
        *(which == 0 ? &seal.subject : which == 1 ? &seal.seal.checkpoint : &other) = hash_fill(1);
        system.subject = system.system.details = hash_fill(which == 2 ? 1 : 8);
        accept(&l, transfer_of(1, 0, 0, 1));
        accept(&l, revision_of(SPAN("LB"), FORMAT_CSV, 1, ENTRY_NONE, 2));
        accept(&l, seal);
        accept(&l, system);
        REFUSE(&l, erasure_of(3, ERASED_FILE, 1), ISSUE_ENTRY_CHAIN);
        history_close(l.h);
    }
}

static void test_history__refuses_what_names_something_erased(void)
{
    struct entry seal = entry_make(ENTRY_SEAL), checkpoint = entry_make(ENTRY_SEAL);
    struct entry system = system_of(EVENT_VERSION), again = withdrawal_of(3, 1);
    seal.seal.size = checkpoint.seal.size = 1;
    seal.subject = checkpoint.seal.checkpoint = hash_fill(1);
    system.subject = system.system.details = hash_fill(1);
    again.withdrawal.details = hash_fill(1);
    const struct entry bad[] = {seal, checkpoint, system, again};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ledger l = with_revision();
        accept(&l, erasure_of(3, ERASED_FILE, 1));
        REFUSE(&l, bad[i], ISSUE_ENTRY_CHAIN);
        history_close(l.h);
    }
    struct ledger l = with_revision();
    struct entry same = revision_of(SPAN("LB"), FORMAT_CSV, 2, 3, 5);
    same.subject = hash_fill(1);
    accept(&l, erasure_of(3, ERASED_FILE, 1));
    accept(&l, transfer_of(1, 0, 0, 1));
    REFUSE(&l, same, ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

static void test_history__remembers_erasures(void)
{
    struct ledger l = with_revision();
    struct entry back = refusal_of(7);
    back.subject = hash_fill(1); /* the same bytes come again, and are not kept */
    back.refusal.size = ENTRY_NONE;
    accept(&l, withdrawal_of(3, 1));           /* 4: its text is d3 */
    accept(&l, erasure_of(3, ERASED_FILE, 1)); /* 5 */
    accept(&l, erasure_of(4, ERASED_TEXT, 0xd3));
    accept(&l, transfer_of(0, 0, 1, 0)); /* 7 */
    accept(&l, back);
    accept(&l, erasure_of(5, ERASED_TEXT, 0xd5)); /* 9: even why */
    CU_ASSERT(ends(&l));
    CU_ASSERT_EQUAL_FATAL(history_erasures(l.h), 3);
    CU_ASSERT(history_erasure(l.h, 0)->entry == 5 && history_erasure(l.h, 2)->entry == 9);
    CU_ASSERT(history_erasure(l.h, 0)->of == ERASED_FILE);
    CU_ASSERT(hash_eq(history_erasure(l.h, 1)->object, hash_fill(0xd3)));
    CU_ASSERT(history_is_erased(l.h, hash_fill(1)) && history_is_erased(l.h, hash_fill(0xd5)));
    CU_ASSERT(!history_is_erased(l.h, hash_fill(0xd1)));
    CU_ASSERT_EQUAL(history_bundle_size(l.h), 10);
    history_close(l.h);
}

/* --- what is right --- */

static void test_history__follows_a_dataset_through_formats_and_transfers(void)
{
    struct ledger l = begun();
    accept(&l, transfer_of(2, 0, 0, 3));
    accept(&l, revision_of(SPAN("LB"), FORMAT_CSV, 1, ENTRY_NONE, 2)); /* 3 */
    accept(&l, revision_of(SPAN("LB"), FORMAT_XPT, 2, ENTRY_NONE, 2)); /* 4 */
    accept(&l, revision_of(SPAN("DM"), FORMAT_XPT, 1, ENTRY_NONE, 2)); /* 5 */
    l.now += 86400;
    accept(&l, transfer_of(2, 7, 1, 2));
    accept(&l, revision_of(SPAN("LB"), FORMAT_XPT, 3, 4, 6)); /* 7 */
    accept(&l, revision_of(SPAN("LB"), FORMAT_CSV, 4, 3, 6)); /* 8 */
    accept(&l, refusal_of(6));
    accept(&l, withdrawal_of(7, 3));
    accept(&l, refusal_of(ENTRY_NONE));
    accept(&l, transfer_of(1, 0, 0, 1));                       /* 12 */
    accept(&l, revision_of(SPAN("LB"), FORMAT_XPT, 5, 7, 12)); /* the withdrawn one counts */
    CU_ASSERT(ends(&l));
    struct history_counts c = history_counts(l.h);
    CU_ASSERT(c.datasets == 2 && c.transfers == 3 && c.refusals == 2 && c.withdrawals == 1);
    CU_ASSERT_EQUAL_FATAL(history_revisions(l.h), 6);
    const struct history_revision *r = history_revision(l.h, 3);
    CU_ASSERT(r->entry == 7 && r->revision == 3 && r->size == 16);
    CU_ASSERT(r->format == FORMAT_XPT && r->withdrawn && hash_eq(r->subject, hash_fill(3)));
    CU_ASSERT(hash_eq(r->details, hash_fill(0xd1)));
    ASSERT_SPAN(r->dataset, SPAN("LB"));
    CU_ASSERT(!history_revision(l.h, 4)->withdrawn);
    CU_ASSERT_EQUAL(history_time(l.h), l.now);
    history_close(l.h);
}

static void test_history__takes_a_file_of_several_members(void)
{
    struct ledger l = begun();
    accept(&l, transfer_of(1, 0, 0, 300));
    for (uint64_t i = 0; i < 300; i++) {
        char name[16];
        snprintf(name, sizeof name, "D%u", (unsigned)i);
        struct entry x = revision_of(span_str(name), FORMAT_XPT, 1, ENTRY_NONE, 2);
        x.revision.member = i;
        x.revision.members = 300;
        accept(&l, x);
    }
    CU_ASSERT(ends(&l));
    CU_ASSERT_EQUAL(history_counts(l.h).datasets, 300);
    ASSERT_SPAN(history_revision(l.h, 299)->dataset, SPAN("D299"));
    history_close(l.h);
}

static struct entry seal_of(uint64_t size, uint8_t checkpoint)
{
    struct entry x = entry_make(ENTRY_SEAL);
    x.seal.size = size;
    x.seal.checkpoint = hash_fill(checkpoint);
    return x;
}

static void test_history__refuses_a_seal_of_entries_that_are_not_yet_there(void)
{
    for (uint64_t size = 0; size <= 6; size++) {
        struct ledger l = with_revision(); /* 4 entries */
        if (size >= 1 && size <= 4)
            accept(&l, seal_of(size, 1));
        else
            REFUSE(&l, seal_of(size, 1), ISSUE_ENTRY_CHAIN);
        history_close(l.h);
    }
}

static void test_history__refuses_seals_that_shrink_or_contradict_each_other(void)
{
    struct ledger l = with_revision();
    accept(&l, seal_of(4, 1));
    accept(&l, seal_of(4, 1));
    accept(&l, seal_of(5, 2));
    REFUSE(&l, seal_of(4, 1), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
    l = with_revision();
    accept(&l, seal_of(4, 1));
    REFUSE(&l, seal_of(4, 2), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
}

static void test_history__remembers_seals(void)
{
    struct ledger l = with_revision();
    accept(&l, seal_of(3, 1));
    accept(&l, seal_of(5, 2));
    CU_ASSERT_EQUAL_FATAL(history_seals(l.h), 2);
    CU_ASSERT_EQUAL(history_seal(l.h, 1)->entry, 5);
    CU_ASSERT_EQUAL(history_seal(l.h, 1)->size, 5);
    CU_ASSERT(hash_eq(history_seal(l.h, 1)->checkpoint, hash_fill(2)));
    CU_ASSERT_EQUAL(history_bundle_size(l.h), 6);
    history_close(l.h);
}

static void test_history__counts_issued_entries_at_the_end_apart(void)
{
    struct ledger l = with_revision();
    CU_ASSERT_EQUAL(history_bundle_size(l.h), 4);
    accept(&l, issued_of(4));
    accept(&l, issued_of(4));
    CU_ASSERT_EQUAL(history_bundle_size(l.h), 4);
    CU_ASSERT_EQUAL(history_size(l.h), 6);
    accept(&l, system_of(EVENT_VERSION));
    CU_ASSERT_EQUAL(history_bundle_size(l.h), 7);
    history_close(l.h);
}

static void test_history__keeps_the_study_when_its_entry_is_gone(void)
{
    struct ledger l = open_ledger();
    struct arena a = {0};
    struct entry x, made = entry_make(ENTRY_STUDY);
    CU_ASSERT_FATAL(entry_parse(&a, entry_bytes(&a, &made), &x, NULL));
    accept(&l, x);
    arena_close(&a);
    ASSERT_SPAN(history_study(l.h)->study.origin, SPAN("example.org/trials/S1"));
    ASSERT_SPAN(history_study(l.h)->study.log, made.study.log);
    history_close(l.h);
}

static void test_history__goes_on_behind_an_entry_that_could_not_be_read(void)
{
    struct ledger l = begun();
    history_skip(l.h); /* 2 */
    CU_ASSERT_EQUAL(history_bundle_size(l.h), 3);
    accept(&l, transfer_of(1, 0, 0, 1));
    accept(&l, revision_of(SPAN("LB"), FORMAT_CSV, 1, ENTRY_NONE, 3));
    CU_ASSERT_EQUAL(history_revision(l.h, 0)->entry, 4);
    accept(&l, withdrawal_of(4, 1));
    CU_ASSERT(ends(&l));
    history_close(l.h);
}

static void test_history__goes_on_behind_a_refused_entry(void)
{
    struct ledger l = with_revision();
    accept(&l, transfer_of(1, 0, 0, 1)); /* 4 */
    REFUSE(&l, revision_of(SPAN("LB"), FORMAT_CSV, 2, 2, 4), ISSUE_ENTRY_CHAIN);
    history_close(l.h);
    history_close(NULL);
}

SUITE(history, TEST(test_history__refuses_a_ledger_that_does_not_begin_with_its_study),
      TEST(test_history__refuses_a_second_study),
      TEST(test_history__refuses_a_ledger_whose_entry_1_is_not_a_start),
      TEST(test_history__refuses_a_study_that_its_origin_does_not_name),
      TEST(test_history__refuses_a_study_whose_subject_is_not_its_log_key),
      TEST(test_history__refuses_time_that_goes_back),
      TEST(test_history__refuses_a_revision_out_of_sequence),
      TEST(test_history__refuses_a_previous_that_is_not_the_last_in_its_format),
      TEST(test_history__refuses_reverted_to_what_is_other_data),
      TEST(test_history__refuses_a_dataset_in_another_case),
      TEST(test_history__refuses_a_folder_of_datasets_in_another_case),
      TEST(test_history__refuses_a_revision_of_another_transfer),
      TEST(test_history__refuses_a_member_that_the_file_does_not_have),
      TEST(test_history__refuses_a_transfer_whose_numbers_do_not_add_up),
      TEST(test_history__refuses_revisions_of_a_transfer_without_new_files),
      TEST(test_history__refuses_a_transfer_cut_short),
      TEST(test_history__refuses_anything_in_the_midst_of_a_transfer),
      TEST(test_history__refuses_more_than_a_transfer_counts),
      TEST(test_history__refuses_revisions_and_refusals_without_transfer),
      TEST(test_history__refuses_a_refused_transfer_that_names_a_transfer),
      TEST(test_history__refuses_a_refusal_that_names_another_transfer),
      TEST(test_history__refuses_a_withdrawal_of_what_is_no_revision),
      TEST(test_history__refuses_a_second_withdrawal_and_one_with_another_subject),
      TEST(test_history__refuses_a_system_entry_with_another_subject),
      TEST(test_history__refuses_a_bundle_of_entries_that_are_not_yet_there),
      TEST(test_history__refuses_an_erasure_of_what_its_entry_does_not_name),
      TEST(test_history__refuses_an_erasure_of_a_file_that_was_not_kept),
      TEST(test_history__refuses_a_second_erasure),
      TEST(test_history__refuses_an_erasure_of_what_system_and_seals_name),
      TEST(test_history__refuses_what_names_something_erased),
      TEST(test_history__remembers_erasures),
      TEST(test_history__follows_a_dataset_through_formats_and_transfers),
      TEST(test_history__takes_a_file_of_several_members),
      TEST(test_history__refuses_a_seal_of_entries_that_are_not_yet_there),
      TEST(test_history__refuses_seals_that_shrink_or_contradict_each_other),
      TEST(test_history__remembers_seals),
      TEST(test_history__counts_issued_entries_at_the_end_apart),
      TEST(test_history__keeps_the_study_when_its_entry_is_gone),
      TEST(test_history__goes_on_behind_an_entry_that_could_not_be_read),
      TEST(test_history__goes_on_behind_a_refused_entry))
