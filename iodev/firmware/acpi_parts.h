/* acpi_parts.h - what acpi.c and acpi_dsdt.c share. */
#pragma once
#include "acpi.h"
#include "aml.h"

/* The DSDT's body: AML without the table's header. */
void acpi_dsdt(struct aml *a, const struct acpi_config *config);
