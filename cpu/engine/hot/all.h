/* all.h - every template of the hot bodies, for one instance: the words that fast.c and slow.c define say which. */
#define TEMPLATE "alu.inc"
#define FORMS_OF 2
#include "forms.h"
#define TEMPLATE "load.inc"
#define FORMS_OF 'L'
#include "forms.h"
#define TEMPLATE "unary.inc"
#define FORMS_OF 1
#include "forms.h"
#define TEMPLATE "plain.inc"
#define FORMS_OF 'P'
#include "forms.h"
#define TEMPLATE "stack.inc"
#define FORMS_OF 'S'
#include "forms.h"
