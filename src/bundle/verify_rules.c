/* Payload against entries, scope and tag files; FORMAT chapter 9, checks 3 and 12. */

#include "bundle/verifier.h"

/* First member of the datasets region whose path is not before `path`. */
static size_t lower_bound(const struct verifier *v, struct span path)
{
    size_t low = v->datasets.first, high = v->datasets.end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (span_cmp(verifier_path(v, middle), path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void verifier_begin_payload(struct verifier *v)
{
    size_t revisions = history_revisions(v->history);
    v->payload = arena_array(v->a, revisions, sizeof *v->payload);
    v->payload_named =
        arena_array(v->a, v->datasets.end - v->datasets.first, sizeof *v->payload_named);
    for (size_t k = 0; k < revisions; k++)
        v->payload[k] = v->count;
    if (!bag_info_scope(v->bag_info, &v->verdict->scope))
        issues_add(v->issues, ISSUE_BUNDLE_TAG_FILE, "bag-info.txt", "it states no scope");
}

static void find_path(struct verifier *v, size_t revision, struct span path)
{
    size_t i = lower_bound(v, path);
    if (i < v->datasets.end && span_eq(verifier_path(v, i), path)) {
        v->payload[revision] = i;
        v->payload_named[i - v->datasets.first] = true;
    }
}

void verifier_find_payload(struct verifier *v, size_t revision, struct span file)
{
    const struct history_revision *r = history_revision(v->history, revision);
    struct buf path = {0};
    layout_revision(&path, r->dataset, r->revision);
    layout_file_name(&path, file);
    find_path(v, revision, buf_span(&path));
    buf_close(&path);
}

void verifier_find_nameless(struct verifier *v, size_t revision)
{
    const struct history_revision *r = history_revision(v->history, revision);
    struct buf path = {0};
    layout_revision(&path, r->dataset, r->revision);
    buf_str(&path, LAYOUT_ERASED_NAME);
    find_path(v, revision, buf_span(&path));
    buf_close(&path);
}

static void check_present(struct verifier *v, const struct history_revision *r, size_t i)
{
    struct zip_member m;
    char place[PLACE_MAX];
    zip_stat(v->zip, i, &m);
    if (!hash_eq(v->digest[i], r->subject) || m.size != r->size) {
        issues_add(v->issues, ISSUE_PAYLOAD_ALTERED, verifier_place(v, i, place),
                   "not the bytes that entry %llu names", (unsigned long long)r->entry);
        return;
    }
    v->verdict->carried++;
    v->verdict->carried_bytes += m.size;
}

/* Destroyed where the entries were written: it can be nowhere in what they vouch for. */
static void check_erased(struct verifier *v, size_t i)
{
    char place[PLACE_MAX];
    v->verdict->erased++;
    if (i < v->count)
        issues_add(v->issues, ISSUE_BUNDLE_ERASED, verifier_place(v, i, place),
                   "the bytes of this revision were erased");
}

static void check_revision(struct verifier *v, size_t k)
{
    const struct history_revision *r = history_revision(v->history, k);
    bool due = !r->withdrawn && scope_contains(&v->verdict->scope, r->dataset, r->entry);
    size_t i = v->payload[k];
    char place[PLACE_MAX];
    if (history_is_erased(v->history, r->subject)) {
        check_erased(v, i);
        return;
    }
    if (!due)
        v->verdict->left_out++;
    if (due && i == v->count) {
        text_format(place, sizeof place, "%.*s@%llu", SPAN_ARGS(r->dataset),
                    (unsigned long long)r->revision);
        issues_add(v->issues, ISSUE_PAYLOAD_MISSING, place,
                   "entry %llu names it and it is within the stated scope",
                   (unsigned long long)r->entry);
    } else if (!due && i < v->count) {
        issues_add(v->issues, ISSUE_BUNDLE_SCOPE, verifier_place(v, i, place),
                   r->withdrawn ? "this revision was withdrawn" : "outside the stated scope");
    } else if (due) {
        check_present(v, r, i);
    }
}

void verifier_check_payload(struct verifier *v)
{
    char place[PLACE_MAX];
    for (size_t k = 0; k < history_revisions(v->history); k++)
        check_revision(v, k);
    for (size_t i = v->datasets.first; i < v->datasets.end; i++)
        if (!v->payload_named[i - v->datasets.first])
            issues_add(v->issues, ISSUE_PAYLOAD_UNNAMED, verifier_place(v, i, place),
                       "no revision has a file of this name");
}

static void sum_payload(const struct verifier *v, struct bag_info *info)
{
    for (size_t i = 0; i < v->at_manifest; i++) {
        struct zip_member m;
        zip_stat(v->zip, i, &m);
        if (!span_starts(verifier_path(v, i), SPAN("data/")))
            continue;
        info->payload_bytes += m.size;
        info->payload_files++;
    }
}

void verifier_check_tag_files(struct verifier *v)
{
    const struct entry *study = history_study(v->history);
    struct bag_info info = {
        .origin = study == NULL ? SPAN("") : study->study.origin,
        .head_time = history_time(v->history),
        .size = v->tree.size,
        .scope = v->verdict->scope,
    };
    struct buf want = {0};
    sum_payload(v, &info);
    bag_info_write(&want, &info);
    if (!span_eq(buf_span(&want), v->bag_info))
        issues_add(v->issues, ISSUE_BUNDLE_TAG_FILE, "bag-info.txt",
                   "not what entries and members give");
    buf_clear(&want);
    if (study != NULL)
        layout_folder(&want, study->study.study, info.size);
    buf_byte(&want, '/');
    if (!span_eq(buf_span(&want), v->folder))
        issues_add(v->issues, ISSUE_BUNDLE_LAYOUT, "",
                   "the folder is not named after study and size");
    buf_close(&want);
}
