/* f_debugger.c - the debugger's commands, one a line, on a machine whose guest is in one of the modes. */
#include "case.h"
#include "guest.h"
#include "../../cpu/cpuid.h"
#include "../../debugger/cli/parts.h"
#include "../../iodev/machine/machine.h"
#include <stdio.h>

enum { COMMANDS_MAX = 40, GO_NS = 3000 };

static enum machine_stop go(void *to) { return machine_run(to, machine_now(to) + GO_NS); }

static bool change(void *to, const char *drive, const char *file, char *message, size_t n)
{
    (void)to;
    snprintf(message, n, "%s: %s", drive, file ? file : "out");
    return true;
}

/* Tells no difference between looking and not: everything but the commands that run or change. */
static bool looks(const char *line)
{
    static const char *const do_more[] = { "c", "s", "n", "t", "reset", "q", "change", "eject", "b", "d", "o", "lm", "loadmem" };
    char word[16];
    bool ambiguous;
    line += strspn(line, " \t");
    snprintf(word, sizeof word, "%.*s", (int)strcspn(line, " \t/"), line);
    const struct command *c = command_find(word, &ambiguous);
    if (c && (c->obey == do_in || (c->obey == do_print && strchr(line, '='))))
        return false;
    for (size_t k = 0; k < ARRAY_LEN(do_more); k++)
        if (!strncmp(word, do_more[k], 1))
            return false;
    return strncmp(word, "fi", 2) != 0;                     /* finish */
}

/* Who asks for a million lines gets them; a fuzzer does not need them. */
static bool long_winded(const char *line)
{
    const char *last = strrchr(line, ' '), *slash = strchr(line, '/');
    return (last && strlen(last) > 5 && is_digit(last[1])) || (slash && strspn(slash + 1, "0123456789") > 3);
}

/* No file of the host's is written or read. */
static bool of_files(const char *line)
{
    char word[16];
    bool ambiguous;
    line += strspn(line, " \t");
    snprintf(word, sizeof word, "%.*s", (int)strcspn(line, " \t/"), line);
    const struct command *c = command_find(word, &ambiguous);
    return c && strstr(c->arguments, "FILE");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct bytes b = { data, data + size };
    struct machine_config config = { .ram_size = GUEST_BYTES, .model = cpu_model_find("max"), .no_reboot = true };
    struct guest *g = xcalloc(1, sizeof *g);
    case_begin();
    case_quiet();
    struct machine *m = machine_new(&config);
    struct ram *ram = ram_new("ram", GUEST_BYTES);
    space_add_ram(machine_memory(m), "ram", 0, GUEST_BYTES, 0, ram, 0, true, REGION_READ | REGION_WRITE);
    machine_add_ram(m, ram);
    u8 head[6] = { take8(&b), take8(&b), take8(&b), take8(&b), 0, 0 };
    guest_read(g, &(struct bytes){ head, head + sizeof head }, machine_cpu(m));
    memcpy(ram->host, g->memory, GUEST_BYTES);
    memset(ram->host + GUEST_CODE, 0x40, 64);
    machine_cpu(m)->s = g->state;
    cpu_changed(machine_cpu(m));
    struct debugger *d = debugger_new(m);
    d->out = stdout;
    debugger_set_run(d, go, m);
    debugger_set_media(d, change, NULL);
    char *text = take_text(&b, 2048), *rest;
    int n = 0;
    for (char *line = strtok_r(text, "\n", &rest); line && n < COMMANDS_MAX; line = strtok_r(NULL, "\n", &rest), n++) {
        struct hash before = { { 0, 0 } }, after = { { 0, 0 } };
        machine_hash(m, &before);
        if (!long_winded(line) && !of_files(line))
            debugger_command(d, line);
        machine_hash(m, &after);
        case_check(!looks(line) || !memcmp(&before, &after, sizeof before), "the command '%s' changes the machine", line);
    }
    debugger_free(d);
    machine_free(m);
    ram_free(ram);
    free(text);
    free(g);
    case_end();
    return 0;
}
