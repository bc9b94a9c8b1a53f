"""The digit grouping and decimal marks of each CLDR locale. Written by `make generate`, from babel.

A till whose locale is in the table does not load babel, which takes 5 MB of memory.
"""

from __future__ import annotations

from typing import Final

#: The fields of `till.domain.money.formats.Marks` but the first, and the locales that write so.
TABLE: Final = (
    (
        3,
        3,
        ",",
        ".",
        "¤\xa0#",
        (
            "aa aa_DJ aa_ER aa_ET ab ab_GE an an_ES ann ann_NG apc apc_SY arn arn_CL az_Arab az_Arab_IQ "
            "az_Arab_IR az_Arab_TR ba ba_RU bal bal_Arab bal_Arab_PK bal_Latn bal_Latn_PK bew bew_ID bgc bgc_IN "
            "blt blt_VN bm_Nkoo bm_Nkoo_ML bo bo_CN bo_IN bss bss_CM byn byn_ER cad cad_US cch cch_NG cho cho_US "
            "cic cic_US ckb ckb_IQ ckb_IR co co_FR cop cop_EG csw csw_CA cu cu_RU en_Dsrt en_Dsrt_US en_MV "
            "en_Shaw en_Shaw_GB es_PE fa fa_AF fa_IR frr frr_DE fur fur_IT gaa gaa_GH gez gez_ER gez_ET gn gn_PY "
            "ha ha_Arab ha_Arab_NG ha_Arab_SD ha_GH ha_NE ha_NG hnj hnj_Hmnp hnj_Hmnp_US ii ii_CN io io_001 iu "
            "iu_CA iu_Latn iu_Latn_CA jbo jbo_001 kaa kaa_Cyrl kaa_Cyrl_UZ kaa_Latn kaa_Latn_UZ kaj kaj_NG kcg "
            "kcg_NG ken ken_CM kk_Arab kk_Arab_CN kok kok_Deva kok_Deva_IN kpe kpe_GN kpe_LR ks_Deva ks_Deva_IN "
            "ksh ksh_DE la la_VA lag lag_TZ lkt lkt_US lmo lmo_IT lrc lrc_IQ lrc_IR ltg ltg_LV mai mai_IN mdf "
            "mdf_RU mg mg_MG mgo mgo_CM mhn mhn_IT mi mi_NZ mic mic_CA mn mn_MN mn_Mong mn_Mong_CN mni mni_Beng "
            "mni_Beng_IN mni_Mtei mni_Mtei_IN moh moh_CA mus mus_US myv myv_RU mzn mzn_IR nds nds_DE nds_NL nv "
            "nv_US ny ny_MW oc oc_ES oc_FR os os_GE os_RU osa osa_US pa_Arab pa_Arab_PK pap pap_AW pap_CW pis "
            "pis_SB prg prg_PL qu qu_EC qu_PE quc quc_GT raj raj_IN rhg rhg_Rohg rhg_Rohg_BD rhg_Rohg_MM rif "
            "rif_MA sat sat_Deva sat_Deva_IN sat_Olck sat_Olck_IN scn scn_IT sd sd_Arab sd_Arab_PK sd_Deva "
            "sd_Deva_IN sdh sdh_IQ sdh_IR shn shn_MM shn_TH sid sid_ET skr skr_PK sma sma_NO sma_SE smj smj_NO "
            "smj_SE sms sms_FI ssy ssy_ER sw sw_KE sw_TZ sw_UG syr syr_IQ syr_SY szl szl_PL ta_MY ta_SG tig "
            "tig_ER to to_TO trv trv_TW trw trw_PK tyv tyv_RU vmw vmw_MZ vo vo_001 wa wa_BE wae wae_CH wal wal_ET "
            "wbp wbp_AU yi yi_UA za za_CN zh_Latn zh_Latn_CN"
        ),
    ),
    (
        3,
        3,
        "\xa0",
        ",",
        "¤#",
        "af af_NA af_ZA en_ZA es_CR nr nr_ZA ss ss_SZ ss_ZA ve ve_ZA",
    ),
    (
        3,
        3,
        "\xa0",
        ",",
        "#¤",
        "agq agq_CM kab kab_DZ shi shi_Latn shi_Latn_MA shi_Tfng shi_Tfng_MA zgh zgh_MA",
    ),
    (
        3,
        3,
        ",",
        ".",
        "¤#",
        (
            "ak ak_GH am am_ET bem bem_ZM bho bho_IN bm bm_ML ceb ceb_PH cgg cgg_UG chr chr_US cy cy_GB dav "
            "dav_KE doi doi_IN ebu ebu_KE ee ee_GH ee_TG en en_001 en_AE en_AG en_AI en_AS en_AU en_BB en_BI "
            "en_BM en_BS en_BW en_BZ en_CA en_CC en_CK en_CM en_CX en_CY en_DG en_DM en_ER en_FJ en_FK en_FM "
            "en_GB en_GD en_GG en_GH en_GI en_GM en_GS en_GU en_GY en_HK en_IE en_IL en_IM en_IO en_JE en_JM "
            "en_KE en_KI en_KN en_KY en_LC en_LR en_LS en_MG en_MH en_MO en_MP en_MS en_MT en_MU en_MW en_MY "
            "en_NA en_NF en_NG en_NR en_NU en_NZ en_PG en_PH en_PK en_PN en_PR en_PW en_RW en_SB en_SC en_SD "
            "en_SG en_SH en_SL en_SS en_SX en_SZ en_TC en_TK en_TO en_TT en_TV en_TZ en_UG en_UM en_US en_VC "
            "en_VG en_VI en_VU en_WS en_ZM en_ZW es_419 es_BR es_BZ es_CU es_DO es_GT es_HN es_MX es_NI es_PA "
            "es_PR es_SV es_US fil fil_PH ga ga_GB ga_IE gd gd_GB guz guz_KE gv gv_IM haw haw_US ig ig_NG ja "
            "ja_JP jmc jmc_TZ kam kam_KE kde kde_TZ ki ki_KE kln kln_KE kn kn_IN ko ko_CN ko_KP ko_KR kw kw_GB "
            "luy luy_KE mas mas_KE mas_TZ mer mer_KE mn_Mong_MN ms ms_Arab ms_Arab_MY ms_MY ms_SG mt mt_MT naq "
            "naq_NA nd nd_ZW nus nus_SS nyn nyn_UG om om_ET om_KE pcm pcm_NG rof rof_TZ saq saq_KE si si_LK sn "
            "sn_ZW so so_DJ so_ET so_KE so_SO st st_LS st_ZA teo teo_KE teo_UG th th_TH ti ti_ER ti_ET ug ug_CN "
            "ur ur_IN ur_PK vai vai_Latn vai_Latn_LR vai_Vaii vai_Vaii_LR vun vun_TZ yo yo_BJ yo_NG yue yue_Hans "
            "yue_Hans_CN yue_Hant yue_Hant_CN yue_Hant_HK yue_Hant_MO zh zh_Hans zh_Hans_CN zh_Hans_HK zh_Hans_MO "
            "zh_Hans_MY zh_Hans_SG zh_Hant zh_Hant_HK zh_Hant_MO zh_Hant_MY zh_Hant_TW zu zu_ZA"
        ),
    ),
    (
        3,
        3,
        ",",
        ".",
        "#\xa0¤",
        (
            "ar ar_001 ar_AE ar_BH ar_DJ ar_EG ar_EH ar_ER ar_IL ar_IQ ar_JO ar_KM ar_KW ar_OM ar_PS ar_QA ar_SA "
            "ar_SD ar_SO ar_SS ar_SY ar_TD ar_YE asa asa_TZ az_Cyrl az_Cyrl_AZ ce ce_RU en_150 he he_IL my my_MM "
            "tpi tpi_PG xog xog_UG"
        ),
    ),
    (
        3,
        3,
        ".",
        ",",
        "#\xa0¤",
        (
            "ar_DZ ar_LB ar_LY ar_MA ar_MR ar_TN ast ast_ES az az_Latn az_Latn_AZ bs bs_Cyrl bs_Cyrl_BA bs_Latn "
            "bs_Latn_BA ca ca_AD ca_ES ca_ES_VALENCIA ca_FR ca_IT da da_DK da_GL de de_BE de_DE de_IT de_LU dsb "
            "dsb_DE el el_CY el_GR el_POLYTON en_BE en_DE en_DK en_ES en_IT en_PL en_RO en_SI es es_EA es_ES "
            "es_GQ es_IC es_PH eu eu_ES fo fo_DK fo_FO fr_LU gl gl_ES hr hr_BA hr_HR hsb hsb_DE is is_IS it it_IT "
            "it_SM it_VA ku ku_TR lb lb_LU lld lld_IT ln ln_AO ln_CD ln_CF ln_CG mk mk_MK ro ro_MD ro_RO sc sc_IT "
            "sl sl_SI sr sr_Cyrl sr_Cyrl_BA sr_Cyrl_ME sr_Cyrl_RS sr_Cyrl_XK sr_Latn sr_Latn_BA sr_Latn_ME "
            "sr_Latn_RS sr_Latn_XK vi vi_VN"
        ),
    ),
    (
        3,
        2,
        ",",
        ".",
        "¤\xa0#",
        "as as_IN brx brx_IN dv dv_MV ne ne_IN ne_NP",
    ),
    (
        3,
        3,
        "\xa0",
        ",",
        "#\xa0¤",
        (
            "bas bas_CM be be_BY be_TARASK bg bg_BG br br_FR cs cs_CZ cv cv_RU dua dua_CM dyo dyo_SN en_CZ en_FI "
            "en_HU en_NO en_PT en_SE en_SK et et_EE ewo ewo_CM ff ff_Latn ff_Latn_BF ff_Latn_CM ff_Latn_GH "
            "ff_Latn_GM ff_Latn_GN ff_Latn_GW ff_Latn_LR ff_Latn_MR ff_Latn_NE ff_Latn_NG ff_Latn_SL ff_Latn_SN "
            "fi fi_FI fr_CA ht ht_HT hu hu_HU hy hy_AM ka ka_GE kea kea_CV kk kk_Cyrl kk_Cyrl_KZ kk_KZ ksf ksf_CM "
            "ky ky_KG lt lt_LT lv lv_LV nb nb_NO nb_SJ nmg nmg_CM nn nn_NO no pl pl_PL pt_AO pt_CH pt_CV pt_GQ "
            "pt_GW pt_LU pt_MO pt_MZ pt_PT pt_ST pt_TL ru ru_BY ru_KG ru_KZ ru_MD ru_RU ru_UA sah sah_RU se se_FI "
            "se_NO se_SE sk sk_SK smn smn_FI sq sq_AL sq_MK sq_XK sv sv_AX sv_FI sv_SE tg tg_TJ tk tk_TM tt tt_RU "
            "tzm tzm_MA uk uk_UA uz uz_Cyrl uz_Cyrl_UZ uz_Latn uz_Latn_UZ yav yav_CM"
        ),
    ),
    (
        3,
        3,
        ",",
        ".",
        "#¤",
        "bez bez_TZ km km_KH ksb ksb_TZ lg lg_UG luo luo_KE rwk rwk_TZ sbp sbp_TZ",
    ),
    (
        3,
        3,
        "\u060c",
        "\u066b",
        "¤\xa0#",
        "bgn bgn_AE bgn_AF bgn_IR bgn_OM bgn_PK",
    ),
    (
        3,
        3,
        "\xa0",
        ",",
        "¤\xa0#",
        "blo blo_BJ eo eo_001 ie ie_EE ts ts_ZA",
    ),
    (
        3,
        2,
        ",",
        ".",
        "#¤",
        "bn bn_BD ccp ccp_BD ccp_IN",
    ),
    (
        3,
        2,
        ",",
        ".",
        "¤#",
        (
            "bn_IN dz dz_BT en_IN gu gu_IN hi hi_IN hi_Latn hi_Latn_IN kok_Latn kok_Latn_IN kxv kxv_Deva "
            "kxv_Deva_IN kxv_Latn kxv_Latn_IN kxv_Orya kxv_Orya_IN kxv_Telu kxv_Telu_IN ml ml_IN mr mr_IN or "
            "or_IN pa pa_Guru pa_Guru_IN sa sa_IN ta ta_IN ta_LK te te_IN xnr xnr_IN"
        ),
    ),
    (
        3,
        3,
        ".",
        ",",
        "¤\xa0#",
        (
            "de_AT en_AT en_NL es_PY es_UY fy fy_NL ia ia_001 jgo jgo_CM jv jv_ID kgp kgp_BR kkj kkj_CM lij "
            "lij_IT mgh mgh_MZ ms_Arab_BN ms_BN nl nl_AW nl_BE nl_BQ nl_CW nl_NL nl_SR nl_SX nnh nnh_CM ps ps_AF "
            "ps_PK pt pt_BR qu_BO rw rw_RW sw_CD uz_Arab uz_Arab_AF wo wo_SN yrl yrl_BR yrl_CO yrl_VE"
        ),
    ),
    (
        3,
        3,
        "\u2019",
        ".",
        "¤\xa0#",
        "de_CH de_LI en_CH it_CH",
    ),
    (
        3,
        3,
        "\xa0",
        ".",
        "#¤",
        "dje dje_NE khq khq_ML ses ses_ML twq twq_NE",
    ),
    (
        3,
        3,
        "\u202f",
        ",",
        "#\xa0¤",
        (
            "en_FR fr fr_BE fr_BF fr_BI fr_BJ fr_BL fr_CD fr_CF fr_CG fr_CH fr_CI fr_CM fr_DJ fr_DZ fr_FR fr_GA "
            "fr_GF fr_GN fr_GP fr_GQ fr_HT fr_KM fr_MA fr_MC fr_MF fr_MG fr_ML fr_MQ fr_MR fr_MU fr_NC fr_NE "
            "fr_PF fr_PM fr_RE fr_RW fr_SC fr_SN fr_SY fr_TD fr_TG fr_TN fr_VU fr_WF fr_YT"
        ),
    ),
    (
        3,
        3,
        ".",
        ",",
        "¤#",
        (
            "en_ID es_AR es_BO es_CL es_CO es_EC es_VE id id_ID kl kl_GL lo lo_LA ms_ID mua mua_CM sg sg_CF su "
            "su_Latn su_Latn_ID tr tr_CY tr_TR"
        ),
    ),
    (
        1000,
        1000,
        ",",
        ".",
        "¤\xa0#",
        "en_US_POSIX",
    ),
    (
        3,
        3,
        "\u2e41",
        ".",
        "¤\xa0#",
        (
            "ff_Adlm ff_Adlm_BF ff_Adlm_CM ff_Adlm_GH ff_Adlm_GM ff_Adlm_GN ff_Adlm_GW ff_Adlm_LR ff_Adlm_MR "
            "ff_Adlm_NE ff_Adlm_NG ff_Adlm_SL ff_Adlm_SN"
        ),
    ),
    (
        3,
        3,
        "\u2019",
        ".",
        "#\xa0¤",
        "gsw gsw_CH gsw_FR gsw_LI rm rm_CH",
    ),
    (
        3,
        3,
        "\u060c",
        ".",
        "¤#",
        "ks ks_Arab ks_Arab_IN",
    ),
    (
        3,
        3,
        ".",
        ",",
        "#¤",
        "lu lu_CD rn rn_BI seh seh_MZ",
    ),
    (
        3,
        3,
        "\xa0",
        ".",
        "¤\xa0#",
        "mfe mfe_MU nso nso_ZA",
    ),
    (
        3,
        3,
        "\u060c",
        ".",
        "¤\xa0#",
        "nqo nqo_GN",
    ),
    (
        3,
        3,
        "\u2019",
        ".",
        "¤#",
        "tn tn_BW tn_ZA",
    ),
    (
        2,
        2,
        "\xa0",
        ",",
        "¤#",
        "tok tok_001",
    ),
    (
        3,
        3,
        "\u202f",
        ",",
        "#\u202f¤",
        "vec vec_IT",
    ),
    (
        3,
        3,
        "\xa0",
        ".",
        "¤#",
        "xh xh_ZA",
    ),
)
