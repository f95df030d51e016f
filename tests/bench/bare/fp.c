/* fp.c - x87 in double precision: a logistic map with a root, a small system of bodies, and a polynomial over an array. */
#include "bare.h"

enum { BODIES = 5, TERMS = 64 };

struct body { double x[3], v[3], mass; };

static struct body bodies[BODIES];
static double coefficient[TERMS];

static double root(double v)
{
    __asm__("fsqrt" : "+t"(v));
    return v;
}

static u32 bits(double v)
{
    union { double v; u32 w[2]; } u = { v };
    return u.w[0] ^ u.w[1];
}

static double map(u32 rounds)
{
    double x = 0.5, s = 0;
    for (u32 i = 0; i < rounds; i++) {
        x = 3.9 * x * (1 - x);
        s += root(x) / (1 + x * x);
    }
    return s;
}

static void step(double dt)
{
    for (int i = 0; i < BODIES; i++) {
        for (int j = i + 1; j < BODIES; j++) {
            double d[3], square = 0.01;
            for (int k = 0; k < 3; k++) {
                d[k] = bodies[i].x[k] - bodies[j].x[k];
                square += d[k] * d[k];
            }
            double f = dt / (square * root(square));
            for (int k = 0; k < 3; k++) {
                bodies[i].v[k] -= d[k] * bodies[j].mass * f;
                bodies[j].v[k] += d[k] * bodies[i].mass * f;
            }
        }
    }
    for (int i = 0; i < BODIES; i++)
        for (int k = 0; k < 3; k++)
            bodies[i].x[k] += dt * bodies[i].v[k];
}

static double polynomial(double x)
{
    double s = 0;
    for (int i = 0; i < TERMS; i++)
        s = s * x + coefficient[i];
    return s;
}

u32 kernel(u32 scale)
{
    u32 sum = 0, seed = 1;
    __asm__ volatile("fninit");             /* RESET leaves the exceptions unmasked */
    for (int i = 0; i < BODIES; i++) {
        for (int k = 0; k < 3; k++) {
            seed = seed * 1664525 + 1013904223;
            bodies[i].x[k] = (i32)seed / 1073741824.0;
            bodies[i].v[k] = 0;
        }
        bodies[i].mass = i + 1;
    }
    for (int i = 0; i < TERMS; i++)
        coefficient[i] = 1.0 / (i + 1);
    for (u32 n = 0; n < scale; n++) {
        sum = sum * 31 + bits(map(100));
        for (int i = 0; i < 10; i++)
            step(0.001);
        sum = sum * 31 + bits(bodies[n % BODIES].x[0]) + bits(polynomial((n % 97) / 97.0));
    }
    return sum;
}
