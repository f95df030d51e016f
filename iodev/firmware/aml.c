/* aml.c - ACPI Specification 3.0, "ACPI Machine Language (AML) Specification": "Package Length Encoding", "Name Objects
 * Encoding", "Data Objects Encoding"; EISA Specification, "Product Identifier", for hardware identifiers. */
#include "aml.h"

enum { END_TAG = 0x79, PACKAGE_LENGTH_BYTES = 3 };

void aml_byte(struct aml *a, u8 b)
{
    if (a->size == a->capacity) {
        a->capacity = a->capacity ? 2 * a->capacity : 1024;
        a->data = xrealloc(a->data, a->capacity);
    }
    a->data[a->size++] = b;
}

void aml_bytes(struct aml *a, const void *bytes, size_t n)
{
    for (const u8 *p = bytes; n; n--)
        aml_byte(a, *p++);
}

void aml_number(struct aml *a, u32 v)
{
    u8 bytes[4];
    put32(bytes, v);
    if (v <= 1) {
        aml_byte(a, (u8)v);
        return;
    }
    int n = v <= 0xff ? 1 : v <= 0xffff ? 2 : 4;
    aml_byte(a, n == 1 ? AML_BYTE : n == 2 ? AML_WORD : AML_DWORD);
    aml_bytes(a, bytes, (size_t)n);
}

void aml_name(struct aml *a, const char *name)
{
    if (*name == '\\')
        aml_byte(a, (u8)*name++);
    for (int k = 0; k < 4; k++)
        aml_byte(a, *name ? (u8)*name++ : '_');
}

/* Always the three-byte form: lengths up to 1 MB, the length field included. */
size_t aml_open(struct aml *a)
{
    size_t at = a->size;
    for (int k = 0; k < PACKAGE_LENGTH_BYTES; k++)
        aml_byte(a, 0);
    return at;
}

void aml_close(struct aml *a, size_t at)
{
    size_t n = a->size - at;
    assert(n < 1 << 20);
    a->data[at] = (u8)((PACKAGE_LENGTH_BYTES - 1) << 6 | (n & 15));
    a->data[at + 1] = (u8)(n >> 4);
    a->data[at + 2] = (u8)(n >> 12);
}

static size_t open_named(struct aml *a, const char *name)
{
    size_t at = aml_open(a);
    aml_name(a, name);
    return at;
}

size_t aml_scope(struct aml *a, const char *name)
{
    aml_byte(a, AML_SCOPE);
    return open_named(a, name);
}

size_t aml_device(struct aml *a, const char *name)
{
    aml_byte(a, AML_EXT);
    aml_byte(a, AML_EXT_DEVICE);
    return open_named(a, name);
}

size_t aml_method(struct aml *a, const char *name, int flags)
{
    aml_byte(a, AML_METHOD);
    size_t at = open_named(a, name);
    aml_byte(a, (u8)flags);
    return at;
}

size_t aml_package(struct aml *a, int elements)
{
    aml_byte(a, AML_PACKAGE);
    size_t at = aml_open(a);
    aml_byte(a, (u8)elements);
    return at;
}

void aml_define(struct aml *a, const char *name)
{
    aml_byte(a, AML_NAME);
    aml_name(a, name);
}

void aml_define_number(struct aml *a, const char *name, u32 v)
{
    aml_define(a, name);
    aml_number(a, v);
}

/* Three letters of five bits, then four hexadecimal digits; big-endian. */
void aml_hid(struct aml *a, const char *id)
{
    u32 letters = (u32)(id[0] & 31) << 10 | (u32)(id[1] & 31) << 5 | (u32)(id[2] & 31);
    u32 digits = (u32)strtoul(id + 3, NULL, 16);
    aml_define(a, "_HID");
    aml_byte(a, AML_DWORD);
    aml_byte(a, (u8)(letters >> 8));
    aml_byte(a, (u8)letters);
    aml_byte(a, (u8)(digits >> 8));
    aml_byte(a, (u8)digits);
}

void aml_resources(struct aml *a, const char *name, const u8 *descriptors, size_t n)
{
    aml_define(a, name);
    aml_byte(a, AML_BUFFER);
    size_t at = aml_open(a);
    aml_number(a, (u32)n + 2);
    aml_bytes(a, descriptors, n);
    aml_byte(a, END_TAG);
    aml_byte(a, 0);                     /* no checksum */
    aml_close(a, at);
}
