"""What a written rule is."""

from __future__ import annotations

import msgspec

from validators.findings import Severity

# What many rules rest on, said once.
MONTHLY_AUDIT = "清欠台账数据审核口径：总额、已清偿、剩余之间须勾稽平衡（允许末位四舍五入误差）"
NATIONAL_AUDIT = "审计署2020年第三季度跟踪审计通报的突出问题：少报漏报、虚假清偿、无分歧改有分歧、删除台账"
DECREE = "《保障中小企业款项支付条例》（国务院令第802号）"
OWN_SCHEMA = "本系统数据字典"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One written rule.

    `label_zh` and `label_en` are its short names, shown wherever people would otherwise read `name`.
    `zh` and `en` are sentences with places in braces: `{where}` the place in the file, `{value}` the value found,
    and those of the rule's own. `tables` and `fields` say what it looks at (empty: any). `basis` names the statute,
    standard or circular convention. `detail` fills the place of that name where the finding brings no words of its own.
    """

    name: str
    label_zh: str
    label_en: str
    severity: Severity
    zh: str
    en: str
    basis: str
    tables: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    detail: str = ""
