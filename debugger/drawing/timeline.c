/* timeline.c - what happened when. See drawing.h. */
#include "drawing.h"

enum { PARTS = 64, NAMES = 22 };

/* A place in the time, in parts of `parts`. */
static int place(const struct timeline *t, u64 ns, int parts)
{
    u64 span = t->last > t->first ? t->last - t->first : 1, at = ns > t->first ? ns - t->first : 0;
    int k = (int)((double)at / (double)span * parts);
    return k < parts ? k : parts - 1;
}

static void ms_print(u64 ns, FILE *out)
{
    fprintf(out, "%llu.%06llu ms", (unsigned long long)(ns / 1000000), (unsigned long long)(ns % 1000000));
}

/* The mode of most of a part is its beginning's; changes within are shown as *. */
static void spans_print(const struct timeline *t, FILE *out)
{
    char line[PARTS + 1];
    size_t k = 0;
    memset(line, ' ', PARTS);
    line[PARTS] = 0;
    for (int part = 0; part < PARTS; part++) {
        int changes = 0;
        while (k < t->spans && place(t, t->span[k].ns, PARTS) <= part) {
            k++;
            changes++;
        }
        if (k)
            line[part] = changes > 1 ? '*' : *t->span[k - 1].name;
    }
    fprintf(out, "%-*s %s\n", NAMES, "mode", line);
}

static void lane_print(const struct timeline *t, size_t lane, FILE *out)
{
    u32 count[PARTS] = { 0 }, all = 0;
    for (size_t k = 0; k < t->marks; k++)
        if (t->mark[k].lane == lane) {
            count[place(t, t->mark[k].ns, PARTS)]++;
            all++;
        }
    fprintf(out, "%-*s ", NAMES, t->lane[lane].name);
    for (int k = 0; k < PARTS; k++)
        fputc(!count[k] ? '.' : count[k] > 9 ? '#' : (int)('0' + count[k]), out);
    fprintf(out, " %u\n", all);
}

void timeline_print(const struct timeline *t, FILE *out)
{
    if (!t->marks && !t->spans) {
        fputs("nothing happened yet\n", out);
        return;
    }
    fprintf(out, "%-*s ", NAMES, "from, to, a column");
    ms_print(t->first, out);
    fputs(", ", out);
    ms_print(t->last, out);
    fputs(", ", out);
    ms_print((t->last - t->first) / PARTS, out);
    fputc('\n', out);
    spans_print(t, out);
    for (size_t k = 0; k < t->lanes; k++)
        lane_print(t, k, out);
    fputs("mode: r real, p protected, v virtual-8086, s SMM, * several; then how many in each column\n", out);
}

/* ---- the picture ---- */

enum { LEFT = 170, WIDTH = 900, TOP = 40, LANE = 22, TICKS = 9 };

static int x_of(const struct timeline *t, u64 ns) { return LEFT + place(t, ns, WIDTH); }

static const char *colour(char mode)
{
    return mode == 'r' ? "#f3e2b3" : mode == 'p' ? "#c9dcf0" : mode == 'v' ? "#cde8c9" : "#f0c9c9";
}

static void spans_draw(const struct timeline *t, FILE *svg)
{
    fprintf(svg, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">mode</text>\n", LEFT - 8, TOP + 14);
    for (size_t k = 0; k < t->spans; k++) {
        int from = x_of(t, t->span[k].ns), to = k + 1 < t->spans ? x_of(t, t->span[k + 1].ns) : LEFT + WIDTH;
        const char *name = t->span[k].name;
        fprintf(svg, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", from, TOP, to > from ? to - from : 1, LANE - 4,
                colour(*name));
        if (to - from > 8 * (int)strlen(name))
            fprintf(svg, "<text x=\"%d\" y=\"%d\">%s</text>\n", from + 4, TOP + 13, name);
    }
}

static void text_escaped(const char *text, FILE *svg)
{
    for (; *text; text++)
        if (*text == '<' || *text == '&')
            fputs(*text == '<' ? "&lt;" : "&amp;", svg);
        else
            fputc(*text, svg);
}

static void lane_draw(const struct timeline *t, size_t lane, FILE *svg)
{
    int y = TOP + LANE * ((int)lane + 1), last = -1;
    u32 all = 0;
    fprintf(svg, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", LEFT - 8, y + 14);
    text_escaped(t->lane[lane].name, svg);
    fprintf(svg, "</text>\n<path d=\"M%d %dH%d\" stroke=\"#ccc\"/>\n<path stroke=\"#335\" d=\"", LEFT, y + LANE - 6, LEFT + WIDTH);
    for (size_t k = 0; k < t->marks; k++) {
        int x = x_of(t, t->mark[k].ns);
        if (t->mark[k].lane != lane)
            continue;
        all++;
        if (x != last)
            fprintf(svg, "M%d %dV%d", x, y + 2, y + LANE - 6);
        last = x;
    }
    fprintf(svg, "\"/>\n<text x=\"%d\" y=\"%d\" fill=\"#666\">%u</text>\n", LEFT + WIDTH + 6, y + 14, all);
}

void timeline_draw(const struct timeline *t, FILE *svg)
{
    int bottom = TOP + LANE * ((int)t->lanes + 1);
    fprintf(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"monospace\" font-size=\"11\">\n",
            LEFT + WIDTH + 60, bottom + 40);
    fprintf(svg, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n<text x=\"%d\" y=\"24\" font-size=\"14\">", LEFT);
    ms_print(t->first, svg);
    fputs(" to ", svg);
    ms_print(t->last, svg);
    fputs("</text>\n", svg);
    spans_draw(t, svg);
    for (size_t k = 0; k < t->lanes; k++)
        lane_draw(t, k, svg);
    for (int k = 0; k < TICKS; k++) {
        int x = LEFT + WIDTH * k / (TICKS - 1);
        fprintf(svg, "<path d=\"M%d %dv5\" stroke=\"#444\"/>\n<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%.3f</text>\n", x,
                bottom + 2, x, bottom + 20, ((double)t->first + (double)(t->last - t->first) * k / (TICKS - 1)) / 1e6);
    }
    fputs("</svg>\n", svg);
}
