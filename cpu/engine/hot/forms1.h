/* forms1.h - the forms of one operand size, for forms.h; the order is enum form's. */
#if FORMS_OF == 'P'
#define FORM PLAIN
#define DST 'r'
#define SRC 'r'
#define ADDR 0
#include "operands.h"
#elif FORMS_OF == 'Q'
#define FORM RR
#define DST 'r'
#define SRC 'r'
#define ADDR 0
#include "operands.h"
#define FORM RI
#define DST 'r'
#define SRC 'i'
#define ADDR 0
#include "operands.h"
#elif FORMS_OF == 'q'
#define FORM R
#define DST 'r'
#define SRC 'i'
#define ADDR 0
#include "operands.h"
#elif FORMS_OF == 'J'
#define FORM RR
#define DST 'r'
#define SRC 'r'
#define ADDR 0
#include "operands.h"
#define FORM RI
#define DST 'r'
#define SRC 'i'
#define ADDR 0
#include "operands.h"
#define FORM RB
#define DST 'r'
#define SRC 'm'
#define ADDR 'B'
#include "operands.h"
#define FORM BR
#define DST 'm'
#define SRC 'r'
#define ADDR 'B'
#include "operands.h"
#define FORM BI
#define DST 'm'
#define SRC 'i'
#define ADDR 'B'
#include "operands.h"
#ifndef VITRINE_SMALL
#define FORM RW
#define DST 'r'
#define SRC 'm'
#define ADDR 'W'
#include "operands.h"
#define FORM WR
#define DST 'm'
#define SRC 'r'
#define ADDR 'W'
#include "operands.h"
#define FORM WI
#define DST 'm'
#define SRC 'i'
#define ADDR 'W'
#include "operands.h"
#endif
#elif FORMS_OF == 'S'
#define FORM FLAT_R
#define DST 'r'
#define SRC 'r'
#define ADDR 'F'
#include "operands.h"
#define FORM FLAT_I
#define DST 'r'
#define SRC 'i'
#define ADDR 'F'
#include "operands.h"
#if INSTANCE_FAST && !INSTANCE_BESIDE
#define FORM ANY_R
#define DST 'r'
#define SRC 'r'
#define ADDR 'N'
#include "operands.h"
#define FORM ANY_I
#define DST 'r'
#define SRC 'i'
#define ADDR 'N'
#include "operands.h"
#endif
#elif FORMS_OF == 1
#define FORM R
#define DST 'r'
#define SRC 'i'
#define ADDR 0
#include "operands.h"
#if INSTANCE_FAST && !INSTANCE_BESIDE
#define FORM MB
#define DST 'm'
#define SRC 'i'
#define ADDR 'B'
#include "operands.h"
#define FORM MX
#define DST 'm'
#define SRC 'i'
#define ADDR 'X'
#include "operands.h"
#define FORM MG
#define DST 'm'
#define SRC 'i'
#define ADDR 'G'
#include "operands.h"
#define FORM MS
#define DST 'm'
#define SRC 'i'
#define ADDR 'S'
#include "operands.h"
#define FORM MW
#define DST 'm'
#define SRC 'i'
#define ADDR 'W'
#include "operands.h"
#else
#define FORM M
#define DST 'm'
#define SRC 'i'
#define ADDR 0
#include "operands.h"
#endif
#else
#if FORMS_OF != 'M'
#define FORM RR
#define DST 'r'
#define SRC 'r'
#define ADDR 0
#include "operands.h"
#endif
#if FORMS_OF == 2
#define FORM RI
#define DST 'r'
#define SRC 'i'
#define ADDR 0
#include "operands.h"
#endif
#if INSTANCE_FAST && !INSTANCE_BESIDE
#define FORM RB
#define DST 'r'
#define SRC 'm'
#define ADDR 'B'
#include "operands.h"
#define FORM RX
#define DST 'r'
#define SRC 'm'
#define ADDR 'X'
#include "operands.h"
#if FORMS_OF != 'M'
#define FORM RG
#define DST 'r'
#define SRC 'm'
#define ADDR 'G'
#include "operands.h"
#define FORM RS
#define DST 'r'
#define SRC 'm'
#define ADDR 'S'
#include "operands.h"
#define FORM RW
#define DST 'r'
#define SRC 'm'
#define ADDR 'W'
#include "operands.h"
#endif
#if FORMS_OF == 2
#define FORM BR
#define DST 'm'
#define SRC 'r'
#define ADDR 'B'
#include "operands.h"
#define FORM XR
#define DST 'm'
#define SRC 'r'
#define ADDR 'X'
#include "operands.h"
#define FORM GR
#define DST 'm'
#define SRC 'r'
#define ADDR 'G'
#include "operands.h"
#define FORM SR
#define DST 'm'
#define SRC 'r'
#define ADDR 'S'
#include "operands.h"
#define FORM WR
#define DST 'm'
#define SRC 'r'
#define ADDR 'W'
#include "operands.h"
#define FORM BI
#define DST 'm'
#define SRC 'i'
#define ADDR 'B'
#include "operands.h"
#define FORM XI
#define DST 'm'
#define SRC 'i'
#define ADDR 'X'
#include "operands.h"
#define FORM GI
#define DST 'm'
#define SRC 'i'
#define ADDR 'G'
#include "operands.h"
#define FORM SI
#define DST 'm'
#define SRC 'i'
#define ADDR 'S'
#include "operands.h"
#define FORM WI
#define DST 'm'
#define SRC 'i'
#define ADDR 'W'
#include "operands.h"
#endif
#else
#define FORM RM
#define DST 'r'
#define SRC 'm'
#define ADDR 0
#include "operands.h"
#if FORMS_OF == 2
#define FORM MR
#define DST 'm'
#define SRC 'r'
#define ADDR 0
#include "operands.h"
#define FORM MI
#define DST 'm'
#define SRC 'i'
#define ADDR 0
#include "operands.h"
#endif
#endif
#endif
