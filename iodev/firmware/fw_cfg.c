/* fw_cfg.c - the firmware configuration device, as QEMU's documentation ("QEMU Firmware Configuration (fw_cfg) Device")
 * specifies it for guests.
 * Here: selector, data and DMA registers; the file directory. Items are read-only to the guest. DMA of more than a few kilobytes
 * takes time, in which the processor waits: when the OUT that starts it has ended, it is done.
 * Not yet: items that the guest writes (etc/vmgenid and its like). */
#include "fw_cfg.h"

enum { FILES_MAX = 64, NAME_SIZE = 56, ENTRY_SIZE = 64 };
enum { ID_TRADITIONAL = 1, ID_DMA = 2 };
enum { DMA_ERROR = 1, DMA_READ = 2, DMA_SKIP = 4, DMA_SELECT = 8, DMA_WRITE = 16 };
/* What the DMA address register reads as: "QEMU CFG". */
static const u8 dma_signature[8] = { 'Q', 'E', 'M', 'U', ' ', 'C', 'F', 'G' };

struct item {
    u8 *data;
    u32 size;
    u16 key;
    struct item *next;
};

struct fw_cfg {
    struct device dev;
    struct item *items;
    char name[FILES_MAX][NAME_SIZE];
    int files;
    struct timer dma;
    struct fw_cfg_state {
        u64 dma_to, dma_descriptor;             /* of the DMA that is under way */
        u32 dma_left;                           /* bytes that it still has to move */
        u32 offset;                             /* in the selected item */
        u16 selected;
        u8 pad[6];
        u8 dma_address[8];                      /* as written: big-endian */
    } s;
};

static const struct field fields[] = {
    FIELD(struct fw_cfg_state, dma_to),
    FIELD(struct fw_cfg_state, dma_descriptor),
    FIELD(struct fw_cfg_state, dma_left),
    FIELD(struct fw_cfg_state, offset),
    FIELD(struct fw_cfg_state, selected),
    FIELD_ARRAY(struct fw_cfg_state, pad),
    FIELD_ARRAY(struct fw_cfg_state, dma_address),
    FIELD_END
};

static void put_big16(u8 *at, u16 v) { at[0] = (u8)(v >> 8), at[1] = (u8)v; }
static void put_big32(u8 *at, u32 v) { put_big16(at, (u16)(v >> 16)), put_big16(at + 2, (u16)v); }
static u32 big32(const u8 *at) { return (u32)at[0] << 24 | (u32)at[1] << 16 | (u32)at[2] << 8 | at[3]; }
static u64 big64(const u8 *at) { return (u64)big32(at) << 32 | big32(at + 4); }

/* ---- items ---- */

static struct item *find(const struct fw_cfg *fw, u16 key)
{
    struct item *i = fw->items;
    while (i && i->key != key)
        i = i->next;
    return i;
}

void fw_cfg_add(struct fw_cfg *fw, u16 key, const void *data, size_t size)
{
    struct item *i = find(fw, key);
    assert(size <= UINT32_MAX);
    if (!i) {
        i = xcalloc(1, sizeof *i);
        i->key = key;
        i->next = fw->items;
        fw->items = i;
    }
    free(i->data);
    i->data = xcalloc(size, 1);
    i->size = (u32)size;
    if (size)
        memcpy(i->data, data, size);
}

void fw_cfg_add_u16(struct fw_cfg *fw, u16 key, u16 value)
{
    u8 bytes[2];
    put16(bytes, value);
    fw_cfg_add(fw, key, bytes, sizeof bytes);
}

static void fw_cfg_add_u32(struct fw_cfg *fw, u16 key, u32 value)
{
    u8 bytes[4];
    put32(bytes, value);
    fw_cfg_add(fw, key, bytes, sizeof bytes);
}

void fw_cfg_add_u64(struct fw_cfg *fw, u16 key, u64 value)
{
    u8 bytes[8];
    put64(bytes, value);
    fw_cfg_add(fw, key, bytes, sizeof bytes);
}

/* The directory: a count, then size, selector and name of each file; numbers big-endian. */
static void make_directory(struct fw_cfg *fw)
{
    u8 *directory = xcalloc(1, (size_t)4 + ENTRY_SIZE * (size_t)fw->files);
    put_big32(directory, (u32)fw->files);
    for (int k = 0; k < fw->files; k++) {
        u8 *at = directory + 4 + ENTRY_SIZE * k;
        u16 key = (u16)(FW_CFG_FILE_FIRST + k);
        put_big32(at, find(fw, key)->size);
        put_big16(at + 4, key);
        memcpy(at + 8, fw->name[k], NAME_SIZE);
    }
    fw_cfg_add(fw, FW_CFG_FILE_DIR, directory, (size_t)4 + ENTRY_SIZE * (size_t)fw->files);
    free(directory);
}

void fw_cfg_add_file(struct fw_cfg *fw, const char *name, const void *data, size_t size)
{
    int k = 0;
    assert(strlen(name) < NAME_SIZE);
    while (k < fw->files && strcmp(fw->name[k], name))
        k++;
    assert(k < FILES_MAX);
    if (k == fw->files) {
        memcpy(fw->name[k], name, strlen(name) + 1);
        fw->files++;
    }
    fw_cfg_add(fw, (u16)(FW_CFG_FILE_FIRST + k), data, size);
    make_directory(fw);
}

/* ---- the registers ---- */

/* Bit 14 asks for writing: there is nothing to write. */
static void select_item(struct fw_cfg *fw, u16 key)
{
    fw->s.selected = key & 0xbfff;
    fw->s.offset = 0;
}

static u8 next_byte(struct fw_cfg *fw)
{
    const struct item *i = find(fw, fw->s.selected);
    return i && fw->s.offset < i->size ? i->data[fw->s.offset++] : 0;
}

static u64 data_read(void *dev, u64 offset, int size)
{
    struct fw_cfg *fw = dev;
    return offset == 1 && size == 1 ? next_byte(fw) : mask_bytes(size);
}

static void select_write(void *dev, u64 offset, u64 value, int size)
{
    if (offset == 0 && size == 2)
        select_item(dev, (u16)value);
}

enum { DMA_AT_ONCE = 8192, DMA_NS = 2000 };     /* so many bytes take so long, but the first take none */
enum { ZEROS_MANY = 1 << 20 };                  /* more behind an item's end nobody means to ask for */

/* Bytes of the selected item that are left; what lies behind its end reads as zeros. */
static u32 item_left(const struct fw_cfg *fw, const u8 **from)
{
    const struct item *i = find(fw, fw->s.selected);
    u32 left = i && fw->s.offset < i->size ? i->size - fw->s.offset : 0;
    *from = left ? i->data + fw->s.offset : NULL;
    return left;
}

static void skip(struct fw_cfg *fw, u32 length)
{
    const u8 *from;
    u32 left = item_left(fw, &from);
    fw->s.offset += left < length ? left : length;
}

static void dma_piece(struct fw_cfg *fw)
{
    static const u8 zeros[DMA_AT_ONCE];
    const u8 *from;
    u32 left = item_left(fw, &from), n = fw->s.dma_left < DMA_AT_ONCE ? fw->s.dma_left : DMA_AT_ONCE;
    if (!left)
        from = zeros;
    else if (n > left)
        n = left;
    if (n)
        dma_write(fw->dev.machine, fw->s.dma_to, from, n);
    skip(fw, n);
    fw->s.dma_to += n;
    fw->s.dma_left -= n;
}

/* The descriptor's control word is the answer. */
static void dma_ends(struct fw_cfg *fw, u32 result)
{
    u8 answer[4];
    put_big32(answer, result);
    dma_write(fw->dev.machine, fw->s.dma_descriptor, answer, sizeof answer);
}

static void dma_goes_on(void *dev)
{
    struct fw_cfg *fw = dev;
    dma_piece(fw);
    if (fw->s.dma_left) {
        timer_set(&fw->dma, machine_now(fw->dev.machine) + DMA_NS);
        return;
    }
    dma_ends(fw, 0);
    machine_hold(fw->dev.machine, false);
}

/* The descriptor: control, length, address, big-endian. */
static void dma_run(struct fw_cfg *fw)
{
    struct machine *m = fw->dev.machine;
    u64 at = fw->s.dma_descriptor = big64(fw->s.dma_address);
    u8 d[16];
    dma_read(m, at, d, sizeof d);
    u32 control = big32(d), length = big32(d + 4), result = 0;
    memset(fw->s.dma_address, 0, sizeof fw->s.dma_address);
    if (control & DMA_SELECT)
        select_item(fw, (u16)(control >> 16));
    if ((control & DMA_WRITE) && !(control & DMA_READ)) {
        dev_log(&fw->dev, "guest", "fw_cfg: write of item %#x", fw->s.selected);
        result = DMA_ERROR;
    } else if (control & DMA_READ) {
        const u8 *from;
        u32 left = item_left(fw, &from);
        if (length > left && length - left > ZEROS_MANY)
            dev_log(&fw->dev, "guest", "fw_cfg: DMA of %u bytes more than item %#x has", length - left, fw->s.selected);
        fw->s.dma_to = big64(d + 8);
        fw->s.dma_left = length;
        dma_piece(fw);
        if (fw->s.dma_left) {
            machine_hold(m, true);
            timer_set(&fw->dma, machine_now(m) + DMA_NS);
            return;
        }
    } else if (control & DMA_SKIP) {
        skip(fw, length);
    }
    dma_ends(fw, result);
}

static u64 dma_port_read(void *dev, u64 offset, int size)
{
    u64 value = 0;
    (void)dev;
    for (int k = 0; k < size; k++)
        value |= (u64)dma_signature[(offset + (u64)k) & 7] << (8 * k);
    return value;
}

/* The low half comes last and starts the transfer. */
static void dma_port_write(void *dev, u64 offset, u64 value, int size)
{
    struct fw_cfg *fw = dev;
    for (int k = 0; k < size; k++)
        fw->s.dma_address[(offset + (u64)k) & 7] = (u8)(value >> (8 * k));
    if (offset + (u64)size == 8 && !fw->s.dma_left)
        dma_run(fw);
}

static void fw_cfg_reset(void *dev)
{
    struct fw_cfg *fw = dev;
    memset(&fw->s, 0, sizeof fw->s);
    timer_set(&fw->dma, TIMER_OFF);
}

static void fw_cfg_free(void *dev)
{
    struct fw_cfg *fw = dev;
    for (struct item *i = fw->items, *next; i; i = next) {
        next = i->next;
        free(i->data);
        free(i);
    }
}

static const char *item_name(const struct fw_cfg *fw, u16 key)
{
    if (key >= FW_CFG_FILE_FIRST && key - FW_CFG_FILE_FIRST < fw->files)
        return fw->name[key - FW_CFG_FILE_FIRST];
    return key == FW_CFG_FILE_DIR ? "the directory" : "an item of its own";
}

static void describe(const void *dev, FILE *out)
{
    const struct fw_cfg *fw = dev;
    const struct item *i = find(fw, fw->s.selected);
    tell_line(out, "selected", "%04x, %s%s", fw->s.selected, item_name(fw, fw->s.selected), i ? "" : ": there is no such item");
    tell_line(out, "offset", "%x of %x", fw->s.offset, i ? i->size : 0);
    if (fw->s.dma_left)
        tell_line(out, "DMA", "%x bytes left, to %llx", fw->s.dma_left, (unsigned long long)fw->s.dma_to);
    for (int k = 0; k < fw->files; k++)
        tell_line(out, k ? "" : "files", "%04x  %6u  %s", (unsigned)(FW_CFG_FILE_FIRST + k), find(fw, (u16)(FW_CFG_FILE_FIRST + k))->size,
                  fw->name[k]);
}

static const struct device_class fw_cfg_class = {
    .name = "fw_cfg",
    .title = "firmware configuration",
    .size = sizeof(struct fw_cfg),
    .state_offset = offsetof(struct fw_cfg, s),
    .state_size = sizeof(struct fw_cfg_state),
    .fields = fields,
    .reset = fw_cfg_reset,
    .describe = describe,
    .free = fw_cfg_free,
};

struct fw_cfg *fw_cfg_new(struct machine *m, u16 port)
{
    struct fw_cfg *fw = device_new(m, &fw_cfg_class, "fw_cfg");
    timer_init(m, &fw->dma, "fw_cfg.dma", dma_goes_on, fw);
    region_set_cost(port_claim(m, "fw_cfg", port, 2, 2, data_read, select_write, fw), BUS_PCI_NS);
    region_set_cost(port_claim(m, "fw_cfg.dma", (u16)(port + 4), 8, 4, dma_port_read, dma_port_write, fw), BUS_PCI_NS);
    fw_cfg_add(fw, FW_CFG_SIGNATURE, "QEMU", 4);
    fw_cfg_add_u32(fw, FW_CFG_ID, ID_TRADITIONAL | ID_DMA);
    make_directory(fw);
    return fw;
}
