; ud.asm - the handler of #UD is UD2: events are delivered for ever and no instruction retires.
%define GUEST "ud"
%include "lib.inc"
%include "hostile.inc"
main:
        BEGIN
        ROUND_STACK
        GATE UD, for_ever, 8eh
for_ever:
        ud2
image_end:
