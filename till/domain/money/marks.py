"""The digit grouping, decimal marks and date of each CLDR locale. Written by `make generate`, from babel.

A till whose locale is in the table does not load babel, which takes 5 MB of memory.
"""

from __future__ import annotations

from typing import Final

#: The fields of `till.domain.money.formats.LocaleFormats` but the first, and the locales that write so.
TABLE: Final = (
    (
        3,
        3,
        ",",
        ".",
        "¤\xa0#",
        "%d/%m/%Y",
        (
            "aa aa_DJ aa_ER aa_ET an an_ES bal bal_Arab bal_Arab_PK bal_Latn bal_Latn_PK bew bew_ID bm_Nkoo "
            "bm_Nkoo_ML byn byn_ER co co_FR es_PE frr frr_DE fur fur_IT gez gez_ER gez_ET ha ha_GH ha_NE ha_NG "
            "ks_Deva ks_Deva_IN lag lag_TZ mai mai_IN mni mni_Beng mni_Beng_IN oc oc_ES oc_FR pa_Arab pa_Arab_PK "
            "qu qu_EC qu_PE rif rif_MA sat sat_Deva sat_Deva_IN sat_Olck sat_Olck_IN scn scn_IT sid sid_ET ssy "
            "ssy_ER sw sw_KE sw_TZ sw_UG ta_MY ta_SG tig tig_ER to to_TO trw trw_PK wal wal_ET yi yi_UA"
        ),
    ),
    (
        3,
        3,
        ",",
        ".",
        "¤\xa0#",
        "%d.%m.%Y",
        "ab ab_GE ksh ksh_DE nds nds_DE nds_NL os os_GE os_RU prg prg_PL szl szl_PL",
    ),
    (
        3,
        3,
        "\xa0",
        ",",
        "¤#",
        "%Y-%m-%d",
        "af af_NA af_ZA nr nr_ZA ss ss_SZ ss_ZA ve ve_ZA",
    ),
    (
        3,
        3,
        "\xa0",
        ",",
        "#¤",
        "%d/%m/%Y",
        "agq agq_CM kab kab_DZ shi shi_Latn shi_Latn_MA shi_Tfng shi_Tfng_MA zgh zgh_MA",
    ),
    (
        3,
        3,
        ",",
        ".",
        "¤#",
        "%m/%d/%Y",
        (
            "ak ak_GH ceb ceb_PH chr chr_US ee ee_GH ee_TG en en_AS en_BI en_GU en_MH en_MP en_PH en_PR en_UM "
            "en_US en_VI es_PA es_PR fil fil_PH om om_ET om_KE ti ti_ER ti_ET zu zu_ZA"
        ),
    ),
    (
        3,
        3,
        ",",
        ".",
        "¤#",
        "%d/%m/%Y",
        (
            "am am_ET bem bem_ZM bm bm_ML cgg cgg_UG cy cy_GB dav dav_KE doi doi_IN ebu ebu_KE en_001 en_AE en_AG "
            "en_AI en_AU en_BB en_BM en_BS en_BW en_BZ en_CC en_CK en_CM en_CX en_CY en_DG en_DM en_ER en_FJ "
            "en_FK en_FM en_GB en_GD en_GG en_GH en_GI en_GM en_GS en_GY en_HK en_IE en_IL en_IM en_IO en_JE "
            "en_JM en_KE en_KI en_KN en_KY en_LC en_LR en_LS en_MG en_MO en_MS en_MT en_MU en_MW en_MY en_NA "
            "en_NF en_NG en_NR en_NU en_NZ en_PG en_PK en_PN en_PW en_RW en_SB en_SC en_SD en_SG en_SH en_SL "
            "en_SS en_SX en_SZ en_TC en_TK en_TO en_TT en_TV en_TZ en_UG en_VC en_VG en_VU en_WS en_ZM en_ZW "
            "es_419 es_BR es_BZ es_CU es_DO es_GT es_HN es_MX es_NI es_SV es_US ga ga_GB ga_IE gd gd_GB guz "
            "guz_KE gv gv_IM haw haw_US ig ig_NG jmc jmc_TZ kam kam_KE kde kde_TZ ki ki_KE kln kln_KE kn kn_IN kw "
            "kw_GB luy luy_KE mas mas_KE mas_TZ mer mer_KE ms ms_Arab ms_Arab_MY ms_MY ms_SG mt mt_MT naq naq_NA "
            "nd nd_ZW nus nus_SS nyn nyn_UG pcm pcm_NG rof rof_TZ saq saq_KE so so_DJ so_ET so_KE so_SO teo "
            "teo_KE teo_UG th th_TH ur ur_IN ur_PK vai vai_Latn vai_Latn_LR vai_Vaii vai_Vaii_LR vun vun_TZ yo "
            "yo_BJ yo_NG zh_Hans_HK zh_Hans_MO zh_Hans_SG zh_Hant_HK zh_Hant_MO"
        ),
    ),
    (
        3,
        3,
        ",",
        ".",
        "¤\xa0#",
        "%Y-%m-%d",
        (
            "ann ann_NG apc apc_SY arn arn_CL az_Arab az_Arab_IQ az_Arab_IR az_Arab_TR ba ba_RU bgc bgc_IN blt "
            "blt_VN bo bo_CN bo_IN bss bss_CM cho cho_US ckb ckb_IQ ckb_IR cop cop_EG csw csw_CA en_Dsrt "
            "en_Dsrt_US en_Shaw en_Shaw_GB gn gn_PY ha_Arab ha_Arab_NG ha_Arab_SD hnj hnj_Hmnp hnj_Hmnp_US ii "
            "ii_CN io io_001 iu_Latn iu_Latn_CA jbo jbo_001 kaa kaa_Cyrl kaa_Cyrl_UZ kaa_Latn kaa_Latn_UZ ken "
            "ken_CM kpe kpe_GN kpe_LR lmo lmo_IT lrc lrc_IQ lrc_IR ltg ltg_LV mdf mdf_RU mg mg_MG mgo mgo_CM mhn "
            "mhn_IT mic mic_CA mn_Mong mn_Mong_CN moh moh_CA myv myv_RU mzn mzn_IR nv nv_US ny ny_MW pis pis_SB "
            "quc quc_GT raj raj_IN rhg rhg_Rohg rhg_Rohg_BD rhg_Rohg_MM sd sd_Arab sd_Arab_PK sdh sdh_IQ sdh_IR "
            "shn shn_MM shn_TH skr skr_PK sma sma_NO sma_SE smj smj_NO smj_SE sms sms_FI trv trv_TW tyv tyv_RU "
            "vmw vmw_MZ vo vo_001 wa wa_BE wae wae_CH wbp wbp_AU za za_CN zh_Latn zh_Latn_CN"
        ),
    ),
    (
        3,
        3,
        ",",
        ".",
        "#\xa0¤",
        "%d/%m/%Y",
        (
            "ar ar_001 ar_AE ar_BH ar_DJ ar_EG ar_EH ar_ER ar_IL ar_IQ ar_JO ar_KM ar_KW ar_OM ar_PS ar_QA ar_SA "
            "ar_SD ar_SO ar_SS ar_SY ar_TD ar_YE asa asa_TZ en_150 my my_MM tpi tpi_PG xog xog_UG"
        ),
    ),
    (
        3,
        3,
        ".",
        ",",
        "#\xa0¤",
        "%d/%m/%Y",
        (
            "ar_DZ ar_LB ar_LY ar_MA ar_MR ar_TN ast ast_ES ca ca_AD ca_ES ca_ES_VALENCIA ca_FR ca_IT el el_CY "
            "el_GR el_POLYTON en_BE en_DE en_DK en_ES en_IT en_PL en_RO en_SI es es_EA es_ES es_GQ es_IC es_PH "
            "fr_LU gl gl_ES it it_IT it_SM it_VA ln ln_AO ln_CD ln_CF ln_CG sc sc_IT vi vi_VN"
        ),
    ),
    (
        3,
        2,
        ",",
        ".",
        "¤\xa0#",
        "%d-%m-%Y",
        "as as_IN brx brx_IN dv dv_MV",
    ),
    (
        3,
        3,
        ".",
        ",",
        "#\xa0¤",
        "%d.%m.%Y",
        (
            "az az_Latn az_Latn_AZ bs bs_Cyrl bs_Cyrl_BA bs_Latn bs_Latn_BA da da_DK da_GL de de_BE de_DE de_IT "
            "de_LU dsb dsb_DE fo fo_DK fo_FO hr hr_BA hr_HR hsb hsb_DE is is_IS ku ku_TR lb lb_LU lld lld_IT mk "
            "mk_MK ro ro_MD ro_RO sl sl_SI sr sr_Cyrl sr_Cyrl_BA sr_Cyrl_ME sr_Cyrl_RS sr_Cyrl_XK sr_Latn "
            "sr_Latn_BA sr_Latn_ME sr_Latn_RS sr_Latn_XK"
        ),
    ),
    (
        3,
        3,
        ",",
        ".",
        "#\xa0¤",
        "%d.%m.%Y",
        "az_Cyrl az_Cyrl_AZ he he_IL",
    ),
    (
        3,
        3,
        "\xa0",
        ",",
        "#\xa0¤",
        "%d/%m/%Y",
        (
            "bas bas_CM br br_FR dua dua_CM dyo dyo_SN en_CZ en_FI en_HU en_NO en_PT en_SK ewo ewo_CM ff ff_Latn "
            "ff_Latn_BF ff_Latn_CM ff_Latn_GH ff_Latn_GM ff_Latn_GN ff_Latn_GW ff_Latn_LR ff_Latn_MR ff_Latn_NE "
            "ff_Latn_NG ff_Latn_SL ff_Latn_SN ht ht_HT kea kea_CV ksf ksf_CM ky ky_KG nmg nmg_CM pt_AO pt_CH "
            "pt_CV pt_GQ pt_GW pt_LU pt_MO pt_MZ pt_PT pt_ST pt_TL tg tg_TJ tzm tzm_MA uz uz_Cyrl uz_Cyrl_UZ "
            "uz_Latn uz_Latn_UZ yav yav_CM"
        ),
    ),
    (
        3,
        3,
        "\xa0",
        ",",
        "#\xa0¤",
        "%d.%m.%Y",
        (
            "be be_BY be_TARASK bg bg_BG cs cs_CZ cv cv_RU et et_EE fi fi_FI hy hy_AM ka ka_GE kk kk_Cyrl "
            "kk_Cyrl_KZ kk_KZ lv lv_LV nb nb_NO nb_SJ nn nn_NO no pl pl_PL ru ru_BY ru_KG ru_KZ ru_MD ru_RU ru_UA "
            "se_FI sk sk_SK smn smn_FI sq sq_AL sq_MK sq_XK tk tk_TM tt tt_RU uk uk_UA"
        ),
    ),
    (
        3,
        3,
        ",",
        ".",
        "#¤",
        "%d/%m/%Y",
        "bez bez_TZ km km_KH ksb ksb_TZ lg lg_UG luo luo_KE rwk rwk_TZ sbp sbp_TZ",
    ),
    (
        3,
        3,
        "\u060c",
        "\u066b",
        "¤\xa0#",
        "%Y-%m-%d",
        "bgn bgn_AE bgn_AF bgn_IR bgn_OM bgn_PK",
    ),
    (
        3,
        3,
        ",",
        ".",
        "¤#",
        "%Y-%m-%d",
        "bho bho_IN en_CA si si_LK sn sn_ZW st st_LS st_ZA ug ug_CN",
    ),
    (
        3,
        3,
        "\xa0",
        ",",
        "¤\xa0#",
        "%m/%d/%Y",
        "blo blo_BJ",
    ),
    (
        3,
        2,
        ",",
        ".",
        "#¤",
        "%d/%m/%Y",
        "bn bn_BD ccp ccp_BD ccp_IN",
    ),
    (
        3,
        2,
        ",",
        ".",
        "¤#",
        "%d/%m/%Y",
        (
            "bn_IN en_IN gu gu_IN hi hi_IN hi_Latn hi_Latn_IN kxv kxv_Deva kxv_Deva_IN kxv_Latn kxv_Latn_IN "
            "kxv_Orya kxv_Orya_IN kxv_Telu kxv_Telu_IN ml ml_IN mr mr_IN pa pa_Guru pa_Guru_IN sa sa_IN ta ta_IN "
            "ta_LK xnr xnr_IN"
        ),
    ),
    (
        3,
        3,
        ",",
        ".",
        "¤\xa0#",
        "%m/%d/%Y",
        "cad cad_US cic cic_US gaa gaa_GH iu iu_CA lkt lkt_US mus mus_US osa osa_US sd_Deva sd_Deva_IN",
    ),
    (
        3,
        3,
        ",",
        ".",
        "¤\xa0#",
        "%Y/%m/%d",
        "cch cch_NG fa fa_AF fa_IR kaj kaj_NG kcg kcg_NG",
    ),
    (
        3,
        3,
        ",",
        ".",
        "#\xa0¤",
        "%Y-%m-%d",
        "ce ce_RU",
    ),
    (
        3,
        3,
        ",",
        ".",
        "¤\xa0#",
        "%Y.%m.%d",
        "cu cu_RU mn mn_MN",
    ),
    (
        3,
        3,
        ".",
        ",",
        "¤\xa0#",
        "%d.%m.%Y",
        "de_AT",
    ),
    (
        3,
        3,
        "\u2019",
        ".",
        "¤\xa0#",
        "%d.%m.%Y",
        "de_CH de_LI en_CH it_CH",
    ),
    (
        3,
        3,
        "\xa0",
        ".",
        "#¤",
        "%d/%m/%Y",
        "dje dje_NE khq khq_ML ses ses_ML twq twq_NE",
    ),
    (
        3,
        2,
        ",",
        ".",
        "¤#",
        "%Y-%m-%d",
        "dz dz_BT",
    ),
    (
        3,
        3,
        ".",
        ",",
        "¤\xa0#",
        "%d/%m/%Y",
        (
            "en_AT en_NL es_PY es_UY kgp kgp_BR kkj kkj_CM lij lij_IT mgh mgh_MZ ms_Arab_BN ms_BN nl_BE nnh "
            "nnh_CM pt pt_BR qu_BO sw_CD yrl yrl_BR yrl_CO yrl_VE"
        ),
    ),
    (
        3,
        3,
        "\u202f",
        ",",
        "#\xa0¤",
        "%d/%m/%Y",
        (
            "en_FR fr fr_BE fr_BF fr_BI fr_BJ fr_BL fr_CD fr_CF fr_CG fr_CI fr_CM fr_DJ fr_DZ fr_FR fr_GA fr_GF "
            "fr_GN fr_GP fr_GQ fr_HT fr_KM fr_MA fr_MC fr_MF fr_MG fr_ML fr_MQ fr_MR fr_MU fr_NC fr_NE fr_PF "
            "fr_PM fr_RE fr_RW fr_SC fr_SN fr_SY fr_TD fr_TG fr_TN fr_VU fr_WF fr_YT"
        ),
    ),
    (
        3,
        3,
        ".",
        ",",
        "¤#",
        "%d/%m/%Y",
        "en_ID es_AR es_BO es_CO es_EC es_VE id id_ID lo lo_LA ms_ID mua mua_CM sg sg_CF su su_Latn su_Latn_ID",
    ),
    (
        3,
        3,
        ",",
        ".",
        "¤\xa0#",
        "%d-%m-%Y",
        (
            "en_MV kk_Arab kk_Arab_CN kok kok_Deva kok_Deva_IN la la_VA mi mi_NZ mni_Mtei mni_Mtei_IN pap pap_AW "
            "pap_CW syr syr_IQ syr_SY"
        ),
    ),
    (
        3,
        3,
        "\xa0",
        ",",
        "#\xa0¤",
        "%Y-%m-%d",
        "en_SE fr_CA lt lt_LT se se_NO se_SE sv sv_AX sv_FI sv_SE",
    ),
    (
        1000,
        1000,
        ",",
        ".",
        "¤\xa0#",
        "%m/%d/%Y",
        "en_US_POSIX",
    ),
    (
        3,
        3,
        "\xa0",
        ",",
        "¤#",
        "%Y/%m/%d",
        "en_ZA",
    ),
    (
        3,
        3,
        "\xa0",
        ",",
        "¤\xa0#",
        "%Y-%m-%d",
        "eo eo_001 ts ts_ZA",
    ),
    (
        3,
        3,
        ".",
        ",",
        "¤#",
        "%d-%m-%Y",
        "es_CL",
    ),
    (
        3,
        3,
        "\xa0",
        ",",
        "¤#",
        "%d/%m/%Y",
        "es_CR",
    ),
    (
        3,
        3,
        ".",
        ",",
        "#\xa0¤",
        "%Y/%m/%d",
        "eu eu_ES",
    ),
    (
        3,
        3,
        "\u2e41",
        ".",
        "¤\xa0#",
        "%d-%m-%Y",
        (
            "ff_Adlm ff_Adlm_BF ff_Adlm_CM ff_Adlm_GH ff_Adlm_GM ff_Adlm_GN ff_Adlm_GW ff_Adlm_LR ff_Adlm_MR "
            "ff_Adlm_NE ff_Adlm_NG ff_Adlm_SL ff_Adlm_SN"
        ),
    ),
    (
        3,
        3,
        "\u202f",
        ",",
        "#\xa0¤",
        "%d.%m.%Y",
        "fr_CH",
    ),
    (
        3,
        3,
        ".",
        ",",
        "¤\xa0#",
        "%d-%m-%Y",
        "fy fy_NL ia ia_001 jv jv_ID nl nl_AW nl_BQ nl_CW nl_NL nl_SR nl_SX wo wo_SN",
    ),
    (
        3,
        3,
        "\u2019",
        ".",
        "#\xa0¤",
        "%d.%m.%Y",
        "gsw gsw_CH gsw_FR gsw_LI",
    ),
    (
        3,
        3,
        "\xa0",
        ",",
        "#\xa0¤",
        "%Y.%m.%d",
        "hu hu_HU",
    ),
    (
        3,
        3,
        "\xa0",
        ",",
        "¤\xa0#",
        "%d.%m.%Y",
        "ie ie_EE",
    ),
    (
        3,
        3,
        ",",
        ".",
        "¤#",
        "%Y/%m/%d",
        (
            "ja ja_JP yue yue_Hans yue_Hans_CN yue_Hant yue_Hant_CN yue_Hant_HK yue_Hant_MO zh zh_Hans zh_Hans_CN "
            "zh_Hans_MY zh_Hant zh_Hant_MY zh_Hant_TW"
        ),
    ),
    (
        3,
        3,
        ".",
        ",",
        "¤\xa0#",
        "%Y-%m-%d",
        "jgo jgo_CM rw rw_RW",
    ),
    (
        3,
        3,
        ".",
        ",",
        "¤#",
        "%Y-%m-%d",
        "kl kl_GL",
    ),
    (
        3,
        3,
        ",",
        ".",
        "¤#",
        "%Y.%m.%d",
        "ko ko_CN ko_KP ko_KR mn_Mong_MN",
    ),
    (
        3,
        2,
        ",",
        ".",
        "¤#",
        "%d-%m-%Y",
        "kok_Latn kok_Latn_IN te te_IN",
    ),
    (
        3,
        3,
        "\u060c",
        ".",
        "¤#",
        "%m/%d/%Y",
        "ks ks_Arab ks_Arab_IN",
    ),
    (
        3,
        3,
        ".",
        ",",
        "#¤",
        "%d/%m/%Y",
        "lu lu_CD rn rn_BI seh seh_MZ",
    ),
    (
        3,
        3,
        "\xa0",
        ".",
        "¤\xa0#",
        "%d/%m/%Y",
        "mfe mfe_MU",
    ),
    (
        3,
        2,
        ",",
        ".",
        "¤\xa0#",
        "%Y/%m/%d",
        "ne ne_IN ne_NP",
    ),
    (
        3,
        3,
        "\u060c",
        ".",
        "¤\xa0#",
        "%Y-%m-%d",
        "nqo nqo_GN",
    ),
    (
        3,
        3,
        "\xa0",
        ".",
        "¤\xa0#",
        "%Y-%m-%d",
        "nso nso_ZA",
    ),
    (
        3,
        2,
        ",",
        ".",
        "¤#",
        "%m/%d/%Y",
        "or or_IN",
    ),
    (
        3,
        3,
        ".",
        ",",
        "¤\xa0#",
        "%Y/%m/%d",
        "ps ps_AF ps_PK uz_Arab uz_Arab_AF",
    ),
    (
        3,
        3,
        "\u2019",
        ".",
        "#\xa0¤",
        "%d-%m-%Y",
        "rm rm_CH",
    ),
    (
        3,
        3,
        "\xa0",
        ",",
        "#\xa0¤",
        "%Y/%m/%d",
        "sah sah_RU",
    ),
    (
        3,
        3,
        "\u2019",
        ".",
        "¤#",
        "%Y-%m-%d",
        "tn tn_BW tn_ZA",
    ),
    (
        2,
        2,
        "\xa0",
        ",",
        "¤#",
        "%Y-%m-%d",
        "tok tok_001",
    ),
    (
        3,
        3,
        ".",
        ",",
        "¤#",
        "%d.%m.%Y",
        "tr tr_CY tr_TR",
    ),
    (
        3,
        3,
        "\u202f",
        ",",
        "#\u202f¤",
        "%d/%m/%Y",
        "vec vec_IT",
    ),
    (
        3,
        3,
        "\xa0",
        ".",
        "¤#",
        "%m/%d/%Y",
        "xh xh_ZA",
    ),
)
