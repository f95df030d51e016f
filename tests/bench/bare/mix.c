/* mix.c - an integer mix like that of embedded benchmarks: linked list, matrix, state machine, CRC. */
#include "bare.h"

enum { NODES = 400, N = 24, TEXT_SIZE = 600 };

struct node { struct node *next; i32 key; u16 data, index; };

static struct node nodes[NODES];
static i32 a[N][N], b[N][N], c[N][N];
static u8 text[TEXT_SIZE];

static u16 crc16(u32 v, u16 crc)
{
    for (int i = 0; i < 32; i++) {
        u32 bit = (v ^ crc) & 1;
        crc >>= 1;
        v >>= 1;
        if (bit)
            crc ^= 0xa001;
    }
    return crc;
}

static struct node *list_make(u32 seed)
{
    for (int i = 0; i < NODES; i++) {
        seed = seed * 1664525 + 1013904223;
        nodes[i] = (struct node){ i + 1 < NODES ? &nodes[i + 1] : 0, (i32)(seed >> 20), (u16)(seed >> 8), (u16)i };
    }
    return nodes;
}

static struct node *list_reverse(struct node *l)
{
    struct node *r = 0;
    while (l) {
        struct node *next = l->next;
        l->next = r;
        r = l;
        l = next;
    }
    return r;
}

/* Merge sort, bottom up. */
static struct node *list_sort(struct node *list)
{
    for (int size = 1;; size *= 2) {
        struct node *p = list, *tail = 0;
        int merges = 0;
        list = 0;
        while (p) {
            struct node *q = p;
            int np = 0, nq = size;
            merges++;
            while (q && np < size) {
                np++;
                q = q->next;
            }
            while (np > 0 || (nq > 0 && q)) {
                struct node *e;
                if (np > 0 && (nq == 0 || !q || p->key <= q->key)) {
                    e = p;
                    p = p->next;
                    np--;
                } else {
                    e = q;
                    q = q->next;
                    nq--;
                }
                if (tail)
                    tail->next = e;
                else
                    list = e;
                tail = e;
            }
            p = q;
        }
        tail->next = 0;
        if (merges <= 1)
            return list;
    }
}

static u32 list_work(u32 seed)
{
    struct node *l = list_reverse(list_make(seed));
    u32 sum = 0, i = 0;
    for (struct node *n = l; n; n = n->next)
        sum += n->data & 1 ? (u32)n->key : n->index;
    l = list_sort(l);
    for (struct node *n = l; n; n = n->next)
        sum = sum * 31 + (u32)n->key + i++;
    return sum;
}

static u32 matrix_work(u32 seed)
{
    u32 sum = 0;
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            seed = seed * 1664525 + 1013904223;
            a[i][j] = (short)(seed >> 16);
            b[i][j] = (short)(seed >> 8);
        }
    }
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            i32 s = 0;
            for (int k = 0; k < N; k++)
                s += a[i][k] * b[k][j];
            c[i][j] = s;
        }
    }
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++)
            sum += (u32)(c[i][j] > 0 ? c[i][j] >> 3 : c[i][j] & 0xff);
    }
    return sum;
}

/* Which kind of number is each word of a text? */
static u32 state_work(u32 seed)
{
    enum { START, INT, DOT, FRACTION, EXPONENT, EXPONENT_SIGN, EXPONENT_DIGIT, BAD, STATES } state = START;
    u32 count[STATES] = { 0 };
    for (int i = 0; i < TEXT_SIZE; i++) {
        seed = seed * 1664525 + 1013904223;
        text[i] = (u8)"0123456789.+-eE 01234567 9, 12x,"[seed >> 27];
    }
    for (int i = 0; i < TEXT_SIZE; i++) {
        u8 ch = text[i];
        if (ch == ',' || ch == ' ') {
            count[state]++;
            state = START;
            continue;
        }
        switch (state) {
        case START: state = ch >= '0' && ch <= '9' ? INT : ch == '+' || ch == '-' ? INT : ch == '.' ? DOT : BAD; break;
        case INT: state = ch >= '0' && ch <= '9' ? INT : ch == '.' ? FRACTION : ch == 'e' || ch == 'E' ? EXPONENT : BAD; break;
        case DOT: case FRACTION: state = ch >= '0' && ch <= '9' ? FRACTION : ch == 'e' || ch == 'E' ? EXPONENT : BAD; break;
        case EXPONENT: state = ch == '+' || ch == '-' ? EXPONENT_SIGN : ch >= '0' && ch <= '9' ? EXPONENT_DIGIT : BAD; break;
        case EXPONENT_SIGN: case EXPONENT_DIGIT: state = ch >= '0' && ch <= '9' ? EXPONENT_DIGIT : BAD; break;
        default: break;
        }
    }
    u32 sum = 0;
    for (int i = 0; i < STATES; i++)
        sum = sum * 17 + count[i];
    return sum;
}

u32 kernel(u32 scale)
{
    u16 crc = 0xffff;
    for (u32 i = 0; i < scale; i++) {
        crc = crc16(list_work(i), crc);
        crc = crc16(matrix_work(i + crc), crc);
        crc = crc16(state_work(i + crc), crc);
        for (int k = 0; k < TEXT_SIZE; k += 4)
            crc = crc16(text[k], crc);
    }
    return crc;
}
