/* start.S - the test kernel's beginning, and its ways in from interrupts. Linked for C0100000, it lies at 100000 and begins there,
 * without paging. Multiboot Specification 0.6.96, "OS image format". */
#define VIRTUAL 0xc0000000

        .section .head, "ax"
        .align 4
        .long 0x1badb002, 0, -0x1badb002

        .globl start
start:
        movl $(directory - VIRTUAL), %eax
        movl %eax, %cr3
        movl %cr4, %eax
        orl $0x10, %eax                 /* PSE */
        movl %eax, %cr4
        movl %cr0, %eax
        orl $0x80000000, %eax           /* PG */
        movl %eax, %cr0
        movl $high, %eax
        jmp *%eax

        .text
        .globl high
high:
        movl $stack_top, %esp
        xorl %ebp, %ebp
        pushl %ebx                      /* the multiboot information */
        call kmain
        .globl halted
halted:
        cli
        hlt
        jmp halted

/* What the gates lead to: the frame of struct trapframe, then trap(). */
        .globl vector_timer, vector_call, alltraps, trapret, load_tables, enter_user
vector_timer:
        pushl $0
        pushl $0x20
        jmp alltraps
vector_call:
        pushl $0
        pushl $0x80
alltraps:
        pushl %ds
        pushal
        movw $0x10, %ax
        movw %ax, %ds
        movw %ax, %es
        pushl %esp
        call trap
        addl $4, %esp
trapret:
        popal
        popl %ds
        addl $8, %esp
        iretl

load_tables:                            /* (gdtr, idtr) */
        movl 4(%esp), %eax
        lgdt (%eax)
        movl 8(%esp), %eax
        lidt (%eax)
        ljmp $8, $1f
1:      movw $0x10, %ax
        movw %ax, %ds
        movw %ax, %es
        movw %ax, %ss
        movw $0x28, %ax
        ltr %ax
        ret

enter_user:                             /* (eip, esp) */
        movl 4(%esp), %ecx
        movl 8(%esp), %edx
        movw $0x23, %ax
        movw %ax, %ds
        movw %ax, %es
        pushl $0x23
        pushl %edx
        pushl $0x202
        pushl $0x1b
        pushl %ecx
        iretl

        .data
        .align 4096
directory:                              /* 4 MB at 0 and at C0000000, for everybody */
        .long 0x87
        .fill 767, 4, 0
        .long 0x87
        .fill 255, 4, 0

        .bss
        .align 16
        .skip 4096
        .globl stack_top
stack_top:
        .section .note.GNU-stack, "", @progbits
