#include "format/ssh_wire.h"

#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "format/base64.h"

enum { COLUMNS = 70 };

void ssh_wire_string(struct buf *b, struct span s)
{
    buf_be32(b, (uint32_t)s.n);
    buf_add(b, s);
}

void ssh_wire_key(struct buf *b, const struct public_key *k)
{
    ssh_wire_string(b, SSH_ED25519);
    ssh_wire_string(b, span_of(k->b, sizeof k->b));
}

bool ssh_wire_take_u32(struct span *rest, uint32_t *out)
{
    if (rest->n < 4)
        return false;
    *out = bytes_four(rest->p);
    *rest = span_skip(*rest, 4);
    return true;
}

bool ssh_wire_take_string(struct span *rest, struct span *out)
{
    uint32_t n;
    if (!ssh_wire_take_u32(rest, &n) || n > rest->n)
        return false;
    *out = span_of(rest->p, n);
    *rest = span_skip(*rest, n);
    return true;
}

bool ssh_wire_take_bytes(struct span *rest, uint8_t *out, size_t n)
{
    struct span s;
    if (!ssh_wire_take_string(rest, &s) || s.n != n)
        return false;
    memcpy(out, s.p, n);
    return true;
}

bool ssh_wire_parse_key(struct span blob, struct public_key *out)
{
    struct span type;
    return ssh_wire_take_string(&blob, &type) && span_eq(type, SSH_ED25519) &&
           ssh_wire_take_bytes(&blob, out->b, sizeof out->b) && blob.n == 0;
}

/* Takes "-----BEGIN label-----" or END and its LF off *rest. */
static bool take_border(struct span *rest, const char *which, struct span label)
{
    struct span s = *rest;
    if (!span_take(&s, SPAN("-----")) || !span_take(&s, span_str(which)) ||
        !span_take(&s, SPAN(" ")) || !span_take(&s, label) || !span_take(&s, SPAN("-----\n")))
        return false;
    *rest = s;
    return true;
}

bool ssh_armour_parse(struct span text, struct span label, struct buf *digits, struct err *e)
{
    struct span rest = text, line = {0};
    size_t number = 1;
    if (!take_border(&rest, "BEGIN", label))
        return err_set(e, ERR_FORMAT, "line 1: not \"-----BEGIN %.*s-----\"", SPAN_ARGS(label));
    buf_room(digits, text.n);
    while (!take_border(&rest, "END", label)) {
        bool is_short = number > 1 && line.n != COLUMNS;
        number++;
        if (!span_line(&rest, &line))
            return err_set(e, ERR_FORMAT, "line %zu: not \"-----END %.*s-----\"", number,
                           SPAN_ARGS(label));
        if (is_short || line.n == 0 || line.n > COLUMNS)
            return err_set(e, ERR_FORMAT, "line %zu: base64 is not in lines of %d", number,
                           COLUMNS);
        buf_add(digits, line);
    }
    if (rest.n > 0)
        return err_set(e, ERR_FORMAT, "line %zu: something follows the end line", number + 2);
    return true;
}

static void write_border(struct buf *b, const char *which, struct span label)
{
    buf_str(b, "-----");
    buf_str(b, which);
    buf_byte(b, ' ');
    buf_add(b, label);
    buf_str(b, "-----\n");
}

void ssh_armour_write(struct buf *b, struct span label, struct span blob)
{
    enum { BORDERS = 64 };
    struct buf digits = {0};
    base64_write(&digits, blob);
    buf_room(b, digits.n + digits.n / COLUMNS + BORDERS + 2 * label.n);
    write_border(b, "BEGIN", label);
    for (struct span rest = buf_span(&digits); rest.n > 0;) {
        size_t n = rest.n < COLUMNS ? rest.n : COLUMNS;
        buf_add(b, span_of(rest.p, n));
        buf_byte(b, '\n');
        rest = span_skip(rest, n);
    }
    write_border(b, "END", label);
    mem_wipe_free(digits.p, digits.cap);
}
