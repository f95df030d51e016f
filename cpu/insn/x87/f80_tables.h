/* f80_tables.h - constants of f80_series.c, in units of 2^-128 where nothing else is said.
 * Written by make_tables from the functions' own series: change that, not this. */
#pragma once
#include "wide.h"

struct sine_row { struct wide part[2]; };          /* sine, cosine */
struct log_row { struct wide log; u64 factor; };

/* 1 - sin(t) / t by powers of -(2^6 t)^2, without the first u: 2^-12n / (2n + 1)!, n = 1 ... */
static const struct wide sine_wide[3] = {
    { 0x0002aaaaaaaaaaaa, 0xaaaaaaaaaaaaaaab }, { 0x0000000222222222, 0x2222222222222222 },
    { 0x000000000000d00d, 0x00d00d00d00d00d0 },
};

/* The terms that follow. */
static const u64 sine_low[3] = {
    0x2e3bc74aad8e671f, 0x000006b99159fd51, 0x0000000000b09231,
};

/* 1 - cos(t) likewise: 2^-12n / (2n)!, n = 1 ... */
static const struct wide cosine_wide[4] = {
    { 0x0008000000000000, 0x0000000000000000 }, { 0x0000000aaaaaaaaa, 0xaaaaaaaaaaaaaaab },
    { 0x000000000005b05b, 0x05b05b05b05b05b0 }, { 0x0000000000000001, 0xa01a01a01a01a01a },
};

/* The terms that follow. */
static const u64 cosine_low[3] = {
    0x000049f93edde27d, 0x0000000008f76c78, 0x00000000000000ca,
};

/* Sine and cosine of i / 64. Row 0 is not used. */
static const struct sine_row sine_table[51] = {
    { { { 0x0000000000000000, 0x0000000000000000 }, { 0x0000000000000000, 0x0000000000000000 } } },
    { { { 0x03fff5555dddda9d, 0xaa938cac1f113dca }, { 0xfff8000aaaa4fa51, 0x4514074bde6ace45 } } },
    { { { 0x07ffaaabbbba1ba3, 0x2bf904ddb51e4656 }, { 0xffe000aaa93e9589, 0x576da4ec94946fb9 } } },
    { { { 0x0bfee008197dd454, 0xcc841722cd0cc475 }, { 0xffb8035fefccf674, 0xc4a9f9b72a141836 } } },
    { { { 0x0ffd557776a76d5a, 0x5d259b2f692d4acb }, { 0xff800aaa4fa69a65, 0x070f73284de215b9 } } },
    { { { 0x13facb12d1755a9b, 0x79bab59ae5d278c9 }, { 0xff381a094f7b771a, 0x05e641b4834be063 } } },
    { { { 0x17f701032550e41a, 0xfc2d1800501a1008 }, { 0xfee035fbf35cda63, 0x2056a6bf1b6b28e0 } } },
    { { { 0x1bf1b78568391d7a, 0x461077a9331f2958 }, { 0xfe78640074cd88f5, 0x1ebc368c35611b2b } } },
    { { { 0x1feaaeee86ee35ca, 0x069a86721f89f85a }, { 0xfe00aa93eade9b6d, 0x1e6a129df6f18ce5 } } },
    { { { 0x23e1a7af5f9d5d48, 0x8357b344b2da517a }, { 0xfd791131e25e97ab, 0x54c7b317625d2cc1 } } },
    { { { 0x27d66258bacd96a3, 0xeb335b365c87d594 }, { 0xfce1a053e621438b, 0x6d60c76e8c45bf0b } } },
    { { { 0x2bc89f9f424de548, 0x5de7ce03b2514953 }, { 0xfc3a6170f767ac73, 0x5d63d99a9d439e1e } } },
    { { { 0x2fb8205f75e56a2b, 0x56a1c4792f856258 }, { 0xfb835efcf670dd2c, 0xe6fe7924697eea14 } } },
    { { { 0x33a4a5a19d862467, 0x10f602c44df4fa51 }, { 0xfabca467fb3cb8f1, 0xd069f01d8ea33ade } } },
    { { { 0x378df09db8c332ce, 0x0d2b53d865582e45 }, { 0xf9e63e1d9e8b6f6f, 0x2e296bae5b5ed9c1 } } },
    { { { 0x3b73c2bf6b4b9f66, 0x8ef9499c81f0d965 }, { 0xf90039843324f9b9, 0x40416c1984b6cbed } } },
    { { { 0x3f55dda9e62aed75, 0x13bd7b8e6a3d1636 }, { 0xf80aa4fbef750ba7, 0x83d33cb95f94f8a4 } } },
    { { { 0x4334033bcd90d660, 0x4f5f36c1d4b84452 }, { 0xf7058fde0788dfc8, 0x05b8fe88789e4f42 } } },
    { { { 0x470df5931ae1d946, 0x076fe0dcff47fe32 }, { 0xf5f10a7bb77d3dfa, 0x0c1da8b578427833 } } },
    { { { 0x4ae37710fad27c8a, 0xa9c4cf96c03519ba }, { 0xf4cd261d3e6c15bb, 0x369c8758630d2ac0 } } },
    { { { 0x4eb44a5da74f6002, 0x07aaa090f0734e29 }, { 0xf399f500c9e9fd37, 0xae9957263dab8877 } } },
    { { { 0x5280326c3cf48182, 0x3ba6bb08eac82c21 }, { 0xf2578a595224dd2e, 0x6bfa2eb2f99cc675 } } },
    { { { 0x5646f27e8bd65cbe, 0x3a5d61ff06572291 }, { 0xf105fa4d66b607a6, 0x7d44e04272520443 } } },
    { { { 0x5a084e28e35fda27, 0x76dfdbbb5531d74d }, { 0xefa559f5ec3aec3a, 0x4eb03319278a2d42 } } },
    { { { 0x5dc40955d9084f48, 0xa94675a2498de5d8 }, { 0xee35bf5ccac89052, 0xcd91ddb734d3a47e } } },
    { { { 0x6179e84a09a5258a, 0x40e9b5face03e526 }, { 0xecb7417b8d4ee3fe, 0xc37aba4073aa48f2 } } },
    { { { 0x6529afa7d51b1296, 0x31ec197c0a840a12 }, { 0xeb29f839f201fd13, 0xb93796827916a78f } } },
    { { { 0x68d3247314332797, 0x3bc712bcc4ccddc4 }, { 0xe98dfc6c6be031e6, 0x0dd3089cbdd18a76 } } },
    { { { 0x6c760c14c8585a51, 0xdbd34660ae6c52ac }, { 0xe7e367d2956cfb16, 0xb6aa11e5419cd005 } } },
    { { { 0x70122c5ec5028c8c, 0xff33abf4fd340ccc }, { 0xe62a551594b970a7, 0x70b15d41d4c0e484 } } },
    { { { 0x73a74b8f52947b68, 0x1baf6928eb3fb021 }, { 0xe462dfc670d421ab, 0x3d1a15901228f147 } } },
    { { { 0x77353054ca72690d, 0x4c6e171fd99e6b3a }, { 0xe28d245c58baef72, 0x225e232abc003c43 } } },
    { { { 0x7abba1d12c17bfa1, 0xd92f0d93f60ded9a }, { 0xe0a94032dbea7ced, 0xbddd9da2fafad985 } } },
    { { { 0x7e3a679daaf25c67, 0x6542bcb4028d0964 }, { 0xdeb7518814a7a931, 0xbbcc88c109cd41c5 } } },
    { { { 0x81b149ce34caa5a4, 0xe650f8d09fd4d6aa }, { 0xdcb7777ac4207051, 0x68f31e3eb780ce9d } } },
    { { { 0x852010f4f0800521, 0x378bd8dd614753d1 }, { 0xdaa9d20860827063, 0xfde51c09e855e993 } } },
    { { { 0x88868625b4e1dbb2, 0x3133101330225272 }, { 0xd88e820b1526311d, 0xd561efbc0c1a9a53 } } },
    { { { 0x8be472f9776d809a, 0xf2b88171243d63d6 }, { 0xd665a937b4ef2b1f, 0x6d51bad6d988a442 } } },
    { { { 0x8f39a191b2ba6122, 0xa3fa4f41d5a3ffd4 }, { 0xd42f6a1b9f0168cd, 0xf031c2f63c8d9305 } } },
    { { { 0x9285dc9bc45dd9ea, 0x3d02457bcce59c41 }, { 0xd1ebe81a95ee752e, 0x48a26bcd32d6e923 } } },
    { { { 0x95c8ef544210ec0b, 0x91c49bd2aa09e851 }, { 0xcf9b476c897c25c5, 0xbfe750dd3f308eaf } } },
    { { { 0x9902a58a45e27bed, 0x68412b426b675ed5 }, { 0xcd3dad1b5328a2e4, 0x59f993f4f510881a } } },
    { { { 0x9c32cba2b14156ef, 0x05256c4f857991ca }, { 0xcad33f00658fe5e8, 0x204bbc0f3a66a0e7 } } },
    { { { 0x9f592e9b66a9cf90, 0x6a3c7aa3c1019985 }, { 0xc85c23c26ed7b6f0, 0x14ef546c47929682 } } },
    { { { 0xa2759c0e79c35582, 0x527c32b55f5405c2 }, { 0xc5d882d2ee48030c, 0x7c07d28e981e3480 } } },
    { { { 0xa587e23555bb0808, 0x6d02b9c662cdd293 }, { 0xc348846bbd363133, 0x8ffe2bfe9dd1381a } } },
    { { { 0xa88fcfebd9a8dd47, 0xe2f3c76ef9e24399 }, { 0xc0ac518c8b6ae710, 0xba37a3eeb90cb15b } } },
    { { { 0xab8d34b36acd9872, 0x10ed343ec65d7e3b }, { 0xbe0413f84f2a771c, 0x614946a88cbf4da2 } } },
    { { { 0xae7fe0b5fc786b2d, 0x966e1d6af140a488 }, { 0xbb4ff632a908f73e, 0xc151839cb9d993b5 } } },
    { { { 0xb167a4c90d63c424, 0x4cf5493b7cc23bd4 }, { 0xb890237d3bb3c284, 0xb614a0539016bfa1 } } },
    { { { 0xb44452709a597529, 0x05913765434a59d1 }, { 0xb5c4c7d4f7dae915, 0xac786ccf4b1a498d } } },
};

/* 1 - atan(t) / t by powers of -(2^7 t)^2, without the first u: 2^-14n / (2n + 1), n = 1 ... */
static const struct wide atan_wide[4] = {
    { 0x0001555555555555, 0x5555555555555555 }, { 0x0000000333333333, 0x3333333333333333 },
    { 0x0000000000092492, 0x4924924924924925 }, { 0x000000000000001c, 0x71c71c71c71c71c7 },
};

/* The terms that follow. */
static const u64 atan_low[4] = {
    0x005d1745d1745d17, 0x0000013b13b13b14, 0x0000000004444444, 0x0000000000000f0f,
};

/* Arctangent of i / 128. */
static const struct wide atan_table[129] = {
    { 0x0000000000000000, 0x0000000000000000 }, { 0x01fffd555bbba972, 0xd00c46a3f77cc15f },
    { 0x03ffeaab776e5356, 0xef9e31590057dd81 }, { 0x05ffb80612970d6b, 0xce7603f5cab5251c },
    { 0x07ff556eea5d892a, 0x13bcebbb6ed46311 }, { 0x09feb2f8b4e4ec8b, 0x918538b230da72f6 },
    { 0x0bfdc0c2186d14fc, 0xf220e10d61df56ec }, { 0x0dfc6ef89ce221ce, 0xc03969ab00b0ebad },
    { 0x0ffaaddb967ef4e3, 0x6cb2792dc0e2e0d5 }, { 0x11f86dbf082d58de, 0xd447119a20fdb0fe },
    { 0x13f59f0e7c559d6b, 0x1338a177e11cd9bf }, { 0x15f2324fd2d7b262, 0xa3691004c637eace },
    { 0x17ee182602f10e8c, 0x126acfcf099f06cf }, { 0x19e94153cfdcf168, 0xccb875a711f8151f },
    { 0x1be39ebe6f07c37d, 0xee3ca681661cbb3e }, { 0x1ddd21701eba6e65, 0x3bff35dbf95fab5a },
    { 0x1fd5ba9aac2f6dc6, 0x5912f313e7d111df }, { 0x21cd5b99e8110314, 0x72e7223397963968 },
    { 0x23c3f5f6086e4dc9, 0x6f4dd64a60e82be6 }, { 0x25b97b65f743fe63, 0xca1c155854d14fcb },
    { 0x27adddd18cc4d8b0, 0xd1d8674940d83fa1 }, { 0x29a10f53b49e2e8f, 0x991f8d6f8abcc1f8 },
    { 0x2b93023c7d84d3be, 0xad534ffbc30b7a65 }, { 0x2d83a9131267b1b5, 0xaad627f0ef6549a1 },
    { 0x2f72f6979cb6044d, 0x1ec2d3e207271d22 }, { 0x3160ddc50f385177, 0x39967e7b9d85f2c6 },
    { 0x334d51d2d90c4c39, 0xec03cf68691bbacf }, { 0x353846368064f287, 0x45df44e6542a8758 },
    { 0x3721aea524c14408, 0xbd88697072d54bc1 }, { 0x39097f14e85cdb9a, 0x908be5f45766d522 },
    { 0x3aefabbe40ae6ce3, 0x2468a9a2cbef5e3a }, { 0x3cd4291d2dd89ac3, 0x3591014fbb281a07 },
    { 0x3eb6ebf25901bac5, 0x5b71e7bd7de885f9 }, { 0x4097e9441996d698, 0xd2097cd05b85a52f },
    { 0x4277165f618d8962, 0xe47390cb8655e9d1 }, { 0x445468d890c726b2, 0x37236f884613c81b },
    { 0x462fd68c2fc5e098, 0x6523a458dfc414c7 }, { 0x4809559f91f25773, 0xe6e6b85eb78ccc12 },
    { 0x49e0dc815fbd16f8, 0x8322c92037f0a23d }, { 0x4bb661ea08f3f8dc, 0x892c7500964d0de3 },
    { 0x4d89dcdc1faf2f34, 0xe2d5da4c693d7994 }, { 0x4f5b44a49c44d113, 0x7ca41cc9589e8ce2 },
    { 0x512a90db0abc26a2, 0xa1bc3aa4c45c6cf2 }, { 0x52f7b961a2439b0d, 0x91c41eeac549d5fa },
    { 0x54c2b6654735276d, 0x4cdbfbbdfbecf461 }, { 0x568b805d783d3913, 0xb7a8f82e45741deb },
    { 0x5852100c273f8658, 0xda8ea8ee100507e1 }, { 0x5a165e7d7e9bf7db, 0x50fd65ca4ac7b49b },
    { 0x5bd86507937bc239, 0xc55190916e7f2242 }, { 0x5d981d4a05d407c4, 0x5dd0dc6713fffa14 },
    { 0x5f55812d8ecfdd69, 0xc885c2b249a08813 }, { 0x61108ae37e575dd7, 0x6a0299b41b5c3a3c },
    { 0x62c934e5286c95b6, 0xd0ba3748fa85146f }, { 0x647f79f343198910, 0x74188054b536bec6 },
    { 0x6633551535ac619e, 0x6c988fd0a76cdbe2 }, { 0x67e4c1985a000637, 0xd8fb836bc6581a7c },
    { 0x6993bb0f308ff2db, 0x213e4af4800f389b }, { 0x6b403d5088162dfc, 0x4c33891d2e7eef7e },
    { 0x6cea44769971b1ae, 0x187b1ca504031a2f }, { 0x6e91ccde18929551, 0x9a1b46e4afe929cf },
    { 0x7036d3253b27be33, 0xe318f6cb3cc65c02 }, { 0x71d9542ab5c7e28b, 0x474008fbc1b87ea8 },
    { 0x73794d0cb04d425d, 0x305bbe70e536e164 }, { 0x7516bb27b218acc4, 0xa108b1f7c969a4a3 },
    { 0x76b19c1586ed3da2, 0xb7f222f65e1d4682 }, { 0x7849edac1d12bfb5, 0x3d9e719cad55185c },
    { 0x79dfadfc5d68d10e, 0x53dc1bf34356f9fd }, { 0x7b72db50fe10d380, 0xda2733ddec71326e },
    { 0x7d03742d50505f2e, 0x33691e3eaee47661 }, { 0x7e91774c0a496235, 0xa9c23d7274b5310f },
    { 0x801ce39e0d205c99, 0xa6d6c6c54d938596 }, { 0x81a5b8492824418f, 0x9b38d85540ff5432 },
    { 0x832bf4a6d9867e2a, 0x4b6a09cb61a515c1 }, { 0x84af98430d2c7eed, 0xe4df5ea560d2aaeb },
    { 0x8630a2dada1ed065, 0xd3e84ed5013ca37e }, { 0x87af145b3f14a800, 0x988d8bf64c868143 },
    { 0x892aecdfde9547b5, 0x094478fc472b4afc }, { 0x8aa42cb1bb234d68, 0xb0756e81879e843a },
    { 0x8c1ad445f3e09b8c, 0x439d801860205921 }, { 0x8d8ee43c8214276f, 0x0b9ba88386b8a2cd },
    { 0x8f005d5ef7f59f9b, 0x5c835e1665c43748 }, { 0x906f409f411d8d0d, 0xc515828917850ab6 },
    { 0x91db8f1664f350e2, 0x10e4f9c1126e0220 }, { 0x93454a034b6d3074, 0x4d228131cf31c982 },
    { 0x94ac72c9847186f6, 0x18c4f393f78a32f9 }, { 0x96110af012232fd6, 0x8fde4b8b683e2686 },
    { 0x97731420365e538b, 0xabd3fe19f1aeb6b3 }, { 0x98d2902443a5f281, 0x9570f4f584892a43 },
    { 0x9a2f80e671bdda20, 0x4226f8e2204ff3bd }, { 0x9b89e86fb6281fac, 0x21d87f3a7e4b6dd4 },
    { 0x9ce1c8e6a0b8cdb9, 0xf799c4e8174cf11c }, { 0x9e37248e3c6e243d, 0x75ed605e8b128b9c },
    { 0x9f89fdc4f4b7a1ec, 0xf8b492644f0701e0 }, { 0xa0da57037f52089e, 0xb052993bb28ec568 },
    { 0xa22832dbcadaae08, 0x92fe9c08637af0e6 }, { 0xa37393f7f238af63, 0x232723dd99b9efd4 },
    { 0xa4bc7d1934f70924, 0x19a87f2a457dac9f }, { 0xa602f116f4a7247e, 0xa7c1ec1a242451d4 },
    { 0xa746f2ddb7602294, 0x67b7d66f2d74e019 }, { 0xa888856e2f6c0923, 0xdcd6832a63de1ee9 },
    { 0xa9c7abdc4830f5c8, 0x916a84b5be7933f6 }, { 0xab04694e3861a332, 0x739e1bd011000fd5 },
    { 0xac3ec0fb997dd6a1, 0xa36273a56afa8ef4 }, { 0xad76b62c84a8bae6, 0x25ee295286cdb591 },
    { 0xaeac4c38b4d8c080, 0x14725e2f3e52070a }, { 0xafdf8686ae624f92, 0xcc0bffd23aa0ae62 },
    { 0xb110688aebdc6f6a, 0x43d65788b9f6a7b5 }, { 0xb23ef5c7105c7f84, 0xd7eff716b8c33243 },
    { 0xb36b31c91f043691, 0x590141744462f93a }, { 0xb495202ab7db53b2, 0x972b51d45971ca78 },
    { 0xb5bcc49059ecc4af, 0xf8f3cee75e3907d5 }, { 0xb6e222a8aa9d7790, 0x1de72a31f5c86498 },
    { 0xb8053e2bc2319e73, 0xcb2da55210a4443d }, { 0xb9261ada7d73d865, 0x22ccb6cd266bc460 },
    { 0xba44bc7dd470782f, 0x654c2cb10942e386 }, { 0xbb6126e636360232, 0xa4aa35b907915ae6 },
    { 0xbc7b5deae98af280, 0xd4113006e80fb290 }, { 0xbd9365697287ec62, 0xfe419f7dc09b1792 },
    { 0xbea94144fd049aac, 0x1043c5e755282e7d }, { 0xbfbcf565cbc4c3fa, 0xb9501d5a441a24b6 },
    { 0xc0ce85b8ac526640, 0x89dd62c46e92fa25 }, { 0xc1ddf62e6f711098, 0x838827fe361448e7 },
    { 0xc2eb4abb661628b5, 0xb373fe45c61bb9fb }, { 0xc3f68756e2d1510a, 0xf5ad957f4bc61566 },
    { 0xc4ffaffabf8fbd54, 0x8cb43d10bc9e0221 }, { 0xc606c8a2e7a4eb7d, 0x480edb8866516455 },
    { 0xc70bd54ce602ee13, 0xe7d54fbd09f2be38 }, { 0xc80ed9f7778c3ad0, 0xccbcac0791ef71d4 },
    { 0xc90fdaa22168c234, 0xc4c6628b80dc1cd1 },
};

/* Pi by quarters, in units of 2^-126. */
static const struct wide pi_table[4] = {
    { 0x3243f6a8885a308d, 0x313198a2e0370734 }, { 0x6487ed5110b4611a, 0x62633145c06e0e69 },
    { 0x96cbe3f9990e91a7, 0x9394c9e8a0a5159d }, { 0xc90fdaa22168c234, 0xc4c6628b80dc1cd1 },
};

/* (2^r - 1) / r by powers of s = 2^12 r: ln(2)^n / n! 2^-12(n-1), for n = 1, 3, 5 ... */
static const struct wide exp_even_wide[3] = {
    { 0xb17217f7d1cf79ab, 0xc9e3b39803f2f6af }, { 0x0000000e35846b82, 0x505fc599d3b15d99 },
    { 0x0000000000000057, 0x61ff9e299cc441c6 },
};

/* The terms that follow. */
static const u64 exp_even_low[2] = {
    0x000000ffe5fe2c46, 0x00000000000001b5,
};

/* The same for n = 2, 4, 6 ... */
static const struct wide exp_odd_wide[2] = {
    { 0x0003d7f7bff058b1, 0xd50de2d60dd92e6c }, { 0x0000000000276556, 0xdf749cee539977c1 },
};

/* The terms that follow. */
static const u64 exp_odd_low[3] = {
    0x00a184897c363c3b, 0x000000000162c022, 0x0000000000000000,
};

/* Half of 2^(i / 64). */
static const struct wide exp_coarse[64] = {
    { 0x8000000000000000, 0x0000000000000000 }, { 0x8164d1f3bc030773, 0x7be56527bd14def5 },
    { 0x82cd8698ac2ba1d7, 0x3e2a475b46520bff }, { 0x843a28c3acde4046, 0x1af92eca13fd1582 },
    { 0x85aac367cc487b14, 0xc5c95b8c2154c1b2 }, { 0x871f61969e8d1010, 0x3a1727c57b52a956 },
    { 0x88980e8092da8527, 0x5df8d76c98c67563 }, { 0x8a14d575496efd9a, 0x080ca1d92c3680c2 },
    { 0x8b95c1e3ea8bd6e6, 0xfbe4628758a53c90 }, { 0x8d1adf5b7e5ba9e5, 0xb4c7b4968e41ad36 },
    { 0x8ea4398b45cd53c0, 0x2dc0144c8783d4c6 }, { 0x9031dc431466b1dc, 0x775814a8494e87e2 },
    { 0x91c3d373ab11c336, 0x0fd6d8e0ae5ac9d8 }, { 0x935a2b2f13e6e92b, 0xd339940e9d924ee7 },
    { 0x94f4efa8fef70961, 0x2e8afad12551de54 }, { 0x96942d3720185a00, 0x48ea9b683a9c22c5 },
    { 0x9837f0518db8a96f, 0x46ad23182e42f6f6 }, { 0x99e0459320b7fa64, 0xe43086cb34b5fcaf },
    { 0x9b8d39b9d54e5538, 0xa2a817a2a3cc3f1f }, { 0x9d3ed9a72cffb750, 0xde494cf050e99b0b },
    { 0x9ef5326091a111ad, 0xa0911f09ebb9fdd1 }, { 0xa0b0510fb9714fc2, 0x192dc79edb0fd9a9 },
    { 0xa27043030c496818, 0x9b7a04ef80cfdea8 }, { 0xa43515ae09e6809e, 0x0d1db4831781e1ef },
    { 0xa5fed6a9b15138ea, 0x1cbd7f621710701b }, { 0xa7cd93b4e9653569, 0x9ec5b4d5039f72af },
    { 0xa9a15ab4ea7c0ef8, 0x541e24ec3531fa73 }, { 0xab7a39b5a93ed337, 0x658023b2759e0079 },
    { 0xad583eea42a14ac6, 0x4980a8c8f59a2ec4 }, { 0xaf3b78ad690a4374, 0xdf26101ccbb35033 },
    { 0xb123f581d2ac258f, 0x87d037e96d215d8e }, { 0xb311c412a9112489, 0x3ecf14dc798a519c },
    { 0xb504f333f9de6484, 0x597d89b3754abe9f }, { 0xb6fd91e328d17791, 0x07165f0ddd541a5a },
    { 0xb8fbaf4762fb9ee9, 0x1b879778566b65a2 }, { 0xbaff5ab2133e45fb, 0x74d519d24593838c },
    { 0xbd08a39f580c36be, 0xa8811fb66d0faf7a }, { 0xbf1799b67a731082, 0xe815d0abcbf0b851 },
    { 0xc12c4cca66709456, 0x7c457d59a50087b5 }, { 0xc346ccda24976407, 0x20ec856128b83a42 },
    { 0xc5672a115506dadd, 0x3e2ad0c964dd9f37 }, { 0xc78d74c8abb9b15c, 0xc13a2e3976c0277e },
    { 0xc9b9bd866e2f27a2, 0x80e1f92a0511697e }, { 0xcbec14fef2727c5c, 0xf4907c8f45ebf6dd },
    { 0xce248c151f8480e3, 0xe235838f95f2c6ed }, { 0xd06333daef2b2594, 0xd6d45c6559a4d502 },
    { 0xd2a81d91f12ae45a, 0x12248e57c3de4028 }, { 0xd4f35aabcfedfa1f, 0x5921deffa6262c5b },
    { 0xd744fccad69d6af4, 0x39a68bb9902d3fde }, { 0xd99d15c278afd7b5, 0xfe873deca3e12bac },
    { 0xdbfbb797daf23755, 0x3d840d5a9e29aa64 }, { 0xde60f4825e0e9123, 0xdd07a2d9e8466859 },
    { 0xe0ccdeec2a94e111, 0x065895048dd333ca }, { 0xe33f8972be8a5a51, 0x09bfe90795980eed },
    { 0xe5b906e77c8348a8, 0x1e5e8f4a4edbb0ed }, { 0xe8396a503c4bdc68, 0x791790d0ac70c7de },
    { 0xeac0c6e7dd24392e, 0xd02d75b3706e54fb }, { 0xed4f301ed9942b84, 0x600d2db6a64bfb12 },
    { 0xefe4b99bdcdaf5cb, 0x46561cf6948db913 }, { 0xf281773c59ffb139, 0xe8980a9cc8f47a4b },
    { 0xf5257d152486cc2c, 0x7b9d0c7aed980fc3 }, { 0xf7d0df730ad13bb8, 0xfe90d496d60fb6eb },
    { 0xfa83b2db722a033a, 0x7c25bb14315d7fcd }, { 0xfd3e0c0cf486c174, 0x853f3a5931e0ee03 },
};

/* 2^(j / 4096) - 1. */
static const struct wide exp_fine[64] = {
    { 0x0000000000000000, 0x0000000000000000 }, { 0x000b175effdc76ba, 0x38e31671ca939726 },
    { 0x00162f3904051fa1, 0x28bca9c55c31e5e0 }, { 0x0021478e11ce6504, 0x572dac5aa382b40f },
    { 0x002c605e2e8cec50, 0x6d21bfc89a23a011 }, { 0x003779a95f959611, 0xc47530d7a7cc4de1 },
    { 0x0042936faa3d7df6, 0xf7b75b791115d652 }, { 0x004dadb113d9fad3, 0x720977f681a7456d },
    { 0x0058c86da1c09ea1, 0xff19d294cf2f679c }, { 0x0063e3a559473687, 0x5b3b6ee5203b2d6b },
    { 0x006eff583fc3cad4, 0xc39a17ffaf9f8d06 }, { 0x007a1b865a8c9f0a, 0x868adee372d5ffa8 },
    { 0x0085382faef831da, 0x93f90835f753878b }, { 0x00905554425d3d2b, 0x0def6a9ed88b90bc },
    { 0x009b72f41a12b618, 0xd93e3efa3df9fcd1 }, { 0x00a6910f3b6fccfa, 0x2e3d639dde3a3e51 },
    { 0x00b1afa5abcbed61, 0x29ab13ec11dc9544 }, { 0x00bcceb7707ebe1e, 0x5da715708e564288 },
    { 0x00c7ee448ee02143, 0x62ca5bc26f15e341 }, { 0x00d30e4d0c483425, 0x695b246740721959 },
    { 0x00de2ed0ee0f4f5f, 0xca9d8bf2cdd630e5 }, { 0x00e94fd0398e06d6, 0x9a409d9f823e9556 },
    { 0x00f4714af41d29b9, 0x37e7de9b37c5a3c9 }, { 0x00ff93412315c284, 0xe0d1564460b0ba25 },
    { 0x010ab5b2cbd11707, 0x41981493821d4cd6 }, { 0x0115d89ff3a8a861, 0x081337ed061e4ecf },
    { 0x0120fc089ff63308, 0x7551739778cb5155 }, { 0x012c1fecd613aecb, 0xefb118125174728e },
    { 0x0137444c9b5b4ed4, 0x95149e8976e07b6c }, { 0x01426927f52781a8, 0xcd33b8a1bb2d6ee7 },
    { 0x014d8e7ee8d2f12e, 0xdc08e5da999f45c0 }, { 0x0158b4517bb882af, 0x745b8fc18e5ca375 },
    { 0x0163da9fb33356d8, 0x4a66ae336dcdfa40 }, { 0x016f0169949ec9be, 0xa69bf4e82f08d549 },
    { 0x017a28af255672e1, 0xf8838b85aa66d999 }, { 0x018550706ab6252e, 0x69b85175db1e7fbd },
    { 0x019078ad6a19eeff, 0x7100aebd406a9183 }, { 0x019ba16628de1a22, 0x6583f30e088518e3 },
    { 0x01a6ca9aac5f2bd9, 0x121c4454bd72a6e4 }, { 0x01b1f44af9f9e4dc, 0x48c51dfb3953ab36 },
    { 0x01bd1e77170b415e, 0x7626621eb5aaff61 }, { 0x01c8491f08f0790e, 0x353bfdf5d6c2cac7 },
    { 0x01d37442d506ff18, 0xe31a22a3a2137f2f }, { 0x01de9fe280ac822d, 0x32ce13b45c4be098 },
    { 0x01e9cbfe113eec7d, 0xc15b8c815954d615 }, { 0x01f4f8958c1c63c3, 0xa9d6bdb8d6682506 },
    { 0x020025a8f6a34941, 0x199ae447040e33c6 }, { 0x020b5338563239c3, 0xe49d7add73948525 },
    { 0x02168143b0280da8, 0x19de0756294cca9f }, { 0x0221afcb09e3d8da, 0x97f2852fa2a33044 },
    { 0x022cdece68c4eadb, 0xa1b06e5f2cd9e2bb }, { 0x02380e4dd22acec1, 0x72f263b6f6f7c5d8 },
    { 0x02433e494b754b3a, 0xd57a761d5738e08f }, { 0x024e6ec0da046291, 0xb5f111d2ca102a33 },
    { 0x02599fb4833852ad, 0xb9008d043e8c245b }, { 0x0264d1244c719516, 0xd08d5ae751b204fe },
    { 0x027003103b10def7, 0xd10ae49e2826250d }, { 0x027b357854772121, 0x06ed0920a33bf12b },
    { 0x0286685c9e05880a, 0xcc364568bc4bbc2f }, { 0x02919bbd1d1d7bd8, 0x1e22861fdef18ddc },
    { 0x029ccf99d720a059, 0x32eea40b289d5b88 }, { 0x02a803f2d170d50e, 0x0fbc8c7481a304c2 },
    { 0x02b338c811703529, 0x1e9416ce91bef2bf }, { 0x02be6e199c811791, 0xc48088d19fcb573f },
};

/* log2(1 + z) / 2z by powers of s = 2^12 |z|: 2^-12n / (2(n + 1) ln 2), for n = 0, 2, 4 ... */
static const struct wide log_even_wide[3] = {
    { 0xb8aa3b295c17f0bb, 0xbe87fed0691d3e89 }, { 0x0000003d8e13b874, 0x07fae93f82aa4578 },
    { 0x00000000000024ee, 0xd8a1df37fcf2594e },
};

/* The terms that follow. */
static const u64 log_even_low[2] = {
    0x001a61762a7aded9, 0x000000001484b13d,
};

/* The same for n = 1, 3, 5 ... */
static const struct wide log_odd_wide[3] = {
    { 0x0005c551d94ae0bf, 0x85ddf43ff68348ea }, { 0x0000000002e2a8ec, 0xa5705fc2eefa1ffb },
    { 0x0000000000000001, 0xec709dc3a03fd74a },
};

/* The terms that follow. */
static const u64 log_odd_low[2] = {
    0x00000171547652b8, 0x0000000000012777,
};

enum { LOG_SPLIT = 53, LOG_LEAST = -17 };         /* the first cell above sqrt(2); the first fine row */

/* By the first seven bits f of m's fraction: 2^11 / m, and what is missing then, in units of 2^-127 of log2. */
static const struct log_row log_coarse[128] = {
    { { 0x0000000000000000, 0x0000000000000000 }, 2048 }, { { 0x022d443c414148a1, 0x79268271cbde0f4c }, 2024 },
    { { 0x038cec7a4560a81d, 0xba92e5d1fe12cf32 }, 2009 }, { { 0x0506ee3bdfe52a70, 0x104d4428462e7791 }, 1993 },
    { { 0x066c140e36102555, 0xcdc4c39762395d50 }, 1978 }, { { 0x07bbde49422da758, 0x4dcc96e6c77a5aa2 }, 1964 },
    { { 0x09264f544422a2bc, 0x6293026a34be99ae }, 1949 }, { { 0x0a7b1d3ff8ed211b, 0xa4bf0dfc49c57e3a }, 1935 },
    { { 0x0beb024b67dda633, 0x9da288fc615a727e }, 1920 }, { { 0x0d2c2ef62658209a, 0xdfcbf763f7a68c4f }, 1907 },
    { { 0x0e88857e59508b55, 0xb0e3e79438bd383b }, 1893 }, { { 0x0fe771fc142de33f, 0x3741229cba1a6ad8 }, 1879 },
    { { 0x112fa6f550f895d8, 0x5f28cf0b611408e7 }, 1866 }, { { 0x127a27567fb847bf, 0xdf4b1f6af3233122 }, 1853 },
    { { 0x13c6fb650cde50a1, 0x644ac793db28c412 }, 1840 }, { { 0x15162b936f1b4199, 0x9ccb5f4b0c65ca7c }, 1827 },
    { { 0x1667c08270b90508, 0x794e459f43e65659 }, 1814 }, { { 0x17a18529635925a6, 0x03f53f8a1aafdda8 }, 1802 },
    { { 0x18f7cd679bfdbd41, 0x2d119d74c8b794eb }, 1789 }, { { 0x1a35f8528567bc7f, 0x81bf17e78203ce9f }, 1777 },
    { { 0x1b764b2459297801, 0x1f1363d6a2696c7f }, 1765 }, { { 0x1cb8cd64d923d4ce, 0xa1728ebf4a539091 }, 1753 },
    { { 0x1de26177108d0371, 0x5cd8945f9ead9f3e }, 1742 }, { { 0x1f29299496a888ac, 0xe54e4bc141c7f819 }, 1730 },
    { { 0x2056b5afecf9984a, 0x7eb96a673ef76686 }, 1719 }, { { 0x2186315dbfe780ec, 0xcdb092dce9aa120d }, 1708 },
    { { 0x22b7a30577d2eba6, 0x85adc5118a85e828 }, 1697 }, { { 0x23eb112e790e8e30, 0xfa5666eb6987513e }, 1686 },
    { { 0x25208280fa4206ac, 0xf395c6a5fcafda99 }, 1675 }, { { 0x2657fdc6e1dcd0cb, 0x4492f1bc6b3e5771 }, 1664 },
    { { 0x2774f2c7f83f1ddf, 0x6013e109f9928564 }, 1654 }, { { 0x2893a22bdefb0ed8, 0xf6e1525422e85787 }, 1644 },
    { { 0x29d1021a2e674c7e, 0xa4aff51ccf3cd45e }, 1633 }, { { 0x2af3643179a88f2d, 0xf02e995c0c03d4e7 }, 1623 },
    { { 0x2c1791bb42faff64, 0x9b098e158bd068c7 }, 1613 }, { { 0x2d3d906e789c6721, 0x11e5f770262d5738 }, 1603 },
    { { 0x2e47bb6268d6ca2a, 0x87a537040e961a09 }, 1594 }, { { 0x2f713e059e555a63, 0xe278bad54ec9e6cf }, 1584 },
    { { 0x309ca3028ea891f1, 0x275fbd427a65f1af }, 1574 }, { { 0x31abb8fcff7be33d, 0x66653d7d057429f3 }, 1565 },
    { { 0x32bc5f36a3e09c5e, 0x4cd9b08e72b3dd46 }, 1556 }, { { 0x33ce9a543d1077f3, 0x4904aeb9bf1fd5eb }, 1547 },
    { { 0x34e26f0f5b2f4970, 0x39cb24bf48fccbf5 }, 1538 }, { { 0x35f7e236da5908f5, 0x23a8dff1405c922b }, 1529 },
    { { 0x370ef8af6360dfdf, 0xc4ce7959dfb11374 }, 1520 }, { { 0x3827b773f062e256, 0x1712b46d10cacb18 }, 1511 },
    { { 0x39422396554b8a87, 0xf1b8ea95639d4dc4 }, 1502 }, { { 0x3a3e9affd7f0cffb, 0x0288da0c3a7ec114 }, 1494 },
    { { 0x3b5c405106330097, 0x801b43d1b024594d }, 1485 }, { { 0x3c5b9d9e6a0b42d2, 0x109c870da8437ca4 }, 1477 },
    { { 0x3d5c5df8a97c5589, 0x5e5e873410ecff24 }, 1469 }, { { 0x3e7ee39836c53705, 0x9b83831a00f6f257 }, 1460 },
    { { 0x3f82a362366c8037, 0x350210b9a7655258 }, 1452 }, { { 0xc087d28dfb2febb8, 0xae4cceb0f621941b }, 1444 },
    { { 0xc18e753086757e5e, 0x03905a5e825483ed }, 1436 }, { { 0xc27577790731b8f2, 0xe31339bb63f1d5d3 }, 1429 },
    { { 0xc37eddd82aaefb9f, 0xa771ef8308fea429 }, 1421 }, { { 0xc489c3cd68f41982, 0x390072dd1afa9941 }, 1413 },
    { { 0xc5748b1948ab61ec, 0x76079b9862da9559 }, 1406 }, { { 0xc6824c1488ef2bf4, 0x4dfefea84287a5ed }, 1398 },
    { { 0xc76f99e20dd140a3, 0x99b4f535f94316c3 }, 1391 }, { { 0xc88045b31e529314, 0xd5319d875eb99acb }, 1383 },
    { { 0xc97028118efabeb7, 0xd7220e04ebb0e2a4 }, 1376 }, { { 0xca6143a49626d820, 0x3dc2687fcf939696 }, 1369 },
    { { 0xcb539ba245919d3a, 0xd7d17742da66e3d8 }, 1362 }, { { 0xcc47334d642b0e98, 0xf43e544c93362817 }, 1355 },
    { { 0xcd3c0df5b17ec8e6, 0x14c50a47364d5835 }, 1348 }, { { 0xce322ef82adb8a1f, 0x7d87555c29850ed0 }, 1341 },
    { { 0xcf2999bf5249fd70, 0xc8dda8b9936cc71c }, 1334 }, { { 0xd02251c377616d94, 0xd696f52bcef93ae9 }, 1327 },
    { { 0xd0f88dada9d7dcb6, 0xec9e0268490654c6 }, 1321 }, { { 0xd1f3b9f5d525c562, 0x8dd05f0e95cafb1f }, 1314 },
    { { 0xd2f03db3b7e970fb, 0x38d942562697b6b9 }, 1307 }, { { 0xd3c9c2c8bd79136f, 0x421564aa21a5b0cd }, 1301 },
    { { 0xd4a4494570998879, 0xf724c46f4277408e }, 1295 }, { { 0xd5a4840766d29904, 0x613e33c06c95a688 }, 1288 },
    { { 0xd681407922f51199, 0xa84db3669e43b188 }, 1282 }, { { 0xd75f0602456078d6, 0x54bec0067239e111 }, 1276 },
    { { 0xd863142eaefdfd01, 0xbba0bd7dc012fad4 }, 1269 }, { { 0xd94320b3eafc5d96, 0x1036aa6cabc3a397 }, 1263 },
    { { 0xda243e59bede0402, 0x055bf5ef5c3309d4 }, 1257 }, { { 0xdb066fbd44569f52, 0x011a0107e47b4fba }, 1251 },
    { { 0xdbe9b7853ba4fdce, 0x40367512a264e163 }, 1245 }, { { 0xdcce18623b5099c8, 0xf468bc0214069478 }, 1239 },
    { { 0xdd8d41c9493cb484, 0xc864bba0670d6100 }, 1234 }, { { 0xde73ad1557aae2b6, 0x09c0b7cfa3fe15d0 }, 1228 },
    { { 0xdf5b394c8a9c993c, 0x70444a493522d6ff }, 1222 }, { { 0xe043e946fd97f5dc, 0x572667587b10ca0e }, 1216 },
    { { 0xe106b236f09cd10f, 0xe241b7edd334da8f }, 1211 }, { { 0xe1f1809e6901955d, 0x8cc95b2eae671e7d }, 1205 },
    { { 0xe2b611b3cda69037, 0x0b4a9afdc5fabbe4 }, 1200 }, { { 0xe3a3088079f7d99c, 0xcffaf661310f8834 }, 1194 },
    { { 0xe4696a27711ada23, 0xb796dc9d2edcc3ea }, 1189 }, { { 0xe55893988376d3fc, 0xf3c161a6cc89dabe }, 1183 },
    { { 0xe620ce7973ee2b33, 0xd0974797fd2d3fe4 }, 1178 }, { { 0xe6e9e36244a0978f, 0xc0736b5cd116f661 }, 1173 },
    { { 0xe7b3d42fd0fc4d02, 0x2ddb71189c56a8f1 }, 1168 }, { { 0xe87ea2c5178eb6d6, 0x86f47f726a8d5841 }, 1163 },
    { { 0xe973288313332cb2, 0xa156cbd38917f0c2 }, 1157 }, { { 0xea3fe5c604297860, 0x5ff4edf5f974522f }, 1152 },
    { { 0xeb0d8704c169a167, 0x9852147f69e64121 }, 1147 }, { { 0xebdc0e3d3ed15db0, 0xbfde7137290fe2a0 }, 1142 },
    { { 0xecab7d7426be536a, 0xec29c2d074cb9aab }, 1137 }, { { 0xed7bd6b4f859c072, 0x8975535bddd3cd3a }, 1132 },
    { { 0xee232e68aad484a1, 0x5babcf87c69ea8a5 }, 1128 }, { { 0xeef5322c02dbc93a, 0xbd6c1b90295e6638 }, 1123 },
    { { 0xefc825d870d78f83, 0x1bb4ffc156ef3a15 }, 1118 }, { { 0xf09c0b9489b49f7b, 0x04b4f5e3afa2dffe }, 1113 },
    { { 0xf170e58e523e92d9, 0x7a63866e1a0d3a88 }, 1108 }, { { 0xf21bdedfa92a22ce, 0x269d2c8d7342a3c3 }, 1104 },
    { { 0xf2f276122487d388, 0x43a70315179372ee }, 1099 }, { { 0xf39ed67b38d9f335, 0xcb7dfa14fdb11b6e }, 1095 },
    { { 0xf477323c4a0abd01, 0xb31cf29cf9ef27ea }, 1090 }, { { 0xf5508ca59bdc51c1, 0x51b4706edcc9eb19 }, 1085 },
    { { 0xf5ff27824fd52f0f, 0x22540e1f406cfa3a }, 1081 }, { { 0xf6ae6813888a3a8e, 0x338ad1597f0ead05 }, 1077 },
    { { 0xf78a63b02eb032a6, 0x1845a2a3336f47cd }, 1072 }, { { 0xf83b1d9f336b1817, 0x8cbe51121a93c268 }, 1068 },
    { { 0xf918f4eb353d5bad, 0xcf538ad61f74248b }, 1063 }, { { 0xf9cb2e9ef5754a2d, 0xe165c8d03a834c31 }, 1059 },
    { { 0xfa7e14fc1016fa6f, 0x13a91ae116d69a2e }, 1055 }, { { 0xfb31a9525581e133, 0x1851eea2052b927c }, 1051 },
    { { 0xfc13196a60f2d4c7, 0x0f215a8c3ee9cec1 }, 1046 }, { { 0xfcc83a1116ca67b5, 0x9f00c2d0edb29a95 }, 1042 },
    { { 0xfd7e0d0f32f45ad9, 0xa7a0b0bad9e1d7ca }, 1038 }, { { 0xfe3493c542ebaa74, 0xae35256c1f3a142e }, 1034 },
    { { 0xfeebcf97eda22f20, 0x413d108e2f1ddf8b }, 1030 }, { { 0x0000000000000000, 0x0000000000000000 }, 1024 },
};

/* By z in units of 2^-12: 2^16 / (1 + z), and what is missing. */
static const struct log_row log_fine[50] = {
    { { 0xff3b7b2d25885706, 0xa2e1295c45d9dd01 }, 65809 }, { { 0xff46f9eaa6e76abb, 0xfe4a3012a7cc817b }, 65793 },
    { { 0xff52795f61e7a50f, 0x17042bc4433db3a2 }, 65777 }, { { 0xff5df98b6d5b74a3, 0xbcc31da1b734b672 }, 65761 },
    { { 0xff697a6ee0198bf4, 0xfde874a7cee1692d }, 65745 }, { { 0xff74fc09d0fce265, 0x47a9eb72b03a1bea }, 65729 },
    { { 0xff813687983b9450, 0x6dbcdf7acc4dbfad }, 65712 }, { { 0xff8cb99d458c8f0d, 0x144bb17b9ac9c1e1 }, 65696 },
    { { 0xff983d6ab71bf855, 0x60545d61b9511cda }, 65680 }, { { 0xffa3c1f003d62a6c, 0xe715cc49713f4554 }, 65664 },
    { { 0xffaf472d42abc9e5, 0x574c3ce9b89b1195 }, 65648 }, { { 0xffbacd228a91c6b0, 0x9d5964995c584d2e }, 65632 },
    { { 0xffc653cff2815d33, 0x5cfa7442d3c5f1cf }, 65616 }, { { 0xffd1db3591781757, 0xc0ac0d78db390a46 }, 65600 },
    { { 0xffdd63537e77cda0, 0x9edc41e0397b8c92 }, 65584 }, { { 0xffe8ec29d086a83c, 0xf50ac52c59087eb5 }, 65568 },
    { { 0xfff475b89eaf201b, 0xb8f787fca79b27b5 }, 65552 }, { { 0x0000000000000000, 0x0000000000000000 }, 65536 },
    { { 0x000b8b000b8c6595, 0x7ccb6fe1bf601ee2 }, 65520 }, { { 0x001716b8d86bc285, 0x53668fa9946213fd }, 65504 },
    { { 0x0022a32a7db9dd8b, 0x43ef0463976efbdf }, 65488 }, { { 0x002e30551296d38b, 0x2bef2419d42c338e }, 65472 },
    { { 0x0039be38ae2718a6, 0xde8a916320c7dabb }, 65456 }, { { 0x00454cd567937954, 0x539c480cf4115b88 }, 65440 },
    { { 0x0050dc2b56091b74, 0x2de6c2aee382f516 }, 65424 }, { { 0x005c6c3a90b97f68, 0x9876ef469263d4cd }, 65408 },
    { { 0x0067fd032eda812c, 0x7b5ab752270c2dfd }, 65392 }, { { 0x00738e8547a6596b, 0x07cbee3dd7210cef }, 65376 },
    { { 0x007f20c0f25b9e97, 0x9bf0875ecb61f618 }, 65360 }, { { 0x0089fa818019a2ca, 0xce0d723876173c09 }, 65345 },
    { { 0x00958e24f7b91a1a, 0x53261aacf944b639 }, 65329 }, { { 0x00a1228245a32313, 0xcf1e154029663244 }, 65313 },
    { { 0x00acb79981279016, 0x23afaad01f257728 }, 65297 }, { { 0x00b84d6ac19a96b3, 0x5c344d5e7dd7b2f4 }, 65281 },
    { { 0x00c3e3f61e54d0ca, 0x9c1369970c8b67e7 }, 65265 }, { { 0x00cf7b3baeb33da2, 0x65ac29209c8d8986 }, 65249 },
    { { 0x00db133b8a174303, 0x39db7a3aff74967c }, 65233 }, { { 0x00e5f264adb62d58, 0x105ef8bf5adf5def }, 65218 },
    { { 0x00f18bcdbd0e28fd, 0xd7e2113e5893ab5b }, 65202 }, { { 0x00fd25f15c335583, 0x62ba179c5dbcceec }, 65186 },
    { { 0x0108c0cfa2987713, 0x04a0f3e3c1d89709 }, 65170 }, { { 0x01145c68a7b4bdd1, 0x9ac06487c374f8f1 }, 65154 },
    { { 0x011ff8bc8303c6fb, 0x3c0976e14bc7b6f7 }, 65138 }, { { 0x012adbf4e50cdf8a, 0xfb01053d3e72af4a }, 65123 },
    { { 0x013679b30242138b, 0xb8577c79a9efb0d2 }, 65107 }, { { 0x0142182c3abecb57, 0x80374640bfee53df }, 65091 },
    { { 0x014db760a6101c8b, 0xf95d66b46a7f8b4a }, 65075 }, { { 0x015957505bc78f60, 0xcdbc26eb675ece93 }, 65059 },
    { { 0x01643deb442eb58c, 0xbc195593e2f12de6 }, 65044 }, { { 0x016fdf461d2e4f7e, 0x236cfb7bafe07a2d }, 65028 },
};
