#include "report/pdf.h"

#include "os/child.h"
#include "os/file.h"

#define WEASYPRINT "weasyprint"

/* PDF/A wants a file identifier (ISO 19005-2, 6.1.3), which WeasyPrint adds only if it gets one. */
static bool run(const struct file *in, const struct file *out, struct hash page, int64_t at,
                struct err *e)
{
    char epoch[64], hex[65];
    const char *const weasyprint[] = {WEASYPRINT,
                                      "--encoding",
                                      "utf-8",
                                      "--pdf-variant",
                                      "pdf/a-2b",
                                      "--pdf-identifier",
                                      hash_hex(page, hex),
                                      "-",
                                      "-",
                                      NULL};
    const char *const variables[] = {epoch, NULL};
    const struct child c = {.argument = weasyprint,
                            .variable = variables,
                            .input = in->fd,
                            .output = out->fd,
                            .seconds = PDF_SECONDS};
    text_format(epoch, sizeof epoch, "SOURCE_DATE_EPOCH=%lld", (long long)at);
    return child_run(&c, e);
}

static bool is_pdf(struct span s)
{
    while (s.n > 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
        s.n--;
    return span_starts(s, SPAN("%PDF-1.")) && span_ends(s, SPAN("%%EOF"));
}

static bool take(struct file *f, struct buf *out, struct err *e)
{
    size_t before = out->n, got = 0;
    if (!file_rewind(f, e))
        return false;
    if (f->size > PDF_MAX)
        return err_set(e, ERR_STATE, WEASYPRINT " made more than %d bytes", PDF_MAX);
    if (!file_read_at(f, 0, buf_room(out, (size_t)f->size), (size_t)f->size, &got, e))
        return false;
    out->n += got;
    if (is_pdf(span_skip(buf_span(out), before)))
        return true;
    out->n = before;
    return err_set(e, ERR_STATE, WEASYPRINT " made no PDF");
}

bool pdf_make(const struct home *h, struct span page, int64_t at, struct buf *out, struct err *e)
{
    struct file in = {.fd = -1}, pdf = {.fd = -1};
    bool good = file_scratch(h->outbox, &in, e) && file_scratch(h->outbox, &pdf, e);
    if (good) {
        struct sink sink = file_sink(&in);
        good = sink.write(sink.ctx, page, e) && file_rewind(&in, e) &&
               run(&in, &pdf, sha256_of(page), at, e) && take(&pdf, out, e);
    }
    file_close(&in);
    file_close(&pdf);
    return good;
}
