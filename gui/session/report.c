/* report.c - see report.h. JSON: RFC 8259. */
#include "report.h"
#include "../../host/output.h"
#include <stdio.h>

/* So many bytes of UTF-8 as they stand in a string. */
static void put_bytes(FILE *f, const char *text, size_t n)
{
    for (; n--; text++)
        if (*text == '"' || *text == '\\')
            fprintf(f, "\\%c", *text);
        else if ((u8)*text < 0x20)
            fprintf(f, "\\u%04x", (u8)*text);
        else
            fputc(*text, f);
}

/* A string of ours or of the command line. */
static void put_string(FILE *f, const char *text)
{
    if (!text) {
        fputs("null", f);
        return;
    }
    fputc('"', f);
    put_bytes(f, text, strlen(text));
    fputc('"', f);
}

/* A string for each line. */
static void put_rows(FILE *f, const char *text)
{
    fputc('[', f);
    for (const char *row = text, *end; *row; row = end + 1) {
        end = row + strcspn(row, "\n");
        fputs(row == text ? "\n    \"" : ",\n    \"", f);
        put_bytes(f, row, (size_t)(end - row));
        fputc('"', f);
        if (!*end)
            break;
    }
    fputc(']', f);
}

static void put_screen(FILE *f, const struct report *r)
{
    fprintf(f, "{\"width\": %d, \"height\": %d, \"hash\": \"%s\", \"text\": ", r->width, r->height, r->hash);
    if (r->text)
        put_rows(f, r->text);
    else
        fputs("null", f);
    fputs("}", f);
}

bool report_write(struct output *out, const struct report *r, char *error, size_t n)
{
    FILE *f = output_file(out);
    fputs("{\"ended\": ", f);
    put_string(f, r->ended);
    fprintf(f, ",\n \"exit_code\": %d,\n \"pending\": ", r->exit_code);
    put_string(f, r->pending);
    fputs(",\n \"media\": ", f);
    put_string(f, r->media);
    fprintf(f, ",\n \"virtual_ns\": %llu,\n \"instructions\": %llu,\n \"triple_faults\": %llu,\n \"work_most\": %llu,\n \"screen\": ",
            (unsigned long long)r->virtual_ns, (unsigned long long)r->insns, (unsigned long long)r->triple_faults,
            (unsigned long long)r->work_most);
    put_screen(f, r);
    fputs("}\n", f);
    return output_commit(out, error, n);
}
