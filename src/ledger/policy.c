#include "ledger/policy.h"

enum { NOBODY = POLICY_NAMES_MAX }; /* where the index of a voter is wanted */

/*
 * A witness or a group. Groups stand behind their members, and each name is in one
 * group at most: so voters are trees, and one pass in order counts every vote.
 */
struct voter {
    struct span name;
    struct note_key key; /* of a witness */
    size_t threshold;    /* of a group; 0 for a witness */
    size_t group;        /* that it is a member of, or NOBODY */
};

struct policy {
    size_t logs, voters;
    size_t quorum; /* NOBODY for "quorum none" */
    bool has_quorum;
    struct note_key log[POLICY_NAMES_MAX];
    struct voter voter[POLICY_NAMES_MAX];
};

/* --- parsing --- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* The next word of the line; false where none is left. */
static bool next_word(struct span *rest, struct span *word)
{
    while (rest->n > 0 && is_blank(rest->p[0]))
        *rest = span_skip(*rest, 1);
    size_t n = 0;
    while (n < rest->n && !is_blank(rest->p[n]))
        n++;
    *word = span_of(rest->p, n);
    *rest = span_skip(*rest, n);
    return n > 0;
}

/* A URL may end a line of a log or witness; what it means is not for here. */
static bool end_with_url(struct span rest, struct err *e)
{
    struct span url, more;
    if (next_word(&rest, &url) && next_word(&rest, &more))
        return err_set(e, ERR_FORMAT, "more words than the line can have");
    return true;
}

/* The same public key under another name or algorithm is still the same key. */
static bool same_key(const struct note_key *a, const struct note_key *b)
{
    return span_eq(span_skip(a->raw, 1), span_skip(b->raw, 1));
}

static bool parse_log(struct arena *a, struct policy *p, struct span rest, struct err *e)
{
    struct span vkey;
    struct note_key key;
    if (p->logs == POLICY_NAMES_MAX)
        return err_set(e, ERR_LIMIT, "more than %d logs", POLICY_NAMES_MAX);
    if (!next_word(&rest, &vkey))
        return err_set(e, ERR_FORMAT, "the log has no key");
    if (!note_key_parse(a, vkey, &key, e) || !end_with_url(rest, e))
        return false;
    if (key.algorithm == NOTE_COSIGNATURE)
        return err_set(e, ERR_FORMAT, "a log cannot have the key of a witness");
    for (size_t i = 0; i < p->logs; i++)
        if (same_key(&p->log[i], &key))
            return err_set(e, ERR_FORMAT, "an earlier log has the same key");
    p->log[p->logs++] = key;
    return true;
}

static size_t find_voter(const struct policy *p, struct span name)
{
    for (size_t i = 0; i < p->voters; i++)
        if (span_eq(p->voter[i].name, name))
            return i;
    return NOBODY;
}

/* Takes the name of a new voter off the line; it is added when the line is complete. */
static bool parse_name(const struct policy *p, struct span *rest, struct span *name, struct err *e)
{
    if (p->voters == POLICY_NAMES_MAX)
        return err_set(e, ERR_LIMIT, "more than %d witnesses and groups", POLICY_NAMES_MAX);
    if (!next_word(rest, name))
        return err_set(e, ERR_FORMAT, "the name is missing");
    if (span_eq(*name, SPAN("none")))
        return err_set(e, ERR_FORMAT, "the name none is taken: it means no quorum");
    if (find_voter(p, *name) != NOBODY)
        return err_set(e, ERR_FORMAT, "the name %.*s is taken", SPAN_ARGS(*name));
    return true;
}

static bool parse_witness(struct arena *a, struct policy *p, struct span rest, struct err *e)
{
    struct span name, vkey;
    struct note_key key;
    if (!parse_name(p, &rest, &name, e))
        return false;
    if (!next_word(&rest, &vkey))
        return err_set(e, ERR_FORMAT, "witness %.*s has no key", SPAN_ARGS(name));
    if (!note_key_parse(a, vkey, &key, e) || !end_with_url(rest, e))
        return false;
    if (key.algorithm == NOTE_ED25519)
        return err_set(e, ERR_FORMAT, "witness %.*s has a key that cannot cosign", SPAN_ARGS(name));
    for (size_t i = 0; i < p->voters; i++)
        if (p->voter[i].threshold == 0 && same_key(&p->voter[i].key, &key))
            return err_set(e, ERR_FORMAT, "witness %.*s has the same key as %.*s", SPAN_ARGS(name),
                           SPAN_ARGS(p->voter[i].name));
    p->voter[p->voters++] = (struct voter){.name = name, .key = key, .group = NOBODY};
    return true;
}

/* Makes everybody named in the rest of the line a member of `group`. */
static bool parse_members(struct policy *p, struct span rest, size_t group, size_t *count,
                          struct err *e)
{
    struct span name;
    for (*count = 0; next_word(&rest, &name); ++*count) {
        size_t member = find_voter(p, name);
        if (member == NOBODY)
            return err_set(e, ERR_FORMAT, "nobody is named %.*s above", SPAN_ARGS(name));
        if (p->voter[member].group != NOBODY)
            return err_set(e, ERR_FORMAT, "%.*s is a member of a group already", SPAN_ARGS(name));
        p->voter[member].group = group;
    }
    return true;
}

static bool parse_threshold(struct span word, size_t members, size_t *out)
{
    uint64_t k;
    if (span_eq(word, SPAN("all")))
        k = members;
    else if (span_eq(word, SPAN("any")))
        k = 1;
    else if (!span_u64(word, &k))
        return false;
    if (k < 1 || k > members)
        return false;
    *out = (size_t)k;
    return true;
}

static bool parse_group(struct arena *a, struct policy *p, struct span rest, struct err *e)
{
    (void)a;
    struct span name, threshold;
    struct voter group = {.group = NOBODY};
    size_t members;
    if (!parse_name(p, &rest, &name, e))
        return false;
    if (!next_word(&rest, &threshold))
        return err_set(e, ERR_FORMAT, "group %.*s has no threshold", SPAN_ARGS(name));
    if (!parse_members(p, rest, p->voters, &members, e))
        return false;
    if (!parse_threshold(threshold, members, &group.threshold))
        return err_set(e, ERR_FORMAT,
                       "the threshold of group %.*s is not all, any or from 1 to its %zu members",
                       SPAN_ARGS(name), members);
    group.name = name;
    p->voter[p->voters++] = group;
    return true;
}

static bool parse_quorum(struct arena *a, struct policy *p, struct span rest, struct err *e)
{
    (void)a;
    struct span name, more;
    if (p->has_quorum)
        return err_set(e, ERR_FORMAT, "a second quorum");
    if (!next_word(&rest, &name) || next_word(&rest, &more))
        return err_set(e, ERR_FORMAT, "a quorum is one name");
    p->quorum = find_voter(p, name);
    if (p->quorum == NOBODY && !span_eq(name, SPAN("none")))
        return err_set(e, ERR_FORMAT, "nobody is named %.*s above", SPAN_ARGS(name));
    p->has_quorum = true;
    return true;
}

static const struct keyword {
    const char *word;
    bool (*parse)(struct arena *a, struct policy *p, struct span rest, struct err *e);
} keywords[] = {
    {"log", parse_log},
    {"witness", parse_witness},
    {"group", parse_group},
    {"quorum", parse_quorum},
};

static bool parse_line(struct arena *a, struct policy *p, struct span line, struct err *e)
{
    struct span word;
    for (size_t i = 0; i < line.n; i++)
        if ((line.p[i] < ' ' && line.p[i] != '\t') || line.p[i] == 0x7f)
            return err_set(e, ERR_FORMAT, "a control byte");
    if (!next_word(&line, &word) || word.p[0] == '#')
        return true;
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (span_eq(word, span_str(keywords[i].word)))
            return keywords[i].parse(a, p, line, e);
    return err_set(e, ERR_FORMAT, "\"%.*s\" is not log, witness, group or quorum", SPAN_ARGS(word));
}

bool policy_parse(struct arena *a, struct span text, struct policy **out, struct err *e)
{
    if (text.n > POLICY_MAX)
        return err_set(e, ERR_LIMIT, "the policy is larger than %d bytes", POLICY_MAX);
    struct policy *p = arena_new(a, sizeof *p);
    struct span rest = arena_copy(a, text), line;
    for (size_t number = 1; span_line(&rest, &line); number++)
        if (!parse_line(a, p, line, e))
            return err_at(e, "line %zu", number);
    if (rest.n > 0)
        return err_set(e, ERR_FORMAT, "the last line does not end with LF");
    if (!p->has_quorum)
        return err_set(e, ERR_FORMAT, "no quorum line");
    *out = p;
    return true;
}

/* --- asking --- */

const struct note_key *policy_log(const struct policy *p, struct span origin, size_t i)
{
    for (size_t at = 0; at < p->logs; at++)
        if (span_eq(p->log[at].name, origin) && i-- == 0)
            return &p->log[at];
    return NULL;
}

bool policy_quorum(const struct policy *p, const struct note *n, size_t *cosigned, struct err *e)
{
    size_t votes[POLICY_NAMES_MAX] = {0}, good = 0;
    bool reached = p->quorum == NOBODY;
    for (size_t i = 0; i < p->voters; i++) {
        const struct voter *v = &p->voter[i];
        bool votes_for = v->threshold > 0 && votes[i] >= v->threshold;
        if (v->threshold == 0) {
            enum note_verdict verdict = note_verify(n, &v->key, NULL);
            if (verdict == NOTE_BAD)
                return err_set(e, ERR_FORMAT, "the cosignature of witness %.*s does not verify",
                               SPAN_ARGS(v->name));
            votes_for = verdict == NOTE_GOOD;
            good += votes_for;
        }
        if (votes_for && v->group != NOBODY)
            votes[v->group]++;
        reached |= votes_for && i == p->quorum;
    }
    *cosigned = good;
    if (!reached)
        return err_set(e, ERR_STATE, "%zu known witnesses cosigned and that is no quorum", good);
    return true;
}

/* Adds v to the ascending list. */
static void insert(size_t *list, size_t *count, size_t v)
{
    size_t at = (*count)++;
    for (; at > 0 && list[at - 1] > v; at--)
        list[at] = list[at - 1];
    list[at] = v;
}

/* A group needs its cheapest members, as many as its threshold says. */
static size_t group_needs(const struct policy *p, size_t group, const size_t *needs)
{
    size_t list[POLICY_NAMES_MAX] = {0}, count = 0, sum = 0;
    for (size_t i = 0; i < group; i++)
        if (p->voter[i].group == group)
            insert(list, &count, needs[i]);
    for (size_t i = 0; i < p->voter[group].threshold; i++)
        sum += list[i];
    return sum;
}

size_t policy_witnesses_needed(const struct policy *p)
{
    size_t needs[POLICY_NAMES_MAX] = {0};
    if (p->quorum == NOBODY)
        return 0;
    for (size_t i = 0; i <= p->quorum; i++)
        needs[i] = p->voter[i].threshold == 0 ? 1 : group_needs(p, i, needs);
    return needs[p->quorum];
}
