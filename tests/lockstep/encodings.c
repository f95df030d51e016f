/* encodings.c - the opcode table (cpu/decode/rows.h) for the lock-step test, so that no row is forgotten.
 * Follows: Intel SDM Vol. 2, Appendix A "Opcode Map". */
#include "encodings.h"
#include <stdio.h>
#include <stdlib.h>

/* What user mode under a debugger cannot compare. */
static const struct { const char *mnemonic, *why; } left_out[] = {
    { "int3", "its SIGTRAP is that of a step" }, { "icebp", "its SIGTRAP is that of a step" },
    { "int", "a system call, or what the kernel's gates are" }, { "sysenter", "a system call" },
    { "hlt", "marks the end of the code" },
    { "cpuid", "the host is another processor" }, { "rdtsc", "time" }, { "rdpmc", "the kernel's choice" },
    { "sgdt", "the kernel's tables; UMIP" }, { "sidt", "the kernel's tables; UMIP" }, { "smsw", "UMIP" },
    { "sldt", "UMIP" }, { "str", "UMIP" },
    { "rsm", "the host runs under a hypervisor" },
};

static const char *reason(const struct row *row)
{
    if (row->mnemonic) {
        for (size_t i = 0; i < ARRAY_LEN(left_out); i++) {
            if (!strcmp(left_out[i].mnemonic, row->mnemonic))
                return left_out[i].why;
        }
    }
    return NULL;
}

/* Does it read a selector, or load a segment register? */
static bool is_segment(const struct encoding *n)
{
    static const char *const names[] = { "lar", "lsl", "verr", "verw", "les", "lds", "lss", "lfs", "lgs", "call far",
                                         "jmp far", "ret far", "iret" };
    for (size_t i = 0; n->row->mnemonic && i < ARRAY_LEN(names); i++) {
        if (!strcmp(names[i], n->row->mnemonic))
            return true;
    }
    return n->row->mnemonic
           && (n->operand[0] == Sw
               || (!strcmp(n->row->mnemonic, "pop") && operand_kind(n->operand[0]) == K_SEG));
}

static void add(struct encodings *e, struct encoding n)
{
    n.class = n.row->exceptions == EXCEPT_MMX ? CLASS_MMX : !n.two_byte && n.opcode >= 0xd8 && n.opcode <= 0xdf ? CLASS_X87
            : is_segment(&n) ? CLASS_SEGMENT : CLASS_INTEGER;
    n.left_out = reason(n.row);
    n.weight = n.left_out || !n.row->mnemonic ? 2 : n.memory && n.registers ? 8 : 3;
    if (n.class == CLASS_X87 && n.memory && n.row->mnemonic)
        n.weight = 12;
    if (n.left_out)
        n.weight = 0;
    if (n.row->attr & A_CPL0 || (n.row->mnemonic && n.row->attr & A_IO))
        n.weight = n.weight ? 1 : 0;
    if (n.opcode >= 0x40 && n.opcode < 0x60 && !n.two_byte)
        n.weight = 2;
    if (n.two_byte && n.opcode == 0xae && n.row->mnemonic)
        n.weight = 12;                                          /* FXSAVE, FXRSTOR: rarely where they may be */
    if (n.class == CLASS_X87 && n.opcode == 0xd9 && n.modrm >= 0xe0)
        n.weight = 12;                                          /* the functions */
    e->list = xrealloc(e->list, (size_t)(e->count + 1) * sizeof *e->list);
    e->list[e->count++] = n;
    e->weight[n.class] += n.weight;
}

/* Undefined rows of a group are worth trying where no later processor has filled them. */
static bool stays_undefined(int two_byte, int opcode, int index)
{
    if (!two_byte && (opcode == 0xdb || opcode == 0xdd || opcode == 0xdf) && index == 1)
        return false;                                           /* FISTTP: SSE3 */
    if (!two_byte)
        return opcode >= 0xd8 || opcode == 0xc6 || opcode == 0xc7;
    return opcode == 0x00 || opcode == 0xba || (opcode >= 0x71 && opcode <= 0x73 && index >= 0);
}

/* Ours is a P6: what earlier models have instead is not for this judge. */
static void collect(void *to, const struct row_place *p)
{
    bool group = p->reg >= 0;
    if (p->model || (!p->row->mnemonic && !(group && stays_undefined(p->two_bytes, p->opcode, p->modrm >= 0xc0 ? 8 : p->reg))))
        return;
    struct encoding n = { .row = p->row, .two_byte = p->two_bytes, .opcode = p->opcode, .reg = p->reg, .modrm = p->modrm,
                          .prefix = p->prefix, .alone = p->alone, .has_modrm = p->has_modrm, .memory = p->memory, .registers = p->registers,
                          .place = *p };
    memcpy(n.operand, p->operand, sizeof n.operand);
    if (!p->has_modrm)
        n.memory = n.registers = 1;
    add(to, n);
}

static void make_draws(struct encodings *e)
{
    u32 filled[ENCODING_CLASSES] = { 0 };
    for (int class = 0; class < ENCODING_CLASSES; class++)
        e->draw[class] = xcalloc(e->weight[class], sizeof *e->draw[class]);
    for (int i = 0; i < e->count; i++) {
        for (int k = 0; k < e->list[i].weight; k++)
            e->draw[e->list[i].class][filled[e->list[i].class]++] = (u16)i;
    }
}

void encodings_open(struct encodings *e)
{
    memset(e, 0, sizeof *e);
    rows_each(collect, e);
    make_draws(e);
}

void encodings_close(struct encodings *e)
{
    for (int class = 0; class < ENCODING_CLASSES; class++)
        free(e->draw[class]);
    free(e->list);
    e->list = NULL;
}

static void print_encoding(const struct encoding *n, const char *form, const char *why)
{
    char name[80];
    row_name(&n->place, name, sizeof name);
    printf("  %s%s: %s\n", name, form, why);
}

static int bits_of(u64 v) { return __builtin_popcountll(v); }

static const char *name_of(const struct encoding *n) { return n->row->mnemonic ? n->row->mnemonic : "(undefined)"; }

/* How many encodings that depend on it ran in each state of the flags, of x87's controls, of ST(0). */
static void report_states(const struct encodings *e, bool verbose)
{
    int readers = 0, flags = 0, x87 = 0, modes = 0, classes = 0, ran = 0, both = 0;
    for (int i = 0; i < e->count; i++) {
        const struct encoding *n = &e->list[i];
        if (n->left_out || !(n->made[0] + n->made[1]))
            continue;
        ran++;
        both += n->code_sizes == 3;
        readers += n->row->reads != 0;
        flags += n->row->reads && !~n->flag_states;
        if (verbose && n->row->reads && ~n->flag_states)
            printf("  %s: %d of 64 states of the flags\n", name_of(n), bits_of(n->flag_states));
        if (n->class != CLASS_X87)
            continue;
        x87++;
        modes += n->fpu_modes == 0xffff;
        classes += n->st0_classes == 0xff;
        if (verbose && (n->fpu_modes != 0xffff || n->st0_classes != 0xff))
            printf("  %02x %02x %s: %d of 16 rounding and precision modes, %d of 8 classes of ST(0)\n", n->opcode,
                   n->modrm, name_of(n), bits_of(n->fpu_modes), bits_of(n->st0_classes));
    }
    printf("lockstep: %d of %d encodings that read flags ran with all 64 states of them\n", flags, readers);
    printf("lockstep: of %d x87 encodings, %d ran with all 16 settings of rounding and precision, "
           "%d with all 8 classes of ST(0)\n", x87, modes, classes);
    printf("lockstep: %d of %d encodings ran in 16- and in 32-bit code\n", both, ran);
    printf("lockstep: %llu instructions with redundant prefixes, %llu longer than 15 bytes, %llu across two pages\n",
           (unsigned long long)e->redundant, (unsigned long long)e->too_long, (unsigned long long)e->crossing);
}

const char *place_name(enum place p)
{
    static const char *const names[PLACES] = { "a read-only page", "a read-only segment", "an expand-down segment", "a based segment" };
    return names[p];
}

/* Does its ModRM name memory that it reads or writes? */
static bool accesses_memory(const struct encoding *n)
{
    return n->has_modrm && n->memory && !n->left_out && n->row->mnemonic && !(n->row->attr & A_CPL0) && strcmp(n->row->mnemonic, "lea");
}

/* What fills the read-only page is no MXCSR that FXRSTOR takes (is_trouble). */
static bool can_meet(const struct encoding *n, int place, bool segments)
{
    return place == PLACE_READ_ONLY_PAGE ? strcmp(n->row->mnemonic, "fxrstor") != 0 : segments;
}

/* Memory operands: which encodings met what; how many forms met not everything. */
static int report_places(const struct encodings *e, bool segments, bool verbose)
{
    int all = 0, met[PLACES] = { 0 }, aligned = 0, missing = 0;
    for (int i = 0; i < e->count; i++) {
        const struct encoding *n = &e->list[i];
        if (!accesses_memory(n) || (n->class == CLASS_SEGMENT && !segments))
            continue;
        all++;
        aligned += n->alignments == 0xff;
        bool lacks = n->alignments != 0xff;
        for (int p = 0; p < PLACES; p++) {
            bool has = n->places >> p & 1;
            met[p] += has;
            lacks |= !has && can_meet(n, p, segments);
            if (!has && verbose && can_meet(n, p, segments))
                print_encoding(n, ", memory", place_name((enum place)p));
        }
        if (verbose && n->alignments != 0xff)
            print_encoding(n, ", memory", "not at every alignment");
        missing += lacks;
    }
    printf("lockstep: of %d encodings with a memory operand, %d met every alignment", all, aligned);
    for (int p = 0; p < (segments ? PLACES : PLACE_READ_ONLY_SEGMENT); p++)
        printf(", %d %s", met[p], place_name((enum place)p));
    putchar('\n');
    return missing;
}

int encodings_report(const struct encodings *e, bool segments, bool verbose)
{
    int missing = 0, made = 0, out = 0;
    for (int i = 0; i < e->count; i++) {
        const struct encoding *n = &e->list[i];
        bool registers = !n->has_modrm || n->registers, memory = n->has_modrm && n->memory;
        if (n->left_out) {
            out++;
            if (verbose)
                print_encoding(n, "", n->left_out);
            continue;
        }
        if (n->class == CLASS_SEGMENT && !segments)
            continue;
        made += n->made[0] || n->made[1];
        if (registers && !n->made[0]) {
            print_encoding(n, n->has_modrm ? ", registers" : "", "never generated");
            missing++;
        }
        if (memory && !n->made[1]) {
            print_encoding(n, ", memory", "never generated");
            missing++;
        }
    }
    report_states(e, verbose);
    int lacking = report_places(e, segments, verbose);
    printf(
        "lockstep: %d of %d encodings of the opcode table ran, %d left out with a reason, %d forms never generated\n",
        made, e->count, out, missing);
    return missing + lacking;
}

bool encodings_write(const struct encodings *e, const char *path)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return false;
    for (int i = 0; i < e->count; i++) {
        const struct encoding *n = &e->list[i];
        char name[80];
        row_name(&n->place, name, sizeof name);
        bool there = !n->row->feature || model_has(cpu_model_find("max"), (enum feature)n->row->feature);   /* the guest's; else it is #UD */
        if (n->row->mnemonic)
            fprintf(f, "%s\t%s\n", there && n->made[0] + n->made[1] ? "ran" : "-", name);
    }
    return !fclose(f);
}
