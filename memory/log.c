/* log.c - see log.h. The sites already seen are a set of string addresses, kept per log. */
#include "log.h"
#include <stdarg.h>
#include <stdio.h>

enum { SITES = 4096 };

struct log {
    u32 selected;
    u32 sites_used;
    const char *sites[SITES];
    void (*out)(void *to, const char *text);
    void *to;
};

struct class_row { const char *name, *title; };
static const struct class_row classes[LOG_CLASSES] = {
    [LOG_INT]    = { "int",    "interrupts and exceptions as they are delivered" },
    [LOG_GUEST]  = { "guest",  "what the guest does against the manual (once a place unless named)" },
    [LOG_UNIMP]  = { "unimp",  "what the guest wants and Vitrine lacks (once a place unless named)" },
    [LOG_IO]     = { "io",     "every port and memory-mapped register access" },
    [LOG_PCI]    = { "pci",    "PCI configuration" },
    [LOG_DISK]   = { "disk",   "disk, CD and floppy commands" },
    [LOG_VGA]    = { "vga",    "display modes" },
    [LOG_INPUT]  = { "input",  "keyboard and mouse" },
    [LOG_SERIAL] = { "serial", "serial ports" },
    [LOG_TIMER]  = { "timer",  "timers and the real-time clock" },
    [LOG_DMA]    = { "dma",    "DMA transfers" },
    [LOG_POWER]  = { "power",  "reset and power management" },
    [LOG_SMM]    = { "smm",    "system management mode" },
};

struct log *log_new(void) { return xcalloc(1, sizeof(struct log)); }
void log_free(struct log *log) { free(log); }

const char *log_class_name(int class) { return class >= 0 && class < LOG_CLASSES ? classes[class].name : NULL; }
const char *log_class_title(int class) { return class >= 0 && class < LOG_CLASSES ? classes[class].title : NULL; }

static u32 class_bits(const char *word, size_t n)
{
    if (n == 3 && !memcmp(word, "all", 3))
        return (1u << LOG_CLASSES) - 1;
    for (int k = 0; k < LOG_CLASSES; k++)
        if (strlen(classes[k].name) == n && !memcmp(word, classes[k].name, n))
            return 1u << k;
    return 0;
}

bool log_select(struct log *log, const char *list, char *bad, size_t size)
{
    while (*list) {
        size_t n = strcspn(list, ",");
        bool off = *list == '-';
        u32 bits = class_bits(list + off, n - off);
        if (n == 4 && !memcmp(list, "none", 4)) {
            log->selected = 0;
        } else if (!bits) {
            snprintf(bad, size, "%.*s", (int)n, list);
            return false;
        }
        log->selected = off ? log->selected & ~bits : log->selected | bits;
        list += n + (list[n] == ',');
    }
    return true;
}

void log_redirect(struct log *log, void (*out)(void *to, const char *text), void *to)
{
    log->out = out;
    log->to = to;
}

bool log_on(const struct log *log, enum log_class class) { return log->selected >> class & 1; }

/* True the first time a site is seen; always false once the set is full. */
static bool first_time(struct log *log, const char *site)
{
    u32 h = 2166136261u;
    for (const char *p = site; *p; p++)
        h = (h ^ (u8)*p) * 16777619u;
    for (u32 k = 0; k < SITES; k++) {
        const char **slot = &log->sites[(h + k) % SITES];
        if (*slot && strcmp(*slot, site))
            continue;
        if (*slot || log->sites_used >= SITES * 3 / 4)
            return false;
        *slot = site;
        log->sites_used++;
        return true;
    }
    return false;
}

void log_at(struct log *log, enum log_class class, const char *site, const char *fmt, ...)
{
    char text[512];
    if (!log_on(log, class)) {
        if ((class != LOG_GUEST && class != LOG_UNIMP) || !first_time(log, site))
            return;
    }
    int n = snprintf(text, sizeof text, "%s: ", classes[class].name);
    va_list args;
    va_start(args, fmt);
    vsnprintf(text + n, sizeof text - (size_t)n, fmt, args);
    va_end(args);
    if (log->out)
        log->out(log->to, text);
    else
        fprintf(stderr, "%s\n", text);
}
