/* calc.h - an arithmetic instruction computed again, for showing its numbers. calc.c */
#pragma once
#include "parts.h"

enum calc_family { CALC_SUM, CALC_DIFFERENCE, CALC_LOGIC, CALC_SHIFT, CALC_ROTATE, CALC_PRODUCT, CALC_BIT, CALC_SCAN, CALC_OTHER };

struct calc {
    enum calc_family family;
    bool known;                 /* a, b and result are: the operands' values could be had */
    char sign;                  /* between a and b, for people; 0: none */
    u64 a, b, carry, result;
    int bytes;
};
struct calc calc_of(const struct explain *e);
/* "00000005 + 00000003 = 00000008"; nothing where there is none. */
void calc_tell(struct explain *e);
