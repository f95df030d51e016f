; smram.asm - where system management mode lives: SMBASE, and the memory that only it sees.
; Follows: Intel SDM Vol. 3C "System Management Mode": "SMRAM", "SMBASE Relocation"; 82441FX data sheet "SMRAM".
%define GUEST "smram"
%include "lib.inc"
%include "smm.inc"

main:
        call smm_setup
        call relocation
        call smram
        DONE

; "SMBASE Relocation".
relocation:
        mov edi, 200000h + 8000h
        call smm_install
        mov edi, 57100h + 8000h
        call smm_install
        mov dword [smm.new_base], 57100h
        SMI smm_move
        CHECK_MAP "the map still lay at the old base", MAP_SMBASE, SMBASE_HERE
        SMI 0
        CHECK "CS of the new base, no multiple of 32 KB", dword [smm.cs], 5710h
        CHECK "the map lies there", dword [smm.map], 57100h + 8000h
        CHECK_MAP "SMBASE", MAP_SMBASE, 57100h
        mov dword [smm.new_base], 0
        SMI .to_2m
        mov dword [smm.new_base], 200000h
        mov dword [smm.count], 0
        mov dword [200000h + 8000h + MAP_SMBASE], 0
        SMI 0
        CHECK "above 1 MB: the handler ran", dword [smm.count], 1
        CHECK "CS: 16 bits of it", dword [smm.cs], 0
        CHECK "the map is there", dword [200000h + 8000h + MAP_SMBASE], 200000h
        SMI .to_30000
        mov dword [smm.new_base], 0
        SMI 0
        CHECK "and back", dword [smm.cs], SMBASE_HERE >> 4
        ret

        bits 16
.to_2m: mov dword [ebx + MAP_SMBASE], 200000h
        ret
.to_30000:
        mov dword [ebx + MAP_SMBASE], SMBASE_HERE
        ret
        bits 32

; 82441FX "SMRAM": A0000h-BFFFFh is the video memory, or DRAM in SMM and where it is open.
VIDEO equ 0bc000h
smram:
        mov dword [VIDEO], 11111111h
        mov dword [VIDEO + 4], 11111111h
        mov al, D_OPEN | G_SMRAME | 2
        call set_smram
        mov dword [VIDEO], 22222222h
        mov ecx, [VIDEO]
        mov al, G_SMRAME | 2
        call set_smram
        mov edx, [VIDEO]
        CHECK "D_OPEN: DRAM", ecx, 22222222h
        CHECK "closed: the video memory", edx, 11111111h
        SMI .look
        CHECK "SMM sees DRAM", dword [smm.note], 22222222h
        CHECK "what SMM wrote is not in the video memory", dword [VIDEO + 4], 11111111h
        mov al, D_OPEN | G_SMRAME | 2
        call set_smram
        mov ecx, [VIDEO + 4]
        mov al, G_SMRAME | D_CLS | 2
        call set_smram
        CHECK "but in DRAM", ecx, 33333333h
        SMI .look
        CHECK "D_CLS: SMM's data accesses reach the video memory", dword [smm.note], 11111111h
        CHECK "... its writes too", dword [VIDEO + 4], 33333333h
        mov al, 2
        call set_smram
        mov dword [VIDEO + 4], 11111111h
        SMI .look
        CHECK "G_SMRAME clear: the video memory in SMM", dword [smm.note], 11111111h
        mov al, D_OPEN                          ; without G_SMRAME: the data sheet leaves open what answers
        call set_smram
        call get_smram
        CHECK "C_BASE_SEG reads 010", eax, D_OPEN | 2
        mov al, D_OPEN | D_LCK | G_SMRAME | 2
        call set_smram
        call get_smram
        CHECK "D_LCK clears D_OPEN", eax, D_LCK | G_SMRAME | 2
        CHECK "closed", dword [VIDEO], 11111111h
        mov al, D_OPEN | 2
        call set_smram
        call get_smram
        CHECK "read-only until a reset", eax, D_LCK | G_SMRAME | 2
        SMI .look
        CHECK "SMM sees DRAM", dword [smm.note], 22222222h
        ret

        bits 16
.look:  mov eax, [dword VIDEO]
        mov [smm.note], eax
        mov dword [dword VIDEO + 4], 33333333h
        ret
        bits 32
image_end:
