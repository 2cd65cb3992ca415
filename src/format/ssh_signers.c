#include "format/ssh_signers.h"

#include "format/base64.h"
#include "format/ssh_key.h"
#include "format/ssh_wire.h"

/* --- times --- */

enum { FIRST_YEAR = 1970, DAY = 24 * 60 * 60 };

static bool is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_of_month(unsigned year, unsigned month)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

static int64_t days_since_1970(unsigned year, unsigned month, unsigned day)
{
    int64_t days = day - 1;
    for (unsigned y = FIRST_YEAR; y < year; y++)
        days += is_leap(y) ? 366 : 365;
    for (unsigned m = 1; m < month; m++)
        days += days_of_month(year, m);
    return days;
}

/* Takes a number of n digits off the front of digits that were checked. */
static unsigned take_number(struct span *digits, size_t n)
{
    unsigned v = 0;
    for (size_t i = 0; i < n && i < digits->n; i++)
        v = v * 10 + (unsigned)(digits->p[i] - '0');
    *digits = span_skip(*digits, n < digits->n ? n : digits->n);
    return v;
}

static bool all_digits(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

/* YYYYMMDD[HHMM[SS]][Z] */
static bool parse_time(struct span text, int64_t *out)
{
    if (span_ends(text, SPAN("Z")))
        text.n--;
    if ((text.n != 8 && text.n != 12 && text.n != 14) || !all_digits(text))
        return false;
    unsigned year = take_number(&text, 4), month = take_number(&text, 2);
    unsigned day = take_number(&text, 2), hour = take_number(&text, 2);
    unsigned minute = take_number(&text, 2), second = take_number(&text, 2);
    if (year < FIRST_YEAR || month < 1 || month > 12 || day < 1 ||
        day > days_of_month(year, month) || hour > 23 || minute > 59 || second > 59)
        return false;
    *out = days_since_1970(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
    return true;
}

/* --- options --- */

static bool set_authority(struct ssh_signer *s, struct span value)
{
    (void)value;
    return s->authority = true;
}

static bool set_spaces(struct ssh_signer *s, struct span value)
{
    s->spaces = value;
    return value.n > 0; /* an empty list would allow nothing, and empty means any */
}

static bool set_valid_after(struct ssh_signer *s, struct span value)
{
    return parse_time(value, &s->valid_after);
}

static bool set_valid_before(struct ssh_signer *s, struct span value)
{
    return parse_time(value, &s->valid_before);
}

static const struct option {
    const char *name;
    bool has_value;
    bool (*set)(struct ssh_signer *s, struct span value);
} options[] = {
    {"cert-authority", false, set_authority},
    {"namespaces", true, set_spaces},
    {"valid-after", true, set_valid_after},
    {"valid-before", true, set_valid_before},
};

enum { OPTIONS = sizeof options / sizeof options[0] };

static bool equals_ignoring_case(struct span s, const char *lower)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (uint8_t)(c - 'A' + 'a');
        if (lower[i] == '\0' || c != (uint8_t)lower[i])
            return false;
    }
    return lower[s.n] == '\0';
}

static size_t find_option(struct span name)
{
    size_t i = 0;
    while (i < OPTIONS && !equals_ignoring_case(name, options[i].name))
        i++;
    return i;
}

/* Takes ="..." off *rest. ssh-keygen knows \" inside; nobody needs it, so it is refused. */
static bool take_quoted(struct span *rest, struct span *value)
{
    struct span s = *rest;
    if (!span_take(&s, SPAN("=\"")))
        return false;
    size_t quote = span_find(s, 0, '"');
    if (quote == s.n || (quote > 0 && s.p[quote - 1] == '\\'))
        return false;
    *value = span_of(s.p, quote);
    *rest = span_skip(s, quote + 1);
    return true;
}

/* Takes one option off *rest; each may be given once. */
static bool parse_option(struct span *rest, bool seen[OPTIONS], struct ssh_signer *out,
                         struct err *e)
{
    size_t n = 0;
    while (n < rest->n && rest->p[n] != '=' && rest->p[n] != ',')
        n++;
    struct span name = span_of(rest->p, n), value = {0};
    size_t i = find_option(name);
    if (i == OPTIONS)
        return err_set(e, ERR_FORMAT, "\"%.*s\" is neither an option nor the type of a key",
                       SPAN_ARGS(name));
    if (seen[i])
        return err_set(e, ERR_FORMAT, "%s is given twice", options[i].name);
    seen[i] = true;
    *rest = span_skip(*rest, n);
    if (options[i].has_value && !take_quoted(rest, &value))
        return err_set(e, ERR_FORMAT, "the value of %s is not in quotes", options[i].name);
    if (!options[i].set(out, value))
        return err_set(e, ERR_FORMAT, "the value of %s is not allowed", options[i].name);
    return true;
}

static bool parse_options(struct span rest, struct ssh_signer *out, struct err *e)
{
    bool seen[OPTIONS] = {false};
    do {
        if (!parse_option(&rest, seen, out, e))
            return false;
    } while (span_take(&rest, SPAN(",")));
    if (rest.n != 0)
        return err_set(e, ERR_FORMAT, "options are not parted by a comma");
    if (out->valid_before <= out->valid_after)
        return err_set(e, ERR_FORMAT, "valid-before is not later than valid-after");
    return true;
}

/* --- lines --- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static struct span skip_blanks(struct span s)
{
    while (s.n > 0 && is_blank(s.p[0]))
        s = span_skip(s, 1);
    return s;
}

/* Takes a word and the blanks behind it off *rest; blanks in quotes do not end it. */
static struct span take_word(struct span *rest)
{
    size_t n = 0;
    for (bool quoted = false; n < rest->n && (quoted || !is_blank(rest->p[n])); n++)
        quoted ^= rest->p[n] == '"';
    struct span word = span_of(rest->p, n);
    *rest = skip_blanks(span_skip(*rest, n));
    return word;
}

static bool parse_principals(struct span word, struct span *out, struct err *e)
{
    if (word.n >= 2 && word.p[0] == '"' && word.p[word.n - 1] == '"')
        word = span_of(word.p + 1, word.n - 2);
    if (word.n == 0 || span_find(word, 0, '"') != word.n)
        return err_set(e, ERR_FORMAT, "the principals are empty or badly quoted");
    *out = word;
    return true;
}

/* A key of any type is base64 that begins with the type's name: so new types are skipped too. */
static bool is_key(struct span text)
{
    struct span type = take_word(&text), digits = take_word(&text), name;
    size_t n = base64_size(digits);
    uint8_t *blob = mem_new(n);
    struct span rest = span_of(blob, n);
    bool yes =
        base64_bytes(digits, blob, n) && ssh_wire_take_string(&rest, &name) && span_eq(name, type);
    mem_free(blob);
    return yes;
}

static bool is_ed25519(struct span text)
{
    return span_eq(take_word(&text), SSH_ED25519);
}

/* *wanted: the line holds an Ed25519 key. */
static bool parse_signer(struct span line, struct ssh_signer *out, bool *wanted, struct err *e)
{
    struct span rest = line;
    *out = (struct ssh_signer){.valid_after = INT64_MIN, .valid_before = INT64_MAX};
    if (!parse_principals(take_word(&rest), &out->principals, e))
        return false;
    if (rest.n == 0)
        return err_set(e, ERR_FORMAT, "the key is missing");
    if (!is_ed25519(rest) && !is_key(rest) && !parse_options(take_word(&rest), out, e))
        return false;
    *wanted = is_ed25519(rest);
    if (*wanted)
        return ssh_key_parse(rest, &out->key, e);
    if (!is_key(rest))
        return err_set(e, ERR_FORMAT, "the key is missing or malformed");
    return true;
}

static bool check_bytes(struct span line, struct err *e)
{
    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] >= ' ' || line.p[i] == '\t')
            continue;
        err_set(e, ERR_FORMAT, "a control byte");
        return line.p[i] == '\r' ? err_hint(e, "save the file with Unix line ends (LF)") : false;
    }
    return span_utf8(line) || err_set(e, ERR_FORMAT, "not UTF-8");
}

static bool parse_line(struct span line, struct ssh_signers *out, struct err *e)
{
    struct ssh_signer signer;
    bool wanted = false;
    if (!check_bytes(line, e))
        return false;
    line = skip_blanks(line);
    if (line.n == 0 || line.p[0] == '#')
        return true;
    if (!parse_signer(line, &signer, &wanted, e))
        return false;
    if (wanted && out->count == SSH_SIGNERS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d signers", SSH_SIGNERS_MAX);
    if (wanted)
        out->signer[out->count++] = signer;
    return true;
}

/* How many signers there can be, so that the array need not grow. */
static size_t count_lines(struct span file)
{
    size_t n = 1;
    for (size_t at = span_find(file, 0, '\n'); at < file.n && n < SSH_SIGNERS_MAX; n++)
        at = span_find(file, at + 1, '\n');
    return n;
}

bool ssh_signers_parse(struct arena *a, struct span file, struct ssh_signers *out, struct err *e)
{
    if (file.n > SSH_FILE_MAX)
        return err_set(e, ERR_LIMIT, "the file is larger than %d bytes", SSH_FILE_MAX);
    struct span rest = arena_copy(a, file), line;
    struct ssh_signers s = {.signer = arena_array(a, count_lines(file), sizeof *s.signer)};
    size_t number = 1;
    for (; span_line(&rest, &line); number++)
        if (!parse_line(line, &s, e))
            return err_at(e, "line %zu", number);
    if (!parse_line(rest, &s, e))
        return err_at(e, "line %zu", number);
    *out = s;
    return true;
}

/* --- asking --- */

/* '*' is any bytes, '?' is one (ssh_config(5), PATTERNS); goes back to the last '*' only. */
static bool matches_pattern(struct span s, struct span pattern)
{
    size_t at = 0, p = 0, star = pattern.n, star_at = 0;
    while (at < s.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            star_at = at;
        } else if (p < pattern.n && (pattern.p[p] == '?' || pattern.p[p] == s.p[at])) {
            p++;
            at++;
        } else if (star < pattern.n) {
            p = star + 1;
            at = ++star_at;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

/* One of the patterns matches, and none that begins with '!'. */
static bool matches_list(struct span s, struct span list)
{
    bool found = false;
    for (;;) {
        size_t comma = span_find(list, 0, ',');
        struct span pattern = span_of(list.p, comma);
        bool negated = span_take(&pattern, SPAN("!"));
        if (matches_pattern(s, pattern)) {
            if (negated)
                return false;
            found = true;
        }
        if (comma == list.n)
            return found;
        list = span_skip(list, comma + 1);
    }
}

static bool allows(const struct ssh_signer *s, const struct public_key *k, struct span space,
                   int64_t time)
{
    return !s->authority && public_key_eq(&s->key, k) && time >= s->valid_after &&
           time <= s->valid_before && (s->spaces.n == 0 || matches_list(space, s->spaces));
}

const struct ssh_signer *ssh_signers_find(const struct ssh_signers *s, const struct public_key *k,
                                          struct span space, int64_t time)
{
    for (size_t i = 0; i < s->count; i++)
        if (allows(&s->signer[i], k, space, time))
            return &s->signer[i];
    return NULL;
}
