/* triple.h - what led to a triple fault, told so that a student can follow it. */
#pragma once
#include "../cpu/cpu.h"
#include <stdio.h>

/* The chain of exceptions kept in cpu->faults, each with its instruction, cause and error code; then the registers. */
void triple_fault_report(struct cpu *cpu, FILE *out);
/* Registers and segments, as the debugger prints them. */
void registers_print(struct cpu *cpu, FILE *out);
void segments_print(struct cpu *cpu, FILE *out);
