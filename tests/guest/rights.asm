; rights.asm - who may read, write and run a page: every combination of the rights of both levels, CR0.WP, ring and access,
; for 4 KB and 4 MB pages of 32-bit paging and 4 KB and 2 MB pages of PAE paging with NX; A and D of each level after each.
; Follows: Intel SDM Vol. 3A "Access Rights", "Page-Fault Exceptions", "Accessed and Dirty Flags".
%define GUEST "rights"
%include "lib.inc"
%include "pages.inc"

PDPT  equ PD + 3000h            ; PAE; the structures of 32-bit paging are pages.inc's
PD0   equ PD + 4000h
PD1   equ PD + 5000h
PTX   equ PD + 6000h
BIGPD equ PD + 7000h
BIG   equ 80000000h             ; 32-bit paging, 4 MB
BIG2  equ 40200000h             ; PAE, 2 MB
BIGPHYS equ 400000h

; A case is a number. Its bits, from 0: rights of the directory entry (2: W, U), of the table entry (2: W, U), WP, ring 3,
; NX of the directory entry, NX of the table entry; the access is apart: 0 reads, 1 writes, 2 fetches.
C_PDE equ 0
C_PTE equ 2
C_WP  equ 4
C_USER equ 5
C_NXD equ 6
C_NXT equ 7

; The case's TRY: does the access at [target] and leaves vector and error in the record.
%macro DO_CASE 0
        TRY "rights of a page"
        mov edi, [target]
        mov esi, [access]
        test byte [case], 1 << C_USER
        jz %%go
        USER
  %%go: cmp esi, 1
        jb %%read
        je %%write
        jmp edi
  %%write:
        mov dword [edi], 030cdh
        jmp %%done
  %%read:
        mov eax, [edi]
  %%done:
        CAUGHT_ANY
%endmacro
; Compares with the rule; EAX is both as one number: case, access, vector, error code.
%macro JUDGE 1
        call got
        push eax
        call rule
        pop ebx
        CHECK %1, ebx, eax
%endmacro

main:
        call make_pages
        mov edi, PDPT
        mov ecx, 5000h / 4
        xor eax, eax
        rep stosd
        mov dword [PAGES], 030cdh                                ; INT 30h
        mov dword [BIGPHYS], 030cdh
        PAGING_ON

        ; ---- 4 KB pages ----
        mov dword [target], WIN
        mov dword [case], 0
  .small:
        mov dword [access], 0
  .small_access:
        mov eax, [case]
        shr eax, C_PDE
        call rights
        or eax, PT1
        mov [PD + (WIN >> 22) * 4], eax
        mov eax, [case]
        shr eax, C_PTE
        call rights
        or eax, PAGES
        mov [PT1], eax
        call set_wp
        DO_CASE
        mov dword [nx], 0
        JUDGE "4 KB page"
        call accessed
        mov ebx, [PD + (WIN >> 22) * 4]
        and ebx, A_
        and ecx, A_
        CHECK "A of the directory entry", ebx, ecx
        mov ebx, [PT1]
        and ebx, A_ | D_
        CHECK "A and D of the table entry", ebx, edx
        inc dword [access]
        cmp dword [access], 3
        jb .small_access
        inc dword [case]
        cmp dword [case], 40h
        jb .small

        ; ---- 4 MB pages ----
        SKIP_UNLESS "PSE", 3, .pae
        SET_CR4 -1, 10h
        mov dword [target], BIG
        mov dword [case], U | W << 1                            ; the table's rights do not limit
  .large:
        or dword [case], 3 << C_PTE
        mov dword [access], 0
  .large_access:
        mov eax, [case]
        call rights
        or eax, BIGPHYS | PS_
        mov [PD + (BIG >> 22) * 4], eax
        call set_wp
        DO_CASE
        JUDGE "4 MB page"
        call accessed
        mov ebx, [PD + (BIG >> 22) * 4]
        and ebx, A_ | D_
        CHECK "A and D of the large page", ebx, edx
        inc dword [access]
        cmp dword [access], 3
        jb .large_access
        inc dword [case]
        cmp dword [case], 40h
        jb .large
        SET_CR4 ~10h, 0

        ; ---- PAE ----
  .pae: mov eax, cr0
        and eax, ~80010000h
        mov cr0, eax
        SKIP_UNLESS "PAE", 6, .end
        mov dword [PDPT], PD0 + P
        mov dword [PDPT + 8], PD1 + P
        mov dword [PD0], P | W | U | PS_
        mov dword [PD0 + 8], 200000h + (P | W | U | PS_)
        mov dword [PD0 + 16], 400000h + (P | W | U | PS_)
        SET_CR4 -1, 20h
        mov eax, PDPT
        mov cr3, eax
        SET_CR0 -1, 80000000h
        mov dword [cases], 40h
        mov eax, 80000000h
        cpuid
        cmp eax, 80000001h
        jb .sweeps
        mov eax, 80000001h
        cpuid
        test edx, 1 << 20
        jz .sweeps
        mov ecx, 0c0000080h
        rdmsr
        or eax, 800h
        wrmsr
        mov dword [nx], 1
        mov dword [cases], 100h
  .sweeps:
        mov dword [target], WIN
        mov dword [case], 0
  .small_pae:
        mov dword [access], 0
  .small_pae_access:
        mov eax, [case]
        shr eax, C_PDE
        call rights
        or eax, PTX
        mov [PD1], eax
        mov eax, [case]
        shl eax, 31 - C_NXD
        and eax, 80000000h
        mov [PD1 + 4], eax
        mov eax, [case]
        shr eax, C_PTE
        call rights
        or eax, PAGES
        mov [PTX], eax
        mov eax, [case]
        shl eax, 31 - C_NXT
        and eax, 80000000h
        mov [PTX + 4], eax
        call set_wp
        DO_CASE
        JUDGE "4 KB page, PAE"
        call accessed
        mov ebx, [PD1]
        and ebx, A_
        and ecx, A_
        CHECK "A of the directory entry, PAE", ebx, ecx
        mov ebx, [PTX]
        and ebx, A_ | D_
        CHECK "A and D of the table entry, PAE", ebx, edx
        inc dword [access]
        cmp dword [access], 3
        jb .small_pae_access
        inc dword [case]
        mov eax, [cases]
        cmp [case], eax
        jb .small_pae

        mov dword [target], BIG2
        mov dword [case], 0
  .large_pae:
        or dword [case], 3 << C_PTE
        mov dword [access], 0
  .large_pae_access:
        mov eax, [case]
        call rights
        or eax, BIGPHYS | PS_
        mov [PD1 + 8], eax
        mov eax, [case]
        shl eax, 31 - C_NXD
        and eax, 80000000h
        mov [PD1 + 12], eax
        call set_wp
        DO_CASE
        JUDGE "2 MB page"
        call accessed
        mov ebx, [PD1 + 8]
        and ebx, A_ | D_
        CHECK "A and D of the 2 MB page", ebx, edx
        inc dword [access]
        cmp dword [access], 3
        jb .large_pae_access
        inc dword [case]
        mov eax, [cases]
        shr eax, 1                                              ; the table's NX is not there
        cmp [case], eax
        jb .large_pae
        cmp dword [nx], 0
        je .off
        mov ecx, 0c0000080h
        rdmsr
        and eax, ~800h
        wrmsr
  .off: mov eax, cr0
        and eax, ~80010000h
        mov cr0, eax
        SET_CR4 ~20h, 0
  .end: DONE

; EAX: a case shifted down to two rights: entry bits.
rights: and eax, 3
        lea eax, [eax * 2 + P]
        ret

; WP as the case wants it, and no stale entries.
set_wp: mov eax, [case]
        shl eax, 16 - C_WP
        and eax, 10000h
        mov ebx, cr0
        and ebx, ~10000h
        or eax, ebx
        mov cr0, eax
        RELOAD_CR3
        ret

; What came, as one number.
got:    movzx eax, byte [rec.vec]
        shl eax, 8
        mov bl, [rec.err]
        cmp byte [rec.vec], OK
        jne tagged
        mov bl, 0
tagged: mov al, bl
        mov ebx, [case]
        shl ebx, 16
        or eax, ebx
        mov ebx, [access]
        shl ebx, 28
        or eax, ebx
        ret

; What must come: "Access Rights". ECX and EDX stay.
rule:   push ecx
        push edx
        mov eax, [case]
        mov ebx, eax
        shr ebx, C_PTE
        and ebx, eax
        and ebx, 3                              ; 1: W, 2: U of both levels
        mov ecx, [access]
        mov edx, eax
        and edx, 1 << C_NXD | 1 << C_NXT
        cmp ecx, 2
        jne .data
        test edx, edx
        jnz .deny
  .data:
        test al, 1 << C_USER
        jz .supervisor
        test bl, 2
        jz .deny
        cmp ecx, 1
        jne .allow
        test bl, 1
        jz .deny
        jmp .allow
  .supervisor:
        cmp ecx, 1
        jne .allow
        test bl, 1
        jnz .allow
        test al, 1 << C_WP
        jz .allow
  .deny:
        mov bl, 1                               ; P; W/R, U/S, I/D of the access
        cmp ecx, 1
        jne .not_write
        or bl, 2
  .not_write:
        test al, 1 << C_USER
        jz .not_user
        or bl, 4
  .not_user:
        cmp ecx, 2
        jne .end
        cmp dword [nx], 0
        je .end
        or bl, 10h
  .end: mov eax, PF << 8
        jmp .number
  .allow:
        mov bl, 0
        mov eax, OK << 8
  .number:
        call tagged
        pop edx
        pop ecx
        ret

; After an access that was allowed: ECX and EDX are what A and D must be. After one that was not: A may be either (it is
; taken as found), D is clear.
accessed:
        mov edx, A_
        cmp dword [access], 1
        jne .no_write
        or edx, D_
  .no_write:
        mov ecx, A_
        cmp dword [rec.vec], OK
        je .end
        mov ebx, [target]
        mov edx, [PD1]
        mov ecx, [PTX]
        test dword [cases], -1
        jnz .pae
        mov edx, [PD + (WIN >> 22) * 4]
        mov ecx, [PT1]
        cmp ebx, WIN
        je .found
        mov ecx, [PD + (BIG >> 22) * 4]
        jmp .found
  .pae: cmp ebx, WIN
        je .found
        mov ecx, [PD1 + 8]
  .found:
        xchg ecx, edx
        and edx, A_
  .end: ret

        align 4
case    dd 0
access  dd 0
target  dd 0
nx      dd 0
cases   dd 0
image_end:
