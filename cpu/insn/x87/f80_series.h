/* f80_series.h - the transcendental functions of finite operands, rounded once to 64 bits: see f80_series.c. */
#pragma once
#include "f80.h"

/* For nonzero finite a, |a| < 2^63. sine and cosine may be NULL. */
void f80_series_sincos(struct f80_env *env, struct f80 a, struct f80 *sine, struct f80 *cosine);
struct f80 f80_series_tan(struct f80_env *env, struct f80 a);
/* The angle of the point (x, y), both nonzero and finite. */
struct f80 f80_series_atan(struct f80_env *env, struct f80 y, struct f80 x);
/* A multiple of pi / 4 (1, 2, 3, 4) with the sign given. */
struct f80 f80_series_pi(struct f80_env *env, bool sign, int quarters);
/* y * log2(x), y nonzero and finite, x positive and finite, not 1. */
struct f80 f80_series_log2(struct f80_env *env, struct f80 y, struct f80 x);
/* y * log2(1 + x), y and x nonzero and finite, x > -1. */
struct f80 f80_series_log2p1(struct f80_env *env, struct f80 y, struct f80 x);
/* 2^a - 1 for nonzero a, |a| < 1. */
struct f80 f80_series_2xm1(struct f80_env *env, struct f80 a);
