/* aml.h - writes ACPI Machine Language, a term a function. */
#pragma once
#include "../../host/base.h"

/* Terms as ACPI Specification 3.0, "ACPI Machine Language (AML) Specification", names them. */
enum {
    AML_ZERO = 0x00, AML_ONE = 0x01, AML_NAME = 0x08, AML_BYTE = 0x0a, AML_WORD = 0x0b, AML_DWORD = 0x0c, AML_SCOPE = 0x10,
    AML_BUFFER = 0x11, AML_PACKAGE = 0x12, AML_METHOD = 0x14, AML_EXT = 0x5b, AML_LOCAL0 = 0x60, AML_ARG0 = 0x68,
    AML_STORE = 0x70, AML_DECREMENT = 0x76, AML_SHIFT_LEFT = 0x79, AML_AND = 0x7b, AML_OR = 0x7d,
    AML_FIND_SET_RIGHT_BIT = 0x82, AML_CREATE_WORD_FIELD = 0x8b, AML_IF = 0xa0, AML_RETURN = 0xa4,
    AML_EXT_OP_REGION = 0x80, AML_EXT_FIELD = 0x81, AML_EXT_DEVICE = 0x82
};
enum { AML_SERIALIZED = 0x08 };       /* method flag */

struct aml {
    u8 *data;
    size_t size, capacity;
};

void aml_byte(struct aml *a, u8 b);
void aml_bytes(struct aml *a, const void *bytes, size_t n);
/* A constant in its shortest form. */
void aml_number(struct aml *a, u32 v);
/* A name of up to four characters; a leading backslash is kept. */
void aml_name(struct aml *a, const char *name);
/* What a package length spans: close(open()). */
size_t aml_open(struct aml *a);
void aml_close(struct aml *a, size_t at);

/* Opening terms; each is ended by aml_close. */
size_t aml_scope(struct aml *a, const char *name);
size_t aml_device(struct aml *a, const char *name);
/* flags: the number of arguments, and AML_SERIALIZED for a method that creates names. */
size_t aml_method(struct aml *a, const char *name, int flags);
size_t aml_package(struct aml *a, int elements);

/* Name (name, ...): the object follows. */
void aml_define(struct aml *a, const char *name);
void aml_define_number(struct aml *a, const char *name, u32 v);
/* Name (_HID, EisaId (id)), id as "PNP0303". */
void aml_hid(struct aml *a, const char *id);
/* Name (name, ResourceTemplate), from descriptors without an end tag. */
void aml_resources(struct aml *a, const char *name, const u8 *descriptors, size_t n);
