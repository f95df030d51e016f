/* t_fw_cfg.c - the firmware configuration device: items, files, DMA, and the ACPI tables in it. */
#include <setjmp.h>
#include <stdarg.h>
#include "../../support/fake_machine.h"
#include "../../../iodev/firmware/acpi.h"
#include "../../../iodev/firmware/fw_cfg.h"
#include <cmocka.h>

enum { SELECT = 0x510, DATA = 0x511, DMA_HIGH = 0x514, DMA_LOW = 0x518, AT = 0x1000 };

struct board { struct machine *m; struct fw_cfg *fw; };

static int set_up(void **state)
{
    struct board *b = xcalloc(1, sizeof *b);
    b->m = fake_new(1 << 20);
    b->fw = fw_cfg_new(b->m, SELECT);
    fake_reset(b->m);
    *state = b;
    return 0;
}

static void read_item(struct board *b, u16 key, u8 *to, int n)
{
    fake_out16(b->m, SELECT, key);
    while (n--)
        *to++ = fake_in8(b->m, DATA);
}

static u32 big32(const u8 *p) { return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3]; }
static void put_big32(u8 *p, u32 v) { p[0] = (u8)(v >> 24), p[1] = (u8)(v >> 16), p[2] = (u8)(v >> 8), p[3] = (u8)v; }

/* Run a descriptor; the control word afterwards. */
static u32 dma(struct board *b, u32 control, u32 length, u32 address)
{
    u8 *d = fake_ram(b->m) + AT;
    put_big32(d, control);
    put_big32(d + 4, length);
    put_big32(d + 8, 0);
    put_big32(d + 12, address);
    fake_out32(b->m, DMA_HIGH, 0);
    fake_out32(b->m, DMA_LOW, swap32(AT));
    return big32(d);
}

static void test_fixed(void **state)
{
    struct board *b = *state;
    u8 v[8];
    read_item(b, FW_CFG_SIGNATURE, v, 5);
    assert_memory_equal(v, "QEMU\0", 5);                /* zeros behind the end */
    read_item(b, FW_CFG_ID, v, 4);
    assert_int_equal(get32(v), 3);
    fw_cfg_add_u16(b->fw, FW_CFG_NB_CPUS, 0x1234);
    fw_cfg_add_u64(b->fw, FW_CFG_RAM_SIZE, 0x123456789ab);
    read_item(b, FW_CFG_NB_CPUS, v, 2);
    assert_int_equal(get16(v), 0x1234);
    read_item(b, FW_CFG_RAM_SIZE, v, 8);
    assert_true(get64(v) == 0x123456789ab);
    read_item(b, 0x1fff, v, 2);
    assert_int_equal(get16(v), 0);
}

static void test_files(void **state)
{
    struct board *b = *state;
    u8 v[4 + 128];
    fw_cfg_add_file(b->fw, "etc/one", "abc", 3);
    fw_cfg_add_file(b->fw, "etc/two", "defgh", 5);
    fw_cfg_add_file(b->fw, "etc/one", "xyz!", 4);       /* again: replaced */
    read_item(b, FW_CFG_FILE_DIR, v, sizeof v);
    assert_int_equal(big32(v), 2);
    assert_int_equal(big32(v + 4), 4);
    assert_int_equal(v[8] << 8 | v[9], FW_CFG_FILE_FIRST);
    assert_string_equal((char *)v + 12, "etc/one");
    assert_int_equal(big32(v + 68), 5);
    assert_string_equal((char *)v + 76, "etc/two");
    read_item(b, FW_CFG_FILE_FIRST, v, 4);
    assert_memory_equal(v, "xyz!", 4);
    read_item(b, FW_CFG_FILE_FIRST + 1, v, 5);
    assert_memory_equal(v, "defgh", 5);
}

static void test_dma(void **state)
{
    struct board *b = *state;
    u8 *ram = fake_ram(b->m);
    assert_int_equal(fake_in32(b->m, DMA_HIGH), 0x554d4551);    /* "QEMU" */
    assert_int_equal(fake_in32(b->m, DMA_LOW), 0x47464320);     /* " CFG" */
    fw_cfg_add_file(b->fw, "etc/x", "0123456789", 10);
    memset(ram + 0x2000, 0xff, 32);
    assert_int_equal(dma(b, FW_CFG_FILE_FIRST << 16 | 8 | 2, 4, 0x2000), 0);    /* select, read */
    assert_memory_equal(ram + 0x2000, "0123\xff", 5);
    assert_int_equal(dma(b, 4, 2, 0), 0);                                       /* skip */
    assert_int_equal(dma(b, 2, 6, 0x2010), 0);
    assert_memory_equal(ram + 0x2010, "6789\0\0\xff", 7);                       /* zeros behind the end */
    assert_int_equal(dma(b, 16, 4, 0x2000), 1);                                 /* write: error */
    assert_memory_equal(ram + 0x2000, "0123", 4);
    assert_int_equal(dma(b, FW_CFG_FILE_FIRST << 16 | 8, 0, 0), 0);             /* select alone */
    assert_int_equal(fake_in8(b->m, DATA), '0');
}

static void test_dma_nonsense(void **state)
{
    struct board *b = *state;
    dma(b, FW_CFG_FILE_FIRST << 16 | 8 | 2, 0xffffffff, 0x2000);
    dma(b, FW_CFG_FILE_FIRST << 16 | 8 | 4, 0xffffffff, 0x2000);
    fake_out32(b->m, DMA_HIGH, 0xffffffff);
    fake_out32(b->m, DMA_LOW, 0xf0ffffff);
    assert_true(fake_log_lines(b->m) > 0);
}

/* A long DMA is cut, takes time, and is done when its OUT has ended; into nowhere it is not slower; a reset ends it. */
static void test_dma_is_cut(void **state)
{
    enum { SIZE = 600001, TO = 0x10003 };
    struct board *b = *state;
    u8 *item = xcalloc(1, SIZE), *ram = fake_ram(b->m);
    for (u32 k = 0; k < SIZE; k++)
        item[k] = (u8)(k * 7 >> 3);
    fw_cfg_add_file(b->fw, "etc/long", item, SIZE);
    memset(ram + TO, 0xee, SIZE + 101);
    fake_work_most(b->m);
    assert_int_equal(dma(b, FW_CFG_FILE_FIRST << 16 | 8 | 2, SIZE + 100, TO), 0);
    assert_int_equal(machine_now(b->m), (SIZE + 100) / 8192 * 2000 + 2000);     /* a piece ends with the item */
    assert_memory_equal(ram + TO, item, SIZE);
    for (int k = 0; k < 100; k++)
        assert_int_equal(ram[TO + SIZE + k], 0);
    assert_int_equal(ram[TO + SIZE + 100], 0xee);
    u64 from = machine_now(b->m);
    assert_int_equal(dma(b, FW_CFG_FILE_FIRST << 16 | 8 | 2, 8192, TO), 0);
    assert_int_equal(machine_now(b->m), from);
    assert_int_equal(dma(b, 2, 0xffffffff, 0xe0000000), 0);                     /* the rest, then zeros, beyond all memory */
    assert_in_range(fake_work_most(b->m), 16, 64);
    put_big32(ram + AT, 2);
    put_big32(ram + AT + 4, 0x100000);
    fake_out32(b->m, DMA_HIGH, 0);
    space_write(machine_ports(b->m), DMA_LOW, swap32(AT), 4);
    fake_reset(b->m);
    assert_int_equal(fake_next_timer(b->m), TIMER_OFF);
    assert_int_equal(big32(ram + AT), 2);
    assert_int_equal(dma(b, FW_CFG_FILE_FIRST << 16 | 8 | 2, 4, TO), 0);
    free(item);
}

/* Into registers: by doublewords, so many in a piece that it stays bounded. */
static void count_write(void *dev, u64 offset, u64 value, int size)
{
    (void)offset, (void)value, (void)size;
    ++*(u32 *)dev;
}

static void test_dma_into_registers(void **state)
{
    struct board *b = *state;
    u32 accesses = 0;
    mmio_claim(b->m, "registers", 0x200000, 0x10000, 4, NULL, count_write, &accesses);
    fake_work_most(b->m);
    assert_int_equal(dma(b, FW_CFG_SIGNATURE << 16 | 8 | 2, 0x20000, 0x1fff00), 0);
    assert_int_equal(accesses, 0x10000 / 4);
    assert_in_range(fake_work_most(b->m), 2048, WORK_CALL_MAX);
}

/* Find a file in the directory by name; its size. */
static u32 find_file(struct board *b, const char *name, u16 *key)
{
    u8 v[4 + 64 * 16];
    read_item(b, FW_CFG_FILE_DIR, v, sizeof v);
    for (u32 k = 0; k < big32(v) && k < 16; k++) {
        const u8 *e = v + 4 + 64 * k;
        if (!strcmp((const char *)e + 8, name)) {
            *key = (u16)(e[4] << 8 | e[5]);
            return big32(e);
        }
    }
    fail_msg("no file %s", name);
    return 0;
}

struct blob { char name[56]; u8 *data; u32 size; u32 base; };

static struct blob *blob_of(struct blob *blobs, int n, const char *name)
{
    for (int k = 0; k < n; k++)
        if (!strcmp(blobs[k].name, name))
            return &blobs[k];
    fail_msg("the script names %s", name);
    return NULL;
}

static u8 sum(const u8 *p, u32 n)
{
    u8 s = 0;
    while (n--)
        s = (u8)(s + *p++);
    return s;
}

/* Do what the firmware does with the script; then follow the pointers. */
static void test_acpi(void **state)
{
    struct board *b = *state;
    struct blob blobs[2];
    u8 script[128 * 32];
    int n = 0;
    u16 key;
    acpi_add(b->fw, &(struct acpi_config) { .pm_base = 0x600, .sci_irq = 9, .pci_hole = 0x8000000 });
    u32 size = find_file(b, "etc/table-loader", &key);
    assert_true(size % 128 == 0 && size <= sizeof script);
    read_item(b, key, script, (int)size);
    for (u8 *e = script; e < script + size; e += 128) {
        if (get32(e) == 1) {
            struct blob *f = &blobs[n++];
            memcpy(f->name, e + 4, 56);
            f->size = find_file(b, f->name, &key);
            f->data = xcalloc(f->size, 1);
            f->base = 0x7000000u + 0x100000u * (u32)n;
            read_item(b, key, f->data, (int)f->size);
        } else if (get32(e) == 2) {
            u8 *at = blob_of(blobs, n, (char *)e + 4)->data + get32(e + 116);
            put32(at, get32(at) + blob_of(blobs, n, (char *)e + 60)->base);
        } else {
            struct blob *f = blob_of(blobs, n, (char *)e + 4);
            f->data[get32(e + 60)] = (u8)-sum(f->data + get32(e + 64), get32(e + 68));
        }
    }
    struct blob *t = blob_of(blobs, n, "etc/acpi/tables"), *r = blob_of(blobs, n, "etc/acpi/rsdp");
    assert_memory_equal(r->data, "RSD PTR ", 8);
    assert_int_equal(sum(r->data, 20), 0);
    u8 *rsdt = t->data + (get32(r->data + 16) - t->base);
    assert_memory_equal(rsdt, "RSDT", 4);
    assert_int_equal(sum(rsdt, get32(rsdt + 4)), 0);
    u8 *fadt = t->data + (get32(rsdt + 36) - t->base);
    assert_memory_equal(fadt, "FACP", 4);
    assert_int_equal(get32(fadt + 4), 244);
    assert_int_equal(sum(fadt, 244), 0);
    assert_int_equal(get32(fadt + 76), 0x608);
    u8 *dsdt = t->data + (get32(fadt + 40) - t->base), *facs = t->data + (get32(fadt + 36) - t->base);
    assert_memory_equal(dsdt, "DSDT", 4);
    assert_int_equal(sum(dsdt, get32(dsdt + 4)), 0);
    assert_memory_equal(facs, "FACS", 4);
    assert_int_equal((facs - t->data) % 64, 0);
    for (int k = 0; k < n; k++)
        free(blobs[k].data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fixed, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_files, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_dma, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_dma_nonsense, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_dma_is_cut, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_dma_into_registers, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(test_acpi, set_up, fake_tear_down),
        cmocka_unit_test_setup_teardown(fake_test_fields, set_up, fake_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
